"""Sending what is due: once, when it is still true, again when it failed, another way when it cannot arrive."""

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select

from fieldops.messaging.channel import Delivery, Outcome, Outgoing
from fieldops.store.database import Database
from fieldops.store.tables import (
    AuditRow,
    BookingRow,
    ContactPointRow,
    MessageAttemptRow,
    TerritoryRow,
)
from fieldops.usecases.send_due import send_due
from message_worlds import LATER, NEVER, RecordingChannel, Told, add_booking, cancel, move, outbox, tell
from worlds import NOW, FakeClock, add_customer, local, make_context


def _attempts(database: Database, message_id: str) -> list[tuple[int, str, str]]:
    """List number, outcome and detail of a message's attempts."""
    with database.reading() as session:
        rows = session.scalars(select(MessageAttemptRow).where(MessageAttemptRow.message_id == message_id))
        return [(row.number, row.outcome, row.detail) for row in sorted(rows, key=lambda row: row.number)]


def test_a_confirmation_is_sent_with_link_and_calendar_file(database: Database) -> None:
    """The first thing a customer gets from us says when, where and how to change it."""
    told = Told()
    ctx = make_context(database, channels=told.channels(), public_url="https://acme.example")
    with database.writing() as session:
        booking = add_booking(session)
    tell(ctx, booking, "confirmation")

    assert send_due(ctx) == 1
    assert send_due(ctx) == 0

    (mail,) = told.email.sent
    assert (mail.recipient, mail.reply_to) == ("pat@example.com", "help@acme.example")
    assert mail.title == "Your appointment on Thursday, March 19, 2026 is confirmed"
    assert "Thursday, March 19, 2026, between 10:00 AM and 12:00 PM" in mail.body
    assert "12 Main Street" in mail.body
    assert "https://acme.example/booking#token=fol_customer." in mail.body
    ((name, content_type, content),) = mail.attachments
    assert (name, content_type.partition(";")[0]) == ("appointment.ics", "text/calendar")
    (event,) = Calendar.from_ical(content).events
    assert booking.window_start == event.DTSTART
    (message,) = outbox(database, kind="confirmation")
    assert (message.state, message.sent_at, message.provider_id, message.attempts) == ("sent", NOW, "p-1", 1)
    # As it left, but for the customer's key: whoever reads the database or a backup of it could book with it.
    assert message.title == mail.title
    assert message.body == re.sub(r"fol_customer\.\S+", "fol_...", mail.body) != mail.body
    assert _attempts(database, message.id) == [(1, "delivered", "250 OK")]


def test_a_second_attempt_carries_the_same_link_as_the_first(sqlite_database: Database) -> None:
    """What is kept of the first one has no key in it; the customer needs it all the same."""
    clock, told = FakeClock(), Told(email=RecordingChannel(answers=[LATER, RecordingChannel().answers[0]]))
    ctx = make_context(sqlite_database, clock=clock, channels=told.channels())
    with sqlite_database.writing() as session:
        booking = add_booking(session)
    tell(ctx, booking, "confirmation")

    send_due(ctx)
    clock.advance(timedelta(hours=1))
    send_due(ctx)

    first, second = told.email.sent
    assert "#token=fol_customer." in first.body
    assert second.body == first.body


def test_a_message_tells_what_is_true_when_it_leaves(sqlite_database: Database) -> None:
    """A row that waited over night must not confirm a window that was given up meanwhile."""
    told = Told()
    ctx = make_context(sqlite_database, channels=told.channels())
    with sqlite_database.writing() as session:
        canceled, moved, kept = (add_booking(session) for _ in range(3))
    for booking in (canceled, moved, kept):
        tell(ctx, booking, "confirmation")
    with sqlite_database.writing() as session:
        # Behind the back of the outbox: nobody has told it of the changes.
        cancel(session, session.get_one(BookingRow, canceled.id))
        move(session, session.get_one(BookingRow, moved.id), timedelta(hours=2))

    send_due(ctx)

    notes = {
        message.subject_id: (message.state, message.note) for message in outbox(sqlite_database, kind="confirmation")
    }
    assert notes == {
        canceled.id: ("skipped", "the booking is canceled"),
        moved.id: ("skipped", "the booking has changed: it is at version 2"),
        kept.id: ("sent", ""),
    }
    assert len(told.email.sent) == 1


def test_nothing_is_sent_after_the_window_began(sqlite_database: Database) -> None:
    """A reminder of the appointment one is standing in makes a company look foolish."""
    told, clock = Told(), FakeClock()
    ctx = make_context(sqlite_database, clock=clock, channels=told.channels())
    with sqlite_database.writing() as session:
        booking = add_booking(session, start=local("14:00"))
    tell(ctx, booking, "confirmation")
    clock.advance(timedelta(hours=6))  # 14:00

    send_due(ctx)

    (message,) = outbox(sqlite_database)
    assert (message.state, message.note) == ("skipped", "too late to be of use")
    assert told.email.sent == []


def test_a_reminder_is_dropped_when_the_confirmation_left_late(sqlite_database: Database) -> None:
    """The mail server was down for two days: one message about the same window is enough."""
    told, clock = Told(), FakeClock()
    ctx = make_context(sqlite_database, clock=clock, channels=told.channels())
    with sqlite_database.writing() as session:
        booking = add_booking(session)
    tell(ctx, booking, "confirmation")
    clock.advance(timedelta(days=2, hours=3))  # Wednesday 11:00: 23 hours before the window, the reminder was due at 10

    send_due(ctx)

    assert {message.kind: (message.state, message.note) for message in outbox(sqlite_database)} == {
        "confirmation": ("sent", ""),
        "reminder": ("skipped", "the window was told less than this long before"),
    }


def test_a_reminder_leaves_when_the_confirmation_is_old(sqlite_database: Database) -> None:
    """The other half of the rule above."""
    told, clock = Told(), FakeClock()
    ctx = make_context(sqlite_database, clock=clock, channels=told.channels())
    with sqlite_database.writing() as session:
        booking = add_booking(session)
    tell(ctx, booking, "confirmation")
    send_due(ctx)
    clock.advance(timedelta(days=2, hours=2))

    send_due(ctx)

    assert [mail.title.partition(" ")[0] for mail in told.email.sent] == ["Your", "Reminder:"]


def test_a_failed_attempt_is_repeated_later_and_later(database: Database) -> None:
    """A mail server that is down is not asked every second, and the message is one and the same each time."""
    told, clock = Told(email=RecordingChannel(answers=[LATER])), FakeClock()
    ctx = make_context(database, clock=clock, channels=told.channels())
    with database.writing() as session:
        booking = add_booking(session, customer=add_customer(session, phone=None))
    tell(ctx, booking, "confirmation")
    (message,) = outbox(database, kind="confirmation")
    pauses = []
    for _ in range(12):
        send_due(ctx)
        (message,) = outbox(database, kind="confirmation")
        pauses.append(message.due_at - clock.now())
        clock.advance(pauses[-1])

    assert (message.state, message.attempts, message.note) == ("due", 12, "451 try again")
    # 15 s, 30 s, 60 s, ... up to an hour, give or take a quarter.
    doubled = [15 * 2**number for number in range(12)]
    assert all(
        0.75 <= pause.total_seconds() / min(base, 3600) <= 1.25 for pause, base in zip(pauses, doubled, strict=True)
    )
    assert [mail.id for mail in told.email.sent] == [message.id] * 12


def test_the_other_side_may_ask_for_patience(sqlite_database: Database) -> None:
    """Who ignores Retry-After is blocked."""
    busy = Delivery(outcome=Outcome.RETRY, detail="429", retry_after_s=600)
    ctx = make_context(sqlite_database, channels=Told(email=RecordingChannel(answers=[busy])).channels())
    with sqlite_database.writing() as session:
        booking = add_booking(session)
    tell(ctx, booking, "confirmation")

    send_due(ctx)

    (message,) = outbox(sqlite_database, kind="confirmation")
    assert (message.state, message.due_at) == ("due", NOW + timedelta(seconds=600))


def test_a_refused_message_goes_the_other_way(database: Database) -> None:
    """A mistyped e-mail address must not cost the customer the confirmation when we have a phone number."""
    told = Told(email=RecordingChannel(answers=[NEVER]))
    ctx = make_context(database, channels=told.channels())
    with database.writing() as session:
        booking = add_booking(session)
    tell(ctx, booking, "confirmation")

    send_due(ctx)

    assert [(message.recipient) for message in told.sms.sent] == ["+12025550123"]
    states = {message.channel: message.state for message in outbox(database, kind="confirmation")}
    assert states == {"email": "failed", "sms": "sent"}


def test_who_said_stop_to_the_provider_gets_no_more(sqlite_database: Database) -> None:
    """The SMS service knows of some STOPs before we do."""
    stopped = Delivery(outcome=Outcome.REFUSED, detail="400 21610", is_stopped=True)
    told = Told(sms=RecordingChannel(answers=[stopped]))
    ctx = make_context(sqlite_database, channels=told.channels())
    with sqlite_database.writing() as session:
        booking = add_booking(session, customer=add_customer(session, channel="sms"))
    tell(ctx, booking, "confirmation")

    send_due(ctx)

    with sqlite_database.reading() as session:
        (point,) = session.scalars(select(ContactPointRow).where(ContactPointRow.stopped_at.is_not(None)))
        assert (point.kind, point.stopped_at) == ("phone", NOW)
        assert session.scalars(select(AuditRow.id).where(AuditRow.action == "customer.consent_stopped")).all()


def test_a_stop_between_writing_and_sending_is_heard(database: Database) -> None:
    """A reminder written a week ago must not reach somebody who said STOP yesterday."""
    told = Told()
    ctx = make_context(database, channels=told.channels())
    with database.writing() as session:
        booking = add_booking(session, customer=add_customer(session, channel="sms"))
    tell(ctx, booking, "confirmation")
    with database.writing() as session:
        for point in session.scalars(select(ContactPointRow).where(ContactPointRow.kind == "phone")):
            point.stopped_at = NOW

    send_due(ctx)

    assert told.sms.sent == []
    assert [mail.recipient for mail in told.email.sent] == ["pat@example.com"]


def test_a_message_that_comes_due_in_quiet_hours_waits(sqlite_database: Database) -> None:
    """A retry at half past nine in the evening is as unwelcome as a first attempt."""
    told, clock = Told(), FakeClock(local("19:55"))
    ctx = make_context(sqlite_database, clock=clock, channels=told.channels())
    with sqlite_database.writing() as session:
        booking = add_booking(session, customer=add_customer(session, channel="sms"))
    tell(ctx, booking, "confirmation")
    clock.advance(timedelta(minutes=10))

    send_due(ctx)

    (message,) = outbox(sqlite_database, kind="confirmation")
    assert (message.state, message.note) == ("due", "waits for the end of quiet hours")
    assert message.due_at == local("08:00") + timedelta(days=1)
    assert told.sms.sent == []


def test_without_a_channel_messages_stay_visible_and_cost_nothing(database: Database) -> None:
    """Out of the box nothing is sent, and whoever looks into the outbox sees why; later the channel takes over."""
    told, clock = Told(), FakeClock()
    bare = make_context(database, clock=clock)
    with database.writing() as session:
        booking = add_booking(session)
        soon = add_booking(session, start=local("10:00"))
    tell(bare, booking, "confirmation")
    tell(bare, soon, "confirmation")

    assert [send_due(bare) for _ in range(2)] == [0, 0]

    assert {message.note for message in outbox(database, kind="confirmation")} == {"no channel configured"}
    clock.advance(timedelta(hours=2))
    send_due(bare)
    assert {message.subject_id: message.state for message in outbox(database, kind="confirmation")} == {
        booking.id: "due",
        soon.id: "skipped",
    }
    send_due(make_context(database, clock=clock, channels=told.channels()))
    assert len(told.email.sent) == 1


def test_a_message_that_cannot_be_written_does_not_hold_up_the_others(sqlite_database: Database) -> None:
    """One broken row at the head of the queue must not silence the company."""
    told = Told()
    ctx = make_context(sqlite_database, channels=told.channels())
    with sqlite_database.writing() as session:
        broken, fine = (add_booking(session) for _ in range(2))
    tell(ctx, broken, "confirmation")
    with sqlite_database.writing() as session:
        session.get_one(TerritoryRow, broken.territory_id).policies = {"reminder_minutes": "soon"}
    tell(ctx, fine, "confirmation")

    send_due(ctx)

    states = {message.subject_id: message.state for message in outbox(sqlite_database, kind="confirmation")}
    assert states == {broken.id: "due", fine.id: "sent"}


def test_a_channel_that_breaks_is_a_failed_attempt(sqlite_database: Database) -> None:
    """A bug in one channel must neither lose the message nor stop the worker."""

    def explode(_: Outgoing) -> None:
        raise RuntimeError("out of order")

    ctx = make_context(sqlite_database, channels=Told(email=RecordingChannel(before=explode)).channels())
    with sqlite_database.writing() as session:
        booking = add_booking(session)
    tell(ctx, booking, "confirmation")

    send_due(ctx)

    (message,) = outbox(sqlite_database, kind="confirmation")
    assert (message.state, message.note) == ("due", "RuntimeError: out of order")


def test_four_workers_send_every_message_once(database: Database) -> None:
    """The promise of the outbox: any number of workers, no message twice, none forgotten."""
    told = Told()
    ctx = make_context(database, channels=told.channels())
    with database.writing() as session:
        customer = add_customer(session)
        first = add_booking(session, customer=customer)
        territory = session.get_one(TerritoryRow, first.territory_id)
        bookings = [first] + [add_booking(session, customer=customer, territory=territory) for _ in range(23)]
    for booking in bookings:
        tell(ctx, booking, "confirmation")

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda name: send_due(ctx, worker=name), ["w1", "w2", "w3", "w4"]))

    assert sum(counts) == len(bookings)
    sent = Counter(mail.id for mail in told.email.sent)
    assert set(sent.values()) == {1}
    assert sorted(sent) == sorted(message.id for message in outbox(database, state="sent"))
    assert len(sent) == len(bookings)


def test_what_a_dead_worker_was_sending_is_sent_again_under_the_same_id(database: Database) -> None:
    """The one documented case of sending twice; the id lets the other side notice."""
    clock = FakeClock()

    class Killed(BaseException):
        """What kill -9 looks like from inside."""

    def die(_: Outgoing) -> None:
        raise Killed

    first = RecordingChannel(before=die)
    ctx = make_context(database, clock=clock, channels=Told(email=first).channels())
    with database.writing() as session:
        booking = add_booking(session)
    tell(ctx, booking, "confirmation")
    with pytest.raises(Killed):
        send_due(ctx, worker="first")
    told = Told()
    other = make_context(database, clock=clock, channels=told.channels())

    clock.advance(timedelta(seconds=19))
    assert send_due(other, worker="second") == 0  # the lease (10 s for the attempt, 10 s more) still runs
    clock.advance(timedelta(seconds=1))
    assert send_due(other, worker="second") == 1

    (message,) = outbox(database, kind="confirmation")
    assert [mail.id for mail in told.email.sent] == [message.id]
    assert [(number, outcome) for number, outcome, _ in _attempts(database, message.id)] == [
        (1, "retry"),
        (2, "delivered"),
    ]


def test_a_worker_that_comes_back_late_with_good_news_is_believed(sqlite_database: Database) -> None:
    """What was delivered is not sent a third time, whoever says so; bad news of a lost attempt changes nothing."""
    clock, told = FakeClock(), Told()

    def stall(_: Outgoing) -> None:
        clock.advance(timedelta(seconds=25))
        other = make_context(sqlite_database, clock=clock, channels=Told(email=RecordingChannel([LATER])).channels())
        send_due(other, worker="second")

    told.email.before = stall
    ctx = make_context(sqlite_database, clock=clock, channels=told.channels())
    with sqlite_database.writing() as session:
        booking = add_booking(session)
    tell(ctx, booking, "confirmation")

    send_due(ctx, worker="first")

    (message,) = outbox(sqlite_database, kind="confirmation")
    assert message.state == "sent"
    assert _attempts(sqlite_database, message.id) == [(1, "delivered", "250 OK"), (2, "retry", "451 try again")]
