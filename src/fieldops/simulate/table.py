"""Simulated days in one table: without and with replans, and the difference."""

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import mean, quantiles, stdev
from typing import Final, TextIO

from fieldops.simulate.compare import Simulated
from fieldops.simulate.figures import DayFigures, Share

#: Of a normal distribution: so many standard errors on both sides of a mean.
_CONFIDENCE: Final = 1.96
_NOTHING: Final = "-"

Figure = Callable[[Sequence[DayFigures]], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """
    A figure of the table.

    Attributes
    ----------
    of
        Computes it of any number of days; its mean per day, or over all that is in them.
    column
        Its name in CSV files.
    """

    name: str
    column: str
    decimals: int
    of: Figure


def _per_day(value: Callable[[DayFigures], float]) -> Figure:
    """Average over the days."""
    return lambda days: mean(value(day) for day in days)


def _percent(shares: Callable[[DayFigures], Share]) -> Figure:
    """Give the share in all days together."""

    def percent(days: Sequence[DayFigures]) -> float:
        found = [shares(day) for day in days]
        return Share(count=sum(one.count for one in found), total=sum(one.total for one in found)).percent

    return percent


def _waits(days: Iterable[DayFigures]) -> list[float]:
    """List how long the customers of all days waited."""
    return [wait for day in days for wait in day.waiting_min]


def _latest(days: Iterable[DayFigures]) -> float:
    """Give the time that 95 % of the customers wait at most."""
    waits = _waits(days)
    return quantiles(waits, n=20, method="inclusive")[-1] if len(waits) > 1 else sum(waits)


def _mean_wait(days: Iterable[DayFigures]) -> float:
    """Give the mean wait of all customers."""
    waits = _waits(days)
    return mean(waits) if waits else 0.0


def _moved(days: Iterable[DayFigures]) -> float:
    """Give the mean share of the visits ahead that a replan moves, percent."""
    shares = [moved.percent for day in days for moved in day.moved]
    return mean(shares) if shares else 0.0


def _moves_per_visit(days: Iterable[DayFigures]) -> float:
    """Give how often a visit goes to somebody else, on average: what people who wait for it have to bear."""
    found = list(days)
    return sum(moved.count for day in found for moved in day.moved) / max(1, sum(day.served for day in found))


LINES: Final = (
    Line(name="promises that count", column="promises", decimals=1, of=_per_day(lambda day: day.promises)),
    Line(name="broken promises", column="broken", decimals=1, of=_per_day(lambda day: day.broken)),
    Line(name="of them never served", column="never", decimals=1, of=_per_day(lambda day: day.never)),
    Line(
        name="promises kept, %",
        column="kept_percent",
        decimals=1,
        of=_percent(lambda day: Share(count=day.promises - day.broken, total=day.promises)),
    ),
    Line(name="waiting within the window, mean, min", column="waiting_mean_min", decimals=0, of=_mean_wait),
    Line(name="waiting within the window, 95 %, min", column="waiting_95_min", decimals=0, of=_latest),
    Line(name="urgent visits served, %", column="urgent_percent", decimals=0, of=_percent(lambda day: day.urgent)),
    Line(name="overtime, h", column="overtime_h", decimals=1, of=_per_day(lambda day: day.overtime_h)),
    Line(name="driving, h", column="driven_h", decimals=1, of=_per_day(lambda day: day.driven_h)),
    Line(name="replans", column="replans", decimals=1, of=_per_day(lambda day: day.replans)),
    Line(name="replans that changed the plan", column="applied", decimals=1, of=_per_day(lambda day: len(day.moved))),
    Line(name="visits ahead moved per such replan, %", column="moved_percent", decimals=1, of=_moved),
    Line(
        name="visits moved to somebody else",
        column="moved",
        decimals=1,
        of=_per_day(lambda day: sum(moved.count for moved in day.moved)),
    ),
    Line(name="such moves per visit served", column="moves_per_visit", decimals=2, of=_moves_per_visit),
    Line(
        name="messages per booking on the day",
        column="messages",
        decimals=2,
        of=lambda days: sum(day.messages for day in days) / max(1, sum(day.bookings for day in days)),
    ),
    Line(
        name="of them about another time",
        column="news",
        decimals=2,
        of=lambda days: sum(day.news for day in days) / max(1, sum(day.bookings for day in days)),
    ),
    Line(
        name="arrivals in the range of when the technician left, %",
        column="covered_leaving_percent",
        decimals=1,
        of=_percent(lambda day: day.covered_leaving),
    ),
    Line(
        name="looks at a range that held the arrival, %",
        column="covered_shown_percent",
        decimals=1,
        of=_percent(lambda day: day.covered_shown),
    ),
    Line(
        name="arrivals in the range of an hour before, %",
        column="covered_before_percent",
        decimals=1,
        of=_percent(lambda day: day.covered_before),
    ),
)


def rows_of(days: Sequence[Simulated]) -> list[tuple[str, str, str, str]]:
    """
    Give the rows of the table: figure, without replans, with replans, difference.

    Notes
    -----
    The difference is the mean over the seeds of which there are both days, with a 95 % confidence interval of that
    mean; the same luck in both makes it narrow. Only one kind of days: there is no difference.
    """
    static = {day.seed: day.figures for day in days if not day.replans}
    live = {day.seed: day.figures for day in days if day.replans}
    both = sorted(static.keys() & live.keys())
    rows = []
    for line in LINES:
        shown = [
            f"{line.of(list(figures.values())):.{line.decimals}f}" if figures else _NOTHING
            for figures in (static, live)
        ]
        pairs = [line.of([live[seed]]) - line.of([static[seed]]) for seed in both]
        rows.append((line.name, *shown, _difference(pairs, line.decimals)))
    return [(name, without, with_, change) for name, without, with_, change in rows]


def _cell(line: Line, days: Sequence[DayFigures]) -> str:
    """Say a figure."""
    return f"{line.of(days):.{line.decimals}f}" if days else _NOTHING


def _difference(pairs: Sequence[float], decimals: int) -> str:
    """Say a mean difference, and how far it may be off."""
    if not pairs:
        return _NOTHING
    if len(pairs) == 1:
        return f"{pairs[0]:+.{decimals}f}"
    return f"{mean(pairs):+.{decimals}f} ± {_CONFIDENCE * stdev(pairs) / sqrt(len(pairs)):.{decimals}f}"


def markdown_of(days: Sequence[Simulated]) -> str:
    """Give the table as Markdown."""
    lines = ["| per day | without replans | with replans | difference |", "| --- | ---: | ---: | ---: |"]
    lines += [f"| {' | '.join(row)} |" for row in rows_of(days)]
    return "\n".join(lines) + "\n"


def write_csv(file: TextIO, days: Sequence[Simulated]) -> None:
    """Write a line for each day."""
    out = csv.writer(file, lineterminator="\n")
    out.writerow(["seed", "replans", *(line.column for line in LINES)])
    for day in days:
        figures = [f"{line.of([day.figures]):.{max(2, line.decimals)}f}" for line in LINES]
        out.writerow([day.seed, "yes" if day.replans else "no", *figures])
