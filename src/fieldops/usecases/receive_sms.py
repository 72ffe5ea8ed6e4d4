"""What customers write back by text message: STOP, START, or something for people to read."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from fieldops.store.tables import ContactPointRow, CustomerRow
from fieldops.usecases.add_note import LONGEST_NOTE, NoteChannel, add_note
from fieldops.usecases.contact_points import ContactKind
from fieldops.usecases.inbound_messages import AUTHOR, Heard, keep_inbound
from fieldops.usecases.set_consent import Consent, set_consent_everywhere
from fieldops.usecases.work import Work

#: The whole text, in any case and with any punctuation around it.
STOP_WORDS: Final = frozenset(
    {"stop", "stopp", "stopall", "stop all", "unsubscribe", "optout", "opt out", "abmelden", "abbestellen"}
)
START_WORDS: Final = frozenset({"start", "unstop", "anmelden"})
_AROUND: Final = " \t\r\n.,;:!?\"'"


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
        anything else is noted down for those who serve the customer. All of it is kept, from strangers, too.
    """
    word = " ".join(text.strip(_AROUND).lower().split())
    said = text.strip()[:LONGEST_NOTE]
    if word in STOP_WORDS or word in START_WORDS:
        heard, consent = (Heard.STOP, Consent.STOPPED) if word in STOP_WORDS else (Heard.START, Consent.GIVEN)
        set_consent_everywhere(work, ContactKind.PHONE, sender, consent)
    else:
        heard = Heard.NOTE if said else Heard.EMPTY
    customers = work.session.scalars(
        select(ContactPointRow.customer_id)
        .join(CustomerRow, CustomerRow.id == ContactPointRow.customer_id)
        .where(ContactPointRow.kind == ContactKind.PHONE.value, ContactPointRow.value == sender)
        .where(CustomerRow.is_draft.is_(False))
        .order_by(ContactPointRow.customer_id)
    ).all()
    if heard is Heard.NOTE:
        for customer_id in customers:
            add_note(work, customer_id, said, channel=NoteChannel.SMS, author=AUTHOR)
        heard = Heard.NOTE if customers else Heard.UNKNOWN_SENDER
    if heard is not Heard.EMPTY:
        keep_inbound(work, NoteChannel.SMS, sender, said, heard=heard, customer_ids=customers)
    return Received(heard, tuple(customers))
