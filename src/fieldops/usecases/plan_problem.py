"""Plan a problem: judge it, ask for travel times, search, have the result refereed, and explain what is left out."""

from collections.abc import Callable, Mapping, Sequence

from fieldops.domain.faults import problem_faults
from fieldops.domain.plan import Plan
from fieldops.domain.problem import Problem
from fieldops.errors import InternalError, InvalidInput
from fieldops.solver import Evaluator, Progress, check, solve
from fieldops.solver.explain import explain_all
from fieldops.travel.provider import TravelProvider
from fieldops.usecases.translate import Translation, search_facts, to_instance, to_plan, to_unassigned


def plan_problem(
    problem: Problem,
    provider: TravelProvider,
    *,
    seconds: float | None,
    iterations: int | None = None,
    threads: int = 1,
    seed: int = 0,
    warm_start: Mapping[str, Sequence[str]] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Plan:
    """
    Plan a problem.

    Parameters
    ----------
    seconds, iterations
        Budget of the search; at least one of them. With iterations alone and one thread the plan depends on nothing
        but problem, travel times and seed.
    warm_start
        Shift id to visit ids in serving order, to start from; what breaks a hard rule there is planned anew.
    on_progress
        Called about ten times a second while searching.
    should_stop
        Asked as often; True ends the search.

    Returns
    -------
    Plan
        Refereed. After Ctrl-C during the search, or when it should stop, the best plan so far, with ``interrupted`` as
        its termination.

    Raises
    ------
    InvalidInput
        When the problem or the budget has faults; with all of them.
    TravelUnavailable
        As the provider does.
    InternalError
        When the referee finds a rule broken or a figure wrong; the plan is in no use then.
    """
    faults = problem_faults(problem)
    if faults:
        raise InvalidInput(faults)
    translation = to_instance(problem, provider.matrix(problem.places))
    result = solve(
        translation.instance,
        seconds=seconds,
        iterations=iterations,
        threads=threads,
        seed=seed,
        warm_start=None if warm_start is None else numbered(translation, warm_start),
        on_progress=on_progress,
        should_stop=should_stop,
    )
    violations = check(translation.instance, result.solution)
    if violations:
        message = f"the referee rejects the plan: {violations[0].message}"
        raise InternalError(message, details={"violations": violations, "seed": seed, "threads": threads})
    evaluator = Evaluator(translation.instance)
    orders = {route.shift: route.visits for route in result.solution.routes}
    explanations = explain_all(evaluator, orders, result.solution.unassigned)
    unassigned = [to_unassigned(translation, visit, explanation) for visit, explanation in explanations.items()]
    return to_plan(translation, result.solution, unassigned, search_facts(result, seed=seed, threads=threads))


def numbered(translation: Translation, names: Mapping[str, Sequence[str]]) -> dict[int, tuple[int, ...]]:
    """Number what orders name; visits and shifts the problem does not have are left out."""
    shift_idx = {shift.id: idx for idx, (_, shift) in enumerate(translation.shifts)}
    visit_idx = {visit.id: idx for idx, visit in enumerate(translation.problem.visits)}
    return {
        shift_idx[shift]: tuple(visit_idx[visit] for visit in visits if visit in visit_idx)
        for shift, visits in names.items()
        if shift in shift_idx
    }
