"""Record what customers agreed to, and that they want to hear nothing more."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from fieldops.store.tables import ContactPointRow
from fieldops.usecases.add_contact_point import forget_stop, remember_stop
from fieldops.usecases.audit import record
from fieldops.usecases.contact_points import ContactKind
from fieldops.usecases.customer_views import ContactView, contact_view, customer_row
from fieldops.usecases.update_customer import contact_row
from fieldops.usecases.work import Work


class Consent(StrEnum):
    """
    What a customer said about messages to a contact point.

    ``given``: agreed; takes a STOP back. ``withdrawn``: only messages about the customer's own bookings. ``stopped``:
    nothing at all.
    """

    GIVEN = "given"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"


def set_consent(work: Work, customer_id: str, contact_id: str, consent: Consent) -> ContactView:
    """
    Record a customer's word about one contact point.

    Raises
    ------
    NotFound
        When the customer has no such contact point.
    """
    customer_row(work, customer_id)
    point = contact_row(work, customer_id, contact_id)
    _apply(work, point, consent)
    _remember(work, ContactKind(point.kind), point.value, consent)
    return contact_view(point)


def set_consent_everywhere(work: Work, kind: ContactKind, value: str, consent: Consent) -> tuple[str, ...]:
    """
    Record a word that came from a contact point itself, such as a STOP by text message, for everybody who has it
    or will have it.

    Parameters
    ----------
    value
        As it is stored: E.164, or lower case.

    Returns
    -------
    tuple[str, ...]
        Ids of the customers, in the order of their contact points.
    """
    points = work.session.scalars(
        select(ContactPointRow)
        .where(ContactPointRow.kind == kind.value, ContactPointRow.value == value)
        .order_by(ContactPointRow.id)
        .with_for_update()
    ).all()
    for point in points:
        _apply(work, point, consent)
    _remember(work, kind, value, consent)
    return tuple(dict.fromkeys(point.customer_id for point in points))


def _remember(work: Work, kind: ContactKind, value: str, consent: Consent) -> None:
    """Keep a STOP by its number or address, so that it outlives the customers who have it."""
    if consent is Consent.STOPPED:
        remember_stop(work, kind, value)
    elif consent is Consent.GIVEN:
        forget_stop(work, kind, value)


def _apply(work: Work, point: ContactPointRow, consent: Consent) -> None:
    """Write it, unless nothing would change."""
    wanted: tuple[datetime | None, datetime | None]
    match consent:
        case Consent.GIVEN:
            wanted = (point.consent_at or work.now, None)
        case Consent.WITHDRAWN:
            wanted = (None, point.stopped_at)
        case Consent.STOPPED:
            wanted = (None, point.stopped_at or work.now)
    if wanted == (point.consent_at, point.stopped_at):
        return
    point.consent_at, point.stopped_at = wanted
    record(
        work,
        f"customer.consent_{consent.value}",
        "customer",
        point.customer_id,
        contact_id=point.id,
        kind=point.kind,
        value=point.value,
    )
