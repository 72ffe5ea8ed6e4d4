"""Faults of technicians, shifts and breaks."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain_builders import at, fault_paths, make_break, make_problem, make_shift, make_technician
from fieldops.domain.faults import problem_faults
from fieldops.domain.problem import Break, Shift

SHIFT = "technicians[0].shifts[0]"


def paths_of(*shifts: Shift, **changes: Any) -> list[str]:
    """List where the faults of a problem with one technician are."""
    return fault_paths(make_problem(technicians=[make_technician(*shifts, **changes)]))


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"skills": {"juggling": 1}}, "technicians[0].skills.juggling"),
        ({"skills": {"gas": 0}}, "technicians[0].skills.gas"),
        ({"skills": {"gas": -1}}, "technicians[0].skills.gas"),
        ({"duration_permille": 99}, "technicians[0].duration_permille"),
        ({"duration_permille": 10_001}, "technicians[0].duration_permille"),
        ({"work_rate": -1}, "technicians[0].work_rate_cents"),
        ({"overtime_rate": -1}, "technicians[0].overtime_rate_cents"),
    ],
)
def test_values_of_a_technician_are_judged(changes: dict[str, Any], path: str) -> None:
    """Each has a range outside of which it is a typing mistake."""
    assert paths_of(**changes) == [path]


@pytest.mark.parametrize("permille", [100, 10_000])
def test_the_ends_of_the_pace_are_allowed(permille: int) -> None:
    """Ten times as fast and ten times as slow are the limits, both included."""
    assert paths_of(duration_permille=permille) == []


def test_a_skill_name_of_several_words_is_quoted_in_the_path() -> None:
    """Paths must be readable for any name."""
    assert paths_of(skills={"deep sea diving": 1}) == ['technicians[0].skills["deep sea diving"]']


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"end": at("07:00")}, f"{SHIFT}.end"),
        ({"end": at("08:00")}, f"{SHIFT}.end"),
        ({"hard_end": at("15:59")}, f"{SHIFT}.hard_end"),
        ({"start": at("23:59", 15)}, f"{SHIFT}.start"),
        ({"hard_end": at("00:01", 17)}, f"{SHIFT}.hard_end"),
        ({"start_place_id": "moon"}, f"{SHIFT}.start_place_id"),
        ({"end_place_id": "moon"}, f"{SHIFT}.end_place_id"),
        ({"max_visits": -1}, f"{SHIFT}.max_visits"),
        ({"max_travel": timedelta(seconds=-1)}, f"{SHIFT}.max_travel_s"),
        ({"max_work": timedelta(days=15)}, f"{SHIFT}.max_work_s"),
        ({"start": datetime(2026, 3, 16, 8)}, f"{SHIFT}.start"),
        ({"start": at("08:00") + timedelta(milliseconds=1)}, f"{SHIFT}.start"),
    ],
)
def test_values_of_a_shift_are_judged(changes: dict[str, Any], path: str) -> None:
    """A shift that ends before it starts, leaves the horizon or starts nowhere cannot be planned."""
    assert paths_of(make_shift(**changes)) == [path]


def test_a_shift_may_fill_the_whole_horizon_and_end_anywhere() -> None:
    """The horizon's two midnights are inside it, and an open end is no missing place."""
    assert paths_of(make_shift(start=at("00:00"), hard_end=at("00:00", 17), end_place_id=None)) == []


def test_a_shift_in_another_offset_is_the_same_shift() -> None:
    """08:00 in New York is 12:00 UTC; only the instant counts."""
    utc_noon = datetime.fromisoformat("2026-03-16T12:00:00+00:00")
    assert paths_of(make_shift(start=utc_noon)) == []


def test_shifts_of_one_technician_do_not_overlap() -> None:
    """Nobody is in two places; the overtime allowed counts as well."""
    # The first shift may last to 18:00.
    late = make_shift(id="kim-late", start=at("17:59"), end=at("20:00"), hard_end=at("20:00"))
    assert paths_of(late, make_shift()) == ["technicians[0].shifts[0].start"]


def test_a_shift_inside_a_longer_one_hides_no_later_overlap() -> None:
    """The third shift overlaps the first, not its neighbor in time."""
    whole_day = make_shift(start=at("00:00"), end=at("20:00"), hard_end=at("20:00"))
    short = make_shift(id="short", start=at("01:00"), end=at("02:00"), hard_end=at("02:00"))
    evening = make_shift(id="evening", start=at("19:00"), end=at("21:00"), hard_end=at("21:00"))
    assert paths_of(whole_day, short, evening) == ["technicians[0].shifts[1].start", "technicians[0].shifts[2].start"]


def test_shifts_that_touch_do_not_overlap() -> None:
    """One may begin when the other must have ended."""
    late = make_shift(id="kim-late", start=at("18:00"), end=at("20:00"), hard_end=at("20:00"))
    assert paths_of(make_shift(), late) == []


def test_shifts_of_two_technicians_may_overlap() -> None:
    """That is what a team is for."""
    other = make_technician(make_shift(id="lee-monday"), id="lee")
    assert fault_paths(make_problem(technicians=[make_technician(), other])) == []


@pytest.mark.parametrize(
    ("pause", "field"),
    [
        (make_break("12:00", "11:00"), "latest_start"),
        (make_break("12:00", "13:00", duration=timedelta(0)), "duration_s"),
        (make_break("12:00", "13:00", duration=timedelta(minutes=-30)), "duration_s"),
        (make_break("06:00", "07:59"), "latest_start"),
        (make_break("17:31", "19:00"), "earliest_start"),
        (make_break("19:00", "19:30"), "earliest_start"),
        (make_break("12:00", "12:00", place_id="moon"), "place_id"),
        (make_break("12:00", "13:00", place_id="customer"), "latest_start"),
        (make_break("12:00", "13:00", latest_start=datetime(2026, 3, 16, 13)), "latest_start"),
    ],
)
def test_a_break_that_cannot_be_taken_is_reported(pause: Break, field: str) -> None:
    """A break lies in its shift, has a length, and is fixed when it has a place."""
    assert paths_of(make_shift(breaks=(pause,))) == [f"{SHIFT}.breaks[0].{field}"]


def test_a_break_does_not_begin_before_the_horizon() -> None:
    """The solver counts seconds from the horizon's start; nothing is planned before it."""
    night = make_shift(start=at("00:00"), breaks=(make_break("00:00", "00:30", earliest_start=at("23:59", 15)),))
    assert paths_of(night) == [f"{SHIFT}.breaks[0].earliest_start"]


def test_a_break_just_inside_the_shift_is_fine() -> None:
    """Both ends are inclusive: it may be due at the start, and end with the hard end."""
    first, last = make_break("06:00", "08:00"), make_break("17:30", "17:30", place_id="customer")
    assert paths_of(make_shift(breaks=(first, last))) == []


def test_fixed_breaks_do_not_overlap() -> None:
    """A training cannot begin during the dentist."""
    breaks = (make_break("12:00", "12:00"), make_break("12:29", "12:29"))
    assert paths_of(make_shift(breaks=breaks)) == [f"{SHIFT}.breaks[1].latest_start"]


def test_breaks_that_leave_no_room_in_the_given_order_are_reported() -> None:
    """Lunch, tea and training: each pair fits, the three do not."""
    # 12:00 + 30 min + 30 min = 13:00, after the 12:45 at which the third must start.
    breaks = (make_break("12:00", "12:30"), make_break("12:00", "13:00"), make_break("12:45", "12:45"))
    faults = problem_faults(make_problem(technicians=[make_technician(make_shift(breaks=breaks))]))
    assert [fault.path for fault in faults] == [f"{SHIFT}.breaks[2].latest_start"]
    assert "13:00" in faults[0].expected


def test_breaks_one_right_after_the_other_are_fine() -> None:
    """The second may start the second the first ends."""
    breaks = (make_break("12:00", "12:00"), make_break("12:30", "12:30"))
    assert paths_of(make_shift(breaks=breaks)) == []


def test_more_breaks_than_the_solver_places_are_reported() -> None:
    """Eight are the most; a ninth would be refused later, without a line number."""
    breaks = tuple(make_break(f"{8 + k}:00", f"{8 + k}:00") for k in range(9))
    assert paths_of(make_shift(breaks=breaks)) == [f"{SHIFT}.breaks"]


def test_shifts_are_fully_checked_even_when_their_times_are_wrong() -> None:
    """One broken instant must not hide the unknown place next to it."""
    shift = make_shift(end=at("07:00"), start_place_id="moon", breaks=(make_break("12:00", "11:00"),))
    assert paths_of(shift) == [f"{SHIFT}.end", f"{SHIFT}.start_place_id", f"{SHIFT}.breaks[0].latest_start"]
