"""A board: the running plan of a territory on one date, shift by shift, ready for quotes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import chain
from types import MappingProxyType

import numpy as np

from fieldops.domain.plan import Route
from fieldops.domain.problem import Place, Problem, Shift, Technician, TimeWindow, Visit
from fieldops.domain.territory import Territory
from fieldops.errors import InvalidInput
from fieldops.solver.quote import RunningRoute, RunningRoutes
from fieldops.travel.provider import TravelMatrix
from fieldops.usecases.translate import to_running_route


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShiftOnBoard:
    """
    One shift and what it is doing.

    Attributes
    ----------
    problem
        The shift's technician, that one shift, the visits of its route in serving order, and their places. What is
        promised is bounded by the policies' buffer.
    travel
        Between the places.
    running
        None when its visits cannot even be written down as a route: one of them may start at no time of the date.
    starts
        Planned starts by visit id; empty where the plan is nobody's but the caller's.
    cut_off
        Why nothing can be computed for it: a place of its route has lost its road. The travel is empty then, and there
        is no running route.
    """

    problem: Problem
    travel: TravelMatrix
    running: RunningRoute | None
    starts: Mapping[str, datetime]
    cut_off: str = ""

    @property
    def technician(self) -> Technician:
        """Who works it."""
        return self.problem.technicians[0]

    @property
    def shift(self) -> Shift:
        """The shift itself."""
        return self.technician.shifts[0]


@dataclass(frozen=True, kw_only=True, eq=False)
class Board:
    """
    The running plan of a territory on a date, at one version.

    What is gathered from its shifts is gathered when it is asked for: many boards are only a step to the next one.

    Attributes
    ----------
    plan_id
        None when nothing was ever planned; the version is 0 then.
    start
        Second 0 of all routes: the date's first instant, UTC.
    shifts
        By rising id.
    """

    territory: Territory
    date: date
    plan_id: str | None
    version: int
    start: datetime
    shifts: tuple[ShiftOnBoard, ...]

    @cached_property
    def quotable(self) -> tuple[ShiftOnBoard, ...]:
        """Those of the shifts that have a running route."""
        return tuple(shift for shift in self.shifts if shift.running is not None)

    @cached_property
    def running(self) -> RunningRoutes:
        """The routes of the quotable shifts."""
        return RunningRoutes([shift.running for shift in self.shifts if shift.running is not None])

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """The places of the quotable shifts, in the order of `Legs`."""
        return tuple(chain.from_iterable([shift.problem.places for shift in self.quotable]))

    def second_of(self, instant: datetime) -> int:
        """Count the seconds from the date's first instant."""
        return (instant - self.start) // timedelta(seconds=1)

    def instant_of(self, second: int) -> datetime:
        """Give the instant of a second, UTC."""
        return self.start + timedelta(seconds=second)

    @cached_property
    def _shifts_by_visit(self) -> dict[str, ShiftOnBoard]:
        return {visit.id: shift for shift in self.shifts for visit in shift.problem.visits}

    def shift_of(self, visit_id: str) -> ShiftOnBoard | None:
        """Return the shift on whose route a visit is."""
        return self._shifts_by_visit.get(visit_id)

    def without(self, visit_id: str) -> "Board":
        """Return the board as it would be without a visit; itself when the visit is not on it."""
        own = self.shift_of(visit_id)
        if own is None:
            return self
        visits = [visit for visit in own.problem.visits if visit.id != visit_id]
        if own.cut_off:
            rest = replace(own, problem=replace(own.problem, visits=tuple(visits)))
            return replace_shifts(self, [rest], version=self.version)
        places = places_of(own.technician, visits, own.problem.places)
        at = [own.problem.places.index(place) for place in places]
        travel = TravelMatrix(
            duration_s=np.ascontiguousarray(own.travel.duration_s[np.ix_(at, at)]),
            distance_m=np.ascontiguousarray(own.travel.distance_m[np.ix_(at, at)]),
            snap_m=(None,) * len(at),
        )
        smaller = put_on_board(replace(own.problem, visits=tuple(visits), places=places), travel, own.starts)
        return replace_shifts(self, [smaller], version=self.version)


def put_on_board(
    problem: Problem, travel: TravelMatrix, starts: Mapping[str, datetime] = MappingProxyType({})
) -> ShiftOnBoard:
    """Make a shift ready for quotes; `problem` and `starts` as in `ShiftOnBoard`."""
    try:
        running = to_running_route(problem, travel, [visit.id for visit in problem.visits])
    except InvalidInput:
        running = None
    return ShiftOnBoard(problem=problem, travel=travel, running=running, starts=starts)


def places_of(technician: Technician, visits: Sequence[Visit], places: Iterable[Place]) -> tuple[Place, ...]:
    """Pick the places that a technician's one shift and some visits need."""
    shift = technician.shifts[0]
    named = {shift.start_place_id, shift.end_place_id, *(pause.place_id for pause in shift.breaks)}
    named.update(visit.place_id for visit in visits)
    return tuple(place for place in places if place.id in named)


def as_planned(shift: ShiftOnBoard, route: Route, buffer: timedelta) -> ShiftOnBoard:
    """Return a shift whose visits have just been planned."""
    problem, starts = shift.problem, {stop.visit_id: stop.start for stop in route.stops}
    visits = tuple(bounded(visit, buffer, planned_start=starts[visit.id]) for visit in problem.visits)
    if [visit.windows for visit in visits] == [visit.windows for visit in problem.visits]:
        return replace(shift, starts=starts)
    return put_on_board(replace(problem, visits=visits), shift.travel, starts)


def replace_shifts(board: Board, shifts: Collection[ShiftOnBoard], *, version: int) -> Board:
    """Return a board on which these shifts are as they are now."""
    now = {shift.shift.id: shift for shift in shifts}
    kept = [now.pop(shift.shift.id, shift) for shift in board.shifts]
    if now:
        kept = sorted([*kept, *now.values()], key=lambda shift: shift.shift.id)
    return replace(board, version=version, shifts=tuple(kept))


def bounded(visit: Visit, buffer: timedelta, *, planned_start: datetime | None = None) -> Visit:
    """
    Bound the start of a visit that has a promise: in the promised window less the buffer, or when it is planned.

    Notes
    -----
    Planned into the buffer, or after the window, it stays where it is, and no insertion makes it later still.
    """
    promise = visit.promised_window
    if promise is None:
        return visit
    latest = max(promise.earliest, promise.latest - buffer, planned_start or promise.earliest)
    return replace(visit, windows=(TimeWindow(promise.earliest, latest),), promise_is_hard=False)
