"""Whoever books without an account says who it is, and how to be reached."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, select

from fieldops.domain.spelling import name_key
from fieldops.domain.value_faults import wrong
from fieldops.errors import Fault, InvalidInput, NotFound, WrongState
from fieldops.store.tables import ContactPointRow, CustomerRow, SiteRow, WorkOrderRow
from fieldops.usecases.add_contact_point import add_contact_point
from fieldops.usecases.audit import record
from fieldops.usecases.contact_points import ContactKind, NewContact, contact_faults, one_reading, phone_regions
from fieldops.usecases.create_customer import preference_faults
from fieldops.usecases.reach_customer import CHANNEL_OF
from fieldops.usecases.work import Work

LONGEST_NOTE: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOwnContact:
    """
    Who books.

    Attributes
    ----------
    email, phone
        At least one of them.
    preferred_channel
        None = e-mail where there is an address.
    email_consent, sms_consent
        Whether the customer agreed to messages beyond those about this booking.
    language, access_notes
        None = as they were.
    """

    name: str
    email: str | None = None
    phone: str | None = None
    preferred_channel: str | None = None
    email_consent: bool = False
    sms_consent: bool = False
    language: str | None = None
    access_notes: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnContactView:
    """What was taken down."""

    name: str
    email: str | None
    phone: str | None
    preferred_channel: str
    email_consent: bool
    sms_consent: bool
    language: str
    access_notes: str
    note: str


def give_contact(work: Work, contact: NewOwnContact) -> OwnContactView:
    """
    Write down who books, in place of what was given before.

    Raises
    ------
    NotFound
        When the caller has no link.
    WrongState
        When it is booked already: a link may have been passed on, and whoever has it must not send the customer's
        messages elsewhere.
    InvalidInput
        With everything that is wrong.

    Notes
    -----
    It makes no difference, and is told to nobody without an account, whether some customer has the same number or
    address: staff find all customers of a contact point when they look for it. One who said STOP there still gets
    nothing; only the owner of the number can take that back.
    """
    order = own_order(work)
    regions = phone_regions(work.session, order.territory_id)
    customer = work.session.get_one(CustomerRow, order.customer_id)
    faults = list(_faults(work, contact, regions))
    if faults:
        raise InvalidInput(faults)
    customer.name = contact.name.strip()
    customer.name_key = name_key(customer.name)
    customer.language = contact.language or customer.language
    customer.channel = contact.preferred_channel or ("sms" if contact.email is None else "email")
    _replace_points(work, customer, _points(contact), regions)
    site = work.session.get_one(SiteRow, order.site_id)
    if contact.access_notes is not None:
        site.access_notes = contact.access_notes.strip()
    order.intake = {**(order.intake or {}), "note": contact.note.strip()}
    # Not the name nor the points: the audit is kept for good, and most drafts are forgotten.
    record(work, "work_order.contact_given", "work_order", order.id)
    work.session.flush()
    return _view(work, order, customer, site, contact)


def own_order(work: Work) -> WorkOrderRow:
    """Return the draft that the caller's link is for, locked; raises as `give_contact` does."""
    order_id = work.actor.work_order_id
    order = None if order_id is None else work.session.get(WorkOrderRow, order_id, with_for_update=True)
    if order is None:
        raise NotFound("work order", order_id or "of this link")
    if order.state != "draft":
        details = {"work_order_id": order.id, "state": order.state}
        raise WrongState("it is booked already: write a note, or call", details=details)
    return order


def _points(contact: NewOwnContact) -> list[NewContact]:
    """List the contact points that were given."""
    given = (
        (ContactKind.EMAIL, contact.email, contact.email_consent),
        (ContactKind.PHONE, contact.phone, contact.sms_consent),
    )
    return [
        NewContact(kind=kind, value=value, has_consent=has_consent)
        for kind, value, has_consent in given
        if value is not None
    ]


def _faults(work: Work, contact: NewOwnContact, regions: frozenset[str]) -> Iterator[Fault]:
    """Report everything that is wrong, in the words of the request."""
    points = _points(contact)
    yield from preference_faults(
        work.session,
        "",
        name=contact.name,
        language=contact.language or "en",
        channel=None,
        time_zone=None,
        known_technician_id=None,
        kinds=frozenset(),
    )
    if not points:
        yield Fault(path="email", found="nothing", expected="an e-mail address, or a phone number in `phone`")
    for point in points:
        for fault in contact_faults("", (point,), regions):
            yield Fault(path=point.kind.value, found=fault.found, expected=fault.expected)
    able = {CHANNEL_OF[point.kind.value].value for point in points}
    if points and contact.preferred_channel is not None and contact.preferred_channel not in able:
        expected = " or ".join(sorted(able))
        yield wrong("preferred_channel", contact.preferred_channel, f"{expected}: the other one was not given")
    if len(contact.note) > LONGEST_NOTE:
        yield wrong("note", contact.note, f"a text of at most {LONGEST_NOTE} characters")


def _replace_points(work: Work, customer: CustomerRow, points: Sequence[NewContact], regions: frozenset[str]) -> None:
    """Write the contact points in place of those given before."""
    session = work.session
    session.execute(delete(ContactPointRow).where(ContactPointRow.customer_id == customer.id))
    for point in points:
        value = one_reading(point, regions) or ""
        add_contact_point(work, customer.id, point.kind, value, has_consent=point.has_consent)
    session.flush()


def _view(
    work: Work, order: WorkOrderRow, customer: CustomerRow, site: SiteRow, contact: NewOwnContact
) -> OwnContactView:
    """Show what was taken down; of what others said about a contact point nothing shows, a STOP neither."""
    own = select(ContactPointRow.kind, ContactPointRow.value).where(ContactPointRow.customer_id == customer.id)
    points = {kind: value for kind, value in work.session.execute(own)}
    email, phone = points.get("email"), points.get("phone")
    return OwnContactView(
        name=customer.name,
        email=email,
        phone=phone,
        preferred_channel=customer.channel,
        email_consent=email is not None and contact.email_consent,
        sms_consent=phone is not None and contact.sms_consent,
        language=customer.language,
        access_notes=site.access_notes,
        note=str((order.intake or {}).get("note", "")),
    )
