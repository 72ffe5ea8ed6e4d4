"""Leave out of a replan what nothing can be computed for: one wrong address must not cost a territory its replans."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

import structlog

from fieldops.domain.live import Remaining
from fieldops.domain.plan import ReasonCode, UnassignedKind, UnassignedVisit
from fieldops.domain.problem import Problem
from fieldops.errors import Fault, InvalidInput, UnreachablePlaces
from fieldops.usecases.replan_input import ReplanInput, without_shifts
from fieldops.usecases.request_replan import ReplanKind

#: How providers of travel times name the places of a matrix in their faults; two of them when one way is missing.
_PLACE: Final = re.compile(r"\bplaces\[(\d+)\]")
#: How the solver names a shift under way that keeps every rule with no visit, not even without.
_SHIFT: Final = re.compile(r"^shifts\[(\d+)\]\.underway$")

log = structlog.get_logger(__name__)


def leave_out_of_replan(given: ReplanInput, error: InvalidInput) -> ReplanInput:
    """
    Do without the visits and the shifts that an error is about.

    Parameters
    ----------
    error
        What asking for the travel between the places of the remaining problem has raised, or trying its routes out.

    Raises
    ------
    InvalidInput
        The error given, when it is about something else, or no shift would be left.

    Notes
    -----
    A visit that has no place, and to which no road leads, is left out. A shift whose route or depot no road leads to
    stays as it is: nobody can say when any of its visits would be served. Not all places may be named at once, so what
    is left may have to be sorted out again.
    """
    shifts, visits = _cut_off(given.remaining, error) if isinstance(error, UnreachablePlaces) else (set(), set())
    shifts |= _refused(given.remaining.problem, error.faults)
    if not shifts and not visits:
        raise error
    remaining = without_shifts(given.remaining, shifts, visits)
    asked_for = given.scope.shift_id if given.kind is ReplanKind.EMPTY_ROUTE else None
    if not remaining.orders or asked_for in shifts:
        raise error
    log.warning("replan.left_out", shifts=sorted(shifts), visits=sorted(visits), detail=str(error))
    ahead = {visit.id for visit in remaining.problem.visits}
    return replace(
        given,
        remaining=remaining,
        aside=given.aside | shifts,
        unreachable=(*given.unreachable, *sorted(visits)),
        conflicts={visit_id: why for visit_id, why in given.conflicts.items() if visit_id in ahead},
        at_risk={visit_id: range_ for visit_id, range_ in given.at_risk.items() if visit_id in ahead},
    )


def unreachable_visits(given: ReplanInput) -> tuple[UnassignedVisit, ...]:
    """Say of the visits left out that have no place why they find none."""
    placed = {visit_id for order in given.live.day.orders.values() for visit_id in order}
    return tuple(
        UnassignedVisit(
            visit_id=visit_id, kind=UnassignedKind.IMPOSSIBLE_ALONE, reasons=(ReasonCode.TOO_FAR,), repair=None
        )
        for visit_id in given.unreachable
        if visit_id not in placed
    )


def _cut_off(remaining: Remaining, error: UnreachablePlaces) -> tuple[set[str], set[str]]:
    """Name the shifts and the visits to do without; of two places without a way between them one is enough."""
    problem = remaining.problem
    shifts_at = _shifts_at(remaining)
    shifts: set[str] = set()
    places: set[str] = set()
    for fault in error.faults:
        named = [problem.places[int(number)].id for number in _PLACE.findall(fault.path)]
        if named and places.isdisjoint(named):
            # Where the fewest have to be left out.
            place_id = min(named, key=lambda place_id: len(shifts_at.get(place_id, ())))
            places.add(place_id)
            shifts |= shifts_at.get(place_id, set())
    return shifts, {visit.id for visit in problem.visits if visit.place_id in places}


def _shifts_at(remaining: Remaining) -> Mapping[str, set[str]]:
    """Name the shifts that lead to a place, by its id."""
    place_of = {visit.id: visit.place_id for visit in remaining.problem.visits}
    found: dict[str, set[str]] = {}
    for technician in remaining.problem.technicians:
        for shift in technician.shifts:
            bases = (shift.start_place_id, shift.end_place_id, *(pause.place_id for pause in shift.breaks))
            visited = (place_of[visit_id] for visit_id in remaining.orders.get(shift.id, ()))
            for place_id in (*bases, *visited):
                if place_id is not None:
                    found.setdefault(place_id, set()).add(shift.id)
    return found


def _refused(problem: Problem, faults: Iterable[Fault]) -> set[str]:
    """Name the shifts that the solver refuses; they are counted through all technicians."""
    shifts = [shift.id for technician in problem.technicians for shift in technician.shifts]
    found = (_SHIFT.match(fault.path) for fault in faults)
    return {shifts[int(named.group(1))] for named in found if named is not None}
