"""
Databases that tests borrow one after the other: each finds its own migrated and without rows, as if it were new.

An engine with the statements it has compiled, and connections, take longer to make than most tests last; so they are
kept. An SQLite file is copied anew for every test. On PostgreSQL rows are deleted where there are any, and sequences
begin again; when a test has changed the schema, or somebody is still connected, the whole database is made anew.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final

import psycopg
from sqlalchemy import QueuePool

from databases import Databases, copy_file, open_hurried
from fieldops.store.database import Database
from fieldops.store.tables import Row

#: How often rows are only deleted: what was deleted stays in the files, and whoever searches them meets it.
MOST_DELETIONS: Final = 50
#: How what empties a database connects: it looks at no foreign keys, and does not wait for what tests have locked.
_OPTIONS: Final = "-c session_replication_role=replica -c lock_timeout=200ms"
#: A function that empties all tables, unless there is more to do; should a change of the schema be rolled back, so is
#: the note of it.
_PREPARING: Final = """
create schema lent;
create table lent.changes (noted_at timestamptz);
create function lent.note_change() returns event_trigger language plpgsql as
    $$ begin insert into lent.changes values (now()); end $$;
create function lent.was_emptied(num_connections integer) returns boolean language plpgsql as
    $$ declare
        sequence regclass;
    begin
        if exists (select from lent.changes)
            or num_connections <> (select count(*) from pg_stat_activity where datname = current_database())
        then return false; end if;
        {deletions}
        for sequence in select seqrelid from pg_sequence loop
            perform setval(sequence, 1, false);
        end loop;
        return true;
    end $$;
create event trigger lent on ddl_command_end execute function lent.note_change();
"""


@dataclass(frozen=True, slots=True)
class LentFiles:
    """
    SQLite files.

    Attributes
    ----------
    folder
        Where they are.
    idle
        Those that nobody has borrowed.
    """

    folder: Path
    idle: list[Database] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    @contextmanager
    def lent(self, template: Path) -> Iterator[Database]:
        """Lend a copy of a file."""
        database = self.idle.pop() if self.idle else open_hurried(self.folder / f"{next(self._numbers)}.db")
        copy_file(template, Path(str(database.url.database)))
        try:
            yield database
        finally:
            is_free = _is_free(database)
            database.close()
            if is_free:
                self.idle.append(database)


@dataclass(slots=True)
class _Lent:
    """
    A PostgreSQL database.

    Attributes
    ----------
    cleaner
        Connected to it all the time; None = a database that is not ours is always made anew.
    num_deletions
        How often it was only emptied since it was made.
    """

    database: Database
    cleaner: psycopg.Connection | None
    num_deletions: int = 0


@dataclass(frozen=True, slots=True)
class LentDatabases:
    """
    PostgreSQL databases.

    Attributes
    ----------
    idle
        Those that nobody has borrowed.
    """

    server: Databases
    idle: list[_Lent] = field(default_factory=list)

    @contextmanager
    def lent(self) -> Iterator[Database]:
        """Lend a database."""
        lent = self.idle.pop() if self.idle else self._made(self.server.named())
        try:
            yield lent.database
        finally:
            self._take_back(lent)

    def close(self) -> None:
        """Drop them all."""
        while self.idle:
            self._drop(self.idle.pop())

    def _made(self, database: Database) -> _Lent:
        """Make a database for somebody who knows its address."""
        self.server.create(database)
        if not self.server.are_ours:
            return _Lent(database, None)
        url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        cleaner = psycopg.connect(url, autocommit=True, options=_OPTIONS, prepare_threshold=None)
        deletions = "".join(
            f"if exists (select from {name}) then delete from {name}; end if;" for name in sorted(Row.metadata.tables)
        )
        cleaner.execute(_PREPARING.format(deletions=deletions))
        return _Lent(database, cleaner)

    def _take_back(self, lent: _Lent) -> None:
        """Make a database as good as new."""
        if not _is_free(lent.database):
            self._drop(lent)
        elif lent.num_deletions < MOST_DELETIONS and _was_emptied(lent):
            lent.num_deletions += 1
            self.idle.append(lent)
        else:
            self._drop(lent)
            self.idle.append(self._made(lent.database))

    def _drop(self, lent: _Lent) -> None:
        if lent.cleaner is not None:
            lent.cleaner.close()
        self.server.drop(lent.database)


def _was_emptied(lent: _Lent) -> bool:
    """Delete all rows, if that is all there is to do; connections that were cut are a reason to do more."""
    if lent.cleaner is None:
        return False
    num_connections = _pool(lent.database).checkedin() + 1
    try:
        answered = lent.cleaner.execute("select lent.was_emptied(%s)", [num_connections])
        return answered.fetchone() == (True,)
    except psycopg.Error:
        return False


def _is_free(database: Database) -> bool:
    """Whether a test has let go of a database: no thread of it goes on in there."""
    return _pool(database).checkedout() == 0 and not database._turn.locked()


def _pool(database: Database) -> QueuePool:
    """Return what keeps the connections of a database."""
    pool = database.engine.pool
    assert isinstance(pool, QueuePool)
    return pool
