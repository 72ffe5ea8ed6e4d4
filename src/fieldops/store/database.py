"""The way to the database: one engine, read and write transactions, on SQLite and PostgreSQL alike."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any, Final

from psycopg.pq import TransactionStatus
from sqlalchemy import URL, Connection, Engine, bindparam, create_engine, event, inspect, make_url, select
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.orm import ORMExecuteState, Session

from fieldops.store.prepared import Prepared, let_go, send_kept_back

#: How long a writer waits for another one, milliseconds.
BUSY_TIMEOUT_MS: Final = 30_000
#: A connection that has not been used for so long may be gone, seconds.
REST_S: Final = 1.0
#: Under this name a connection's record keeps when it was put back.
_RESTS_SINCE: Final = "fieldops_rests_since"
#: Under this name `Session.info` keeps what is done once the transaction has committed.
_ON_COMMIT: Final = "fieldops_on_commit"
#: Execution option of connections that are going to write.
WRITES: Final = "fieldops_writes"
#: Statements that one connection keeps prepared (PostgreSQL); lists of another length make them others.
MAX_PREPARED: Final = 400
#: PostgreSQL says so when a transaction should be tried again: serialization failure, deadlock.
RETRYABLE_STATES: Final = frozenset({"40001", "40P01"})


class Database:
    """
    One database.

    Parameters
    ----------
    url
        ``sqlite:///path`` or ``postgresql://...``; the drivers are chosen here.
    pool_size
        Connections kept (PostgreSQL); should match the threads that use them at the same time.
    most
        Connections there are at most (PostgreSQL): further threads wait. None = twice as many as are kept.

    Notes
    -----
    SQLite: write-ahead log, foreign keys on, every commit on disk (``synchronous=FULL``). A write transaction takes the
    one write lock at its beginning (``BEGIN IMMEDIATE``), so it never fails in the middle because of another writer.
    Writers of one process queue for it: SQLite itself has them look again, more and more rarely the longer they wait.
    PostgreSQL: read committed, where every statement sees what is committed by then: who only reads needs no
    transaction around them, and who changes a plan locks its row. Errors do not quote values: they end in the log.
    """

    def __init__(self, url: str, *, pool_size: int = 20, most: int | None = None) -> None:
        self.url = _with_driver(make_url(url))
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._turn = Lock()
        if self.is_sqlite:
            threads = {"check_same_thread": False}
            self.engine = create_engine(self.url, pool_size=pool_size, hide_parameters=True, connect_args=threads)
            _tune_sqlite(self.engine)
        else:
            more = pool_size if most is None else most - pool_size
            self.engine = create_engine(
                self.url, pool_size=pool_size, max_overflow=more, pool_use_lifo=True, hide_parameters=True
            )
            _look_after_rest(self.engine)
            _keep_prepared(self.engine)
        self._reader = self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that only reads."""
        with _Session(self._reader, expire_on_commit=False) as session, session.begin():
            try:
                yield session
                # Should somebody write all the same, nothing of it may be lost in silence.
                send_kept_back(session)
            finally:
                let_go(session)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a transaction that writes: committed at the end, rolled back when anything is raised."""
        # Should it take too long, SQLite says so: it has the last word anyway.
        is_ours = self.is_sqlite and self._turn.acquire(timeout=BUSY_TIMEOUT_MS / 1_000)
        try:
            with _Session(self.engine, expire_on_commit=False) as session:
                with session.begin():
                    if self.is_sqlite:
                        # Now, not with the first statement: whoever writes knows that nobody else does.
                        session.connection(execution_options={WRITES: True})
                    try:
                        yield session
                        session.flush()
                        send_kept_back(session, and_commit=True)
                    finally:
                        let_go(session)
                for follow in session.info.pop(_ON_COMMIT, ()):
                    follow()
        finally:
            if is_ours:
                self._turn.release()

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


class _Session(Session):
    """A session that prepares the statement behind `get` once: to build it takes longer than to run it."""

    def get(self, entity: Any, ident: Any, **options: Any) -> Any:
        """Return a row by its primary key, or None."""
        wanted = {name: value for name, value in options.items() if value not in (None, {})}
        if not isinstance(ident, str) or wanted not in ({}, _ANEW):
            return super().get(entity, ident, **options)
        if not wanted:
            known = self.identity_map.get(self.identity_key(entity, ident))
            if known is not None:
                return known
        return _by_key(entity, for_update=bool(wanted)).scalar(self, {"key": ident}, flush=False)


@event.listens_for(_Session, "do_orm_execute")
def _is_executed(state: ORMExecuteState) -> None:
    send_kept_back(state.session)


@event.listens_for(_Session, "before_flush")
def _is_flushed(session: Session, _context: Any, _objects: Any) -> None:
    send_kept_back(session)


#: Lock the row, and read it again.
_ANEW: Final = {"with_for_update": True, "populate_existing": True}


@cache
def _by_key(entity: Any, *, for_update: bool) -> Prepared:
    """Build the statement for a row by its key."""
    (key,) = inspect(entity).primary_key
    found = select(entity).where(key == bindparam("key"))
    return Prepared(found.with_for_update() if for_update else found)


def on_commit(session: Session, follow: Callable[[], None]) -> None:
    """Have something done in memory once a transaction of `Database.writing` has committed, should it do so."""
    session.info.setdefault(_ON_COMMIT, []).append(follow)


def is_retryable(error: DBAPIError) -> bool:
    """Whether the same transaction may succeed when tried again."""
    state = getattr(error.orig, "sqlstate", None)
    return state in RETRYABLE_STATES or "database is locked" in str(error.orig)


def _with_driver(url: URL) -> URL:
    """Name the driver: psycopg 3 for PostgreSQL."""
    return url.set(drivername="postgresql+psycopg") if url.drivername in {"postgresql", "postgres"} else url


def _look_after_rest(engine: Engine) -> None:
    """Ask connections that have rested whether they are still there; one just used is not asked again."""

    @event.listens_for(engine, "checkin")
    def _rests(_connection: Any, record: Any) -> None:
        record.info[_RESTS_SINCE] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _is_taken(connection: Any, record: Any, _proxy: Any) -> None:
        since = record.info.get(_RESTS_SINCE)
        if since is None or time.monotonic() - since < REST_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error  # the pool then makes new ones


def _keep_prepared(engine: Engine) -> None:
    """
    Have connections keep the statements that the server has prepared for them.

    Notes
    -----
    After a rollback psycopg forgets them all, lest something they name was made in vain. Nothing is made here but rows,
    and who loses a window is rolled back every day: so the server is told of it past psycopg, which then finds nothing
    left to do.
    """

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.prepared_max = MAX_PREPARED

    @event.listens_for(engine, "rollback")
    def _rolls_back(connection: Connection) -> None:
        if not connection.invalidated:
            server = connection.connection.dbapi_connection.pgconn  # type: ignore[union-attr]
            if server.transaction_status in {TransactionStatus.INTRANS, TransactionStatus.INERROR}:
                server.exec_(b"ROLLBACK")


def _tune_sqlite(engine: Engine) -> None:
    """Leave the beginning of transactions to us, and set what a connection has to know."""

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _began(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
