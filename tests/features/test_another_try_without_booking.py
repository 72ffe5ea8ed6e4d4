"""A visit that failed, and that nobody was promised, gets its first window: whoever waits for it is on the line."""

from datetime import timedelta

import pytest

from booking_worlds import MORNING, World, make_world
from fieldops.domain.problem import TimeWindow
from fieldops.domain.progress import EventKind, ProgressEvent
from fieldops.errors import WrongState
from fieldops.store.database import Database
from fieldops.store.ids import new_id
from fieldops.store.tables import VisitProgressRow, VisitRow
from fieldops.usecases.confirm_booking import confirm_booking
from fieldops.usecases.expire_holds import expire_holds
from fieldops.usecases.hold_window import hold_window
from fieldops.usecases.read_plan import read_plan
from fieldops.usecases.record_progress import record_events
from fieldops.usecases.release_hold import release_hold
from fieldops.usecases.work import transact, view
from worlds import STAFF, SYSTEM, TODAY, TOMORROW, local

AFTERNOON = TimeWindow(local("14:00"), local("16:00"))


def _report(world: World, visit: VisitRow, kind: EventKind, at: str) -> None:
    """Report something at a local time of today, when it happens."""
    world.clock.advance(local(at) - world.clock.now())
    event = ProgressEvent(id=new_id("ev"), kind=kind, visit_id=visit.id, occurred_at=local(at), reason="no part")
    transact(world.ctx, STAFF, record_events, [event])


def _failed(database: Database) -> tuple[World, VisitRow]:
    """Make a world in which a visit nobody was promised failed at 10:45 today."""
    world = make_world(database, days=(TODAY, TOMORROW))
    visit = world.visit()
    world.plan_open(visit, shift=world.shifts[0])
    _report(world, visit, EventKind.STARTED, "10:30")
    _report(world, visit, EventKind.COULD_NOT_COMPLETE, "10:45")
    assert world.row(VisitRow, visit.id).state == "failed"
    return world, visit


def test_a_visit_that_failed_and_was_never_booked_is_booked(database: Database) -> None:
    """In the afternoon of the same day: it goes on there from the beginning, as one that is moved does."""
    world, visit = _failed(database)
    # Until then it stands among those without a place, for somebody to call.
    plan = view(world.ctx, STAFF, read_plan, world.territory.id, TODAY)
    assert [left.visit_id for left in plan.without_place] == [visit.id]

    world.book(visit, AFTERNOON)

    assert world.row(VisitRow, visit.id).state == "booked"
    assert world.row(VisitProgressRow, visit.id).phase == "planned"
    _report(world, visit, EventKind.STARTED, "14:00")
    _report(world, visit, EventKind.DONE, "14:30")
    assert world.row(VisitRow, visit.id).state == "done"


def test_another_try_that_comes_to_nothing_leaves_the_visit_failed(database: Database) -> None:
    """Released, or held for another window and expired: no plan tries again what only the customer can ask for."""
    world, visit = _failed(database)
    hold = world.hold(visit, AFTERNOON)
    transact(world.ctx, STAFF, release_hold, hold.id)
    assert world.row(VisitRow, visit.id).state == "failed"
    world.hold(visit, AFTERNOON)
    last = world.hold(visit, MORNING)

    world.clock.advance(timedelta(minutes=20))
    transact(world.ctx, SYSTEM, expire_holds)

    assert world.row(VisitRow, visit.id).state == "failed"
    # Too late, and nobody has taken the window meanwhile.
    transact(world.ctx, STAFF, confirm_booking, last.id)
    assert world.row(VisitRow, visit.id).state == "booked"


def test_a_visit_that_failed_with_a_booking_is_moved_instead(database: Database) -> None:
    """Its booking is one promise with a history; a second one would not know what became of the first."""
    world = make_world(database, days=(TODAY, TOMORROW))
    visit = world.visit()
    world.book(visit, TimeWindow(local("10:00"), local("12:00")))
    _report(world, visit, EventKind.STARTED, "10:30")
    _report(world, visit, EventKind.COULD_NOT_COMPLETE, "10:45")

    with pytest.raises(WrongState, match="reschedule its booking instead"):
        transact(world.ctx, STAFF, hold_window, world.offer(visit, AFTERNOON).id)
