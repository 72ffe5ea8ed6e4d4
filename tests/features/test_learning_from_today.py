"""On a slow day everybody is slow: the drives of the morning say when to expect those of the afternoon."""

from datetime import timedelta

from fieldops.store.database import Database
from fieldops.store.tables import EtaRow, LiveDayRow
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.sweep_days import look_after_day
from fieldops.usecases.work import transact
from live_worlds import LiveWorld, make_live_world
from worlds import TODAY


def _look_after(world: LiveWorld) -> int:
    """Let time pass without events, and return what travel is expected to take, permille."""
    transact(world.ctx, SYSTEM, look_after_day, world.territory.id, TODAY)
    row = world.row(LiveDayRow, (world.territory.id, TODAY))
    return 1_000 if row is None else row.travel_permille


def test_slow_drives_make_the_next_ones_expected_later(database: Database) -> None:
    """Kim takes 40 minutes for the few planned to a: b is expected later than after a drive as planned."""
    world = make_live_world(database)
    world.report("travel_started", "a", at="08:00")
    world.report("arrived", "a", at="08:40")
    before = world.row(EtaRow, world.ids["b"]).arrival_at

    permille = _look_after(world)

    # A drive counts as at most five times its plan, against an hour and a half that the plan counts for.
    planned = world.leg("home", "a") / timedelta(seconds=1)
    assert permille == round(1_000 * (5_400 + min(2_400, 5 * planned)) / (5_400 + planned))
    assert permille > 1_000
    assert world.row(EtaRow, world.ids["b"]).arrival_at > before


def test_what_was_reported_of_the_traffic_counts_for_more(database: Database) -> None:
    """A dispatcher knows of the closed bridge; when it is open again, the drives have the word."""
    world = make_live_world(database)
    world.report("travel_started", "a", at="08:00")
    world.report("arrived", "a", at="08:40")
    learned = _look_after(world)

    world.report("traffic", at="08:41", permille=1_500)
    assert _look_after(world) == 1_500
    world.report("traffic", at="08:42", permille=1_000)

    assert _look_after(world) == learned > 1_000
