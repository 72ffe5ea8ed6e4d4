"""What a replan promises on any input: sound at once, never worse later, few moves, pins kept."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from asserts import assert_feasible
from fieldops.errors import InvalidInput
from fieldops.solver.instance import Instance
from fieldops.solver.move_limit import moved_visits
from fieldops.solver.replan import replan
from fieldops.solver.schedule import schedule_solution
from fieldops.solver.solution import Solution, Termination
from fieldops.solver.solve import solve
from oracles import rank
from small_days import small_day
from strategies import instances, instances_with_routes

Orders = Mapping[int, Sequence[int]]


def _orders(solution: Solution) -> dict[int, tuple[int, ...]]:
    return {route.shift: route.visits for route in solution.routes}


def _limited_rank(instance: Instance, baseline: Orders, most_moved: int, solution: Solution) -> tuple[int, int, int]:
    """What a replan is judged by, smaller is better: mandatory visits left out, moves too many, exact cost."""
    mandatory, cost = rank(instance, solution)
    moved = len(moved_visits(instance, baseline, _orders(solution)))
    return mandatory, max(0, moved - most_moved), cost


@given(case=instances_with_routes(max_visits=7), most_moved=st.none() | st.integers(0, 3), seed=st.integers(0, 1_000))
@settings(max_examples=100)
def test_a_replan_is_sound_at_once_and_only_gets_better(
    case: tuple[Instance, dict[int, tuple[int, ...]]], most_moved: int | None, seed: int
) -> None:
    """Whatever the running plan was, there is a plan that works, and the time spent after it is not wasted."""
    instance, baseline = case
    made = replan(instance, baseline, iterations=60, seed=seed, most_moved=most_moved)
    after = made.result.solution

    assert_feasible(instance, made.repaired)
    assert_feasible(instance, after)
    assert made.moved == moved_visits(instance, baseline, _orders(after))
    limit = len(instance.visits) if most_moved is None else most_moved
    ranks = [_limited_rank(instance, baseline, limit, solution) for solution in (after, made.repaired)]
    assert ranks[0] <= ranks[1]


@given(case=instances_with_routes(max_visits=7), most_moved=st.integers(0, 3))
@settings(max_examples=100)
def test_a_plan_that_works_is_its_own_repair_but_for_what_was_left_out(
    case: tuple[Instance, dict[int, tuple[int, ...]]], most_moved: int
) -> None:
    """Nobody is moved to make room: whoever had a technician keeps that one, and no more move than allowed."""
    instance, baseline = case
    before = schedule_solution(instance, baseline)
    assume(isinstance(before, Solution))
    assert isinstance(before, Solution)
    made = replan(instance, baseline, iterations=60, most_moved=most_moved)

    repaired = _orders(made.repaired)
    for shift, order in baseline.items():
        assert tuple(visit for visit in repaired.get(shift, ()) if visit not in before.unassigned) == order
    assert rank(instance, made.repaired) <= rank(instance, before)
    # Only a mandatory visit that finds a place is worth a move too many.
    if rank(instance, made.result.solution)[0] == rank(instance, before)[0]:
        assert len(made.moved) <= most_moved


@given(instance=instances(min_visits=3, max_visits=6, max_shifts=3), data=st.data())
@settings(max_examples=80)
def test_pins_hold_in_every_replan(instance: Instance, data: st.DataObject) -> None:
    """What a person has fixed is none of the optimizer's business: technician, rank and start stay as they are."""
    before = solve(instance, iterations=30).solution
    stops = [(stop.visit, stop.start, route.shift) for route in before.routes for stop in route.stops]
    pinned = [stop for stop in stops if data.draw(st.booleans())]
    visits = list(instance.visits)
    for visit, start, shift in pinned:
        who = frozenset({instance.shifts[shift].technician})
        visits[visit] = replace(visits[visit], allowed_technicians=who, windows=((start, start),), mandatory=True)
    fixed = replace(instance, visits=tuple(visits))
    made = replan(fixed, _orders(before), iterations=60)

    now = {
        stop.visit: (stop.start, fixed.shifts[route.shift].technician)
        for route in made.result.solution.routes
        for stop in route.stops
    }
    assert_feasible(fixed, made.result.solution)
    for visit, start, shift in pinned:
        assert now[visit] == (start, fixed.shifts[shift].technician)


@pytest.mark.parametrize("seed", range(5))
def test_instance_baseline_seed_and_iterations_determine_the_replan(seed: int) -> None:
    """A proposal can be made again to see how it came about."""
    day = small_day(seed, num_visits=14, num_shifts=3)
    baseline = _orders(solve(day, iterations=20, seed=seed).solution)
    late = replace(day, visits=(replace(day.visits[0], service_s=6_000), *day.visits[1:]))
    once, again = (replan(late, baseline, iterations=300, seed=seed, most_moved=2) for _ in range(2))

    assert (once.repaired, once.result.solution, once.moved) == (again.repaired, again.result.solution, again.moved)


def test_moves_are_limited_when_routes_are_recombined_as_well() -> None:
    """Good routes met on the way may belong to other plans; what is picked of them keeps to the limit too."""
    day = small_day(6, num_visits=24, num_shifts=4)
    baseline = _orders(solve(day, iterations=20, seed=3).solution)
    free, limited = (replan(day, baseline, iterations=5_000, threads=2, most_moved=most) for most in (24, 3))

    assert limited.result.statistics.recombinations == 2
    assert len(limited.moved) <= 3 < len(free.moved)
    assert_feasible(day, limited.result.solution)


def test_the_repair_is_told_before_the_search_begins() -> None:
    """The dispatcher sees a plan that works while a better one is being looked for."""
    day = small_day(1, num_visits=14, num_shifts=3)
    baseline = _orders(solve(day, iterations=20).solution)
    told: list[str] = []
    made = replan(
        day,
        baseline,
        iterations=50,
        on_repaired=lambda _: told.append("repaired"),
        on_progress=lambda _: told.append("progress"),
    )

    assert told[0] == "repaired"
    assert told.count("repaired") == 1
    assert made.result.termination == Termination.ITERATION_LIMIT


def test_with_nothing_ahead_everybody_goes_home() -> None:
    """The last visit of the day is over: there is nothing to plan, and the ways home are the plan."""
    day = small_day(0)
    begun = tuple(replace(shift, underway=True, breaks=()) for shift in day.shifts)
    made = replan(replace(day, visits=(), shifts=begun), {}, iterations=50)

    assert made.result.termination == Termination.NOTHING_TO_PLAN
    assert [route.stops for route in made.result.solution.routes] == [(), ()]
    assert made.repaired == made.result.solution


@pytest.mark.parametrize(
    ("arguments", "paths"),
    [
        ({"baseline": {}}, ["seconds"]),
        ({"baseline": {7: [0]}, "iterations": 1}, ["baseline[7]"]),
        ({"baseline": {0: [0, 0]}, "iterations": 1, "most_moved": -1}, ["baseline[0][1]", "most_moved"]),
    ],
)
def test_senseless_arguments_of_a_replan_are_named(arguments: dict[str, object], paths: list[str]) -> None:
    """All at once, as for a solve."""
    with pytest.raises(InvalidInput) as caught:
        replan(small_day(0), **arguments)  # type: ignore[arg-type]

    assert [fault.path for fault in caught.value.faults] == paths


def test_a_limit_without_a_baseline_limits_nothing() -> None:
    """Moved from where? That has to be said."""
    with pytest.raises(InvalidInput) as caught:
        solve(small_day(0), iterations=1, most_moved=2)

    assert [fault.path for fault in caught.value.faults] == ["most_moved"]
