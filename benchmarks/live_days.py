"""
Measure live operations: the same seeded days of the sample city with and without replans.

Run from the repository: ``.venv/bin/python benchmarks/live_days.py [--out FILE.csv]``, which also writes FILE.md. The
day is planned once; then every seed is lived through twice with the same luck, by the use cases of the product on a
clock that jumps (`fieldops.simulate`). About a minute for each seed; seeds are shared out among processes.
"""

import argparse
import logging
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from pathlib import Path

from fieldops.bench.machine import machine_facts
from fieldops.domain.live_policies import LivePolicies
from fieldops.files.problem_json import load_problem
from fieldops.files.sample_city import sample_city_path
from fieldops.simulate.assumptions import Assumptions
from fieldops.simulate.compare import Planned, Simulated, planned_day, simulate_day
from fieldops.simulate.table import LINES, markdown_of, write_csv
from fieldops.usecases.context import Context
from fieldops.wiring import configure_logs, load_settings, make_context

#: What is promised: fewer broken promises than without replans, percent; moved per replan at most; coverage from, to.
FEWER_BROKEN, MOST_MOVED, LEAST_COVERED, MOST_COVERED = 40.0, 6.0, 75.0, 85.0


def main() -> None:
    """Simulate every seed twice, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--night", type=int, default=10, help="seconds of search for the plan of the morning")
    parser.add_argument("--replan", type=float, default=1.0, help="seconds of search of a replan")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    policies = LivePolicies(replan_for=timedelta(seconds=options.replan))
    problem = load_problem(sample_city_path())
    seeds = range(options.seed, options.seed + options.days)
    pool = ProcessPoolExecutor(options.processes, multiprocessing.get_context("spawn"), _be_quiet)
    _be_quiet()
    with planned_day(problem, _open, plan_seconds=options.night, policies=policies) as planned, pool:
        lived = [pool.submit(_live, planned, seed, replans) for seed in seeds for replans in (False, True)]
        days = [day.result() for day in lived]
    text = _page(days, options.days)
    print(text)
    if options.out:
        options.out.with_suffix(".md").write_text(text, encoding="utf-8")
        with options.out.open("w", encoding="utf-8", newline="") as stream:
            write_csv(stream, days)


def _open(database_url: str) -> Context:
    return make_context(load_settings(database_url=database_url))


def _be_quiet() -> None:
    """Leave only what went wrong in the log."""
    configure_logs(load_settings())
    logging.getLogger("fieldops").setLevel(logging.ERROR)


def _live(planned: Planned, seed: int, replans: bool) -> Simulated:
    """Live through one day."""
    day = simulate_day(planned, seed, replans=replans, assumed=Assumptions())
    print(f"{seed} {'live' if replans else 'static'}: {day.figures.broken} broken", file=sys.stderr)
    return day


def _page(days: list[Simulated], num_days: int) -> str:
    """Write the table, what was promised of it, and where it was measured."""
    static = [day.figures for day in days if not day.replans]
    live = [day.figures for day in days if day.replans]
    of = {line.column: line.of for line in LINES}
    fewer = 100 * (1 - of["broken"](live) / of["broken"](static)) if of["broken"](static) else 0.0
    moved, covered = of["moved_percent"](live), of["covered_leaving_percent"](live)
    goals = (
        (f"broken promises: {fewer:.0f} % fewer (goal: {FEWER_BROKEN:.0f})", fewer >= FEWER_BROKEN),
        (f"moved per replan: {moved:.1f} % of the visits ahead (goal: at most {MOST_MOVED:.0f})", moved <= MOST_MOVED),
        (
            f"ranges shown when the technician left hold {covered:.1f} % of the arrivals "
            f"(goal: {LEAST_COVERED:.0f} to {MOST_COVERED:.0f})",
            LEAST_COVERED <= covered <= MOST_COVERED,
        ),
    )
    lines = [f"### Live days: {num_days} days of the sample city, with and without replans", ""]
    lines += [markdown_of(days)]
    lines += [f"* {said}: {'reached' if is_reached else 'missed'}" for said, is_reached in goals]
    lines += ["", "; ".join(f"{name}: {value}" for name, value in machine_facts().items()) + ".", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
