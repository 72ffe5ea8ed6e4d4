"""Change what is known of a customer, and how the customer can be reached."""

from dataclasses import dataclass

from sqlalchemy import select

from fieldops.domain.spelling import name_key
from fieldops.domain.value_faults import wrong
from fieldops.errors import AlreadyThere, InvalidInput, NotFound
from fieldops.store.tables import ContactPointRow, VisitRow, WorkOrderRow
from fieldops.usecases.add_contact_point import add_contact_point
from fieldops.usecases.audit import record
from fieldops.usecases.changes import UNCHANGED, Unchanged, changed
from fieldops.usecases.contact_points import NewContact, contact_faults, one_reading, phone_regions
from fieldops.usecases.create_customer import preference_faults, refuse_duplicates
from fieldops.usecases.customer_views import CustomerView, customer_row, customer_views
from fieldops.usecases.heed_wishes import heed_wishes
from fieldops.usecases.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerChanges:
    """What is to be different; see `fieldops.store.tables.CustomerRow`."""

    name: str | Unchanged = UNCHANGED
    language: str | Unchanged = UNCHANGED
    channel: str | Unchanged = UNCHANGED
    time_zone: str | Unchanged | None = UNCHANGED
    known_technician_id: str | Unchanged | None = UNCHANGED
    reference: str | Unchanged | None = UNCHANGED


def update_customer(work: Work, customer_id: str, changes: CustomerChanges) -> CustomerView:
    """
    Change what is known of a customer.

    Raises
    ------
    NotFound
        When there is no such customer.
    WrongState
        When the customer was erased.
    InvalidInput
        With everything that is wrong.
    """
    row = customer_row(work, customer_id, locked=True)
    wanted = changed(changes)
    kinds = work.session.scalars(select(ContactPointRow.kind).where(ContactPointRow.customer_id == row.id))
    faults = list(
        preference_faults(
            work.session,
            "",
            name=wanted.get("name", row.name),
            language=wanted.get("language", row.language),
            channel=wanted.get("channel"),
            time_zone=wanted.get("time_zone"),
            known_technician_id=wanted.get("known_technician_id"),
            kinds=frozenset(kinds),
        )
    )
    if faults:
        raise InvalidInput(faults)
    before = {name: getattr(row, name) for name, value in wanted.items() if getattr(row, name) != value}
    for name in before:
        setattr(row, name, wanted[name])
    if "known_technician_id" in wanted:
        row.technician_is_chosen = True
    if "name" in before:
        row.name = row.name.strip()
        row.name_key = name_key(row.name)
    if before:
        record(
            work, "customer.changed", "customer", row.id, before=before, after={name: wanted[name] for name in before}
        )
    work.session.flush()
    if "known_technician_id" in before:
        visits = select(VisitRow.id).join(WorkOrderRow, WorkOrderRow.id == VisitRow.work_order_id)
        heed_wishes(work, work.session.scalars(visits.where(WorkOrderRow.customer_id == row.id)).all())
    return customer_views(work.session, [row])[0]


def add_contact(
    work: Work,
    customer_id: str,
    contact: NewContact,
    *,
    allow_duplicate: bool = False,
    territory_id: str | None = None,
) -> CustomerView:
    """
    Add a phone number or e-mail address to a customer.

    Parameters
    ----------
    allow_duplicate
        Whether another customer may have it.
    territory_id
        A number without a country code is read as one of its country.

    Raises
    ------
    NotFound
        When there is no such customer.
    WrongState
        When the customer was erased.
    InvalidInput
        When it is no contact point.
    AlreadyThere
        When this customer has it, or another one.
    """
    row = customer_row(work, customer_id, locked=True)
    regions = phone_regions(work.session, territory_id)
    value = one_reading(contact, regions)
    if value is None:
        (fault,) = contact_faults("contacts", (contact,), regions)
        raise InvalidInput([wrong("value", contact.value, fault.expected)])
    own = select(ContactPointRow.id).where(
        ContactPointRow.customer_id == row.id,
        ContactPointRow.kind == contact.kind.value,
        ContactPointRow.value == value,
    )
    if work.session.scalar(own) is not None:
        raise AlreadyThere(f"the customer has {value} already", details={"customer_ids": [row.id]})
    if not allow_duplicate:
        refuse_duplicates(work.session, [(contact.kind, value)])
    point = add_contact_point(work, row.id, contact.kind, value, has_consent=contact.has_consent)
    work.session.flush()
    record(work, "customer.contact_added", "customer", row.id, contact_id=point.id, kind=point.kind, value=value)
    return customer_views(work.session, [row])[0]


def remove_contact(work: Work, customer_id: str, contact_id: str) -> CustomerView:
    """
    Take a contact point away from a customer; what was said there stays in the history.

    Raises
    ------
    NotFound
        When there is no such customer, or the customer has no such contact point.
    WrongState
        When the customer was erased.
    """
    row = customer_row(work, customer_id, locked=True)
    point = contact_row(work, customer_id, contact_id)
    record(
        work, "customer.contact_removed", "customer", row.id, contact_id=point.id, kind=point.kind, value=point.value
    )
    work.session.delete(point)
    work.session.flush()
    return customer_views(work.session, [row])[0]


def contact_row(work: Work, customer_id: str, contact_id: str) -> ContactPointRow:
    """
    Return a contact point of a customer, locked.

    Raises
    ------
    NotFound
        When the customer has no such contact point.
    """
    point = work.session.get(ContactPointRow, contact_id, with_for_update=True)
    if point is None or point.customer_id != customer_id:
        raise NotFound("contact point", contact_id)
    return point
