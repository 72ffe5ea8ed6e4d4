"""
Measure trying changes out by hand: all places of one visit ranked, and one move, on a day of 200 technicians.

Run from the repository: ``.venv/bin/python benchmarks/what_if.py [--out FILE.csv]``, which also writes FILE.md. Nothing
of the day is real but the addresses, which are those of the sample city (data/README.md), each visited several times.
The plan is what the search makes of it in a few seconds; one thread, the Python side counts. On a busy machine it is
the CPU time that says something.
"""

import argparse
import csv
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from fieldops.bench.machine import machine_facts
from fieldops.domain.edits import Move
from fieldops.domain.problem import Problem
from fieldops.files.problem_json import load_problem
from fieldops.travel.geodesic import GeodesicTravel
from fieldops.usecases.plan_problem import plan_problem
from fieldops.usecases.rank_places import rank_places
from fieldops.usecases.running_day import running_day
from fieldops.usecases.what_if import what_if

SAMPLE = Path(__file__).parents[1] / "data" / "sample-city" / "day.json"
GOAL_MS = 5
COLUMNS = ("case", "questions", "p50 ms", "p95 ms", "CPU p50 ms", "CPU p95 ms", "goal p95 ms", "shifts")
#: Milliseconds of wall clock and of CPU, and shifts that have a place.
Row = tuple[float, float, int]


def make_day(num_technicians: int, num_visits: int) -> Problem:
    """Multiply the sample city's day; who may serve whom is a matter of skills alone."""
    day = load_problem(SAMPLE)
    technicians = []
    for number in range(num_technicians):
        person = day.technicians[number % len(day.technicians)]
        shifts = tuple(replace(shift, id=f"{shift.id}-{number}") for shift in person.shifts)
        technicians.append(replace(person, id=f"T{number:03}", shifts=shifts))
    visits = [
        replace(
            day.visits[number % len(day.visits)],
            id=f"V{number:04}",
            allowed_technicians=None,
            forbidden_technicians=frozenset(),
            preferred_technicians=frozenset(),
            pin=None,
        )
        for number in range(num_visits)
    ]
    return replace(day, name="what if", technicians=tuple(technicians), visits=tuple(visits))


def timed(ask: Callable[[str], int], visit_ids: list[str]) -> list[Row]:
    """Ask about one visit after the other."""
    rows = []
    for visit_id in visit_ids:
        wall, cpu = time.perf_counter(), time.thread_time()
        places = ask(visit_id)
        rows.append(((time.perf_counter() - wall) * 1_000, (time.thread_time() - cpu) * 1_000, places))
    return rows


def summary(case: str, rows: list[Row], goal: int | str) -> tuple[object, ...]:
    """Put one case into a line of the table."""
    wall, cpu, places = (np.array(column) for column in zip(*rows, strict=True))
    figures = [np.percentile(took, share) for took in (wall, cpu) for share in (50, 95)]
    return (case, len(rows), *(f"{value:.1f}" for value in figures), goal, f"{places.mean():.0f}")


def main() -> None:
    """Plan the day, ask, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--technicians", type=int, default=200)
    parser.add_argument("--visits", type=int, default=1_500)
    parser.add_argument("--questions", type=int, default=200, help="per case")
    parser.add_argument("--seconds", type=float, default=5.0, help="of planning")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    problem = make_day(options.technicians, options.visits)
    source = problem.travel
    provider = GeodesicTravel(coefficient_s=source.coefficient_s, exponent=source.exponent, detour=source.detour)
    plan = plan_problem(problem, provider, seconds=options.seconds, seed=options.seed)
    travel = provider.matrix(problem.places)
    orders = {shift.id: () for technician in problem.technicians for shift in technician.shifts} | {
        route.shift_id: tuple(stop.visit_id for stop in route.stops) for route in plan.routes
    }
    asked = np.random.default_rng(options.seed).choice([visit.id for visit in problem.visits], options.questions)
    names = [str(name) for name in asked]
    begun = time.perf_counter()
    day = running_day(problem, travel, orders)
    prepared_ms = (time.perf_counter() - begun) * 1_000
    idlest = min(orders, key=lambda shift_id: len(orders[shift_id]))

    def move(visit_id: str) -> int:
        return len(what_if(problem, travel, orders, Move(visit_id=visit_id, shift_id=idlest)).routes)

    cases = {
        "rank all places of a visit": (timed(lambda name: len(rank_places(day, name).places), names), GOAL_MS),
        "one move, in all its consequences": (timed(move, names), ""),
    }
    lines = [f"### What if: {options.technicians} technicians, {plan.kpis.assigned:,} visits on their routes", ""]
    lines += ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    lines += ["| " + " | ".join(str(cell) for cell in summary(case, *rows)) + " |" for case, rows in cases.items()]
    lines += ["", f"The day is made ready for ranking once, in {prepared_ms:.0f} ms."]
    lines += ["", "; ".join(f"{name}: {value}" for name, value in machine_facts().items()) + ".", ""]
    text = "\n".join(lines)
    print(text)
    if options.out:
        options.out.with_suffix(".md").write_text(text, encoding="utf-8")
        with options.out.open("w", encoding="utf-8", newline="") as stream:
            table = csv.writer(stream, lineterminator="\n")
            table.writerow(("case", "ms", "cpu_ms", "shifts"))
            for case, (rows, _) in cases.items():
                table.writerows((case, f"{wall:.3f}", f"{cpu:.3f}", places) for wall, cpu, places in rows)


if __name__ == "__main__":
    main()
