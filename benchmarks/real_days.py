"""
Measure what the published suites do not show: time to the first plan, memory, and visits left out that would fit.

Run from the repository: ``.venv/bin/python benchmarks/real_days.py [--seconds 10] [--out FILE.md]``. Every case is
solved in a process of its own, so that the memory peak is its own; every solution is refereed. Cases: the sample
city's day and week, and a generated day of 2,000 visits and 200 shifts.
"""

import argparse
import json
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np

from fieldops.bench.machine import machine_facts
from fieldops.files.problem_json import load_problem
from fieldops.solver import Break, Evaluator, Instance, Shift, Solution, Technician, Visit, check, solve
from fieldops.units import UNITS_PER_CENT
from fieldops.usecases.translate import to_instance
from fieldops.wiring import travel_provider

SAMPLES = Path(__file__).parents[1] / "data" / "sample-city"
CASES = ("day", "week", "2000x200")
COLUMNS = (
    "case",
    "visits",
    "shifts",
    "first plan s",
    "unassigned",
    "of them insertable",
    "cost",
    "iterations/s",
    "recombination gain",
    "peak MB",
    "violations",
)


def sample(name: str) -> Instance:
    """Read a sample problem as the command line does."""
    problem = load_problem(SAMPLES / f"{name}.json")
    provider = travel_provider(problem.travel, base_dir=SAMPLES)
    return to_instance(problem, provider.matrix(problem.places)).instance


def generated(num_visits: int, num_shifts: int, seed: int = 0) -> Instance:
    """
    Make a large day: visits spread evenly over 60 x 60 km, two-hour promises, six skills, lunch, an hour of overtime.

    Travel takes a minute and 12 m/s along the straight line.
    """
    rng = np.random.default_rng(seed)
    places = rng.uniform(0, 60_000, (num_shifts + num_visits, 2))
    meters = np.sqrt(((places[:, None] - places[None]) ** 2).sum(-1))
    seconds = 60 + meters / 12
    np.fill_diagonal(seconds, 0)
    technicians = [
        Technician(skill_levels=tuple(int(level) for level in rng.integers(0, 3, 6))) for _ in range(num_shifts)
    ]
    shifts = [
        Shift(
            technician=technician,
            start_place=technician,
            end_place=technician,
            earliest_start=28_800,
            regular_end=61_200,
            hard_end=64_800,
            breaks=(Break(earliest=41_400, latest=46_800, duration=1_800),),
            cost_per_overtime_hour=6_000,
            cost_per_travel_hour=3_600,
            cost_per_km=30,
        )
        for technician in range(num_shifts)
    ]
    visits = []
    for number in range(num_visits):
        promised, skill = int(rng.integers(28_800, 55_000)), int(rng.integers(6))
        visits.append(
            Visit(
                place=num_shifts + number,
                service_s=300 * int(rng.integers(4, 20)),
                windows=((promised, 64_000),),
                promised_latest=promised + 7_200,
                lateness_cents_per_minute=200,
                required_levels=tuple(int(one == skill) for one in range(6)),
                unassigned_cents=10_000 * int(rng.integers(1, 6)),
            )
        )
    return Instance(
        horizon_s=86_400,
        travel_s=seconds.astype(np.int32)[None],
        distance_m=meters.astype(np.int32)[None],
        technicians=tuple(technicians),
        shifts=tuple(shifts),
        visits=tuple(visits),
    )


def insertable(instance: Instance, solution: Solution) -> int:
    """Count the unassigned visits that fit somewhere for less than leaving them out, or at all when mandatory."""
    evaluator = Evaluator(instance)
    orders = {route.shift: route.visits for route in solution.routes}
    return sum(
        any(
            instance.visits[visit].mandatory
            or insertion.cost < instance.visits[visit].unassigned_cents * UNITS_PER_CENT
            for insertion in evaluator.insertions(orders, visit)
        )
        for visit in solution.unassigned
    )


def measure(case: str, seconds: float) -> dict[str, object]:
    """Solve one case on one thread and referee it."""
    instance = generated(2_000, 200) if case == "2000x200" else sample(case)
    result = solve(instance, seconds=seconds)
    statistics, solution = result.statistics, result.solution
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_024
    figures = (
        case,
        len(instance.visits),
        len(instance.shifts),
        f"{statistics.first_plan_s:.2f}",
        len(solution.unassigned),
        insertable(instance, solution),
        f"{solution.cost.total / (100 * UNITS_PER_CENT):,.2f}",
        f"{statistics.iterations / statistics.seconds:,.0f}",
        f"{statistics.recombination_gain / (100 * UNITS_PER_CENT):,.2f}",
        peak_mb,
        len(check(instance, solution)),
    )
    return dict(zip(COLUMNS, figures, strict=True))


def main() -> None:
    """Measure all cases and print them as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--case", choices=CASES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.case:
        print(json.dumps(measure(options.case, options.seconds)))
        return
    rows = []
    for case in CASES:
        command = [sys.executable, __file__, "--case", case, "--seconds", str(options.seconds)]
        rows.append(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
    lines = [f"### Whole days, {options.seconds:g} s, one thread", ""]
    lines += ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    lines += ["| " + " | ".join(str(row[column]) for column in COLUMNS) + " |" for row in rows]
    lines += ["", "; ".join(f"{name}: {value}" for name, value in machine_facts().items()) + ".", ""]
    text = "\n".join(lines)
    print(text)
    if options.out:
        options.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
