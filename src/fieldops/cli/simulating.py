"""``fieldops simulate``."""

import io
import logging
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich import box
from rich.table import Table

from fieldops.cli.console import err, out, plain
from fieldops.cli.outputs import output_faults
from fieldops.errors import Fault, InvalidInput
from fieldops.files.problem_json import load_problem
from fieldops.files.sample_city import sample_city_path
from fieldops.files.writing import write_text
from fieldops.report.wording import count_words
from fieldops.simulate.assumptions import Assumptions
from fieldops.simulate.compare import Simulated, planned_day, simulate_day
from fieldops.simulate.table import markdown_of, rows_of, write_csv
from fieldops.usecases.context import Context
from fieldops.wiring import configure_logs, load_settings, make_context

#: Time to make the plan of the morning.
PLAN_SECONDS: Final = 10
_TABLES: Final = {".md", ".csv"}


class Which(StrEnum):
    """Whether the plan changes on the day."""

    STATIC = "static"
    LIVE = "live"
    BOTH = "both"


def simulate(
    problem_path: Annotated[
        Path | None, typer.Argument(metavar="[PROBLEM]", help="Problem document (JSON). [default: the sample city]")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=1_000, help="Days to simulate, each with its own luck.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Luck of the first day; the others count on from it.")] = 0,
    which: Annotated[
        Which, typer.Option("--replans", help="static = the morning's plan stays, live = it is replanned; or both.")
    ] = Which.BOTH,
    speed: Annotated[
        float | None, typer.Option(min=1, help="How many times as fast as real days. [default: as fast as it goes]")
    ] = None,
    plan_seconds: Annotated[
        int, typer.Option(min=1, max=3_600, help="Time to make the plan of the morning.")
    ] = PLAN_SECONDS,
    table_path: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="The table as .md, or a line for each day as .csv.")
    ] = None,
) -> None:
    """
    Simulate days under way: overruns, closed doors, cancellations, people who fall ill, urgent work, traffic.

    The first date of the problem is planned once. Then people work and drive as luck has it, report it to the product
    itself, and do what it says. With and without replans a day has the same luck. Databases are made and thrown away.
    """
    path = problem_path or sample_city_path()
    faults = [*output_faults({"--out": table_path}, {"PROBLEM": path}), *_kind_faults(table_path)]
    if faults:
        raise InvalidInput(faults)
    configure_logs(load_settings())
    logging.getLogger("fieldops").setLevel(logging.WARNING)
    problem = load_problem(path)
    done: list[Simulated] = []
    err().print(plain(f"Planning {problem.first_date} for {plan_seconds} s ..."))
    with planned_day(problem, _open, plan_seconds=plan_seconds) as planned:
        for number in range(seed, seed + days):
            for replans in (False, True):
                if which is (Which.STATIC if replans else Which.LIVE):
                    continue
                simulated = simulate_day(planned, number, replans=replans, assumed=Assumptions(), speed=speed)
                done.append(simulated)
                err().print(plain(_day_line(simulated)), soft_wrap=True)
    out().print(shown_table(done))
    if table_path is not None:
        write_text(table_path, _written(table_path, done))


def _open(database_url: str) -> Context:
    """Open a database of the simulator."""
    return make_context(load_settings(database_url=database_url))


def _kind_faults(path: Path | None) -> Iterator[Fault]:
    """Report a file of a kind that is not written."""
    if path is not None and path.suffix not in _TABLES:
        yield Fault(path="--out", found=str(path), expected="a file that ends in .md or .csv")


def _day_line(day: Simulated) -> str:
    """Say in one line how a day went."""
    figures = day.figures
    kind = "with replans" if day.replans else "without replans"
    kept = figures.promises - figures.broken
    return f"day {day.seed} {kind}: {kept:,} of {count_words(figures.promises, 'promise')} kept"


def shown_table(days: list[Simulated]) -> Table:
    """Make the table for the terminal."""
    table = Table("per day", box=box.SIMPLE, pad_edge=False)
    for name in ("without replans", "with replans", "difference"):
        table.add_column(name, justify="right")
    for row in rows_of(days):
        table.add_row(*(plain(cell) for cell in row))
    return table


def _written(path: Path, days: list[Simulated]) -> str:
    """Make what is written to a file, by its kind."""
    if path.suffix == ".md":
        return markdown_of(days)
    text = io.StringIO()
    write_csv(text, days)
    return text.getvalue()
