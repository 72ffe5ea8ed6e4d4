"""Surveys: what customers say of visits, and what follows when it was bad."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from fieldops.errors import NotFound, WrongState
from fieldops.messaging.wording import first_name
from fieldops.store.live_policies import live_policies_of
from fieldops.store.tables import SurveyRow, TechnicianRow, TerritoryRow, VisitRow, WorkOrderRow
from fieldops.usecases.audit import record
from fieldops.usecases.paging import Page, page_of, read_time_cursor, time_key
from fieldops.usecases.survey_rules import Answers, is_open, require_answers, scores_of
from fieldops.usecases.task_codes import TaskCode
from fieldops.usecases.tasks import TaskKind, open_task
from fieldops.usecases.work import Work

#: Answers to "would you recommend us?" from here on are promoters, up to there detractors.
PROMOTERS_FROM: Final = 9
DETRACTORS_TO: Final = 6
#: Of a comment in the summary of a task.
_SHOWN: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSurvey:
    """
    A survey as its customer sees it.

    Attributes
    ----------
    technician
        First name of who came.
    can_answer
        Whether it can be answered, or the answer be corrected, now.
    """

    visit_id: str
    summary: str
    technician: str | None
    asked_at: datetime
    answered_at: datetime | None
    can_answer: bool
    nps: int | None
    csat: int | None
    ces: int | None
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyView:
    """A survey as staff see it. Fields as in `fieldops.store.tables.SurveyRow`; `visit_type` is the visit's name."""

    visit_id: str
    customer_id: str
    technician_id: str | None
    territory_id: str
    visit_type: str
    asked_at: datetime
    answered_at: datetime | None
    nps: int | None
    csat: int | None
    ces: int | None
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyAverages:
    """
    What the customers of one technician and type of visit say.

    Attributes
    ----------
    asked, answered
        Surveys.
    nps
        Promoters less detractors in percent of the answers, -100 to 100; None = nobody answered this question.
    csat, ces
        Means, 1 to 5.
    """

    technician_id: str | None
    visit_type: str
    asked: int
    answered: int
    nps: float | None
    csat: float | None
    ces: float | None


def read_own_survey(work: Work, visit_id: str | None = None) -> OwnSurvey:
    """
    Show a customer the survey that the link is for.

    Parameters
    ----------
    visit_id
        Of the link's work order; None = the visit that was asked about last.

    Raises
    ------
    NotFound
        When nothing was asked about a visit of the link's work order.
    """
    row, order = _own(work, visit_id)
    return _own_view(work, row, order)


def answer_survey(work: Work, answers: Answers, visit_id: str | None = None) -> OwnSurvey:
    """
    Take down what a customer answered; again within a day, it replaces the answer before.

    Raises
    ------
    NotFound
        As `read_own_survey` does.
    WrongState
        When it was answered a day ago, or was asked too long ago.
    InvalidInput
        When an answer is off its scale, or nothing is answered.

    Notes
    -----
    A bad answer (the worst one, of ten, at or below the territory's `LivePolicies.low_score`) leaves a task.
    """
    require_answers(answers)
    own, order = _own(work, visit_id)
    row = work.session.get_one(SurveyRow, own.visit_id, with_for_update=True, populate_existing=True)
    if not is_open(work, row):
        details = {"visit_id": row.visit_id, "state": "answered" if row.answered_at else "expired"}
        raise WrongState("the survey is closed", details=details)
    row.nps, row.csat, row.ces, row.comment = answers.nps, answers.csat, answers.ces, answers.comment.strip()
    row.answered_at = row.answered_at or work.now
    record(work, "survey.answered", "visit", row.visit_id, nps=row.nps, csat=row.csat, ces=row.ces)
    visit = work.session.get_one(VisitRow, row.visit_id)
    policies = live_policies_of(work.session.get_one(TerritoryRow, visit.territory_id))
    if answers.lowest_of_ten() <= policies.low_score:
        due_at = work.now + policies.follow_up_within
        open_task(work, TaskKind.LOW_SCORE, visit, TaskCode.NOT_CONTENT, _facts(answers), due_at=due_at)
    work.session.flush()
    return _own_view(work, row, order)


def list_surveys(
    work: Work,
    *,
    territory_id: str | None = None,
    technician_id: str | None = None,
    customer_id: str | None = None,
    only_answered: bool = False,
    limit: int = 50,
    after: str | None = None,
) -> Page[SurveyView]:
    """
    List surveys, the one asked last first; for staff.

    Raises
    ------
    InvalidInput
        When `after` is no cursor.
    """
    query = (
        select(SurveyRow, VisitRow)
        .join(VisitRow, VisitRow.id == SurveyRow.visit_id)
        .where(*_wanted(None, technician_id, customer_id))
        .order_by(SurveyRow.asked_at.desc(), SurveyRow.visit_id.desc())
        .limit(limit + 1)
    )
    if territory_id is not None:
        # Disguised: SQLite would look up all visits of the territory and sort them, instead of reading on by the time.
        query = query.where(func.coalesce(VisitRow.territory_id, "") == territory_id)
    if only_answered:
        query = query.where(SurveyRow.answered_at.is_not(None))
    if after is not None:
        at, name = read_time_cursor(after)
        same = and_(SurveyRow.asked_at == at, SurveyRow.visit_id < name)
        # The first condition says nothing new, but is one that the index can begin with.
        query = query.where(SurveyRow.asked_at <= at, or_(SurveyRow.asked_at < at, same))
    rows = work.session.execute(query).all()
    return page_of(
        rows, limit, lambda pair: _view(pair[0], pair[1]), lambda pair: time_key(pair[0].asked_at, pair[0].visit_id)
    )


def survey_averages(
    work: Work, *, territory_id: str | None = None, technician_id: str | None = None
) -> tuple[SurveyAverages, ...]:
    """Sum up what customers say, by technician and type of visit; for staff."""
    promoters = func.sum(case((SurveyRow.nps >= PROMOTERS_FROM, 1), else_=0))
    detractors = func.sum(case((SurveyRow.nps <= DETRACTORS_TO, 1), else_=0))
    query = (
        select(
            SurveyRow.technician_id,
            VisitRow.name,
            func.count(),
            func.count(SurveyRow.answered_at),
            func.count(SurveyRow.nps),
            promoters - detractors,
            func.avg(SurveyRow.csat),
            func.avg(SurveyRow.ces),
        )
        .join(VisitRow, VisitRow.id == SurveyRow.visit_id)
        .where(*_wanted(territory_id, technician_id))
        .group_by(SurveyRow.technician_id, VisitRow.name)
        .order_by(SurveyRow.technician_id, VisitRow.name)
    )
    return tuple(
        SurveyAverages(
            technician_id=who,
            visit_type=kind,
            asked=asked,
            answered=answered,
            nps=round(100 * balance / rated, 1) if rated else None,
            csat=None if csat is None else round(float(csat), 2),
            ces=None if ces is None else round(float(ces), 2),
        )
        for who, kind, asked, answered, rated, balance, csat, ces in work.session.execute(query)
    )


def _wanted(
    territory_id: str | None, technician_id: str | None, customer_id: str | None = None
) -> list[ColumnElement[bool]]:
    """Give the conditions for the surveys that are asked for."""
    filters = (
        (VisitRow.territory_id, territory_id),
        (SurveyRow.technician_id, technician_id),
        (SurveyRow.customer_id, customer_id),
    )
    return [column == value for column, value in filters if value is not None]


def _own(work: Work, visit_id: str | None) -> tuple[SurveyRow, WorkOrderRow]:
    """Find the survey of the link's work order."""
    query = (
        select(SurveyRow, WorkOrderRow)
        .join(VisitRow, VisitRow.id == SurveyRow.visit_id)
        .join(WorkOrderRow, WorkOrderRow.id == VisitRow.work_order_id)
        .where(WorkOrderRow.id == (work.actor.work_order_id or ""))
        .order_by(SurveyRow.asked_at.desc(), SurveyRow.visit_id)
        .limit(1)
    )
    if visit_id is not None:
        query = query.where(SurveyRow.visit_id == visit_id)
    found = work.session.execute(query).one_or_none()
    if found is None:
        raise NotFound("survey", visit_id or "of this link")
    return found[0], found[1]


def _facts(answers: Answers) -> dict[str, str]:
    """Tell what was bad."""
    scores = scores_of(answers.nps, answers.csat, answers.ces)
    return {"scores": scores, "comment": " ".join(answers.comment.split())[:_SHOWN]}


def _own_view(work: Work, row: SurveyRow, order: WorkOrderRow) -> OwnSurvey:
    """Show a survey to its customer."""
    technician = None if row.technician_id is None else work.session.get(TechnicianRow, row.technician_id)
    return OwnSurvey(
        visit_id=row.visit_id,
        summary=order.summary,
        technician=None if technician is None else first_name(technician.name) or None,
        asked_at=row.asked_at,
        answered_at=row.answered_at,
        can_answer=is_open(work, row),
        nps=row.nps,
        csat=row.csat,
        ces=row.ces,
        comment=row.comment,
    )


def _view(row: SurveyRow, visit: VisitRow) -> SurveyView:
    """Show a survey to staff."""
    return SurveyView(
        visit_id=row.visit_id,
        customer_id=row.customer_id,
        technician_id=row.technician_id,
        territory_id=visit.territory_id,
        visit_type=visit.name,
        asked_at=row.asked_at,
        answered_at=row.answered_at,
        nps=row.nps,
        csat=row.csat,
        ces=row.ces,
        comment=row.comment,
    )
