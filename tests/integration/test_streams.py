"""Streams within one process: nothing is missed, whoever writes and whenever somebody begins to listen."""

import asyncio
import json
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from fieldops.api import stream_hub
from fieldops.api.stream_hub import StreamHub, TooSlow
from fieldops.store.database import Database
from fieldops.store.stream_events import StreamEvent
from fieldops.usecases.retention import forget_streams
from fieldops.usecases.stream import topic_of_board
from fieldops.usecases.watch import watch_board
from fieldops.usecases.work import transact, view
from stream_worlds import LIMIT_S, hear, raise_version, say
from worlds import STAFF, SYSTEM, TODAY, FakeClock, add_territory, make_context


def _territory(database: Database) -> str:
    with database.writing() as session:
        return add_territory(session).id


def _data(events: list[StreamEvent]) -> list[Any]:
    return [json.loads(event.data) for event in events]


def test_snapshot_and_events_fit_together_while_others_write(database: Database) -> None:
    """
    Whoever begins to watch in the middle of everything sees each version, in the snapshot or as an event.

    Three writers make ten versions each; ten listeners begin one after the other meanwhile.
    """
    ctx, territory_id = make_context(database), _territory(database)
    hub = StreamHub(database)
    last = 30

    def write() -> None:
        for _ in range(10):
            transact(ctx, SYSTEM, raise_version, territory_id)

    async def watch() -> tuple[int, list[int]]:
        """Listen to the board."""
        start = await asyncio.to_thread(view, ctx, STAFF, watch_board, territory_id, TODAY)
        assert start.snapshot is not None
        seen: list[int] = []
        with hub.listen(start.topic, start.after) as listener:
            async with asyncio.timeout(LIMIT_S):
                while max([start.snapshot.plan.version, *seen]) < last:
                    seen += [data["version"] for data in _data(await listener.news())]
        return start.snapshot.plan.version, seen

    async def everything() -> list[tuple[int, list[int]]]:
        """Wait until everything was heard."""
        writers = [asyncio.to_thread(write) for _ in range(3)]
        writing = asyncio.gather(*writers)
        watching = []
        for _ in range(10):
            watching.append(asyncio.create_task(watch()))
            await asyncio.sleep(0.01)
        await writing
        return await asyncio.gather(*watching)

    for shown, seen in asyncio.run(everything()):
        # In order and without a gap among themselves; the first may be in the snapshot already.
        assert seen == list(range(last - len(seen) + 1, last + 1))
        assert last - len(seen) <= shown


def test_listeners_who_come_at_different_ids_each_hear_theirs(database: Database) -> None:
    """One reader serves everybody: who needs what was said long ago must not be given only what is new."""
    ctx, territory_id = make_context(database), _territory(database)
    topic = topic_of_board(territory_id, TODAY)
    for number in range(1, 5):
        transact(ctx, SYSTEM, say, territory_id, number)

    async def both() -> tuple[list[StreamEvent], list[StreamEvent]]:
        """Listen twice."""
        hub = StreamHub(database)
        ahead = asyncio.create_task(hear(hub, topic, 3, 2))
        await asyncio.sleep(0.05)
        behind = asyncio.create_task(hear(hub, topic, 1, 4))
        await asyncio.sleep(0.05)
        await asyncio.to_thread(transact, ctx, SYSTEM, say, territory_id, 5)
        return await ahead, await behind

    ahead, behind = asyncio.run(both())

    assert _data(ahead) == [{"number": 4}, {"number": 5}]
    assert _data(behind) == [{"number": 2}, {"number": 3}, {"number": 4}, {"number": 5}]


def test_what_commits_later_is_heard_although_its_id_is_lower(postgres_database: Database) -> None:
    """Two territories are not written under one lock; a reader with one position for both would lose an event."""
    ctx = make_context(postgres_database)
    slow, quick = _territory(postgres_database), _territory(postgres_database)

    async def both() -> tuple[list[StreamEvent], list[StreamEvent]]:
        """Listen twice."""
        hub = StreamHub(postgres_database)
        of_slow = asyncio.create_task(hear(hub, topic_of_board(slow, TODAY), 0, 1))

        def write(work: Any) -> list[StreamEvent]:
            """Write, and commit later."""
            say(work, slow)
            work.session.flush()
            transact(ctx, SYSTEM, say, quick)
            return asyncio.run(hear(hub, topic_of_board(quick, TODAY), 0, 1))

        of_quick = await asyncio.to_thread(transact, ctx, SYSTEM, write)
        return await of_slow, of_quick

    of_slow, of_quick = asyncio.run(both())

    assert [event.id for event in of_slow] == [1]
    assert [event.id for event in of_quick] == [2]


def test_a_slow_listener_is_let_go_and_finds_everything_when_it_comes_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One browser that has fallen asleep must not fill the memory of the service."""
    monkeypatch.setattr(stream_hub, "MOST_WAITING", 3)
    ctx, territory_id = make_context(database), _territory(database)
    topic = topic_of_board(territory_id, TODAY)
    for _ in range(4):
        transact(ctx, SYSTEM, say, territory_id)

    async def listen() -> list[StreamEvent]:
        """Listen slowly."""
        hub = StreamHub(database)
        with hub.listen(topic, 0) as listener, pytest.raises(TooSlow):
            async with asyncio.timeout(LIMIT_S):
                await listener.news()
        return await hear(hub, topic, 1, 3)

    assert [event.id for event in asyncio.run(listen())] == [2, 3, 4]


def test_a_broken_connection_to_the_database_loses_nothing(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL restarts, and proxies cut connections that look idle."""
    monkeypatch.setattr(stream_hub, "RETRY_S", 0.01)
    ctx, territory_id = make_context(postgres_database), _territory(postgres_database)

    def cut_and_say() -> None:
        with postgres_database.engine.begin() as connection:
            ended = connection.scalar(
                text("select count(pg_terminate_backend(pid)) from pg_stat_activity where query like 'listen %'")
            )
        assert ended == 1
        transact(ctx, SYSTEM, say, territory_id)

    async def listen() -> list[StreamEvent]:
        """Listen on."""
        hub = StreamHub(postgres_database)
        topic = topic_of_board(territory_id, TODAY)
        await asyncio.to_thread(transact, ctx, SYSTEM, say, territory_id)
        with hub.listen(topic, 0) as listener:
            async with asyncio.timeout(LIMIT_S):
                heard = await listener.news()
                await asyncio.to_thread(cut_and_say)
                return heard + await listener.news()

    assert [event.id for event in asyncio.run(listen())] == [1, 2]


def test_only_what_is_committed_is_heard(database: Database) -> None:
    """A change that did not happen must not be shown."""
    ctx, territory_id = make_context(database), _territory(database)

    def fail(work: Any) -> None:
        say(work, territory_id, 1)
        work.session.flush()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        transact(ctx, SYSTEM, fail)
    transact(ctx, SYSTEM, say, territory_id, 2)

    assert _data(asyncio.run(hear(StreamHub(database), topic_of_board(territory_id, TODAY), 0, 1))) == [{"number": 2}]


def test_who_was_away_for_too_long_gets_a_new_snapshot(database: Database) -> None:
    """Events are kept for six hours; after that nobody may believe that nothing has happened."""
    clock = FakeClock()
    ctx, territory_id = make_context(database, clock=clock), _territory(database)
    for _ in range(3):
        transact(ctx, SYSTEM, raise_version, territory_id)
    clock.advance(timedelta(hours=7))
    for _ in range(2):
        transact(ctx, SYSTEM, raise_version, territory_id)

    forgotten = forget_streams(ctx)

    def begin(after: int | None) -> tuple[int, bool]:
        start = view(ctx, STAFF, watch_board, territory_id, TODAY, after)
        return start.after, start.snapshot is not None

    assert forgotten == 3
    # Number 3 was the last that is gone: after it nothing is missing.
    assert [begin(after) for after in (None, 2, 3, 4, 5)] == [(5, True), (5, True), (3, False), (4, False), (5, False)]
    # An id that was never given comes from elsewhere.
    assert begin(6) == (5, True)


def test_many_streams_share_one_reader(postgres_database: Database) -> None:
    """A connection to the database for each open page would be the end of the database."""
    ctx, territory_id = make_context(postgres_database), _territory(postgres_database)
    topic = topic_of_board(territory_id, TODAY)

    def connections() -> int:
        with postgres_database.engine.connect() as connection:
            found = connection.scalar(text("select count(*) from pg_stat_activity where query like 'listen %'"))
        return int(found or 0)

    async def listen() -> tuple[int, list[list[StreamEvent]]]:
        """Listen with many."""
        hub = StreamHub(postgres_database)
        listening = [asyncio.create_task(hear(hub, topic, 0, 2)) for _ in range(50)]
        await asyncio.to_thread(transact, ctx, SYSTEM, say, territory_id)
        await hear(hub, topic, 0, 1)
        meanwhile = await asyncio.to_thread(connections)
        await asyncio.to_thread(transact, ctx, SYSTEM, say, territory_id)
        return meanwhile, await asyncio.gather(*listening)

    meanwhile, heard = asyncio.run(listen())

    assert meanwhile == 1
    assert [[event.id for event in events] for events in heard] == [[1, 2]] * 50
    # The thread ends after the last one has left, and its connection with it.
    until = time.monotonic() + LIMIT_S
    while connections():
        assert time.monotonic() < until
