"""
The referee catches every lie: a sound solution is corrupted in one thing at a time.

The day: shift 0 takes a breakfast at home, a training at place 3 between its visits and a walk in the evening; shift 1
serves one visit and takes a lunch on the way.
"""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest

from asserts import assert_feasible
from builders import make_break, make_instance, make_shift, make_visit
from fieldops.solver.checker import check
from fieldops.solver.instance import Instance, Technician
from fieldops.solver.schedule import schedule_solution
from fieldops.solver.solution import CostBreakdown, Route, Solution, ViolationCode
from fieldops.units import CostUnits

RATES = {
    "cost_per_work_hour": 3_600,
    "cost_per_overtime_hour": 5_400,
    "cost_per_travel_hour": 1_800,
    "cost_per_km": 30,
    "fixed_cost": 100,
}
#: Three breaks: before leaving, at a place on leg 1, after the day.
BREAKS = (
    make_break(0, 600, 900),
    make_break(5_000, 5_000, 600, place=3, paid=False),
    make_break(9_000, 20_000, 600),
)
SHIFTS = (
    make_shift(*BREAKS, earliest_start=300, regular_end=8_000, **RATES),
    make_shift(make_break(1_000, 1_000, paid=False), end_place=None, **RATES),
)
VISITS = (
    make_visit(1, windows=((1_000, 2_900), (3_000, 4_000)), sequence=1, load=2, required_levels=(1,)),
    make_visit(2, windows=((6_000, 9_000),), sequence=1, load=3, required_levels=(0,)),
    make_visit(2, preferred=(0, 10), preferred_miss_cents=5, promised_latest=60, required_levels=(0,)),
    make_visit(1, unassigned_cents=700, due=30_000, due_cents_per_hour=60, required_levels=(0,)),
)
PEOPLE = (Technician(skill_levels=(2,)), Technician(skill_levels=(0,)))


def _instance(visits: dict[int, dict[str, Any]] | None = None, shift: dict[str, Any] | None = None) -> Instance:
    changed = [replace(visit, **(visits or {}).get(idx, {})) for idx, visit in enumerate(VISITS)]
    first = replace(SHIFTS[0], **(shift or {}))
    return make_instance(*changed, shifts=[first, SHIFTS[1]], technicians=PEOPLE)


@pytest.fixture(scope="module")
def sound() -> Solution:
    """The solution every test starts from."""
    solution = schedule_solution(_instance(), {0: [0, 1], 1: [2]})
    assert isinstance(solution, Solution), solution
    return solution


def _codes(instance: Instance, solution: Solution) -> set[ViolationCode]:
    return {violation.code for violation in check(instance, solution)}


def _with_route(solution: Solution, change: Callable[[Route], Route], idx: int = 0) -> Solution:
    routes = [change(route) if pos == idx else route for pos, route in enumerate(solution.routes)]
    return replace(solution, routes=tuple(routes))


def _with_stop(solution: Solution, pos: int, **shifted: int) -> Solution:
    """Add seconds to fields of one stop of the first route."""

    def change(route: Route) -> Route:
        stop = route.stops[pos]
        moved = replace(stop, **{name: getattr(stop, name) + seconds for name, seconds in shifted.items()})
        return replace(route, stops=(*route.stops[:pos], moved, *route.stops[pos + 1 :]))

    return _with_route(solution, change)


def _with_break(solution: Solution, pos: int, idx: int = 0, **values: int) -> Solution:
    def change(route: Route) -> Route:
        moved = replace(route.breaks[pos], **values)
        return replace(route, breaks=(*route.breaks[:pos], moved, *route.breaks[pos + 1 :]))

    return _with_route(solution, change, idx)


def test_the_sound_solution_uses_every_kind_of_break(sound: Solution) -> None:
    """The tests below are only worth something on a day with breaks before, on and after the route."""
    assert_feasible(_instance(), sound)
    assert [taken.leg for route in sound.routes for taken in route.breaks] == [-1, 1, 3, 0]
    # Paid by the hour he leaves at 2200: 600 s to the first visit, which ends at 3800, 1,200 s to the training at 5000.
    # It ends at 5600, 600 s to the second visit, home at 8400.
    assert [(stop.arrival, stop.start, stop.departure) for stop in sound.routes[0].stops] == [
        (2_800, 2_800, 3_800),
        (6_200, 6_200, 7_200),
    ]


@pytest.mark.parametrize("pos", [0, 1])
@pytest.mark.parametrize("field", ["arrival", "start", "finish", "departure", "wait", "slack"])
@pytest.mark.parametrize("seconds", [-1, 1])
def test_a_wrong_time_of_a_stop_is_caught(sound: Solution, pos: int, field: str, seconds: int) -> None:
    """Every instant shown to a technician or customer is replayed, to the second."""
    codes = _codes(_instance(), _with_stop(sound, pos, **{field: seconds}))

    # Setting off for the training a second later is a true timetable, of a missed training.
    is_missed = (pos, field, seconds) == (0, "departure", 1)
    assert (ViolationCode.BREAK if is_missed else ViolationCode.TIMING) in codes


@pytest.mark.parametrize("field", ["departure", "end", "travel_s", "distance_m", "work_s", "overtime_s"])
@pytest.mark.parametrize("amount", [-1, 1])
def test_a_wrong_figure_of_a_route_is_caught(sound: Solution, field: str, amount: int) -> None:
    """Nobody is paid or judged by a figure that is not what the matrices and the timetable say."""
    wrong = _with_route(sound, lambda route: replace(route, **{field: getattr(route, field) + amount}))

    assert ViolationCode.TIMING in _codes(_instance(), wrong)


@pytest.mark.parametrize("term", [term.name for term in fields(CostBreakdown)])
def test_a_wrong_cost_of_a_route_is_caught(sound: Solution, term: str) -> None:
    """Each term of a route is judged by itself: a cent moved from one to another is found."""

    def change(route: Route) -> Route:
        return replace(route, cost=replace(route.cost, **{term: CostUnits(getattr(route.cost, term) + 1)}))

    violations = check(_instance(), _with_route(sound, change))

    assert [(found.code, found.shift, found.amount) for found in violations] == [(ViolationCode.COST, 0, 1)]


@pytest.mark.parametrize("term", [term.name for term in fields(CostBreakdown)])
def test_a_wrong_total_of_a_solution_is_caught(sound: Solution, term: str) -> None:
    """The total is that of the routes and of what is left out, term by term."""
    wrong = replace(sound, cost=replace(sound.cost, **{term: CostUnits(getattr(sound.cost, term) - 1)}))

    violations = check(_instance(), wrong)

    assert [(found.code, found.shift, found.amount) for found in violations] == [(ViolationCode.COST, None, 1)]


@pytest.mark.parametrize(
    ("idx", "pos", "changes"),
    [
        (0, 0, {"start": 601}),  # before leaving, too late
        (0, 0, {"start": -1}),  # before leaving, too early
        (0, 1, {"start": 5_001}),  # the training does not wait
        (0, 2, {"start": 8_999}),  # after the day, too early
        (0, 2, {"start": 20_001}),  # after the day, too late
        (0, 0, {"leg": 0}),  # said to be on the way, but over before he leaves
        (0, 1, {"leg": 2}),  # said to be after the second visit
        (0, 1, {"leg": 3}),  # out of order, and its place is driven to by nobody
        (0, 2, {"leg": 4}),  # there is no such leg
        (0, 2, {"break_pos": 1}),  # taken twice, another not at all
        (1, 0, {"start": 999}),
        (1, 0, {"start": 1_001}),
    ],
)
def test_a_wrong_break_is_caught(sound: Solution, idx: int, pos: int, changes: dict[str, int]) -> None:
    """Breaks are the law in many countries: when, where and in which order."""
    assert ViolationCode.BREAK in _codes(_instance(), _with_break(sound, pos, idx, **changes))


def test_a_break_during_a_service_is_caught(sound: Solution) -> None:
    """Said to be taken before the first visit, the training overlaps it."""
    violations = check(_instance(), _with_break(sound, 1, leg=0))

    # From the training at place 3 he is back at place 1 at 5600 + 1200; the visit starts at 2800.
    assert (ViolationCode.TIMING, 0, 5_600 + 1_200 - 2_800) in [(v.code, v.visit, v.amount) for v in violations]


def test_a_forgotten_break_is_caught(sound: Solution) -> None:
    """A route lists every break of its shift."""
    forgetful = _with_route(sound, lambda route: replace(route, breaks=route.breaks[:2]))

    assert ViolationCode.BREAK in _codes(_instance(), forgetful)


def test_breaks_that_overlap_are_caught() -> None:
    """One break after the other, also off the clock."""
    shift = make_shift(make_break(0, 2_000, 900), make_break(500, 2_000, 900))
    instance = make_instance(make_visit(1, windows=((5_000, 5_000),)), shifts=[shift])
    solution = schedule_solution(instance, {0: [0]})
    assert isinstance(solution, Solution)
    assert [taken.start for taken in solution.routes[0].breaks] == [0, 900]

    assert _codes(instance, _with_break(solution, 1, start=899)) == {ViolationCode.BREAK}


def test_leaving_before_the_break_is_over_is_caught() -> None:
    """Half a lunch at home and half of it at the wheel is no lunch."""
    instance = make_instance(make_visit(1, windows=((2_400, 2_400),)), shifts=[make_shift(make_break(0, 2_000))])
    solution = schedule_solution(instance, {0: [0]})
    assert isinstance(solution, Solution)
    route = solution.routes[0]
    assert (route.breaks[0].leg, route.breaks[0].start, route.departure) == (-1, 0, 1_800)

    assert _codes(instance, _with_break(solution, 0, start=1)) == {ViolationCode.BREAK}


def test_a_break_owed_by_a_long_day_is_caught(sound: Solution) -> None:
    """He is back after the evening walk was due, so it is not his own time any more."""
    late = replace(SHIFTS[0], breaks=(*BREAKS[:2], make_break(8_000, 8_200, 600)))
    wrong = _with_break(sound, 2, start=8_400)
    assert sound.routes[0].end == 8_400

    assert ViolationCode.BREAK in _codes(_instance(shift={"breaks": late.breaks}), wrong)


@pytest.mark.parametrize(
    ("visits", "shift", "code", "amount"),
    [
        ({0: {"required_levels": (3,)}}, {}, ViolationCode.SKILL, 1),
        ({0: {"allowed_technicians": frozenset({1})}}, {}, ViolationCode.TECHNICIAN, 0),
        ({0: {"forbidden_technicians": frozenset({0})}}, {}, ViolationCode.TECHNICIAN, 0),
        ({0: {"sequence": 2}}, {}, ViolationCode.SEQUENCE, 1),
        ({}, {"max_visits": 1}, ViolationCode.MAX_VISITS, 1),
        ({}, {"load_capacity": 4}, ViolationCode.LOAD, 1),
        # 600 to place 1, 1,200 to the training at 3, 600 to 2, 1,200 home.
        ({}, {"max_travel_s": 3_599}, ViolationCode.MAX_TRAVEL, 1),
        # 2200 to 8400 without the unpaid training.
        ({}, {"max_work_s": 5_599}, ViolationCode.MAX_WORK, 1),
        ({}, {"regular_end": 8_000, "hard_end": 8_399}, ViolationCode.HARD_END, 1),
        ({}, {"earliest_start": 2_201}, ViolationCode.EARLIEST_START, 1),
        ({0: {"windows": ((1_000, 2_799), (2_810, 4_000))}}, {}, ViolationCode.WINDOW, 1),
        ({0: {"windows": ((2_801, 4_000),)}}, {}, ViolationCode.WINDOW, 1),
        ({0: {"service_s": 1_001}}, {}, ViolationCode.TIMING, 1),
    ],
)
def test_a_rule_that_the_timetable_breaks_is_caught(
    sound: Solution,
    visits: dict[int, dict[str, Any]],
    shift: dict[str, Any],
    code: ViolationCode,
    amount: int,
) -> None:
    """The same timetable under one rule that is stricter by one: found, measured, and blamed on the right route."""
    violations = check(_instance(visits, shift), sound)

    found = [(violation.code, violation.shift, violation.amount) for violation in violations]
    assert (code, 0, amount) in found


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"unassigned": ()}, ViolationCode.MISSING),
        ({"unassigned": (3, 3)}, ViolationCode.REPEATED),
        ({"unassigned": (2, 3)}, ViolationCode.REPEATED),
        ({"unassigned": (3, 4)}, ViolationCode.MISSING),
        ({"unassigned": (-1, 3)}, ViolationCode.MISSING),
    ],
)
def test_a_wrong_list_of_unassigned_visits_is_caught(
    sound: Solution, changes: dict[str, Any], code: ViolationCode
) -> None:
    """No visit is dropped silently and none is counted twice."""
    assert code in _codes(_instance(), replace(sound, **changes))


def test_routes_that_do_not_belong_together_are_caught(sound: Solution) -> None:
    """One route per shift, by rising shift, and nobody is visited twice."""
    first, second = sound.routes
    twice = replace(sound, routes=(first, replace(second, shift=0)))
    swapped = replace(sound, routes=(second, first))
    repeated = _with_route(sound, lambda route: replace(route, stops=(*route.stops, route.stops[0])))

    assert ViolationCode.REPEATED in _codes(_instance(), twice)
    assert _codes(_instance(), swapped) == {ViolationCode.REPEATED}
    assert ViolationCode.REPEATED in _codes(_instance(), repeated)


def test_references_to_nothing_are_caught(sound: Solution) -> None:
    """Broken indices are reported, not stumbled over."""
    nobody = _with_route(sound, lambda route: replace(route, shift=7), 1)
    nowhere = _with_route(sound, lambda route: replace(route, stops=(replace(route.stops[0], visit=9),)), 1)
    empty = _with_route(sound, lambda route: replace(route, stops=()), 1)

    for broken in (nobody, nowhere, empty):
        assert ViolationCode.MISSING in _codes(_instance(), broken)


def _shift_day(route: Route, seconds: int) -> Route:
    """Do everything of a route later; the slack is used up by as much."""
    stops = [
        replace(
            stop,
            arrival=stop.arrival + seconds,
            start=stop.start + seconds,
            finish=stop.finish + seconds,
            departure=stop.departure + seconds,
            slack=stop.slack - seconds,
        )
        for stop in route.stops
    ]
    return replace(route, departure=route.departure + seconds, end=route.end + seconds, stops=tuple(stops))


def test_a_timetable_of_other_choices_passes_when_it_is_true() -> None:
    """The referee knows physics, not policy: leaving later than the time model would is allowed."""
    instance = make_instance(make_visit(1), make_visit(2))
    solution = schedule_solution(instance, {0: [0, 1]})
    assert isinstance(solution, Solution)

    assert_feasible(instance, replace(solution, routes=(_shift_day(solution.routes[0], 500),)))


def test_a_technician_may_linger_where_it_costs_nobody() -> None:
    """Setting off later than possible is a true timetable when the drive still fits before the next window."""
    instance = make_instance(make_visit(1), make_visit(2, windows=((9_000, 9_000),)))
    solution = schedule_solution(instance, {0: [0, 1]})
    assert isinstance(solution, Solution)
    route = solution.routes[0]
    first, second = route.stops
    assert (first.departure, second.arrival, second.wait) == (1_600, 2_200, 6_800)

    lingering = (replace(first, departure=8_400), replace(second, arrival=9_000, wait=0))
    too_long = (replace(first, departure=8_401), replace(second, arrival=9_001, wait=-1))

    assert_feasible(instance, replace(solution, routes=(replace(route, stops=lingering),)))
    assert ViolationCode.TIMING in _codes(instance, replace(solution, routes=(replace(route, stops=too_long),)))


def test_driving_on_before_the_service_is_over_is_caught() -> None:
    """A timetable that is consistent with itself but not with the world: the technician in two places at once."""
    instance = make_instance(make_visit(1), make_visit(2))
    solution = schedule_solution(instance, {0: [0, 1]})
    assert isinstance(solution, Solution)
    route = solution.routes[0]
    first, second = route.stops

    early = (replace(first, departure=1_500), replace(second, arrival=2_100, wait=100))

    assert ViolationCode.TIMING in _codes(instance, replace(solution, routes=(replace(route, stops=early),)))


def test_leaving_out_a_mandatory_visit_is_an_outcome() -> None:
    """It is reported as unassigned with reasons, not as a fault of the plan."""
    instance = make_instance(make_visit(1, mandatory=True))
    solution = schedule_solution(instance, {})
    assert isinstance(solution, Solution)

    assert check(instance, solution) == []
