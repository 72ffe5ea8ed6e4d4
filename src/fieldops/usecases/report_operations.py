"""How a territory's days went: promises, starts, overtime, travel, replans, messages, surveys; plan against actual."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, ColumnElement, and_, cast, extract, select

from fieldops.domain.operations import (
    BINS,
    WITHIN,
    DayFigures,
    Spread,
    Tally,
    bin_of,
    figures_of,
    spread_of,
)
from fieldops.domain.value_faults import wrong
from fieldops.errors import InvalidInput
from fieldops.store.live_policies import live_policies_of
from fieldops.store.tables import BookingRow, VisitProgressRow, VisitRow
from fieldops.store.territories import find_territory
from fieldops.usecases.report_counts import count_messages, count_promises, count_replans, count_surveys, read_routes
from fieldops.usecases.work import Work

#: What one report looks at, at most: a quarter of a year.
MOST_DAYS: Final = 92
#: Types of visits told apart; the less frequent ones are summed up.
MOST_TYPES: Final = 40

#: One figure of each visit; not a number = nobody knows.
_Seconds = NDArray[np.float64]


#: Of a row of `_read_visits`.
_NUM_COLUMNS: Final = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reported:
    """What was reported of visits: of each of them the same place in every column."""

    dates: Sequence[date]
    technicians: Sequence[str | None]
    phases: Sequence[str]
    types: Sequence[str]
    reached_s: _Seconds
    finished_s: _Seconds
    arrival_s: _Seconds
    duration_s: _Seconds
    travel_s: _Seconds
    outside_s: _Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Starts of service so many minutes outside of their window; negative = early, 0 to 0 = within."""

    from_minutes: int | None
    to_minutes: int | None
    visits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeFigures:
    """
    How visits of a type went against their plan, in minutes: positive = later or longer than planned.

    Attributes
    ----------
    visit_type
        The visits' name; None = all those types that are not told apart.
    """

    visit_type: str | None
    visits: int
    arrival_minutes: Spread
    duration_minutes: Spread
    travel_minutes: Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationsReport:
    """
    How a territory's days went.

    Attributes
    ----------
    days
        Those on which anything was counted, in order.
    types
        The most frequent first.
    """

    territory_id: str
    first_date: date
    last_date: date
    total: DayFigures
    days: tuple[DayFigures, ...]
    histogram: tuple[Bin, ...]
    all_types: TypeFigures
    types: tuple[TypeFigures, ...]


def report_operations(work: Work, territory_id: str, first_date: date, last_date: date) -> OperationsReport:
    """
    Sum up what happened on some dates of a territory.

    Raises
    ------
    NotFound
        When there is no such territory.
    InvalidInput
        When the last date is before the first, or more than `MOST_DAYS` are asked for.
    """
    if not timedelta(0) <= last_date - first_date < timedelta(days=MOST_DAYS):
        expected = f"a date from {first_date} on, {MOST_DAYS} days at most"
        raise InvalidInput([wrong("query.last_date", last_date.isoformat(), expected)])
    territory = find_territory(work.session, territory_id)
    span = (territory_id, first_date, last_date)
    visits = _read_visits(work, *span)
    tallies: dict[date, Tally] = defaultdict(Tally)
    bins = _count_visits(visits, tallies, live_policies_of(territory).start_tolerance)
    _count_routes(work, span, visits, tallies)
    for count in (count_promises, count_replans, count_messages, count_surveys):
        count(work, *span, tallies)
    total = Tally()
    for tally in tallies.values():
        total.add(tally)
    return OperationsReport(
        territory_id=territory_id,
        first_date=first_date,
        last_date=last_date,
        total=figures_of(None, total),
        days=tuple(figures_of(day, tallies[day]) for day in sorted(tallies)),
        histogram=tuple(
            Bin(from_minutes=low, to_minutes=high, visits=bins[index]) for index, (low, high) in enumerate(BINS)
        ),
        all_types=_against_plan(None, visits, range(len(visits.dates))),
        types=tuple(_by_type(visits)),
    )


def _read_visits(work: Work, territory_id: str, first_date: date, last_date: date) -> _Reported:
    """
    Read what was reported of visits against what had been planned and promised.

    The database makes seconds of instants: objects would take most of the time of a report.
    """
    progress, booking = VisitProgressRow, BookingRow
    instants = (
        *(progress.travel_started_at, progress.arrived_at, progress.started_at, progress.finished_at),
        *(progress.planned_arrival_at, booking.window_start, booking.window_end),
    )
    query = (
        select(
            *(progress.date, progress.technician_id, progress.phase, VisitRow.name),
            *(progress.planned_travel_s, progress.planned_duration_s, *map(_epoch_s, instants)),
        )
        .join(VisitRow, VisitRow.id == progress.visit_id)
        .outerjoin(
            booking,
            and_(booking.visit_id == progress.visit_id, booking.state == "confirmed", booking.date == progress.date),
        )
        .where(progress.territory_id == territory_id, progress.date.between(first_date, last_date))
    )
    rows = work.session.execute(query).all()
    dates, technicians, phases, types, *figures = zip(*rows, strict=True) if rows else [()] * _NUM_COLUMNS
    # What was not reported is None in a row, and not a number here.
    travel_s, service_s, left, arrived, started, finished, planned, opens, closes = (
        np.array(column, dtype=float) for column in figures
    )
    return _Reported(
        dates=dates,
        technicians=technicians,
        phases=phases,
        types=types,
        reached_s=np.where(np.isnan(arrived), started, arrived),
        finished_s=finished,
        arrival_s=arrived - planned,
        duration_s=finished - started - service_s,
        travel_s=arrived - left - travel_s,
        outside_s=np.minimum(started - opens, 0) + np.maximum(started - closes, 0),
    )


def _epoch_s(instant: Any) -> ColumnElement[int]:
    """Give an instant as whole seconds, on either database."""
    return cast(extract("epoch", instant), BigInteger)


def _count_visits(visits: _Reported, tallies: dict[date, Tally], tolerance: timedelta) -> Counter[int]:
    """Count how visits ended and how they began; returns the bins of the starts."""
    for (day, phase), count in Counter(zip(visits.dates, visits.phases, strict=True)).items():
        tallies[day].visits_done += count * (phase == "done")
        tallies[day].visits_failed += count * (phase == "failed")
    bins: Counter[int] = Counter()
    starts = Counter(zip(visits.dates, visits.outside_s.tolist(), strict=True))
    for (day, outside_s), count in starts.items():
        if not math.isnan(outside_s):
            index = bin_of(outside_s / 60)
            bins[index] += count
            tallies[day].starts_early += count * (index < WITHIN)
            tallies[day].starts_within += count * (index == WITHIN)
            tallies[day].starts_late += count * (index > WITHIN)
    first: dict[tuple[date, str], int] = {}
    for idx in np.argsort(visits.reached_s, kind="stable").tolist():  # those nobody reached are last
        technician = visits.technicians[idx]
        if technician is not None and not math.isnan(visits.reached_s[idx]):
            first.setdefault((visits.dates[idx], technician), idx)
    for (day, _), idx in first.items():
        late_s = visits.arrival_s[idx]
        tallies[day].technician_days += 1
        if not math.isnan(late_s):
            tallies[day].first_arrivals += 1
            tallies[day].first_arrivals_on_time += bool(late_s <= tolerance.total_seconds())
    return bins


def _count_routes(work: Work, span: tuple[str, date, date], visits: _Reported, tallies: dict[date, Tally]) -> None:
    """Count travel as it was planned in the end, and overtime both as planned and as it came."""
    last: dict[tuple[date, str | None], float] = {}
    for day, technician, finished_s in zip(visits.dates, visits.technicians, visits.finished_s.tolist(), strict=True):
        key = (day, technician)
        if not finished_s <= last.get(key, 0.0) and not math.isnan(finished_s):
            last[key] = finished_s
    ends: dict[tuple[date, str], tuple[float, int]] = {}
    for route in read_routes(work, *span):
        tally = tallies[route.date]
        tally.travel_s += route.travel_s
        tally.distance_m += route.distance_m
        tally.planned_overtime_s += route.overtime_s
        tally.planned_visits += route.visits
        # Who has two shifts on a date works over after the later one.
        shift, end = (route.date, route.technician_id), (route.ends_at.timestamp(), route.travel_home_s)
        ends[shift] = max(end, ends.get(shift, end))
    for shift, (ends_s, home_s) in ends.items():
        if shift in last:
            tallies[shift[0]].overtime_s += max(0, int(last[shift] + home_s - ends_s))


def _by_type(visits: _Reported) -> Iterable[TypeFigures]:
    """Compare with the plan by type, the most frequent first; what is rare comes together at the end."""
    groups: dict[str, list[int]] = defaultdict(list)
    for idx, name in enumerate(visits.types):
        groups[name].append(idx)
    names = sorted(groups, key=lambda name: (-len(groups[name]), name))
    yield from (_against_plan(name, visits, groups[name]) for name in names[:MOST_TYPES])
    if len(names) > MOST_TYPES:
        yield _against_plan(None, visits, [idx for name in names[MOST_TYPES:] for idx in groups[name]])


def _against_plan(visit_type: str | None, visits: _Reported, idxs: Sequence[int]) -> TypeFigures:
    """Compare visits with their plan, where both are known; of a visit that failed nobody knows how long it takes."""
    is_done = np.array([visits.phases[idx] == "done" for idx in idxs], dtype=bool)
    these = np.array(idxs, dtype=int)
    return TypeFigures(
        visit_type=visit_type,
        visits=len(idxs),
        arrival_minutes=_minutes(visits.arrival_s[these]),
        duration_minutes=_minutes(visits.duration_s[these[is_done]]),
        travel_minutes=_minutes(visits.travel_s[these]),
    )


def _minutes(seconds: _Seconds) -> Spread:
    """Sum up what is known."""
    return spread_of((seconds[~np.isnan(seconds)] / 60).tolist())
