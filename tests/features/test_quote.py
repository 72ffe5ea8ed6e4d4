"""Quotes for a new visit, computed by hand on a straight line."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from builders import METERS_PER_SECOND, make_break, make_instance, make_shift, make_visit
from fieldops.errors import InvalidInput
from fieldops.solver import Legs, Refusal, RunningRoute, Slot, Standing, Technician, quote
from fieldops.solver.instance import Instance, Shift, Visit
from fieldops.units import UNITS_PER_CENT, CostUnits

ALL_DAY = (0, 36_000)
#: A second of driving costs one cent.
PAID_BY_THE_SECOND = {"cost_per_travel_hour": 3_600}


def running(*visits: Visit, shift: Shift | None = None, **changes: Any) -> RunningRoute:
    """Make a route that serves the visits in the order given; places are 600 s apart, home is place 0."""
    instance = make_instance(*visits, shifts=[shift or make_shift(**PAID_BY_THE_SECOND)], **changes)
    return RunningRoute(instance=instance, order=tuple(range(len(visits))))


def legs_to(position: int, *routes: RunningRoute) -> Legs:
    """Drive to and from a point on the line, its position in seconds from home."""
    points = np.concatenate([600 * np.arange(route.num_places, dtype=np.int32) for route in routes])
    seconds = np.abs(points - np.int32(position))
    meters = seconds * np.int32(METERS_PER_SECOND)
    return Legs(to_visit_s=seconds, to_visit_m=meters, from_visit_s=seconds, from_visit_m=meters)


def test_the_cheapest_place_is_quoted_with_its_cost_and_times() -> None:
    """This is the offer a customer sees: it has to be exact, or the hold after it surprises somebody."""
    route = running(make_visit(1), make_visit(3))

    (answer,) = quote([route], make_visit(), legs_to(1_200, route), [ALL_DAY])

    # 1,200 lies on the way from 600 to 1,800: no driving more. Home 0, at 600 until 1,600, at 1,200 from 2,200 on.
    # Latest: home by 36,000, so leave 1,800 by 34,200, start there by 33,200, leave 1,200 by 32,600, start by 31,600.
    assert answer.slots == (Slot(0, 1, CostUnits(0), 2_200, 3_200, 31_600 - 2_200, 0),)
    assert answer.refusals == {}


def test_service_starts_in_the_asked_window() -> None:
    """A customer who chose the afternoon waits in the afternoon; the slack ends where the window does."""
    route = running(make_visit(1))

    (answer,) = quote([route], make_visit(), legs_to(1_200, route), [(20_000, 24_000)])

    # 600 s more each way. Both sides of the other visit cost the same, the first place is taken.
    assert answer.slots == (Slot(0, 0, CostUnits(1_200 * UNITS_PER_CENT), 20_000, 21_000, 4_000, 1_200),)


def test_several_windows_are_answered_each_on_its_own() -> None:
    """The calendar of a customer shows many windows, cheap and dear ones side by side."""
    route = running(make_visit(2, windows=((10_000, 10_000),)))

    before, across, after = quote(
        [route], make_visit(), legs_to(600, route), [(0, 2_000), (9_200, 10_000), (30_000, 36_000)]
    )

    assert [slot.position for slot in (*before.slots, *after.slots)] == [0, 1]
    # 1,000 s of service and 600 s of way do not fit between 9,200 and 10,000, nor after it before 11,600.
    assert across.slots == ()
    assert across.refusals == {Refusal.FULL: 1}


def test_own_windows_of_the_visit_are_cut_with_the_asked_one() -> None:
    """Somebody who is at home from 8,000 to 9,000 and from 20,000 on is not served at 10,000 whatever is offered."""
    route = running(make_visit(1))
    visit = make_visit(windows=((8_000, 9_000), (20_000, 30_000)))

    early, none, both = quote(
        [route], visit, legs_to(1_200, route), [(8_500, 10_000), (10_000, 15_000), (8_999, 21_000)]
    )

    assert [slot.start for slot in early.slots] == [8_500]
    assert none.refusals == {Refusal.OUTSIDE_SHIFT: 1}
    assert [slot.start for slot in both.slots] == [8_999]


def test_slots_are_sorted_by_cost_and_then_by_route() -> None:
    """The first slot is the one to hold; equal ones must not change places from call to call."""
    far, near, alike = running(make_visit(4)), running(make_visit(2)), running(make_visit(2))

    (answer,) = quote([far, near, alike], make_visit(), legs_to(3_000, far, near, alike), [ALL_DAY])

    # From 2,400 to 3,000 and back: 1,200 s; from 1,200: 3,600 s.
    cents = [(slot.route, slot.cost // UNITS_PER_CENT) for slot in answer.slots]
    assert cents == [(0, 1_200), (1, 3_600), (2, 3_600)]


def test_an_empty_route_costs_its_shift_too() -> None:
    """Calling somebody in for one visit is not as cheap as the next free hour of somebody who is out anyway."""
    idle = running(shift=make_shift(fixed_cost=500, **PAID_BY_THE_SECOND), positions=[0])

    (answer,) = quote([idle], make_visit(), legs_to(600, idle), [ALL_DAY])

    assert [(slot.cost // UNITS_PER_CENT, slot.extra_travel_s) for slot in answer.slots] == [(1_700, 1_200)]


def test_a_detour_on_the_way_home_costs_the_detour() -> None:
    """Whoever is under way with nobody left to serve drives home anyway: only what comes on top is the visit's."""
    idle = running(shift=make_shift(start_place=2, underway=True, cost_per_work_hour=3_600, fixed_cost=500))

    (answer,) = quote([idle], make_visit(), legs_to(600, idle), [ALL_DAY])

    # Half way home: no further to drive, 1,000 s of work more.
    assert [(slot.cost // UNITS_PER_CENT, slot.extra_travel_s) for slot in answer.slots] == [(1_000, 0)]


def test_technicians_who_may_not_come_are_counted_as_such() -> None:
    """A customer who asked never to see somebody again must not get him as the cheapest offer."""
    one, other = running(make_visit(1)), running(make_visit(1))

    (answer,) = quote(
        [one, other], make_visit(), legs_to(600, one, other), [ALL_DAY], [Standing(allowed=False), Standing()]
    )

    assert [slot.route for slot in answer.slots] == [1]
    assert answer.refusals == {Refusal.NOT_ALLOWED: 1}


def test_somebody_else_than_the_preferred_technician_costs_what_the_customer_minds() -> None:
    """The known technician wins as long as the detour is worth less than the wish."""
    one, other = running(make_visit(1)), running(make_visit(1))
    visit = make_visit(other_technician_cents=700)

    (answer,) = quote([one, other], visit, legs_to(600, one, other), [ALL_DAY], [Standing(preferred=False), Standing()])

    assert [(slot.route, slot.cost // UNITS_PER_CENT) for slot in answer.slots] == [(1, 0), (0, 700)]


def test_a_technician_without_the_skill_is_refused_for_it() -> None:
    """The dispatcher learns that hiring or training would help, not a longer day."""
    technicians = [Technician(skill_levels=(1,))]
    route = running(make_visit(1, required_levels=(0,)), technicians=technicians)

    (answer,) = quote([route], make_visit(required_levels=(2,)), legs_to(600, route), [ALL_DAY])

    assert answer.refusals == {Refusal.SKILL: 1}


@pytest.mark.parametrize(
    ("shift", "window"),
    [
        (make_shift(earliest_start=8_000), (0, 8_500)),
        (make_shift(regular_end=20_000, hard_end=20_000), (18_500, 30_000)),
        (make_shift(max_travel_s=1_000), ALL_DAY),
        (make_shift(max_visits=0), ALL_DAY),
        (make_shift(make_break(10_000, 10_000, 5_000)), (10_000, 14_000)),
    ],
)
def test_what_would_not_even_fit_alone_is_outside_the_shift(shift: Shift, window: tuple[int, int]) -> None:
    """10 minutes from home: hours, caps and breaks refuse it however empty the day is; no visit needs to move."""
    idle = running(shift=shift, positions=[0])

    (answer,) = quote([idle], make_visit(), legs_to(600, idle), [window])

    assert (answer.slots, answer.refusals) == ((), {Refusal.OUTSIDE_SHIFT: 1})


def test_a_route_that_breaks_a_rule_takes_no_further_visit() -> None:
    """A dispatcher may force a plan that does not work; quoting on it would promise what nobody can keep."""
    broken = running(make_visit(1, windows=((0, 100),)))

    (answer,) = quote([broken], make_visit(), legs_to(1_200, broken), [ALL_DAY])

    assert not broken.is_sound
    assert answer.refusals == {Refusal.UNSOUND: 1}


def test_a_full_shift_is_told_from_one_that_is_not_there() -> None:
    """Overtime or moving a visit would help here; it would not when nobody is on duty."""
    route = running(make_visit(1), make_visit(2), shift=make_shift(max_visits=2))

    (answer,) = quote([route], make_visit(), legs_to(600, route), [ALL_DAY])

    assert answer.refusals == {Refusal.FULL: 1}


def test_a_slower_technician_is_quoted_at_his_own_pace() -> None:
    """The next customer's window is only safe when the beginner's longer service is counted."""
    route = running(make_visit(1), technicians=[Technician(duration_permille=1_500)])

    (answer,) = quote([route], make_visit(), legs_to(1_200, route), [(20_000, 20_000)])

    assert [(slot.start, slot.finish, slot.slack) for slot in answer.slots] == [(20_000, 21_500, 0)]


def test_a_running_route_serves_all_its_visits_with_one_shift() -> None:
    """A visit forgotten here would be overbooked by the next quote."""
    instance = make_instance(make_visit(1), make_visit(2))

    with pytest.raises(ValueError, match=r"each of its 2 visits: \(0,\)"):
        RunningRoute(instance=instance, order=(0,))
    two_shifts: Instance = make_instance(make_visit(1), shifts=[make_shift(), make_shift()])
    with pytest.raises(ValueError, match="one technician and one shift, not 1 and 2"):
        RunningRoute(instance=two_shifts, order=(0,))


def test_arguments_that_do_not_belong_together_are_refused() -> None:
    """Travel of another route list would be quietly wrong otherwise."""
    route = running(make_visit(1))
    legs = legs_to(600, route)

    with pytest.raises(ValueError, match=r"to_visit_s has int32 of shape \(2,\), expected int32 of \(4,\)"):
        quote([route, route], make_visit(), legs, [ALL_DAY])
    with pytest.raises(ValueError, match="from_visit_m has int64"):
        quote([route], make_visit(), replace(legs, from_visit_m=legs.from_visit_m.astype(np.int64)), [ALL_DAY])
    with pytest.raises(ValueError, match="2 standings for 1 routes"):
        quote([route], make_visit(), legs, [ALL_DAY], [Standing(), Standing()])
    with pytest.raises(ValueError, match="from 5 to 4 ends before it begins"):
        quote([route], make_visit(), legs, [(5, 4)])
    with pytest.raises(ValueError, match="standings say who may come"):
        quote([route], make_visit(preferred_technicians=frozenset({0})), legs, [ALL_DAY])
    with pytest.raises(ValueError, match="nobody has been told"):
        quote([route], make_visit(baseline_technician=0), legs, [ALL_DAY])


def test_a_visit_no_instance_would_take_is_refused() -> None:
    """The core counts on checked numbers."""
    route = running(make_visit(1))

    with pytest.raises(InvalidInput, match="service_s"):
        quote([route], make_visit(service_s=-1), legs_to(600, route), [ALL_DAY])


def test_threads_may_share_running_routes() -> None:
    """All requests of a server quote on the same routes in memory, and the core lets them run side by side."""
    routes = [running(make_visit(1), make_visit(3)) for _ in range(20)]
    legs, windows = legs_to(1_200, *routes), [(0, 9_000), (9_001, 18_000), (18_001, 36_000)]
    expected = [quote(routes, make_visit(service_s=seconds), legs, windows) for seconds in range(100, 900, 100)]

    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(quote, routes, make_visit(service_s=s), legs, windows) for s in range(100, 900, 100)]

    assert [future.result() for future in asked] == expected


def test_costs_that_could_not_be_added_exactly_are_refused() -> None:
    """In 64 bits a sum too large turns negative: the dearest window would become the cheapest."""
    route = running(make_visit(1))
    visit = make_visit(promised_latest=-(2**29), lateness_cents_per_minute=10**9)

    with pytest.raises(InvalidInput, match="a plan may cost"):
        quote([route], visit, legs_to(600, route), [ALL_DAY])
