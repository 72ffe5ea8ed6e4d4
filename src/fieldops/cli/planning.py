"""``fieldops plan``."""

import math
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Final

import typer

from fieldops.cli.console import err, out, plain
from fieldops.cli.outputs import output_faults
from fieldops.cli.progress import shown_progress
from fieldops.domain.plan import Plan
from fieldops.errors import Fault, InvalidInput
from fieldops.files.plan_json import dump_plan
from fieldops.files.problem_json import load_problem
from fieldops.files.writing import write_text
from fieldops.report.render import render_report
from fieldops.report.wording import count_words, duration_words, money_words
from fieldops.solver import Termination
from fieldops.usecases.plan_problem import plan_problem
from fieldops.wiring import travel_provider

#: Budget when none is given.
DEFAULT_SECONDS: Final = 10.0


def plan(
    problem_path: Annotated[Path, typer.Argument(metavar="PROBLEM", help="Problem document (JSON).")],
    seconds: Annotated[
        float | None, typer.Option(help="Time to search. [default: 10, without --iterations]", show_default=False)
    ] = None,
    iterations: Annotated[
        int | None, typer.Option(min=0, help="Iterations per thread: with one thread, the same plan every time.")
    ] = None,
    threads: Annotated[int, typer.Option(min=1, help="Searches side by side.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the random numbers.")] = 0,
    plan_path: Annotated[
        Path | None, typer.Option("--out", metavar="PLAN.json", help="Where to write the plan.")
    ] = None,
    report_path: Annotated[
        Path | None, typer.Option("--report", metavar="REPORT.html", help="Where to write the report.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress and no summary.")] = False,
) -> None:
    """
    Plan a problem: who visits whom and when.

    Ctrl-C ends the search early: the best plan so far is written, and the exit code is 0. A second one gives up.
    """
    if seconds is None and iterations is None:
        seconds = DEFAULT_SECONDS
    faults = [
        *budget_faults(seconds),
        *output_faults({"--out": plan_path, "--report": report_path}, {"PROBLEM": problem_path}),
    ]
    if faults:
        raise InvalidInput(faults)
    problem = load_problem(problem_path)
    provider = travel_provider(problem.travel, base_dir=problem_path.parent)
    live = nullcontext() if quiet else shown_progress(err(), seconds=seconds, iterations=iterations, threads=threads)
    with live as on_progress:
        made = plan_problem(
            problem,
            provider,
            seconds=seconds,
            iterations=iterations,
            threads=threads,
            seed=seed,
            on_progress=on_progress,
        )
    if plan_path is not None:
        dump_plan(made, plan_path)
    if report_path is not None:
        write_text(report_path, render_report(problem, made))
    if not quiet:
        out().print(plain(summary_line(made, plan_path, report_path)), soft_wrap=True)


def summary_line(made: Plan, *written: Path | None) -> str:
    """Say in one line what a plan achieves and where it went."""
    kpis = made.kpis
    parts = [f"{kpis.assigned:,} of {count_words(kpis.visits, 'visit')} served"]
    if kpis.mandatory_unassigned:
        parts.append(f"{kpis.mandatory_unassigned:,} mandatory left out")
    if kpis.promises:
        parts.append(f"{kpis.promises_kept:,} of {count_words(kpis.promises, 'promise')} kept")
    parts.append(f"{duration_words(kpis.travel)} travel")
    parts.append(f"{duration_words(kpis.overtime)} overtime" if kpis.overtime else "no overtime")
    parts.append(f"cost {money_words(made.total_cost)}")
    files = [str(path) for path in written if path is not None]
    interrupted = "interrupted, best plan so far: " if made.search.termination == Termination.INTERRUPTED else ""
    return f"{interrupted}{', '.join(parts)}{' -> ' if files else ''}{', '.join(files)}"


def budget_faults(seconds: float | None) -> Iterator[Fault]:
    """Report a time to search that is none."""
    if seconds is not None and not (math.isfinite(seconds) and seconds > 0):
        yield Fault(path="--seconds", found=str(seconds), expected="a finite number above 0")
