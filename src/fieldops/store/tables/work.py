"""What customers asked for: work orders and their visits."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.store.base import Row


class WorkOrderRow(Row):
    """
    What a customer asked for: one or more visits.

    Attributes
    ----------
    state
        ``draft`` (a customer is about to book it; forgotten unless that happens), ``open``, ``closed``, ``canceled``.
    intake
        What the customer said on the booking page: ``service_id``, ``answers`` (objects with ``question`` and
        ``answer``), ``details``, ``note``. None = it came another way.
    unbooked_since
        When somebody without an account began to book it, who is forgotten unless that happens; None = nobody has,
        it is booked, or forgotten.
    """

    __tablename__ = "work_orders"
    __table_args__ = (
        Index(
            "ix_work_orders_unbooked_since",
            "unbooked_since",
            sqlite_where=text("unbooked_since is not null"),
            postgresql_where=text("unbooked_since is not null"),
        ),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    territory_id: Mapped[str] = mapped_column(ForeignKey("territories.id"), index=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("sites.id"))
    summary: Mapped[str]
    reference: Mapped[str | None] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(default="open")
    intake: Mapped[dict[str, Any] | None]
    unbooked_since: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str]


class VisitRow(Row):
    """
    One trip to one place: the thing that is planned.

    Attributes
    ----------
    state
        ``draft`` (a customer is about to book it; on no plan), ``open`` (nothing promised; may be on a plan all the
        same), ``held``, ``booked``, ``done``, ``failed`` (somebody was there, or nobody can come any more; it needs a
        new appointment), ``canceled``.
    duration_s
        Nominal time on site, seconds.
    required_skills
        Skill name to least level.
    windows
        Hard windows for the start of service, pairs of ISO instants; empty = any time. They bound what is offered and
        where a visit without a promise is planned.
    preferred_window
        A pair of ISO instants, or empty.
    release_at, due_at
        Not before, and to be finished by.
    pin
        ``technician_id``, ``sequence``, ``start`` (ISO instant) where fixed by a person; empty = not pinned. One that
        comes from an edit of a plan names it (``edit_id``); ``off`` is a date whose plan the visit stays off.
    version
        Raised with every change; dispatchers' edits compare it.
    """

    __tablename__ = "visits"
    __table_args__ = (
        CheckConstraint("duration_s > 0", name="duration"),
        CheckConstraint("priority between 1 and 5", name="priority"),
        Index("ix_visits_territory_id_state", "territory_id", "state"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    work_order_id: Mapped[str] = mapped_column(ForeignKey("work_orders.id"), index=True)
    territory_id: Mapped[str] = mapped_column(ForeignKey("territories.id"))
    site_id: Mapped[str] = mapped_column(ForeignKey("sites.id"))
    name: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="open")
    duration_s: Mapped[int]
    required_skills: Mapped[dict[str, int]] = mapped_column(default=dict)
    windows: Mapped[list[list[str]]] = mapped_column(default=list)
    preferred_window: Mapped[list[str]] = mapped_column(default=list)
    release_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    priority: Mapped[int] = mapped_column(default=3)
    is_mandatory: Mapped[bool] = mapped_column(default=False)
    unassigned_cents: Mapped[int | None]
    allowed_technicians: Mapped[list[str] | None]
    forbidden_technicians: Mapped[list[str]] = mapped_column(default=list)
    preferred_technicians: Mapped[list[str]] = mapped_column(default=list)
    pin: Mapped[dict[str, Any]] = mapped_column(default=dict)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
