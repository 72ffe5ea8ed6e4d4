"""The benchmark run: instances x seeds, each plan refereed, each row written as soon as it is known."""

import math
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType
from typing import Final

from rich.console import Console
from rich.markup import escape

from fieldops.bench.city import CITY
from fieldops.bench.machine import machine_facts
from fieldops.bench.rows import Outcome, Row, RowWriter
from fieldops.bench.solomon import HOMBERGER, SOLOMON
from fieldops.bench.solvers import SOLVERS, Answer, Budget, SolverFunction
from fieldops.bench.suites import Case, Suite
from fieldops.bench.summary import summarize, summary_markdown, summary_table
from fieldops.errors import Fault, FieldopsError, InvalidInput
from fieldops.solver.checker import check

SUITES: Final[Mapping[str, Suite]] = MappingProxyType({suite.name: suite for suite in (SOLOMON, HOMBERGER, CITY)})
_MOST_PROBLEMS_SHOWN: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchOptions:
    """
    What to run.

    Attributes
    ----------
    suite, solver
        Names in `SUITES` and in the table of solvers.
    instances
        Folder of the suite's files, or the folder above it when that has a folder named as the suite.
    out
        CSV file to write.
    markdown
        File for the summary as a Markdown table; None = beside `out`.
    only
        Pattern of instance names (``*`` and ``?``, any case), or None for all.
    seconds
        Wall-clock budget of one solve.
    seeds
        How many seeds, from 0 on.
    """

    suite: str
    instances: Path
    out: Path
    markdown: Path | None = None
    solver: str = "fieldops"
    only: str | None = None
    seconds: float = 5.0
    threads: int = 1
    seeds: int = 1


def run_bench(options: BenchOptions, console: Console, *, solvers: Mapping[str, SolverFunction] = SOLVERS) -> int:
    """
    Run a suite, write the rows and show a summary per class.

    Parameters
    ----------
    options
        What to run and where to write.
    console
        Where the progress and the summary go.
    solvers
        By name; tests hand in their own.

    Returns
    -------
    int
        Exit code: 0 when every row is feasible, 1 otherwise, 130 when interrupted.

    Raises
    ------
    InvalidInput
        When an option is wrong; nothing has been written then.
    """
    paths = _instance_files(options, solvers)
    suite = SUITES[options.suite]
    references = suite.references(paths[0].parent, options.seconds * options.threads)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    outcomes: list[Outcome] = []
    exit_code = 0
    with options.out.open("w", encoding="utf-8", newline="") as stream:
        writer = RowWriter(stream)
        try:
            for outcome in _outcomes(options, suite, paths, references, solvers[options.solver]):
                writer.write(outcome.row)
                outcomes.append(outcome)
                _show(console, outcome, done=len(outcomes), total=len(paths) * options.seeds)
        except KeyboardInterrupt:
            console.print("interrupted", style="yellow")
            exit_code = 130
    summaries = summarize(outcomes)
    title = f"{suite.name}: {options.solver}, {options.seconds:g} s, threads {options.threads}, seeds {options.seeds}"
    console.print(summary_table(summaries, title=title, cost_header=suite.cost_header))
    markdown = options.markdown or options.out.with_suffix(".md")
    markdown.parent.mkdir(parents=True, exist_ok=True)
    markdown.write_text(
        summary_markdown(summaries, title=title, cost_header=suite.cost_header, facts=machine_facts()), encoding="utf-8"
    )
    if exit_code == 0 and not all(outcome.row.feasible for outcome in outcomes):
        exit_code = 1
    return exit_code


def _instance_files(options: BenchOptions, solvers: Mapping[str, SolverFunction]) -> list[Path]:
    """Check the options and find the files, in natural order of their names."""
    faults: list[Fault] = []
    if options.suite not in SUITES:
        faults.append(Fault(path="--suite", found=options.suite, expected=f"one of {', '.join(SUITES)}"))
    if options.solver not in solvers:
        faults.append(Fault(path="--solver", found=options.solver, expected=f"one of {', '.join(solvers)}"))
    if not (math.isfinite(options.seconds) and options.seconds > 0):
        faults.append(Fault(path="--seconds", found=str(options.seconds), expected="more than 0"))
    for name in ("threads", "seeds"):
        if getattr(options, name) < 1:
            faults.append(Fault(path=f"--{name}", found=str(getattr(options, name)), expected="at least 1"))
    if options.out.suffix != ".csv":
        faults.append(Fault(path="--out", found=str(options.out), expected="a file name that ends with .csv"))
    if faults:
        raise InvalidInput(faults)
    below = options.instances / options.suite
    folder = below if below.is_dir() else options.instances
    paths = sorted(folder.glob(SUITES[options.suite].pattern), key=_natural)
    if not paths:
        expected = f"a folder with {SUITES[options.suite].pattern} files of the suite {options.suite}"
        raise InvalidInput([Fault(path="--instances", found=str(options.instances), expected=expected)])
    only = (options.only or "*").lower()
    chosen = [path for path in paths if fnmatchcase(path.stem.lower(), only)]
    if not chosen:
        expected = f"a pattern of instance names such as {paths[0].stem}"
        raise InvalidInput([Fault(path="--only", found=str(options.only), expected=expected)])
    return chosen


def _natural(path: Path) -> list[tuple[int, str]]:
    """Sort key in which ``c1_2_1`` stands before ``c1_10_1``."""
    return [(int(part or 0), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", path.stem.lower())]


def _outcomes(
    options: BenchOptions,
    suite: Suite,
    paths: list[Path],
    references: Mapping[str, float],
    solver: SolverFunction,
) -> Iterator[Outcome]:
    """Run every file with every seed."""
    for path in paths:
        case: Case | None = None
        problem = ""
        try:
            case = suite.read(path)
        except (FieldopsError, OSError) as error:
            problem = str(error)
        for seed in range(options.seeds):
            row = Row(
                suite=suite.name,
                instance=case.name if case else path.stem,
                solver=options.solver,
                seed=seed,
                budget_s=options.seconds,
                threads=options.threads,
            )
            if case is None:
                yield Outcome(row=row, group="unreadable", problems=(problem,))
            else:
                row = replace(row, reference=references.get(case.name))
                yield run_case(case, suite, row, solver)


def run_case(case: Case, suite: Suite, row: Row, solver: SolverFunction) -> Outcome:
    """
    Solve one instance once, and let every referee look at the plan.

    Raises
    ------
    KeyboardInterrupt
        When the solve was interrupted: its plan had less than its budget.
    """
    budget = Budget(seconds=row.budget_s, threads=row.threads, seed=row.seed)
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        answer = solver(case.instance, budget)
    except Exception as error:  # whatever a solver raises is a lost row, not a lost run
        row = replace(row, wall_s=time.perf_counter() - wall, cpu_s=time.process_time() - cpu)
        return Outcome(row=row, group=case.group, problems=(f"{type(error).__name__}: {error}",))
    row = replace(row, wall_s=time.perf_counter() - wall, cpu_s=time.process_time() - cpu)
    if answer.interrupted:
        raise KeyboardInterrupt
    judgment = case.judge(answer.routes)
    problems = (*judgment.problems, *_checker_problems(case, answer, judgment.travel_s))
    if math.isnan(judgment.cost):
        return Outcome(row=row, group=case.group, problems=problems)
    row = replace(
        row,
        cost=judgment.cost,
        gap_pct=None if row.reference is None else suite.gap_pct(judgment, row.reference),
        unassigned=judgment.unassigned,
        served_priority=judgment.served_priority,
        travel_s=judgment.travel_s,
        feasible=not problems,
    )
    return Outcome(row=row, group=case.group, problems=problems)


def _checker_problems(case: Case, answer: Answer, travel_s: int) -> list[str]:
    """Say what the solver's own checker finds, and where solver and referee disagree about the travel."""
    if answer.solution is None:
        return []
    violations = [violation.message for violation in check(case.instance, answer.solution)]
    claimed = sum(route.travel_s for route in answer.solution.routes)
    if claimed == travel_s:
        return violations
    return [f"the solver says {claimed} s of travel, the referee {travel_s} s", *violations]


def _show(console: Console, outcome: Outcome, *, done: int, total: int) -> None:
    row = outcome.row
    cost = "-" if row.cost is None else f"{row.cost:,.1f}"
    gap = "-" if row.gap_pct is None else f"{row.gap_pct:+.2f} %"
    served = "" if row.served_priority is None else f"  priority {row.served_priority}"
    cpu = "-" if row.cpu_s is None else f"{row.cpu_s:.1f}"
    verdict = "feasible" if row.feasible else "[red]NOT FEASIBLE[/red]"
    console.print(
        f"{done:>4}/{total}  {escape(row.instance):<12} seed {row.seed}  {cost:>12}  {gap:>9}{served}"
        f"  cpu {cpu} s  {verdict}",
        highlight=False,
    )
    for problem in outcome.problems[:_MOST_PROBLEMS_SHOWN]:
        console.print(f"          {escape(problem)}", highlight=False)
    if len(outcome.problems) > _MOST_PROBLEMS_SHOWN:
        console.print(f"          and {len(outcome.problems) - _MOST_PROBLEMS_SHOWN} more", highlight=False)
