"""A service that is down for hours loses nothing that is still of use when it is back."""

from datetime import timedelta

import pytest

from fieldops.messaging.kinds import Kind
from fieldops.store.database import Database
from fieldops.store.tables import BookingRow, MessageRow
from fieldops.usecases.send_due import send_due
from message_worlds import DELIVERED, LATER, RecordingChannel, Told, add_booking, cancel, move, outbox, tell
from worlds import NOW, FakeClock, add_customer, make_context

#: From eight in the morning until the evening, before the quiet hours.
HOURS = 10


@pytest.mark.parametrize("kind", [Kind.CONFIRMATION, Kind.REMINDER, Kind.CHANGE, Kind.CANCELLATION])
def test_a_day_without_a_mail_server_loses_nothing(sqlite_database: Database, kind: Kind) -> None:
    """Reminders were lost after eight minutes once; whoever has no other address waits until the server is back."""
    clock, told = FakeClock(), Told(email=RecordingChannel(answers=[LATER]))
    ctx = make_context(sqlite_database, clock=clock, channels=told.channels())
    with sqlite_database.writing() as session:
        booking = add_booking(session, customer=add_customer(session, phone=None))
    if kind is Kind.CANCELLATION:
        with sqlite_database.writing() as session:
            cancel(session, session.get_one(BookingRow, booking.id))
    elif kind is Kind.CHANGE:
        with sqlite_database.writing() as session:
            move(session, session.get_one(BookingRow, booking.id), timedelta(hours=2))
    tell(ctx, booking, Kind.CONFIRMATION if kind is Kind.REMINDER else kind)
    with sqlite_database.writing() as session:
        if kind is Kind.REMINDER:
            for message in outbox(sqlite_database):
                row = session.get_one(MessageRow, message.id)
                row.state, row.due_at = ("due", NOW) if row.kind == kind else ("skipped", row.due_at)

    for _ in range(HOURS * 30):
        send_due(ctx)
        clock.advance(timedelta(minutes=2))
    (waiting,) = outbox(sqlite_database, kind=kind, state="due")
    told.email.answers[:] = [DELIVERED]
    # The longest pause is an hour and a quarter.
    clock.advance(timedelta(minutes=75))
    send_due(ctx)

    assert [message.id for message in outbox(sqlite_database, kind=kind, state="sent")] == [waiting.id]


def test_what_cannot_leave_one_way_for_long_takes_another_that_is_there(sqlite_database: Database) -> None:
    """A customer with a telephone need not wait for the mail server; once is enough, whatever comes back later."""
    clock, told = FakeClock(), Told(email=RecordingChannel(answers=[LATER]))
    ctx = make_context(sqlite_database, clock=clock, channels=told.channels())
    with sqlite_database.writing() as session:
        booking = add_booking(session)
    tell(ctx, booking, "confirmation")

    for _ in range(5 * 60):
        send_due(ctx)
        clock.advance(timedelta(minutes=1))

    assert len(told.sms.sent) == 1
    assert {message.channel: message.state for message in outbox(sqlite_database, kind="confirmation")} == {
        "email": "failed",
        "sms": "sent",
    }


def test_a_way_that_nobody_has_set_up_is_no_other_way(sqlite_database: Database) -> None:
    """The message would wait there for ever, while the mail server is back in the evening."""
    clock, told = FakeClock(), Told(email=RecordingChannel(answers=[LATER]))
    ctx = make_context(sqlite_database, clock=clock, channels={"email": told.email})
    with sqlite_database.writing() as session:
        booking = add_booking(session)
    tell(ctx, booking, "confirmation")

    for _ in range(5 * 60):
        send_due(ctx)
        clock.advance(timedelta(minutes=1))

    (message,) = outbox(sqlite_database, kind="confirmation")
    assert (message.channel, message.state) == ("email", "due")


def test_what_became_pointless_while_it_could_not_leave_has_failed(sqlite_database: Database) -> None:
    """Until then it is tried, the last time shortly before; then somebody has to see that it never left."""
    clock, told = FakeClock(), Told(email=RecordingChannel(answers=[LATER]))
    ctx = make_context(sqlite_database, clock=clock, channels=told.channels())
    with sqlite_database.writing() as session:
        booking = add_booking(session, customer=add_customer(session, phone=None), start=NOW + timedelta(hours=3))
    tell(ctx, booking, "confirmation")

    for _ in range(200):
        send_due(ctx)
        clock.advance(timedelta(minutes=1))

    (message,) = outbox(sqlite_database, kind="confirmation")
    assert (message.state, message.note) == ("failed", "too late to be of use; last attempt: 451 try again")
    assert message.claimed_at is not None
    assert NOW + timedelta(hours=3) - message.claimed_at <= timedelta(minutes=2)
