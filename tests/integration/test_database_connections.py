"""What happens to connections of a pool, and to those who wait for their turn to write."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from fieldops.jobs.duties import duties, handlers
from fieldops.store import database as database_module
from fieldops.store.database import Database
from fieldops.store.tables import TerritoryRow
from fieldops.wiring import load_settings, make_context, make_worker, worker_connections
from worlds import add_territory


def test_connection_that_was_cut_off_while_it_rested_is_replaced(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that was restarted at night may not cost the first customer of the morning an error."""
    monkeypatch.setattr(database_module, "REST_S", 0.0)
    cut_off = text("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()")
    with postgres_database.reading() as session, postgres_database.reading() as other:
        first, second = (one.execute(text("select pg_backend_pid()")).scalar_one() for one in (session, other))
    admin = Database(postgres_database.url.render_as_string(hide_password=False))
    with admin.reading() as session:
        ended = session.execute(
            text(f"{cut_off.text} and pid in (:first, :second)"), {"first": first, "second": second}
        ).all()
    admin.close()

    assert len(ended) == 2
    for _ in range(2):
        with postgres_database.reading() as session:
            assert session.execute(text("select 1")).scalar_one() == 1


def test_worker_has_a_connection_for_each_of_its_threads_and_no_more(postgres_database: Database) -> None:
    """Workers are started by the dozen: each with as many connections as an API would use up the database's."""
    url = postgres_database.url.render_as_string(hide_password=False)
    settings = load_settings(database_url=url, worker_concurrency=3)
    ctx = make_context(settings, works=True)
    worker = make_worker(ctx)
    loops = len(duties(ctx, worker.engine)) + 2  # signs of life, and the look after others'
    most = worker_connections(settings)
    try:
        with ExitStack() as held:
            for _ in range(most):
                held.enter_context(ctx.database.engine.connect())
            ctx.database.engine.pool._timeout = 0.01  # type: ignore[attr-defined]
            with pytest.raises(PoolTimeoutError):
                ctx.database.engine.connect()
    finally:
        ctx.database.close()

    assert loops + len(handlers(ctx)) * 3 <= most < 40


def test_connection_just_used_is_not_asked_whether_it_is_there(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every request takes two connections; two more questions each would be a tenth of its time."""
    with postgres_database.reading() as session:
        session.execute(text("select 1"))
    asked: list[object] = []
    monkeypatch.setattr(postgres_database.engine.dialect, "do_ping", asked.append)

    with postgres_database.reading() as session:
        session.execute(text("select 1"))

    assert asked == []


class SeenLock:
    """A lock that tells when somebody has to wait for it."""

    def __init__(self) -> None:
        self.lock, self.is_awaited = threading.Lock(), threading.Event()

    def acquire(self, timeout: float) -> bool:
        """Tell, and wait."""
        if self.lock.locked():
            self.is_awaited.set()
        return self.lock.acquire(timeout=timeout)

    def release(self) -> None:
        """Let the next one go on."""
        self.lock.release()


def test_writers_of_one_process_wait_for_their_turn_outside_of_sqlite(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite has them look again and again, each on a connection of its own, and of those there are not many."""
    turn, may_end = SeenLock(), threading.Event()
    monkeypatch.setattr(sqlite_database, "_turn", turn)
    names: list[str] = []

    def write_long() -> None:
        with sqlite_database.writing() as session:
            add_territory(session, name="first")
            assert may_end.wait(timeout=30)

    def write_next() -> None:
        with sqlite_database.writing() as session:
            names.extend(session.scalars(select(TerritoryRow.name)))

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(write_long)
        while not turn.lock.locked():
            assert not first.done()
        second = threads.submit(write_next)
        assert turn.is_awaited.wait(timeout=30)
        in_use = sqlite_database.engine.pool.checkedout()  # type: ignore[attr-defined]
        may_end.set()
        first.result(timeout=30)
        second.result(timeout=30)

    assert in_use <= 1  # the first writer's, if it has come that far
    assert names == ["first"]


def test_row_by_its_key_is_the_same_object_and_is_read_anew_when_locked(database: Database) -> None:
    """The statement behind it is our own; it has to mean what everybody expects of a session."""
    with database.writing() as session:
        territory_id = add_territory(session, name="before").id
    with database.writing() as session:
        row = session.get_one(TerritoryRow, territory_id)
        session.connection().execute(text("update territories set name = 'after'"))

        assert session.get(TerritoryRow, territory_id) is row
        assert row.name == "before"
        assert session.get(TerritoryRow, territory_id, with_for_update=True, populate_existing=True) is row
        assert row.name == "after"
        assert session.get(TerritoryRow, "te_nobody") is None
