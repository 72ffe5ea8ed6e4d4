"""Signs of life of workers, and taking over the jobs of those that give none."""

import socket
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from fieldops.store.database import Database
from fieldops.store.tables import ExecutorRow

#: How often a worker gives a sign of life, seconds.
BEAT_S: Final = 2.0
#: A worker that gave none for so long is taken for ended.
SILENT_AFTER: Final = timedelta(seconds=8)


class Takeover(Protocol):
    """What takes over the jobs of ended processes: the engine."""

    def owners(self) -> frozenset[str]:
        """Name the processes that have begun jobs and not finished them."""
        ...

    def recover(self, executor_ids: frozenset[str]) -> None:
        """Put the jobs of ended processes back into their queues."""
        ...


def beat(database: Database, executor_id: str) -> None:
    """Give a sign of life; a worker that was taken for ended, and is not, is up again."""
    with database.writing() as session:
        now = _database_now(session)
        row = session.get(ExecutorRow, executor_id)
        if row is None:
            session.add(ExecutorRow(id=executor_id, host=socket.gethostname(), started_at=now, seen_at=now, state="up"))
        else:
            row.seen_at, row.state = now, "up"


def say_goodbye(database: Database, executor_id: str) -> None:
    """Say that this worker has ended, so that nobody waits for it to fall silent."""
    with database.writing() as session:
        session.execute(update(ExecutorRow).where(ExecutorRow.id == executor_id).values(state="stopped"))


def reap(database: Database, takeover: Takeover, executor_id: str) -> frozenset[str]:
    """
    Take over what ended workers have left behind.

    Parameters
    ----------
    executor_id
        Who does this: it lives, however long its own sign of life has been waiting for a lock.

    Returns
    -------
    frozenset[str]
        The workers that owned something.

    Notes
    -----
    Repeated with every beat by every worker: what a worker that ends in the middle of this does not get done, the next
    one does. A pending job whose owner has no row at all was begun by a process that did not live to its first beat.
    """
    owners = takeover.owners()
    with database.writing() as session:
        silent = (
            ExecutorRow.state == "up",
            ExecutorRow.id != executor_id,
            ExecutorRow.seen_at < _database_now(session) - SILENT_AFTER,
        )
        session.execute(update(ExecutorRow).where(*silent).values(state="reaped"))
        up = frozenset(session.scalars(select(ExecutorRow.id).where(ExecutorRow.state == "up")))
    ended = owners - up - {executor_id}
    if ended:
        takeover.recover(ended)
    return ended


def _database_now(session: Session) -> datetime:
    """Ask the database for the time: workers on many machines must not differ about who is silent."""
    if session.get_bind().dialect.name == "sqlite":
        return datetime.now(UTC)
    return session.scalars(select(func.now())).one()
