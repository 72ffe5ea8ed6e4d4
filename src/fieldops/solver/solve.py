"""Solving: searches on threads, recombination between their phases, the best plan at the end."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import pairwise

from fieldops.errors import Fault, InvalidInput
from fieldops.solver import _core
from fieldops.solver.evaluate import Evaluator, Orders
from fieldops.solver.instance import Instance
from fieldops.solver.progress import Progress
from fieldops.solver.solution import Result, Statistics, Termination
from fieldops.units import CostUnits

#: Shares of the budget at which the pool is recombined.
RECOMBINE_AT = (0.5, 0.9)
#: Shorter solves (or fewer iterations) are not interrupted for it.
RECOMBINE_FROM_S = 2.0
RECOMBINE_FROM_ITERATIONS = 5_000
#: Share of the budget one recombination may take, and its bounds in seconds.
RECOMBINE_SHARE = 0.05
RECOMBINE_BOUNDS_S = (0.15, 5.0)
#: Routes kept for recombination, the newest ones: the linear program should take a fraction of a second.
POOL_CAPACITY = 8_000
#: How often the caller hears about progress, and Ctrl-C is noticed.
POLL_S = 0.1


def solve(
    instance: Instance,
    *,
    seconds: float | None = None,
    iterations: int | None = None,
    threads: int = 1,
    seed: int = 0,
    warm_start: Orders | None = None,
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
    faults = _argument_faults(instance, seconds, iterations, threads, seed, warm_start)
    if faults:
        raise InvalidInput(faults)
    evaluator = Evaluator(instance)
    if not instance.visits or not instance.shifts:
        return Result(solution=evaluator.solution({}), termination=Termination.NOTHING_TO_PLAN, statistics=Statistics())
    run = _Run(evaluator, seconds, iterations, threads, seed, on_progress, should_stop)
    termination = run.search(None if warm_start is None else evaluator.dense(warm_start))
    solution = evaluator.solution(dict(enumerate(run.best_search().best())))
    return Result(solution=solution, termination=termination, statistics=run.statistics())


class _ToldToStop(Exception):
    """The caller wants the best plan so far."""


class _Run:
    """One call of solve: its searches, its clock and what it has counted."""

    def __init__(
        self,
        evaluator: Evaluator,
        seconds: float | None,
        iterations: int | None,
        threads: int,
        seed: int,
        on_progress: Callable[[Progress], None] | None,
        should_stop: Callable[[], bool] | None,
    ) -> None:
        self.recombines = seconds >= RECOMBINE_FROM_S if seconds else (iterations or 0) >= RECOMBINE_FROM_ITERATIONS
        if self.recombines:
            # Loading OR-Tools takes most of a second: only who recombines has to wait for it, before the budget begins.
            import fieldops.solver.recombine  # noqa: F401
        self.began = time.monotonic()
        self.evaluator = evaluator
        self.seconds = seconds
        self.iterations = iterations
        self.threads = threads
        self.seed = seed
        self.on_progress = on_progress
        self.should_stop = should_stop
        capacity = POOL_CAPACITY if self.recombines else 0
        # Seeds of different calls must not share streams: the core scrambles them (splitmix64).
        self.searches = [
            _core.Search(evaluator.core, (seed * 1_000_003 + thread) % 2**64, capacity) for thread in range(threads)
        ]
        self.first_plan_s = 0.0
        self.pool_size = 0
        self.recombinations = 0
        self.gain = 0

    def search(self, start: Sequence[Sequence[int]] | None) -> Termination:
        """Run all phases; the searches hold the best plans afterwards."""
        orders = None if start is None else [list(visits) for visits in start]
        with ThreadPoolExecutor(max_workers=self.threads, thread_name_prefix="fieldops-search") as pool:
            try:
                self._watch([pool.submit(search.construct, orders) for search in self.searches])
                self.first_plan_s = time.monotonic() - self.began
                shares = (0.0, *(RECOMBINE_AT if self.recombines else ()), 1.0)
                for begin, end in pairwise(shares):
                    self._phase(pool, begin, end)
                    if end < 1.0:
                        self._recombine()
            except (KeyboardInterrupt, _ToldToStop):
                return Termination.INTERRUPTED
            finally:
                # Whatever ends this early, Ctrl-C or a fault of the listener: the pool waits for its threads.
                for search in self.searches:
                    search.stop()
        timed_out = self.seconds is not None and time.monotonic() - self.began >= self.seconds
        return Termination.TIME_LIMIT if timed_out or self.iterations is None else Termination.ITERATION_LIMIT

    def _phase(self, pool: ThreadPoolExecutor, begin: float, end: float) -> None:
        seconds = 0.0
        if self.seconds is not None:
            seconds = max(1e-3, self.began + end * self.seconds - time.monotonic())
        count = -1 if self.iterations is None else round(end * self.iterations) - round(begin * self.iterations)
        self._watch([pool.submit(search.run, begin, end, seconds, count) for search in self.searches])

    def _watch(self, running: list[Future[None]]) -> None:
        """Wait for the searches, telling the caller how they do."""
        left = set(running)
        while left:
            _, left = wait(left, timeout=POLL_S)
            if self.on_progress is not None:
                self.on_progress(self._progress())
            if self.should_stop is not None and self.should_stop():
                raise _ToldToStop
        for future in running:
            future.result()

    def _recombine(self) -> None:
        from fieldops.solver.recombine import Column, Limits, recombine

        search = self.best_search()
        columns = [Column(key, cost, tuple(visits)) for one in self.searches for key, cost, visits in one.pool()]
        self.pool_size = len(columns)
        self.recombinations += 1
        low, high = RECOMBINE_BOUNDS_S
        allowed = max(low, min(high, RECOMBINE_SHARE * (self.seconds or 0.0)))
        limits = Limits(
            seconds=None if self.seconds is None else allowed,
            deterministic_s=allowed if self.seconds is None else 10 * allowed,
            threads=self.threads,
            seed=self.seed,
        )
        orders = recombine(self.evaluator, columns, search.best(), limits)
        before = search.best_cost
        if orders is not None and search.offer(orders):
            self.gain += before - search.best_cost

    def best_search(self) -> _core.Search:
        """The search with the best plan: fewest mandatory visits left out, then cheapest."""
        return min(self.searches, key=lambda search: (search.best_mandatory_unassigned, search.best_cost))

    def _progress(self) -> Progress:
        best = self.best_search()
        return Progress(
            seconds=time.monotonic() - self.began,
            iterations=sum(search.iterations for search in self.searches),
            cost=CostUnits(best.best_cost),
            unassigned=best.best_unassigned,
        )

    def statistics(self) -> Statistics:
        """What the run counted."""
        operators: dict[str, tuple[int, int]] = {}
        for search in self.searches:
            for name, (used, improved) in search.operator_counts().items():
                before = operators.get(name, (0, 0))
                operators[name] = (before[0] + used, before[1] + improved)
        return Statistics(
            iterations=sum(search.iterations for search in self.searches),
            seconds=time.monotonic() - self.began,
            first_plan_s=self.first_plan_s,
            pool_size=self.pool_size,
            recombinations=self.recombinations,
            recombination_gain=CostUnits(self.gain),
            operators=operators,
        )


def _argument_faults(
    instance: Instance,
    seconds: float | None,
    iterations: int | None,
    threads: int,
    seed: int,
    warm_start: Orders | None,
) -> list[Fault]:
    faults = []
    if seconds is None and iterations is None:
        faults.append(Fault(path="seconds", found="nothing", expected="a budget in seconds or in iterations"))
    if seconds is not None and not 0 < seconds < float("inf"):
        faults.append(Fault(path="seconds", found=str(seconds), expected="a finite number above 0"))
    if iterations is not None and iterations < 0:
        faults.append(Fault(path="iterations", found=str(iterations), expected="0 or more"))
    if threads < 1:
        faults.append(Fault(path="threads", found=str(threads), expected="1 or more"))
    if seed < 0:
        faults.append(Fault(path="seed", found=str(seed), expected="0 or more"))
    seen: set[int] = set()
    for shift, visits in (warm_start or {}).items():
        if not 0 <= shift < len(instance.shifts):
            faults.append(Fault(path=f"warm_start[{shift}]", found=str(shift), expected="the index of a shift"))
        for position, visit in enumerate(visits):
            path = f"warm_start[{shift}][{position}]"
            if not 0 <= visit < len(instance.visits):
                faults.append(Fault(path=path, found=str(visit), expected="the index of a visit"))
            elif visit in seen:
                faults.append(Fault(path=path, found=str(visit), expected="each visit at most once"))
            seen.add(visit)
    return faults
