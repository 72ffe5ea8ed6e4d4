"""Time that passes without events, and what follows on days under way."""

from datetime import timedelta

import pytest

from fieldops.domain.live import Eta
from fieldops.store.database import Database
from fieldops.store.tables import EtaRow, LiveDayRow, ProgressEventRow
from fieldops.usecases.read_live import read_live
from fieldops.usecases.refresh_etas import refresh_etas
from fieldops.usecases.retention import forget_old
from fieldops.usecases.sweep_days import days_under_way, sweep_days
from fieldops.usecases.work import transact, view
from live_worlds import LiveWorld, make_live_world
from worlds import STAFF, SYSTEM, TODAY, TOMORROW


@pytest.fixture
def world(database: Database) -> LiveWorld:
    """Make a day: Kim serves a, b and c, two kilometers apart, from 8:00 on; a is promised for 8:00 to 10:00."""
    return make_live_world(database)


def expected(world: LiveWorld, visit: str) -> EtaRow:
    """Give what is expected of a visit."""
    row: EtaRow = world.row(EtaRow, world.ids[visit])
    return row


def test_where_nobody_reports_silence_says_nothing(world: LiveWorld) -> None:
    """A company whose technicians report nothing must not tell its customers that everybody is late."""
    world.clock_at("09:30")

    assert sweep_days(world.ctx) == 0
    assert expected(world, "a") is None


def test_who_should_have_left_by_now_is_late(world: LiveWorld) -> None:
    """Kim was seen in the morning and nothing since: at 9:50 the promise until 10:00 is in jeopardy, and noticed."""
    world.report("position", at="07:50", km_north=-8.0)
    assert expected(world, "a").at_risk_since is None
    world.clock_at("09:55")

    assert sweep_days(world.ctx) == 1

    row = expected(world, "a")
    assert row.arrival_at >= world.clock.now()
    assert row.at_risk_since == world.clock.now()
    assert world.row(LiveDayRow, (world.territory.id, TODAY)).wanted_why == ["at risk: Boiler inspection"]


def test_a_day_is_under_way_from_its_first_shift_to_its_last(world: LiveWorld) -> None:
    """Two hours after the last shift nothing is swept any more."""
    world.report("started", "a", at="08:10")

    assert view(world.ctx, SYSTEM, days_under_way) == [(world.territory.id, TODAY)]

    world.clock_at("20:01")

    assert view(world.ctx, SYSTEM, days_under_way) == []


def test_a_refresh_says_what_has_changed_and_nothing_else(world: LiveWorld) -> None:
    """The same state refreshed twice is news once; what is served is expected no more."""
    world.report("started", "a", at="08:10")
    world.clock_at("08:11")

    first = transact(world.ctx, STAFF, refresh_etas, world.territory.id, TODAY)
    second = transact(world.ctx, STAFF, refresh_etas, world.territory.id, TODAY)

    assert {eta.visit_id for eta in first} <= {world.ids["b"], world.ids["c"]}
    assert all(isinstance(eta, Eta) for eta in first)
    assert second == ()
    assert expected(world, "a") is None


def test_a_range_holds_the_middle_and_grows_along_the_route(world: LiveWorld) -> None:
    """The farther ahead, the less is known: c is more uncertain than b."""
    world.report("started", "a", at="08:10")
    b, c = expected(world, "b"), expected(world, "c")

    assert b.earliest_at < b.arrival_at < b.latest_at
    assert c.latest_at - c.earliest_at > b.latest_at - b.earliest_at
    assert b.kept_permille is None


def test_days_to_come_have_no_etas(world: LiveWorld) -> None:
    """Tomorrow nobody is anywhere yet."""
    assert transact(world.ctx, STAFF, refresh_etas, world.territory.id, TOMORROW) == ()
    assert view(world.ctx, STAFF, read_live, world.territory.id, TOMORROW).etas == ()


def test_where_people_were_is_forgotten_what_they_did_is_not(world: LiveWorld) -> None:
    """Positions are deleted after a while, with what was expected of visits that never ended; progress stays."""
    world.report("position", at="08:01", km_north=1.0, id="ev_position")
    world.report("started", "a", at="08:10", id="ev_started")
    world.clock.advance(timedelta(days=world.ctx.settings.retention_days + 1))

    forgotten = forget_old(world.ctx)

    assert (forgotten["positions"], forgotten["etas"]) == (1, 2)
    assert world.row(ProgressEventRow, "ev_position") is None
    assert world.row(ProgressEventRow, "ev_started") is not None
