"""What the database counts for the report of days: promises, replans, messages, surveys, routes."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Row, String, case, cast, func, select, union_all

from fieldops.domain.operations import Tally
from fieldops.store.tables import (
    BookingRow,
    MessageRow,
    PlanRow,
    PromiseRow,
    ReplanRow,
    RouteRow,
    ShiftRow,
    StopRow,
    SurveyRow,
    VisitProgressRow,
)
from fieldops.store.tables.messages import TOLD
from fieldops.usecases.replan_views import UNENDED
from fieldops.usecases.surveys import DETRACTORS_TO, PROMOTERS_FROM
from fieldops.usecases.work import Work

#: Kind and outcome of a line of the ledger to what it counts for.
_COUNTED: Final = {
    ("window", "kept"): ("promises_made", "promises_kept"),
    ("window", "broken"): ("promises_made", "promises_broken"),
    ("window", None): ("promises_made", "promises_open"),
    ("window", "changed"): ("promises_changed",),
    ("window", "canceled"): ("promises_canceled",),
    ("eta", "kept"): ("times_told", "times_kept"),
    ("eta", "broken"): ("times_told", "times_broken"),
    ("eta", None): ("times_told",),
}


def count_promises(
    work: Work, territory_id: str, first_date: date, last_date: date, tallies: dict[date, Tally]
) -> None:
    """Count the lines of the ledger by the date of their booking."""
    query = (
        select(BookingRow.date, PromiseRow.kind, PromiseRow.outcome, func.count())
        .join(PromiseRow, PromiseRow.booking_id == BookingRow.id)
        .where(BookingRow.territory_id == territory_id, BookingRow.date.between(first_date, last_date))
        .group_by(BookingRow.date, PromiseRow.kind, PromiseRow.outcome)
    )
    for day, kind, outcome, count in work.session.execute(query):
        for name in _COUNTED.get((kind, outcome), ()):
            setattr(tallies[day], name, getattr(tallies[day], name) + count)


def count_replans(work: Work, territory_id: str, first_date: date, last_date: date, tallies: dict[date, Tally]) -> None:
    """Count replans that have ended, and what those that were applied have moved."""
    query = (
        select(ReplanRow.date, ReplanRow.state, func.count(), func.sum(ReplanRow.churn))
        .where(ReplanRow.territory_id == territory_id, ReplanRow.date.between(first_date, last_date))
        .where(ReplanRow.state.not_in(UNENDED))
        .group_by(ReplanRow.date, ReplanRow.state)
    )
    for day, state, count, churn in work.session.execute(query):
        tallies[day].replans += count
        if state == "applied":
            tallies[day].replans_applied += count
            tallies[day].visits_moved += churn or 0


def count_messages(
    work: Work, territory_id: str, first_date: date, last_date: date, tallies: dict[date, Tally]
) -> None:
    """
    Count what was sent to customers about bookings, by the date of the booking.

    Messages speak of a booking or of a line of its ledger; those about offers of an earlier window are not counted.
    """
    mine = (BookingRow.territory_id == territory_id, BookingRow.date.between(first_date, last_date))
    subjects = union_all(
        select(BookingRow.id.label("subject_id"), BookingRow.date.label("date")).where(*mine),
        select(PromiseRow.id, BookingRow.date)
        .join(BookingRow, BookingRow.id == PromiseRow.booking_id)
        .where(*mine, PromiseRow.kind == "eta"),
    ).subquery()
    # One by one, from the index alone: a join of all of them has to look at every message.
    told = func.distinct(cast(MessageRow.subject_version, String).concat(MessageRow.kind))
    of_subject = select(func.count(told)).where(MessageRow.subject_id == subjects.c.subject_id, TOLD).scalar_subquery()
    query = select(subjects.c.date, func.sum(of_subject)).group_by(subjects.c.date)
    for day, count in work.session.execute(query):
        if count:
            tallies[day].messages_sent += int(count)


def count_surveys(work: Work, territory_id: str, first_date: date, last_date: date, tallies: dict[date, Tally]) -> None:
    """Sum up what customers answered, by the date of their visit."""
    survey, progress = SurveyRow, VisitProgressRow
    query = (
        select(
            progress.date,
            func.count().label("surveys_asked"),
            func.count(survey.answered_at).label("surveys_answered"),
            func.count(survey.nps).label("nps_answers"),
            func.sum(case((survey.nps >= PROMOTERS_FROM, 1), else_=0)).label("promoters"),
            func.sum(case((survey.nps <= DETRACTORS_TO, 1), else_=0)).label("detractors"),
            func.count(survey.csat).label("csat_answers"),
            func.coalesce(func.sum(survey.csat), 0).label("csat_sum"),
            func.count(survey.ces).label("ces_answers"),
            func.coalesce(func.sum(survey.ces), 0).label("ces_sum"),
        )
        .join(progress, progress.visit_id == survey.visit_id)
        .where(progress.territory_id == territory_id, progress.date.between(first_date, last_date))
        .group_by(progress.date)
    )
    for row in work.session.execute(query).mappings():
        for name, count in row.items():
            if name != "date":
                setattr(tallies[row["date"]], name, count)


def read_routes(work: Work, territory_id: str, first_date: date, last_date: date) -> Sequence[Row[Any]]:
    """Read the routes of the plans as they were in the end, with how many visits they have and when the shift ends."""
    stops = (
        select(func.count())
        .where(StopRow.route_id == RouteRow.id)
        .correlate(RouteRow)
        .scalar_subquery()
        .label("visits")
    )
    query = (
        select(
            *(PlanRow.date, RouteRow.technician_id, RouteRow.travel_s, RouteRow.travel_home_s, RouteRow.distance_m),
            *(RouteRow.overtime_s, ShiftRow.ends_at, stops),
        )
        .join(RouteRow, RouteRow.plan_id == PlanRow.id)
        .join(ShiftRow, ShiftRow.id == RouteRow.shift_id)
        .where(PlanRow.territory_id == territory_id, PlanRow.date.between(first_date, last_date))
        .where(RouteRow.until_version.is_(None))
    )
    return work.session.execute(query).all()
