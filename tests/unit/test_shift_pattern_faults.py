"""Judging shift patterns: all faults at once, by field."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fieldops.domain.shift_pattern import BreakPattern, ShiftPattern, shift_on
from fieldops.domain.shift_pattern_faults import laid_shift_faults, pattern_faults

PLACES = {"depot", "home"}
LUNCH = BreakPattern(earliest_start=time(12), latest_start=time(13), duration=timedelta(minutes=30))


def _pattern(**changes: Any) -> ShiftPattern:
    defaults: dict[str, Any] = {
        "start": time(8),
        "end": time(17),
        "overtime": timedelta(hours=1),
        "start_place_id": "depot",
        "end_place_id": "home",
        "breaks": (LUNCH,),
    }
    return ShiftPattern(**{**defaults, **changes})


def _pause(start: str, latest: str, minutes: int, **changes: Any) -> BreakPattern:
    earliest_start, latest_start = time.fromisoformat(start), time.fromisoformat(latest)
    return BreakPattern(
        earliest_start=earliest_start, latest_start=latest_start, duration=timedelta(minutes=minutes), **changes
    )


def _paths(pattern: ShiftPattern) -> list[str]:
    return [fault.path for fault in pattern_faults(pattern, PLACES)]


def test_usual_shift_has_no_faults() -> None:
    """Judges that refuse what everybody enters would be switched off."""
    night = _pattern(start=time(22), end=time(6), breaks=(_pause("01:00", "03:00", 45),))

    assert _paths(_pattern()) == []
    assert _paths(night) == []


def test_all_faults_of_a_pattern_are_reported_at_once() -> None:
    """Whoever enters a quarter of shifts should not have to try five times."""
    pattern = _pattern(
        end=time(8),
        overtime=timedelta(hours=13),
        start_place_id="si_customer",
        end_place_id="si_gone",
        breaks=(),
        max_visits=0,
        max_travel=timedelta(0),
        max_work=timedelta(hours=25),
    )

    assert _paths(pattern) == [
        "end",
        "overtime_minutes",
        "start_place_id",
        "end_place_id",
        "max_visits",
        "max_travel_minutes",
        "max_work_minutes",
    ]


def test_breaks_lie_in_the_shift_and_follow_each_other() -> None:
    """A break nobody can take would make every route of the shift impossible, without a word why."""
    upside_down = _pattern(breaks=(_pause("13:00", "12:00", 30),))
    outside = _pattern(breaks=(_pause("19:00", "19:00", 30),))
    # The first takes until 12:45 at best, the second must begin by 12:30.
    too_close = _pattern(breaks=(_pause("12:00", "12:15", 45), _pause("12:00", "12:30", 15)))
    fixed = _pattern(breaks=(_pause("12:00", "13:00", 30, place_id="home"),))

    assert _paths(upside_down) == ["breaks[0].latest_start"]
    assert _paths(outside) == ["breaks[0].earliest_start"]
    assert _paths(too_close) == ["breaks[1].latest_start"]
    assert _paths(fixed) == ["breaks[0].latest_start"]
    assert _paths(_pattern(breaks=(LUNCH,) * 9))[0] == "breaks"


def test_overlap_names_both_shifts() -> None:
    """Nobody is at two places; overtime that is allowed belongs to the shift."""
    zone = ZoneInfo("America/New_York")
    monday, other = date(2026, 3, 16), _pattern(start=time(18), end=time(22), breaks=())
    laid, taken = shift_on(_pattern(), "new", monday, zone), shift_on(other, "old", monday, zone)
    clear = shift_on(_pattern(overtime=timedelta(0)), "new", monday, zone)
    labels = {"new": "shift on 2026-03-16", "old": "shift old"}

    # 17:00 and an hour of overtime is 18:00: they touch, which is allowed; a minute more is not.
    assert list(laid_shift_faults([laid], [taken], labels)) == []
    longer = shift_on(_pattern(overtime=timedelta(minutes=61)), "new", monday, zone)
    (fault,) = laid_shift_faults([longer], [taken], labels)
    assert fault.path == "shift old.start"
    assert fault.expected == "not before the hard end of shift on 2026-03-16, 2026-03-16T22:01:00+00:00"
    assert list(laid_shift_faults([clear], [taken], labels)) == []


def test_shift_that_the_clock_change_swallows_is_refused() -> None:
    """At 2:00 on 2026-03-08 the clock shows 3:00: from 2:30 (read as 3:30) to 3:15 nothing is left."""
    shift = shift_on(
        _pattern(start=time(2, 30), end=time(3, 15), overtime=timedelta(0), breaks=()),
        "new",
        date(2026, 3, 8),
        ZoneInfo("America/New_York"),
    )
    (fault,) = laid_shift_faults([shift], [], {"new": "shift on 2026-03-08"})

    assert shift.start == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    assert fault.path == "shift on 2026-03-08.end"
