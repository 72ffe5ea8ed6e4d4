"""
A change of shifts on a day under way: what has begun is known from reports, and a replan sees to the rest.

A technician who is absent from now on is missed at once, not when the next plan is made.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import delete, select, union_all

from fieldops.domain.plan import Route
from fieldops.domain.progress import VisitPhase, VisitProgress
from fieldops.domain.shift_facts import TechnicianState
from fieldops.store.day_people import load_technicians
from fieldops.store.tables import (
    AbsenceRow,
    EtaRow,
    PlanRow,
    TechnicianRow,
    TechnicianStateRow,
    VisitProgressRow,
    VisitRow,
)
from fieldops.usecases.begin_anew import begin_anew
from fieldops.usecases.leave_in_hand import leave_in_hand
from fieldops.usecases.live_reports import progress_of_row
from fieldops.usecases.live_words import progress_as_json
from fieldops.usecases.look_after import look_after
from fieldops.usecases.people_views import LostPlace
from fieldops.usecases.stream import announce, topic_of_board, topic_of_visit
from fieldops.usecases.task_codes import TaskCode
from fieldops.usecases.tasks import TaskKind, open_task
from fieldops.usecases.tell_plan import tell_plan
from fieldops.usecases.want_replan import want_replan
from fieldops.usecases.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Restaffed:
    """
    What a change of shifts has done to the plan of one date.

    Attributes
    ----------
    reason
        ``shifts`` or ``absence``.
    routes
        Those that the changed shifts had, by shift id.
    is_reported
        Whether anything was reported of the day before.
    """

    reason: str
    routes: Mapping[str, Route]
    lost: Sequence[LostPlace]
    is_reported: bool


def is_reported(work: Work, plan: PlanRow) -> bool:
    """Tell whether anything was reported of a day."""
    visit, technician = VisitProgressRow, TechnicianStateRow
    of_visits = select(visit.date).where(visit.territory_id == plan.territory_id, visit.date == plan.date)
    of_people = select(technician.date).where(
        technician.territory_id == plan.territory_id, technician.date == plan.date
    )
    return work.session.execute(union_all(of_visits, of_people).limit(1)).first() is not None


def routes_by_report(work: Work, plan: PlanRow, stored: Mapping[str, Route]) -> dict[str, Route | None]:
    """
    Cut off the routes of shifts that nobody works any more what has not begun.

    Parameters
    ----------
    stored
        The running routes of the shifts that have changed.

    Returns
    -------
    dict[str, Route | None]
        By shift id. A shift that is still worked keeps its route: its technician is where the day has led, which may be
        anywhere, and a replan moves what cannot be served there any more.
    """
    gone = stored.keys() - _worked(work, plan, stored)
    phases = _phases(work, plan, [stop.visit_id for shift_id in gone for stop in stored[shift_id].stops])
    ahead = {VisitPhase.PLANNED, VisitPhase.TRAVELING}
    cut: dict[str, Route | None] = {}
    for shift_id in sorted(gone):
        route = stored[shift_id]
        begun = tuple(stop for stop in route.stops if phases.get(stop.visit_id, VisitPhase.PLANNED) not in ahead)
        cut[shift_id] = replace(route, stops=begun, end=begun[-1].departure) if begun else None
    return cut


def follow_up(work: Work, plan: PlanRow, changed: Restaffed, *, is_live: bool) -> None:
    """
    Do what follows from a change of shifts on a date that has come.

    Parameters
    ----------
    plan
        Locked by the caller, with the routes as they are now.
    is_live
        Whether a replan can tell what is still ahead: something was reported of the day, or nothing has begun yet.

    Notes
    -----
    Where a replan can help, it is wanted, and gives somebody a task for everything it finds no place for. Where nobody
    reports anything, it would send people to customers who were served hours ago: there the tasks come at once.
    """
    session, lost = work.session, [place.visit_id for place in changed.lost]
    # Nobody knows any more when somebody comes.
    session.execute(delete(EtaRow).where(EtaRow.visit_id.in_(lost)))
    driven_to = [name for name, phase in _phases(work, plan, lost).items() if phase is VisitPhase.TRAVELING]
    for visit_id in driven_to:
        begin_anew(work, visit_id, plan.date)
    _tell(work, plan, changed, driven_to)
    worked = _worked(work, plan, changed.routes)
    if changed.is_reported:
        _leave_in_hand(work, plan, [route for shift_id, route in changed.routes.items() if shift_id not in worked])
        look_after(work, plan.territory_id, plan.date, worked)
    if is_live:
        for why in _why(work, changed, worked):
            want_replan(work, plan.territory_id, plan.date, why)
        return
    for visit_id in (place.visit_id for place in changed.lost if place.booking_id is not None):
        visit = session.get_one(VisitRow, visit_id)
        open_task(work, TaskKind.NO_PLACE, visit, TaskCode.LOST_PLACE, {"visit": visit.name or visit.id})


def _leave_in_hand(work: Work, plan: PlanRow, gone: Collection[Route]) -> None:
    """Leave what somebody is at who is absent from now on, or has been already, to a person."""
    people, row = {route.technician_id for route in gone}, VisitProgressRow
    absent = select(AbsenceRow.technician_id, AbsenceRow.kind).where(
        AbsenceRow.technician_id.in_(sorted(people)), AbsenceRow.starts_at <= work.now, AbsenceRow.ends_at > work.now
    )
    states = {
        who: TechnicianState(technician_id=who, out_since=work.now, out_reason=kind)
        for who, kind in work.session.execute(absent)
    }
    of_them = select(*row.__table__.columns).where(row.technician_id.in_(sorted(states)), row.date == plan.date)
    leave_in_hand(work, states, map(progress_of_row, work.session.execute(of_them).mappings()))


def _worked(work: Work, plan: PlanRow, shift_ids: Mapping[str, Route]) -> set[str]:
    """Name those of some shifts that are still worked."""
    people = load_technicians(work.session, plan.territory_id, plan.date, list(shift_ids))
    return {shift.id for person in people for shift in person.shifts}


def _phases(work: Work, plan: PlanRow, visit_ids: Sequence[str]) -> dict[str, VisitPhase]:
    """Say where some visits stand; those of which nothing was reported on the day are left out."""
    row = VisitProgressRow
    query = select(row.visit_id, row.phase).where(row.visit_id.in_(visit_ids), row.date == plan.date)
    return {visit_id: VisitPhase(phase) for visit_id, phase in work.session.execute(query.order_by(row.visit_id))}


def _why(work: Work, changed: Restaffed, worked: Collection[str]) -> list[str]:
    """Say why a replan is wanted: a sentence for everybody who is missed, or has other hours or skills than before."""
    losers = {place.technician_id for place in changed.lost}
    sentences: dict[str, str] = {}
    for shift_id, route in changed.routes.items():
        is_worked, who = shift_id in worked, route.technician_id
        if who in losers or (is_worked and changed.is_reported):
            what = "is absent" if changed.reason == "absence" else "does not work any more"
            sentences[who] = "has another shift now" if is_worked else what
    people = select(TechnicianRow.id, TechnicianRow.name).where(TechnicianRow.id.in_(sorted(sentences)))
    return [f"{name} {sentences[who]}" for who, name in work.session.execute(people.order_by(TechnicianRow.name))]


def _tell(work: Work, plan: PlanRow, changed: Restaffed, driven_to: Sequence[str]) -> None:
    """Tell boards and technicians of the new version, and of visits that nobody drives to any more."""
    if not changed.routes:
        return
    tell_plan(
        work,
        plan,
        version=plan.version,
        reason=changed.reason,
        shift_ids=changed.routes,
        technician_ids={route.technician_id for route in changed.routes.values()},
    )
    if driven_to:
        anew = [progress_as_json(VisitProgress(visit_id=visit_id)) for visit_id in driven_to]
        announce(work, topic_of_board(plan.territory_id, plan.date), "progress", {"visits": anew})
    for visit_id in driven_to:
        announce(work, topic_of_visit(visit_id), "progress", {"phase": VisitPhase.PLANNED.value})
