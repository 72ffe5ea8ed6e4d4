"""How routes would be driven, whatever they break: what people need to see before they change a plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fieldops.domain.plan import Route
from fieldops.domain.problem import Problem
from fieldops.solver.solution import Violation
from fieldops.solver.trial import try_route
from fieldops.travel.provider import TravelMatrix
from fieldops.usecases.plan_problem import numbered
from fieldops.usecases.translate import to_instance, to_route

Orders = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Driven:
    """
    A route of what is left, as it would be driven.

    Attributes
    ----------
    violations
        Every hard rule it breaks; none means that the referee agrees to all it says.
    """

    route: Route
    violations: tuple[Violation, ...]


def drive(problem: Problem, travel: TravelMatrix, orders: Orders) -> dict[str, Driven]:
    """
    Say how routes would be driven from now on, whatever they break.

    Parameters
    ----------
    travel
        Between the places of the problem, in their order.
    orders
        By shift id; shifts that serve nobody have no entry in the result.

    Notes
    -----
    Only the shifts named, their visits and their places are looked at: it takes as long as they do.
    """
    part, places = _part(problem, orders)
    translation = to_instance(part, _between(travel, places))
    driven: dict[str, Driven] = {}
    for idx, visits in numbered(translation, orders).items():
        if visits:
            trial = try_route(translation.instance, idx, visits)
            shift_id = translation.shifts[idx][1].id
            driven[shift_id] = Driven(route=to_route(translation, trial.route), violations=trial.violations)
    return driven


def part_of(problem: Problem, orders: Orders) -> Problem:
    """Keep of a day what some shifts serve, and the places of that; everybody stays known by name."""
    return _part(problem, orders)[0]


def _part(problem: Problem, orders: Orders) -> tuple[Problem, list[int]]:
    """Keep a part of a day; also say which of the places."""
    visit_ids = {visit_id for order in orders.values() for visit_id in order}
    visits = tuple(visit for visit in problem.visits if visit.id in visit_ids)
    technicians = tuple(
        replace(person, shifts=tuple(shift for shift in person.shifts if shift.id in orders))
        for person in problem.technicians
    )
    named: set[str | None] = {visit.place_id for visit in visits}
    for person in technicians:
        for shift in person.shifts:
            named.update((shift.start_place_id, shift.end_place_id, *(pause.place_id for pause in shift.breaks)))
    kept = [idx for idx, place in enumerate(problem.places) if place.id in named]
    places = tuple(problem.places[idx] for idx in kept)
    return replace(problem, technicians=technicians, visits=visits, places=places), kept


def _between(travel: TravelMatrix, places: Sequence[int]) -> TravelMatrix:
    """Keep the travel between some places."""
    if len(places) == len(travel.snap_m):
        return travel
    cells = np.ix_(places, places)
    return TravelMatrix(
        duration_s=np.ascontiguousarray(travel.duration_s[cells]),
        distance_m=np.ascontiguousarray(travel.distance_m[cells]),
        snap_m=tuple(travel.snap_m[place] for place in places),
    )
