"""From one shift's running route, and a visit somebody asks for, to what the solver quotes with."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from fieldops.domain.problem import CostRates, Problem, Technician, Visit
from fieldops.solver import instance as solver
from fieldops.solver.quote import RunningRoute, Standing
from fieldops.travel.provider import TravelMatrix
from fieldops.usecases.translate.instance import to_instance


def to_running_route(problem: Problem, travel: TravelMatrix, order: Sequence[str]) -> RunningRoute:
    """
    Translate the running route of one shift.

    Parameters
    ----------
    problem
        With one technician and one shift; visits may name technicians it does not have.
    travel
        Between `problem.places`, in their order.
    order
        Ids of all visits of the problem, in serving order.

    Raises
    ------
    InvalidInput
        When a visit can start at no time at all.

    Notes
    -----
    A visit whose customer would rather see somebody else costs the same with every insertion, so that wish is left out.
    """
    technician = problem.technicians[0]
    own = replace(problem, visits=tuple(_on_own_route(visit, technician.id) for visit in problem.visits))
    instance = to_instance(own, travel).instance
    visit_idx = {visit.id: idx for idx, visit in enumerate(problem.visits)}
    return RunningRoute(instance=instance, order=tuple(visit_idx[visit_id] for visit_id in order))


def to_quoted_visit(
    visit: Visit, *, rates: CostRates, skills: Sequence[str], start: datetime, windows: Sequence[tuple[int, int]]
) -> solver.Visit:
    """
    Translate a visit that is quoted.

    Parameters
    ----------
    start
        Second 0 of the routes it is quoted on.
    windows
        Sorted and disjoint; service starts in one of them, whatever the visit says itself.
    """

    def second(instant: datetime) -> int:
        return (instant - start) // timedelta(seconds=1)

    preferred = visit.preferred_window
    return solver.Visit(
        place=0,
        service_s=visit.duration // timedelta(seconds=1),
        windows=tuple(windows),
        preferred=None if preferred is None else (second(preferred.earliest), second(preferred.latest)),
        preferred_miss_cents=rates.preferred_window_missed,
        due=None if visit.due is None else second(visit.due),
        due_cents_per_hour=rates.sla_per_hour,
        required_levels=tuple(visit.required_skills.get(skill, 0) for skill in skills),
        other_technician_cents=rates.other_technician,
        sequence=None if visit.pin is None else visit.pin.sequence,
    )


def names_technicians(visit: Visit) -> bool:
    """Tell whether a visit says anything about who may come; without, every technician's standing is the same."""
    is_pinned = visit.pin is not None and visit.pin.technician_id is not None
    is_bound = visit.allowed_technicians is not None or bool(visit.forbidden_technicians)
    return is_pinned or is_bound or bool(visit.preferred_technicians)


def to_standing(visit: Visit, technician: Technician) -> Standing:
    """Say whether a technician may serve a quoted visit, and whether the customer would like it."""
    return Standing(
        allowed=_may_serve(visit, technician.id),
        preferred=not visit.preferred_technicians or technician.id in visit.preferred_technicians,
    )


def _may_serve(visit: Visit, technician_id: str) -> bool:
    """Tell whether the sets of technicians and the pin leave this one."""
    if visit.pin is not None and visit.pin.technician_id not in {None, technician_id}:
        return False
    if visit.allowed_technicians is not None and technician_id not in visit.allowed_technicians:
        return False
    return technician_id not in visit.forbidden_technicians


def _on_own_route(visit: Visit, technician_id: str) -> Visit:
    """Leave of the technicians a visit names only its own; nobody when that one may not serve it."""
    if not names_technicians(visit):
        return visit
    return replace(
        visit,
        allowed_technicians=None if _may_serve(visit, technician_id) else frozenset(),
        forbidden_technicians=frozenset(),
        preferred_technicians=visit.preferred_technicians & {technician_id},
        pin=None if visit.pin is None else replace(visit.pin, technician_id=None),
    )
