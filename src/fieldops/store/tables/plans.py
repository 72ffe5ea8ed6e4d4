"""
Plans: one per territory and date, versioned route by route.

A change never touches a stored route: it closes the row (`until_version`) and writes a new one (`from_version`). The
plan as it was at version v is every route with ``from_version <= v`` and (`until_version` None or ``> v``).
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.store.base import Row


class PlanRow(Row):
    """
    The running plan of a territory on a date; locking this row serializes every change to it.

    Attributes
    ----------
    version
        Raised by one with every change: hold, release, booking, publication, absence. 0 = nothing planned yet.
    published_version
        The last version made by a solve and published; None = never.
    waitlist_version
        The last one about which the sweep has asked the waitlist.
    waitlist_at
        When to ask it again all the same: somebody who could take the date was left alone until then. None = never.
    """

    __tablename__ = "plans"
    __table_args__ = (UniqueConstraint("territory_id", "date"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    territory_id: Mapped[str] = mapped_column(ForeignKey("territories.id"))
    date: Mapped[date]
    version: Mapped[int] = mapped_column(default=0)
    published_version: Mapped[int | None]
    published_at: Mapped[datetime | None]
    waitlist_version: Mapped[int] = mapped_column(default=0)
    waitlist_at: Mapped[datetime | None]


class PlanVersionRow(Row):
    """
    Why a plan changed. The primary key is the last word against lost updates: no two changes make the same version.

    Attributes
    ----------
    reason
        ``hold``, ``release``, ``reschedule``, ``cancel``, ``edit``, ``publish``: routes were replaced, nothing else
        about the date. ``absence``, ``shifts``, ``wishes`` (what a visit on the plan or its customer would like): more
        than routes may be different, and whoever keeps the plan in memory reads the whole date anew.
    """

    __tablename__ = "plan_versions"
    plan_id: Mapped[str] = mapped_column(ForeignKey("plans.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    reason: Mapped[str]
    actor: Mapped[str]
    made_at: Mapped[datetime]


class RouteRow(Row):
    """
    The stops of one shift, from one version on until another.

    Attributes
    ----------
    departure_at, end_at
        Leaving the start place, reaching the end place (or finishing the last visit).
    breaks
        Objects with ``name``, ``start``, ``end`` (ISO instants), ``place_id``, ``paid``, ``on_the_clock``,
        ``after_visits``.
    cost
        Term name to cents.
    """

    __tablename__ = "routes"
    __table_args__ = (
        Index(
            "uq_routes_shift_id_current",
            "shift_id",
            unique=True,
            sqlite_where=text("until_version is null"),
            postgresql_where=text("until_version is null"),
        ),
        Index("ix_routes_plan_id_from_version", "plan_id", "from_version"),
        CheckConstraint("until_version is null or until_version > from_version", name="versions"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    plan_id: Mapped[str] = mapped_column(ForeignKey("plans.id"))
    shift_id: Mapped[str] = mapped_column(ForeignKey("shifts.id"))
    technician_id: Mapped[str] = mapped_column(index=True)
    from_version: Mapped[int]
    until_version: Mapped[int | None]
    departure_at: Mapped[datetime]
    end_at: Mapped[datetime]
    travel_s: Mapped[int]
    travel_home_s: Mapped[int]
    distance_m: Mapped[int]
    work_s: Mapped[int]
    overtime_s: Mapped[int]
    breaks: Mapped[list[dict[str, Any]]]
    cost: Mapped[dict[str, int]]


class StopRow(Row):
    """A visit's place in a route; `is_current` mirrors the route, for the guard that a visit is on one route only."""

    __tablename__ = "stops"
    __table_args__ = (
        Index(
            "uq_stops_visit_id_current",
            "visit_id",
            unique=True,
            sqlite_where=text("is_current = 1"),
            postgresql_where=text("is_current"),
        ),
    )
    route_id: Mapped[str] = mapped_column(ForeignKey("routes.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[str] = mapped_column(ForeignKey("visits.id"), index=True)
    is_current: Mapped[bool] = mapped_column(default=True)
    arrival_at: Mapped[datetime]
    start_at: Mapped[datetime]
    finish_at: Mapped[datetime]
    departure_at: Mapped[datetime]
    wait_s: Mapped[int]
    slack_s: Mapped[int]
    lateness_s: Mapped[int]
    travel_s: Mapped[int]
    distance_m: Mapped[int]


class PlanJobRow(Row):
    """
    One solve of one date, and the draft it made.

    Attributes
    ----------
    state
        ``queued``, ``running``, ``ready`` (a draft waits to be published), ``published``, ``failed``, ``canceled``.
    base_version
        Version of the plan the draft was made from; publishing compares it.
    publishes
        Whether the job publishes its draft itself.
    progress
        ``elapsed_s``, ``iterations``, ``cost_cents``, ``unassigned`` of the best plan so far.
    attempts, run_id
        How often a worker began it, and the name of the last beginning: what an earlier one still writes is refused.
    routes
        The draft: shift id to its route, as in a plan document.
    visit_versions
        Version of every visit the draft was made from.
    unassigned
        Objects with ``visit_id``, ``kind``, ``reasons``, ``repair``, as in a plan document.
    kpis, cost, search
        As in a plan document.
    """

    __tablename__ = "plan_jobs"
    __table_args__ = (Index("ix_plan_jobs_territory_id_date", "territory_id", "date"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    territory_id: Mapped[str] = mapped_column(ForeignKey("territories.id"))
    date: Mapped[date]
    state: Mapped[str] = mapped_column(default="queued")
    reason: Mapped[str]  # nightly | requested | seed
    seconds: Mapped[int]
    publishes: Mapped[bool] = mapped_column(default=False)
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    base_version: Mapped[int | None]
    published_version: Mapped[int | None]
    progress: Mapped[dict[str, Any]] = mapped_column(default=dict)
    attempts: Mapped[int] = mapped_column(default=0)
    run_id: Mapped[str | None]
    routes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    visit_versions: Mapped[dict[str, int]] = mapped_column(default=dict)
    unassigned: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    kpis: Mapped[dict[str, Any]] = mapped_column(default=dict)
    cost: Mapped[dict[str, int]] = mapped_column(default=dict)
    search: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error: Mapped[str | None]
    requested_by: Mapped[str]
    requested_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
