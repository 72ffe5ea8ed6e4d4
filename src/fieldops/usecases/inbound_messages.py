"""What people write from numbers that nobody is known by: kept until somebody has seen to it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select

from fieldops.domain.value_faults import wrong
from fieldops.errors import InvalidInput, NotFound, WrongState
from fieldops.store.ids import new_id
from fieldops.store.tables import CustomerRow, InboundMessageRow
from fieldops.usecases.add_note import NoteChannel, add_note
from fieldops.usecases.audit import record
from fieldops.usecases.paging import Page, page_of, read_time_cursor, time_key
from fieldops.usecases.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessageView:
    """A message from somebody unknown. Fields as in `fieldops.store.tables.InboundMessageRow`."""

    id: str
    channel: str
    sender: str
    text: str
    at: datetime
    customer_id: str | None
    settled_at: datetime | None
    settled_by: str | None


def keep_inbound(work: Work, channel: NoteChannel, sender: str, text: str) -> InboundMessageView:
    """Keep what somebody wrote whom nobody is known by."""
    row = InboundMessageRow(id=new_id("im"), channel=channel.value, sender=sender, text=text, at=work.now)
    work.session.add(row)
    work.session.flush()
    return _view(row)


def list_inbound(
    work: Work, *, is_settled: bool | None = False, limit: int = 50, after: str | None = None
) -> Page[InboundMessageView]:
    """
    List the messages of people unknown, the oldest first.

    Parameters
    ----------
    is_settled
        None = both.

    Raises
    ------
    InvalidInput
        When `after` is no cursor.
    """
    row = InboundMessageRow
    query = select(row).order_by(row.at, row.id).limit(limit + 1)
    if is_settled is not None:
        query = query.where(row.settled_at.is_not(None) if is_settled else row.settled_at.is_(None))
    if after is not None:
        at, name = read_time_cursor(after)
        query = query.where(or_(row.at > at, and_(row.at == at, row.id > name)))
    return page_of(work.session.scalars(query).all(), limit, _view, lambda found: time_key(found.at, found.id))


def settle_inbound(work: Work, message_id: str, customer_id: str | None = None) -> InboundMessageView:
    """
    Say that a message was seen to.

    Parameters
    ----------
    customer_id
        Whose it turned out to be: it becomes a note of that customer. None = nobody's.

    Raises
    ------
    NotFound
        When there is no such message.
    WrongState
        When it was settled before.
    InvalidInput
        When there is no such customer.
    """
    row = work.session.get(InboundMessageRow, message_id, with_for_update=True)
    if row is None:
        raise NotFound("inbound message", message_id)
    if row.settled_at is not None:
        raise WrongState("the message is settled", details={"message_id": row.id, "customer_id": row.customer_id})
    if customer_id is not None:
        customer = work.session.get(CustomerRow, customer_id)
        if customer is None or customer.is_draft:
            raise InvalidInput([wrong("customer_id", customer_id, "the id of a customer")])
        add_note(work, customer_id, row.text, channel=NoteChannel(row.channel), author="customer")
    row.customer_id, row.settled_at, row.settled_by = customer_id, work.now, work.actor.id
    record(work, "inbound_message.settled", "inbound_message", row.id, customer_id=customer_id)
    work.session.flush()
    return _view(row)


def _view(row: InboundMessageRow) -> InboundMessageView:
    return InboundMessageView(
        id=row.id,
        channel=row.channel,
        sender=row.sender,
        text=row.text,
        at=row.at,
        customer_id=row.customer_id,
        settled_at=row.settled_at,
        settled_by=row.settled_by,
    )
