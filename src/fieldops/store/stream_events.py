"""
Stream events in the database: read by topic, and the bell that PostgreSQL rings when there are new ones.

Ids rise within a topic in the order in which rows become visible (`fieldops.usecases.stream`), but not across topics:
two transactions may commit in another order than they wrote. So whoever reads keeps a position for each topic.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

import psycopg
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from fieldops.store.database import Database
from fieldops.store.tables import StreamEventRow

#: The channel on which PostgreSQL tells that something was said.
CHANNEL: Final = "fieldops_stream"
#: Events read at a time.
MOST_READ: Final = 1_000

_NEWS: Final = {
    # From each topic its own beginning: however many rows the table has, nothing else is looked at.
    "postgresql": text(
        "select e.id, wanted.key as topic, e.kind, e.data"
        " from json_each_text(cast(:wanted as json)) as wanted cross join lateral"
        " (select id, kind, cast(data as text) as data from stream_events"
        "  where topic = wanted.key and id > cast(wanted.value as bigint) order by id limit :most) as e"
        " order by e.id limit :most"
    ),
    "sqlite": text(
        "select e.id, wanted.key as topic, e.kind, e.data"
        " from json_each(:wanted) as wanted cross join stream_events as e"
        " where e.topic = wanted.key and e.id > wanted.value order by e.id limit :most"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEvent:
    """One event as it was said; `data` is JSON."""

    id: int
    topic: str
    kind: str
    data: str


def read_events(session: Session, wanted: Mapping[str, int]) -> list[StreamEvent]:
    """
    Read what was said after a position, by rising id, at most `MOST_READ`.

    Parameters
    ----------
    wanted
        The id after which to read, by topic.

    Notes
    -----
    Of every topic the events are without a gap: what is left out comes after them.
    """
    statement = _NEWS[session.get_bind().dialect.name]
    rows = session.execute(statement, {"wanted": json.dumps(dict(wanted)), "most": MOST_READ})
    return [StreamEvent(id=row.id, topic=row.topic, kind=row.kind, data=row.data) for row in rows]


def last_event_id(session: Session, topic: str) -> int:
    """Return the id of the newest event of a topic; 0 when there is none."""
    return session.scalar(select(func.max(StreamEventRow.id)).where(StreamEventRow.topic == topic)) or 0


def is_kept_from(session: Session, after: int, since: datetime) -> bool:
    """Tell whether everything after an id is still there, even when what was said before an instant is forgotten."""
    first = session.scalar(select(func.min(StreamEventRow.id)).where(StreamEventRow.at >= since))
    newest = session.scalar(select(func.max(StreamEventRow.id)))
    # An id from the future is from another database.
    return first is not None and newest is not None and first - 1 <= after <= newest


class Bell:
    """
    A connection to PostgreSQL that hears when something was said, in whichever process.

    Notes
    -----
    Made by one thread and used by it alone. What is said while there is no bell is not rung later: read once after
    making one.
    """

    def __init__(self, database: Database) -> None:
        lent = database.engine.raw_connection()
        self._connection = cast("psycopg.Connection[Any]", lent.driver_connection)
        lent.detach()
        self._connection.autocommit = True
        self._connection.execute(f"listen {CHANNEL}")

    def fileno(self) -> int:
        """Name the socket: readable when it has rung, or the connection is gone."""
        return self._connection.fileno()

    def silence(self) -> None:
        """
        Take note of every ringing so far.

        Raises
        ------
        psycopg.Error
            When the connection is gone.
        """
        for _ in self._connection.notifies(timeout=0):
            pass

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
