"""Two customers turn out to be one person: who booked on the page without an account, and was known all along."""

from typing import Final

from sqlalchemy import select, update

from fieldops.domain.value_faults import wrong
from fieldops.errors import InvalidInput, NotFound
from fieldops.store.tables import (
    BookingRow,
    ContactPointRow,
    CustomerNoteRow,
    CustomerRow,
    InboundMessageRow,
    MessageRow,
    PromiseRow,
    SiteRow,
    SurveyRow,
    TaskRow,
    VisitRow,
    WorkOrderRow,
)
from fieldops.usecases.audit import record
from fieldops.usecases.customer_views import CustomerView, customer_views
from fieldops.usecases.heed_wishes import heed_wishes
from fieldops.usecases.work import Work

#: What belongs to a customer and goes along as it is.
_BELONGINGS: Final = (
    *(BookingRow, CustomerNoteRow, InboundMessageRow, MessageRow, PromiseRow),
    *(SiteRow, SurveyRow, TaskRow, WorkOrderRow),
)


def merge_customers(work: Work, customer_id: str, other_id: str) -> CustomerView:
    """
    Give a customer everything another one has, who is no more afterwards.

    What is known of the first one counts; what only the other one has (a reference, a known technician) is taken over.
    Of a contact point of both the first one's consent counts, for anybody can give it on the booking page, and a STOP
    to either.

    Raises
    ------
    NotFound
        When there is no such customer.
    InvalidInput
        When the other one is no other customer.
    """
    ids = sorted({customer_id, other_id})
    found = select(CustomerRow).where(
        CustomerRow.id.in_(ids), CustomerRow.is_draft.is_(False), CustomerRow.erased_at.is_(None)
    )
    rows = {row.id: row for row in work.session.scalars(found.order_by(CustomerRow.id).with_for_update())}
    if customer_id not in rows:
        raise NotFound("customer", customer_id)
    if other_id not in rows or other_id == customer_id:
        raise InvalidInput([wrong("other_id", other_id, "the id of another customer")])
    customer, other = rows[customer_id], rows[other_id]
    wishes_differ = customer.known_technician_id != other.known_technician_id
    customer.reference = customer.reference or other.reference
    _merge_wishes(customer, other)
    customer.created_at = min(customer.created_at, other.created_at)
    _merge_points(work, customer_id, other_id)
    for table in _BELONGINGS:
        work.session.execute(update(table).where(table.customer_id == other_id).values(customer_id=customer_id))
    record(work, "customer.merged", "customer", customer_id, other_id=other_id, name=other.name)
    work.session.flush()
    work.session.delete(other)
    work.session.flush()
    if wishes_differ:
        orders = select(WorkOrderRow.id).where(WorkOrderRow.customer_id == customer_id)
        heed_wishes(work, work.session.scalars(select(VisitRow.id).where(VisitRow.work_order_id.in_(orders))).all())
    return customer_views(work.session, [customer])[0]


def _merge_wishes(customer: CustomerRow, other: CustomerRow) -> None:
    """Keep whom the first one knows; what staff chose for either counts more than who happened to come."""
    if customer.technician_is_chosen:
        return
    if other.technician_is_chosen or customer.known_technician_id is None:
        customer.known_technician_id = other.known_technician_id
        customer.technician_is_chosen = other.technician_is_chosen


def _merge_points(work: Work, customer_id: str, other_id: str) -> None:
    """Move contact points; those of both become one."""
    of_both = select(ContactPointRow).where(ContactPointRow.customer_id.in_((customer_id, other_id)))
    points = work.session.scalars(of_both.order_by(ContactPointRow.id).with_for_update()).all()
    own = {(point.kind, point.value): point for point in points if point.customer_id == customer_id}
    for point in points:
        if point.customer_id == customer_id:
            continue
        same = own.get((point.kind, point.value))
        if same is None:
            point.customer_id = customer_id
            continue
        same.stopped_at = min(filter(None, (same.stopped_at, point.stopped_at)), default=None)
        work.session.delete(point)
    work.session.flush()
