"""
Replanning: the plan is running and something happened.

First a repair, at once: whatever still works stays as it is, what does not goes where it is cheapest. Then the search
goes on from there. What people were told has its price (`Visit.told`, `Visit.baseline_technician`), and no more visits
than wanted change hands.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from fieldops.errors import InvalidInput
from fieldops.solver import _core
from fieldops.solver.evaluate import Evaluator, Orders
from fieldops.solver.instance import Instance
from fieldops.solver.move_limit import MoveLimit, homes_of, moved_visits
from fieldops.solver.progress import Progress
from fieldops.solver.search_arguments import budget_faults, limit_faults, orders_faults
from fieldops.solver.search_run import Budget, SearchRun, Watch
from fieldops.solver.solution import Result, Solution, Statistics, Termination

#: The plan is a good one already: the walk starts cooler than one that has to find its way, and looks where it hurts.
PARAMETERS: Final = {"start_temperature": 1.0, "trouble": 0.5}


@dataclass(frozen=True, slots=True, kw_only=True)
class Replan:
    """
    A plan made of a running one.

    Attributes
    ----------
    repaired
        The first plan that keeps every rule.
    result
        The best one found from there; never worse.
    moved
        Visits of the baseline that are on another technician in it, or on no route; rising.
    """

    repaired: Solution
    result: Result
    moved: tuple[int, ...]


def replan(
    instance: Instance,
    baseline: Orders,
    *,
    seconds: float | None = None,
    iterations: int | None = None,
    threads: int = 1,
    seed: int = 0,
    most_moved: int | None = None,
    on_repaired: Callable[[Solution], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Replan:
    """
    Repair a running plan, then improve it.

    Parameters
    ----------
    instance
        What is left of the day.
    baseline
        Visits per shift as the running plan has them; what breaks a hard rule there is planned anew.
    seconds, iterations, threads, seed, on_progress, should_stop
        As for `solve`; the budget is that of the search, which begins after the repair.
    most_moved
        At most so many visits of the baseline are on another technician afterwards, or on no route; more only as far as
        it cannot be avoided. None = as many as it pays.
    on_repaired
        Called with the repaired plan as soon as it is there, in the caller's thread.

    Raises
    ------
    InvalidInput
        When an argument makes no sense.

    Notes
    -----
    The repair depends on the instance, the baseline and `most_moved` alone. It keeps of every route the stops that
    still work, in their order, and inserts the others one after the other where they cost least, the dearest to leave
    out first; O(stops) for each place looked at.
    """
    budget = Budget(seconds=seconds, iterations=iterations, threads=threads, seed=seed)
    faults = [
        *budget_faults(budget),
        *orders_faults("baseline", instance, baseline),
        *limit_faults(most_moved, has_baseline=True),
    ]
    if faults:
        raise InvalidInput(faults)
    evaluator = Evaluator(instance)
    limit = None if most_moved is None else MoveLimit(homes=homes_of(instance, baseline), most_moved=most_moved)
    start = _repaired(evaluator, baseline, limit)
    repaired = evaluator.solution(dict(enumerate(start)))
    if on_repaired is not None:
        on_repaired(repaired)
    if instance.visits and instance.shifts:
        watch = Watch(on_progress=on_progress, should_stop=should_stop)
        result = SearchRun(evaluator, budget, watch, limit, PARAMETERS).result(start)
    else:
        result = Result(solution=repaired, termination=Termination.NOTHING_TO_PLAN, statistics=Statistics())
    after = {route.shift: route.visits for route in result.solution.routes}
    return Replan(repaired=repaired, result=result, moved=moved_visits(instance, baseline, after))


def _repaired(evaluator: Evaluator, baseline: Orders, limit: MoveLimit | None) -> list[list[int]]:
    """Repair in the core."""
    homes, most_moved = (None, 0) if limit is None else (limit.homes, limit.most_moved)
    return _core.repair(evaluator.core, evaluator.dense(baseline), homes, most_moved)
