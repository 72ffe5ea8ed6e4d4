"""What a worker had in hand when it ended: sent soon, sent first, and not while its attempt may still be going on."""

from datetime import timedelta

import pytest

from fieldops.messaging.channel import Outgoing
from fieldops.store.database import Database
from fieldops.store.tables import BookingRow, ExecutorRow
from fieldops.usecases.context import Context
from fieldops.usecases.send_due import send_due
from message_worlds import RecordingChannel, Told, add_booking, outbox, tell
from worlds import NOW, FakeClock, make_context

DEAD = "worker-that-ended"


class Killed(BaseException):
    """What kill -9 looks like from inside."""


def _die(_: Outgoing) -> None:
    raise Killed


def _told_booking(ctx: Context) -> BookingRow:
    """Add a booking whose confirmation is due."""
    with ctx.database.writing() as session:
        booking = add_booking(session)
    tell(ctx, booking, "confirmation")
    return booking


def _left_by_a_dead_worker(database: Database, clock: FakeClock, *, state: str) -> BookingRow:
    """Add a booking whose confirmation a killed worker has in hand, and the state that worker is known to have."""
    ctx = make_context(database, clock=clock, channels=Told(email=RecordingChannel(before=_die)).channels())
    booking = _told_booking(ctx)
    with database.writing() as session:
        session.add(ExecutorRow(id=DEAD, host="host", started_at=NOW, seen_at=NOW, state=state))
    with pytest.raises(Killed):
        send_due(ctx, worker=DEAD)
    return booking


@pytest.mark.parametrize("state", ["reaped", "stopped"])
def test_what_an_ended_worker_had_in_hand_is_sent_once_no_attempt_can_last(database: Database, state: str) -> None:
    """An attempt ends within ten seconds; a customer need not wait longer for a worker known to have ended."""
    clock, told = FakeClock(), Told()
    _left_by_a_dead_worker(database, clock, state=state)
    ctx = make_context(database, clock=clock, channels=told.channels())

    clock.advance(timedelta(seconds=9))
    assert send_due(ctx, worker="other") == 0
    clock.advance(timedelta(seconds=1))
    assert send_due(ctx, worker="other") == 1

    (message,) = outbox(database, kind="confirmation")
    assert [mail.id for mail in told.email.sent] == [message.id]


def test_what_a_worker_has_in_hand_is_left_to_it_while_it_gives_signs_of_life(sqlite_database: Database) -> None:
    """A worker that waits for the database would otherwise find its message sent twice."""
    clock, told = FakeClock(), Told()
    _left_by_a_dead_worker(sqlite_database, clock, state="up")
    ctx = make_context(sqlite_database, clock=clock, channels=told.channels())

    clock.advance(timedelta(seconds=19))
    assert send_due(ctx, worker="other") == 0


def test_what_was_in_hand_comes_before_what_came_due_since(sqlite_database: Database) -> None:
    """With a backlog, who has waited through a crash must not queue up once more behind everybody else."""
    clock, told = FakeClock(), Told()
    first = _left_by_a_dead_worker(sqlite_database, clock, state="reaped")
    ctx = make_context(sqlite_database, clock=clock, channels=told.channels())
    clock.advance(timedelta(seconds=5))
    second = _told_booking(ctx)
    clock.advance(timedelta(seconds=5))

    assert send_due(ctx, worker="other") == 2

    of = {message.id: message.subject_id for message in outbox(sqlite_database, kind="confirmation")}
    assert [of[mail.id] for mail in told.email.sent] == [first.id, second.id]


def test_what_was_in_hand_does_not_wait_until_a_busy_worker_has_sent_everything_else(sqlite_database: Database) -> None:
    """After a crash there is a backlog, and whoever works it off is the one to notice what the dead worker left."""
    clock = FakeClock()
    booking = _left_by_a_dead_worker(sqlite_database, clock, state="reaped")
    told = Told(email=RecordingChannel(before=lambda _: clock.advance(timedelta(seconds=1))))
    ctx = make_context(sqlite_database, clock=clock, channels=told.channels())
    clock.advance(timedelta(seconds=1))
    for _ in range(20):
        _told_booking(ctx)

    assert send_due(ctx, worker="other") == 21

    (left,) = outbox(sqlite_database, kind="confirmation", subject_id=booking.id)
    # A second for each: when ten of them have left, the attempt of the dead worker is over.
    assert [mail.id for mail in told.email.sent].index(left.id) == 10
