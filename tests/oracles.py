"""Answers found by trying everything, for instances small enough."""

from itertools import permutations

from fieldops.solver.instance import Instance
from fieldops.solver.schedule import assemble, schedule_route, schedule_solution
from fieldops.solver.solution import Route, Solution

#: Visit indices of one route.
_Subset = frozenset[int]


def brute_force_best(instance: Instance) -> Solution:
    """
    Find the best solution: fewest mandatory visits left out, then least cost.

    For at most 6 visits and 2 shifts: schedules every order of every subset of the visits on every shift, then tries
    every way to combine the best routes. Deterministic; of equally good solutions the one that serves later-numbered
    shifts and visits less.
    """
    assert len(instance.visits) <= 6, "too many visits to try everything"
    assert len(instance.shifts) <= 2, "too many shifts to try everything"
    plans: list[tuple[_Subset, tuple[Route, ...]]] = [(frozenset(), ())]
    for shift in range(len(instance.shifts)):
        best = _best_routes(instance, shift)
        longer = [
            (served | subset, (*routes, route))
            for served, routes in plans
            for subset, route in best.items()
            if not served & subset
        ]
        plans = longer if instance.shifts[shift].underway else plans + longer
    solutions = [assemble(instance, routes) for _, routes in plans]
    return min(solutions, key=lambda solution: rank(instance, solution))


def rank(instance: Instance, solution: Solution) -> tuple[int, int]:
    """Return what a solution is judged by, smaller is better: mandatory visits left out, exact cost."""
    left_out = sum(instance.visits[visit].mandatory for visit in solution.unassigned)
    return left_out, solution.cost.total


def stay_at_home(instance: Instance) -> Solution:
    """Serve nobody; whoever is under way drives home."""
    solution = schedule_solution(instance, {})
    assert isinstance(solution, Solution), "an instance has ways home for all who are under way"
    return solution


def _best_routes(instance: Instance, shift: int) -> dict[_Subset, Route]:
    """Find the cheapest route of a shift for every set of visits it can serve; for none at all when it is under way."""
    best: dict[_Subset, Route] = {}
    for count in range(0 if instance.shifts[shift].underway else 1, len(instance.visits) + 1):
        for order in permutations(range(len(instance.visits)), count):
            route = schedule_route(instance, shift, order)
            if not isinstance(route, Route):
                continue
            known = best.get(frozenset(order))
            if known is None or route.cost.total < known.cost.total:
                best[frozenset(order)] = route
    return best
