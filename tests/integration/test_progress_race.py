"""The same events from two connections at once: a phone that sent again because no answer came."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import func, select

from fieldops.store.database import Database
from fieldops.store.tables import ProgressEventRow, StreamEventRow
from fieldops.usecases.progress_events import EventReceipt
from fieldops.usecases.record_progress import record_events
from fieldops.usecases.work import transact
from live_worlds import make_live_world

SENDERS = 4


def test_one_event_sent_by_many_is_recorded_once(database: Database) -> None:
    """All of them get an answer, one of them did it, and everything that follows has happened once."""
    world = make_live_world(database)
    world.clock_at("08:15")
    events = [world.event("started", "a", at="08:12"), world.event("position", at="08:13", km_north=2.0)]
    together = Barrier(SENDERS)

    def send(_: int) -> tuple[EventReceipt, ...]:
        together.wait()
        return transact(world.ctx, world.kim, record_events, events)

    with ThreadPoolExecutor(SENDERS) as pool:
        receipts = list(pool.map(send, range(SENDERS)))

    assert sorted(both[0].is_repeated for both in receipts) == [False, True, True, True]
    assert {both[0].phase.value for both in receipts if both[0].phase is not None} == {"in_progress"}
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(ProgressEventRow)) == 2
        on_board = select(func.count()).select_from(StreamEventRow).where(StreamEventRow.topic.like("board:%"))
        assert session.scalar(on_board.where(StreamEventRow.kind == "progress")) == 1
