"""From a quote to a booking: what is listed, held, confirmed, moved and cancelled."""

from booking_worlds import TOMORROW, assert_sound, make_world
from worlds import STAFF, local

from fieldops.domain.problem import TimeWindow
from fieldops.store.database import Database
from fieldops.usecases.cancel_booking import cancel_booking
from fieldops.usecases.reschedule_booking import reschedule_booking
from fieldops.usecases.work import transact

MORNING = TimeWindow(local("10:00", TOMORROW), local("12:00", TOMORROW))
NOON = TimeWindow(local("12:00", TOMORROW), local("14:00", TOMORROW))


def test_window_is_quoted_held_booked_moved_and_cancelled(database: Database) -> None:
    """The whole way of a booking."""
    world = make_world(database)
    visit = world.visit()

    booking = world.book(visit, MORNING)
    assert_sound(world.ctx)
    noon = world.offer(visit, NOON)
    moved = transact(world.ctx, STAFF, reschedule_booking, booking.id, noon.id)
    assert_sound(world.ctx)
    cancelled = transact(world.ctx, STAFF, cancel_booking, booking.id, "sold the house")
    assert_sound(world.ctx)
