"""Explanations of random plans: what they claim can be done, and what they deny cannot."""

from collections.abc import Mapping
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from fieldops.solver.evaluate import Evaluator
from fieldops.solver.explain import Explanation, UnassignedKind, explain_all
from fieldops.solver.instance import Instance
from fieldops.solver.schedule import schedule_route, unassigned_cost
from fieldops.solver.solution import Route
from repairs import assert_repair_works
from strategies import instances

Routes = dict[int, tuple[int, ...]]


@st.composite
def plans_with_gaps(draw: st.DrawFn) -> tuple[Instance, Routes]:
    """An instance, and routes that serve some of its visits."""
    instance = draw(instances(max_visits=6, max_breaks=2))
    evaluator = Evaluator(instance)
    orders: Routes = {}
    for visit in draw(st.permutations(range(len(instance.visits)))):
        places = evaluator.insertions(orders, visit)
        if places and draw(st.booleans()):
            place = draw(st.sampled_from(places))
            order = orders.get(place.shift, ())
            orders[place.shift] = (*order[: place.position], visit, *order[place.position :])
    return instance, orders


def _absent(instance: Instance, orders: Routes) -> list[int]:
    assigned = {visit for order in orders.values() for visit in order}
    return [visit for visit in range(len(instance.visits)) if visit not in assigned]


def _explained(instance: Instance, orders: Routes) -> Mapping[int, Explanation]:
    return explain_all(Evaluator(instance), orders, _absent(instance, orders))


def _cheapest_insertion(instance: Instance, shift: int, order: tuple[int, ...], visit: int) -> int | None:
    """Try every position with the reference; return the cost of the cheapest route."""
    changed = [(*order[:position], visit, *order[position:]) for position in range(len(order) + 1)]
    outcomes = [schedule_route(instance, shift, way) for way in changed]
    return min((route.cost.total for route in outcomes if isinstance(route, Route)), default=None)


@given(plan=plans_with_gaps())
@settings(max_examples=150)
def test_every_repair_does_what_it_says(plan: tuple[Instance, Routes]) -> None:
    """A dispatcher who follows one gets the start and the cost he was told, in a plan without a violation."""
    instance, orders = plan
    for visit, explanation in _explained(instance, orders).items():
        if explanation.repair is not None:
            assert_repair_works(instance, orders, visit, explanation.repair)


@given(plan=plans_with_gaps())
@settings(max_examples=100)
def test_impossible_alone_is_what_no_empty_shift_can_serve(plan: tuple[Instance, Routes]) -> None:
    """The two kinds call for different answers: change the visit, or hire people."""
    instance, orders = plan
    for visit, explanation in _explained(instance, orders).items():
        outcomes = [schedule_route(instance, shift, [visit]) for shift in range(len(instance.shifts))]
        is_possible = any(isinstance(outcome, Route) for outcome in outcomes)

        assert explanation.kind is (UnassignedKind.DISPLACED if is_possible else UnassignedKind.IMPOSSIBLE_ALONE)
        assert explanation.reasons or is_possible


@given(plan=plans_with_gaps())
@settings(max_examples=100)
def test_no_insertion_as_it_is_beats_the_repair(plan: tuple[Instance, Routes]) -> None:
    """Nobody is asked for a favor where none is needed, and every visit that fits has a repair."""
    instance, orders = plan
    for visit, explanation in _explained(instance, orders).items():
        left_out = unassigned_cost(instance, visit).total
        for shift in range(len(instance.shifts)):
            order = orders.get(shift, ())
            before = schedule_route(instance, shift, order) if order else None
            after = _cheapest_insertion(instance, shift, order, visit)
            if after is not None:
                base = before.cost.total if isinstance(before, Route) else 0

                assert explanation.repair is not None
                assert explanation.repair.price <= after - base - left_out


@given(plan=plans_with_gaps())
@settings(max_examples=100)
def test_without_a_repair_displacing_does_not_help_either(plan: tuple[Instance, Routes]) -> None:
    """ "Nothing helps" is a strong claim: no one or two visits worth less could make room."""
    instance, orders = plan
    for visit, explanation in _explained(instance, orders).items():
        if explanation.repair is not None:
            continue
        for shift, order in orders.items():
            if not isinstance(schedule_route(instance, shift, [visit]), Route):
                continue
            worth_less = [other for other in order if _is_worth_less(instance, other, visit)]
            for count in (1, 2):
                for gone in combinations(worth_less, count):
                    rest = tuple(other for other in order if other not in gone)
                    if not rest or isinstance(schedule_route(instance, shift, rest), Route):
                        assert _cheapest_insertion(instance, shift, rest, visit) is None


def _is_worth_less(instance: Instance, other: int, visit: int) -> bool:
    if instance.visits[other].mandatory:
        return False
    values = [unassigned_cost(instance, one).total for one in (other, visit)]
    return instance.visits[visit].mandatory or values[0] < values[1]
