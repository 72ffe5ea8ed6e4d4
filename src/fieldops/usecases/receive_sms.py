"""What customers write back by text message: STOP, START, or something for people to read."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import select

from fieldops.store.tables import ContactPointRow, CustomerRow
from fieldops.usecases.add_note import LONGEST_NOTE, NoteChannel, add_note
from fieldops.usecases.contact_points import ContactKind
from fieldops.usecases.inbound_messages import keep_inbound
from fieldops.usecases.set_consent import Consent, set_consent_everywhere
from fieldops.usecases.work import Work

#: The whole text, in any case and with any punctuation around it.
STOP_WORDS: Final = frozenset(
    {"stop", "stopp", "stopall", "stop all", "unsubscribe", "optout", "opt out", "abmelden", "abbestellen"}
)
START_WORDS: Final = frozenset({"start", "unstop", "anmelden"})
_AROUND: Final = " \t\r\n.,;:!?\"'"


class Heard(StrEnum):
    """What a text message was taken for."""

    STOP = "stop"
    START = "start"
    NOTE = "note"
    EMPTY = "empty"
    UNKNOWN_SENDER = "unknown_sender"


@dataclass(frozen=True, slots=True)
class Received:
    """What was done with a text message, and the customers it was from."""

    heard: Heard
    customer_ids: tuple[str, ...]


def receive_sms(work: Work, sender: str, text: str) -> Received:
    """
    Hear a text message.

    Parameters
    ----------
    sender
        Number in E.164. Everybody who has it as a contact point is meant: STOP and START change what may be sent there,
        anything else is noted down for those who serve the customer, or kept for whoever finds out whose it is.
    """
    word = " ".join(text.strip(_AROUND).lower().split())
    if word in STOP_WORDS or word in START_WORDS:
        heard, consent = (Heard.STOP, Consent.STOPPED) if word in STOP_WORDS else (Heard.START, Consent.GIVEN)
        customers = set_consent_everywhere(work, ContactKind.PHONE, sender, consent)
        return Received(heard, customers)
    customers = tuple(
        work.session.scalars(
            select(ContactPointRow.customer_id)
            .join(CustomerRow, CustomerRow.id == ContactPointRow.customer_id)
            .where(ContactPointRow.kind == ContactKind.PHONE.value, ContactPointRow.value == sender)
            .where(CustomerRow.is_draft.is_(False))
            .order_by(ContactPointRow.customer_id)
        )
    )
    said = text.strip()[:LONGEST_NOTE]
    if not said:
        return Received(Heard.EMPTY, customers)
    if not customers:
        keep_inbound(work, NoteChannel.SMS, sender, said)
        return Received(Heard.UNKNOWN_SENDER, ())
    for customer_id in customers:
        add_note(work, customer_id, said, channel=NoteChannel.SMS, author="customer")
    return Received(Heard.NOTE, customers)
