"""
Put a visit on the running plan, and take it off again: one version of the plan each time, refereed before it is stored.

Locks are taken in one order everywhere: the plans of all dates concerned, by rising id, then the visit.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

import numpy as np
from sqlalchemy import Select, and_, bindparam, select, update
from sqlalchemy.orm.attributes import set_committed_value

from fieldops.domain.plan import Route
from fieldops.domain.problem import Problem, TimeWindow, Visit
from fieldops.domain.territory import Territory
from fieldops.errors import InternalError, Unavailable, UnreachablePlaces, WindowTaken
from fieldops.solver.quote import Legs, Slot
from fieldops.store.base import table_of
from fieldops.store.day_plans import lock_plans
from fieldops.store.plan_routes import current_routes, write_routes
from fieldops.store.prepared import Prepared
from fieldops.store.tables import HoldRow, PlanRow, RouteRow, StopRow, TerritoryRow, VisitRow
from fieldops.store.territories import territory_of
from fieldops.travel.provider import IntArray, TravelMatrix
from fieldops.usecases.ask_boards import Asked, DayAnswer, ask_boards, load_asked
from fieldops.usecases.board import Board, ShiftOnBoard, as_planned, bounded, put_on_board, replace_shifts
from fieldops.usecases.hand_pins import release_hand_pin
from fieldops.usecases.present import at_present, whole_minute
from fieldops.usecases.reality import load_realities
from fieldops.usecases.schedule_route import schedule_route
from fieldops.usecases.tell_plan import tell_plan
from fieldops.usecases.work import Work

#: Reasons of versions that nobody is told of: nothing is promised yet, and holds come by the dozen.
_OF_HOLDS: Final = frozenset({"hold", "release"})


def with_standing(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Have a query for a visit also tell, in three more columns, what it holds, and its date and shift on the plan."""
    return (
        query.add_columns(HoldRow, PlanRow.date, RouteRow.shift_id)
        .outerjoin(HoldRow, and_(HoldRow.visit_id == VisitRow.id, HoldRow.state == "active"))
        .outerjoin(StopRow, and_(StopRow.visit_id == VisitRow.id, StopRow.is_current))
        .outerjoin(RouteRow, RouteRow.id == StopRow.route_id)
        .outerjoin(PlanRow, PlanRow.id == RouteRow.plan_id)
    )


_STANDING: Final = Prepared(with_standing(select().select_from(VisitRow)).where(VisitRow.id == bindparam("visit_id")))
_LOCK_VISIT: Final = Prepared(
    select(VisitRow, TerritoryRow)
    .join(TerritoryRow, TerritoryRow.id == VisitRow.territory_id)
    .where(VisitRow.id == bindparam("visit_id"))
    .with_for_update(of=VisitRow)
)
_SET_STATE: Final = Prepared(
    update(table_of(VisitRow))
    .where(table_of(VisitRow).c.id == bindparam("of_visit"))
    .values(state=bindparam("to_state"), version=bindparam("to_version"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """
    Where a visit is.

    Attributes
    ----------
    hold
        The active one, its time perhaps over.
    stop
        Date and shift of the running route on which it is, or None.
    """

    hold: HoldRow | None
    stop: tuple[date, str] | None

    @property
    def days(self) -> set[date]:
        """The dates on which it is on a route or held."""
        return {*(() if self.hold is None else [self.hold.date]), *(() if self.stop is None else [self.stop[0]])}


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """
    What a change of one visit's place works with; nobody else changes any of it until commit.

    Attributes
    ----------
    plans
        By date: those asked for, and that of the date the visit is on.
    hold
        The active one of the visit, its time perhaps over.
    stop
        Date and shift of the running route on which the visit was when it was locked, or None.
    """

    territory: Territory
    visit: VisitRow
    plans: dict[date, PlanRow]
    hold: HoldRow | None
    stop: tuple[date, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a visit was put."""

    technician_id: str
    start: datetime


def lock_for(work: Work, visit_id: str, days: Iterable[date], *, seen: Standing | None = None) -> Locked:
    """
    Lock a visit, the plans of some dates, and those of the dates on which the visit is now or is held.

    Parameters
    ----------
    seen
        Where the visit is, where the transaction has read that and changed nothing since.

    Raises
    ------
    sqlalchemy.exc.NoResultFound
        When there is no such visit.
    """
    session, of_visit = work.session, {"visit_id": visit_id}
    standing = seen or _standing(work, visit_id)
    wanted = {*days, *standing.days}
    plans = lock_plans(session, session.get_one(VisitRow, visit_id).territory_id, wanted)
    [(visit, territory)] = _LOCK_VISIT.rows(session, of_visit)
    if not work.ctx.database.is_sqlite:
        # Somebody may have moved it while we waited. On SQLite nobody writes but this transaction.
        standing = _standing(work, visit_id)
        moved_to = standing.days - wanted
        if moved_to:
            # Out of order: should it deadlock, the transaction is tried again.
            plans |= lock_plans(session, territory.id, moved_to)
    return Locked(territory=territory_of(territory), visit=visit, plans=plans, hold=standing.hold, stop=standing.stop)


def put_on_plan(
    work: Work, locked: Locked, day: date, window: TimeWindow, *, reason: str, asked: Asked | None = None
) -> Placement:
    """
    Put a visit where it adds least cost and starts in a window, and take it off from where it was.

    Parameters
    ----------
    reason
        Of the new version; see `PlanVersionRow`.
    asked
        The visit, where the caller has read it since it was locked.

    Raises
    ------
    WindowTaken
        When nobody can keep the window.
    TravelUnavailable, UnreachablePlaces
        As the travel provider does.
    """
    release_hand_pin(locked.visit)
    asked = asked or load_asked(work, locked.visit.id)
    [answer] = ask_boards(work, locked.territory, asked, {day: [window]})
    slots = answer.quotes[0].slots
    if not slots:
        details = {"visit_id": locked.visit.id, "window_start": window.earliest, "window_end": window.latest}
        raise WindowTaken(details={name: str(value) for name, value in details.items()})
    target = answer.board.quotable[slots[0].route]
    route, after = _with_visit(asked, answer, slots[0], window)
    changed: list[ShiftOnBoard | None] = [after]
    routes: dict[str, Route | None] = {target.shift.id: route}
    before = locked.stop
    if before is not None and before[0] != day:
        take_off_plan(work, locked, reason=reason)
    elif before is not None and before[1] != target.shift.id:
        routes[before[1]], left = _without_visit(work, locked, day, answer.kept, before[1])
        changed.append(left)
    _write(work, locked.plans[day], routes, answer.kept, changed, reason=reason)
    return Placement(
        technician_id=target.technician.id,
        start=_start_of(route, locked.visit.id),
    )


def take_off_plan(work: Work, locked: Locked, *, reason: str) -> date | None:
    """
    Take a visit off the plan it is on; this works also when the travel provider does not.

    Returns
    -------
    date | None
        The date that has room now; None when the visit was on no plan.
    """
    release_hand_pin(locked.visit)
    if locked.stop is None:
        return None
    day, shift_id = locked.stop
    board = None
    with suppress(Unavailable, UnreachablePlaces):
        [full] = work.ctx.boards.of(work, locked.territory, [day])
        board = full.without(locked.visit.id)
    route, left = _without_visit(work, locked, day, board, shift_id)
    _write(work, locked.plans[day], {shift_id: route}, board, [left], reason=reason, leaving=locked.visit.id)
    return day


def free_visit(work: Work, locked: Locked, *, state: str, reason: str) -> date | None:
    """Take a visit off its plan and leave it in a state; returns as `take_off_plan` does."""
    set_state(work, locked.visit, state)
    return take_off_plan(work, locked, reason=reason)


def set_state(work: Work, visit: VisitRow, state: str) -> None:
    """Change what a visit is; its version tells."""
    after = {"state": state, "version": visit.version + 1}
    _SET_STATE.run(work.session, {"of_visit": visit.id} | {f"to_{name}": value for name, value in after.items()})
    for name, value in after.items():
        set_committed_value(visit, name, value)


def standing_of(hold: HoldRow | None, day: date | None, shift_id: str) -> Standing:
    """Make a standing of the columns that `with_standing` adds."""
    return Standing(hold=hold, stop=None if day is None else (day, shift_id))


def _standing(work: Work, visit_id: str) -> Standing:
    """Read where a visit is."""
    [standing] = _STANDING.rows(work.session, {"visit_id": visit_id})
    return standing_of(*standing)


def _write(
    work: Work,
    plan: PlanRow,
    routes: Mapping[str, Route | None],
    board: Board | None,
    changed: Sequence[ShiftOnBoard | None],
    *,
    reason: str,
    leaving: str | None = None,
) -> None:
    """
    Write routes, and have the board follow at commit.

    Parameters
    ----------
    board
        As it was, without the visit that moves; None when it is not known.
    changed
        The shifts as they are now; with a None among them, the board is left to be read from the database.
    leaving
        Id of the visit that is taken off.
    """
    version = write_routes(
        work.session,
        plan,
        routes,
        reason=reason,
        actor=work.actor.id,
        now=work.now,
        leaving=() if leaving is None else (leaving,),
    )
    if reason not in _OF_HOLDS:
        tell_plan(work, plan, version=version, reason=reason, shift_ids=routes)
    known = [shift for shift in changed if shift is not None]
    if board is not None and len(known) == len(changed):
        after = replace_shifts(replace(board, plan_id=plan.id), known, version=version)
        work.ctx.boards.keep_on_commit(work, after)


def _with_visit(asked: Asked, answer: DayAnswer, slot: Slot, window: TimeWindow) -> tuple[Route, ShiftOnBoard]:
    """Schedule the route of a slot, with the visit promised for the window; and give the shift as it is then."""
    board, buffer = answer.board, answer.board.territory.policies.buffer
    shift = board.quotable[slot.route]
    kept = next(known for known in answer.kept.shifts if known.shift.id == shift.shift.id)
    promised = bounded(
        replace(asked.visit, windows=(), release=None, promised_window=window, mandatory=True),
        buffer,
        planned_start=board.instant_of(slot.start),
    )
    places, travel = shift.problem.places, shift.travel
    if asked.place not in places:
        first = sum(len(other.problem.places) for other in board.quotable[: slot.route])
        places, travel = (*places, asked.place), _widened(travel, answer.legs, slice(first, first + len(places)))

    def inserted(on_route: ShiftOnBoard, visit: Visit) -> Problem:
        visits = list(on_route.problem.visits)
        visits.insert(slot.position, visit)
        return replace(on_route.problem, visits=tuple(visits), places=places)

    after, start = put_on_board(inserted(kept, promised), travel), board.instant_of(slot.start)
    route = _scheduled(after) if shift is kept else None
    if route is None or _start_of(route, asked.visit.id) < start:
        # It is not served before the slot, which knows when its technician can be there.
        route = schedule_route(inserted(shift, replace(promised, release=start)), travel)
    if route is None:
        details = {"visit_id": asked.visit.id, "shift_id": shift.shift.id, "position": slot.position}
        raise InternalError("the engine offered a place in a route that then breaks a rule", details=details)
    return route, as_planned(after, route, buffer)


def _start_of(route: Route, visit_id: str) -> datetime:
    """Return when a visit starts on a route."""
    return next(stop.start for stop in route.stops if stop.visit_id == visit_id)


def _scheduled(shift: ShiftOnBoard) -> Route | None:
    """Schedule the route of a shift as it is on a board; returns as `schedule_route` does."""
    return schedule_route(shift.problem, shift.travel, None if shift.running is None else shift.running.instance)


def _widened(travel: TravelMatrix, legs: Legs, cells: slice) -> TravelMatrix:
    """Add one more place to the travel of a shift; `cells` are its places in the legs."""

    def grown(matrix: IntArray, to_visit: IntArray, from_visit: IntArray) -> IntArray:
        size = len(matrix)
        larger = np.zeros((size + 1, size + 1), np.int32)
        larger[:size, :size] = matrix
        larger[:size, size], larger[size, :size] = to_visit[cells], from_visit[cells]
        return larger

    return TravelMatrix(
        duration_s=grown(travel.duration_s, legs.to_visit_s, legs.from_visit_s),
        distance_m=grown(travel.distance_m, legs.to_visit_m, legs.from_visit_m),
        snap_m=(None,) * (len(travel.snap_m) + 1),
    )


def _without_visit(
    work: Work, locked: Locked, day: date, board: Board | None, shift_id: str
) -> tuple[Route | None, ShiftOnBoard | None]:
    """
    Schedule what is left of a route.

    Parameters
    ----------
    board
        Without the visit already; None when it is not known.

    Returns
    -------
    tuple[Route | None, ShiftOnBoard | None]
        The route, None when nothing is left of it; and the shift as it is then, None when that is not known.
    """
    shifts = () if board is None else board.shifts
    shift = next((shift for shift in shifts if shift.shift.id == shift_id and not shift.cut_off), None)
    if shift is not None:
        if not shift.problem.visits:
            return None, shift
        assert board is not None, "its shifts are known"
        reality = load_realities(work, board).get(shift_id)
        route = _scheduled(at_present(shift, whole_minute(work.now), reality))
        if route is not None:
            buffer = locked.territory.policies.buffer
            return route, as_planned(shift, route, buffer)
    # The shift is gone from the board, or was changed so that its route breaks a rule, or there are no travel times.
    # The other stops keep their times until the date is planned again: to leave one out must not depend on the rest.
    stored = current_routes(work.session, locked.plans[day].id)[shift_id]
    stops = tuple(stop for stop in stored.stops if stop.visit_id != locked.visit.id)
    return (replace(stored, stops=stops) if stops else None), None
