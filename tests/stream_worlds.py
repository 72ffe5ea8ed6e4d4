"""Streams in tests: saying something, and listening for a while."""

import asyncio

from fieldops.api.stream_hub import StreamHub
from fieldops.store.day_plans import lock_plan
from fieldops.store.plan_routes import write_routes
from fieldops.store.stream_events import StreamEvent
from fieldops.usecases.stream import announce, topic_of_board
from fieldops.usecases.work import Work
from worlds import TODAY

#: How long a test waits for what has to come, seconds.
LIMIT_S = 20.0


def say(work: Work, territory_id: str, number: int = 0) -> None:
    """Say something on today's board, as a use case does."""
    lock_plan(work.session, territory_id, TODAY)
    announce(work, topic_of_board(territory_id, TODAY), "task", {"number": number})


def raise_version(work: Work, territory_id: str) -> None:
    """Make one more version of today's plan and say so."""
    plan = lock_plan(work.session, territory_id, TODAY)
    version = write_routes(work.session, plan, {}, reason="wishes", actor="test", now=work.now)
    announce(work, topic_of_board(territory_id, TODAY), "plan", {"version": version})


async def hear(hub: StreamHub, topic: str, after: int, count: int) -> list[StreamEvent]:
    """Listen until so many events were heard."""
    heard: list[StreamEvent] = []
    with hub.listen(topic, after) as listener:
        async with asyncio.timeout(LIMIT_S):
            while len(heard) < count:
                heard += await listener.news()
    return heard
