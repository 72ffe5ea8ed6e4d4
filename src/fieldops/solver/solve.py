"""Solving: planning from nothing, or from a plan there is."""

from collections.abc import Callable

from fieldops.errors import InvalidInput
from fieldops.solver.evaluate import Evaluator, Orders
from fieldops.solver.instance import Instance
from fieldops.solver.move_limit import MoveLimit, homes_of
from fieldops.solver.progress import Progress
from fieldops.solver.search_arguments import budget_faults, limit_faults, orders_faults
from fieldops.solver.search_run import Budget, SearchRun, Watch
from fieldops.solver.solution import Result, Statistics, Termination


def solve(
    instance: Instance,
    *,
    seconds: float | None = None,
    iterations: int | None = None,
    threads: int = 1,
    seed: int = 0,
    warm_start: Orders | None = None,
    baseline: Orders | None = None,
    most_moved: int | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Result:
    """
    Plan: assign visits to shifts, order them and time them.

    Parameters
    ----------
    seconds
        Wall-clock budget of the search, > 0.
    iterations
        Budget in iterations per thread, >= 0. At least one of the two budgets is needed; with iterations alone and one
        thread the result depends on nothing but instance and seed.
    threads
        Independent searches, each on a thread of its own, >= 1; the best plan wins.
    seed
        Any integer >= 0.
    warm_start
        Visits per shift to start from; what breaks a hard rule there is planned anew.
    baseline, most_moved
        Of the visits that the baseline has on routes, at most so many are on another technician than there, or on no
        route; more only as far as it cannot be avoided. A plan with fewer too many is better, whatever it costs; only
        mandatory visits count more.
    on_progress
        Called about ten times a second, in the caller's thread.
    should_stop
        Asked as often; True ends the search as Ctrl-C does.

    Returns
    -------
    Result
        Always feasible; visits may be unassigned. After Ctrl-C or when it should stop, the best plan so far.

    Raises
    ------
    InvalidInput
        When an argument makes no sense.

    Notes
    -----
    Ruin and recreate under simulated annealing (`core/include/fieldops/search.h`), in phases; between the phases the
    good routes met so far are recombined by set partitioning (`recombine`).
    """
    budget = Budget(seconds=seconds, iterations=iterations, threads=threads, seed=seed)
    faults = [
        *budget_faults(budget),
        *orders_faults("warm_start", instance, warm_start or {}),
        *orders_faults("baseline", instance, baseline or {}),
        *limit_faults(most_moved, has_baseline=baseline is not None),
    ]
    if faults:
        raise InvalidInput(faults)
    evaluator = Evaluator(instance)
    if not instance.visits or not instance.shifts:
        return Result(solution=evaluator.solution({}), termination=Termination.NOTHING_TO_PLAN, statistics=Statistics())
    limit = None
    if baseline is not None and most_moved is not None:
        limit = MoveLimit(homes=homes_of(instance, baseline), most_moved=most_moved)
    run = SearchRun(evaluator, budget, Watch(on_progress=on_progress, should_stop=should_stop), limit)
    return run.result(None if warm_start is None else evaluator.dense(warm_start))
