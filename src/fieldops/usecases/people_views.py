"""What people see of technicians, shifts and absences."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from fieldops.store.tables import AbsenceRow, ShiftRow, TechnicianRow


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianView:
    """
    A person who serves visits.

    Attributes
    ----------
    skills
        Skill name to level.
    duration_permille
        Personal pace: time taken for a nominal 1,000 seconds of service.
    work_rate_cents, overtime_rate_cents
        An hour.
    """

    id: str
    territory_id: str
    name: str
    phone: str | None
    email: str | None
    skills: Mapping[str, int]
    duration_permille: int
    work_rate_cents: int
    overtime_rate_cents: int
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakView:
    """A pause of a shift; its start lies in a closed interval."""

    name: str
    earliest_start: datetime
    latest_start: datetime
    duration_s: int
    place_id: str | None
    paid: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftView:
    """One technician's working period on one date."""

    id: str
    territory_id: str
    technician_id: str
    date: date
    starts_at: datetime
    ends_at: datetime
    hard_ends_at: datetime
    start_place_id: str
    end_place_id: str | None
    breaks: tuple[BreakView, ...]
    max_visits: int | None
    max_travel_s: int | None
    max_work_s: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceView:
    """A period in which a technician does not work."""

    id: str
    technician_id: str
    kind: str
    starts_at: datetime
    ends_at: datetime
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LostPlace:
    """
    A visit that had a place on a plan and needs a new one.

    Attributes
    ----------
    technician_id, start_at
        Who would have come, and when.
    state
        ``booked``: it stays booked, and the next plan finds it a new place. ``open``: it was open, or held for a
        customer whose hold has ended thereby.
    window_start, window_end
        What the customer was promised, and what is at risk until a new place is found; None = nothing.
    """

    visit_id: str
    work_order_id: str
    date: date
    technician_id: str
    start_at: datetime
    state: str
    booking_id: str | None
    window_start: datetime | None
    window_end: datetime | None


def technician_view(row: TechnicianRow, skills: Mapping[str, int]) -> TechnicianView:
    """Show a technician."""
    return TechnicianView(
        id=row.id,
        territory_id=row.territory_id,
        name=row.name,
        phone=row.phone,
        email=row.email,
        skills=dict(sorted(skills.items())),
        duration_permille=row.duration_permille,
        work_rate_cents=row.work_rate_cents,
        overtime_rate_cents=row.overtime_rate_cents,
        is_active=row.is_active,
    )


def shift_view(row: ShiftRow) -> ShiftView:
    """Show a shift."""
    return ShiftView(
        id=row.id,
        territory_id=row.territory_id,
        technician_id=row.technician_id,
        date=row.date,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        hard_ends_at=row.hard_ends_at,
        start_place_id=row.start_place_id,
        end_place_id=row.end_place_id,
        breaks=tuple(_break_view(pause) for pause in row.breaks),
        max_visits=row.max_visits,
        max_travel_s=row.max_travel_s,
        max_work_s=row.max_work_s,
    )


def absence_view(row: AbsenceRow) -> AbsenceView:
    """Show an absence."""
    return AbsenceView(
        id=row.id,
        technician_id=row.technician_id,
        kind=row.kind,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        note=row.note,
    )


def _break_view(pause: Mapping[str, Any]) -> BreakView:
    """Show a break as it is stored."""
    return BreakView(
        name=pause.get("name", ""),
        earliest_start=datetime.fromisoformat(pause["earliest_start"]),
        latest_start=datetime.fromisoformat(pause["latest_start"]),
        duration_s=pause["duration_s"],
        place_id=pause.get("place_id"),
        paid=pause.get("paid", True),
    )
