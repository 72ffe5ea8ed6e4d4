"""Faults of visits and of what people have pinned."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain_builders import at, fault_paths, make_problem, make_shift, make_technician, make_visit, window
from fieldops.domain.faults import problem_faults
from fieldops.domain.problem import Pin, TimeWindow, Told


def paths_of(**changes: Any) -> list[str]:
    """List where the faults of a problem with one visit are, without the visit's own path."""
    return [path.removeprefix("visits[0].") for path in fault_paths(make_problem(make_visit(**changes)))]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"place_id": "nowhere"}, "place_id"),
        ({"duration": timedelta(0)}, "duration_s"),
        ({"duration": timedelta(seconds=-1)}, "duration_s"),
        ({"duration": timedelta(seconds=1.5)}, "duration_s"),
        ({"duration": timedelta(days=15)}, "duration_s"),
        ({"required_skills": {"juggling": 1}}, "required_skills.juggling"),
        ({"required_skills": {"gas": 0}}, "required_skills.gas"),
        ({"allowed_technicians": frozenset({"kim", "nobody"})}, "allowed_technicians"),
        ({"forbidden_technicians": frozenset({"nobody"})}, "forbidden_technicians"),
        ({"preferred_technicians": frozenset({"nobody"})}, "preferred_technicians"),
        ({"priority": 0}, "priority"),
        ({"priority": 6}, "priority"),
        ({"unassigned_cost": -1}, "unassigned_cost_cents"),
    ],
)
def test_values_of_a_visit_are_judged(changes: dict[str, Any], path: str) -> None:
    """Each refers to something that exists and lies in its range."""
    assert paths_of(**changes) == [path]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"windows": (window("08:00", "09:00"), window("12:00", "11:00"))}, "windows[1].latest"),
        ({"promised_window": window("12:00", "11:00")}, "promised_window.latest"),
        ({"preferred_window": window("12:00", "11:00")}, "preferred_window.latest"),
        ({"windows": (window("08:00", "09:00", 15),)}, "windows[0]"),
        ({"windows": (window("08:00", "09:00"), window("08:00", "09:00", 17))}, "windows[1]"),
        ({"promised_window": window("08:00", "09:00", 17)}, "promised_window"),
        ({"preferred_window": window("08:00", "09:00", 17)}, "preferred_window"),
        ({"told": Told(window=window("12:00", "11:00"))}, "told.window.latest"),
        ({"told": Told(window=TimeWindow(datetime(2026, 3, 16, 9), at("11:00")))}, "told.window.earliest"),
        ({"release": at("00:01", 17)}, "release"),
        ({"due": datetime.fromisoformat("2046-01-01T00:00:00Z")}, "due"),
        ({"due": datetime(2026, 3, 16, 12)}, "due"),
        ({"release": at("12:00") + timedelta(microseconds=5)}, "release"),
    ],
)
def test_times_of_a_visit_are_judged(changes: dict[str, Any], path: str) -> None:
    """A window that ends before it starts or lies on another day is a slip that would drop the visit silently."""
    assert paths_of(**changes) == [path]


def test_open_windows_may_reach_to_the_end_of_the_calendar_but_promises_not() -> None:
    """A hard window without an end is often written so; a promise for the year 9999 is a slip of the pen."""
    endless = TimeWindow(at("09:00"), datetime(9999, 12, 30, tzinfo=at("09:00").tzinfo))
    assert paths_of(windows=(endless,)) == []
    assert paths_of(promised_window=endless) == ["promised_window.latest"]
    assert paths_of(preferred_window=endless) == ["preferred_window.latest"]


def test_what_was_told_may_be_about_another_day_and_somebody_who_is_gone() -> None:
    """It is what happened, not a wish: a visit moved to today was told yesterday's time, by a colleague who left."""
    assert paths_of(told=Told(technician_id="nobody", window=window("08:00", "09:00", 15))) == []


def test_a_window_of_one_instant_is_a_window() -> None:
    """Intervals are closed: an appointment at noon sharp is [12:00, 12:00]."""
    assert paths_of(windows=(window("12:00", "12:00"),)) == []


def test_a_window_that_reaches_into_the_horizon_is_fine() -> None:
    """Yesterday evening to this morning: the part of today counts."""
    assert paths_of(windows=(window("20:00", "20:00", 15),)) == ["windows[0]"]
    assert paths_of(windows=(TimeWindow(at("20:00", 15), at("09:00")),)) == []


def test_work_that_is_overdue_already_is_no_fault() -> None:
    """The backlog is what a plan is for: due last week is legal, and expensive."""
    assert paths_of(due=at("12:00", 9)) == []


def test_rules_that_leave_no_start_are_one_fault_of_the_visit() -> None:
    """Each is fine alone; together nobody could ever serve it, and no window is the guilty one."""
    changes = {"windows": (window("08:00", "10:00"),), "promised_window": window("11:00", "12:00")}
    faults = problem_faults(make_problem(make_visit(**changes)))
    assert [(fault.path, fault.found) for fault in faults] == [("visits[0]", "none")]
    assert paths_of(windows=(window("08:00", "10:00"),), release=at("10:01")) == ["visits[0]"]


def test_a_late_start_after_a_soft_promise_is_a_start() -> None:
    """Only a hard promise ends with its latest bound: the visit at 13:00 is late, not impossible."""
    changes = {"windows": (window("13:00", "14:00"),), "promised_window": window("11:00", "12:00")}
    assert paths_of(**changes) == []
    assert paths_of(**changes, promise_is_hard=True) == ["visits[0]"]


@pytest.mark.parametrize(
    ("changes", "pin", "field"),
    [
        ({"windows": (window("08:00", "10:00"),)}, Pin(start=at("10:01")), "start"),
        ({"promised_window": window("10:00", "12:00")}, Pin(start=at("09:59")), "start"),
        ({"promised_window": window("10:00", "12:00")}, Pin(start=at("12:01")), "start"),
        ({"release": at("10:00")}, Pin(start=at("09:00")), "start"),
        ({}, Pin(start=at("10:00", 18)), "start"),
        ({}, Pin(sequence=1), "sequence"),
        ({}, Pin(technician_id="kim", sequence=-1), "sequence"),
        ({}, Pin(technician_id="nobody"), "technician_id"),
        ({"required_skills": {"gas": 3}}, Pin(technician_id="kim"), "technician_id"),
        ({"required_skills": {"power": 1}}, Pin(technician_id="kim"), "technician_id"),
        ({"allowed_technicians": frozenset()}, Pin(technician_id="kim"), "technician_id"),
        ({"forbidden_technicians": frozenset({"kim"})}, Pin(technician_id="kim"), "technician_id"),
        ({"windows": (window("05:00", "07:59"),)}, Pin(technician_id="kim"), "technician_id"),
        ({}, Pin(technician_id="kim", start=at("07:00")), "technician_id"),
        ({}, Pin(technician_id="kim", start=at("17:31")), "technician_id"),
    ],
)
def test_a_pin_that_cannot_be_kept_is_reported(changes: dict[str, Any], pin: Pin, field: str) -> None:
    """Pins are never moved, so one that contradicts the visit, the person or the shift must be found before."""
    assert paths_of(**changes, pin=pin) == [f"pin.{field}"]


def test_pins_that_can_be_kept_are_fine() -> None:
    """Start at the last moment that is over by the hard end, by the right person, in a given order."""
    # 17:30 + 30 min = 18:00, the hard end.
    assert paths_of(pin=Pin(technician_id="kim", start=at("17:30"), sequence=0), required_skills={"gas": 2}) == []
    assert paths_of(pin=Pin(start=at("12:00")), promised_window=window("10:00", "12:00")) == []


def test_a_pinned_start_counts_with_the_pace_of_the_technician() -> None:
    """Half an hour takes Lee 45 minutes; from 17:30 that is past the hard end at 18:00."""
    slow = make_technician(make_shift(), duration_permille=1_500)
    visit = make_visit(pin=Pin(technician_id="kim", start=at("17:30")))
    assert fault_paths(make_problem(visit, technicians=[slow])) == ["visits[0].pin.technician_id"]


def test_an_instant_without_offset_does_not_hide_other_faults() -> None:
    """It cannot be compared with anything, and must not end the check with an exception either."""
    naive = datetime(2026, 3, 16, 9)
    assert paths_of(release=naive, pin=Pin(technician_id="kim", start=naive), priority=7) == [
        "priority",
        "release",
        "pin.start",
    ]
