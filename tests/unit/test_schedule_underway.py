"""
Shifts under way: on the clock where they stand, and on the way home when nobody is left to be served.

Places are 600 s apart, a service takes 1,000 s; a second of regular work costs a cent, one of overtime two.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from asserts import assert_feasible
from builders import make_break, make_instance, make_shift, make_visit
from fieldops.errors import InvalidInput
from fieldops.solver.checker import check
from fieldops.solver.evaluate import Evaluator
from fieldops.solver.instance import Break, Instance, Shift
from fieldops.solver.schedule import schedule_route, schedule_solution
from fieldops.solver.solution import BreakTaken, CostBreakdown, Solution, ViolationCode
from fieldops.units import UNITS_PER_CENT


def _underway(*breaks: Break, **changes: Any) -> Shift:
    """Make a shift that stands two places from home at 1,000 and ends at 2,000, with overtime until 9,000."""
    rates = {
        "cost_per_work_hour": 3_600,
        "cost_per_overtime_hour": 7_200,
        "cost_per_travel_hour": 1_800,
        "fixed_cost": 7,
    }
    times = {"earliest_start": 1_000, "regular_end": 2_000, "hard_end": 9_000}
    return make_shift(*breaks, **{"start_place": 2, "underway": True, **rates, **times, **changes})


def _solution(instance: Instance, orders: dict[int, Sequence[int]]) -> Solution:
    solution = schedule_solution(instance, orders)
    assert isinstance(solution, Solution), solution
    assert_feasible(instance, solution)
    assert Evaluator(instance).solution(orders) == solution
    return solution


def _cents(cost: CostBreakdown) -> dict[str, int]:
    terms = {name: getattr(cost, name) // UNITS_PER_CENT for name in CostBreakdown.__dataclass_fields__}
    return {name: cents for name, cents in terms.items() if cents}


def test_who_has_nobody_left_to_serve_still_drives_home() -> None:
    """He is paid until he is home, so taking his last visit away saves no more than it really does."""
    (route,) = _solution(make_instance(make_visit(2), shifts=[_underway()]), {}).routes

    # 1,200 s home from 1,000 on: 1,000 regular, 200 overtime.
    assert (route.stops, route.departure, route.end) == ((), 1_000, 2_200)
    assert _cents(route.cost) == {"work": 1_000, "overtime": 400, "travel": 600, "fixed": 7}


def test_the_clock_runs_while_he_waits() -> None:
    """Who is out already cannot leave home later: waiting for a window is paid."""
    instance = make_instance(make_visit(2, windows=((5_000, 6_000),)), shifts=[_underway()])
    (route,) = _solution(instance, {0: [0]}).routes

    # Where he stands: there at once, served from 5,000 to 6,000, home at 7,200.
    assert (route.departure, route.stops[0].arrival, route.stops[0].wait, route.end) == (1_000, 1_000, 4_000, 7_200)
    assert _cents(route.cost) == {"work": 1_000, "overtime": 2 * 5_200, "travel": 600, "fixed": 7}
    assert route.work_s == 6_200


def test_a_salaried_day_under_way_is_on_its_way_as_well() -> None:
    """At home he would leave just in time; out there he goes on, and whoever comes early is there early."""
    shift = _underway(cost_per_work_hour=0, start_place=0)
    instance = make_instance(make_visit(1, windows=((5_000, 6_000),)), shifts=[shift])
    (route,) = _solution(instance, {0: [0]}).routes

    assert (route.departure, route.stops[0].arrival) == (1_000, 1_600)


def test_no_break_is_taken_before_a_day_that_has_begun() -> None:
    """What would be his own time in the morning is a pause on the clock at noon."""
    lunch = make_break(0, 3_000, 600, paid=False)
    visit = make_visit(2, windows=((5_000, 6_000),))
    begun, fresh = (make_instance(visit, shifts=[_underway(lunch, underway=underway)]) for underway in (True, False))

    (route,) = _solution(begun, {0: [0]}).routes
    (morning,) = _solution(fresh, {0: [0]}).routes

    assert (route.breaks[0].leg, route.breaks[0].start) == (0, 1_000)
    assert morning.breaks[0].leg == -1


def test_the_breaks_left_are_taken_on_the_way_home() -> None:
    """A lunch at 1,500 at the latest cannot wait until he is home at 2,200."""
    lunch = make_break(1_200, 1_500, 600, paid=False)
    (route,) = _solution(make_instance(shifts=[_underway(lunch)]), {}).routes

    # On the way, as late as may be: he drives until 1,200, eats until 1,800, is home at 2,800.
    assert (route.breaks[0].leg, route.breaks[0].start, route.end) == (0, 1_200, 2_800)
    assert route.work_s == 1_200


def test_with_an_open_end_an_empty_day_is_over_at_once() -> None:
    """Nothing to do and nowhere to go."""
    (route,) = _solution(make_instance(shifts=[_underway(end_place=None)]), {}).routes

    assert (route.departure, route.end) == (1_000, 1_000)
    assert _cents(route.cost) == {"fixed": 7}


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"hard_end": 2_199}, "hard end"),
        ({"max_travel_s": 1_199}, "travel"),
        ({"max_work_s": 1_199}, "work"),
        ({"breaks": (make_break(100, 900, 60),)}, "break 0"),
        ({"breaks": (make_break(1_500, 1_500, 60, place=0),)}, "break 0"),
    ],
)
def test_a_shift_under_way_has_a_way_home(changes: dict[str, Any], word: str) -> None:
    """The search empties routes: one that is against the rules even then is refused, and the reason is given."""
    with pytest.raises(InvalidInput) as caught:
        make_instance(make_visit(1), shifts=[make_shift(), replace(_underway(), **changes)])

    (fault,) = caught.value.faults
    assert fault.path == "shifts[1].underway"
    assert word in fault.expected


def test_a_route_of_nobody_has_no_times_unless_it_is_under_way() -> None:
    """There is no such day; asking for it is a slip."""
    instance = make_instance(make_visit(1))
    for ask in (lambda: schedule_route(instance, 0, ()), lambda: Evaluator(instance).route(0, ())):
        with pytest.raises(ValueError, match="at least one visit"):
            ask()
    assert Evaluator(instance).cost(0, ()) == 0


def test_the_referee_misses_a_route_that_should_be_there() -> None:
    """A plan that forgets somebody who is out costs too little."""
    instance = make_instance(shifts=[_underway()])
    violations = check(instance, replace(_solution(instance, {}), routes=(), cost=CostBreakdown()))

    assert [(found.code, found.shift) for found in violations] == [(ViolationCode.MISSING, 0)]


def _codes_of_changed_route(**changes: Any) -> set[ViolationCode]:
    """Change the empty route of a shift under way with a lunch on its way home, and ask the referee."""
    instance = make_instance(shifts=[_underway(make_break(1_200, 1_500, 600))])
    sound = _solution(instance, {})
    changed = replace(sound, routes=(replace(sound.routes[0], **changes),))
    return {found.code for found in check(instance, changed)}


def test_the_referee_knows_when_the_clock_of_a_day_under_way_starts() -> None:
    """Leaving later would make the time until then nobody's."""
    assert ViolationCode.TIMING in _codes_of_changed_route(departure=1_001)
    assert ViolationCode.EARLIEST_START in _codes_of_changed_route(departure=999)


def test_the_referee_lets_nobody_take_a_break_before_a_day_that_has_begun() -> None:
    """It would be taken off the clock by somebody who is on it."""
    assert ViolationCode.BREAK in _codes_of_changed_route(breaks=(BreakTaken(break_pos=0, leg=-1, start=1_200),))
