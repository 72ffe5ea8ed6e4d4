"""Running the command line inside the test, and the files it works on."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from domain_builders import make_problem
from fieldops.cli import app
from fieldops.domain.problem import Problem
from fieldops.files.problem_json import dump_problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a command left on the terminal."""

    exit_code: int
    out: str
    err: str


def run(*arguments: object) -> Outcome:
    """Run ``fieldops`` with these arguments; an exception that would be a traceback fails the test."""
    # Workers of pytest-xdist set COLUMNS; output that goes to no terminal is as wide as it likes.
    runner = CliRunner(env={"COLUMNS": None})
    result = runner.invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    return Outcome(exit_code=result.exit_code, out=result.stdout, err=result.stderr)


def write_problem(
    folder: Path, problem: Problem | None = None, change: Callable[[dict[str, Any]], None] | None = None
) -> Path:
    """Write a problem document, by default of one visit; `change` may make something of it that is no problem."""
    path = folder / "problem.json"
    dump_problem(problem or make_problem(), path)
    if change is not None:
        document = json.loads(path.read_text(encoding="utf-8"))
        change(document)
        path.write_text(json.dumps(document), encoding="utf-8")
    return path


def fault_lines(outcome: Outcome) -> list[str]:
    """List the paths of the faults shown."""
    return [line.strip().partition(": found ")[0] for line in outcome.err.splitlines()[1:]]
