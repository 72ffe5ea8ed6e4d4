"""The compiled evaluator is the reference, only faster: every time, figure, cost and refusal on random days."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import make_break, make_instance, make_shift, make_visit
from fieldops.solver.checker import check
from fieldops.solver.evaluate import Evaluator
from fieldops.solver.instance import Instance
from fieldops.solver.schedule import schedule_route, schedule_solution
from fieldops.solver.solution import Route, Solution
from strategies import instances_with_order, instances_with_routes


def _reference(instance: Instance, shift: int, order: tuple[int, ...]) -> Route | None:
    if not order and not instance.shifts[shift].underway:
        return None
    route = schedule_route(instance, shift, order)
    return route if isinstance(route, Route) else None


def _cheapest_insertion(instance: Instance, shift: int, order: tuple[int, ...], visit: int) -> int | None:
    """Return the least cost added by serving a visit somewhere on a feasible route; None when it fits nowhere."""
    before = _reference(instance, shift, order)
    longer = [(*order[:pos], visit, *order[pos:]) for pos in range(len(order) + 1)]
    routes = [route for route in (_reference(instance, shift, each) for each in longer) if route is not None]
    least = min((route.cost.total for route in routes), default=None)
    return None if least is None else least - (before.cost.total if before else 0)


@given(case=instances_with_order(max_visits=6, may_be_idle=True))
@settings(max_examples=200)
def test_core_and_reference_schedule_the_same_route(case: tuple[Instance, tuple[int, ...]]) -> None:
    """The plan people see is the core's; the definition they can read is the reference's."""
    instance, order = case
    reference = _reference(instance, 0, order)
    evaluator = Evaluator(instance)

    assert evaluator.route(0, order) == reference
    assert evaluator.cost(0, order) == (None if reference is None else reference.cost.total)


@given(case=instances_with_routes())
@settings(max_examples=150)
def test_core_and_reference_make_the_same_plan(case: tuple[Instance, dict[int, tuple[int, ...]]]) -> None:
    """Of a whole plan, too; with the ways home of shifts under way that have nobody left to serve."""
    instance, routes = case
    reference = schedule_solution(instance, routes)

    if isinstance(reference, Solution):
        assert Evaluator(instance).solution(routes) == reference
        assert {route.shift for route in reference.routes} == {
            shift for shift, order in routes.items() if order or instance.shifts[shift].underway
        }
        assert check(instance, reference) == []
    else:
        with pytest.raises(ValueError, match="breaks a hard rule"):
            Evaluator(instance).solution(routes)


@given(case=instances_with_order(max_visits=2, max_breaks=5, may_be_idle=True))
@settings(max_examples=200)
def test_core_and_reference_place_many_breaks_alike(case: tuple[Instance, tuple[int, ...]]) -> None:
    """With more breaks than visits the choice of their places is all there is, and ties abound."""
    instance, order = case

    assert Evaluator(instance).route(0, order) == _reference(instance, 0, order)


@given(case=instances_with_routes(max_visits=6), data=st.data())
@settings(max_examples=200)
def test_insertions_are_the_best_of_every_position(
    case: tuple[Instance, dict[int, tuple[int, ...]]], data: st.DataObject
) -> None:
    """Quotes and the search trust its shortcuts; they must never hide a place that is cheaper, or there at all."""
    instance, routes = case
    visit = data.draw(st.integers(0, len(instance.visits) - 1))
    routes = {shift: tuple(other for other in order if other != visit) for shift, order in routes.items()}
    expected = {}
    for shift, order in routes.items():
        if order and _reference(instance, shift, order) is None:
            continue  # nothing is quoted on a day that does not work already
        least = _cheapest_insertion(instance, shift, order, visit)
        if least is not None:
            expected[shift] = least

    found = Evaluator(instance).insertions(routes, visit)

    assert {insertion.shift: insertion.cost for insertion in found} == expected


@given(case=instances_with_routes(max_visits=6), data=st.data())
@settings(max_examples=150)
def test_an_insertion_costs_what_it_says_where_it_says(
    case: tuple[Instance, dict[int, tuple[int, ...]]], data: st.DataObject
) -> None:
    """A quote names a position; serving the visit there must cost exactly the quoted amount."""
    instance, routes = case
    visit = data.draw(st.integers(0, len(instance.visits) - 1))
    routes = {shift: tuple(other for other in order if other != visit) for shift, order in routes.items()}
    evaluator = Evaluator(instance)
    for insertion in evaluator.insertions(routes, visit):
        order = routes[insertion.shift]
        before = _reference(instance, insertion.shift, order)
        after = _reference(
            instance, insertion.shift, (*order[: insertion.position], visit, *order[insertion.position :])
        )

        assert after is not None
        assert insertion.cost == after.cost.total - (before.cost.total if before else 0)


@st.composite
def _days_with_shortcuts(draw: st.DrawFn) -> tuple[Instance, tuple[int, ...]]:
    """A day of two visits and two breaks with places, where some ways are far longer than the way around."""
    cells = draw(st.lists(st.sampled_from([0, 1, 2, 60]), min_size=16, max_size=16))
    travel_s = np.array(cells, dtype=np.int32).reshape(1, 4, 4)
    pauses = [make_break(begin, begin, 1, place=draw(st.integers(0, 3))) for begin in (5, 20)]
    visits = [make_visit(draw(st.integers(0, 3)), service_s=1, windows=((0, draw(st.integers(0, 90))),)) for _ in "ab"]
    shift = make_shift(*pauses[: draw(st.integers(1, 2))], hard_end=150, regular_end=150)
    instance = make_instance(*visits, shifts=[shift], travel_s=travel_s, distance_m=travel_s, horizon_s=150)
    return instance, tuple(draw(st.permutations([0, 1])))


@given(case=_days_with_shortcuts())
@settings(max_examples=200)
def test_insertions_find_the_way_by_the_place_of_a_break(case: tuple[Instance, tuple[int, ...]]) -> None:
    """Who has to stop at the depot anyway may be there sooner than straight on; no shortcut may rule that out."""
    instance, (visit, *others) = case
    order = tuple(other for other in others if _reference(instance, 0, (other,)) is not None)
    least = _cheapest_insertion(instance, 0, order, visit)

    found = Evaluator(instance).insertions({0: order}, visit)

    assert [insertion.cost for insertion in found] == ([] if least is None else [least])
