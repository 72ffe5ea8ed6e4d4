"""
Measure the quote engine: all windows of one visit over ten dates, on a book of 4,000 visits.

Run from the repository: ``.venv/bin/python benchmarks/quote_engine.py [--out FILE.csv]``, which also writes FILE.md.
Nothing of it is real but the addresses, which are those of the sample city (data/README.md), drawn with replacement.
The book is made by the engine itself: one visit after the other asks for a random date and window and is put where the
quote says it is cheapest, until 4,000 have a place. Then new visits are quoted, one at a time, on one thread; the
Python side counts.
"""

import argparse
import csv
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from fieldops.bench.machine import machine_facts
from fieldops.domain.problem import Place, TravelSource
from fieldops.files.problem_json import load_problem
from fieldops.solver import Break, Instance, Legs, RunningRoute, Shift, Technician, Visit, WindowQuote, quote
from fieldops.travel.geodesic import GeodesicTravel

SAMPLE = Path(__file__).parents[1] / "data" / "sample-city" / "day.json"
NUM_TECHNICIANS, NUM_DATES, NUM_SKILLS = 60, 10, 8
#: Six windows of an hour and a half, from 08:00 to 17:00.
WINDOWS = [(28_800 + 5_400 * number, 34_200 + 5_400 * number) for number in range(6)]
SHIFT: dict[str, Any] = {
    "start_place": 0,
    "end_place": 0,
    "earliest_start": 28_800,
    "regular_end": 61_200,
    "hard_end": 64_800,
}
LUNCH = Break(earliest=41_400, latest=46_800, duration=1_800, paid=False)
COLUMNS = ("case", "quotes", "p50 ms", "p95 ms", "max ms", "travel p50 ms", "windows with a place", "slots per window")


@dataclass(slots=True, eq=False)
class Day:
    """One technician's day as it fills up; place 0 is home."""

    technician: Technician
    hourly_cents: int
    places: list[Place]
    visits: list[Visit] = field(default_factory=list)

    def route(self, travel: GeodesicTravel) -> RunningRoute:
        """Make the day ready for quotes."""
        matrix = travel.matrix(self.places)
        shift = Shift(
            technician=0,
            breaks=(LUNCH,),
            cost_per_work_hour=self.hourly_cents,
            cost_per_overtime_hour=6_000,
            cost_per_travel_hour=3_600,
            cost_per_km=30,
            **SHIFT,
        )
        instance = Instance(
            horizon_s=86_400,
            travel_s=matrix.duration_s[None],
            distance_m=matrix.distance_m[None],
            technicians=(self.technician,),
            shifts=(shift,),
            visits=tuple(self.visits),
        )
        return RunningRoute(instance=instance, order=tuple(range(len(self.visits))))


class Book:
    """All days of all technicians, and the routes they make."""

    def __init__(self, rng: np.random.Generator) -> None:
        """Start with empty days."""
        source = TravelSource()
        self.rng = rng
        self.travel = GeodesicTravel(coefficient_s=source.coefficient_s, exponent=source.exponent, detour=source.detour)
        self.addresses = load_problem(SAMPLE).places
        people = [self._technician() for _ in range(NUM_TECHNICIANS)]
        homes = [self.address() for _ in people]
        # As in the sample city, every fifth is paid by the hour.
        self.days = [
            [
                Day(technician=person, hourly_cents=3_000 * (number % 5 == 0), places=[homes[number]])
                for number, person in enumerate(people)
            ]
            for _ in range(NUM_DATES)
        ]
        self.routes = [[day.route(self.travel) for day in days] for days in self.days]

    def _technician(self) -> Technician:
        levels = [0] * NUM_SKILLS
        for skill, level in zip(self.rng.permutation(NUM_SKILLS)[:4], (3, 2, 2, 1), strict=True):
            levels[skill] = level
        return Technician(skill_levels=tuple(levels), duration_permille=int(self.rng.integers(900, 1_151)))

    def address(self) -> Place:
        """Draw an address."""
        return self.addresses[int(self.rng.integers(len(self.addresses)))]

    def visit(self, *, needs_skill: bool) -> Visit:
        """Draw what a customer asks for; any start of the day."""
        levels = [0] * NUM_SKILLS
        if needs_skill:
            levels[int(self.rng.integers(NUM_SKILLS))] = int(self.rng.choice([1, 2, 3], p=[0.6, 0.3, 0.1]))
        minutes = 5 * int(self.rng.integers(6, 19))
        return Visit(place=0, service_s=60 * minutes, windows=((0, 86_399),), required_levels=tuple(levels))

    def legs(self, date: int, place: Place) -> Legs:
        """Ask for the travel to and from a new place."""
        others = [other for day in self.days[date] for other in day.places]
        there, back = self.travel.between(others, [place]), self.travel.between([place], others)
        return Legs(
            to_visit_s=there.duration_s[:, 0],
            to_visit_m=there.distance_m[:, 0],
            from_visit_s=back.duration_s[0],
            from_visit_m=back.distance_m[0],
        )

    def fill(self, num_visits: int) -> int:
        """Book visits until there are so many; return how many found no place in the window they wanted."""
        booked = missed = 0
        while booked < num_visits:
            visit, place = self.visit(needs_skill=self.rng.random() < 0.92), self.address()
            date, window = int(self.rng.integers(NUM_DATES)), WINDOWS[int(self.rng.integers(len(WINDOWS)))]
            (answer,) = quote(self.routes[date], visit, self.legs(date, place), [window])
            if not answer.slots:
                missed += 1
                continue
            slot = answer.slots[0]
            day = self.days[date][slot.route]
            day.places.append(place)
            day.visits.insert(slot.position, replace(visit, place=len(day.places) - 1, windows=(window,)))
            self.routes[date][slot.route] = day.route(self.travel)
            booked += 1
        return missed


def measure(book: Book, num_quotes: int, *, needs_skill: bool) -> list[tuple[float, float, int, int]]:
    """Quote new visits; per quote: engine ms, travel ms, windows with a place, slots."""
    rows = []
    for _ in range(num_quotes):
        visit, place = book.visit(needs_skill=needs_skill), book.address()
        begin = time.perf_counter()
        legs = [book.legs(date, place) for date in range(NUM_DATES)]
        middle = time.perf_counter()
        answers: list[WindowQuote] = []
        for date in range(NUM_DATES):
            answers += quote(book.routes[date], visit, legs[date], WINDOWS)
        end = time.perf_counter()
        slots = [len(answer.slots) for answer in answers]
        rows.append((1_000 * (end - middle), 1_000 * (middle - begin), sum(map(bool, slots)), sum(slots)))
    return rows


def summary(case: str, rows: list[tuple[float, float, int, int]]) -> tuple[object, ...]:
    """Put the quotes of one case into a line of the table."""
    engine, travel, places, slots = (np.array(column) for column in zip(*rows, strict=True))
    num_windows = NUM_DATES * len(WINDOWS)
    return (
        case,
        len(rows),
        *(f"{value:.1f}" for value in (np.median(engine), np.percentile(engine, 95), engine.max())),
        f"{np.median(travel):.1f}",
        f"{100 * places.mean() / num_windows:.0f} %",
        f"{slots.mean() / num_windows:.1f}",
    )


def main() -> None:
    """Fill the book, quote, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=4_000)
    parser.add_argument("--quotes", type=int, default=200, help="per case")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    book = Book(np.random.default_rng(options.seed))
    missed = book.fill(options.visits)
    cases = {
        "one skill needed": measure(book, options.quotes, needs_skill=True),
        "no skill needed": measure(book, options.quotes, needs_skill=False),
    }
    shape = f"{NUM_TECHNICIANS} technicians x {NUM_DATES} dates x {len(WINDOWS)} windows"
    lines = [f"### Quote engine: {shape}, {options.visits:,} booked visits, one thread", ""]
    lines += ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    lines += ["| " + " | ".join(str(cell) for cell in summary(case, rows)) + " |" for case, rows in cases.items()]
    lines += ["", f"{missed:,} visits found no place in the window they asked for while the book was filled."]
    lines += ["", "; ".join(f"{name}: {value}" for name, value in machine_facts().items()) + ".", ""]
    text = "\n".join(lines)
    print(text)
    if options.out:
        options.out.with_suffix(".md").write_text(text, encoding="utf-8")
        with options.out.open("w", encoding="utf-8", newline="") as stream:
            table = csv.writer(stream, lineterminator="\n")
            table.writerow(("case", "engine_ms", "travel_ms", "windows_with_a_place", "slots"))
            for case, rows in cases.items():
                table.writerows((case, f"{row[0]:.3f}", f"{row[1]:.3f}", *row[2:]) for row in rows)


if __name__ == "__main__":
    main()
