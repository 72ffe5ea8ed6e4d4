"""What people write to us: a list of everything, and what of it somebody still has to see to."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, or_, select

from fieldops.domain.value_faults import wrong
from fieldops.errors import InvalidInput, NotFound, WrongState
from fieldops.store.ids import new_id
from fieldops.store.tables import ContactPointRow, CustomerNoteRow, CustomerRow, InboundMessageRow
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.add_note import NoteChannel, add_note
from fieldops.usecases.audit import record
from fieldops.usecases.contact_points import ContactKind
from fieldops.usecases.customer_views import NamedCustomer
from fieldops.usecases.paging import Page, page_of, read_time_cursor, time_key
from fieldops.usecases.work import Work

#: Whoever writes is the author of the notes that come of it.
AUTHOR: Final = "customer"
#: Customers named with a message; a number of more is a switchboard's.
_MOST_NAMED: Final = 20


class Heard(StrEnum):
    """What a text message was taken for; ``unknown_sender`` = something to read, from a number nobody had then."""

    STOP = "stop"
    START = "start"
    NOTE = "note"
    EMPTY = "empty"
    UNKNOWN_SENDER = "unknown_sender"


#: These do all they ask for: nobody has to see to them.
_DONE_AT_ONCE: Final = frozenset({Heard.STOP, Heard.START})


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessageView:
    """
    What somebody wrote. Fields as in `fieldops.store.tables.InboundMessageRow`.

    Attributes
    ----------
    customers
        Who has the number now, and whose the message is; perhaps nobody.
    """

    id: str
    channel: str
    sender: str
    heard: str
    text: str
    at: datetime
    customer_id: str | None
    customers: tuple[NamedCustomer, ...]
    settled_at: datetime | None
    settled_by: str | None


def keep_inbound(
    work: Work,
    channel: NoteChannel,
    sender: str,
    text: str,
    *,
    heard: Heard = Heard.UNKNOWN_SENDER,
    customer_ids: Sequence[str] = (),
) -> InboundMessageView:
    """
    Keep what somebody wrote.

    Parameters
    ----------
    customer_ids
        Who had the number when it came.
    """
    is_done = heard in _DONE_AT_ONCE
    row = InboundMessageRow(
        id=new_id("im"),
        channel=channel.value,
        sender=sender,
        heard=heard.value,
        text=text,
        at=work.now,
        customer_id=customer_ids[0] if len(customer_ids) == 1 else None,
        settled_at=work.now if is_done else None,
        settled_by=SYSTEM.id if is_done else None,
    )
    work.session.add(row)
    work.session.flush()
    return inbound_views(work, [row])[0]


def list_inbound(
    work: Work,
    *,
    is_settled: bool | None = False,
    customer_id: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> Page[InboundMessageView]:
    """
    List what people wrote, the oldest first.

    Parameters
    ----------
    is_settled
        None = both.
    customer_id
        Only what is this customer's, or came from a number the customer has.

    Raises
    ------
    InvalidInput
        When `after` is no cursor.
    """
    row = InboundMessageRow
    query = select(row).order_by(row.at, row.id).limit(limit + 1)
    if is_settled is not None:
        query = query.where(row.settled_at.is_not(None) if is_settled else row.settled_at.is_(None))
    if customer_id is not None:
        query = query.where(_is_from(customer_id))
    if after is not None:
        at, name = read_time_cursor(after)
        query = query.where(or_(row.at > at, and_(row.at == at, row.id > name)))
    rows = work.session.scalars(query).all()
    shown = {view.id: view for view in inbound_views(work, rows[:limit])}
    return page_of(rows, limit, lambda found: shown[found.id], lambda found: time_key(found.at, found.id))


def settle_inbound(work: Work, message_id: str, customer_id: str | None = None) -> InboundMessageView:
    """
    Say that a message was seen to.

    Parameters
    ----------
    customer_id
        Whose it is: it becomes a note of that customer, unless it is one. None = it stays as it is.

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
        if customer is None or customer.is_draft or customer.erased_at is not None:
            raise InvalidInput([wrong("customer_id", customer_id, "the id of a customer")])
        if not _is_noted(work, row, customer_id):
            add_note(work, customer_id, row.text, channel=NoteChannel(row.channel), author=AUTHOR)
        row.customer_id = customer_id
    row.settled_at, row.settled_by = work.now, work.actor.id
    record(work, "inbound_message.settled", "inbound_message", row.id, customer_id=row.customer_id)
    work.session.flush()
    return inbound_views(work, [row])[0]


def unsettled_of(work: Work, customer_id: str, most: int) -> tuple[InboundMessageView, ...]:
    """List what a customer wrote and nobody has seen to, the oldest first."""
    row = InboundMessageRow
    found = select(row).where(row.settled_at.is_(None), _is_from(customer_id)).order_by(row.at, row.id).limit(most)
    return inbound_views(work, work.session.scalars(found).all())


def inbound_views(work: Work, rows: Sequence[InboundMessageRow]) -> tuple[InboundMessageView, ...]:
    """Show messages, with those who are known by their numbers."""
    of_number = _known_by(work, {row.sender for row in rows})
    ids = {row.customer_id for row in rows if row.customer_id is not None}
    owners = {
        row.id: NamedCustomer(id=row.id, name=row.name)
        for row in work.session.scalars(select(CustomerRow).where(CustomerRow.id.in_(ids)))
    }
    return tuple(
        InboundMessageView(
            id=row.id,
            channel=row.channel,
            sender=row.sender,
            heard=row.heard,
            text=row.text,
            at=row.at,
            customer_id=row.customer_id,
            customers=_named(owners.get(row.customer_id or ""), of_number.get(row.sender, [])),
            settled_at=row.settled_at,
            settled_by=row.settled_by,
        )
        for row in rows
    )


def _named(owner: NamedCustomer | None, others: Sequence[NamedCustomer]) -> tuple[NamedCustomer, ...]:
    """Name whose a message is first, then who else has the number."""
    first = () if owner is None else (owner,)
    return (*first, *(other for other in others if other not in first))[:_MOST_NAMED]


def _known_by(work: Work, numbers: set[str]) -> Mapping[str, list[NamedCustomer]]:
    """Find the customers who have some numbers, by number."""
    found: dict[str, list[NamedCustomer]] = defaultdict(list)
    rows = work.session.execute(
        select(ContactPointRow.value, CustomerRow.id, CustomerRow.name)
        .join(CustomerRow, CustomerRow.id == ContactPointRow.customer_id)
        .where(ContactPointRow.kind == ContactKind.PHONE.value, ContactPointRow.value.in_(numbers))
        .where(CustomerRow.is_draft.is_(False))
        .order_by(CustomerRow.name_key, CustomerRow.id)
    )
    for number, customer_id, name in rows:
        found[number].append(NamedCustomer(id=customer_id, name=name))
    return found


def _is_from(customer_id: str) -> ColumnElement[bool]:
    """Whether a message is a customer's: by what is known of it, or else by the number."""
    row = InboundMessageRow
    numbers = select(ContactPointRow.value).where(
        ContactPointRow.customer_id == customer_id, ContactPointRow.kind == ContactKind.PHONE.value
    )
    return or_(row.customer_id == customer_id, and_(row.customer_id.is_(None), row.sender.in_(numbers)))


def _is_noted(work: Work, row: InboundMessageRow, customer_id: str) -> bool:
    """Whether a message became a note of a customer when it came."""
    note = CustomerNoteRow
    same = (note.customer_id == customer_id, note.at == row.at, note.channel == row.channel, note.author == AUTHOR)
    return bool(work.session.scalar(select(exists().where(*same, note.text == row.text))))
