"""Booking into a day that has begun: the past stays as it was, and nobody is where they cannot be."""

from datetime import datetime, timedelta

from sqlalchemy import select

from booking_worlds import World, make_world
from fieldops.domain.problem import Place, TimeWindow
from fieldops.store.database import Database
from fieldops.store.tables import StopRow
from fieldops.store.territories import territory_of
from fieldops.usecases.place_visit import lock_for, take_off_plan
from fieldops.usecases.work import Work, transact
from worlds import DEGREES_PER_KM, LATITUDE, LONGITUDE, STAFF, TODAY, local

AFTERNOON = TimeWindow(local("14:00"), local("16:00"))


def test_insertion_leaves_the_stops_that_have_begun_where_they_are(sqlite_database: Database) -> None:
    """Nobody can be sent somewhere at eight in the morning when it is ten."""
    world = make_world(sqlite_database, days=(TODAY,))
    first, second = world.visit_at(8.0, duration_s=3_600), world.visit_at(2.0, duration_s=3_600)
    world.plan_open(first, second, shift=world.shifts[0])
    before = _starts(world)
    world.clock.advance(timedelta(hours=2))
    assert max(before.values()) <= world.clock.now()
    # On the way to the first one, nine kilometers north would cost next to nothing.
    added = world.visit_at(9.0)

    world.hold(added, AFTERNOON)

    after = _starts(world)
    assert after.pop(added.id) >= AFTERNOON.earliest
    assert after == before


def test_visit_is_not_served_before_its_technician_can_be_there(sqlite_database: Database) -> None:
    """Who has been idle since eight could have been there at noon, but is sent only now."""
    world = make_world(sqlite_database, days=(TODAY,), policies={"notice_minutes": 0})
    world.clock.advance(timedelta(hours=3, minutes=59))
    added = world.visit_at(20.0)

    hold = world.hold(added, TimeWindow(local("12:00"), local("14:00")))

    assert hold.planned_start == local("11:59") + _travel(world, 0.0, 20.0)
    assert _starts(world) == {added.id: hold.planned_start}


def test_visit_behind_one_that_is_over_starts_when_its_technician_can_be_there(sqlite_database: Database) -> None:
    """The same after a visit: the technician leaves it now, not when it was over."""
    world = make_world(sqlite_database, days=(TODAY,), policies={"notice_minutes": 0})
    over, added = world.visit_at(1.0), world.visit_at(20.0)
    world.plan_open(over, shift=world.shifts[0])
    world.clock.advance(timedelta(hours=3, minutes=59))

    hold = world.hold(added, TimeWindow(local("12:00"), local("14:00")))

    assert hold.planned_start == local("11:59") + _travel(world, 1.0, 20.0)


def test_removal_moves_nothing_into_the_past(sqlite_database: Database) -> None:
    """A canceled visit leaves a gap: what comes behind it may be earlier, but not before its technician is there."""
    world = make_world(sqlite_database, days=(TODAY,))
    noon = [[local("12:00").isoformat(), local("12:30").isoformat()]]
    over, canceled, behind = world.visit_at(1.0), world.visit_at(2.0, windows=noon), world.visit_at(20.0)
    world.plan_open(over, canceled, behind, shift=world.shifts[0])
    before = _starts(world)
    world.clock.advance(timedelta(hours=3))

    def cancel(work: Work) -> None:
        take_off_plan(work, lock_for(work, canceled.id, ()), reason="cancel")

    transact(world.ctx, STAFF, cancel)

    assert _starts(world) == {over.id: before[over.id], behind.id: local("11:00") + _travel(world, 1.0, 20.0)}


def test_stop_that_has_begun_stays_when_the_one_before_it_is_taken_off(sqlite_database: Database) -> None:
    """It began after another visit; that this one is canceled afterwards makes it no earlier."""
    world = make_world(sqlite_database, days=(TODAY,))
    canceled, begun = world.visit_at(1.0), world.visit_at(2.0, duration_s=7_200)
    world.plan_open(canceled, begun, shift=world.shifts[0])
    before = _starts(world)
    world.clock.advance(timedelta(hours=2))

    def cancel(work: Work) -> None:
        take_off_plan(work, lock_for(work, canceled.id, ()), reason="cancel")

    transact(world.ctx, STAFF, cancel)

    assert _starts(world) == {begun.id: before[begun.id]}


def _starts(world: World) -> dict[str, datetime]:
    """Read when the stops of the running plan start."""
    with world.ctx.database.reading() as session:
        rows = session.execute(select(StopRow.visit_id, StopRow.start_at).where(StopRow.is_current))
        return {visit_id: start_at for visit_id, start_at in rows}


def _travel(world: World, start_km: float, end_km: float) -> timedelta:
    """Give the travel between two places north of the depot."""
    places = [
        Place(id=f"{km:g} km", latitude=LATITUDE + km * DEGREES_PER_KM, longitude=LONGITUDE)
        for km in (start_km, end_km)
    ]
    matrix = world.ctx.travel(territory_of(world.territory).travel).matrix(places)
    return timedelta(seconds=int(matrix.duration_s[0, 1]))
