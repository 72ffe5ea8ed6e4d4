"""``fieldops validate`` and ``fieldops check``."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from fieldops.cli.console import err, out, plain
from fieldops.cli.guard import ANSWER_IS_BAD
from fieldops.domain.problem import Problem
from fieldops.files.plan_json import load_plan
from fieldops.files.problem_json import load_problem
from fieldops.report.wording import count_words, short_date
from fieldops.usecases.check_plan import check_plan
from fieldops.wiring import travel_provider

ProblemArgument = Annotated[Path, typer.Argument(metavar="PROBLEM", help="Problem document (JSON).")]


def validate(problem_path: ProblemArgument) -> None:
    """
    Look for everything wrong with a problem.

    A matrix file it names is looked at too; no server is asked, and nothing is written.
    """
    problem = load_problem(problem_path)
    if problem.travel.kind == "matrix":
        travel_provider(problem.travel, base_dir=problem_path.parent).matrix(problem.places)
    out().print(plain(f"no faults: {_size(problem)}"), soft_wrap=True)


def _size(problem: Problem) -> str:
    """Say how large a problem is."""
    shifts = sum(len(technician.shifts) for technician in problem.technicians)
    last = problem.first_date + timedelta(days=problem.num_days - 1)
    days = short_date(problem.first_date) + (f" to {short_date(last)}" if problem.num_days > 1 else "")
    return (
        f"{count_words(len(problem.visits), 'visit')}, {count_words(len(problem.technicians), 'technician')}, "
        f"{count_words(shifts, 'shift')}, {days}, {last.year}"
    )


def check(
    problem_path: ProblemArgument,
    plan_path: Annotated[Path, typer.Argument(metavar="PLAN", help="Plan document (JSON).")],
) -> None:
    """
    Referee a plan for a problem.

    Lists every rule it breaks and every figure in it that is wrong; the exit code is 1 when there are any.
    """
    problem, made = load_problem(problem_path), load_plan(plan_path)
    violations = check_plan(problem, travel_provider(problem.travel, base_dir=problem_path.parent), made)
    if not violations:
        kpis = made.kpis
        text = (
            f"sound: {count_words(kpis.assigned, 'visit')} on {count_words(kpis.shifts_used, 'route')}, every rule kept"
        )
        out().print(plain(text), soft_wrap=True)
        return
    console = err()
    count = count_words(len(violations), "violation")
    console.print(Text(f"{count} (bare numbers are seconds from the horizon start):", style="bold red"))
    for violation in violations:
        console.print(
            Text.assemble("  ", plain(violation.where, "cyan"), ": ", plain(violation.message)), soft_wrap=True
        )
    raise typer.Exit(ANSWER_IS_BAD)
