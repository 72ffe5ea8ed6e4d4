"""
The ear of a process: one thread reads what was said, once, and hands it to every stream that listens.

On PostgreSQL it is woken by the bell (``LISTEN``), and looks by itself every two seconds in case the bell was broken;
on SQLite it looks ten times a second. It lives while somebody listens.
"""

import asyncio
import selectors
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import Lock, Thread
from typing import Final

import psycopg
import structlog

from fieldops.store.database import Database
from fieldops.store.stream_events import MOST_READ, Bell, StreamEvent, read_events

#: Pauses between two looks, seconds: without a bell, and with one.
LOOK_EVERY_S: Final = 0.1
LOOK_ANYWAY_EVERY_S: Final = 2.0
#: Looks are at least so far apart, seconds: what is said in between is read together.
LEAST_PAUSE_S: Final = 0.02
#: The pause after the database did not answer, seconds.
RETRY_S: Final = 1.0
#: Events that may wait for one stream; a client that reads slower has to come back.
MOST_WAITING: Final = 2_000

log = structlog.get_logger(__name__)


class TooSlow(Exception):
    """A stream has fallen behind: what it missed is in the database, from the last id it has sent."""


class Listener:
    """
    What one stream hears of its topic: every event after an id, in order, none twice.

    Attributes
    ----------
    is_closed
        Whether the service ends.

    Notes
    -----
    Belongs to the event loop it was made in; the hub hands events over to that.
    """

    def __init__(self, topic: str, after: int) -> None:
        self.topic = topic
        self._after = after
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._waiting: list[StreamEvent] = []
        self._is_behind = False
        self.is_closed = False

    async def news(self) -> list[StreamEvent]:
        """
        Wait until something was said, and return it; return nothing when the listener is closed.

        Raises
        ------
        TooSlow
            When more was said than is kept for a stream.
        """
        await self._news.wait()
        self._news.clear()
        if self._is_behind:
            raise TooSlow
        heard, self._waiting = self._waiting, []
        return heard

    def close(self) -> None:
        """Wait no longer."""
        self.is_closed = True
        self._news.set()

    def hand_over(self, since: int, events: list[StreamEvent]) -> None:
        """
        Take events from the hub's thread.

        Parameters
        ----------
        since
            `events` is everything that was said after this id, up to the last one of them.
        """
        with suppress(RuntimeError):  # the loop has ended, and the stream with it
            self._loop.call_soon_threadsafe(self._take, since, events)

    def _take(self, since: int, events: list[StreamEvent]) -> None:
        if since > self._after or self._is_behind:
            return  # something is missing before these: the hub is going back for it
        fresh = [event for event in events if event.id > self._after]
        if not fresh:
            return
        self._after = fresh[-1].id
        self._waiting += fresh
        if len(self._waiting) > MOST_WAITING:
            self._waiting, self._is_behind = [], True
        self._news.set()


class StreamHub:
    """
    Everybody in a process who listens.

    Attributes
    ----------
    lasts_s
        How long a stream lasts at most, seconds; clients come back by themselves.
    """

    def __init__(self, database: Database, *, lasts_s: float = 3_600.0) -> None:
        self.lasts_s = lasts_s
        self._database = database
        self._lock = Lock()
        self._listeners: dict[str, list[Listener]] = {}
        self._read_to: dict[str, int] = {}
        #: To wake the thread with; None = there is no thread.
        self._wakes: socket.socket | None = None

    @contextmanager
    def listen(self, topic: str, after: int) -> Iterator[Listener]:
        """
        Listen to a topic from an event on.

        Parameters
        ----------
        after
            Events with a higher id are heard, those said before this call too.
        """
        listener = Listener(topic, after)
        with self._lock:
            self._listeners.setdefault(topic, []).append(listener)
            self._read_to[topic] = min(after, self._read_to.get(topic, after))
            self._wake()
        try:
            yield listener
        finally:
            with self._lock:
                self._listeners[topic].remove(listener)
                if not self._listeners[topic]:
                    del self._listeners[topic], self._read_to[topic]
                    if not self._listeners:
                        self._wake()

    def _wake(self) -> None:
        """Have the thread look at once; the caller holds the lock."""
        if self._wakes is None:
            self._wakes, woken = socket.socketpair()
            for end in (self._wakes, woken):
                end.setblocking(False)
            Thread(target=self._run, args=(woken,), name="streams", daemon=True).start()
        with suppress(BlockingIOError):  # it is going to look anyway
            self._wakes.send(b".")

    def _run(self, woken: socket.socket) -> None:
        """Read and hand over while anybody listens."""
        bell: Bell | None = None
        while self._goes_on():
            try:
                if bell is None and not self._database.is_sqlite:
                    bell = Bell(self._database)
                began = time.monotonic()
                while self._pass_on():
                    pass
                time.sleep(max(LEAST_PAUSE_S - (time.monotonic() - began), 0.0))
                _wait(woken, bell)
            except Exception as error:
                log.warning("streams.interrupted", error=repr(error), next_try_s=RETRY_S)
                _close(bell)
                bell = None
                time.sleep(RETRY_S)
        _close(bell)
        woken.close()

    def _goes_on(self) -> bool:
        """Whether anybody listens; otherwise the thread ends."""
        with self._lock:
            if not self._listeners and self._wakes is not None:
                self._wakes.close()
                self._wakes = None
            return bool(self._listeners)

    def _pass_on(self) -> bool:
        """Read what is new and hand it over; tell whether there may be more."""
        with self._lock:
            wanted = dict(self._read_to)
        with self._database.reading() as session:
            events = read_events(session, wanted)
        by_topic: dict[str, list[StreamEvent]] = {}
        for event in events:
            by_topic.setdefault(event.topic, []).append(event)
        self._hand_over(wanted, by_topic)
        return len(events) == MOST_READ

    def _hand_over(self, wanted: Mapping[str, int], by_topic: Mapping[str, list[StreamEvent]]) -> None:
        """Give events to those who listen to their topics."""
        with self._lock:
            for topic, events in by_topic.items():
                for listener in self._listeners.get(topic, ()):
                    listener.hand_over(wanted[topic], events)
                # Somebody may have come meanwhile who needs earlier ones.
                if self._read_to.get(topic) == wanted[topic]:
                    self._read_to[topic] = events[-1].id


def _wait(woken: socket.socket, bell: Bell | None) -> None:
    """Wait until there may be something new."""
    with selectors.DefaultSelector() as ears:
        ears.register(woken, selectors.EVENT_READ)
        if bell is not None:
            ears.register(bell, selectors.EVENT_READ)
        ready = {key.fileobj for key, _ in ears.select(LOOK_EVERY_S if bell is None else LOOK_ANYWAY_EVERY_S)}
    if woken in ready:
        woken.recv(4_096)
    if bell is not None and bell in ready:
        bell.silence()


def _close(bell: Bell | None) -> None:
    """Close a bell that may be broken."""
    if bell is not None:
        with suppress(psycopg.Error):
            bell.close()
