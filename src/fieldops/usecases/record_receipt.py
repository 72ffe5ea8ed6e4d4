"""What the SMS service tells later about a message it took."""

from typing import Final

from sqlalchemy import select

from fieldops.messaging.kinds import State, Via
from fieldops.messaging.sms import STOPPED_CODE
from fieldops.store.tables import MessageRow
from fieldops.usecases.contact_points import ContactKind
from fieldops.usecases.readdress_message import readdress_message
from fieldops.usecases.set_consent import Consent, set_consent_everywhere
from fieldops.usecases.work import Work

#: Last words of the service about a message.
_ARRIVED: Final = frozenset({"delivered", "read"})
_FAILED: Final = frozenset({"undelivered", "failed"})
#: The service has it; also what a worker did not live to write down.
_TAKEN: Final = frozenset({"accepted", "queued", "sending", "sent"})


def record_receipt(work: Work, message_id: str, status: str, *, provider_id: str = "", error_code: str = "") -> bool:
    """
    Write down a receipt, and tell whether it was about a message of ours.

    Parameters
    ----------
    message_id
        Ours; without it, or with a wrong one, `provider_id` finds the message.
    status
        ``queued``, ``sent``, ``delivered``, ``undelivered``, ``failed`` and so on; unknown ones change nothing.

    Notes
    -----
    Receipts come in any order, and before the worker has written down that the message left. One that the service has
    taken is sent; one that did not arrive has failed and goes another way.
    """
    message = _find(work, message_id, provider_id)
    if message is None:
        return False
    if message.note == "delivered" or message.state == State.FAILED:
        return True
    if status in _FAILED:
        message.state = State.FAILED.value
        message.note = f"{status} {error_code}".strip()[:200]
        if error_code == str(STOPPED_CODE):
            set_consent_everywhere(work, ContactKind.PHONE, message.recipient, Consent.STOPPED)
        readdress_message(work, message)
    elif status in _ARRIVED or status in _TAKEN:
        if message.state in {State.DUE, State.SENDING}:
            message.state, message.sent_at = State.SENT.value, work.now
        if message.state == State.SENT:
            message.note = "delivered" if status in _ARRIVED else message.note
            message.provider_id = message.provider_id or provider_id or None
    return True


def _find(work: Work, message_id: str, provider_id: str) -> MessageRow | None:
    """Find the message a receipt is about."""
    message = work.session.get(MessageRow, message_id, with_for_update=True)
    if message is None and provider_id:
        found = select(MessageRow).where(MessageRow.provider_id == provider_id).limit(1).with_for_update()
        message = work.session.scalar(found)
    return message if message is not None and message.channel == Via.SMS else None
