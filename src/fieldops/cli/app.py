"""The command all others hang from."""

from importlib.metadata import version
from typing import Annotated

import typer

from fieldops.cli import database, users
from fieldops.cli.bench import bench
from fieldops.cli.guard import guarded
from fieldops.cli.importing import import_tables
from fieldops.cli.judging import check, validate
from fieldops.cli.planning import plan
from fieldops.cli.quoting import quote
from fieldops.cli.seeding import seed
from fieldops.cli.serving import api, serve, worker
from fieldops.cli.showing import show
from fieldops.cli.travel import fit

app = typer.Typer(
    name="fieldops",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="Exit codes: 0 done, 1 done but the answer is bad (or fieldops failed), 2 faults in the input, nothing "
    "written, 3 a travel server does not answer, 130 interrupted with nothing to keep.",
)
db = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The database's tables.")
user = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Who may log in.")
travel = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Where travel times come from.")

app.command()(guarded(plan))
app.command()(guarded(validate))
app.command()(guarded(check))
app.command()(guarded(show))
app.command()(guarded(quote))
app.command("import")(guarded(import_tables))
app.add_typer(travel, name="travel")
app.command()(guarded(bench))
app.command()(guarded(serve))
app.command()(guarded(api))
app.command()(guarded(worker))
travel.command()(guarded(fit))
app.command()(guarded(seed))
app.add_typer(db, name="db")
db.command()(guarded(database.upgrade))
db.command()(guarded(database.downgrade))
db.command()(guarded(database.current))
app.add_typer(user, name="user")
user.command()(guarded(users.add))


def _show_version(wanted: bool) -> None:
    """Print the version and end, when that was asked for."""
    if wanted:
        typer.echo(f"fieldops {version('fieldops')}")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Plan who visits whom and when: field-service scheduling and dispatch."""


@travel.callback()
def _travel() -> None:
    """Where travel times come from."""


@db.callback()
def _db() -> None:
    """The database's tables."""


@user.callback()
def _user() -> None:
    """Who may log in."""
