"""``fieldops db``."""

from typing import Annotated

import typer

from fieldops import wiring
from fieldops.cli.connections import DatabaseUrl, connected
from fieldops.cli.console import out, plain
from fieldops.cli.guard import ANSWER_IS_BAD


def upgrade(
    revision: Annotated[str, typer.Argument(help="Revision to go up to.")] = "head",
    database_url: DatabaseUrl = None,
) -> None:
    """
    Bring the database's tables up to this version of fieldops.

    Nothing happens when they are there already; several processes may do it at the same time. Make a backup first.
    """
    from fieldops.store import migrate

    with connected(database_url) as ctx:
        before = migrate.current(ctx.database)
        wiring.migrate(ctx.database, revision)
        after = migrate.current(ctx.database)
    done = f"is at {after} already" if before == after else f"went from {before or 'nothing'} up to {after}"
    out().print(plain(f"The database {done}."))


def downgrade(
    revision: Annotated[str, typer.Argument(help="Revision to go back to, -1 for the one before, or base.")],
    database_url: DatabaseUrl = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """
    Take the database's tables back to an earlier revision.

    What later revisions added is deleted with all data in it.
    """
    from fieldops.store import migrate

    with connected(database_url) as ctx:
        before = migrate.current(ctx.database)
        if not yes:
            typer.confirm(f"Delete what was added between {revision} and {before or 'nothing'}?", abort=True)
        migrate.downgrade(ctx.database, revision)
        after = migrate.current(ctx.database)
    out().print(plain(f"The database went from {before or 'nothing'} back to {after or 'nothing'}."))


def current(database_url: DatabaseUrl = None) -> None:
    """Show the revision of the database's tables; the exit code is 1 when it is not the newest."""
    from fieldops.store import migrate

    with connected(database_url) as ctx:
        found, newest = migrate.current(ctx.database), migrate.newest()
    if found == newest:
        out().print(plain(f"{found}, the newest"))
        return
    out().print(plain(f"{found or 'nothing yet'}; the newest is {newest}: run fieldops db upgrade"))
    raise typer.Exit(ANSWER_IS_BAD)
