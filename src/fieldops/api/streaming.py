"""Server-sent events of one listener: a snapshot, then what is said, until one of both has to come back."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

import anyio
from pydantic import BaseModel
from sse_starlette.sse import EventSourceResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from fieldops.api.security import MAX_TOKEN_LENGTH
from fieldops.api.stream_hub import Listener, StreamHub, TooSlow
from fieldops.errors import NotAllowed
from fieldops.usecases.actor import ANONYMOUS, Actor
from fieldops.usecases.authenticate import authenticate
from fieldops.usecases.context import Context
from fieldops.usecases.work import view

#: Something is sent at least so often, seconds, so that nobody in between takes the connection for dead.
HEARTBEAT_S: Final = 15
#: What a client waits before it connects again, milliseconds.
RETRY_MS: Final = 1_000
#: A client that takes nothing for so long is let go, seconds.
STUCK_S: Final = 30
#: What a stream gets to say goodbye when the service ends, seconds.
GRACE_S: Final = 1.0
#: How often it is looked whether the caller may still listen, seconds.
ASK_AGAIN_S: Final = 60.0


def stream_response(
    request: Request, actor: Actor, topic: str, after: int, snapshot: BaseModel | None
) -> EventSourceResponse:
    """
    Answer with a stream.

    Parameters
    ----------
    after
        Events with a higher id follow.
    snapshot
        None when the listener goes on where it was.
    """
    hub: StreamHub = request.app.state.streams
    shown = None if snapshot is None else snapshot.model_dump_json()
    closing = anyio.Event()
    told = events(hub, topic, after, shown, _permission(request, actor), closing)
    return EventSourceResponse(
        told, ping=HEARTBEAT_S, send_timeout=STUCK_S, shutdown_event=closing, shutdown_grace_period=GRACE_S
    )


async def events(
    hub: StreamHub,
    topic: str,
    after: int,
    snapshot: str | None,
    may_listen: Callable[[], bool],
    closing: anyio.Event,
) -> AsyncIterator[dict[str, Any]]:
    """
    Tell the snapshot, if there is one, and everything that is said after an id.

    Parameters
    ----------
    may_listen
        Asked from time to time; blocks.
    closing
        Set when the service ends.
    """
    until = time.monotonic() + hub.lasts_s
    asks_at = time.monotonic() + ASK_AGAIN_S
    with hub.listen(topic, after) as listener, _closed_by(listener, closing):
        if snapshot is not None:
            yield {"event": "snapshot", "id": str(after), "data": snapshot, "retry": RETRY_MS}
        while not listener.is_closed:
            try:
                async with asyncio.timeout(min(until, asks_at) - time.monotonic()):
                    news = await listener.news()
            except TooSlow:
                break
            except TimeoutError:
                news = []
            for event in news:
                yield {"event": event.kind, "id": str(event.id), "data": event.data}
            now = time.monotonic()
            if now >= until:
                break
            if now >= asks_at:
                if not await run_in_threadpool(may_listen):
                    break
                asks_at = now + ASK_AGAIN_S
    yield {"event": "reset", "data": "{}", "retry": RETRY_MS}


@contextmanager
def _closed_by(listener: Listener, closing: anyio.Event) -> Iterator[None]:
    """Close a listener when the service ends."""

    async def close() -> None:
        await closing.wait()
        listener.close()

    waiting = asyncio.create_task(close())
    try:
        yield
    finally:
        waiting.cancel()


def _permission(request: Request, actor: Actor) -> Callable[[], bool]:
    """Return what finds out whether the caller's credentials are still good, and still give the same rights."""
    ctx: Context = request.app.state.context
    kind, _, token = request.headers.get("Authorization", "").partition(" ")

    def may_listen() -> bool:
        if kind.lower() != "bearer" or len(token) > MAX_TOKEN_LENGTH:
            return True  # somebody else has let the caller in
        try:
            known = view(ctx, ANONYMOUS, authenticate, token)
        except NotAllowed:
            return False
        return replace(known, request_id=actor.request_id) == actor

    return may_listen
