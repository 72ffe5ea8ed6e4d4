"""How a territory's days went: promises, starts, overtime, travel, replans, messages, surveys; plan against actual."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, extract, func, select

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

#: A row of `_read_visits`.
_Reported = Any


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
        all_types=_against_plan(None, visits),
        types=tuple(_by_type(visits)),
    )


def _read_visits(work: Work, territory_id: str, first_date: date, last_date: date) -> Sequence[_Reported]:
    """
    Read what was reported of visits against what had been planned and promised, in seconds.

    The database subtracts: making instants of all that was reported would take most of the time of a report.
    """
    progress, booking = VisitProgressRow, BookingRow
    reports = (progress.arrived_at, progress.started_at, progress.finished_at)
    arrived, started, finished = map(_epoch_s, reports)
    opens, closes = _epoch_s(booking.window_start), _epoch_s(booking.window_end)
    is_early, is_late = progress.started_at < booking.window_start, progress.started_at > booking.window_end
    query = (
        select(
            *(progress.date, progress.technician_id, progress.phase, VisitRow.name),
            func.coalesce(arrived, started).label("reached_s"),
            finished.label("finished_s"),
            (arrived - _epoch_s(progress.planned_arrival_at)).label("arrival_s"),
            (finished - started - progress.planned_duration_s).label("duration_s"),
            (arrived - _epoch_s(progress.travel_started_at) - progress.planned_travel_s).label("travel_s"),
            case((is_early, started - opens), (is_late, started - closes), (started >= opens, 0)).label("outside_s"),
        )
        .join(VisitRow, VisitRow.id == progress.visit_id)
        .outerjoin(
            booking,
            and_(booking.visit_id == progress.visit_id, booking.state == "confirmed", booking.date == progress.date),
        )
        .where(progress.territory_id == territory_id, progress.date.between(first_date, last_date))
    )
    return work.session.execute(query).all()


def _epoch_s(instant: Any) -> ColumnElement[int]:
    """Give an instant as whole seconds, on either database."""
    return cast(extract("epoch", instant), BigInteger)


def _count_visits(visits: Iterable[_Reported], tallies: dict[date, Tally], tolerance: timedelta) -> Counter[int]:
    """Count how visits ended and how they began; returns the bins of the starts."""
    bins: Counter[int] = Counter()
    first: dict[tuple[date, str], _Reported] = {}
    for visit in visits:
        tally = tallies[visit.date]
        tally.visits_done += visit.phase == "done"
        tally.visits_failed += visit.phase == "failed"
        if visit.outside_s is not None:
            index = bin_of(visit.outside_s / 60)
            bins[index] += 1
            tally.starts_early += index < WITHIN
            tally.starts_within += index == WITHIN
            tally.starts_late += index > WITHIN
        if visit.reached_s is not None and visit.technician_id is not None:
            key = (visit.date, visit.technician_id)
            if key not in first or visit.reached_s < first[key].reached_s:
                first[key] = visit
    for (day, _), visit in first.items():
        tallies[day].technician_days += 1
        if visit.arrival_s is not None:
            tallies[day].first_arrivals += 1
            tallies[day].first_arrivals_on_time += visit.arrival_s <= tolerance.total_seconds()
    return bins


def _count_routes(
    work: Work, span: tuple[str, date, date], visits: Iterable[_Reported], tallies: dict[date, Tally]
) -> None:
    """Count travel as it was planned in the end, and overtime both as planned and as it came."""
    last: dict[tuple[date, str], int] = {}
    for visit in visits:
        if visit.finished_s is not None and visit.technician_id is not None:
            key = (visit.date, visit.technician_id)
            last[key] = max(visit.finished_s, last.get(key, 0))
    ends: dict[tuple[date, str], tuple[float, int]] = {}
    for route in read_routes(work, *span):
        tally = tallies[route.date]
        tally.travel_s += route.travel_s
        tally.distance_m += route.distance_m
        tally.planned_overtime_s += route.overtime_s
        tally.planned_visits += route.visits
        # Who has two shifts on a date works over after the later one.
        key, end = (route.date, route.technician_id), (route.ends_at.timestamp(), route.travel_home_s)
        ends[key] = max(end, ends.get(key, end))
    for key, (ends_s, home_s) in ends.items():
        if key in last:
            tallies[key[0]].overtime_s += max(0, int(last[key] + home_s - ends_s))


def _by_type(visits: Iterable[_Reported]) -> Iterable[TypeFigures]:
    """Compare with the plan by type, the most frequent first; what is rare comes together at the end."""
    groups: dict[str, list[_Reported]] = defaultdict(list)
    for visit in visits:
        groups[visit.name].append(visit)
    names = sorted(groups, key=lambda name: (-len(groups[name]), name))
    yield from (_against_plan(name, groups[name]) for name in names[:MOST_TYPES])
    if len(names) > MOST_TYPES:
        yield _against_plan(None, [visit for name in names[MOST_TYPES:] for visit in groups[name]])


def _against_plan(visit_type: str | None, visits: Sequence[_Reported]) -> TypeFigures:
    """Compare visits with their plan, where both are known; of a visit that failed nobody knows how long it takes."""
    return TypeFigures(
        visit_type=visit_type,
        visits=len(visits),
        arrival_minutes=_minutes(visit.arrival_s for visit in visits),
        duration_minutes=_minutes(visit.duration_s for visit in visits if visit.phase == "done"),
        travel_minutes=_minutes(visit.travel_s for visit in visits),
    )


def _minutes(seconds: Iterable[int | None]) -> Spread:
    """Sum up what is known."""
    return spread_of([value / 60 for value in seconds if value is not None])
