"""When a technician leaves, and how far a stop could slip; places are 600 s apart and a service takes 1,000 s."""

from collections.abc import Sequence
from typing import Any

import pytest

from asserts import assert_feasible
from builders import make_break, make_instance, make_shift, make_visit
from fieldops.solver.instance import Instance, Shift
from fieldops.solver.schedule import assemble, schedule_route
from fieldops.solver.solution import Route

HOURLY = {"cost_per_work_hour": 3_600}


def _route(instance: Instance, order: Sequence[int] = (0,)) -> Route:
    route = schedule_route(instance, 0, order)
    assert isinstance(route, Route), route
    assert_feasible(instance, assemble(instance, [route]))
    return route


def _day_with_a_gap(shift: Shift, **first_visit: Any) -> Instance:
    """Two visits, the second not before 9000: leaving at 0 means 6,800 s of waiting."""
    return make_instance(make_visit(1, **first_visit), make_visit(2, windows=((9_000, 9_500),)), shifts=[shift])


def test_a_salaried_technician_leaves_late_when_nobody_is_served_later() -> None:
    """Waiting at the first door is no buffer for anyone: he leaves home just in time."""
    instance = make_instance(make_visit(1, windows=((5_000, 6_000),)), shifts=[make_shift()])

    route = _route(instance)

    assert (route.departure, route.stops[0].arrival, route.stops[0].wait) == (4_400, 5_000, 0)


def test_a_salaried_technician_keeps_a_wait_in_the_middle_of_the_day() -> None:
    """His wait costs nothing and protects the later promise."""
    route = _route(_day_with_a_gap(make_shift()), (0, 1))

    assert (route.departure, route.stops[1].wait) == (0, 6_800)


def test_paid_time_is_compressed() -> None:
    """Waiting is not paid for: the first visit slips until the second follows at once."""
    route = _route(_day_with_a_gap(make_shift(**HOURLY)), (0, 1))

    # The second starts at 9000, so the first at 9000 - 600 - 1000 = 7400, so he leaves at 6800.
    assert (route.departure, route.stops[0].start, route.stops[1].wait) == (6_800, 7_400, 0)
    assert (route.end, route.work_s, route.cost.work) == (11_200, 4_400, 4_400 * 18_000)


def test_a_cap_on_work_compresses_as_well() -> None:
    """A day that would be too long with its wait is possible without it."""
    route = _route(_day_with_a_gap(make_shift(max_work_s=4_400)), (0, 1))

    assert (route.departure, route.work_s) == (6_800, 4_400)


@pytest.mark.parametrize(
    ("first_visit", "departure"),
    [
        ({"windows": ((0, 1_500),)}, 900),
        # Between two windows counts the end of the earlier: 1000.
        ({"windows": ((0, 1_000), (5_000, 7_000)), "promised_latest": 3_000}, 400),
        ({"promised_latest": 1_000, "lateness_cents_per_minute": 1}, 400),
        # A promise nobody put a price on is still kept.
        ({"promised_latest": 1_000}, 400),
        # Already 300 s late at the earliest: not a second later.
        ({"promised_latest": 300, "lateness_cents_per_minute": 1}, 0),
        # To finish by 3000 he starts by 2000.
        ({"due": 3_000, "due_cents_per_hour": 1}, 1_400),
        ({"due": 1_000, "due_cents_per_hour": 1}, 0),
        ({"preferred": (0, 1_500), "preferred_miss_cents": 1}, 900),
        # The wish is missed whenever he leaves, so it binds nothing.
        ({"preferred": (0, 100), "preferred_miss_cents": 1}, 6_800),
    ],
)
def test_paid_time_is_compressed_only_as_far_as_no_customer_pays(first_visit: dict[str, Any], departure: int) -> None:
    """Money for waiting is saved, promises and wishes are not traded for it."""
    route = _route(_day_with_a_gap(make_shift(**HOURLY), **first_visit), (0, 1))

    assert (route.departure, route.end) == (departure, 11_200)


def test_compressing_may_move_a_start_into_the_preferred_window() -> None:
    """The early start would have missed it; the final times are what counts and costs."""
    shift = make_shift(**HOURLY)
    route = _route(_day_with_a_gap(shift, preferred=(2_000, 3_000), preferred_miss_cents=50), (0, 1))

    assert (route.stops[0].start, route.cost.preference) == (3_000, 0)


def test_a_break_with_a_place_is_not_missed_for_a_late_departure() -> None:
    """He leaves as late as the training on the way allows, although the visit after it starts much later."""
    training = make_break(3_000, 3_000, 600, place=2)
    visit = make_visit(1, windows=((9_000, 9_000),))
    instance = make_instance(visit, shifts=[make_shift(training, **HOURLY)])

    route = _route(instance)

    # 1,200 s to the training, then back to place 1 by 4200.
    assert (route.breaks[0].leg, route.departure) == (0, 1_800)
    assert (route.stops[0].arrival, route.stops[0].wait, route.end) == (4_200, 4_800, 10_600)


@pytest.mark.parametrize(
    ("shift", "visits", "slacks"),
    [
        # Home by 5000: the service starts by 5000 - 600 - 1000 = 3400, it starts at 600.
        (make_shift(regular_end=5_000, hard_end=5_000), [make_visit(1)], [2_800]),
        # Its own window ends before that.
        (make_shift(), [make_visit(1, windows=((0, 900),))], [300]),
        # The second starts at 2200 and may until 3000, so the first until 1400.
        (make_shift(), [make_visit(1), make_visit(2, windows=((0, 3_000),))], [800, 800]),
        # By then the earlier window has long ended: 4000 - 600 - 1000 = 2400 is in neither.
        (
            make_shift(),
            [make_visit(1, windows=((0, 1_000), (5_000, 8_000))), make_visit(2, windows=((0, 4_000),))],
            [400, 1_800],
        ),
        # The lunch after the day is owed unless he is home (now at 2200) by 2500.
        (make_shift(make_break(2_000, 2_500)), [make_visit(1)], [300]),
        # The lunch in between is taken from 1600 until 3400 and may begin at 2000 at the latest.
        (
            make_shift(make_break(1_600, 2_000)),
            [make_visit(1), make_visit(2, service_s=0)],
            [400, 36_000 - 1_200 - 4_000],
        ),
        # He leaves at 0 and works 2,200 s; 2,500 s are allowed.
        (make_shift(max_work_s=2_500), [make_visit(1)], [300]),
    ],
)
def test_slack_is_what_the_rest_of_the_day_allows(shift: Shift, visits: list[Any], slacks: list[int]) -> None:
    """The dispatcher reads from it how late a technician may become before a hard rule breaks."""
    instance = make_instance(*visits, shifts=[shift])

    route = _route(instance, range(len(visits)))

    assert [stop.slack for stop in route.stops] == slacks
