"""Times and costs of stops under the time model, by hand; places are 600 s apart and a service takes 1,000 s."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from asserts import assert_feasible
from builders import make_instance, make_shift, make_visit
from fieldops.solver.instance import Instance, Technician
from fieldops.solver.schedule import assemble, schedule_route
from fieldops.solver.solution import Route, Violation, ViolationCode
from fieldops.units import UNITS_PER_CENT


def _route(instance: Instance, order: Sequence[int] = (0,)) -> Route:
    route = schedule_route(instance, 0, order)
    assert isinstance(route, Route), route
    assert_feasible(instance, assemble(instance, [route]))
    return route


def test_a_day_without_waiting_is_driving_and_serving() -> None:
    """The plainest day pins every figure of a route at once."""
    instance = make_instance(make_visit(1), make_visit(2))

    route = _route(instance, (0, 1))

    # 0 -> 600 at place 1, until 1600, 2200 at place 2, until 3200, 1200 s home.
    first, second = route.stops
    assert (first.arrival, first.start, first.finish, first.departure, first.wait) == (600, 600, 1_600, 1_600, 0)
    assert (second.arrival, second.start, second.finish, second.departure, second.wait) == (
        2_200,
        2_200,
        3_200,
        3_200,
        0,
    )
    assert (route.departure, route.end) == (0, 4_400)
    assert (route.travel_s, route.distance_m, route.work_s, route.overtime_s) == (2_400, 24_000, 4_400, 0)


def test_early_arrival_waits_for_the_window() -> None:
    """Nobody rings before the window opens; the wait is shown at the stop where it happens."""
    instance = make_instance(make_visit(1), make_visit(2, windows=((9_000, 9_500),)))

    route = _route(instance, (0, 1))

    # Ready at 2200, and leaving later would serve the first visit later.
    assert route.departure == 0
    assert (route.stops[1].arrival, route.stops[1].start, route.stops[1].wait) == (2_200, 9_000, 6_800)


def test_a_missed_window_means_waiting_for_the_next() -> None:
    """Visits may offer several windows of a day; the first one that can be met counts."""
    instance = make_instance(make_visit(1, windows=((0, 500), (2_000, 3_000), (5_000, 6_000))))

    assert _route(instance).stops[0].start == 2_000


def test_a_window_includes_its_last_second() -> None:
    """Windows are closed: a start at the very end is a kept window, a second later is not."""
    on_time = make_instance(make_visit(1, windows=((0, 600),)))
    late = make_instance(make_visit(1, windows=((0, 599),)))

    broken = schedule_route(late, 0, [0])

    assert _route(on_time).stops[0].start == 600
    assert isinstance(broken, Violation)
    assert (broken.code, broken.visit, broken.amount) == (ViolationCode.WINDOW, 0, 1)


def test_service_may_finish_after_the_window() -> None:
    """A window binds the start of service only."""
    instance = make_instance(make_visit(1, windows=((600, 600),)))

    assert _route(instance).stops[0].finish == 1_600


@pytest.mark.parametrize(("permille", "seconds"), [(1_000, 1_001), (1_500, 1_502), (500, 501), (499, 499)])
def test_personal_pace_scales_the_service_rounded_half_up(permille: int, seconds: int) -> None:
    """1,001 s at 1.5 are 1,501.5, at 0.5 are 500.5, at 0.499 are 499.499: halves go up, like on the core's side."""
    slow = [Technician(duration_permille=permille)]
    instance = make_instance(make_visit(1, service_s=1_001), technicians=slow)

    stop = _route(instance).stops[0]

    assert stop.finish - stop.start == seconds


def test_an_open_end_is_the_finish_of_the_last_visit() -> None:
    """Without an end place nobody drives home, and the last stop is left when it is finished."""
    instance = make_instance(make_visit(1), shifts=[make_shift(end_place=None)])

    route = _route(instance)

    assert (route.end, route.travel_s, route.stops[0].departure) == (1_600, 600, 1_600)


def test_a_shift_drives_by_its_own_profile_and_direction() -> None:
    """Bikes are not vans, and there is not back: the matrix of the shift is read from row to column."""
    travel_s = np.array([[[0, 1], [1, 0]], [[0, 70], [90, 0]]], dtype=np.int32)
    instance = make_instance(
        make_visit(1), shifts=[make_shift(profile=1)], travel_s=travel_s, distance_m=travel_s * np.int32(2)
    )

    route = _route(instance)

    assert (route.stops[0].arrival, route.end, route.distance_m) == (70, 70 + 1_000 + 90, 320)


def _cents(route: Route, term: str) -> float:
    return float(getattr(route.cost, term) / UNITS_PER_CENT)


@pytest.mark.parametrize(
    ("visit", "term", "cents"),
    [
        # The visit starts at 600 and finishes at 1600.
        ({"promised_latest": 300, "lateness_cents_per_minute": 200}, "lateness", 1_000),
        ({"promised_latest": 600, "lateness_cents_per_minute": 200}, "lateness", 0),
        ({"due": 1_000, "due_cents_per_hour": 1_800}, "sla", 300),
        ({"due": 1_600, "due_cents_per_hour": 1_800}, "sla", 0),
        ({"due": -400, "due_cents_per_hour": 1_800}, "sla", 1_000),
        ({"preferred": (600, 900), "preferred_miss_cents": 50}, "preference", 0),
        ({"preferred": (601, 900), "preferred_miss_cents": 50}, "preference", 50),
        ({"preferred": (0, 599), "preferred_miss_cents": 50}, "preference", 50),
        ({"preferred_technicians": frozenset({0}), "other_technician_cents": 70}, "technician", 0),
        ({"preferred_technicians": frozenset({1}), "other_technician_cents": 70}, "technician", 70),
        ({"preferred_technicians": frozenset(), "other_technician_cents": 70}, "technician", 0),
        ({"baseline_technician": 0, "reassigned_cents": 15}, "churn", 0),
        ({"baseline_technician": 1, "reassigned_cents": 15}, "churn", 15),
        ({"baseline_technician": None, "reassigned_cents": 15}, "churn", 0),
        ({"told": (600, 900), "told_miss_cents": 5}, "churn", 0),
        ({"told": (601, 900), "told_miss_cents": 5}, "churn", 5),
        ({"told": (0, 599), "told_miss_cents": 5, "baseline_technician": 1, "reassigned_cents": 15}, "churn", 20),
    ],
)
def test_a_wish_costs_what_is_missed_of_it(visit: dict[str, Any], term: str, cents: int) -> None:
    """Every soft rule has a pair of cases: kept costs nothing, missed costs exactly its rate."""
    instance = make_instance(make_visit(1, **visit), technicians=[Technician(), Technician()])

    route = _route(instance)

    assert _cents(route, term) == cents
    assert route.cost.total == cents * UNITS_PER_CENT


def test_costs_are_exact_to_a_fraction_of_a_cent() -> None:
    """One second at a cent an hour is 5 units, one meter at a cent a kilometer 18: nothing is rounded."""
    shift = make_shift(cost_per_travel_hour=1, cost_per_km=1, fixed_cost=1)
    instance = make_instance(make_visit(1, service_s=0), shifts=[shift], positions=[0, 1])

    cost = _route(instance).cost

    # 1 s there and 1 s back, 10 m each way.
    assert (cost.travel, cost.distance, cost.fixed) == (2 * 5, 20 * 18, 18_000)


def test_time_after_the_regular_end_is_overtime() -> None:
    """Work is paid at two rates and no second twice: 3,000 s regular, then 200 s overtime."""
    shift = make_shift(regular_end=2_000, cost_per_work_hour=3_600, cost_per_overtime_hour=7_200)
    instance = make_instance(make_visit(1), shifts=[shift])

    route = _route(instance)

    # 0 to 2200: 2,000 s at 1 cent, 200 s at 2 cents.
    assert (route.work_s, route.overtime_s) == (2_200, 200)
    assert (_cents(route, "work"), _cents(route, "overtime")) == (2_000, 400)


def test_a_day_after_the_regular_end_is_all_overtime() -> None:
    """Overtime counts from the departure when that is after the regular end, and regular time is not negative."""
    shift = make_shift(regular_end=2_000, cost_per_work_hour=3_600, cost_per_overtime_hour=3_600)
    instance = make_instance(make_visit(1, windows=((9_000, 9_000),)), shifts=[shift])

    route = _route(instance)

    assert (route.departure, route.end, route.overtime_s) == (8_400, 10_600, 2_200)
    assert (_cents(route, "work"), _cents(route, "overtime")) == (0, 2_200)


def test_a_day_back_at_the_hard_end_is_in_time() -> None:
    """The hard end is the last second allowed."""
    in_time = make_instance(make_visit(1), shifts=[make_shift(regular_end=2_200, hard_end=2_200)])
    late = make_instance(make_visit(1), shifts=[make_shift(regular_end=2_199, hard_end=2_199)])

    broken = schedule_route(late, 0, [0])

    assert _route(in_time).end == 2_200
    assert isinstance(broken, Violation)
    assert (broken.code, broken.amount) == (ViolationCode.HARD_END, 1)
