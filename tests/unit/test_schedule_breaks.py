"""Where breaks are taken and when; places are 600 s apart, a service takes 1,000 s and a break 1,800 s."""

from collections.abc import Sequence

import pytest

from asserts import assert_feasible
from builders import make_break, make_instance, make_shift, make_visit
from fieldops.solver.instance import Break, Instance
from fieldops.solver.schedule import assemble, schedule_route
from fieldops.solver.solution import Route, Violation, ViolationCode


def _route(instance: Instance, order: Sequence[int] = (0,)) -> Route:
    route = schedule_route(instance, 0, order)
    assert isinstance(route, Route), route
    assert_feasible(instance, assemble(instance, [route]))
    return route


def _taken(route: Route) -> list[tuple[int, int]]:
    return [(taken.leg, taken.start) for taken in route.breaks]


def test_a_break_before_leaving_is_off_the_clock() -> None:
    """Who need not leave before lunch eats at home; it delays nothing, is not work and is not taken off the work."""
    shift = make_shift(make_break(3_600, 5_400, paid=False))
    instance = make_instance(make_visit(1, windows=((10_000, 11_000),)), shifts=[shift])

    route = _route(instance)

    # On the way it would end the day no earlier; before leaving wins ties.
    assert _taken(route) == [(-1, 3_600)]
    assert (route.departure, route.work_s) == (9_400, 2_200)


def test_nobody_leaves_before_his_break_is_over() -> None:
    """The earliest departure is the end of the breaks taken before, one after the other."""
    shift = make_shift(make_break(0, 100), make_break(1_000, 2_000, 1_000))
    instance = make_instance(make_visit(1, windows=((3_400, 3_400),)), shifts=[shift])

    route = _route(instance)

    # 0 to 1800, then 1800 to 2800; 600 s of driving.
    assert (_taken(route), route.departure) == ([(-1, 0), (-1, 1_800)], 2_800)


def test_a_break_interrupts_the_drive() -> None:
    """A fixed lunch at 300 falls in the middle of the drive; what is driven before it counts."""
    instance = make_instance(make_visit(1), shifts=[make_shift(make_break(300, 300))])

    route = _route(instance)

    # 300 s of driving, until 2100 lunch, 300 s of driving. Leaving after lunch would end the day at 4300.
    assert _taken(route) == [(0, 300)]
    assert (route.departure, route.stops[0].arrival, route.stops[0].wait, route.end) == (0, 2_400, 0, 4_000)


def test_a_break_is_taken_at_the_stop_before_driving_on() -> None:
    """Lunch is due when the service is finished: the stop is left after it."""
    instance = make_instance(make_visit(1), shifts=[make_shift(make_break(1_600, 1_600))])

    route = _route(instance)

    assert _taken(route) == [(1, 1_600)]
    assert (route.stops[0].departure, route.end, route.work_s) == (3_400, 4_000, 4_000)


def test_a_break_fills_the_time_before_the_window_opens() -> None:
    """Taken on arrival, before the service; what is left until the window opens is waiting."""
    visits = (make_visit(1, windows=((600, 600),)), make_visit(2, windows=((4_050, 4_050),)))
    instance = make_instance(*visits, shifts=[make_shift(make_break(2_200, 2_300))])

    route = _route(instance, (0, 1))

    # At the second door at 2200, lunch until 4000, 50 s of waiting.
    stop = route.stops[1]
    assert _taken(route) == [(1, 2_200)]
    assert (stop.arrival, stop.wait, stop.start) == (2_200, 50, 4_050)


def test_a_break_is_never_taken_inside_a_service() -> None:
    """A lunch that is only possible while he is at work makes the route impossible, and it is named."""
    visit = make_visit(1, windows=((600, 600),))
    instance = make_instance(visit, shifts=[make_shift(make_break(1_000, 1_200))])

    broken = schedule_route(instance, 0, [0])

    # He is done at 1600, 400 s after the latest begin of the lunch; home at 2200 is worse.
    assert isinstance(broken, Violation)
    assert (broken.code, broken.amount) == (ViolationCode.BREAK, 400)


def test_a_day_that_is_over_before_the_latest_start_owes_no_break() -> None:
    """He is home at 2200 and takes his lunch there, on his own time."""
    instance = make_instance(make_visit(1), shifts=[make_shift(make_break(2_000, 2_200))])

    route = _route(instance)

    assert (_taken(route), route.end, route.work_s) == ([(2, 2_200)], 2_200, 2_200)


def test_a_day_that_is_over_a_second_later_owes_the_break() -> None:
    """At 2201 the lunch would be late, so it is taken on the way home and the day ends later."""
    instance = make_instance(make_visit(1, service_s=1_001), shifts=[make_shift(make_break(2_000, 2_200))])

    route = _route(instance)

    # Finished at 1601, 399 s of driving, lunch from 2000 to 3800, 202 - 1 = 201 s of driving.
    assert (_taken(route), route.end) == ([(1, 2_000)], 4_001)


def test_after_the_day_the_second_break_may_be_late() -> None:
    """Off the clock only the end of the day counts: the first lunch pushes the second past its latest start."""
    shift = make_shift(make_break(2_000, 2_500, 4_000), make_break(3_000, 6_000))
    instance = make_instance(make_visit(1), shifts=[shift])

    route = _route(instance)

    # Home at 2200, the first break until 6200.
    assert _taken(route) == [(2, 2_200), (2, 6_200)]


def test_an_unpaid_break_on_the_clock_is_not_work() -> None:
    """A lunch in the middle of the day: paid it is work, unpaid it is neither work nor regular time."""
    visits = (make_visit(1), make_visit(2, windows=((5_000, 6_000),)))
    routes = []
    for paid in (True, False):
        shift = make_shift(make_break(1_600, 2_000, paid=paid), cost_per_work_hour=3_600)
        routes.append(_route(make_instance(*visits, shifts=[shift]), (0, 1)))

    # Leaving at 400 the first is done at 2000, lunch until 3800, 600 s of driving, at 4400; nobody may leave later, for
    # the lunch begins at 2000 at the latest. Second from 5000 to 6000, home at 7200.
    assert [(route.departure, route.end, _taken(route)) for route in routes] == [(400, 7_200, [(1, 2_000)])] * 2
    assert [route.work_s for route in routes] == [6_800, 5_000]
    assert [route.cost.work for route in routes] == [6_800 * 18_000, 5_000 * 18_000]


def test_a_break_makes_way_for_a_promise() -> None:
    """Of the placements the cheapest counts first: lunch after the promised visit, not before it."""
    promised = make_visit(2, promised_latest=2_300, lateness_cents_per_minute=1)
    instance = make_instance(make_visit(1), promised, shifts=[make_shift(make_break(1_600, 3_300))])

    route = _route(instance, (0, 1))

    # 2200 to 3200 at the second, lunch there or on the way home: the day ends at 6200 either way.
    assert (_taken(route), route.stops[1].start, route.end) == ([(2, 3_200)], 2_200, 6_200)


def test_a_dearer_placement_loses_even_when_it_ends_the_day_earlier() -> None:
    """Money comes before time: being home early is worth a cent of lateness to nobody."""
    promised = make_visit(2, windows=((3_000, 9_000),), promised_latest=3_000, lateness_cents_per_minute=1)
    instance = make_instance(make_visit(1), promised, shifts=[make_shift(make_break(1_600, 4_000))])

    route = _route(instance, (0, 1))

    # Lunch first: second from 4000, home at 6200, but 1,000 s late. Second first: until 4000, lunch, home at 7000.
    assert (_taken(route), route.end, route.cost.lateness) == ([(2, 4_000)], 7_000, 0)


def test_of_equal_placements_the_later_is_chosen() -> None:
    """The same rule on both sides of the boundary makes reference and core agree to the second."""
    instance = make_instance(make_visit(1), make_visit(2), shifts=[make_shift(make_break(1_600, 3_300))])

    route = _route(instance, (0, 1))

    # After the first visit or after the second: home at 6200 with the same driving.
    assert (_taken(route), route.end) == ([(2, 3_200)], 6_200)


def test_a_break_with_a_place_is_driven_to() -> None:
    """The training at place 2 costs a detour: there by its begin, and on from there."""
    training = make_break(3_000, 3_000, 600, place=2)
    instance = make_instance(make_visit(1), shifts=[make_shift(training)])

    route = _route(instance)

    # Visit until 1600, 600 s of driving, training until 3600, 1,200 s home. Training first: home at 5800.
    assert (_taken(route), route.stops[0].departure, route.end) == ([(1, 3_000)], 1_600, 4_800)
    assert (route.travel_s, route.distance_m) == (600 + 600 + 1_200, 24_000)


def test_a_training_that_cannot_be_reached_after_the_visit_comes_before_it() -> None:
    """A second too early for the drive from the visit, so the day starts with the training."""
    training = make_break(2_199, 2_199, 600, place=2)
    instance = make_instance(make_visit(1), shifts=[make_shift(training)])

    route = _route(instance)

    # Training until 2799, 600 s to the visit.
    assert (_taken(route), route.stops[0].start, route.travel_s) == ([(0, 2_199)], 3_399, 2_400)


@pytest.mark.parametrize(("lunch", "is_possible"), [(500, True), (801, False)])
def test_a_lunch_interrupts_the_drive_to_a_training(lunch: int, is_possible: bool) -> None:
    """From 1600 to 3000 there are 1,400 s for 600 s of driving: a lunch of 800 s fits, 801 s do not."""
    breaks = (make_break(1_700, 1_700, lunch), make_break(3_000, 3_000, 600, place=2))
    visit = make_visit(1, windows=((600, 600),))
    instance = make_instance(visit, shifts=[make_shift(*breaks)])

    outcome = schedule_route(instance, 0, [0])

    assert isinstance(outcome, Route) == is_possible
    if isinstance(outcome, Route):
        # 100 s of driving before lunch: he sets off when the service is finished.
        assert (_taken(outcome), outcome.stops[0].departure, outcome.end) == ([(1, 1_700), (1, 3_000)], 1_600, 4_800)


def test_a_training_at_the_door_of_the_next_visit_counts_as_having_arrived() -> None:
    """He reaches the place before the training; the training is a break there, not a wait."""
    training = make_break(3_000, 3_000, 500, place=1)
    visits = (make_visit(2, windows=((1_200, 1_200),)), make_visit(1))
    instance = make_instance(*visits, shifts=[make_shift(training)])

    stop = _route(instance, (0, 1)).stops[1]

    # Done at 2200, there at 2800, 200 s of waiting until the training, which ends at 3500.
    assert (stop.arrival, stop.wait, stop.start) == (2_800, 200, 3_500)


def test_an_open_day_may_end_with_a_training() -> None:
    """With no way home the day ends where and when the training does."""
    training = make_break(3_000, 3_000, 600, place=2)
    visit = make_visit(1, windows=((600, 600),))
    instance = make_instance(visit, shifts=[make_shift(training, end_place=None)])

    route = _route(instance)

    assert (_taken(route), route.end, route.travel_s) == ([(1, 3_000)], 3_600, 1_200)


@pytest.mark.parametrize("pause", [make_break(3_000, 3_000, place=2), make_break(1_599, 1_599)])
def test_an_impossible_break_is_named(pause: Break) -> None:
    """The violation of a route says which rule came closest to being kept: one second of one break."""
    visit = make_visit(1, windows=((600, 600),), service_s=1_801 if pause.place else 1_000)
    instance = make_instance(visit, shifts=[make_shift(pause)])

    broken = schedule_route(instance, 0, [0])

    # Finished at 2401, 600 s of driving: at the training at 3001. Finished at 1600: a second late for lunch.
    assert isinstance(broken, Violation)
    assert (broken.code, broken.shift, broken.amount) == (ViolationCode.BREAK, 0, 1)
