"""Territories and the people who work in them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.store.base import Row


class TerritoryRow(Row):
    """
    An area that is planned as one, with its own time zone and policies.

    Attributes
    ----------
    offered_windows
        Arrival windows offered on each weekday, local wall-clock times: ``{"weekdays": [0, 1], "start": "08:00",
        "end": "10:00"}``, Monday is 0. The end is the latest start of service.
    policies
        See `fieldops.domain.policies.Policies`.
    live_policies
        See `fieldops.domain.live_policies.LivePolicies`; empty = as the product has them.
    skills
        Names of all skills known in it.
    rates, travel
        As in a problem file (`CostRates`, `TravelSource`).
    """

    __tablename__ = "territories"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    time_zone: Mapped[str]
    offered_windows: Mapped[list[dict[str, Any]]]
    policies: Mapped[dict[str, Any]]
    live_policies: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    skills: Mapped[list[str]]
    rates: Mapped[dict[str, Any]]
    travel: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class TechnicianRow(Row):
    """A person who serves visits. Rates in cents an hour."""

    __tablename__ = "technicians"
    id: Mapped[str] = mapped_column(primary_key=True)
    territory_id: Mapped[str] = mapped_column(ForeignKey("territories.id"), index=True)
    name: Mapped[str]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    duration_permille: Mapped[int] = mapped_column(default=1_000)
    work_rate_cents: Mapped[int] = mapped_column(default=0)
    overtime_rate_cents: Mapped[int] = mapped_column(default=6_000)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class TechnicianSkillRow(Row):
    """A skill held, with its level (1 or more)."""

    __tablename__ = "technician_skills"
    __table_args__ = (CheckConstraint("level >= 1", name="level"),)
    technician_id: Mapped[str] = mapped_column(ForeignKey("technicians.id", ondelete="CASCADE"), primary_key=True)
    skill: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(default=1)


class ShiftRow(Row):
    """
    One technician's working period on one date.

    Attributes
    ----------
    date
        The territory's local date it belongs to; a night shift belongs to the date it starts on.
    start_place_id, end_place_id
        Sites (depots, homes); no end place = the day ends at the last visit.
    breaks
        Objects with ``earliest_start``, ``latest_start`` (ISO instants), ``duration_s``, ``place_id``, ``paid``,
        ``name``.
    removed_at
        When it was taken back; it is offered and planned no more, but earlier versions of plans still speak of it.
    """

    __tablename__ = "shifts"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at and ends_at <= hard_ends_at", name="period"),
        Index("ix_shifts_territory_id_date", "territory_id", "date"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    territory_id: Mapped[str] = mapped_column(ForeignKey("territories.id"))
    technician_id: Mapped[str] = mapped_column(ForeignKey("technicians.id"), index=True)
    date: Mapped[date]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    hard_ends_at: Mapped[datetime]
    start_place_id: Mapped[str] = mapped_column(ForeignKey("sites.id"))
    end_place_id: Mapped[str | None] = mapped_column(ForeignKey("sites.id"))
    breaks: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    max_visits: Mapped[int | None]
    max_travel_s: Mapped[int | None]
    max_work_s: Mapped[int | None]
    removed_at: Mapped[datetime | None]


class AbsenceRow(Row):
    """A period in which a technician does not work; shifts that touch it are offered and planned no more."""

    __tablename__ = "absences"
    __table_args__ = (CheckConstraint("starts_at < ends_at", name="period"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    technician_id: Mapped[str] = mapped_column(ForeignKey("technicians.id"), index=True)
    kind: Mapped[str]  # sick | vacation | training | other
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
