"""Booking on the two days of the year that do not have twenty-four hours."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from booking_worlds import World, assert_sound, make_world
from fieldops.domain.problem import TimeWindow
from fieldops.store.database import Database
from fieldops.store.tables import StopRow
from worlds import add_shift, add_site, local, windows_every_day

#: New York skips 2:00 to 3:00 on the first of these Sundays, and has 1:00 to 2:00 twice on the second.
SPRING = date(2026, 3, 8)
AUTUMN = date(2026, 11, 1)


@pytest.mark.parametrize(
    ("day", "utc_hour"),
    [
        # 10:00 is four hours behind UTC after the clock went forward, five after it went back.
        pytest.param(SPRING, 14, id="spring"),
        pytest.param(AUTUMN, 15, id="autumn"),
    ],
)
def test_windows_are_on_the_wall_clock_also_when_it_changes(database: Database, day: date, utc_hour: int) -> None:
    """The customer reads 10:00 on any day; the plan counts the seconds that really pass."""
    world = make_world(database, days=(day,), now=datetime(day.year, day.month, 1, tzinfo=UTC))
    window = TimeWindow(local("10:00", day), local("12:00", day))

    booking = world.book(world.visit(), window)

    assert booking.window_start == datetime(day.year, day.month, day.day, utc_hour, tzinfo=UTC)
    assert booking.planned_start == window.earliest
    assert_sound(world.ctx)


def test_visit_over_the_skipped_hour_takes_as_long_as_ever(database: Database) -> None:
    """From 1:30 on, an hour of work ends at 3:30 by the wall clock of the spring night."""
    world = make_world(
        database, days=(), now=datetime(2026, 3, 6, tzinfo=UTC), offered_windows=_night("01:30", "01:45")
    )
    _add_night_shift(world, SPRING, "01:00", "05:00")
    booking = world.book(
        world.visit_at(0.0, duration_s=3_600), TimeWindow(local("01:30", SPRING), local("01:45", SPRING))
    )

    assert booking.planned_start == datetime(2026, 3, 8, 6, 30, tzinfo=UTC)
    with database.reading() as session:
        finish = session.scalars(select(StopRow.finish_at)).one()
    assert finish == local("03:30", SPRING)
    assert_sound(world.ctx)


def test_window_in_the_skipped_hour_is_offered_after_it(database: Database) -> None:
    """Nobody is promised a time that no clock shows."""
    pattern = _night("02:15", "02:45")
    spring = make_world(database, days=(), now=datetime(2026, 3, 6, tzinfo=UTC), offered_windows=pattern)
    _add_night_shift(spring, SPRING, "01:00", "06:00")
    offers = spring.quote(spring.visit(), first_date=SPRING, num_days=1).offers

    # 2:15 with the offset from before the change is 7:15 UTC: 3:15 on the new clock.
    assert [offer.window_start for offer in offers] == [datetime(2026, 3, 8, 7, 15, tzinfo=UTC)]


def test_doubled_hour_is_offered_once(database: Database) -> None:
    """1:15 comes twice in the autumn night; the first one is meant."""
    autumn = make_world(
        database, days=(), now=datetime(2026, 10, 30, tzinfo=UTC), offered_windows=_night("01:15", "01:45")
    )
    _add_night_shift(autumn, AUTUMN, "00:30", "06:00")
    offers = autumn.quote(autumn.visit(), first_date=AUTUMN, num_days=1).offers

    assert [offer.window_start for offer in offers] == [datetime(2026, 11, 1, 5, 15, tzinfo=UTC)]


def _add_night_shift(world: World, day: date, start: str, end: str) -> None:
    with world.ctx.database.writing() as session:
        depot = add_site(session, kind="depot")
        add_shift(session, world.technicians[0], day=day, start=start, end=end, base=depot)


def _night(start: str, end: str) -> list[dict[str, object]]:
    return windows_every_day((start, end))
