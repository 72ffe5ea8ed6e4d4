"""
Measure replanning: a day of 60 technicians and 500 visits, under way at 11:00; one visit overruns by 45 minutes.

Run from the repository: ``.venv/bin/python benchmarks/replan.py [--out FILE.csv]``, which also writes FILE.md.
Addresses and technicians are drawn as in ``quote_engine.py``. Per seed, visits are booked one after the other where the
quote says it is cheapest; the night's plan is what some seconds of search make of that. It is followed to the minute
until 11:00. Then one of the visits being served takes 45 minutes longer; customers know who comes, and the planned
start to a quarter of an hour. The repair is timed from the call on, scheduling included; the instance is there already.
Cost is that of the whole rest of the day: ways home, promises, and what changing one's word costs.
"""

import argparse
import csv
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from quote_engine import LUNCH, SHIFT, WINDOWS, Book

from fieldops.bench.machine import machine_facts
from fieldops.solver import Instance, Replan, Shift, Solution, Visit, check, quote, replan, solve
from fieldops.solver.solution import Route
from fieldops.units import to_cents

NOW, FREEZE_S, OVERRUN_S = 39_600, 900, 2_700
#: What customers were told may be wrong by so much before it counts, seconds; and what more costs, cents.
TOLERANCE_S, REASSIGNED_CENTS, TOLD_MISS_CENTS = 900, 1_500, 500
#: Share of the visits ahead that may move, percent.
MOST_MOVED = 6
COLUMNS = (
    "seed",
    "visits ahead",
    "instance ms",
    "repair ms",
    "repaired",
    "after {short:g} s",
    "after {long:g} s",
    "above, %",
    "moved",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The rest of a day, and the running plan of it."""

    instance: Instance
    baseline: dict[int, tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one seed has shown; costs in cents."""

    seed: int
    ahead: int
    instance_ms: float
    repair_ms: float
    repaired: int
    short: int
    long: int
    moved: int

    @property
    def above_percent(self) -> float:
        """How much dearer the short answer is than the long one."""
        return 100 * (self.short / self.long - 1)


def book_day(rng: np.random.Generator, num_visits: int) -> tuple[Book, dict[int, list[int]], Instance]:
    """Book visits of a quarter of an hour to an hour until the first date of a book has so many."""
    book = Book(rng)
    days, routes = book.days[0], book.routes[0]
    booked = 0
    while booked < num_visits:
        visit, place = book.visit(needs_skill=rng.random() < 0.92), book.address()
        visit = replace(visit, service_s=300 * int(rng.integers(3, 13)))
        window = WINDOWS[int(rng.integers(len(WINDOWS)))]
        (answer,) = quote(routes, visit, book.legs(0, place), [window])
        if not answer.slots:
            continue
        slot = answer.slots[0]
        day = days[slot.route]
        day.places.append(place)
        day.visits.insert(slot.position, replace(visit, place=len(day.places) - 1, windows=(window,)))
        routes[slot.route] = day.route(book.travel)
        booked += 1
    firsts = np.cumsum([0, *(len(day.places) for day in days)])
    matrix = book.travel.matrix([place for day in days for place in day.places])
    visits: list[Visit] = []
    orders: dict[int, list[int]] = {}
    for number, day in enumerate(days):
        orders[number] = list(range(len(visits), len(visits) + len(day.visits)))
        visits += [_promised(visit, int(firsts[number])) for visit in day.visits]
    instance = Instance(
        horizon_s=86_400,
        travel_s=matrix.duration_s[None],
        distance_m=matrix.distance_m[None],
        technicians=tuple(day.technician for day in days),
        shifts=tuple(_shift(number, day.hourly_cents, int(firsts[number])) for number, day in enumerate(days)),
        visits=tuple(visits),
    )
    return book, orders, instance


def _promised(visit: Visit, first: int) -> Visit:
    """Promise the window: nobody comes before, later costs two a minute."""
    (window,) = visit.windows
    return replace(
        visit,
        place=first + visit.place,
        windows=((window[0], 86_399),),
        promised_latest=window[1],
        lateness_cents_per_minute=200,
        unassigned_cents=30_000,
        mandatory=True,
    )


def _shift(number: int, hourly_cents: int, home: int) -> Shift:
    return Shift(
        technician=number,
        breaks=(LUNCH,),
        cost_per_work_hour=hourly_cents,
        cost_per_overtime_hour=6_000,
        cost_per_travel_hour=3_600,
        cost_per_km=30,
        **{**SHIFT, "start_place": home, "end_place": home},
    )


def under_way(night: Instance, plan: Solution, rng: np.random.Generator) -> Case:
    """Follow a plan until now, and let one of the visits being served take longer."""
    routes = {route.shift: route for route in plan.routes}
    behind = {shift: sum(stop.start < NOW + FREEZE_S for stop in route.stops) for shift, route in routes.items()}
    late = int(rng.choice([shift for shift, count in behind.items() if 0 < count < len(routes[shift].stops) - 2]))
    shifts = list(night.shifts)
    for shift, count in behind.items():
        if count:
            overrun = OVERRUN_S if shift == late else 0
            shifts[shift] = _left_of(night, routes[shift], count, overrun)
    ahead = [(stop, shift) for shift, route in routes.items() for stop in route.stops[behind[shift] :]]
    visits = [
        replace(
            night.visits[stop.visit],
            baseline_technician=night.shifts[shift].technician,
            reassigned_cents=REASSIGNED_CENTS,
            told=(stop.start - TOLERANCE_S, stop.start + TOLERANCE_S),
            told_miss_cents=TOLD_MISS_CENTS,
        )
        for stop, shift in ahead
    ]
    baseline: dict[int, tuple[int, ...]] = {}
    for number, (_, shift) in enumerate(ahead):
        baseline[shift] = (*baseline.get(shift, ()), number)
    return Case(instance=replace(night, shifts=tuple(shifts), visits=tuple(visits)), baseline=baseline)


def _left_of(night: Instance, route: Route, count: int, overrun: int) -> Shift:
    """Make the rest of a shift after its first stops; hard limits never keep anybody from going home."""
    shift, last = night.shifts[route.shift], route.stops[count - 1]
    place, ready = night.visits[last.visit].place, last.finish + overrun
    assert shift.end_place is not None
    breaks = tuple(
        replace(shift.breaks[taken.break_pos], latest=max(shift.breaks[taken.break_pos].latest, ready))
        for taken in route.breaks
        if taken.start >= last.finish
    )
    home = ready + int(night.travel_s[0, place, shift.end_place]) + sum(pause.duration for pause in breaks)
    return replace(
        shift,
        start_place=place,
        earliest_start=ready,
        regular_end=max(shift.regular_end, ready),
        hard_end=max(shift.hard_end, home) + OVERRUN_S,
        breaks=breaks,
        underway=True,
    )


def measure(seed: int, options: argparse.Namespace) -> Row:
    """Make the day of one seed and replan it, with little time and with much."""
    rng = np.random.default_rng(seed)
    _, orders, night = book_day(rng, options.visits)
    plan = solve(night, seconds=options.night, warm_start=orders, seed=seed).solution
    case = under_way(night, plan, rng)
    begin = time.perf_counter()
    replace(case.instance)
    instance_ms = 1_000 * (time.perf_counter() - begin)
    repaired_at: list[float] = []
    ahead = len(case.instance.visits)
    most_moved = max(2, MOST_MOVED * ahead // 100)

    def run(seconds: float) -> Replan:
        begin = time.perf_counter()
        made = replan(
            case.instance,
            case.baseline,
            seconds=seconds,
            seed=seed,
            most_moved=most_moved,
            on_repaired=lambda _: repaired_at.append(1_000 * (time.perf_counter() - begin)),
        )
        for solution in (made.repaired, made.result.solution):
            assert check(case.instance, solution) == [], "a plan the referee does not accept"
        return made

    short, long = run(options.short), run(options.long)
    return Row(
        seed=seed,
        ahead=ahead,
        instance_ms=instance_ms,
        repair_ms=repaired_at[0],
        repaired=to_cents(short.repaired.cost.total),
        short=to_cents(short.result.solution.cost.total),
        long=to_cents(long.result.solution.cost.total),
        moved=len(short.moved),
    )


def main() -> None:
    """Measure every seed and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=500)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--night", type=float, default=10.0, help="seconds of search for the night's plan")
    parser.add_argument("--short", type=float, default=1.0)
    parser.add_argument("--long", type=float, default=30.0)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    rows = [measure(seed, options) for seed in range(options.seeds)]
    columns = [name.format(short=options.short, long=options.long) for name in COLUMNS]
    lines = [f"### Replan: {options.visits} visits of 60 technicians, under way at 11:00, one overruns by 45 min", ""]
    lines += ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    for row in rows:
        cells = (
            row.seed,
            row.ahead,
            f"{row.instance_ms:.1f}",
            f"{row.repair_ms:.1f}",
            row.repaired,
            row.short,
            row.long,
        )
        lines.append("| " + " | ".join(map(str, (*cells, f"{row.above_percent:.2f}", row.moved))) + " |")
    worst, mean = max(row.repair_ms for row in rows), float(np.mean([row.above_percent for row in rows]))
    lines += [
        "",
        f"Slowest repair {worst:.1f} ms; after {options.short:g} s {mean:.2f} % above {options.long:g} s on average.",
    ]
    lines += ["", "; ".join(f"{name}: {value}" for name, value in machine_facts().items()) + ".", ""]
    text = "\n".join(lines)
    print(text)
    if options.out:
        options.out.with_suffix(".md").write_text(text, encoding="utf-8")
        with options.out.open("w", encoding="utf-8", newline="") as stream:
            table = csv.writer(stream, lineterminator="\n")
            table.writerow(("seed", "ahead", "instance_ms", "repair_ms", "repaired", "short", "long", "moved"))
            for row in rows:
                figures = (f"{row.instance_ms:.3f}", f"{row.repair_ms:.3f}")
                table.writerow((row.seed, row.ahead, *figures, row.repaired, row.short, row.long, row.moved))


if __name__ == "__main__":
    main()
