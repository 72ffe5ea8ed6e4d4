"""What somebody without an account has begun becomes a work order like any other, as soon as a window is confirmed."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select

from fieldops.errors import Fault, InvalidInput
from fieldops.store.tables import ContactPointRow, CustomerRow, WorkOrderRow
from fieldops.usecases.add_note import NoteChannel, add_note
from fieldops.usecases.audit import record
from fieldops.usecases.work import Work

_MISSING: Final = Fault(
    path="contact", found="nothing", expected="a name, and an e-mail address or a phone number, given beforehand"
)


def open_draft(work: Work, order: WorkOrderRow) -> None:
    """
    Make a draft known to staff, with what the customer has said as a note; any other work order stays as it is.

    Raises
    ------
    InvalidInput
        When nobody knows yet who books, or how to be reached.
    """
    if order.state != "draft":
        return
    customer = work.session.get_one(CustomerRow, order.customer_id, with_for_update=True)
    points = select(ContactPointRow.id).where(ContactPointRow.customer_id == customer.id).limit(1)
    if not customer.name or work.session.scalar(points) is None:
        raise InvalidInput([_MISSING])
    customer.is_draft = False
    order.state = "open"
    order.unbooked_since = None
    record(work, "customer.created", "customer", customer.id, name=customer.name)
    said = _in_words(order.intake or {})
    if said:
        add_note(work, customer.id, said, channel=NoteChannel.WEB, author="customer")


def _in_words(intake: Mapping[str, Any]) -> str:
    """Write what was said on the booking page, as whoever comes reads it."""
    answers = [f"{said['question']} {said['answer']}" for said in intake.get("answers", ())]
    return "\n".join(filter(None, [*answers, intake.get("details", ""), intake.get("note", "")]))
