"""Plan a problem: judge it, ask for travel times, search, have the result refereed, and explain what is left out."""

from collections.abc import Callable

from fieldops.domain.faults import problem_faults
from fieldops.domain.plan import Plan
from fieldops.domain.problem import Problem
from fieldops.errors import InternalError, InvalidInput
from fieldops.solver import Evaluator, Progress, check, solve
from fieldops.solver.explain import explain_all
from fieldops.travel.provider import TravelProvider
from fieldops.usecases.translate import search_facts, to_instance, to_plan, to_unassigned
from fieldops.usecases.travel_for_problem import travel_matrices


def plan_problem(
    problem: Problem,
    provider: TravelProvider,
    *,
    seconds: float | None,
    iterations: int | None = None,
    threads: int = 1,
    seed: int = 0,
    on_progress: Callable[[Progress], None] | None = None,
) -> Plan:
    """
    Plan a problem.

    Parameters
    ----------
    seconds, iterations
        Budget of the search; at least one of them. With iterations alone and one thread the plan depends on nothing
        but problem, travel times and seed.
    on_progress
        Called about ten times a second while searching.

    Returns
    -------
    Plan
        Refereed. After Ctrl-C during the search, the best plan so far, with ``interrupted`` as its termination.

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
    translation = to_instance(problem, travel_matrices(problem, provider))
    result = solve(
        translation.instance,
        seconds=seconds,
        iterations=iterations,
        threads=threads,
        seed=seed,
        on_progress=on_progress,
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
