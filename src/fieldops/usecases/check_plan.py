"""Referee a plan: may people drive it like that, and is all it says true?"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace

from fieldops.domain.plan import Plan, Route
from fieldops.domain.problem import Problem
from fieldops.domain.value_faults import shown
from fieldops.solver import check
from fieldops.solver.checker import with_real_costs
from fieldops.solver.solution import Violation, ViolationCode
from fieldops.travel.provider import TravelProvider
from fieldops.usecases.translate import Translation, to_instance, to_plan, to_solution


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanViolation:
    """
    A hard rule a plan breaks, or a figure in it that is not what it should be.

    Attributes
    ----------
    where
        ``shift kim-monday, visit v17``, or a field of the plan.
    message
        For people; bare numbers in it are seconds from the horizon start.
    """

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


def check_plan(problem: Problem, provider: TravelProvider, plan: Plan) -> tuple[PlanViolation, ...]:
    """
    Referee a plan against the problem it answers.

    Parameters
    ----------
    problem
        Without faults.
    plan
        From anywhere: a search, a file, a person. Its routes may stand in any order.

    Returns
    -------
    tuple[PlanViolation, ...]
        Empty when the plan is sound. Which visits are left out, and why, is not judged.

    Raises
    ------
    InvalidInput
        When the plan is about visits or shifts the problem does not have.
    TravelUnavailable
        As the provider does.

    Notes
    -----
    The rules and the times are judged by `solver.checker`, which replays every route; then everything the plan says
    besides (costs in cents, lateness, key figures) must be what follows from the times.
    """
    translation = to_instance(problem, provider.matrix(problem.places))
    solution = with_real_costs(translation.instance, to_solution(translation, plan))
    violations = [_in_words(translation, violation) for violation in check(translation.instance, solution)]
    implied = to_plan(translation, solution, plan.unassigned, plan.search)
    # The solver lists routes by shift.
    shift_idx = {shift.id: idx for idx, (_, shift) in enumerate(translation.shifts)}
    sorted_routes = tuple(sorted(plan.routes, key=lambda route: shift_idx[route.shift_id]))
    violations += _differences("plan", replace(plan, routes=()), replace(implied, routes=()))
    for claimed, real in zip(sorted_routes, implied.routes, strict=True):
        violations += _route_differences(claimed, real)
    return tuple(dict.fromkeys(violations))


def _in_words(translation: Translation, violation: Violation) -> PlanViolation:
    """Name what the solver numbers."""
    who, where, message = "", [], violation.message
    if violation.shift is not None:
        technician, shift = translation.shifts[violation.shift]
        who = technician.id
        where.append(f"shift {shift.id}")
    if violation.visit is not None:
        visit = translation.problem.visits[violation.visit]
        where.append(f"visit {visit.id}")
        match violation.code:
            case ViolationCode.MISSING:
                message = "is neither on a route nor among the unassigned"
            case ViolationCode.REPEATED:
                message = f"is listed {violation.amount + 1} times, on routes or as unassigned"
            case ViolationCode.TECHNICIAN:
                message = f"technician {who} is not allowed"
            case ViolationCode.SKILL:
                message = f"technician {who} lacks a skill: {_lacking(translation, violation)}"
    return PlanViolation(where=", ".join(where) or "plan", message=message)


def _lacking(translation: Translation, violation: Violation) -> str:
    """List the skills a technician lacks at a visit."""
    assert violation.shift is not None, "a skill is lacking on some shift"
    assert violation.visit is not None, "a skill is lacking at some visit"
    held = translation.shifts[violation.shift][0].skills
    required = translation.problem.visits[violation.visit].required_skills
    return ", ".join(
        f"{skill} at level {held.get(skill, 0)} of {least}"
        for skill, least in required.items()
        if held.get(skill, 0) < least
    )


def _route_differences(claimed: Route, real: Route) -> Iterator[PlanViolation]:
    """Compare a route with what follows from its times."""
    where = f"shift {claimed.shift_id}"
    yield from _differences(where, replace(claimed, stops=(), breaks=()), replace(real, stops=(), breaks=()))
    for claimed_stop, real_stop in zip(claimed.stops, real.stops, strict=True):
        yield from _differences(f"{where}, visit {claimed_stop.visit_id}", claimed_stop, real_stop)
    for pos, (claimed_break, real_break) in enumerate(zip(claimed.breaks, real.breaks, strict=True)):
        yield from _differences(f"{where}, break {pos + 1}", claimed_break, real_break)


def _differences(where: str, claimed: object, real: object, name: str = "") -> Iterator[PlanViolation]:
    """Compare a part of the plan with what follows from its times, field by field."""
    if isinstance(claimed, Mapping) and isinstance(real, Mapping):
        for key in dict.fromkeys([*real, *claimed]):
            yield from _differences(where, claimed.get(key, 0), real.get(key, 0), f"{name}.{key}")
    elif hasattr(claimed, "__dataclass_fields__"):
        for field in fields(claimed):  # type: ignore[arg-type]
            dotted = f"{name}.{field.name}" if name else field.name
            yield from _differences(where, getattr(claimed, field.name), getattr(real, field.name), dotted)
    elif isinstance(claimed, float) and isinstance(real, float):
        if not math.isclose(claimed, real, rel_tol=1e-9):
            yield PlanViolation(where=where, message=f"{name} is {claimed:g}, not {real:g}")
    elif claimed != real:
        yield PlanViolation(where=where, message=f"{name} is {shown(claimed)}, not {shown(real)}")
