"""What is shown of customers."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.errors import NotFound, WrongState
from fieldops.store.tables import ContactPointRow, CustomerRow, SiteRow
from fieldops.usecases.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactView:
    """
    A contact point.

    Attributes
    ----------
    kind, value
        ``phone`` in E.164, or ``email`` in lower case.
    consent_at
        When the customer agreed to messages there; None = only messages about the customer's own booking.
    stopped_at
        When the customer said STOP; nothing is sent there.
    """

    id: str
    kind: str
    value: str
    consent_at: datetime | None
    stopped_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteView:
    """
    An address of a customer.

    Attributes
    ----------
    geocoded_by
        ``given`` when the coordinates came with the address, else the geocoder's name.
    """

    id: str
    address: str
    latitude: float
    longitude: float
    geocoded_by: str
    access_notes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCustomer:
    """A customer in a word."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerView:
    """A customer, with contact points and addresses. Fields as in `fieldops.store.tables.CustomerRow`."""

    id: str
    name: str
    language: str
    channel: str
    time_zone: str | None
    known_technician_id: str | None
    reference: str | None
    created_at: datetime
    erased_at: datetime | None
    contacts: tuple[ContactView, ...]
    sites: tuple[SiteView, ...]


def customer_row(work: Work, customer_id: str, *, locked: bool = False) -> CustomerRow:
    """
    Return a customer's row.

    Parameters
    ----------
    locked
        Whether it is to be changed.

    Raises
    ------
    NotFound
        When there is none.
    WrongState
        When it is to be changed, and the customer was erased.
    """
    row = work.session.get(CustomerRow, customer_id, with_for_update=locked)
    if row is None:
        raise NotFound("customer", customer_id)
    if locked:
        refuse_erased(row)
    return row


def refuse_erased(customer: CustomerRow) -> None:
    """Raise `WrongState` for somebody who was erased: whoever comes again is another customer."""
    if customer.erased_at is not None:
        raise WrongState("the customer was erased", details={"customer_id": customer.id, "state": "erased"})


def customer_views(session: Session, rows: Sequence[CustomerRow]) -> list[CustomerView]:
    """Show customers, in the order given, with two queries for all of them."""
    ids = [row.id for row in rows]
    contacts = defaultdict(list)
    for contact in session.scalars(
        select(ContactPointRow)
        .where(ContactPointRow.customer_id.in_(ids))
        .order_by(ContactPointRow.kind, ContactPointRow.value)
    ):
        contacts[contact.customer_id].append(contact_view(contact))
    sites = defaultdict(list)
    for site in session.scalars(
        select(SiteRow).where(SiteRow.customer_id.in_(ids)).order_by(SiteRow.created_at.desc(), SiteRow.id)
    ):
        sites[site.customer_id].append(site_view(site))
    return [_customer_view(row, contacts[row.id], sites[row.id]) for row in rows]


def contact_view(row: ContactPointRow) -> ContactView:
    """Show a contact point."""
    return ContactView(id=row.id, kind=row.kind, value=row.value, consent_at=row.consent_at, stopped_at=row.stopped_at)


def site_view(row: SiteRow) -> SiteView:
    """Show a site."""
    return SiteView(
        id=row.id,
        address=row.address,
        latitude=row.latitude,
        longitude=row.longitude,
        geocoded_by=row.geocoded_by,
        access_notes=row.access_notes,
    )


def _customer_view(row: CustomerRow, contacts: Iterable[ContactView], sites: Iterable[SiteView]) -> CustomerView:
    """Put a customer together."""
    return CustomerView(
        id=row.id,
        name=row.name,
        language=row.language,
        channel=row.channel,
        time_zone=row.time_zone,
        known_technician_id=row.known_technician_id,
        reference=row.reference,
        created_at=row.created_at,
        erased_at=row.erased_at,
        contacts=tuple(contacts),
        sites=tuple(sites),
    )
