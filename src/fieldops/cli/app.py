"""The command all others hang from."""

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_command

from fieldops.cli.guard import guarded

#: Command to module of this package and function. A command is imported when it is called: `fieldops serve` does not
#: wait for what `fieldops bench` needs.
COMMANDS: Final = {
    "plan": "planning:plan",
    "validate": "judging:validate",
    "check": "judging:check",
    "show": "showing:show",
    "quote": "quoting:quote",
    "replan": "replanning:replan",
    "whatif": "trying:whatif",
    "import": "importing:import_tables",
    "simulate": "simulating:simulate",
    "demo": "demo:demo",
    "bench": "bench:bench",
    "serve": "serving:serve",
    "api": "serving:api",
    "worker": "serving:worker",
    "seed": "seeding:seed",
}
DATABASE_COMMANDS: Final = {
    "upgrade": "database:upgrade",
    "downgrade": "database:downgrade",
    "current": "database:current",
}


def _group(commands: Mapping[str, str]) -> type[TyperGroup]:
    """Make a group of commands that are imported when they are asked for."""

    class Group(TyperGroup):
        def list_commands(self, ctx: Any) -> list[str]:
            return [*commands, *super().list_commands(ctx)]

        def get_command(self, ctx: Any, cmd_name: str) -> Any:
            if cmd_name not in commands:
                return super().get_command(ctx, cmd_name)
            module, function = commands[cmd_name].split(":")
            alone = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
            alone.command(cmd_name)(guarded(getattr(import_module(f"fieldops.cli.{module}"), function)))
            return get_command(alone)

    return Group


app = typer.Typer(
    name="fieldops",
    cls=_group(COMMANDS),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="Exit codes: 0 done, 1 done but the answer is bad (or fieldops failed), 2 faults in the input, nothing "
    "written, 3 a travel server does not answer, 130 interrupted with nothing to keep.",
)
for _name, _commands, _help in (
    ("travel", {"fit": "travel:fit"}, "Where travel times come from."),
    ("db", DATABASE_COMMANDS, "The database's tables."),
    ("user", {"add": "users:add"}, "Who may log in."),
    ("streets", {"import": "streets:import_file"}, "What maps show beneath visits and routes."),
):
    _sub = typer.Typer(cls=_group(_commands), no_args_is_help=True, rich_markup_mode=None, help=_help)
    _sub.callback(help=_help)(lambda: None)
    app.add_typer(_sub, name=_name)


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
