"""``fieldops replan``."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer
from rich import box
from rich.table import Table

from fieldops.cli.console import err, out, plain
from fieldops.cli.outputs import output_faults
from fieldops.cli.planning import budget_faults
from fieldops.cli.progress import shown_progress
from fieldops.domain.live import Move, PlanDiff
from fieldops.domain.live_policies import LivePolicies
from fieldops.errors import InvalidInput
from fieldops.files.live_json import load_live
from fieldops.files.plan_json import dump_plan, load_plan
from fieldops.files.problem_json import load_problem
from fieldops.files.writing import write_text
from fieldops.report.render import render_report
from fieldops.report.wording import clock, count_words, money_words
from fieldops.usecases.naming import Naming, naming_of
from fieldops.usecases.replan_day import Repaired, day_left, replan_day
from fieldops.wiring import travel_provider

#: Budget when none is given.
DEFAULT_SECONDS: Final = 2.0
_POLICIES: Final = LivePolicies()


def replan(
    problem_path: Annotated[Path, typer.Argument(metavar="PROBLEM", help="Problem document (JSON).")],
    plan_path: Annotated[Path, typer.Argument(metavar="PLAN", help="The running plan (JSON).")],
    live_path: Annotated[Path, typer.Argument(metavar="LIVE", help="What has happened so far (docs/schemas).")],
    seconds: Annotated[
        float | None, typer.Option(help="Time to search. [default: 2, without --iterations]", show_default=False)
    ] = None,
    iterations: Annotated[
        int | None, typer.Option(min=0, help="Iterations per thread: with one thread, the same plan every time.")
    ] = None,
    most_moves: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Visits that may go to somebody else. [default: 6 % of those ahead, 2 at least]",
            show_default=False,
        ),
    ] = None,
    threads: Annotated[int, typer.Option(min=1, help="Searches side by side.")] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the random numbers.")] = 0,
    new_plan_path: Annotated[
        Path | None, typer.Option("--out", metavar="PLAN.json", help="Where to write the new plan of the whole day.")
    ] = None,
    report_path: Annotated[
        Path | None, typer.Option("--report", metavar="REPORT.html", help="Where to write its report.")
    ] = None,
) -> None:
    """
    Replan what is left of a day under way.

    Says when there was a plan that works again, which visits move and why, and what it costs. What has begun, is driven
    to or begins within a quarter of an hour stays; visits of somebody who is out move in any case.
    """
    if seconds is None and iterations is None:
        seconds = DEFAULT_SECONDS
    inputs = {"PROBLEM": problem_path, "PLAN": plan_path, "LIVE": live_path}
    faults = [*budget_faults(seconds), *output_faults({"--out": new_plan_path, "--report": report_path}, inputs)]
    if faults:
        raise InvalidInput(faults)
    problem, running = load_problem(problem_path), load_plan(plan_path)
    live = load_live(live_path, problem)
    provider = travel_provider(problem.travel, base_dir=problem_path.parent)
    left = day_left(problem, running, provider, live)
    ahead = sum(len(order) for order in left.remaining.orders.values())
    console, zone = out(), ZoneInfo(problem.time_zone)
    for rule in left.before.broken:
        console.print(plain(f"as it stands: {rule.sentence}"), soft_wrap=True)

    def show_repair(repaired: Repaired) -> None:
        console.print(plain(_repair_line(repaired, sum(left.before.cost.values()))), soft_wrap=True)

    with shown_progress(err(), seconds=seconds, iterations=iterations, threads=threads) as on_progress:
        made = replan_day(
            left,
            seconds=seconds,
            iterations=iterations,
            threads=threads,
            seed=seed,
            most_moved=_most_moved(ahead) if most_moves is None else most_moves,
            on_repaired=show_repair,
            on_progress=on_progress,
        )
    if made.diff.moves:
        console.print(_moves_table(naming_of(problem), made.diff.moves, zone, live.now.astimezone(zone).date()))
    if new_plan_path is not None:
        dump_plan(made.plan, new_plan_path)
    if report_path is not None:
        write_text(report_path, render_report(problem, made.plan))
    console.print(plain(_summary_line(made.diff, new_plan_path, report_path)), soft_wrap=True)


def _most_moved(ahead: int) -> int:
    """Allow as many visits to go to somebody else as a territory does that has decided nothing."""
    return max(_POLICIES.most_moves_least, ahead * _POLICIES.most_moves_percent // 100)


def _repair_line(repaired: Repaired, cost_before: int) -> str:
    """Say when there was a plan that works again."""
    ms = repaired.after / timedelta(milliseconds=1)
    moved = f"{count_words(repaired.moved, 'visit')} to somebody else" if repaired.moved else "nobody else comes"
    was = money_words(cost_before)
    return f"repaired after {ms:.0f} ms: {moved}, cost {money_words(repaired.cost)}, {was} as it stands"


def _moves_table(naming: Naming, moves: Sequence[Move], zone: ZoneInfo, day: date) -> Table:
    """Lay out a line per visit that moves."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("Visit", overflow="fold")
    for header in ("From", "Was", "To", "Will be", "Tell", "Why"):
        table.add_column(header, overflow="fold")
    for move in moves:
        table.add_row(*(plain(cell) for cell in _cells(naming, move, zone, day)))
    return table


def _cells(naming: Naming, move: Move, zone: ZoneInfo, day: date) -> Iterator[str]:
    """Lay out one visit that moves."""
    yield move.visit_id
    for technician_id, start in (
        (move.from_technician_id, move.from_start),
        (move.to_technician_id, move.to_start),
    ):
        yield "nobody" if technician_id is None else naming.who(technician_id)
        yield "" if start is None else clock(start, zone, day)
    yield "yes" if move.tells_customer else ""
    yield move.why


def _summary_line(diff: PlanDiff, *written: Path | None) -> str:
    """Say in one line what changes and where it went."""
    told = sum(move.tells_customer for move in diff.moves)
    parts = [
        f"{count_words(len(diff.moves), 'visit')} moved" if diff.moves else "nothing to be moved",
        f"{diff.churn:,} to somebody else",
        f"{count_words(told, 'customer')} to tell",
        f"promises kept {diff.kept_before:,} -> {diff.kept_after:,} of {diff.promises:,}",
        f"cost {money_words(sum(diff.cost_before.values()))} -> {money_words(sum(diff.cost_after.values()))}",
    ]
    files = [str(path) for path in written if path is not None]
    return f"{', '.join(parts)}{' -> ' if files else ''}{', '.join(files)}"
