"""How days went, in figures: counted day by day, summed up over all of them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Final

#: Starts of service by minutes to the promised window, (more than, up to): early, within, late. None = no bound.
BINS: Final[tuple[tuple[int | None, int | None], ...]] = (
    (None, -60),
    (-60, -30),
    (-30, -15),
    (-15, 0),
    (0, 0),
    (0, 5),
    (5, 15),
    (15, 30),
    (30, 60),
    (60, None),
)
WITHIN: Final = BINS.index((0, 0))


@dataclass(slots=True, kw_only=True)
class Tally:
    """
    What is counted of a day. Counts of two days are added field by field.

    Attributes
    ----------
    promises_made, promises_kept, promises_broken, promises_open
        Windows promised that stood in the end: kept and broken, and those of which it is not known yet.
    promises_changed, promises_canceled
        Windows promised that did not stand.
    times_told, times_kept, times_broken
        The same of times of arrival that were told on the day.
    starts_early, starts_within, starts_late
        Starts of service before, within and after the promised window.
    first_arrivals, first_arrivals_on_time
        The first visits of technicians' days, and those reached no later than planned and a tolerance.
    technician_days
        Technicians who were at a visit.
    overtime_s, planned_overtime_s
        After the ends of shifts, expected way home included, as reported; and as the plan had it in the end.
    travel_s, distance_m, planned_visits
        Of the plan as it was in the end, ways home included, and its visits.
    replans, replans_applied, visits_moved
        Replans that ended, those that became the plan, and the visits whose technician, date or window these changed.
    messages_sent
        To customers; what goes to one by two channels is one.
    surveys_asked, surveys_answered
        Of visits on the day.
    nps_answers, promoters, detractors, csat_answers, csat_sum, ces_answers, ces_sum
        Of the questions.
    """

    promises_made: int = 0
    promises_kept: int = 0
    promises_broken: int = 0
    promises_open: int = 0
    promises_changed: int = 0
    promises_canceled: int = 0
    times_told: int = 0
    times_kept: int = 0
    times_broken: int = 0
    starts_early: int = 0
    starts_within: int = 0
    starts_late: int = 0
    first_arrivals: int = 0
    first_arrivals_on_time: int = 0
    visits_done: int = 0
    visits_failed: int = 0
    technician_days: int = 0
    overtime_s: int = 0
    planned_overtime_s: int = 0
    travel_s: int = 0
    distance_m: int = 0
    planned_visits: int = 0
    replans: int = 0
    replans_applied: int = 0
    visits_moved: int = 0
    messages_sent: int = 0
    surveys_asked: int = 0
    surveys_answered: int = 0
    nps_answers: int = 0
    promoters: int = 0
    detractors: int = 0
    csat_answers: int = 0
    csat_sum: int = 0
    ces_answers: int = 0
    ces_sum: int = 0

    def add(self, other: "Tally") -> None:
        """Add the counts of another day."""
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """
    A day in figures, or all days together: what was counted, and what follows from it; None where nothing was counted.

    Attributes
    ----------
    date
        None = all days.
    adherence_percent
        Starts within the window, of all starts that were promised a window.
    nps
        Promoters less detractors in percent of the answers, -100 to 100.
    csat, ces
        Means, 1 to 5.
    """

    date: date | None
    promises_made: int
    promises_kept: int
    promises_broken: int
    promises_open: int
    promises_changed: int
    promises_canceled: int
    kept_percent: float | None
    times_told: int
    times_kept: int
    times_broken: int
    starts_early: int
    starts_within: int
    starts_late: int
    adherence_percent: float | None
    first_arrivals: int
    first_arrivals_on_time: int
    first_arrival_percent: float | None
    visits_done: int
    visits_failed: int
    technician_days: int
    visits_per_technician_day: float | None
    overtime_minutes: float
    planned_overtime_minutes: float
    travel_minutes: float
    distance_km: float
    planned_visits: int
    travel_minutes_per_visit: float | None
    km_per_visit: float | None
    replans: int
    replans_applied: int
    visits_moved: int
    moved_per_replan: float | None
    messages_sent: int
    messages_per_visit: float | None
    surveys_asked: int
    surveys_answered: int
    nps: float | None
    nps_answers: int
    csat: float | None
    csat_answers: int
    ces: float | None
    ces_answers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """So many values: what one of ten is below, half are, and nine of ten are. None = there are none."""

    count: int
    p10: float | None
    median: float | None
    p90: float | None


def figures_of(day: date | None, tally: Tally) -> DayFigures:
    """Work out what follows from what was counted."""
    same = {field.name: getattr(tally, field.name) for field in fields(Tally) if field.name in _SHOWN}
    starts = tally.starts_early + tally.starts_within + tally.starts_late
    visits = tally.visits_done + tally.visits_failed
    return DayFigures(
        **same,
        date=day,
        kept_percent=_percent(tally.promises_kept, tally.promises_kept + tally.promises_broken),
        adherence_percent=_percent(tally.starts_within, starts),
        first_arrival_percent=_percent(tally.first_arrivals_on_time, tally.first_arrivals),
        visits_per_technician_day=_ratio(tally.visits_done, tally.technician_days),
        overtime_minutes=round(tally.overtime_s / 60, 1),
        planned_overtime_minutes=round(tally.planned_overtime_s / 60, 1),
        travel_minutes=round(tally.travel_s / 60, 1),
        distance_km=round(tally.distance_m / 1_000, 1),
        travel_minutes_per_visit=_ratio(tally.travel_s / 60, tally.planned_visits),
        km_per_visit=_ratio(tally.distance_m / 1_000, tally.planned_visits),
        moved_per_replan=_ratio(tally.visits_moved, tally.replans_applied),
        messages_per_visit=_ratio(tally.messages_sent, visits),
        nps=_percent(tally.promoters - tally.detractors, tally.nps_answers),
        csat=_ratio(tally.csat_sum, tally.csat_answers),
        ces=_ratio(tally.ces_sum, tally.ces_answers),
    )


def bin_of(minutes: float) -> int:
    """Return the bin of a start by its minutes to the window."""
    if minutes == 0:
        return WITHIN
    if minutes > 0:
        return next(i for i, (_, up_to) in enumerate(BINS) if i > WITHIN and (up_to is None or minutes <= up_to))
    # Early ones are bounded the other way round: a quarter of an hour early is in the bin nearest to the window.
    return next(i for i in range(WITHIN - 1, -1, -1) if (low := BINS[i][0]) is None or minutes >= low)


def spread_of(values: Sequence[float]) -> Spread:
    """Sum up values, to a tenth; between two values it is interpolated."""
    ordered = sorted(values)
    return Spread(
        count=len(ordered), p10=_quantile(ordered, 0.1), median=_quantile(ordered, 0.5), p90=_quantile(ordered, 0.9)
    )


def _quantile(ordered: Sequence[float], share: float) -> float | None:
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return round(ordered[below] + (place - below) * (ordered[above] - ordered[below]), 1)


def _percent(count: int, total: int) -> float | None:
    return round(100 * count / total, 1) if total else None


def _ratio(count: float, total: int) -> float | None:
    return round(count / total, 2) if total else None


_SHOWN: Final = {field.name for field in fields(DayFigures)}
