"""Absences: sick, on vacation, in training. Shifts they touch are offered and planned no more."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select

from fieldops.domain.horizon import midnight
from fieldops.domain.value_faults import wrong
from fieldops.errors import Fault, InvalidInput, NotFound
from fieldops.store.ids import new_id
from fieldops.store.tables import AbsenceRow, ShiftRow, TerritoryRow
from fieldops.usecases.audit import record
from fieldops.usecases.people_views import AbsenceView, LostPlace, absence_view
from fieldops.usecases.restaff import restaff
from fieldops.usecases.staffing import shifts_to_come
from fieldops.usecases.technicians import find_technician
from fieldops.usecases.work import Work

KINDS: Final = ("sick", "vacation", "training", "other")
#: Longest absence entered at a time.
MAX_LENGTH: Final = timedelta(days=366)
MAX_NOTE: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """
    When somebody is absent: from an instant to another, or for whole local dates.

    Attributes
    ----------
    starts_at, ends_at
        Instants; or None when dates are given.
    first_date, last_date
        Whole dates in the territory's zone, both included; or None when instants are given.
    """

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    first_date: date | None = None
    last_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceChange:
    """An absence added or removed, and the visits that lost their place by it."""

    absence: AbsenceView
    lost: tuple[LostPlace, ...]


def add_absence(work: Work, technician_id: str, kind: str, period: Period, note: str = "") -> AbsenceChange:
    """
    Note that a technician does not work; the routes of the shifts it touches leave their plans.

    Parameters
    ----------
    kind
        One of `KINDS`.

    Raises
    ------
    NotFound
        When there is no such technician.
    InvalidInput
        With all faults.
    """
    technician = find_technician(work, technician_id, locks=True)
    territory = work.session.get_one(TerritoryRow, technician.territory_id)
    faults: list[Fault] = []
    if kind not in KINDS:
        faults.append(wrong("kind", kind, f"one of {', '.join(KINDS)}"))
    if len(note) > MAX_NOTE:
        faults.append(wrong("note", note, f"at most {MAX_NOTE} characters"))
    span = _span(period, territory.time_zone, faults)
    if faults or span is None:
        raise InvalidInput(faults)
    row = AbsenceRow(
        id=new_id("ab"),
        technician_id=technician_id,
        kind=kind,
        starts_at=span[0],
        ends_at=span[1],
        note=note,
        created_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    lost = _restaff(work, territory, row)
    record(work, "absence.added", "absence", row.id, technician_id=technician_id, kind=kind, lost=len(lost))
    return AbsenceChange(absence=absence_view(row), lost=lost)


def remove_absence(work: Work, technician_id: str, absence_id: str) -> AbsenceChange:
    """
    Note that a technician works after all; shifts are offered and planned again, visits do not come back by themselves.

    Raises
    ------
    NotFound
        When the technician has no such absence.
    """
    technician = find_technician(work, technician_id, locks=True)
    territory = work.session.get_one(TerritoryRow, technician.territory_id)
    row = work.session.get(AbsenceRow, absence_id)
    if row is None or row.technician_id != technician_id:
        raise NotFound("absence", absence_id)
    gone = absence_view(row)
    work.session.delete(row)
    work.session.flush()
    lost = _restaff(work, territory, row)
    record(work, "absence.removed", "absence", absence_id, technician_id=technician_id)
    return AbsenceChange(absence=gone, lost=lost)


def list_absences(work: Work, technician_id: str) -> tuple[AbsenceView, ...]:
    """
    List the absences of a technician that have not ended, by their start.

    Raises
    ------
    NotFound
        When there is no such technician.
    """
    find_technician(work, technician_id)
    query = (
        select(AbsenceRow)
        .where(AbsenceRow.technician_id == technician_id, AbsenceRow.ends_at > work.now)
        .order_by(AbsenceRow.starts_at, AbsenceRow.id)
        .limit(1_000)
    )
    return tuple(absence_view(row) for row in work.session.scalars(query))


def _restaff(work: Work, territory: TerritoryRow, absence: AbsenceRow) -> tuple[LostPlace, ...]:
    """Plan anew around the shifts an absence touches."""
    touched = shifts_to_come(
        work,
        territory,
        absence.technician_id,
        ShiftRow.starts_at < absence.ends_at,
        ShiftRow.hard_ends_at > absence.starts_at,
    )
    return restaff(work, territory, touched, reason="absence")


def _span(period: Period, time_zone: str, faults: list[Fault]) -> tuple[datetime, datetime] | None:
    """Read a period as instants, or report what is wrong with it."""
    instants, dates = (period.starts_at, period.ends_at), (period.first_date, period.last_date)
    if all(instants) and not any(dates):
        start, end, last = period.starts_at, period.ends_at, "ends_at"
    elif all(dates) and not any(instants):
        assert period.first_date is not None
        assert period.last_date is not None
        start = midnight(period.first_date, time_zone)
        end = midnight(period.last_date + timedelta(days=1), time_zone)
        last = "last_date"
    else:
        given = ", ".join(name for name in Period.__slots__ if getattr(period, name) is not None) or "nothing"
        faults.append(Fault(path="period", found=given, expected="starts_at and ends_at, or first_date and last_date"))
        return None
    assert start is not None
    assert end is not None
    if end <= start:
        found = end.astimezone(ZoneInfo(time_zone)).isoformat() if last == "ends_at" else str(period.last_date)
        faults.append(Fault(path=last, found=found, expected="an end after the start"))
        return None
    if end - start > MAX_LENGTH:
        faults.append(Fault(path=last, found=f"{(end - start).days} days", expected=f"at most {MAX_LENGTH.days} days"))
        return None
    return start.astimezone(UTC), end.astimezone(UTC)
