"""A channel that hangs delays no other one; a message that cannot be written is not lost."""

from datetime import timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from fieldops.jobs.duties import duties
from fieldops.jobs.engine import Engine
from fieldops.messaging.channel import Outgoing
from fieldops.store.database import Database
from fieldops.usecases.send_due import send_due
from message_worlds import RecordingChannel, Told, add_booking, outbox, tell
from worlds import FakeClock, add_customer, make_context


def test_what_one_channel_has_in_hand_delays_no_other(database: Database) -> None:
    """A mail server that hangs for ten seconds with each mail must not keep text messages for hours."""
    told = Told()
    ctx = make_context(database, channels=told.channels())
    with database.writing() as session:
        mailed = add_booking(session)
        texted = add_booking(session, customer=add_customer(session, email=None))
    for booking in (mailed, texted):
        tell(ctx, booking, "confirmation")
    sent_meanwhile: list[int] = []

    def hang(_: Outgoing) -> None:
        sent_meanwhile.append(send_due(ctx, channel="sms"))

    told.email.before = hang
    assert send_due(ctx, channel="email") == 1
    assert sent_meanwhile == [1]
    assert (len(told.email.sent), len(told.sms.sent)) == (1, 1)


def test_a_worker_has_a_loop_for_each_channel(sqlite_database: Database) -> None:
    """Together they send everything, each on a thread of its own."""
    told = Told()
    ctx = make_context(sqlite_database, channels=told.channels())
    with sqlite_database.writing() as session:
        mailed = add_booking(session)
        texted = add_booking(session, customer=add_customer(session, email=None))
    for booking in (mailed, texted):
        tell(ctx, booking, "confirmation")
    engine = cast("Engine", SimpleNamespace(executor_id="w1"))
    loops = {sweep.name: sweep for sweep in duties(ctx, engine)}
    for name, after in (("send-email", (1, 0)), ("send-sms", (1, 1)), ("send-webhook", (1, 1))):
        loops[name].run()
        assert (len(told.email.sent), len(told.sms.sent)) == after


def test_without_channels_each_loop_says_so_of_its_messages(sqlite_database: Database) -> None:
    """A company that has set up nothing yet should read in the outbox why nothing leaves."""
    ctx = make_context(sqlite_database)
    with sqlite_database.writing() as session:
        booking = add_booking(session)
    tell(ctx, booking, "confirmation")
    assert send_due(ctx, channel="email") == 0
    (message,) = outbox(sqlite_database, kind="confirmation")
    assert (message.state, message.note) == ("due", "no channel configured")


def test_a_message_that_cannot_be_written_is_tried_again_and_given_up_when_too_late(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fault in a text of ours must not lose every confirmation between a release and its repair."""
    told, clock = Told(email=RecordingChannel()), FakeClock()
    ctx = make_context(database, clock=clock, channels=told.channels())
    with database.writing() as session:
        first, second = add_booking(session), add_booking(session)

    def break_down(*_: object, **__: object) -> None:
        raise KeyError("no such word")

    tell(ctx, first, "confirmation")
    with monkeypatch.context() as patched:
        patched.setattr("fieldops.usecases.claim_message.text_of", break_down)
        send_due(ctx)
        (message,) = outbox(database, kind="confirmation")
        assert (message.state, message.attempts) == ("due", 1)
        assert message.note == "cannot be written: KeyError: 'no such word'"
        # 15 seconds, give or take a quarter.
        assert timedelta(seconds=11) <= message.due_at - clock.now() <= timedelta(seconds=19)
        assert "message.cannot_be_written" in capsys.readouterr().out
        assert send_due(ctx) == 0
    clock.advance(timedelta(seconds=20))
    send_due(ctx)
    (message,) = outbox(database, kind="confirmation")
    assert (message.state, message.attempts, len(told.email.sent)) == ("sent", 2, 1)

    monkeypatch.setattr("fieldops.usecases.claim_message.text_of", break_down)
    tell(ctx, second, "confirmation")
    for _ in range(64):  # 80 hours; the window begins in 74
        send_due(ctx)
        clock.advance(timedelta(hours=1, minutes=15))
    (given_up,) = outbox(database, kind="confirmation", subject_id=second.id)
    assert given_up.state == "failed"
    assert given_up.attempts > 50
