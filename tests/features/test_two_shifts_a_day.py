"""Somebody works twice on a day: who is late for the first shift is late for the second one."""

from datetime import datetime, timedelta

import pytest

from fieldops.store.database import Database
from fieldops.store.tables import EtaRow
from live_worlds import LiveWorld, make_live_world
from worlds import local


@pytest.fixture
def world(database: Database) -> LiveWorld:
    """Make a day: Kim serves a, b and c from 8:00 on, 2, 4 and 6 km away, and e, 3 km away, from 19:00 on."""
    world = make_live_world(database, evening=True)
    world.report("done", "a", at="08:40", started="08:10")
    world.report("done", "b", at="09:20", started="08:50")
    return world


def expected(world: LiveWorld) -> tuple[datetime, datetime, datetime]:
    """Give when Kim is expected at e: at the earliest, in the middle, at the latest."""
    row = world.row(EtaRow, world.ids["e"])
    return row.earliest_at, row.arrival_at, row.latest_at


def test_an_overrun_in_the_afternoon_is_late_in_the_evening(world: LiveWorld) -> None:
    """Kim is at c until 21:30 and has to see the depot before e: nobody there counts on 19:00 any more."""
    planned = world.planned_start("e")
    world.report("started", "c", at="17:30")
    before = expected(world)
    # Half an hour was planned; three and a half more.
    world.report("extended", "c", at="17:40", minutes=210)
    earliest, middle, latest = expected(world)

    assert before[1] == pytest.approx(planned, abs=timedelta(minutes=2))
    # 6 km home and 3 km out again, four and a half times the way from b to c. Half of the days are a little better than
    # the mean: the end of such a long visit is anything but certain.
    way = world.leg("b", "c") * 4.5
    assert middle == pytest.approx(local("21:30") + way, abs=timedelta(minutes=25))
    assert earliest < middle < latest


def test_a_first_shift_that_may_be_late_makes_the_second_uncertain(world: LiveWorld) -> None:
    """Kim is expected home at 19:00 sharp, give or take: e is expected later than planned, and not before 19:00."""
    world.report("started", "c", at="18:00")
    world.report("extended", "c", at="18:01", minutes=17)
    earliest, middle, latest = expected(world)

    planned = world.planned_start("e")
    assert earliest >= local("19:00")
    assert planned < middle < planned + timedelta(minutes=20)
    assert latest > middle + timedelta(minutes=5)


def test_a_first_shift_that_ends_in_time_changes_nothing(world: LiveWorld) -> None:
    """Done at noon: the evening is as planned, whatever happened in the morning."""
    world.report("done", "c", at="12:00", started="11:20")

    assert expected(world)[1] == pytest.approx(world.planned_start("e"), abs=timedelta(minutes=2))
