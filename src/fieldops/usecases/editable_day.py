"""The part of a day that an edit by hand is about: of a day under way what is left of it, of a date to come all."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.domain.live import Underway
from fieldops.domain.plan import Route
from fieldops.domain.problem import Problem
from fieldops.domain.remaining import remaining_problem
from fieldops.errors import InvalidInput, NotFound, WrongState
from fieldops.store.day_plans import lock_plan
from fieldops.store.day_visits import load_visits
from fieldops.store.tables import BookingRow, HoldRow, PlanRow, RouteRow, ShiftRow, StopRow, TerritoryRow, VisitRow
from fieldops.store.territories import find_territory, territory_of
from fieldops.travel.provider import TravelMatrix, slowed
from fieldops.usecases.live_day import LiveDay, load_live_day
from fieldops.usecases.live_shift import frozen_underway
from fieldops.usecases.part_of_day import part_of
from fieldops.usecases.replan_input import with_keepable_pins, without_shifts
from fieldops.usecases.staffing import today_in
from fieldops.usecases.whole_routes import behind_on, whole_route
from fieldops.usecases.work import Work

#: States of visits that may be on a plan.
_PLANNABLE: Final = frozenset({"open", "held", "booked"})
#: Before anything of the day begins.
_LONG_AGO: Final = timedelta(days=2)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EditableDay:
    """
    Shifts of a day, with the visits that may be moved between them.

    Attributes
    ----------
    is_under_way
        Whether the date has come; then problem and orders are what is left of it.
    whole
        The day from its beginning, with the visits that an edit would put on it.
    problem, orders
        What may be changed.
    faulty
        Why it cannot be said what is left of a shift, by its id: nothing of it may be changed, the others may.
    """

    live: LiveDay
    is_under_way: bool
    whole: Problem
    problem: Problem
    orders: Mapping[str, tuple[str, ...]]
    faulty: Mapping[str, str] = field(default_factory=dict)

    def require_computed(self, shift_ids: Iterable[str]) -> None:
        """Raise `WrongState` when it cannot be said what is left of one of these shifts."""
        for shift_id in sorted(self.faulty.keys() & set(shift_ids)):
            details = {"shift_id": shift_id, "fault": self.faulty[shift_id]}
            raise WrongState(f"it cannot be computed what is left of shift {shift_id}", details=details)

    @property
    def behind(self) -> dict[str, str]:
        """Shift by visit that nobody moves any more: over, being served, or driven to; what is over may have none."""
        if not self.is_under_way:
            return {}
        found = {visit_id: shift for shift in self.live.shifts for visit_id in behind_on(self.live, shift).visit_ids}
        over = {visit_id: "" for visit_id in self.live.state.over}
        return over | found

    def travel(self, work: Work) -> TravelMatrix:
        """
        Ask for the travel between the places of the problem, as it goes now.

        Raises
        ------
        TravelUnavailable, UnreachablePlaces
        """
        matrix = work.ctx.travel(self.problem.travel).matrix(self.problem.places)
        return slowed(matrix, self.live.state.travel_permille) if self.is_under_way else matrix

    def end_to_end(self, shift_id: str, rest: Route | None) -> Route | None:
        """Give the route of a shift as it is stored, from what an edit has made of the part that may be changed."""
        if self.is_under_way:
            return whole_route(behind_on(self.live, shift_id), rest)
        return rest if rest is not None and rest.stops else None


def load_editable_day(
    work: Work, territory_id: str, day: date, visit_ids: Collection[str] = (), shift_ids: Collection[str] | None = None
) -> EditableDay:
    """
    Load what an edit is about.

    Parameters
    ----------
    visit_ids
        Visits that have to be known, on a route or not.
    shift_ids
        The only shifts wanted; None = all of the date.

    Raises
    ------
    NotFound
        When there is no such territory.
    WrongState
        When the date has passed.
    TravelUnavailable, UnreachablePlaces
        As the travel provider does.

    Notes
    -----
    A shift that cannot be computed is no fault of the day: it is among the `faulty`.
    """
    row = find_territory(work.session, territory_id)
    today = today_in(work, row)
    if day < today and not _still_runs(work, territory_id, day):
        raise WrongState(f"the date {day.isoformat()} has passed", details={"date": day.isoformat()})
    live = load_live_day(work, territory_id, day, shift_ids, freezes=day <= today)
    underway, faulty = _underway(live)
    live = replace(live, state=replace(live.state, underway=underway))
    is_under_way = day <= today
    found = EditableDay(
        live=live,
        is_under_way=is_under_way,
        whole=live.day.problem,
        problem=live.day.problem,
        orders=live.day.orders,
        faulty={**(faulty if is_under_way else {}), **live.cut_off},
    )
    return as_if(found, _whole(work, live, visit_ids), live.day.orders)


def as_if(day: EditableDay, problem: Problem, orders: Mapping[str, tuple[str, ...]]) -> EditableDay:
    """Return the same day with another problem and other orders, both from its beginning."""
    if not day.is_under_way:
        return _without_faulty(day, problem, orders)
    kept, _ = with_keepable_pins(problem, day.live.state)
    left = without_shifts(remaining_problem(kept, orders, day.live.state), day.faulty.keys())
    return replace(day, whole=problem, problem=left.problem, orders=left.orders)


def _without_faulty(day: EditableDay, problem: Problem, orders: Mapping[str, tuple[str, ...]]) -> EditableDay:
    """Return the same date to come with another problem and other orders; what is faulty may not be changed."""
    if not day.faulty:
        return replace(day, whole=problem, problem=problem, orders=orders)
    kept = {shift_id: order for shift_id, order in orders.items() if shift_id not in day.faulty}
    stuck = {visit_id for shift_id in day.faulty for visit_id in orders.get(shift_id, ())}
    others = [visit.id for visit in problem.visits if visit.id not in stuck]
    return replace(day, whole=problem, problem=part_of(problem, kept, others), orders=kept)


def lock_known_plan(work: Work, territory_id: str, day: date) -> PlanRow:
    """Lock the plan of a date; raise `NotFound` when there is no such territory."""
    find_territory(work.session, territory_id)
    return lock_plan(work.session, territory_id, day)


def require_editable(session: Session, territory_id: str, day: date, visit_id: str) -> str | None:
    """
    Find the shift on whose running route a visit is, if it may be on the plan of a date at all.

    Raises
    ------
    NotFound
        When the territory has no such visit.
    WrongState
        When it is over or canceled, on the plan of another date, or promised for one.
    """
    visit = session.get(VisitRow, visit_id)
    if visit is None or visit.territory_id != territory_id:
        raise NotFound("visit", visit_id)
    if visit.state not in _PLANNABLE:
        raise WrongState(f"the visit {visit_id} is {visit.state}", details={"visit_id": visit_id, "state": visit.state})
    stop = session.execute(
        select(PlanRow.date, RouteRow.shift_id)
        .join(RouteRow, RouteRow.plan_id == PlanRow.id)
        .join(StopRow, StopRow.route_id == RouteRow.id)
        .where(StopRow.visit_id == visit_id, StopRow.is_current)
    ).one_or_none()
    where = _promised_date(session, visit_id, visit.state) if stop is None else stop.date
    if where is not None and where != day:
        details = {"visit_id": visit_id, "date": where.isoformat()}
        raise WrongState(f"the visit {visit_id} belongs to another date, {where.isoformat()}", details=details)
    return None if stop is None else stop.shift_id


def _promised_date(session: Session, visit_id: str, state: str) -> date | None:
    """Give the date for which a visit is booked or held; None = for none."""
    if state == "booked":
        return session.scalar(
            select(BookingRow.date).where(BookingRow.visit_id == visit_id, BookingRow.state == "confirmed")
        )
    return session.scalar(select(HoldRow.date).where(HoldRow.visit_id == visit_id, HoldRow.state == "active"))


def _still_runs(work: Work, territory_id: str, day: date) -> bool:
    """Tell whether a shift of a date is worked into the next one."""
    found = (
        select(ShiftRow.id)
        .where(ShiftRow.territory_id == territory_id, ShiftRow.date == day, ShiftRow.removed_at.is_(None))
        .where(ShiftRow.hard_ends_at > work.now)
        .limit(1)
    )
    return work.session.scalar(found) is not None


def _underway(live: LiveDay) -> tuple[dict[str, Underway], dict[str, str]]:
    """
    Say where technicians are free; and by shift, what keeps that from being computed.

    Notes
    -----
    What begins soon is not for optimizers to move, but people may: they can call the technician.
    """
    until, permille = live.now - _LONG_AGO, live.state.travel_permille
    found: dict[str, Underway] = {}
    faulty: dict[str, str] = {}
    for shift_id, shift in live.shifts.items():
        try:
            known = frozen_underway(shift, until, permille)
        except InvalidInput as error:
            log.error("editable_day.shift_left_aside", shift_id=shift_id, error=str(error))
            faulty[shift_id] = str(error)
        else:
            if known is not None:
                found[shift_id] = known
    return found, faulty


def _whole(work: Work, live: LiveDay, visit_ids: Collection[str]) -> Problem:
    """Add the visits that are on no route, and everybody who works besides: visits may name them."""
    problem = live.day.problem
    visits, places = load_visits(work.session, sorted(set(visit_ids) - {visit.id for visit in problem.visits}))
    row = work.session.get_one(TerritoryRow, live.day.territory.id)
    [board] = work.ctx.boards.of(work, territory_of(row), [live.day.date])
    known = {person.id for person in problem.technicians}
    others = {shift.technician.id: replace(shift.technician, shifts=()) for shift in board.shifts}
    return replace(
        problem,
        technicians=(*problem.technicians, *(others[name] for name in sorted(others.keys() - known))),
        visits=(*problem.visits, *visits.values()),
        places=tuple({place.id: place for place in (*problem.places, *places.values())}.values()),
    )
