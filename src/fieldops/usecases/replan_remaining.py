"""Replan what is left of a day: search, have the result refereed, explain what is left out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fieldops.domain.live import Remaining
from fieldops.domain.plan import SearchFacts, UnassignedVisit
from fieldops.errors import InternalError
from fieldops.solver import Evaluator, Progress, check
from fieldops.solver.explain import explain_all
from fieldops.solver.replan import replan
from fieldops.solver.solution import Solution
from fieldops.travel.provider import TravelMatrix
from fieldops.units import Cents, to_cents
from fieldops.usecases.plan_problem import numbered
from fieldops.usecases.translate import Translation, search_facts, to_instance, to_unassigned


@dataclass(frozen=True, slots=True, kw_only=True)
class Replanned:
    """
    What a replan found.

    Attributes
    ----------
    orders
        Shift id to visit ids in serving order, of every shift that is left.
    unassigned
        Visits on no route, explained.
    moved
        Visits that somebody else serves than before, or nobody.
    search
        How it was found.
    """

    orders: Mapping[str, tuple[str, ...]]
    unassigned: tuple[UnassignedVisit, ...]
    moved: tuple[str, ...]
    search: SearchFacts


def replan_remaining(
    remaining: Remaining,
    travel: TravelMatrix,
    *,
    seconds: float | None,
    iterations: int | None = None,
    threads: int = 1,
    seed: int = 0,
    most_moved: int | None = None,
    on_repaired: Callable[[Mapping[str, tuple[str, ...]], Cents], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Replanned:
    """
    Replan what is left of a day, starting from the orders it has.

    Parameters
    ----------
    travel
        Between the places of the problem, in their order, as travel is now.
    seconds, iterations
        Budget; at least one of them.
    most_moved
        Visits that may go to somebody else, if that can be; None = any number.
    on_repaired
        Called once, with the orders and the cost of the first plan that works.
    on_progress, should_stop
        As for a solve.

    Raises
    ------
    InternalError
        When the referee rejects the result.
    """
    translation = to_instance(remaining.problem, travel)

    def tell_repaired(repaired: Solution) -> None:
        if on_repaired is not None:
            on_repaired(_orders(translation, repaired), to_cents(repaired.cost.total))

    found = replan(
        translation.instance,
        numbered(translation, remaining.orders),
        seconds=seconds,
        iterations=iterations,
        threads=threads,
        seed=seed,
        most_moved=most_moved,
        on_repaired=tell_repaired,
        on_progress=on_progress,
        should_stop=should_stop,
    )
    solution = found.result.solution
    violations = check(translation.instance, solution)
    if violations:
        message = f"the referee rejects the replan: {violations[0].message}"
        raise InternalError(message, details={"violations": [violation.message for violation in violations]})
    evaluator = Evaluator(translation.instance)
    orders = {route.shift: route.visits for route in solution.routes}
    explanations = explain_all(evaluator, orders, solution.unassigned)
    return Replanned(
        orders=_orders(translation, solution),
        unassigned=tuple(to_unassigned(translation, visit, why) for visit, why in explanations.items()),
        moved=tuple(remaining.problem.visits[visit].id for visit in found.moved),
        search=search_facts(found.result, seed=seed, threads=threads),
    )


def _orders(translation: Translation, solution: Solution) -> dict[str, tuple[str, ...]]:
    """Name the orders of a solution; a shift that serves nobody has an empty one."""
    visits = translation.problem.visits
    orders: dict[str, tuple[str, ...]] = {shift.id: () for _, shift in translation.shifts}
    for route in solution.routes:
        orders[translation.shifts[route.shift][1].id] = tuple(visits[visit].id for visit in route.visits)
    return orders
