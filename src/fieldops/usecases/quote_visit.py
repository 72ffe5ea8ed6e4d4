"""Quote a new visit against a plan: in which windows it fits, with whom, and what it costs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from fieldops.domain.factors import Factors
from fieldops.domain.faults import problem_faults
from fieldops.domain.plan import Plan
from fieldops.domain.problem import Place, Problem, TimeWindow, Visit
from fieldops.domain.value_faults import field_path, wrong
from fieldops.errors import Fault, InvalidInput
from fieldops.solver.quote import Legs, Refusal, Slot, quote
from fieldops.travel.provider import TravelMatrix, TravelProvider
from fieldops.units import Cents, to_cents
from fieldops.usecases.board import ShiftOnBoard, places_of, put_on_board
from fieldops.usecases.quote_odds import best_odds
from fieldops.usecases.translate import Translation, to_instance, to_quoted_visit, to_solution, to_standing
from fieldops.usecases.uncertainty import travel_steps


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedSlot:
    """
    The cheapest place of the visit on one shift's route.

    Attributes
    ----------
    position
        How many visits come before it.
    cost
        Added to the route, rounded once.
    slack
        How far the start could slip without breaking a hard rule, the window included.
    extra_travel
        Driving added to the route.
    """

    technician_id: str
    shift_id: str
    position: int
    cost: Cents
    start: datetime
    finish: datetime
    slack: timedelta
    extra_travel: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedWindow:
    """
    What can be had in one window.

    Attributes
    ----------
    slots
        By rising cost.
    kept_permille
        How likely the window is to be kept with the first slot, 0 to 1,000; None without a slot.
    refusals
        How many shifts that are at work in the window have no place, by reason; empty together with `slots` when
        nobody works then.
    """

    window: TimeWindow
    slots: tuple[QuotedSlot, ...]
    kept_permille: int | None
    refusals: Mapping[Refusal, int]


def quote_visit(
    problem: Problem,
    plan: Plan,
    provider: TravelProvider,
    visit: Visit,
    place: Place | None,
    windows: Sequence[TimeWindow],
) -> tuple[QuotedWindow, ...]:
    """
    Quote a visit that is on no plan yet.

    Parameters
    ----------
    problem
        Without faults.
    plan
        For the problem; visits it leaves out stay out.
    place
        Where the visit is, or None when it is at a place of the problem.
    windows
        Asked for; service starts in one of the visit's own windows, too.

    Raises
    ------
    InvalidInput
        When the visit does not suit the problem, or the plan is about something the problem does not have.
    TravelUnavailable
        As the provider does.
    """
    widened = replace(
        problem,
        places=problem.places if place is None else (*problem.places, place),
        visits=(*problem.visits, visit),
    )
    faults = [_renamed(fault, problem) for fault in problem_faults(widened)]
    faults += [] if place is None or place.id == visit.place_id else [wrong("place.id", place.id, repr(visit.place_id))]
    if faults:
        raise InvalidInput(faults)
    travel = provider.matrix(widened.places)
    translation = to_instance(widened, travel)
    on_board = list(_on_board(translation, travel, _orders(translation, plan)))
    return tuple(_quote_window(translation, travel, on_board, window) for window in windows)


def _renamed(fault: Fault, problem: Problem) -> Fault:
    """Name a fault of the widened problem as the visit's document does."""
    path = fault.path
    for name in ("visits", "places"):
        path = path.replace(field_path(name, len(getattr(problem, name))), name[:-1])
    return Fault(path=path, found=fault.found, expected=fault.expected)


def _orders(translation: Translation, plan: Plan) -> list[tuple[int, ...]]:
    """Read who serves what off a plan, by shift index; a shift without a route serves nothing."""
    orders: list[tuple[int, ...]] = [()] * len(translation.shifts)
    for route in to_solution(translation, plan).routes:
        orders[route.shift] = route.visits
    seen: set[str] = set()
    faults = []
    for pos, route_of_plan in enumerate(plan.routes):
        for stop_pos, stop in enumerate(route_of_plan.stops):
            if stop.visit_id in seen or stop.visit_id == translation.problem.visits[-1].id:
                path = field_path("routes", pos, "stops", stop_pos, "visit_id")
                faults.append(wrong(path, stop.visit_id, "a visit of the problem, once on the plan"))
            seen.add(stop.visit_id)
    if faults:
        raise InvalidInput(faults)
    return orders


def _on_board(
    translation: Translation, travel: TravelMatrix, orders: Sequence[tuple[int, ...]]
) -> Iterator[ShiftOnBoard]:
    """Make every shift ready for quotes."""
    problem = translation.problem
    place_idx = {place.id: idx for idx, place in enumerate(problem.places)}
    for (technician, shift), order in zip(translation.shifts, orders, strict=True):
        alone = replace(technician, shifts=(shift,))
        visits = tuple(problem.visits[visit] for visit in order)
        places = places_of(alone, visits, problem.places)
        own = replace(problem, technicians=(alone,), visits=visits, places=places)
        yield put_on_board(own, _part(travel, [place_idx[place.id] for place in places]))


def _part(travel: TravelMatrix, places: list[int]) -> TravelMatrix:
    """Copy the travel between some of the places."""
    cells = np.ix_(places, places)
    return TravelMatrix(
        duration_s=travel.duration_s[cells],
        distance_m=travel.distance_m[cells],
        snap_m=tuple(travel.snap_m[place] for place in places),
    )


def _quote_window(
    translation: Translation, travel: TravelMatrix, on_board: Sequence[ShiftOnBoard], window: TimeWindow
) -> QuotedWindow:
    """Ask the shifts that are at work in a window."""
    problem, visit = translation.problem, translation.problem.visits[-1]
    at_work = [
        shift for shift in on_board if shift.shift.start <= window.latest and window.earliest <= shift.shift.hard_end
    ]
    asked = [shift for shift in at_work if shift.running is not None]
    refusals = {Refusal.UNSOUND: len(at_work) - len(asked)} if len(asked) < len(at_work) else {}
    quoted = to_quoted_visit(
        visit,
        rates=problem.rates,
        skills=problem.skills,
        start=translation.start,
        windows=translation.instance.visits[-1].windows,
    )
    place_idx = {place.id: idx for idx, place in enumerate(problem.places)}
    here = place_idx[visit.place_id]
    others = [place_idx[place.id] for shift in asked for place in shift.problem.places]
    legs = Legs(
        to_visit_s=np.ascontiguousarray(travel.duration_s[others, here]),
        to_visit_m=np.ascontiguousarray(travel.distance_m[others, here]),
        from_visit_s=np.ascontiguousarray(travel.duration_s[here, others]),
        from_visit_m=np.ascontiguousarray(travel.distance_m[here, others]),
    )
    routes = [shift.running for shift in asked if shift.running is not None]
    standings = [to_standing(visit, shift.technician) for shift in asked]
    bounds = translation.second_of(window.earliest), translation.second_of(window.latest)
    (answer,) = quote(routes, quoted, legs, [bounds], standings)
    factors = Factors()  # files tell nothing of days that are over
    steps = travel_steps(translation.start, translation.instance.horizon_s, problem.time_zone, factors)
    [kept] = best_odds(asked, routes, (visit, quoted), legs, [(answer, bounds, bounds[1])], factors, steps)
    for reason, count in answer.refusals.items():
        refusals[reason] = refusals.get(reason, 0) + count
    return QuotedWindow(
        window=window,
        slots=tuple(_slot(translation, asked[slot.route], slot) for slot in answer.slots),
        kept_permille=kept,
        refusals=refusals,
    )


def _slot(translation: Translation, shift: ShiftOnBoard, slot: Slot) -> QuotedSlot:
    """Name what the solver numbers."""
    return QuotedSlot(
        technician_id=shift.technician.id,
        shift_id=shift.shift.id,
        position=slot.position,
        cost=to_cents(slot.cost),
        start=translation.instant_of(slot.start),
        finish=translation.instant_of(slot.finish),
        slack=timedelta(seconds=slot.slack),
        extra_travel=timedelta(seconds=slot.extra_travel_s),
    )
