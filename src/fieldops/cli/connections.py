"""From the settings to a database that answers, for commands that work on one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from fieldops.errors import DatabaseBusy, WrongState
from fieldops.wiring import load_settings, make_context

if TYPE_CHECKING:
    from fieldops.settings import Settings
    from fieldops.usecases.context import Context

DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        "--database-url",
        metavar="URL",
        help="sqlite:///path or postgresql://user:password@host/name. [default: FIELDOPS_DATABASE_URL]",
        show_default=False,
    ),
]


@contextmanager
def connected(database_url: str | None) -> Iterator["Context"]:
    """
    Give the context of a command, and close its database afterwards.

    Parameters
    ----------
    database_url
        Counts more than the settings; None = as they say.

    Raises
    ------
    InvalidInput
        When settings are wrong.
    DatabaseBusy
        When the database cannot be reached.
    """
    settings = load_settings() if database_url is None else load_settings(database_url=database_url)
    with context_of(settings) as ctx:
        yield ctx


@contextmanager
def context_of(settings: "Settings", *, works: bool = False) -> Iterator["Context"]:
    """Give the context that settings describe, and close its database afterwards; raises as `connected` does."""
    from sqlalchemy.exc import OperationalError

    ctx = make_context(settings, works=works)
    try:
        yield ctx
    except OperationalError as error:
        # Without a statement it was about connecting; anything else is for whoever made the statement.
        if error.statement is not None and not error.connection_invalidated:
            raise
        where = ctx.database.url.render_as_string(hide_password=True)
        reason = str(error.orig).partition("\n")[0]
        raise DatabaseBusy(f"the database {where} does not answer: {reason}") from error
    finally:
        ctx.database.close()


def require_tables(ctx: "Context") -> None:
    """
    Refuse a database that has other tables than this version needs.

    Raises
    ------
    WrongState
        With what to do about it.
    """
    from fieldops.usecases.service_state import is_migrated

    if not is_migrated(ctx):
        where = ctx.database.url.render_as_string(hide_password=True)
        raise WrongState(f"the database {where} does not have the tables of this version: run `fieldops db upgrade`")
