"""Write down what was said with a customer, on whatever channel."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from fieldops.domain.value_faults import wrong
from fieldops.errors import InvalidInput
from fieldops.store.ids import new_id
from fieldops.store.tables import CustomerNoteRow
from fieldops.usecases.audit import record
from fieldops.usecases.customer_views import customer_row, refuse_erased
from fieldops.usecases.work import Work

LONGEST_NOTE: Final = 10_000


class NoteChannel(StrEnum):
    """Where something was said; ``internal`` = among staff."""

    PHONE = "phone"
    EMAIL = "email"
    SMS = "sms"
    CHAT = "chat"
    WEB = "web"
    VISIT = "visit"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteView:
    """What somebody wrote down."""

    id: str
    customer_id: str
    at: datetime
    author: str
    channel: NoteChannel
    text: str


def add_note(
    work: Work, customer_id: str, text: str, *, channel: NoteChannel = NoteChannel.INTERNAL, author: str | None = None
) -> NoteView:
    """
    Write a note about a customer.

    Parameters
    ----------
    author
        Whose words they are, when they are not the caller's.

    Raises
    ------
    NotFound
        When there is no such customer.
    WrongState
        When the customer was erased.
    InvalidInput
        When the note says nothing, or too much.
    """
    customer = customer_row(work, customer_id)
    refuse_erased(customer)
    if not 1 <= len(text.strip()) <= LONGEST_NOTE:
        raise InvalidInput([wrong("text", text, f"a text of 1 to {LONGEST_NOTE:,} characters")])
    row = CustomerNoteRow(
        id=new_id("no"),
        customer_id=customer.id,
        at=work.now,
        author=author or work.actor.id,
        channel=channel.value,
        text=text.strip(),
    )
    work.session.add(row)
    record(work, "customer.note_added", "customer", customer.id, note_id=row.id, channel=channel.value)
    return NoteView(
        id=row.id, customer_id=row.customer_id, at=row.at, author=row.author, channel=channel, text=row.text
    )
