"""
One small day per rule: the whole plan a dispatcher would make, and what it costs.

Places lie ten minutes apart on a line (see `builders`). Where driving is paid it costs a cent per second, and every
visit takes 1,000 s unless said otherwise.
"""

from typing import Any

import pytest

from asserts import assert_feasible
from builders import DAY_S, make_break, make_instance, make_shift, make_visit
from fieldops.solver.instance import Instance, Technician
from fieldops.solver.solution import Route, Solution
from fieldops.solver.solve import solve
from fieldops.units import UNITS_PER_CENT

A_CENT_PER_SECOND = 3_600


def _plan(instance: Instance, seed: int = 0) -> Solution:
    solution = solve(instance, iterations=300, seed=seed).solution
    assert_feasible(instance, solution)
    return solution


def _orders(solution: Solution) -> dict[int, tuple[int, ...]]:
    return {route.shift: route.visits for route in solution.routes}


def _only_route(solution: Solution) -> Route:
    (route,) = solution.routes
    return route


def _cents(solution: Solution) -> float:
    return solution.cost.total / UNITS_PER_CENT


def _must(place: int = 1, **changes: Any) -> Any:
    return make_visit(place, **{"mandatory": True, **changes})


# Who.


@pytest.mark.parametrize(
    ("demand", "who"),
    [
        pytest.param({}, 0, id="anybody"),
        pytest.param({"required_levels": (1,)}, 0, id="level 1"),
        pytest.param({"required_levels": (2,)}, 1, id="level 2"),
        pytest.param({"allowed_technicians": frozenset({1})}, 1, id="allowed"),
        pytest.param({"forbidden_technicians": frozenset({0})}, 1, id="forbidden"),
    ],
)
def test_the_nearest_who_may_goes(demand: dict[str, Any], who: int) -> None:
    """The novice lives ten minutes away, the expert thirty; the drive there and back is all that is paid."""
    shifts = [
        make_shift(technician=0, cost_per_travel_hour=A_CENT_PER_SECOND),
        make_shift(technician=1, start_place=4, end_place=4, cost_per_travel_hour=A_CENT_PER_SECOND),
    ]
    technicians = [Technician(skill_levels=(1,)), Technician(skill_levels=(2,))]
    visit = _must(1, **{"required_levels": (0,), **demand})

    plan = _plan(make_instance(visit, shifts=shifts, technicians=technicians))

    assert _orders(plan) == {who: (0,)}
    assert _cents(plan) == (3_600 if who else 1_200)


@pytest.mark.parametrize(("other_technician_cents", "who", "cents"), [(1_300, 1, 2_400), (1_100, 0, 2_300)])
def test_the_customers_own_technician_comes_unless_it_is_too_far(
    other_technician_cents: int, who: int, cents: int
) -> None:
    """Her technician drives 2 x 1,200 s, the other one 2 x 600 s: a wish worth 13.00 is met, one worth 11.00 is not."""
    visit = _must(1, preferred_technicians=frozenset({1}), other_technician_cents=other_technician_cents)
    shifts = [
        make_shift(technician=0, cost_per_travel_hour=A_CENT_PER_SECOND),
        make_shift(technician=1, start_place=3, end_place=3, cost_per_travel_hour=A_CENT_PER_SECOND),
    ]

    plan = _plan(make_instance(visit, shifts=shifts))

    assert _orders(plan) == {who: (0,)}
    assert _cents(plan) == cents


def test_the_quick_technician_goes_where_the_slow_one_would_be_late_home() -> None:
    """2 x 600 s of driving and 3,000 s of service fill 4,200 s; at half the pace again it would be 5,700 s."""
    shifts = [make_shift(technician=who, regular_end=4_200, hard_end=4_200) for who in (0, 1)]
    technicians = [Technician(duration_permille=1_500), Technician()]

    plan = _plan(make_instance(_must(1, service_s=3_000), shifts=shifts, technicians=technicians))

    assert _orders(plan) == {1: (0,)}


# Breaks.


@pytest.mark.parametrize(("latest", "unassigned"), [(12_000, ()), (11_999, (1,))])
def test_lunch_is_taken_before_the_next_customer(latest: int, unassigned: tuple[int, ...]) -> None:
    """
    Nobody is served through his lunch, and nobody skips it.

    The first service ends at 9,600, lunch lasts until 11,400, the drive until 12,000: a second too late for a window
    that ends at 11,999.
    """
    visits = [
        _must(1, service_s=9_000, windows=((600, 600),)),
        make_visit(2, windows=((11_000, latest),), unassigned_cents=1_000),
    ]

    plan = _plan(make_instance(*visits, shifts=[make_shift(make_break(9_000, 10_000))]))

    assert plan.unassigned == unassigned
    route = _only_route(plan)
    assert [(taken.leg, taken.start) for taken in route.breaks] == [(1, 9_600)]
    assert [stop.start for stop in route.stops] == [600, 12_000][: len(route.stops)]


def test_a_training_is_attended_and_the_customer_next_door_served_on_the_way() -> None:
    """
    The training at place 3 begins at 10,000; the visit there fits before it (1,800 to 2,800): one drive does for both.

    The day ends at 10,000 + 3,600 + 1,800 = 15,400.
    """
    training = make_break(10_000, 10_000, 3_600, place=3)
    shift = make_shift(training, cost_per_travel_hour=A_CENT_PER_SECOND)

    plan = _plan(make_instance(make_visit(3, unassigned_cents=5_000), shifts=[shift]))

    route = _only_route(plan)
    assert [(taken.leg, taken.start) for taken in route.breaks] == [(1, 10_000)]
    assert (route.stops[0].start, route.end, route.travel_s) == (1_800, 15_400, 3_600)


# Overtime and caps.


@pytest.mark.parametrize(
    ("fixed_cost", "orders", "cents"),
    [
        pytest.param(2_900, {0: (0,), 1: (1,)}, 2_900, id="a second van is cheaper"),
        pytest.param(3_100, {0: (0, 1)}, 3_000, id="overtime is cheaper"),
    ],
)
def test_overtime_is_worked_where_it_is_the_cheaper_way(
    fixed_cost: int, orders: dict[int, tuple[int, ...]], cents: int
) -> None:
    """Both visits make a day of 600 + 3,000 + 3,000 + 600 = 7,200 s, 3,000 s of it after the regular end: 30.00."""
    visits = [_must(1, service_s=3_000, windows=((0, DAY_S),)) for _ in "ab"]
    rates = {"regular_end": 4_200, "cost_per_overtime_hour": A_CENT_PER_SECOND}
    shifts = [make_shift(**rates), make_shift(technician=1, fixed_cost=fixed_cost, **rates)]

    plan = _plan(make_instance(*visits, shifts=shifts))

    assert sorted(map(len, _orders(plan).values())) == sorted(map(len, orders.values()))
    assert _cents(plan) == cents


@pytest.mark.parametrize(
    ("cap", "orders", "cents"),
    [
        pytest.param({}, {0: {0, 1, 2}}, 3_600, id="none"),
        pytest.param({"max_visits": 2}, {0: {0, 1}, 1: {2}}, 4_800, id="visits"),
        pytest.param({"load_capacity": 5}, {0: {0, 1}, 1: {2}}, 4_800, id="load"),
        pytest.param({"max_travel_s": 3_599}, {0: {0, 1}, 1: {2}}, 4_800, id="travel"),
        pytest.param({"max_work_s": 6_599}, {0: {0, 1}, 1: {2}}, 4_800, id="work"),
    ],
)
def test_what_is_above_a_cap_goes_to_the_dearer_colleague(
    cap: dict[str, int], orders: dict[int, set[int]], cents: int
) -> None:
    """
    Three visits along the road, loads of 2: the first technician drives 2 x 1,800 s and works 6,600 s for all of them.

    One fewer, he drives 2 x 1,200 s; his colleague from place 4, at twice the price, 2 x 600 s: 24.00 + 24.00.
    """
    shifts = [
        make_shift(cost_per_travel_hour=A_CENT_PER_SECOND, **cap),
        make_shift(technician=1, start_place=4, end_place=4, cost_per_travel_hour=2 * A_CENT_PER_SECOND),
    ]

    plan = _plan(make_instance(*[_must(place, load=2) for place in (1, 2, 3)], shifts=shifts))

    assert {shift: set(visits) for shift, visits in _orders(plan).items()} == orders
    assert _cents(plan) == cents


# When.


@pytest.mark.parametrize(
    ("lateness_cents_per_minute", "order", "cents"),
    [pytest.param(30, (0, 1), 1_700, id="late"), pytest.param(60, (1, 0), 1_800, id="kept")],
)
def test_a_promise_is_kept_unless_breaking_it_is_cheaper(
    lateness_cents_per_minute: int, order: tuple[int, ...], cents: int
) -> None:
    """
    The far customer was promised a start by 1,200; the day ends at the last visit.

    Near first: 1,200 s of driving, but the far one starts at 600 + 1,000 + 600 = 2,200, 1,000 s late: 5.00 at 30 cents
    a minute. Far first: 1,800 s of driving.
    """
    visits = [
        _must(1),
        _must(2, promised_latest=1_200, lateness_cents_per_minute=lateness_cents_per_minute),
    ]
    shift = make_shift(end_place=None, cost_per_travel_hour=A_CENT_PER_SECOND)

    plan = _plan(make_instance(*visits, shifts=[shift]))

    assert _orders(plan) == {0: order}
    assert _cents(plan) == cents


@pytest.mark.parametrize(("unassigned_cents", "served"), [(17_000, 0), (19_000, 1)])
def test_work_that_is_due_weighs_as_much_as_its_delay(unassigned_cents: int, served: int) -> None:
    """There is room for one: work due 18,000 s before the horizon ends, at a cent a second, or a visit with a price."""
    visits = [
        make_visit(1, due=DAY_S - 18_000, due_cents_per_hour=A_CENT_PER_SECOND),
        make_visit(1, unassigned_cents=unassigned_cents),
    ]

    plan = _plan(make_instance(*visits, shifts=[make_shift(max_visits=1)]))

    assert _orders(plan) == {0: (served,)}
    assert _cents(plan) == min(unassigned_cents, 18_000)


def test_work_that_is_due_comes_before_work_that_can_wait() -> None:
    """Same place, same length: only the order decides whether the urgent one is finished by 2,000."""
    visits = [_must(1), _must(1, due=2_000, due_cents_per_hour=A_CENT_PER_SECOND), _must(1)]

    plan = _plan(make_instance(*visits))

    assert _only_route(plan).visits[0] == 1
    assert _cents(plan) == 0


def test_the_preferred_window_decides_the_order_where_nothing_else_does() -> None:
    """Being second costs the customer who would like it by 600 her wish, the other one nothing."""
    visits = [_must(1), _must(1, preferred=(0, 600), preferred_miss_cents=100)]

    plan = _plan(make_instance(*visits))

    assert _orders(plan) == {0: (1, 0)}
    assert _cents(plan) == 0


@pytest.mark.parametrize(("service_s", "days"), [(20_000, {0: (0,), 1: (1,)}), (10_000, {0: (0, 1)})])
def test_what_does_not_fit_today_is_done_tomorrow(service_s: int, days: dict[int, tuple[int, ...]]) -> None:
    """
    The second visit may be on either day, its windows 24 h apart; going out at all costs 20.00 a day.

    Today ends at 28,800: after 20,000 s here there are 600 + 20,000 + 8,000 + 600 > 28,800 s to do, after 10,000 s not.
    """
    day = 86_400
    shifts = [
        make_shift(earliest_start=begin, regular_end=begin + 28_800, hard_end=begin + 28_800, fixed_cost=2_000)
        for begin in (0, day)
    ]
    visits = [
        _must(1, service_s=service_s, windows=((0, 28_800),)),
        _must(1, service_s=8_000, windows=((0, 28_800), (day, day + 28_800))),
    ]

    plan = _plan(make_instance(*visits, shifts=shifts, horizon_s=2 * day))

    assert {shift: set(order) for shift, order in _orders(plan).items()} == {k: set(v) for k, v in days.items()}
    assert _cents(plan) == 2_000 * len(days)


def test_a_day_with_an_open_end_ends_where_it_is_farthest() -> None:
    """Nobody drives back: out to the last customer is 1,800 s, whichever way round it is numbered."""
    shift = make_shift(end_place=None, cost_per_travel_hour=A_CENT_PER_SECOND)

    plan = _plan(make_instance(_must(3), _must(1), _must(2), shifts=[shift]))

    route = _only_route(plan)
    assert route.visits == (1, 2, 0)
    assert (route.end, route.travel_s) == (route.stops[-1].finish, 1_800)


# Pins.


def test_pins_of_people_are_kept_against_all_reason() -> None:
    """
    A dispatcher has fixed technician, time and order; the search works around them.

    Visit 0: technician 1 at 7,200 sharp, though he comes from afar. Visits 1 and 2: technician 0, the far one first,
    although the day ends at the last visit and the near one is on the way.
    """
    shifts = [
        make_shift(end_place=None, cost_per_travel_hour=A_CENT_PER_SECOND),
        make_shift(technician=1, start_place=6, end_place=6, cost_per_travel_hour=A_CENT_PER_SECOND),
    ]
    visits = [
        _must(1, allowed_technicians=frozenset({1}), windows=((7_200, 7_200),)),
        _must(1, allowed_technicians=frozenset({0}), sequence=2),
        _must(3, allowed_technicians=frozenset({0}), sequence=1),
    ]

    plan = _plan(make_instance(*visits, shifts=shifts))

    assert _orders(plan) == {0: (2, 1), 1: (0,)}
    assert plan.routes[1].stops[0].start == 7_200


# What is left out.


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("low_cents", "served"),
    [pytest.param(10_000, {2}, id="one big"), pytest.param(20_000, {0, 1}, id="two small")],
)
def test_what_matters_most_pushes_out_what_matters_less(low_cents: int, served: set[int], seed: int) -> None:
    """There is room for two short visits or a long one worth 300.00: whichever is worth more in sum is served."""
    visits = [
        make_visit(1, service_s=4_000, unassigned_cents=low_cents),
        make_visit(1, service_s=4_000, unassigned_cents=low_cents),
        make_visit(1, service_s=8_000, unassigned_cents=30_000),
    ]

    plan = _plan(make_instance(*visits, shifts=[make_shift(regular_end=9_200, hard_end=9_200)]), seed)

    assert set(_only_route(plan).visits) == served


@pytest.mark.parametrize("seed", range(5))
def test_a_mandatory_visit_pushes_out_whatever_is_in_its_way(seed: int) -> None:
    """It has no price, and needs the room of two visits that do."""
    visits = [
        make_visit(1, service_s=4_000, unassigned_cents=1_000_000),
        make_visit(1, service_s=4_000, unassigned_cents=1_000_000),
        _must(1, service_s=8_000),
    ]

    plan = _plan(make_instance(*visits, shifts=[make_shift(regular_end=9_200, hard_end=9_200)]), seed)

    assert _orders(plan) == {0: (2,)}


def test_a_visit_that_is_worth_less_than_the_drive_is_left_out() -> None:
    """Nobody drives for 12.00 to do what is worth 11.99; and whatever no one can do is simply unassigned."""
    visits = [
        make_visit(1, unassigned_cents=1_199),
        make_visit(1, unassigned_cents=50_000, allowed_technicians=frozenset()),
    ]

    plan = _plan(make_instance(*visits, shifts=[make_shift(cost_per_travel_hour=A_CENT_PER_SECOND)]))

    assert (plan.routes, plan.unassigned) == ((), (0, 1))
    assert _cents(plan) == 51_199
