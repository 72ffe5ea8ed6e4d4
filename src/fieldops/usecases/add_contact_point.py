"""How a customer gets a contact point, and what was said there before."""

from sqlalchemy import delete, select

from fieldops.store.ids import new_id
from fieldops.store.tables import ContactPointRow, OptOutRow
from fieldops.usecases.contact_points import ContactKind
from fieldops.usecases.work import Work


def add_contact_point(
    work: Work, customer_id: str, kind: ContactKind, value: str, *, has_consent: bool
) -> ContactPointRow:
    """
    Give a customer a number or address; where somebody said STOP, nothing is sent to it from the start.

    Parameters
    ----------
    value
        As it is stored: E.164, or lower case.
    has_consent
        Whether the customer agreed to messages there. That takes no STOP back: `set_consent` does.
    """
    opted_out = work.session.get(OptOutRow, (kind.value, value))
    point = ContactPointRow(
        id=new_id("cp"),
        customer_id=customer_id,
        kind=kind.value,
        value=value,
        consent_at=work.now if has_consent and opted_out is None else None,
        stopped_at=None if opted_out is None else opted_out.said_at,
    )
    work.session.add(point)
    return point


def remember_stop(work: Work, kind: ContactKind, value: str) -> None:
    """Remember a STOP by the number or address itself, whoever has it now or will have it."""
    if work.session.get(OptOutRow, (kind.value, value), with_for_update=True) is None:
        work.session.add(OptOutRow(kind=kind.value, value=value, said_at=work.now))
        work.session.flush()


def forget_stop(work: Work, kind: ContactKind, value: str) -> None:
    """Forget a STOP that was taken back, unless it still holds for another customer with that number or address."""
    work.session.flush()
    stopped = select(ContactPointRow.id).where(
        ContactPointRow.kind == kind.value, ContactPointRow.value == value, ContactPointRow.stopped_at.is_not(None)
    )
    if work.session.scalar(stopped.limit(1)) is None:
        work.session.execute(delete(OptOutRow).where(OptOutRow.kind == kind.value, OptOutRow.value == value))
