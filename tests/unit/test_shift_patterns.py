"""Wall-clock shifts laid on dates."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from fieldops.domain.shift_pattern import BreakPattern, ShiftPattern, dates_between, shift_on

NEW_YORK = ZoneInfo("America/New_York")


def _pattern(start: str, end: str, *breaks: BreakPattern) -> ShiftPattern:
    return ShiftPattern(
        start=time.fromisoformat(start),
        end=time.fromisoformat(end),
        overtime=timedelta(hours=1),
        start_place_id="depot",
        end_place_id=None,
        breaks=breaks,
    )


def _utc(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def test_wall_clock_becomes_instants_of_the_zone() -> None:
    """A technician reads 8:00 on the wall; in New York's summer that is 12:00 UTC."""
    lunch = BreakPattern(earliest_start=time(11, 30), latest_start=time(12, 30), duration=timedelta(minutes=30))
    shift = shift_on(_pattern("08:00", "16:30", lunch), "sh_1", date(2026, 3, 16), NEW_YORK)

    assert (shift.start, shift.end, shift.hard_end) == (_utc(16, 12), _utc(16, 20, 30), _utc(16, 21, 30))
    assert (shift.breaks[0].earliest_start, shift.breaks[0].latest_start) == (_utc(16, 15, 30), _utc(16, 16, 30))


def test_night_shift_ends_on_the_next_morning() -> None:
    """A night shift belongs to the date it starts on; its break may come after midnight."""
    pause = BreakPattern(earliest_start=time(1), latest_start=time(2), duration=timedelta(minutes=30))
    shift = shift_on(_pattern("22:00", "06:00", pause), "sh_1", date(2026, 3, 16), NEW_YORK)

    # 22:00 EDT = 2:00 UTC the day after; 6:00 EDT = 10:00 UTC; 1:00 EDT = 5:00 UTC.
    assert (shift.start, shift.end) == (_utc(17, 2), _utc(17, 10))
    assert shift.breaks[0].earliest_start == _utc(17, 5)


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 7), 7), (date(2026, 3, 8), 8), (date(2026, 10, 31), 9), (date(2026, 11, 1), 8)],
)
def test_night_of_the_clock_change_is_shorter_or_longer(day: date, hours: int) -> None:
    """From 22:00 to 6:00 the wall clock shows 8 hours; whoever works the night it changes works 7 or 9."""
    shift = shift_on(_pattern("22:00", "06:00"), "sh_1", day, NEW_YORK)

    assert shift.end - shift.start == timedelta(hours=hours)
    assert shift.hard_end - shift.end == timedelta(hours=1)


def test_skipped_wall_clock_time_is_read_with_the_offset_from_before() -> None:
    """2:30 does not exist on 2026-03-08 in New York: at the old offset (-5 h) it is 7:30 UTC, which shows as 3:30."""
    shift = shift_on(_pattern("02:30", "10:00"), "sh_1", date(2026, 3, 8), NEW_YORK)

    assert shift.start == _utc(8, 7, 30)
    assert shift.start.astimezone(NEW_YORK).time() == time(3, 30)


def test_dates_of_a_range_fall_on_the_weekdays_asked_for() -> None:
    """Shifts are entered for weeks at a time; 2026-03-16 is a Monday."""
    days = list(dates_between(date(2026, 3, 16), date(2026, 3, 27), frozenset({0, 4})))

    assert days == [date(2026, 3, 16), date(2026, 3, 20), date(2026, 3, 23), date(2026, 3, 27)]
    assert list(dates_between(date(2026, 3, 17), date(2026, 3, 16), frozenset(range(7)))) == []
