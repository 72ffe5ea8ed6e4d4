"""
Measure risk: 1,000 scenarios of a day of 500 stops, and the odds of all windows of a quote over ten dates.

Run from the repository: ``.venv/bin/python benchmarks/risk.py [--out FILE.csv]``, which also writes FILE.md. The
addresses are those of the sample city (data/README.md), drawn with replacement; the day is made as the book of
``quote_engine.py`` is, by booking one visit after the other where the quote says it is cheapest. One thread, the Python
side included; noise is what a territory that has learned nothing assumes.
"""

import argparse
import csv
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from quote_engine import LUNCH, NUM_DATES, SHIFT, WINDOWS, Book, Day

from fieldops.bench.machine import machine_facts
from fieldops.domain.factors import DAY_SPREAD, PEAK_HOURS, PEAK_TRAVEL_SPREAD, TRAVEL_SPREAD, USUAL_SPREAD
from fieldops.solver import Evaluator, Instance, Shift, quote
from fieldops.solver.risk import Booking, Noise, kept_if_booked, noise_of, risk

COLUMNS = ("case", "runs", "p50 ms", "p95 ms", "max ms")


def noise(instance: Instance) -> Noise:
    """Assume what is assumed of work without a name and of the hours of the day."""
    spreads = [PEAK_TRAVEL_SPREAD if hour in PEAK_HOURS else TRAVEL_SPREAD for hour in range(24)]
    steps = tuple((3_600 * hour, 1.0, spread) for hour, spread in enumerate(spreads))
    return noise_of(instance, service_sigma=USUAL_SPREAD, travel_steps=steps, day_sigma=DAY_SPREAD)


def whole_day(book: Book, num_stops: int) -> tuple[Evaluator, dict[int, list[int]]]:
    """Put routes of the book into one instance until it has so many stops: those of one date, then of the next."""
    days: list[Day] = []
    for day in (day for of_date in book.days for day in of_date):
        if sum(len(known.visits) for known in days) < num_stops:
            days.append(day)
    places = [place for day in days for place in day.places]
    firsts = np.cumsum([0, *(len(day.places) for day in days)])
    matrix = book.travel.matrix(places)
    visits, orders, shifts = [], {}, []
    for number, (day, first) in enumerate(zip(days, firsts, strict=False)):
        orders[number] = list(range(len(visits), len(visits) + len(day.visits)))
        for visit in day.visits:
            fields = {name: getattr(visit, name) for name in ("service_s", "windows", "required_levels")}
            visits.append(type(visit)(place=int(first) + visit.place, promised_latest=visit.windows[-1][1], **fields))
        home = {**SHIFT, "start_place": int(first), "end_place": int(first)}
        shifts.append(Shift(technician=number, breaks=(LUNCH,), cost_per_work_hour=day.hourly_cents, **home))
    instance = Instance(
        horizon_s=86_400,
        travel_s=matrix.duration_s[None],
        distance_m=matrix.distance_m[None],
        technicians=tuple(day.technician for day in days),
        shifts=tuple(shifts),
        visits=tuple(visits),
    )
    return Evaluator(instance), orders


def odds_of_a_quote(book: Book) -> Callable[[], object]:
    """Quote a new visit over all dates, and return what asks for the odds of the best place in every window."""
    visit, place = book.visit(needs_skill=False), book.address()
    asked = []
    for date in range(NUM_DATES):
        legs = book.legs(date, place)
        answers = zip(quote(book.routes[date], visit, legs, WINDOWS), WINDOWS, strict=True)
        slots = [(answer.slots[0], window) for answer, window in answers if answer.slots]
        asked.append((book.routes[date], legs, slots))

    def ask() -> None:
        for routes, legs, slots in asked:
            bookings = [
                Booking(slot=slot, window=window, latest=window[1], noise=noise(routes[slot.route].instance))
                for slot, window in slots
            ]
            kept_if_booked(routes, visit, legs, bookings, service_sigma=USUAL_SPREAD, key=1)

    return ask


def measure(case: str, runs: list[Callable[[], object]]) -> tuple[object, ...]:
    """Time each once; return the line of the table."""
    times = []
    for run in runs:
        begin = time.perf_counter()
        run()
        times.append(1_000 * (time.perf_counter() - begin))
    figures = np.median(times), np.percentile(times, 95), max(times)
    return (case, len(runs), *(f"{figure:.1f}" for figure in figures))


def main() -> None:
    """Fill the book, measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=4_000, help="in the book")
    parser.add_argument("--stops", type=int, default=500)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    book = Book(np.random.default_rng(options.seed))
    book.fill(options.visits)
    evaluator, orders = whole_day(book, options.stops)
    of_day = noise(evaluator.instance)
    stops = sum(map(len, orders.values()))

    def once(seed: int) -> Callable[[], object]:
        return lambda: risk(evaluator, orders, noise=of_day, scenarios=1_000, seed=seed)

    rows = [
        measure(f"1,000 scenarios x {stops} stops", [once(seed) for seed in range(options.runs)]),
        measure("odds of a quote over ten dates", [odds_of_a_quote(book) for _ in range(options.runs)]),
    ]
    lines = [f"### Risk: {len(orders)} technicians, one thread", ""]
    lines += ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    lines += ["", "; ".join(f"{name}: {value}" for name, value in machine_facts().items()) + ".", ""]
    text = "\n".join(lines)
    print(text)
    if options.out:
        options.out.with_suffix(".md").write_text(text, encoding="utf-8")
        with options.out.open("w", encoding="utf-8", newline="") as stream:
            table = csv.writer(stream, lineterminator="\n")
            table.writerow([column.replace(" ", "_") for column in COLUMNS])
            table.writerows(rows)


if __name__ == "__main__":
    main()
