"""Sending events to other systems: as they were, and not for ever to an endpoint that fails."""

from collections import Counter
from datetime import timedelta

from sqlalchemy import select

from fieldops.store.database import Database
from fieldops.store.tables import AuditRow, MessageRow, WebhookRow
from fieldops.usecases.notify import emit
from fieldops.usecases.send_due import send_due
from fieldops.usecases.work import transact
from message_worlds import LATER, RecordingChannel, Told, outbox
from worlds import NOW, STAFF, FakeClock, make_context


def _add_webhook(database: Database, webhook_id: str = "wh_1") -> None:
    """Add an endpoint that wants everything."""
    with database.writing() as session:
        session.add(
            WebhookRow(
                id=webhook_id,
                url="https://hooks.example.com/in",
                secret="whsec_1",
                events=[],
                failing_since=None,
                created_at=NOW,
            )
        )


def test_a_webhook_gets_the_event_as_it_was(database: Database) -> None:
    """Events are history: they tell what happened then, to the endpoint's own secret."""
    told = Told()
    ctx = make_context(database, channels=told.channels())
    _add_webhook(database)
    transact(ctx, STAFF, emit, "booking.confirmed", "bk_1", 3, {"customer": "Jörg"})

    send_due(ctx)

    (event,) = told.webhook.sent
    assert (event.recipient, event.title, event.secret) == (
        "https://hooks.example.com/in",
        "booking.confirmed",
        "whsec_1",
    )
    assert event.body == (
        f'{{"id":"{event.id}","event":"booking.confirmed","occurred_at":"2026-03-16T12:00:00+00:00",'
        '"subject_id":"bk_1","subject_version":3,"data":{"customer":"Jörg"}}'
    )


def test_an_endpoint_that_fails_holds_up_neither_itself_nor_others(sqlite_database: Database) -> None:
    """A hundred waiting events must not mean a hundred time-outs in a row."""
    told = Told(webhook=RecordingChannel(answers=[LATER]))
    ctx = make_context(sqlite_database, channels=told.channels())
    _add_webhook(sqlite_database)
    for number in range(5):
        transact(ctx, STAFF, emit, "plan.published", "pl_1", number, {})

    send_due(ctx)

    assert len(told.webhook.sent) == 1
    dues = {message.due_at for message in outbox(sqlite_database)}
    assert len(dues) == 1
    assert dues.pop() > NOW


def test_an_endpoint_is_disabled_after_three_days_of_failure(database: Database) -> None:
    """An endpoint nobody has looked after for days is not going to come back by itself."""
    clock, told = FakeClock(), Told(webhook=RecordingChannel(answers=[LATER]))
    ctx = make_context(database, clock=clock, channels=told.channels())
    _add_webhook(database)
    transact(ctx, STAFF, emit, "plan.published", "pl_1", 1, {})
    send_due(ctx)
    with database.reading() as session:
        assert session.get_one(WebhookRow, "wh_1").failing_since == NOW

    clock.advance(timedelta(days=3))
    transact(ctx, STAFF, emit, "plan.published", "pl_1", 2, {})
    transact(ctx, STAFF, emit, "plan.published", "pl_1", 3, {})
    send_due(ctx)

    with database.reading() as session:
        assert session.get_one(WebhookRow, "wh_1").is_enabled is False
        (line,) = session.scalars(select(AuditRow).where(AuditRow.action == "webhook.disabled"))
        assert line.detail == {"failing_since": NOW.isoformat()}
        states = Counter(session.scalars(select(MessageRow.state)))
    assert states == {"skipped": 3}
    assert len(told.webhook.sent) == 2
