"""One search for a plan: searches on threads, recombination between their phases, the best plan at the end."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import pairwise

from fieldops.solver import _core
from fieldops.solver.evaluate import Evaluator
from fieldops.solver.move_limit import MoveLimit
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """
    How long and with what a search goes on; see `solve`.

    Attributes
    ----------
    seconds, iterations
        At least one is given.
    """

    seconds: float | None
    iterations: int | None
    threads: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Who hears of the progress, and says when it is enough; see `solve`."""

    on_progress: Callable[[Progress], None] | None = None
    should_stop: Callable[[], bool] | None = None


class _ToldToStop(Exception):
    """The caller wants the best plan so far."""


class SearchRun:
    """One search for a plan: its threads, its clock and what it has counted."""

    def __init__(
        self,
        evaluator: Evaluator,
        budget: Budget,
        watch: Watch,
        limit: MoveLimit | None = None,
        parameters: Mapping[str, float] | None = None,
    ) -> None:
        seconds, iterations = budget.seconds, budget.iterations
        self.recombines = seconds >= RECOMBINE_FROM_S if seconds else (iterations or 0) >= RECOMBINE_FROM_ITERATIONS
        if self.recombines:
            # Loading OR-Tools takes most of a second: only who recombines has to wait for it, before the budget begins.
            import fieldops.solver.recombine  # noqa: F401
        self.began = time.monotonic()
        self.evaluator = evaluator
        self.budget = budget
        self.watch = watch
        self.limit = limit
        capacity = POOL_CAPACITY if self.recombines else 0
        homes, most_moved = (None, 0) if limit is None else (limit.homes, limit.most_moved)
        # Seeds of different calls must not share streams: the core scrambles them (splitmix64).
        self.searches = [
            _core.Search(
                evaluator.core,
                (budget.seed * 1_000_003 + thread) % 2**64,
                capacity,
                parameters or {},
                homes,
                most_moved,
            )
            for thread in range(budget.threads)
        ]
        self.first_plan_s = 0.0
        self.pool_size = 0
        self.recombinations = 0
        self.gain = 0

    def result(self, start: Sequence[Sequence[int]] | None) -> Result:
        """Search, and schedule the best plan."""
        termination = self.search(start)
        solution = self.evaluator.solution(dict(enumerate(self.best_search().best())))
        return Result(solution=solution, termination=termination, statistics=self.statistics())

    def search(self, start: Sequence[Sequence[int]] | None) -> Termination:
        """Run all phases; the searches hold the best plans afterwards."""
        orders = None if start is None else [list(visits) for visits in start]
        with ThreadPoolExecutor(max_workers=self.budget.threads, thread_name_prefix="fieldops-search") as pool:
            try:
                self._wait([pool.submit(search.construct, orders) for search in self.searches])
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
        seconds, iterations = self.budget.seconds, self.budget.iterations
        timed_out = seconds is not None and time.monotonic() - self.began >= seconds
        return Termination.TIME_LIMIT if timed_out or iterations is None else Termination.ITERATION_LIMIT

    def _phase(self, pool: ThreadPoolExecutor, begin: float, end: float) -> None:
        seconds, iterations, count = 0.0, self.budget.iterations, -1
        if self.budget.seconds is not None:
            seconds = max(1e-3, self.began + end * self.budget.seconds - time.monotonic())
        if iterations is not None:
            count = round(end * iterations) - round(begin * iterations)
        self._wait([pool.submit(search.run, begin, end, seconds, count) for search in self.searches])

    def _wait(self, running: list[Future[None]]) -> None:
        """Wait for the searches, telling the caller how they do."""
        left = set(running)
        while left:
            _, left = wait(left, timeout=POLL_S)
            if self.watch.on_progress is not None:
                self.watch.on_progress(self._progress())
            if self.watch.should_stop is not None and self.watch.should_stop():
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
        seconds = self.budget.seconds
        allowed = max(low, min(high, RECOMBINE_SHARE * (seconds or 0.0)))
        limits = Limits(
            seconds=None if seconds is None else allowed,
            deterministic_s=allowed if seconds is None else 10 * allowed,
            threads=self.budget.threads,
            seed=self.budget.seed,
        )
        orders = recombine(self.evaluator, columns, search.best(), limits, self.limit)
        before = search.best_cost
        if orders is not None and search.offer(orders):
            self.gain += before - search.best_cost

    def best_search(self) -> _core.Search:
        """The search with the best plan: fewest mandatory visits left out, fewest moved beyond the limit, cheapest."""
        return min(
            self.searches,
            key=lambda search: (search.best_mandatory_unassigned, search.best_excess, search.best_cost),
        )

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
