"""What is shown of work orders and their visits."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.domain.problem import TimeWindow
from fieldops.store.tables import BookingRow, CustomerRow, HoldRow, SiteRow, VisitRow, WorkOrderRow
from fieldops.usecases.customer_view import BookingSummary, booking_summary
from fieldops.usecases.customer_views import SiteView, site_view
from fieldops.usecases.visit_request import request_of


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldSummary:
    """A window that is reserved for a visit until an instant."""

    id: str
    window_start: datetime
    window_end: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitView:
    """
    A visit. Fields as in `fieldops.store.tables.VisitRow`.

    Attributes
    ----------
    hold, booking
        What is promised about it; None = nothing. A hold that has expired is not shown.
    """

    id: str
    work_order_id: str
    territory_id: str
    site_id: str
    name: str
    state: str
    duration_s: int
    required_skills: Mapping[str, int]
    windows: tuple[TimeWindow, ...]
    preferred_window: TimeWindow | None
    release_at: datetime | None
    due_at: datetime | None
    priority: int
    is_mandatory: bool
    unassigned_cents: int | None
    allowed_technicians: tuple[str, ...] | None
    forbidden_technicians: tuple[str, ...]
    preferred_technicians: tuple[str, ...]
    version: int
    created_at: datetime
    hold: HoldSummary | None
    booking: BookingSummary | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOrderView:
    """
    A work order, with its visits in the order in which they were asked for.

    Attributes
    ----------
    intake
        What the customer said on the booking page, as `fieldops.store.tables.WorkOrderRow` has it; None = it came
        another way.
    """

    id: str
    territory_id: str
    customer_id: str
    customer_name: str
    site: SiteView
    summary: str
    reference: str | None
    state: str
    created_at: datetime
    created_by: str
    intake: Mapping[str, Any] | None
    visits: tuple[VisitView, ...]


def work_order_views(session: Session, rows: Sequence[WorkOrderRow], now: datetime) -> list[WorkOrderView]:
    """Show work orders, in the order given, with a handful of queries for all of them."""
    customers = {row.customer_id for row in rows}
    named = session.execute(select(CustomerRow.id, CustomerRow.name).where(CustomerRow.id.in_(customers)))
    names = {customer_id: name for customer_id, name in named}
    sites = {
        site.id: site_view(site)
        for site in session.scalars(select(SiteRow).where(SiteRow.id.in_({row.site_id for row in rows})))
    }
    visits = defaultdict(list)
    found = session.scalars(
        select(VisitRow)
        .where(VisitRow.work_order_id.in_([row.id for row in rows]))
        .order_by(VisitRow.created_at, VisitRow.id)
    ).all()
    for visit in visit_views(session, found, now):
        visits[visit.work_order_id].append(visit)
    return [
        WorkOrderView(
            id=row.id,
            territory_id=row.territory_id,
            customer_id=row.customer_id,
            customer_name=names[row.customer_id],
            site=sites[row.site_id],
            summary=row.summary,
            reference=row.reference,
            state=row.state,
            created_at=row.created_at,
            created_by=row.created_by,
            intake=row.intake,
            visits=tuple(visits[row.id]),
        )
        for row in rows
    ]


def visit_views(session: Session, rows: Sequence[VisitRow], now: datetime) -> list[VisitView]:
    """Show visits, in the order given, with what is promised about them."""
    ids = [row.id for row in rows]
    holds = {
        hold.visit_id: HoldSummary(
            id=hold.id, window_start=hold.window_start, window_end=hold.window_end, expires_at=hold.expires_at
        )
        for hold in session.scalars(
            select(HoldRow).where(HoldRow.visit_id.in_(ids), HoldRow.state == "active", HoldRow.expires_at > now)
        )
    }
    orders = {row.id: row.work_order_id for row in rows}
    bookings = {
        booking.visit_id: booking_summary(booking, orders[booking.visit_id])
        for booking in session.scalars(
            select(BookingRow).where(BookingRow.visit_id.in_(ids), BookingRow.state == "confirmed")
        )
    }
    return [_visit_view(row, holds.get(row.id), bookings.get(row.id)) for row in rows]


def _visit_view(row: VisitRow, hold: HoldSummary | None, booking: BookingSummary | None) -> VisitView:
    """Put a visit together."""
    asked = request_of(row)
    return VisitView(
        id=row.id,
        work_order_id=row.work_order_id,
        territory_id=row.territory_id,
        site_id=row.site_id,
        state=row.state,
        version=row.version,
        created_at=row.created_at,
        hold=hold,
        booking=booking,
        **{name: getattr(asked, name) for name in type(asked).__dataclass_fields__},
    )
