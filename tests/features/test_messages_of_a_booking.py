"""The life of a booking as its customer hears it: from the use cases to the channels."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from booking_worlds import MORNING, NOON, TOMORROW, make_world
from fieldops.domain.problem import TimeWindow
from fieldops.store.database import Database
from fieldops.store.tables import WaitlistRow
from fieldops.usecases.cancel_booking import cancel_booking
from fieldops.usecases.reschedule_booking import reschedule_booking
from fieldops.usecases.send_due import send_due
from fieldops.usecases.waitlist import join_waitlist
from fieldops.usecases.webhooks import register_webhook
from fieldops.usecases.work import transact
from message_worlds import Told, outbox
from worlds import NOW, OPS, STAFF, local

IN_FOUR_DAYS = TOMORROW + timedelta(days=3)
LATER = TimeWindow(local("10:00", IN_FOUR_DAYS), local("12:00", IN_FOUR_DAYS))


def test_every_step_is_told_once_with_the_window_it_led_to(database: Database) -> None:
    """Booked, moved, reminded, canceled: four messages, and other systems hear of three of them."""
    told = Told()
    world = make_world(database, days=(TOMORROW, IN_FOUR_DAYS))
    ctx = replace(world.ctx, channels=told.channels())
    transact(ctx, OPS, register_webhook, url="https://hooks.example.com")
    visit = world.visit()

    booking = world.book(visit, MORNING)
    send_due(ctx)
    transact(ctx, STAFF, reschedule_booking, booking.id, world.offer(visit, LATER).id)
    send_due(ctx)
    world.clock.advance(LATER.earliest - NOW - timedelta(hours=24))
    send_due(ctx)
    transact(ctx, STAFF, cancel_booking, booking.id, "the part is not there")
    send_due(ctx)

    # March 16 is today, the 17th tomorrow; the booking moves to the 20th, a Friday.
    assert [mail.title for mail in told.email.sent] == [
        "Your appointment on Tuesday, March 17, 2026 is confirmed",
        "Your appointment has moved to Friday, March 20, 2026",
        "Reminder: your appointment on Friday, March 20, 2026",
        "Your appointment on Friday, March 20, 2026 is canceled",
    ]
    assert "It replaces the one before: Tuesday, March 17, 2026" in told.email.sent[1].body
    assert "Reason: the part is not there" in told.email.sent[3].body
    assert [event.title for event in told.webhook.sent] == [
        "booking.confirmed",
        "booking.changed",
        "booking.canceled",
    ]


def test_who_waits_for_an_earlier_slot_is_told_when_one_frees(database: Database) -> None:
    """Somebody cancels, the next one comes sooner: the waitlist is worth joining."""
    told = Told()
    world = make_world(database, days=(TOMORROW,))
    ctx = replace(world.ctx, channels=told.channels())
    early = world.book(world.visit(duration_s=7_200), MORNING)
    waiting = world.book(world.visit(duration_s=7_200), NOON)
    transact(ctx, STAFF, join_waitlist, waiting.id, local("08:00", TOMORROW), consent=True)
    send_due(ctx)
    told.email.sent.clear()

    transact(ctx, STAFF, cancel_booking, early.id, "not needed any more")
    send_due(ctx)

    with database.reading() as session:
        entry = session.scalars(select(WaitlistRow)).one()
    (asked,) = outbox(database, kind="earlier_slot")
    assert (asked.subject_id, asked.state, entry.state) == (entry.offer_id, "sent", "offered")
    slot = next(mail for mail in told.email.sent if mail.id == asked.id)
    assert slot.title == "An earlier appointment is free"
    # The old window is told, too: it stays when the customer does nothing.
    assert "12:00 PM" in slot.body
