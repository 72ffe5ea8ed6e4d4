"""What is left in the outbox: to whom, when, and what takes it back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from fieldops.store.database import Database
from fieldops.store.ids import new_id
from fieldops.store.tables import BookingRow, ContactPointRow, OfferRow, WaitlistRow, WebhookRow
from fieldops.usecases.notify import emit
from fieldops.usecases.work import transact
from message_worlds import add_booking, cancel, move, outbox, tell
from worlds import NOW, STAFF, FakeClock, add_customer, customer_of, local, make_context


def test_a_confirmation_leaves_now_and_its_reminder_a_day_before(database: Database) -> None:
    """The two messages every customer counts on are written with the booking, or not at all."""
    ctx = make_context(database)
    with database.writing() as session:
        booking = add_booking(session)

    tell(ctx, booking, "confirmation")

    confirmation, reminder = outbox(database)
    assert (confirmation.kind, confirmation.channel, confirmation.recipient) == (
        "confirmation",
        "email",
        "pat@example.com",
    )
    assert (confirmation.due_at, confirmation.expires_at) == (NOW, booking.window_start)
    # The window begins on Thursday at 10:00; a day before is Wednesday at 10:00, which is not quiet.
    assert (reminder.kind, reminder.due_at) == ("reminder", booking.window_start - timedelta(days=1))
    assert reminder.expires_at == booking.window_start


def test_telling_the_same_twice_leaves_it_once(database: Database) -> None:
    """A use case that is run again after a conflict must not write to the customer again."""
    ctx = make_context(database)
    with database.writing() as session:
        booking = add_booking(session)

    tell(ctx, booking, "confirmation")
    tell(ctx, booking, "confirmation")

    assert [message.kind for message in outbox(database)] == ["confirmation", "reminder"]


def test_a_window_within_a_day_has_no_reminder(database: Database) -> None:
    """Who books for this afternoon is reminded by the confirmation."""
    ctx = make_context(database)
    with database.writing() as session:
        booking = add_booking(session, start=local("14:00"))

    tell(ctx, booking, "confirmation")

    assert [message.kind for message in outbox(database)] == ["confirmation"]


def test_a_change_takes_back_what_has_not_left_and_reminds_of_the_new_window(database: Database) -> None:
    """Two windows in one mailbox, and nobody knows which is true."""
    ctx = make_context(database)
    with database.writing() as session:
        booking = add_booking(session)
    tell(ctx, booking, "confirmation")
    with database.writing() as session:
        moved = session.get_one(BookingRow, booking.id)
        move(session, moved, timedelta(days=1))

    tell(ctx, booking, "change")

    told = {(message.kind, message.subject_version): message for message in outbox(database)}
    assert {key: message.state for key, message in told.items()} == {
        ("confirmation", 1): "skipped",
        ("reminder", 1): "skipped",
        ("change", 2): "due",
        ("reminder", 2): "due",
    }
    assert told["reminder", 1].note == "replaced by a change"
    assert told["reminder", 2].due_at == booking.window_start


def test_a_cancellation_takes_back_everything_else(database: Database) -> None:
    """Nobody waits for a technician who was called off."""
    ctx = make_context(database)
    with database.writing() as session:
        booking = add_booking(session)
    tell(ctx, booking, "confirmation")
    with database.writing() as session:
        cancel(session, session.get_one(BookingRow, booking.id))

    tell(ctx, booking, "cancellation", reason="the part is not there")

    assert {message.kind: message.state for message in outbox(database)} == {
        "confirmation": "skipped",
        "reminder": "skipped",
        "cancellation": "due",
    }


@pytest.mark.parametrize(
    ("preferred", "stopped", "expected"),
    [
        ("sms", (), ("sms", "+12025550123")),
        ("sms", ("phone",), ("email", "pat@example.com")),
        ("email", ("email",), ("sms", "+12025550123")),
    ],
)
def test_the_preferred_channel_comes_first_and_a_stopped_one_never(
    sqlite_database: Database, preferred: str, stopped: tuple[str, ...], expected: tuple[str, str]
) -> None:
    """Consent is worth something only when every message asks for it."""
    ctx = make_context(sqlite_database)
    with sqlite_database.writing() as session:
        customer = add_customer(session, channel=preferred)
        for point in session.scalars(select(ContactPointRow).where(ContactPointRow.kind.in_(stopped))):
            point.stopped_at = NOW
        booking = add_booking(session, customer=customer)

    tell(ctx, booking, "confirmation")

    assert {(message.channel, message.recipient) for message in outbox(sqlite_database)} == {expected}


def test_a_customer_nobody_can_write_to_shows_in_the_outbox(sqlite_database: Database) -> None:
    """Somebody has to pick up the phone, and can only do so when it is visible."""
    ctx = make_context(sqlite_database)
    with sqlite_database.writing() as session:
        booking = add_booking(session, customer=add_customer(session, email=None, phone=None))

    tell(ctx, booking, "confirmation")

    (message,) = outbox(sqlite_database)
    assert (message.state, message.recipient) == ("skipped", "")
    assert message.note == "no contact point that may be used"


def test_a_text_message_of_the_office_waits_for_the_morning_but_not_the_answer_to_the_customer(
    sqlite_database: Database,
) -> None:
    """Who books at night is awake; who is booked at night by somebody else is not."""
    # 22:00 in New York; quiet from 20:00 to 8:00.
    ctx = make_context(sqlite_database, clock=FakeClock(local("22:00")))
    with sqlite_database.writing() as session:
        by_staff = add_booking(session, customer=add_customer(session, channel="sms"))
        by_customer = add_booking(session, customer=add_customer(session, channel="sms", phone="+12025550124"))

    tell(ctx, by_staff, "confirmation", STAFF)
    tell(ctx, by_customer, "confirmation", customer_of("wo_any"))

    due = {message.subject_id: message.due_at for message in outbox(sqlite_database, kind="confirmation")}
    assert due == {by_staff.id: local("08:00") + timedelta(days=1), by_customer.id: local("22:00")}


def test_news_needed_before_the_morning_breaks_the_quiet_hours(sqlite_database: Database) -> None:
    """A text message at ten in the evening is better than waiting in vain at seven."""
    ctx = make_context(sqlite_database, clock=FakeClock(local("22:00")))
    tomorrow_at_seven = local("07:00") + timedelta(days=1)
    with sqlite_database.writing() as session:
        canceled = add_booking(session, start=tomorrow_at_seven, customer=add_customer(session, channel="sms"))
        cancel(session, canceled, local("22:00"))
        other = add_customer(session, channel="sms", phone="+12025550124")
        moved = add_booking(session, start=tomorrow_at_seven, customer=other)
        move(session, moved, timedelta(days=7), local("22:00"))

    tell(ctx, canceled, "cancellation")
    tell(ctx, moved, "change")

    told = [message for message in outbox(sqlite_database) if message.kind != "reminder"]
    assert {message.kind: message.due_at for message in told} == {
        "cancellation": local("22:00"),
        "change": local("22:00"),
    }


def test_that_nobody_comes_is_told_until_the_end_of_the_window(sqlite_database: Database) -> None:
    """The customer stands at the window and waits: late news is better than none."""
    ctx = make_context(sqlite_database)
    with sqlite_database.writing() as session:
        # It is 8:00; the window began at 7:00 and ends at 9:00. Quiet hours end now, at 8:00.
        booking = add_booking(session, start=local("07:00"), customer=add_customer(session, channel="sms"))
        cancel(session, booking)

    tell(ctx, booking, "cancellation")

    (message,) = outbox(sqlite_database)
    assert (message.state, message.due_at, message.expires_at) == ("due", NOW, local("09:00"))


def test_an_earlier_slot_is_only_told_to_who_asked_for_it(sqlite_database: Database) -> None:
    """Advertisement without consent costs fines; an offer that was asked for is welcome."""
    ctx = make_context(sqlite_database)
    with sqlite_database.writing() as session:
        asked, not_asked = (add_booking(session, customer=add_customer(session)) for _ in range(2))
        offers = {}
        for booking in (asked, not_asked):
            offer = OfferRow(
                id=new_id("of"),
                quote_id="qu_1",
                visit_id=booking.visit_id,
                territory_id=booking.territory_id,
                date=booking.date,
                window_start=local("14:00"),
                window_end=local("16:00"),
                rank=1,
                cost_cents=100,
                slack_s=0,
                technician_id="tn_1",
                shift_id="sh_1",
                plan_version=1,
                made_at=NOW,
                expires_at=NOW + timedelta(minutes=30),
            )
            session.add(offer)
            offers[booking.id] = offer.id
        entry = WaitlistRow(
            id=new_id("wl"),
            booking_id=asked.id,
            territory_id=asked.territory_id,
            not_before=NOW,
            consent_at=NOW,
            state="offered",
            offer_id=offers[asked.id],
            offer_expires_at=NOW + timedelta(minutes=30),
            created_at=NOW,
        )
        session.add(entry)

    tell(ctx, asked, "earlier_slot", offer_id=offers[asked.id])
    tell(ctx, not_asked, "earlier_slot", offer_id=offers[not_asked.id])

    (message,) = outbox(sqlite_database)
    assert (message.subject_id, message.expires_at) == (offers[asked.id], NOW + timedelta(minutes=30))


def test_an_event_goes_to_the_webhooks_that_want_it(database: Database) -> None:
    """One row per endpoint: one that is down must not hold up the others."""
    ctx = make_context(database)
    with database.writing() as session:
        for name, events, is_enabled in (
            ("wh_all", [], True),
            ("wh_this", ["booking.confirmed"], True),
            ("wh_other", ["plan.published"], True),
            ("wh_off", [], False),
        ):
            session.add(
                WebhookRow(
                    id=name,
                    url="https://example.com",
                    secret="s",
                    events=events,
                    is_enabled=is_enabled,
                    failing_since=None,
                    created_at=NOW,
                )
            )

    for _ in range(2):
        transact(ctx, STAFF, emit, "booking.confirmed", "bk_1", 1, {"window": "10-12"})

    assert {message.recipient: message.data["data"] for message in outbox(database)} == {
        "wh_all": {"window": "10-12"},
        "wh_this": {"window": "10-12"},
    }
    assert len(outbox(database)) == 2
