"""The windows a territory offers on a date, also on the days the clock changes."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from fieldops.domain.policies import OfferedWindow, windows_on
from fieldops.domain.problem import TimeWindow

NEW_YORK = ZoneInfo("America/New_York")
EVERY_DAY = frozenset(range(7))


def _offered(start: time, end: time, day: date) -> list[TimeWindow]:
    """Offer one window every day, and look at one date."""
    return list(windows_on((OfferedWindow(weekdays=EVERY_DAY, start=start, end=end),), day, NEW_YORK))


def test_a_window_is_offered_on_its_weekdays_only() -> None:
    """A window on Saturday must be a decision, not an accident."""
    monday_only = (OfferedWindow(weekdays=frozenset({0}), start=time(8), end=time(10)),)

    # 8:00 in New York in winter (UTC-5) is 13:00 UTC.
    monday = TimeWindow(datetime(2026, 1, 5, 13, tzinfo=UTC), datetime(2026, 1, 5, 15, tzinfo=UTC))

    assert list(windows_on(monday_only, date(2026, 1, 5), NEW_YORK)) == [monday]
    assert list(windows_on(monday_only, date(2026, 1, 6), NEW_YORK)) == []


def test_windows_keep_their_wall_clock_over_the_clock_change() -> None:
    """Customers live by the clock on their wall: 8:00 stays 8:00, although UTC moves."""
    before, after = _offered(time(8), time(10), date(2026, 3, 7)), _offered(time(8), time(10), date(2026, 3, 8))

    assert before == [TimeWindow(datetime(2026, 3, 7, 13, tzinfo=UTC), datetime(2026, 3, 7, 15, tzinfo=UTC))]
    assert after == [TimeWindow(datetime(2026, 3, 8, 12, tzinfo=UTC), datetime(2026, 3, 8, 14, tzinfo=UTC))]


def test_a_window_across_the_skipped_hour_is_as_long_as_it_really_is() -> None:
    """On 2026-03-08 the clock jumps from 2:00 to 3:00: from 1:00 to 4:00 only two hours pass."""
    assert _offered(time(1), time(4), date(2026, 3, 8)) == [
        TimeWindow(datetime(2026, 3, 8, 6, tzinfo=UTC), datetime(2026, 3, 8, 8, tzinfo=UTC))
    ]


def test_a_window_that_the_clock_skips_is_not_offered() -> None:
    """From 2:30 to 3:00 there is no time at all on 2026-03-08: 2:30 is read as 3:30, which is after its end."""
    assert _offered(time(2, 30), time(3), date(2026, 3, 8)) == []


def test_a_window_in_the_hour_that_comes_twice_is_its_first_occurrence() -> None:
    """On 2026-11-01 1:00 to 2:00 comes twice; the first 1:30 is at 5:30 UTC, and 2:00 comes once, at 7:00 UTC."""
    assert _offered(time(1, 30), time(2), date(2026, 11, 1)) == [
        TimeWindow(datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 1, 7, tzinfo=UTC))
    ]
