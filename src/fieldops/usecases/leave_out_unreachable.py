"""Leave visits out of a solve that no road leads to: one wrong address must not cost a whole territory its plan."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from fieldops.errors import UnreachablePlaces
from fieldops.usecases.solve_input import SolveInput

#: How providers of travel times name the places of a matrix in their faults; two of them when one way is missing.
_PLACE: Final = re.compile(r"\bplaces\[(\d+)\]")


def leave_out_unreachable(given: SolveInput, error: UnreachablePlaces) -> SolveInput:
    """
    Take the visits off that are at the places named, unless something is promised about them.

    Raises
    ------
    UnreachablePlaces
        The error given, when there is none: a depot or a promised visit without a road is for a person to mend.

    Notes
    -----
    Not all places may be named at once, so what is left may have to be sorted out again.
    """
    unpromised = {visit.place_id for visit in given.problem.visits if visit.promised_window is None}
    needed = {visit.place_id for visit in given.problem.visits if visit.promised_window is not None}
    cut_off = set(_cut_off(given, error, unpromised - needed))
    gone = {visit.id for visit in given.problem.visits if visit.place_id in cut_off}
    if not gone:
        raise error
    problem = replace(
        given.problem,
        visits=tuple(visit for visit in given.problem.visits if visit.id not in gone),
        places=tuple(place for place in given.problem.places if place.id not in cut_off),
    )
    return replace(given, problem=problem, unreachable=(*given.unreachable, *sorted(gone)))


def _cut_off(given: SolveInput, error: UnreachablePlaces, can_be_left: set[str]) -> Iterator[str]:
    """Name the places to do without; of two without a way between them one is enough."""
    bases = {
        place_id
        for technician in given.problem.technicians
        for shift in technician.shifts
        for place_id in (shift.start_place_id, shift.end_place_id, *(pause.place_id for pause in shift.breaks))
    }
    for fault in error.faults:
        named = [given.problem.places[int(number)].id for number in _PLACE.findall(fault.path)]
        yield from [place_id for place_id in named if place_id in can_be_left - bases][:1]
