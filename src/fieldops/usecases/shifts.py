"""Shifts: who works when. Entered as wall-clock times for a range of dates, kept as instants."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select

from fieldops.domain.problem import Break, Shift
from fieldops.domain.shift_pattern import MAX_DAYS, ShiftPattern, dates_between, shift_on
from fieldops.domain.shift_pattern_faults import laid_shift_faults, pattern_faults
from fieldops.domain.value_faults import wrong
from fieldops.errors import Fault, InvalidInput, NotFound
from fieldops.store.ids import new_id
from fieldops.store.tables import ShiftRow, SiteRow, TerritoryRow
from fieldops.usecases.audit import record
from fieldops.usecases.paging import Page, page_of, read_cursor
from fieldops.usecases.people_views import LostPlace, ShiftView, shift_view
from fieldops.usecases.restaff import restaff
from fieldops.usecases.staffing import today_in
from fieldops.usecases.technicians import find_technician
from fieldops.usecases.work import Work

EVERY_DAY: Final = frozenset(range(7))
#: How far ahead shifts can be entered.
MAX_AHEAD: Final = timedelta(days=730)
#: A shift may reach into the date after its own.
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffingChange:
    """Shifts as changed, and the visits that lost their place by it."""

    shifts: tuple[ShiftView, ...]
    lost: tuple[LostPlace, ...]


def create_shifts(
    work: Work,
    technician_id: str,
    pattern: ShiftPattern,
    *,
    first_date: date,
    last_date: date,
    weekdays: frozenset[int] = EVERY_DAY,
) -> StaffingChange:
    """
    Lay a pattern on every date of a range that falls on one of these weekdays.

    Parameters
    ----------
    first_date, last_date
        Local dates of the territory, both included; today or later.
    weekdays
        0 = Monday.

    Raises
    ------
    NotFound
        When there is no such technician.
    InvalidInput
        With all faults of range and pattern, and of every date on which the shift cannot be: the technician works
        then, or the clock change leaves nothing of it. Nothing is stored then.
    """
    technician = find_technician(work, technician_id, locks=True)
    territory = work.session.get_one(TerritoryRow, technician.territory_id)
    faults = _range_faults(work, territory, first_date, last_date, weekdays)
    if not technician.is_active:
        faults.append(wrong("technician_id", technician_id, "a technician who is active"))
    faults += pattern_faults(pattern, _bases(work, pattern))
    if faults:
        raise InvalidInput(faults)
    days = list(dates_between(first_date, last_date, weekdays))
    laid = {day: shift_on(pattern, new_id("sh"), day, ZoneInfo(territory.time_zone)) for day in days}
    _judge_laid(work, technician_id, laid)
    rows = []
    for day, shift in laid.items():
        row = ShiftRow(id=shift.id, territory_id=territory.id, technician_id=technician_id, date=day)
        _fill(row, shift)
        rows.append(row)
    work.session.add_all(rows)
    work.session.flush()
    record(
        work,
        "shifts.created",
        "technician",
        technician_id,
        first_date=first_date.isoformat(),
        last_date=last_date.isoformat(),
        shifts=len(rows),
    )
    lost = restaff(work, territory, _by_date(rows), reason="shifts")
    return StaffingChange(shifts=tuple(shift_view(row) for row in rows), lost=lost)


def replace_shift(work: Work, shift_id: str, pattern: ShiftPattern) -> StaffingChange:
    """
    Change the times, places and caps of one shift; it stays on its date.

    Raises
    ------
    NotFound
        When there is no such shift.
    InvalidInput
        With all faults.

    Notes
    -----
    Of the visits on it, those that can still be served in their order keep their place.
    """
    row = _find_shift(work, shift_id)
    territory = work.session.get_one(TerritoryRow, row.territory_id)
    faults = _past_faults(work, territory, row.date)
    faults += pattern_faults(pattern, _bases(work, pattern))
    if faults:
        raise InvalidInput(faults)
    shift = shift_on(pattern, shift_id, row.date, ZoneInfo(territory.time_zone))
    _judge_laid(work, row.technician_id, {row.date: shift})
    _fill(row, shift)
    work.session.flush()
    lost = restaff(work, territory, _by_date([row]), reason="shifts")
    record(work, "shift.replaced", "shift", shift_id, technician_id=row.technician_id, lost=len(lost))
    return StaffingChange(shifts=(shift_view(row),), lost=lost)


def remove_shift(work: Work, shift_id: str) -> StaffingChange:
    """
    Take one shift back; its route leaves the plan.

    Raises
    ------
    NotFound
        When there is no such shift.
    InvalidInput
        When it is on a date that has passed.
    """
    row = _find_shift(work, shift_id)
    territory = work.session.get_one(TerritoryRow, row.territory_id)
    faults = _past_faults(work, territory, row.date)
    if faults:
        raise InvalidInput(faults)
    return _take_back(work, territory, row.technician_id, [row])


def remove_shifts(work: Work, technician_id: str, *, first_date: date, last_date: date) -> StaffingChange:
    """
    Take back all shifts of a technician in a range of dates.

    Raises
    ------
    NotFound
        When there is no such technician.
    InvalidInput
        With all faults of the range.
    """
    technician = find_technician(work, technician_id, locks=True)
    territory = work.session.get_one(TerritoryRow, technician.territory_id)
    faults = _range_faults(work, territory, first_date, last_date, EVERY_DAY)
    if faults:
        raise InvalidInput(faults)
    rows = work.session.scalars(_standing(technician_id, first_date, last_date).order_by(ShiftRow.date)).all()
    return _take_back(work, territory, technician_id, rows)


def list_shifts(
    work: Work,
    *,
    limit: int,
    after: str | None = None,
    territory_id: str | None = None,
    technician_id: str | None = None,
    first_date: date | None = None,
    last_date: date | None = None,
) -> Page[ShiftView]:
    """List shifts by date, a page at a time; filters that are None let every shift through."""
    query = select(ShiftRow).where(ShiftRow.removed_at.is_(None))
    if after is not None:
        written, shift_id = read_cursor(after, 2)
        try:
            day = date.fromisoformat(written)
        except ValueError:
            raise InvalidInput([wrong("after", after, "a cursor from an earlier answer")]) from None
        query = query.where((ShiftRow.date > day) | ((ShiftRow.date == day) & (ShiftRow.id > shift_id)))
    if territory_id is not None:
        query = query.where(ShiftRow.territory_id == territory_id)
    if technician_id is not None:
        query = query.where(ShiftRow.technician_id == technician_id)
    if first_date is not None:
        query = query.where(ShiftRow.date >= first_date)
    if last_date is not None:
        query = query.where(ShiftRow.date <= last_date)
    rows = work.session.scalars(query.order_by(ShiftRow.date, ShiftRow.id).limit(limit + 1)).all()
    return page_of(rows, limit, shift_view, lambda row: (row.date.isoformat(), row.id))


def _take_back(work: Work, territory: TerritoryRow, technician_id: str, rows: Sequence[ShiftRow]) -> StaffingChange:
    """Mark shifts as taken back, and let go of their routes."""
    for row in rows:
        row.removed_at = work.now
    work.session.flush()
    lost = restaff(work, territory, _by_date(rows), reason="shifts")
    for row in rows:
        record(work, "shift.removed", "shift", row.id, technician_id=technician_id, date=row.date.isoformat())
    return StaffingChange(shifts=tuple(shift_view(row) for row in rows), lost=lost)


def _find_shift(work: Work, shift_id: str) -> ShiftRow:
    """Get a shift that was not taken back, and keep others from changing the technician's shifts meanwhile."""
    row = work.session.get(ShiftRow, shift_id)
    if row is not None:
        find_technician(work, row.technician_id, locks=True)
        work.session.refresh(row)
    if row is None or row.removed_at is not None:
        raise NotFound("shift", shift_id)
    return row


def _standing(technician_id: str, first: date, last: date) -> Any:
    """Select the shifts of a technician on these dates that were not taken back."""
    return select(ShiftRow).where(
        ShiftRow.technician_id == technician_id,
        ShiftRow.date >= first,
        ShiftRow.date <= last,
        ShiftRow.removed_at.is_(None),
    )


def _judge_laid(work: Work, technician_id: str, laid: dict[date, Shift]) -> None:
    """Raise all faults of shifts on their dates, beside those the technician has already."""
    ids = {shift.id for shift in laid.values()}
    around = _standing(technician_id, min(laid) - _DAY, max(laid) + _DAY)
    others = [row for row in work.session.scalars(around) if row.id not in ids]
    labels = {shift.id: f"shift on {day}" for day, shift in laid.items()}
    labels |= {row.id: f"shift {row.id} on {row.date}" for row in others}
    faults = list(laid_shift_faults(tuple(laid.values()), (_as_shift(row) for row in others), labels))
    if faults:
        raise InvalidInput(faults)


def _range_faults(
    work: Work, territory: TerritoryRow, first: date, last: date, weekdays: frozenset[int]
) -> list[Fault]:
    """Report a range of dates that is upside down, over, or too far away."""
    today = today_in(work, territory)
    faults = []
    if first < today:
        faults.append(Fault(path="first_date", found=first.isoformat(), expected=f"today, {today}, or later"))
    if last < first:
        faults.append(Fault(path="last_date", found=last.isoformat(), expected=f"not before the first date, {first}"))
    elif (last - first).days >= MAX_DAYS:
        latest = first + timedelta(days=MAX_DAYS - 1)
        expected = f"at most {MAX_DAYS} days at a time: {latest} or earlier"
        faults.append(Fault(path="last_date", found=last.isoformat(), expected=expected))
    elif last - today > MAX_AHEAD:
        faults.append(Fault(path="last_date", found=last.isoformat(), expected=f"{today + MAX_AHEAD} or earlier"))
    elif not any(dates_between(first, last, weekdays)):
        found = ", ".join(map(str, sorted(weekdays))) or "none"
        faults.append(Fault(path="weekdays", found=found, expected="weekdays the range of dates has (0 = Monday)"))
    return faults


def _past_faults(work: Work, territory: TerritoryRow, day: date) -> list[Fault]:
    """Report a date that has passed."""
    today = today_in(work, territory)
    if day >= today:
        return []
    return [Fault(path="shift_id", found=f"a shift on {day}", expected=f"one of today, {today}, or later")]


def _bases(work: Work, pattern: ShiftPattern) -> frozenset[str]:
    """Return which of a pattern's places are depots or homes."""
    named = {pattern.start_place_id, pattern.end_place_id, *(pause.place_id for pause in pattern.breaks)}
    wanted = [name for name in named if name is not None]
    found = work.session.scalars(select(SiteRow.id).where(SiteRow.id.in_(wanted), SiteRow.kind != "customer"))
    return frozenset(found)


def _by_date(rows: Iterable[ShiftRow]) -> dict[date, set[str]]:
    """Sort shift ids by date."""
    dates: dict[date, set[str]] = defaultdict(set)
    for row in rows:
        dates[row.date].add(row.id)
    return dates


def _fill(row: ShiftRow, shift: Shift) -> None:
    """Write a shift into its row."""
    row.starts_at, row.ends_at, row.hard_ends_at = shift.start, shift.end, shift.hard_end
    row.start_place_id, row.end_place_id = shift.start_place_id, shift.end_place_id
    row.breaks = [stored_break(pause) for pause in shift.breaks]
    row.max_visits = shift.max_visits
    row.max_travel_s = _seconds(shift.max_travel)
    row.max_work_s = _seconds(shift.max_work)


def stored_break(pause: Break) -> dict[str, Any]:
    """Write a break as it is stored."""
    return {
        "name": pause.name,
        "earliest_start": pause.earliest_start.isoformat(),
        "latest_start": pause.latest_start.isoformat(),
        "duration_s": _seconds(pause.duration),
        "place_id": pause.place_id,
        "paid": pause.paid,
    }


def _as_shift(row: ShiftRow) -> Shift:
    """Read the period of a stored shift; its breaks were judged when it was stored."""
    return Shift(
        id=row.id,
        start=row.starts_at,
        end=row.ends_at,
        hard_end=row.hard_ends_at,
        start_place_id=row.start_place_id,
        end_place_id=row.end_place_id,
    )


def _seconds(duration: timedelta | None) -> int | None:
    """Write a duration in seconds."""
    return None if duration is None else duration // timedelta(seconds=1)
