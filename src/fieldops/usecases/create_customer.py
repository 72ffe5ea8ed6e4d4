"""Take down a new customer, unless the same contact point belongs to one already."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from fieldops.domain.faults import is_time_zone
from fieldops.domain.value_faults import field_path, wrong
from fieldops.errors import AlreadyThere, Fault, InvalidInput
from fieldops.messaging.wording import LANGUAGES
from fieldops.store.ids import new_id
from fieldops.store.tables import ContactPointRow, CustomerRow, TechnicianRow
from fieldops.usecases.add_contact_point import add_contact_point
from fieldops.usecases.audit import record
from fieldops.usecases.contact_points import NewContact, contact_faults, one_reading, phone_regions
from fieldops.usecases.customer_views import CustomerView, customer_views
from fieldops.usecases.reach_customer import CHANNEL_OF
from fieldops.usecases.work import Work

LONGEST_NAME: Final = 200
#: Customers with one contact point that are named in a refusal.
_MOST_NAMED: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCustomer:
    """
    Somebody to be taken down.

    Attributes
    ----------
    channel
        Preferred for messages; None = e-mail where there is an address.
    allow_duplicate
        Whether another customer may have the same contact point: two people in one house.
    """

    name: str
    contacts: tuple[NewContact, ...] = ()
    language: str = "en"
    channel: str | None = None
    time_zone: str | None = None
    known_technician_id: str | None = None
    reference: str | None = None
    allow_duplicate: bool = False


def create_customer(work: Work, request: NewCustomer, *, territory_id: str | None = None) -> CustomerView:
    """
    Take down a new customer.

    Parameters
    ----------
    territory_id
        Phone numbers without a country code are read as those of its country.

    Raises
    ------
    InvalidInput
        With everything that is wrong.
    AlreadyThere
        When a customer has one of the contact points; `details` names them.
    """
    faults = list(customer_faults(work.session, request, territory_id=territory_id))
    if faults:
        raise InvalidInput(faults)
    row = add_customer(work, request, territory_id=territory_id)
    return customer_views(work.session, [row])[0]


def add_customer(work: Work, request: NewCustomer, *, territory_id: str | None) -> CustomerRow:
    """Write a customer that has no faults; see `create_customer`."""
    regions = phone_regions(work.session, territory_id)
    points = [(contact, one_reading(contact, regions) or "") for contact in request.contacts]
    if not request.allow_duplicate:
        refuse_duplicates(work.session, [(contact.kind, value) for contact, value in points])
    kinds = [contact.kind for contact in request.contacts]
    row = CustomerRow(
        id=new_id("cu"),
        name=request.name.strip(),
        language=request.language,
        channel=request.channel or ("sms" if kinds and "email" not in kinds else "email"),
        time_zone=request.time_zone,
        known_technician_id=request.known_technician_id,
        technician_is_chosen=request.known_technician_id is not None,
        reference=request.reference,
        created_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    for contact, value in points:
        add_contact_point(work, row.id, contact.kind, value, has_consent=contact.has_consent)
    work.session.flush()
    record(work, "customer.created", "customer", row.id, name=row.name)
    return row


def customer_faults(
    session: Session, request: NewCustomer, path: str = "", *, territory_id: str | None = None
) -> Iterator[Fault]:
    """
    Report everything that is wrong with a new customer.

    Parameters
    ----------
    path
        Where the customer stands in the request.
    """
    yield from contact_faults(field_path(path, "contacts"), request.contacts, phone_regions(session, territory_id))
    yield from preference_faults(
        session,
        path,
        name=request.name,
        language=request.language,
        channel=request.channel,
        time_zone=request.time_zone,
        known_technician_id=request.known_technician_id,
        kinds=frozenset(contact.kind.value for contact in request.contacts),
    )


def preference_faults(
    session: Session,
    path: str,
    *,
    name: str,
    language: str,
    channel: str | None,
    time_zone: str | None,
    known_technician_id: str | None,
    kinds: frozenset[str],
) -> Iterator[Fault]:
    """
    Report what is wrong with how a customer is called, and wants to be spoken to and served.

    Parameters
    ----------
    kinds
        Of the contact points there are.
    """
    if not 1 <= len(name.strip()) <= LONGEST_NAME:
        yield wrong(field_path(path, "name"), name, f"a name of 1 to {LONGEST_NAME} characters")
    if language not in LANGUAGES:
        yield wrong(field_path(path, "language"), language, f"one of {', '.join(sorted(LANGUAGES))}")
    channels = {CHANNEL_OF[kind].value: kind for kind in sorted(CHANNEL_OF)}
    if channel is not None and channel not in channels:
        yield wrong(field_path(path, "channel"), channel, f"one of {', '.join(channels)}")
    elif channel is not None and channels[channel] not in kinds:
        yield wrong(
            field_path(path, "channel"), channel, f"a channel of which there is a contact point ({channels[channel]})"
        )
    if time_zone is not None and not is_time_zone(time_zone):
        yield wrong(field_path(path, "time_zone"), time_zone, "an IANA time zone, such as America/New_York")
    if known_technician_id is not None and session.get(TechnicianRow, known_technician_id) is None:
        yield wrong(field_path(path, "known_technician_id"), known_technician_id, "the id of a technician")


def refuse_duplicates(session: Session, points: list[tuple[str, str]]) -> None:
    """Raise `AlreadyThere` when somebody has one of these contact points, pairs of kind and value."""
    if not points:
        return
    same = or_(*(and_(ContactPointRow.kind == kind, ContactPointRow.value == value) for kind, value in points))
    found = session.execute(
        select(ContactPointRow.customer_id, ContactPointRow.value)
        .join(CustomerRow, CustomerRow.id == ContactPointRow.customer_id)
        .where(same, CustomerRow.is_draft.is_(False))
        .order_by(ContactPointRow.customer_id)
        .limit(_MOST_NAMED)
    ).all()
    if found:
        ids = list(dict.fromkeys(row.customer_id for row in found))
        values = ", ".join(dict.fromkeys(row.value for row in found))
        raise AlreadyThere(f"a customer with {values} exists: {', '.join(ids)}", details={"customer_ids": ids})
