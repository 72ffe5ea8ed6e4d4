"""The waitlist asks when customers may hear of it, each question once, and nobody more than once a day."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import select

from booking_worlds import MORNING, World, make_world
from fieldops.domain.problem import TimeWindow
from fieldops.store.database import Database
from fieldops.store.tables import MessageRow
from fieldops.usecases.cancel_booking import cancel_booking
from fieldops.usecases.send_due import send_due
from fieldops.usecases.waitlist import join_waitlist, sweep_waitlist
from fieldops.usecases.work import transact
from message_worlds import DELIVERED, LATER, RecordingChannel, Told
from worlds import STAFF, SYSTEM, TOMORROW, local

DAY_AFTER = TOMORROW + timedelta(days=1)
FAR = DAY_AFTER + timedelta(days=2)


def _window(clock: str, day: date) -> TimeWindow:
    """Give a window of two hours."""
    return TimeWindow(local(clock, day), local(clock, day) + timedelta(hours=2))


def _world(database: Database, told: Told, now: str) -> World:
    """Make a world of two days, the earlier one to be filled and freed."""
    world = make_world(database, days=(DAY_AFTER, FAR), now=local(now))
    return replace(world, ctx=replace(world.ctx, channels=told.channels()))


def _go_on(world: World, hours: float) -> None:
    """Let the workers do what they do every few minutes."""
    for _ in range(round(hours * 12)):
        transact(world.ctx, SYSTEM, sweep_waitlist)
        send_due(world.ctx)
        world.clock.advance(timedelta(minutes=5))


def _questions(world: World) -> list[tuple[datetime, str, TimeWindow]]:
    """List the questions: when, what became of them, and about which window."""
    with world.ctx.database.reading() as session:
        rows = session.scalars(
            select(MessageRow).where(MessageRow.kind == "earlier_slot").order_by(MessageRow.created_at)
        ).all()
    return [
        (
            row.created_at,
            row.state,
            TimeWindow(
                datetime.fromisoformat(row.data["window_start"]), datetime.fromisoformat(row.data["window_end"])
            ),
        )
        for row in rows
    ]


def test_room_that_frees_at_night_is_offered_in_the_morning(database: Database) -> None:
    """An offer lasts half an hour: made at nine in the evening it would be over before anybody may hear of it."""
    world = _world(database, Told(), "17:00")
    blocking = world.book(world.visit(duration_s=34_920), _window("08:00", DAY_AFTER))
    waiting = world.book(world.visit(duration_s=14_400), _window("10:00", FAR))
    transact(world.ctx, STAFF, join_waitlist, waiting.id, MORNING.earliest, consent=True)
    world.clock.advance(timedelta(hours=4))  # 21:00

    transact(world.ctx, STAFF, cancel_booking, blocking.id, "")
    _go_on(world, 10)
    assert _questions(world) == []
    _go_on(world, 2)

    ((asked_at, state, window),) = _questions(world)
    assert (asked_at, state) == (local("08:00", TOMORROW), "sent")
    assert window.earliest.date() == DAY_AFTER


def test_who_does_not_react_is_asked_once_a_day_and_never_twice_about_a_window(sqlite_database: Database) -> None:
    """With two free windows the same customer got a question every half hour, day after day."""
    world = _world(sqlite_database, Told(), "09:00")
    blocking = world.book(world.visit(duration_s=34_920), _window("08:00", DAY_AFTER))
    waiting = world.book(world.visit(duration_s=14_400), _window("10:00", FAR))
    transact(world.ctx, STAFF, join_waitlist, waiting.id, local("00:00", DAY_AFTER), consent=True)
    transact(world.ctx, STAFF, cancel_booking, blocking.id, "")

    _go_on(world, 40)  # until one o'clock on the day after tomorrow

    questions = _questions(world)
    assert [at for at, *_ in questions] == [local("09:00"), local("08:00", TOMORROW)]
    assert len({window for *_, window in questions}) == 2


def test_a_question_that_did_not_arrive_was_not_asked(sqlite_database: Database) -> None:
    """The mail server was down: the window is still news to the customer the next day."""
    told = Told(email=RecordingChannel(answers=[LATER]), sms=RecordingChannel(answers=[LATER]))
    world = _world(sqlite_database, told, "09:00")
    blocking = world.book(world.visit(duration_s=34_920), _window("08:00", DAY_AFTER))
    waiting = world.book(world.visit(duration_s=14_400), _window("10:00", FAR))
    transact(world.ctx, STAFF, join_waitlist, waiting.id, local("00:00", DAY_AFTER), consent=True)
    transact(world.ctx, STAFF, cancel_booking, blocking.id, "")
    _go_on(world, 2)
    assert [state for _, state, _ in _questions(world)] == ["failed", "failed"]
    told.email.answers[:] = [DELIVERED]

    _go_on(world, 22)

    first, *_, last = _questions(world)
    assert (last[0], last[1]) == (local("08:00", TOMORROW), "sent")
    assert first[2] == last[2]
