"""The one view of a customer that every channel starts from: who it is, what is open, what was promised and kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from fieldops.store.tables import BookingRow, ContactPointRow, CustomerRow, PromiseRow, VisitRow, WorkOrderRow
from fieldops.usecases.customer_views import CustomerView, NamedCustomer, customer_row, customer_views
from fieldops.usecases.inbound_messages import InboundMessageView, unsettled_of
from fieldops.usecases.work import Work

#: Open work orders, bookings and messages shown at most; the lists of work orders and bookings have all.
MOST_SHOWN: Final = 20
#: So long after its window a visit that nobody has reported of is still expected.
OVERDUE: Final = timedelta(hours=12)
#: Outcomes of promises; None in the ledger = still to be seen.
OUTCOMES: Final = ("kept", "broken", "changed", "canceled")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSummary:
    """A work order in a line."""

    id: str
    territory_id: str
    summary: str
    reference: str | None
    state: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingSummary:
    """A booking in a line; the window is a closed interval for the start of service."""

    id: str
    visit_id: str
    work_order_id: str
    territory_id: str
    window_start: datetime
    window_end: datetime
    state: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerOverview:
    """
    A customer, with what a conversation begins with.

    Attributes
    ----------
    territory_id
        Where the newest work order is, whatever became of it: its zone is the customer's; None = there is none.
    open_orders
        The newest first.
    same_contacts
        Others who have one of the contact points: a household, or the same person once more.
    upcoming_bookings
        Confirmed, and nobody is done yet: also one whose window has just passed, since who calls then asks where the
        technician is. The next first.
    inbound_messages
        What the customer wrote and nobody has seen to, the oldest first.
    promises
        Number of windows and arrival times told to the customer, by outcome; ``open`` = still to be seen.
    """

    customer: CustomerView
    territory_id: str | None
    same_contacts: tuple[NamedCustomer, ...]
    open_orders: tuple[OrderSummary, ...]
    upcoming_bookings: tuple[BookingSummary, ...]
    inbound_messages: tuple[InboundMessageView, ...]
    promises: Mapping[str, int]


def view_customer(work: Work, customer_id: str) -> CustomerOverview:
    """
    Show a customer with what is open.

    Raises
    ------
    NotFound
        When there is no such customer.
    """
    row = customer_row(work, customer_id)
    orders = work.session.scalars(
        select(WorkOrderRow)
        .where(WorkOrderRow.customer_id == row.id, WorkOrderRow.state == "open")
        .order_by(WorkOrderRow.created_at.desc(), WorkOrderRow.id)
        .limit(MOST_SHOWN)
    )
    bookings = work.session.execute(
        select(BookingRow, VisitRow.work_order_id)
        .join(VisitRow, VisitRow.id == BookingRow.visit_id)
        .where(BookingRow.customer_id == row.id, BookingRow.state == "confirmed", VisitRow.state == "booked")
        .where(BookingRow.window_end >= work.now - OVERDUE)
        .order_by(BookingRow.window_start, BookingRow.id)
        .limit(MOST_SHOWN)
    )
    counted = work.session.execute(
        select(func.coalesce(PromiseRow.outcome, "open"), func.count())
        .where(PromiseRow.customer_id == row.id)
        .group_by(PromiseRow.outcome)
    )
    newest = (
        select(WorkOrderRow.territory_id)
        .where(WorkOrderRow.customer_id == row.id)
        .order_by(WorkOrderRow.created_at.desc(), WorkOrderRow.id)
        .limit(1)
    )
    counts = {outcome: number for outcome, number in counted}
    return CustomerOverview(
        customer=customer_views(work.session, [row])[0],
        territory_id=work.session.scalar(newest),
        same_contacts=_same_contacts(work, row.id),
        open_orders=tuple(_order_summary(order) for order in orders),
        upcoming_bookings=tuple(booking_summary(booking, order_id) for booking, order_id in bookings),
        inbound_messages=unsettled_of(work, row.id, MOST_SHOWN),
        promises={outcome: counts.get(outcome, 0) for outcome in ("open", *OUTCOMES)},
    )


def _same_contacts(work: Work, customer_id: str) -> tuple[NamedCustomer, ...]:
    """List who else has a contact point of a customer."""
    own = aliased(ContactPointRow)
    found = work.session.execute(
        select(CustomerRow.id, CustomerRow.name)
        .join(ContactPointRow, ContactPointRow.customer_id == CustomerRow.id)
        .join(own, and_(own.kind == ContactPointRow.kind, own.value == ContactPointRow.value))
        .where(own.customer_id == customer_id, CustomerRow.id != customer_id, CustomerRow.is_draft.is_(False))
        .distinct()
        .order_by(CustomerRow.name, CustomerRow.id)
        .limit(MOST_SHOWN)
    )
    return tuple(NamedCustomer(id=other_id, name=name) for other_id, name in found)


def booking_summary(row: BookingRow, work_order_id: str) -> BookingSummary:
    """Show a booking in a line."""
    return BookingSummary(
        id=row.id,
        visit_id=row.visit_id,
        work_order_id=work_order_id,
        territory_id=row.territory_id,
        window_start=row.window_start,
        window_end=row.window_end,
        state=row.state,
        version=row.version,
    )


def _order_summary(row: WorkOrderRow) -> OrderSummary:
    """Show a work order in a line."""
    return OrderSummary(
        id=row.id,
        territory_id=row.territory_id,
        summary=row.summary,
        reference=row.reference,
        state=row.state,
        created_at=row.created_at,
    )
