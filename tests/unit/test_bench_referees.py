"""The suites' referees: right routes get the right figures, wrong routes are caught."""

from pathlib import Path
from typing import Any

import pytest
from bench_files import TENTH_DEGREE_S, TINY_VRPTW, city_technician, city_visit, write_city, write_vrptw

from fieldops.bench.formats import CityDay, read_city, read_vrptw
from fieldops.bench.referees import judge_city, judge_vrptw
from fieldops.bench.suites import Judgment, Routes

NOON = 43_200


def _vrptw(tmp_path: Path, routes: Routes, text: str = TINY_VRPTW) -> Judgment:
    return judge_vrptw(read_vrptw(write_vrptw(tmp_path, text=text)), routes)


def _day(tmp_path: Path, *visits: dict[str, Any], **technician: Any) -> CityDay:
    return read_city(write_city(tmp_path, [city_technician(**technician)], list(visits)))


def test_vrptw_cost_is_the_distance_in_file_units(tmp_path: Path) -> None:
    """0-1-2-0 is 50 + 10 + 58 and 0-3-0 is 50 + 50 tenths: 21.8."""
    judgment = _vrptw(tmp_path, [(0, [0, 1]), (2, [2])])

    assert judgment == Judgment(problems=(), cost=21.8, travel_s=218, unassigned=0)


@pytest.mark.parametrize(
    ("routes", "problem"),
    [
        pytest.param([(0, [0, 1])], "customers not served: 3", id="left out"),
        pytest.param([(0, [0, 1]), (1, [2, 0])], "customer 1 served 2 times", id="served twice"),
        pytest.param([(0, [1, 2]), (1, [0])], "vehicle 0: at node 3 at 314, due at 300", id="late"),
        pytest.param([(0, [1, 2]), (1, [0])], "load 11 over the capacity 10", id="overloaded"),
        pytest.param([(0, [0, 1]), (3, [2])], "no vehicle 3", id="no such vehicle"),
        pytest.param([(0, [0, 1]), (0, [2])], "vehicle 0 has 2 routes", id="vehicle used twice"),
        pytest.param([(0, [0, 1]), (1, [2, 3])], "no visit 3", id="no such customer"),
        pytest.param([(0, [-1, 1]), (1, [2, 0])], "no visit -1", id="negative index"),
    ],
)
def test_wrong_vrptw_routes_are_caught(tmp_path: Path, routes: Routes, problem: str) -> None:
    """
    A referee that lets one of these pass would make every table worthless.

    Late: customer 2 starts at 200 and takes 20, customer 3 is 94 further and must start by 300.
    """
    judgment = _vrptw(tmp_path, routes)

    assert any(problem in found for found in judgment.problems), judgment.problems


def test_a_vrptw_window_is_closed_and_waiting_is_free(tmp_path: Path) -> None:
    """Customer 2 after 1: arrival 50 + 20 + 10 = 80, start 200, finish 220, back at 278: by 280, not by 270."""
    on_time = TINY_VRPTW.replace("        100          0", "         28          0")
    too_late = TINY_VRPTW.replace("        100          0", "         27          0")

    assert _vrptw(tmp_path, [(0, [0, 1]), (1, [2])], on_time).problems == ()
    assert _vrptw(tmp_path, [(0, [0, 1]), (1, [2])], too_late).problems == ("vehicle 0: at node 0 at 278, due at 270",)


def test_empty_vrptw_routes_are_nothing(tmp_path: Path) -> None:
    """A solver may hand back unused vehicles."""
    assert _vrptw(tmp_path, [(0, [0, 1]), (1, []), (2, [2])]).problems == ()


def test_city_figures_are_priority_and_travel(tmp_path: Path) -> None:
    """One of two visits served: there and back is 2 x 1,487 s, and its priority of 3 counts."""
    day = _day(tmp_path, city_visit(), city_visit(id="V1", priority=5))

    judgment = judge_city(day, [(0, [0])])

    travel = 2 * TENTH_DEGREE_S
    assert judgment == Judgment(problems=(), cost=travel, travel_s=travel, unassigned=1, served_priority=3)


@pytest.mark.parametrize(
    ("routes", "problem"),
    [
        pytest.param([(0, [1])], "T0: lacks b for V1", id="skill"),
        pytest.param([(0, [0, 0])], "V0 served 2 times", id="served twice"),
        pytest.param([(0, [2])], "cannot start V2 by 30286", id="too far for the window"),
        pytest.param([(0, [3])], "T0: home at 61487, after the shift's end at 61200", id="home late"),
        pytest.param([(1, [0])], "no technician 1", id="no such technician"),
        pytest.param([(0, [0]), (0, [3])], "technician 0 has 2 routes", id="technician used twice"),
        pytest.param([(0, [4])], "no visit 4", id="no such visit"),
    ],
)
def test_wrong_city_routes_are_caught(tmp_path: Path, routes: Routes, problem: str) -> None:
    """Leaving at 28,800 the visit is reached at 30,287; a visit that ends at 60,000 brings one home at 61,487."""
    day = _day(
        tmp_path,
        city_visit(),
        city_visit(id="V1", skills=["a", "b"]),
        city_visit(id="V2", window=[28_800, 28_800 + TENTH_DEGREE_S - 1]),
        city_visit(id="V3", window=[56_400, 56_400]),
    )

    judgment = judge_city(day, routes)

    assert any(problem in found for found in judgment.problems), judgment.problems


@pytest.mark.parametrize(
    ("start", "duration", "fits"),
    [
        # Lunch after the visit: it must be over by 46,800 (13:00), when lunch starts at the latest.
        (41_400, 5_400, True),
        (41_400, 5_401, False),
        # Lunch before the visit, on arrival: 41,400 to 43,200, so the visit cannot start earlier than 43,200 (12:00).
        (NOON, 7_200, True),
        (NOON - 1, 7_200, False),
    ],
)
def test_lunch_before_or_after_a_visit_fits_to_the_second(
    tmp_path: Path, start: int, duration: int, fits: bool
) -> None:
    """The bounds of the lunch's start are closed, and a lunch never interrupts a service."""
    day = _day(tmp_path, city_visit(window=[start, start], duration=duration))

    problems = judge_city(day, [(0, [0])]).problems

    assert problems == (() if fits else ("T0: no room for lunch",))


@pytest.mark.parametrize(("start", "fits"), [(48_747, True), (48_746, False)])
def test_lunch_may_interrupt_a_drive(tmp_path: Path, start: int, fits: bool) -> None:
    """
    V0 at home ends at 41,000, V1 is 5,947 s away (0.4 degrees).

    Lunch neither fits before leaving (from 41,400 on) without losing 400 s nor after arriving at 46,947 (by 46,800). On
    the way it costs nothing but itself: 41,000 + 5,947 + 1,800 = 48,747.
    """
    early = city_visit(location=[48.0, 11.0], window=[37_400, 37_400])
    day = _day(tmp_path, early, city_visit(id="V1", location=[48.4, 11.0], window=[start, start]))

    problems = judge_city(day, [(0, [0, 1])]).problems

    assert problems == (() if fits else ("T0: no room for lunch",))


def test_lunch_at_home_counts_when_the_shift_covers_it(tmp_path: Path) -> None:
    """Home again at 35,374 (09:49) and lunch at 11:30, or lunch at home first and a visit in the afternoon."""
    morning = _day(tmp_path, city_visit(window=[28_800, 32_000]))
    afternoon = _day(tmp_path, city_visit(window=[50_000, 57_600]))

    assert judge_city(morning, [(0, [0])]).problems == ()
    assert judge_city(afternoon, [(0, [0])]).problems == ()


def test_a_technician_without_visits_owes_nothing(tmp_path: Path) -> None:
    """An empty route has no lunch, no travel and serves nothing."""
    judgment = judge_city(_day(tmp_path, city_visit()), [(0, [])])

    assert judgment == Judgment(problems=(), cost=0, travel_s=0, unassigned=1, served_priority=0)
