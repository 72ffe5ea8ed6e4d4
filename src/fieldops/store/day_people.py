"""Technicians as problems know them: who works on a date, with what skills and in which shifts."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.domain.problem import Break, Shift, Technician
from fieldops.store.tables import AbsenceRow, ShiftRow, TechnicianRow, TechnicianSkillRow
from fieldops.units import Cents


def load_technicians(
    session: Session, territory_id: str, day: date, shift_ids: Collection[str] | None
) -> list[Technician]:
    """Load the technicians who work on a date, each with the shifts of that date that no absence touches."""
    query = (
        select(*ShiftRow.__table__.columns)
        .join(TechnicianRow, TechnicianRow.id == ShiftRow.technician_id)
        .where(ShiftRow.territory_id == territory_id, ShiftRow.date == day)
        .where(ShiftRow.removed_at.is_(None), TechnicianRow.is_active)
        .where(
            ~select(AbsenceRow.id)
            .where(AbsenceRow.technician_id == ShiftRow.technician_id)
            .where(AbsenceRow.starts_at < ShiftRow.hard_ends_at, AbsenceRow.ends_at > ShiftRow.starts_at)
            .exists()
        )
        .order_by(ShiftRow.id)
    )
    if shift_ids is not None:
        query = query.where(ShiftRow.id.in_(list(shift_ids)))
    shifts: dict[str, list[Shift]] = {}
    for row in session.execute(query).mappings():
        shifts.setdefault(row["technician_id"], []).append(_shift(row))
    skills: dict[str, dict[str, int]] = {}
    for technician_id, skill, level in session.execute(
        select(TechnicianSkillRow.technician_id, TechnicianSkillRow.skill, TechnicianSkillRow.level).where(
            TechnicianSkillRow.technician_id.in_(list(shifts))
        )
    ):
        skills.setdefault(technician_id, {})[skill] = level
    rows = session.execute(
        select(*TechnicianRow.__table__.columns).where(TechnicianRow.id.in_(list(shifts))).order_by(TechnicianRow.id)
    )
    return [
        Technician(
            id=row["id"],
            name=row["name"],
            skills=skills.get(row["id"], {}),
            duration_permille=row["duration_permille"],
            work_rate=Cents(row["work_rate_cents"]),
            overtime_rate=Cents(row["overtime_rate_cents"]),
            shifts=tuple(shifts[row["id"]]),
        )
        for row in rows.mappings()
    ]


def _shift(row: Mapping[Any, Any]) -> Shift:
    """Make a shift of its row."""
    return Shift(
        id=row["id"],
        start=row["starts_at"],
        end=row["ends_at"],
        hard_end=row["hard_ends_at"],
        start_place_id=row["start_place_id"],
        end_place_id=row["end_place_id"],
        breaks=tuple(_break(pause) for pause in row["breaks"]),
        max_visits=row["max_visits"],
        max_travel=_duration(row["max_travel_s"]),
        max_work=_duration(row["max_work_s"]),
    )


def _break(pause: Mapping[str, Any]) -> Break:
    """Make a break of its JSON."""
    return Break(
        earliest_start=datetime.fromisoformat(pause["earliest_start"]),
        latest_start=datetime.fromisoformat(pause["latest_start"]),
        duration=timedelta(seconds=pause["duration_s"]),
        place_id=pause.get("place_id"),
        paid=pause.get("paid", True),
        name=pause.get("name", ""),
    )


def _duration(seconds: int | None) -> timedelta | None:
    """Make a duration of seconds."""
    return None if seconds is None else timedelta(seconds=seconds)
