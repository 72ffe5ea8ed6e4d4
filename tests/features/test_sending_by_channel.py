"""A channel that hangs delays no other one."""

from types import SimpleNamespace
from typing import cast

from fieldops.jobs.duties import duties
from fieldops.jobs.engine import Engine
from fieldops.messaging.channel import Outgoing
from fieldops.store.database import Database
from fieldops.usecases.send_due import send_due
from message_worlds import Told, add_booking, outbox, tell
from worlds import add_customer, make_context


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
