"""Recombination on hand-made pools: the best combination of routes is found, and nothing is lost on the way."""

from collections.abc import Sequence

import pytest
from ortools.sat.python import cp_model

from builders import make_instance, make_shift, make_visit
from fieldops.solver import _core
from fieldops.solver.evaluate import Evaluator
from fieldops.solver.instance import Instance
from fieldops.solver.recombine import Column, Limits, recombine
from small_days import small_day

LIMITS = Limits(seconds=None, deterministic_s=1.0, threads=1, seed=0)
#: Two visits on either side of home, ten and twenty minutes away.
BOTH_SIDES = (0, 600, 1_200, -600, -1_200)


def _shifts(count: int, **changes: object) -> list[object]:
    # A cent per second of driving.
    return [make_shift(technician=who, cost_per_travel_hour=3_600, **changes) for who in range(count)]


def _both_sides(num_shifts: int = 2, **changes: object) -> Instance:
    """Near and far to the right (visits 0 and 1), near and far to the left (2 and 3); leaving one out costs 50.00."""
    visits = [make_visit(place, **{"unassigned_cents": 5_000, **changes}) for place in range(1, 5)]
    return make_instance(*visits, shifts=_shifts(num_shifts), positions=BOTH_SIDES)


def _columns(evaluator: Evaluator, routes: Sequence[tuple[int, Sequence[int]]]) -> list[Column]:
    """Price routes given as (shift, visits)."""
    columns = []
    for shift, visits in routes:
        cost = evaluator.cost(shift, visits)
        assert cost is not None
        columns.append(Column(evaluator.core.shift_class(shift), cost, tuple(visits)))
    return columns


def _sides(orders: list[list[int]] | None) -> set[frozenset[int]]:
    assert orders is not None
    return {frozenset(visits) for visits in orders}


def test_routes_met_apart_are_combined() -> None:
    """
    The search has met each good route, but never both in one plan; that is all the pool is for.

    One side after the other costs 2 x 1,200 s there and back = 48.00. The incumbent crosses town twice:
    600 + 1,200 + 600 and 1,200 + 2,400 + 1,200 s = 72.00.
    """
    evaluator = Evaluator(_both_sides())
    pool = _columns(evaluator, [(0, [0, 1]), (0, [3, 2]), (0, [0]), (1, [1, 3]), (1, [2])])

    better = recombine(evaluator, pool, [[0, 2], [1, 3]], LIMITS)

    assert _sides(better) == {frozenset({0, 1}), frozenset({2, 3})}


def test_the_best_combination_there_is_is_left_alone() -> None:
    """Nothing to gain is said as None, so that nobody loads and compares a plan for nothing."""
    evaluator = Evaluator(_both_sides())
    pool = _columns(evaluator, [(0, [0, 2]), (0, [1, 3]), (0, [0]), (0, [1]), (0, [2]), (0, [3])])

    assert recombine(evaluator, pool, [[0, 1], [2, 3]], LIMITS) is None


def test_an_empty_pool_has_nothing_better() -> None:
    """Right at the start there may be no routes at all."""
    evaluator = Evaluator(_both_sides())

    assert recombine(evaluator, [], [[0, 1], [2, 3]], LIMITS) is None
    assert recombine(evaluator, [], [[], []], LIMITS) is None


def test_visits_left_out_come_in_where_the_pool_has_a_route_for_them() -> None:
    """Leaving two visits out costs 100.00; the route for them 24.00."""
    evaluator = Evaluator(_both_sides())
    pool = _columns(evaluator, [(1, [2, 3])])

    better = recombine(evaluator, pool, [[0, 1], []], LIMITS)

    assert _sides(better) == {frozenset({0, 1}), frozenset({2, 3})}


def test_a_visit_is_left_out_where_serving_it_costs_more() -> None:
    """Every visit adds 12.00 of driving, on the left too; only those on the right are worth more than that."""
    worth = [5_000, 5_000, 1_100, 1_100]
    visits = [make_visit(place, unassigned_cents=cents) for place, cents in enumerate(worth, start=1)]
    evaluator = Evaluator(make_instance(*visits, shifts=_shifts(2), positions=BOTH_SIDES))

    assert _sides(recombine(evaluator, [], [[0, 1], [2, 3]], LIMITS)) == {frozenset({0, 1}), frozenset()}


def test_mandatory_visits_stay_whatever_they_cost() -> None:
    """The same prices, but a promise is a promise: the cheaper combinations all drop one."""
    evaluator = Evaluator(_both_sides(unassigned_cents=0, mandatory=True))
    pool = _columns(evaluator, [(0, [0]), (0, [2]), (0, [0, 2])])

    assert recombine(evaluator, pool, [[0, 1], [2, 3]], LIMITS) is None


def test_mandatory_visits_push_out_dear_ones() -> None:
    """One technician, one stop: the mandatory visit takes it although leaving the other out costs 5,000.00."""
    visits = [make_visit(1, unassigned_cents=500_000), make_visit(2, mandatory=True)]
    instance = make_instance(*visits, shifts=_shifts(1, max_visits=1))
    evaluator = Evaluator(instance)

    assert recombine(evaluator, _columns(evaluator, [(0, [1])]), [[0]], LIMITS) == [[1]]


def test_mandatory_visits_push_out_overdue_ones() -> None:
    """As above, but what is dear about the other one is its delay, not its price: 1,000.00 an hour until the end."""
    visits = [make_visit(1, unassigned_cents=0, due=0, due_cents_per_hour=100_000), make_visit(2, mandatory=True)]
    instance = make_instance(*visits, shifts=_shifts(1, max_visits=1), horizon_s=86_400)
    evaluator = Evaluator(instance)

    assert recombine(evaluator, _columns(evaluator, [(0, [1])]), [[0]], LIMITS) == [[1]]


def test_a_class_gets_no_more_routes_than_it_has_shifts() -> None:
    """Four short routes would suit everybody, but there are two technicians: the two best of the pool are driven."""
    evaluator = Evaluator(_both_sides(unassigned_cents=10_000))
    pool = _columns(evaluator, [(0, [visit]) for visit in range(4)])

    better = recombine(evaluator, pool, [[], []], LIMITS)

    assert _sides(better) == {frozenset({0}), frozenset({2})}


def test_routes_stay_in_their_class() -> None:
    """
    A route priced for the technician who lives there is not handed to the one across town.

    Technician 0 lives at home, technician 1 at the far right; visiting his neighbor costs the latter nothing.
    """
    shifts = [*_shifts(1), make_shift(technician=1, start_place=2, end_place=2, cost_per_travel_hour=3_600)]
    visits = [make_visit(place, unassigned_cents=50_000) for place in (2, 4)]
    instance = make_instance(*visits, shifts=shifts, positions=BOTH_SIDES)
    evaluator = Evaluator(instance)
    pool = _columns(evaluator, [(1, [0]), (0, [1])])

    assert recombine(evaluator, pool, [[0], [1]], LIMITS) == [[1], [0]]


def test_the_cheapest_order_of_the_same_visits_is_taken() -> None:
    """Threads meet the same visits in different orders; the pool of all of them holds both."""
    instance = make_instance(
        *[make_visit(place, unassigned_cents=50_000) for place in (1, 2, 3)],
        shifts=[make_shift(end_place=None, cost_per_travel_hour=3_600)],
    )
    evaluator = Evaluator(instance)
    pool = _columns(evaluator, [(0, [2, 1, 0]), (0, [0, 1, 2]), (0, [1, 0, 2])])

    assert recombine(evaluator, pool, [[2, 0, 1]], LIMITS) == [[0, 1, 2]]


@pytest.mark.parametrize("seed", range(4))
def test_the_pool_of_a_search_never_makes_the_plan_dearer(seed: int) -> None:
    """On the routes a real search has met, from its first plan: sound, each visit once, and no dearer."""
    day = small_day(seed, num_visits=16, num_shifts=3)
    evaluator = Evaluator(day)
    search = _core.Search(evaluator.core, seed, 5_000)
    search.construct()
    first = search.best()
    search.run(0.0, 1.0, 0.0, 500)
    pool = [Column(key, cost, tuple(visits)) for key, cost, visits in search.pool()]

    better = recombine(evaluator, pool, first, LIMITS)

    before = evaluator.solution(dict(enumerate(first))).cost.total
    after = before if better is None else evaluator.solution(dict(enumerate(better))).cost.total
    assert search.best_cost <= before
    assert after <= search.best_cost


def test_an_interrupt_is_left_to_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    """CP-SAT would take Ctrl-C as its own time limit and say nothing, and the solve would go on."""
    asked: list[bool] = []

    class Listening(cp_model.CpSolver):
        def solve(self, *arguments: object) -> object:
            asked.append(self.parameters.catch_sigint_signal)
            return super().solve(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(cp_model, "CpSolver", Listening)
    evaluator = Evaluator(_both_sides())
    recombine(evaluator, _columns(evaluator, [(0, [0, 1]), (0, [3, 2])]), [[0, 2], [1, 3]], LIMITS)

    assert asked == [False]
