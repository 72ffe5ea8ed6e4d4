"""What a search promises on any input: a sound plan, never worse than its start, the best one where that is known."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asserts import assert_feasible
from builders import make_instance
from fieldops.errors import InvalidInput
from fieldops.solver.evaluate import Evaluator
from fieldops.solver.instance import Instance
from fieldops.solver.progress import Progress
from fieldops.solver.solution import Solution, Statistics, Termination
from fieldops.solver.solve import solve
from oracles import brute_force_best, rank, stay_at_home
from small_days import small_day
from strategies import instances

SMALL_DAYS = range(60)


@cache
def _best_of_small_day(seed: int) -> tuple[int, int]:
    day = small_day(seed)
    return rank(day, brute_force_best(day))


def _orders(solution: Solution) -> dict[int, tuple[int, ...]]:
    return {route.shift: route.visits for route in solution.routes}


# Sound, and never worse than doing less.


@given(instance=instances(max_visits=8, max_shifts=3), seed=st.integers(0, 10_000))
@settings(max_examples=100)
def test_every_plan_passes_the_referee_and_is_worth_having(instance: Instance, seed: int) -> None:
    """With every rule in play the plan is sound, and neither staying at home nor the first plan is better."""
    first = solve(instance, iterations=0, seed=seed).solution
    plan = solve(instance, iterations=300, seed=seed).solution

    assert_feasible(instance, plan)
    assert rank(instance, plan) <= rank(instance, first) <= rank(instance, stay_at_home(instance))


@given(instance=instances(max_visits=4))
@settings(max_examples=60)
def test_no_plan_is_better_than_the_best_there_is(instance: Instance) -> None:
    """A search that beats trying everything has miscounted."""
    assert rank(instance, solve(instance, iterations=300).solution) >= rank(instance, brute_force_best(instance))


def test_ordinary_small_days_are_planned_as_well_as_they_can_be() -> None:
    """Where everything can be tried the search finds the best plan, to the last cost unit, but for a few rough days."""
    costs = {seed: rank(small_day(seed), solve(small_day(seed), iterations=300).solution) for seed in SMALL_DAYS}
    missed = [seed for seed, found in costs.items() if found > _best_of_small_day(seed)]

    assert len(missed) <= len(SMALL_DAYS) // 12, missed


def test_mandatory_visits_are_served_whenever_anybody_can() -> None:
    """Mandatory means: before everything money can say."""
    left_out = {seed: rank(small_day(seed), solve(small_day(seed), iterations=300).solution)[0] for seed in SMALL_DAYS}

    assert left_out == {seed: _best_of_small_day(seed)[0] for seed in SMALL_DAYS}


# The same question, the same answer.


@given(instance=instances(max_visits=8, max_shifts=3), seed=st.integers(0, 2**70))
@settings(max_examples=30)
def test_seed_and_iterations_determine_the_plan(instance: Instance, seed: int) -> None:
    """A plan somebody complains about can be made again."""
    once, again = (solve(instance, iterations=200, seed=seed) for _ in range(2))

    assert once.solution == again.solution
    assert once.statistics.operators == again.statistics.operators


def test_recombination_is_deterministic_too() -> None:
    """The solvers inside are given work, not time, when the caller counts iterations."""
    day = small_day(3, num_visits=24, num_shifts=4)
    once, again = (solve(day, iterations=5_000, seed=11) for _ in range(2))

    assert once.solution == again.solution
    assert once.statistics.recombinations == 2
    assert once.statistics.recombination_gain == again.statistics.recombination_gain
    assert_feasible(day, once.solution)


def _renamed(instance: Instance, visits: Sequence[int], shifts: Sequence[int]) -> Instance:
    """List visits and shifts in another order; a technician is numbered as his shift is."""
    new_number: dict[int | None, int] = {old: new for new, old in enumerate(shifts)}

    def people(who: frozenset[int]) -> frozenset[int]:
        return frozenset(new_number[one] for one in who)

    return replace(
        instance,
        technicians=tuple(instance.technicians[old] for old in shifts),
        shifts=tuple(replace(instance.shifts[old], technician=new) for new, old in enumerate(shifts)),
        visits=tuple(
            replace(
                instance.visits[old],
                allowed_technicians=None if (who := instance.visits[old].allowed_technicians) is None else people(who),
                forbidden_technicians=people(instance.visits[old].forbidden_technicians),
                preferred_technicians=people(instance.visits[old].preferred_technicians),
                baseline_technician=new_number.get(instance.visits[old].baseline_technician),
            )
            for old in visits
        ),
    )


@given(instance=instances(max_visits=6, max_shifts=3), data=st.data())
@settings(max_examples=60)
def test_numbering_does_not_matter_to_what_a_plan_is_worth(instance: Instance, data: st.DataObject) -> None:
    """Whoever exports the same day in another order gets plans that are just as allowed and cost exactly the same."""
    visits = data.draw(st.permutations(range(len(instance.visits))))
    shifts = data.draw(st.permutations(range(len(instance.shifts))))
    renamed = _renamed(instance, visits, shifts)
    plan = solve(renamed, iterations=100).solution

    assert_feasible(renamed, plan)
    before = {shifts[route.shift]: [visits[visit] for visit in route.visits] for route in plan.routes}
    assert Evaluator(instance).solution(before).cost == plan.cost


def test_numbering_hardly_matters_to_the_search() -> None:
    """A day of two dozen visits comes out within a tenth, whatever its visits and technicians are numbered."""
    day = small_day(5, num_visits=24, num_shifts=4)
    backwards = _renamed(day, range(23, -1, -1), range(3, -1, -1))
    costs = [solve(each, iterations=3_000).solution.cost.total for each in (day, backwards)]

    assert max(costs) <= 1.1 * min(costs)


# Warm starts.


@pytest.mark.parametrize("seed", range(20))
def test_a_warm_start_is_never_made_worse(seed: int) -> None:
    """Somebody has looked at the plan we start from; what works in it is the least he can expect back."""
    day = small_day(seed, num_visits=12, num_shifts=3)
    given_plan = solve(day, iterations=40, seed=1_000 + seed).solution

    for iterations in (0, 50):
        plan = solve(day, iterations=iterations, seed=seed, warm_start=_orders(given_plan)).solution

        assert rank(day, plan) <= rank(day, given_plan)


def test_the_best_plan_survives_as_a_warm_start() -> None:
    """Starting from the best plan there is, the search keeps it."""
    day = small_day(2)
    best = brute_force_best(day)

    assert solve(day, iterations=0, warm_start=_orders(best)).solution == best


@given(instance=instances(min_visits=3, max_visits=6), data=st.data())
@settings(max_examples=60)
def test_a_warm_start_may_break_every_rule(instance: Instance, data: st.DataObject) -> None:
    """Yesterday's plan meets today's sick calls: what no longer works is planned anew, the rest is as good as ever."""
    order = data.draw(st.permutations(range(len(instance.visits))))
    split = data.draw(st.integers(0, len(order)))
    start = {0: order[:split], len(instance.shifts) - 1: order[split:]}
    plan = solve(instance, iterations=20, warm_start=start).solution

    assert_feasible(instance, plan)
    assert rank(instance, plan) <= rank(instance, stay_at_home(instance))


# Budgets, threads, interruptions.


def test_a_time_limit_ends_the_search() -> None:
    """Who has a third of a second does not wait for an hour; a busy machine may take a while to notice."""
    result = solve(small_day(1, num_visits=40, num_shifts=5), seconds=0.3)

    assert result.termination == Termination.TIME_LIMIT
    assert 0.3 <= result.statistics.seconds < 30
    assert result.statistics.iterations > 0
    assert 0 < result.statistics.first_plan_s <= result.statistics.seconds


def test_the_budget_that_ends_first_counts() -> None:
    """A thousand iterations take a moment, not an hour; and an hour's worth of them ends with the time."""
    day = small_day(1)

    assert solve(day, iterations=1_000, seconds=3_600).termination == Termination.ITERATION_LIMIT
    assert solve(day, iterations=10**12, seconds=0.1).termination == Termination.TIME_LIMIT


def test_every_iteration_is_counted_and_belongs_to_an_operator() -> None:
    """The statistics are how the search is tuned."""
    statistics = solve(small_day(4), iterations=1_234).statistics

    assert statistics.iterations == 1_234
    assert sum(used for used, _ in statistics.operators.values()) == 1_234
    assert all(0 <= improved <= used for used, improved in statistics.operators.values())


def test_a_second_thread_never_hurts() -> None:
    """Threads search on their own and the best plan wins; the first of them is the search of one thread."""
    day = small_day(6, num_visits=24, num_shifts=4)
    alone, together = (solve(day, iterations=400, seed=3, threads=threads) for threads in (1, 2))

    assert_feasible(day, together.solution)
    assert together.statistics.iterations == 800
    assert rank(day, together.solution) <= rank(day, alone.solution)


def test_threads_share_the_recombination() -> None:
    """The routes of all threads are recombined, and what comes out is still a sound plan."""
    day = small_day(6, num_visits=24, num_shifts=4)
    result = solve(day, iterations=5_000, threads=2)

    assert_feasible(day, result.solution)
    assert result.statistics.recombinations == 2
    assert result.statistics.pool_size > 24


@pytest.mark.parametrize("after", [0, 2])
@pytest.mark.parametrize("threads", [1, 2])
def test_an_interrupt_returns_the_best_plan_so_far(after: int, threads: int) -> None:
    """Ctrl-C means: enough, show me. It neither loses the plan nor waits for the hour to pass."""
    day = small_day(7, num_visits=24, num_shifts=4)
    reports: list[Progress] = []

    def lose_patience(progress: Progress) -> None:
        reports.append(progress)
        if len(reports) > after:
            raise KeyboardInterrupt

    result = solve(day, seconds=3_600, threads=threads, on_progress=lose_patience)

    assert result.termination == Termination.INTERRUPTED
    assert result.statistics.seconds < 30
    assert_feasible(day, result.solution)
    assert rank(day, result.solution) <= rank(day, solve(day, iterations=0).solution)
    assert result.solution.cost.total <= reports[-1].cost


def test_a_fault_of_the_listener_is_not_kept_until_the_end() -> None:
    """When what listens to the progress breaks, the caller hears of it now, not after an hour of searching."""

    reports: list[Progress] = []

    def fail(progress: Progress) -> None:
        reports.append(progress)
        if len(reports) == 3:
            raise RuntimeError("cannot draw")

    with pytest.raises(RuntimeError, match="cannot draw"):
        solve(small_day(7), seconds=3_600, on_progress=fail)

    assert reports[-1].seconds < 30


def test_progress_only_ever_gets_better() -> None:
    """The live line tells of the best plan, which never gets dearer, and ends with the plan returned."""
    day = small_day(8, num_visits=40, num_shifts=5)
    reports: list[Progress] = []
    result = solve(day, seconds=0.5, on_progress=reports.append)

    costs = [report.cost for report in reports]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] == result.solution.cost.total
    assert reports[-1].unassigned == len(result.solution.unassigned)
    assert reports[-1].iterations == result.statistics.iterations
    assert reports[-1].iterations_per_second > 0


# Nothing to do, and nonsense.


@pytest.mark.parametrize(
    "instance",
    [
        pytest.param(replace(small_day(0), visits=()), id="no visits"),
        pytest.param(replace(small_day(0), shifts=()), id="no shifts"),
        pytest.param(make_instance(shifts=[]), id="neither"),
    ],
)
def test_without_visits_or_shifts_there_is_nothing_to_plan(instance: Instance) -> None:
    """Sunday: everything is left out at its price, at once, and that is not an error."""
    result = solve(instance, seconds=3_600)

    assert result.termination == Termination.NOTHING_TO_PLAN
    assert result.solution == stay_at_home(instance)
    assert result.statistics == Statistics()


@pytest.mark.parametrize(
    ("arguments", "paths"),
    [
        pytest.param({}, ["seconds"], id="no budget"),
        pytest.param({"seconds": 0.0}, ["seconds"], id="no time"),
        pytest.param({"seconds": float("nan")}, ["seconds"], id="not a number"),
        pytest.param({"seconds": float("inf")}, ["seconds"], id="forever"),
        pytest.param({"iterations": -1}, ["iterations"], id="negative iterations"),
        pytest.param({"iterations": 1, "threads": 0}, ["threads"], id="no thread"),
        pytest.param({"iterations": 1, "seed": -1}, ["seed"], id="negative seed"),
        pytest.param({"iterations": 1, "warm_start": {2: [0]}}, ["warm_start[2]"], id="unknown shift"),
        pytest.param(
            {"iterations": 1, "warm_start": {0: [0, 5, -1]}}, ["warm_start[0][1]", "warm_start[0][2]"], id="ids"
        ),
        pytest.param({"iterations": 1, "warm_start": {0: [3], 1: [1, 3]}}, ["warm_start[1][1]"], id="visit twice"),
        pytest.param(
            {"seconds": -1, "iterations": -1, "threads": -1, "seed": -1, "warm_start": {-1: [9]}},
            ["seconds", "iterations", "threads", "seed", "warm_start[-1]", "warm_start[-1][0]"],
            id="everything",
        ),
    ],
)
def test_every_senseless_argument_is_named(arguments: dict[str, object], paths: list[str]) -> None:
    """All of them in one go, so that nobody mends one to be told of the next."""
    with pytest.raises(InvalidInput) as caught:
        solve(small_day(0), **arguments)  # type: ignore[arg-type]

    assert [fault.path for fault in caught.value.faults] == paths
