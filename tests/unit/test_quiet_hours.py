"""When messages may leave: quiet periods over midnight and over nights on which the clock changes."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from fieldops.messaging.quiet_hours import QuietHours, reminder_at
from fieldops.messaging.retries import pause_after, should_go_elsewhere

NEW_YORK = ZoneInfo("America/New_York")
NIGHT = QuietHours(begins=time(20), ends=time(8), zone=NEW_YORK)
NOON = QuietHours(begins=time(12), ends=time(14), zone=NEW_YORK)


def _at(text: str, *, fold: int = 0) -> datetime:
    """Read a New York wall-clock time, as the UTC instant that rows have."""
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("quiet", "asked", "expected"),
    [
        # The edges: quiet from the first second of the period, no longer at its end.
        (NIGHT, "2026-03-16T19:59:59", "2026-03-16T19:59:59"),
        (NIGHT, "2026-03-16T20:00:00", "2026-03-17T08:00:00"),
        (NIGHT, "2026-03-16T23:59:59", "2026-03-17T08:00:00"),
        (NIGHT, "2026-03-17T00:00:00", "2026-03-17T08:00:00"),
        (NIGHT, "2026-03-17T07:59:59", "2026-03-17T08:00:00"),
        (NIGHT, "2026-03-17T08:00:00", "2026-03-17T08:00:00"),
        (NIGHT, "2026-03-17T12:00:00", "2026-03-17T12:00:00"),
        # A period within a day.
        (NOON, "2026-03-16T11:59:00", "2026-03-16T11:59:00"),
        (NOON, "2026-03-16T12:00:00", "2026-03-16T14:00:00"),
        (NOON, "2026-03-16T14:00:00", "2026-03-16T14:00:00"),
        # Nights on which the clock changes: the end keeps its name.
        (NIGHT, "2026-03-07T23:00:00", "2026-03-08T08:00:00"),
        (NIGHT, "2026-03-08T03:00:00", "2026-03-08T08:00:00"),
        (NIGHT, "2026-10-31T22:00:00", "2026-11-01T08:00:00"),
        (NIGHT, "2026-11-01T01:30:00", "2026-11-01T08:00:00"),
    ],
)
def test_a_message_leaves_when_the_clock_says_so(quiet: QuietHours, asked: str, expected: str) -> None:
    """People sleep by the clock on the wall, not by UTC."""
    assert quiet.next_allowed(_at(asked)) == _at(expected)


def test_the_night_is_an_hour_shorter_or_longer_when_the_clock_changes() -> None:
    """From 20:00 to 8:00 are 12 hours, 11 when the clock goes forward, 13 when it goes back."""
    lengths = []
    for evening in ("2026-03-07T20:00", "2026-10-31T20:00", "2026-06-01T20:00"):
        period = NIGHT.period_around(_at(evening))
        assert period is not None
        lengths.append(period[1] - period[0])

    assert lengths == [timedelta(hours=hours) for hours in (11, 13, 12)]


def test_the_hour_that_comes_twice_is_quiet_twice() -> None:
    """A period that ends at 1:30 ends when the clock shows it first; one that begins then begins there, too."""
    until = QuietHours(begins=time(22), ends=time(1, 30), zone=NEW_YORK)
    since = QuietHours(begins=time(1, 30), ends=time(3), zone=NEW_YORK)

    assert until.next_allowed(_at("2026-11-01T01:29")) == _at("2026-11-01T01:30", fold=0)
    assert until.period_around(_at("2026-11-01T01:29", fold=1)) is None
    assert since.next_allowed(_at("2026-11-01T01:45", fold=0)) == _at("2026-11-01T03:00")
    assert since.next_allowed(_at("2026-11-01T01:15", fold=1)) == _at("2026-11-01T03:00")


def test_a_bound_inside_the_skipped_hour_is_read_as_before_it() -> None:
    """2:30 does not exist on March 8: it is 2:30 EST, which the clock calls 3:30 EDT."""
    quiet = QuietHours(begins=time(22), ends=time(2, 30), zone=NEW_YORK)

    assert quiet.next_allowed(_at("2026-03-08T01:00")) == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)


def test_equal_bounds_mean_never_quiet() -> None:
    """The way to switch quiet hours off."""
    never = QuietHours(begins=time(0), ends=time(0), zone=NEW_YORK)

    assert never.period_around(_at("2026-03-16T00:00")) is None
    assert never.last_allowed(_at("2026-03-16T00:00")) == _at("2026-03-16T00:00")


DAY = timedelta(hours=24)
NOW = _at("2026-03-10T09:00")


@pytest.mark.parametrize(
    ("window_start", "before", "expected"),
    [
        # A day before 10:00 is 10:00.
        ("2026-03-17T10:00", DAY, "2026-03-16T10:00"),
        # Twelve hours before 10:00 is 22:00: quiet, so it leaves at 8:00, two hours before the window.
        ("2026-03-17T10:00", timedelta(hours=12), "2026-03-17T08:00"),
        # Twelve hours before 8:00 is 20:00: quiet until the window begins, so it leaves before the night, at 19:45.
        ("2026-03-17T08:00", timedelta(hours=12), "2026-03-16T19:45"),
        ("2026-03-17T07:00", timedelta(hours=2), "2026-03-16T19:45"),
        # Twenty-four hours before 12:00 on the day the clock goes back, the day before shows 13:00.
        ("2026-11-01T12:00", DAY, "2026-10-31T13:00"),
        # It is too late to remind a day before of a window in an hour, and of one that was.
        ("2026-03-10T10:00", DAY, None),
        ("2026-03-09T10:00", DAY, None),
        # 7:00 tomorrow, two hours before is 5:00; before the night is 19:45 today, which is still to come.
        ("2026-03-11T07:00", timedelta(hours=2), "2026-03-10T19:45"),
    ],
)
def test_a_reminder_leaves_in_time_and_in_peace(window_start: str, before: timedelta, expected: str | None) -> None:
    """As long before the window as wished, moved off the night: into the morning, or ahead of it."""
    at = reminder_at(_at(window_start), NOW, before, NIGHT)

    assert at == (None if expected is None else _at(expected))


def test_a_reminder_that_could_only_leave_in_the_past_is_none() -> None:
    """At 22:00 nobody can be reminded of 7:00 any more without being woken."""
    assert reminder_at(_at("2026-03-11T07:00"), _at("2026-03-10T22:00"), timedelta(hours=2), NIGHT) is None


def test_pauses_double_up_to_an_hour_and_differ_between_messages() -> None:
    """Messages that failed together must not come back together; each one comes back alike in every run."""
    pauses = [pause_after("ms_1", attempt).total_seconds() for attempt in range(1, 12)]
    bases = [15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]

    assert all(0.75 * base <= pause <= 1.25 * base for pause, base in zip(pauses, bases, strict=True))
    assert pause_after("ms_1", 1) == pause_after("ms_1", 1)
    assert len({pause_after(f"ms_{number}", 1) for number in range(20)}) == 20
    # Somebody asks for ten minutes, then for a week: the first is granted, the second up to six hours.
    assert pause_after("ms_1", 1, 600) == timedelta(minutes=10)
    assert pause_after("ms_1", 1, 604_800) == timedelta(hours=6)
    assert pause_after("ms_1", 3, 1) == pause_after("ms_1", 3)


def test_nothing_becomes_pointless_in_a_pause() -> None:
    """A text that helps for ten more minutes must not be repeated in an hour; a server's wish is heard all the same."""
    assert pause_after("ms_1", 12, left=timedelta(minutes=10)) == timedelta(minutes=5)
    assert pause_after("ms_1", 12, left=timedelta(seconds=4)) == timedelta(seconds=15)
    assert pause_after("ms_1", 12, left=timedelta(days=2)) == pause_after("ms_1", 12)
    assert pause_after("ms_1", 1, 600, left=timedelta(minutes=10)) == timedelta(minutes=10)


def test_only_people_are_tried_another_way() -> None:
    """An endpoint has one address; what is urgent changes its way sooner."""
    assert not should_go_elsewhere("booking.confirmed", 500)
    assert should_go_elsewhere("arriving_soon", 3)
    assert not should_go_elsewhere("confirmation", 3)


def test_instants_in_a_zone_are_as_good_as_those_in_utc() -> None:
    """Arithmetic in a zone is that of the wall clock: a day before would be an hour off when the clock changes."""
    window_start = datetime(2026, 11, 1, 12, tzinfo=NEW_YORK)

    assert reminder_at(window_start, NOW, DAY, NIGHT) == _at("2026-10-31T13:00")
