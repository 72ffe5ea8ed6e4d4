"""Cut a problem down to some of its shifts, so that what is asked about them takes as long as they do."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np

from fieldops.domain.problem import Problem
from fieldops.travel.provider import TravelMatrix


def part_of(problem: Problem, orders: Mapping[str, Sequence[str]], others: Collection[str] = ()) -> Problem:
    """
    Keep the shifts named, the visits they serve and the places of both.

    Parameters
    ----------
    orders
        Shift id to visit ids.
    others
        More visits to keep, that none of these shifts serves.

    Notes
    -----
    Technicians stay without their other shifts: visits may name them.
    """
    visit_ids = {visit_id for order in orders.values() for visit_id in order}.union(others)
    visits = tuple(visit for visit in problem.visits if visit.id in visit_ids)
    technicians = tuple(
        replace(person, shifts=tuple(shift for shift in person.shifts if shift.id in orders))
        for person in problem.technicians
    )
    named: set[str | None] = {visit.place_id for visit in visits}
    for person in technicians:
        for shift in person.shifts:
            named.update((shift.start_place_id, shift.end_place_id, *(pause.place_id for pause in shift.breaks)))
    places = tuple(place for place in problem.places if place.id in named)
    return replace(problem, technicians=technicians, visits=visits, places=places)


def travel_of_part(problem: Problem, travel: TravelMatrix, part: Problem) -> TravelMatrix:
    """Keep of the travel between the places of a problem what is between those of a part of it."""
    kept = {place.id for place in part.places}
    places = [idx for idx, place in enumerate(problem.places) if place.id in kept]
    cells = np.ix_(places, places)
    return TravelMatrix(
        duration_s=np.ascontiguousarray(travel.duration_s[cells]),
        distance_m=np.ascontiguousarray(travel.distance_m[cells]),
        snap_m=tuple(travel.snap_m[place] for place in places),
    )
