"""Bring a database to a version of the schema, and say which one it has."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, text

from fieldops.errors import Fault, InternalError, InvalidInput
from fieldops.store.database import WRITES, Database

#: Whoever migrates on PostgreSQL holds this advisory lock, so that two starting processes do not both do it.
MIGRATION_LOCK: Final = 7_251_003
_SCRIPTS: Final = Path(__file__).parent / "migrations"


def upgrade(database: Database, revision: str = "head") -> None:
    """
    Bring the schema up to a revision; nothing happens when it is there already.

    Parameters
    ----------
    revision
        ``head`` for the newest, or the name of one, such as ``0002``.

    Raises
    ------
    InvalidInput
        When there is no such revision, or the database has one this version of fieldops does not know.
    """
    with _migrating(database) as config, _named(revision):
        command.upgrade(config, revision)


def downgrade(database: Database, revision: str) -> None:
    """
    Take the schema back to a revision. What later ones added is gone with its data.

    Parameters
    ----------
    revision
        The name of one, ``-1`` for the one before, or ``base`` for an empty database.

    Raises
    ------
    InvalidInput
        As `upgrade` does.
    """
    with _migrating(database) as config, _named(revision):
        command.downgrade(config, revision)


def write_revision(database: Database, message: str, revision: str) -> Path:
    """
    Write a new migration: what the tables have and this database, which is at the newest revision, has not.

    Returns
    -------
    Path
        The file, to be read and corrected by a person before it is kept.
    """
    with _migrating(database) as config:
        script = command.revision(config, message, autogenerate=True, rev_id=revision)
    assert script is not None, "one revision was asked for"
    assert not isinstance(script, list), "one revision was asked for"
    return Path(script.path)


def current(database: Database) -> str | None:
    """Name the revision a database has; None before the first."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """Name the newest revision this version of fieldops knows."""
    head = _scripts().get_current_head()
    assert head is not None, "there is a first migration"
    return head


def is_current(database: Database) -> bool:
    """Whether a database has the newest revision."""
    return current(database) == newest()


def _scripts() -> ScriptDirectory:
    """Read the migrations there are."""
    return ScriptDirectory.from_config(_config())


def _config(**attributes: Any) -> Config:
    """Configure Alembic without a file."""
    config = Config(attributes=attributes)
    # A percent sign would be read as an interpolation.
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


@contextmanager
def _migrating(database: Database) -> Iterator[Config]:
    """Open one transaction for all that is to be done, alone."""
    with database.engine.connect() as connection:
        if database.is_sqlite:
            # Altering a table means copying it and dropping the old one, which must not take its referring rows along.
            # Inside a transaction SQLite would ignore this.
            connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
        try:
            writing = connection.execution_options(**{WRITES: True})
            with writing.begin():
                if not database.is_sqlite:
                    writing.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
                yield _config(connection=writing)
                _check_references(database, writing)
        finally:
            # The next user of the connection needs foreign keys on again: it gets a new one.
            connection.invalidate()


def _check_references(database: Database, connection: Connection) -> None:
    """Judge what SQLite did not while its foreign keys were off."""
    if database.is_sqlite and (dangling := connection.execute(text("PRAGMA foreign_key_check")).first()) is not None:
        raise InternalError(f"a migration leaves a row of {dangling[0]} without the row of {dangling[2]} it refers to")


@contextmanager
def _named(revision: str) -> Iterator[None]:
    """Report a revision there is not, in our words."""
    try:
        yield
    except CommandError as error:
        known = ", ".join(script.revision for script in reversed(list(_scripts().walk_revisions())))
        fault = Fault(path="revision", found=repr(revision), expected=f"head, base or one of {known} ({error})")
        raise InvalidInput([fault]) from error
