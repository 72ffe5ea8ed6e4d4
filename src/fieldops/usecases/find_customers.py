"""Find customers by phone number, e-mail address or name."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, and_, or_, select, tuple_

from fieldops.domain.spelling import name_key
from fieldops.domain.value_faults import wrong
from fieldops.errors import InvalidInput
from fieldops.store.tables import ContactPointRow, CustomerRow
from fieldops.store.territories import find_territory
from fieldops.usecases.contact_points import ContactKind, phone_regions, readings
from fieldops.usecases.customer_views import CustomerView, customer_views
from fieldops.usecases.paging import Page, cursor_of, read_cursor
from fieldops.usecases.work import Work

#: Customers one contact point leads to; more than a household is a switchboard.
MOST_FOUND: Final = 50
_LAST_CHARACTER: Final = "\U0010ffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerLookup:
    """
    Who has a contact point.

    Attributes
    ----------
    kind, values
        What the text was taken for: numbers in E.164 (several when countries differ in what it means), or an address.
    customers
        Those who came last first; nobody is an answer, too.
    """

    kind: str
    values: tuple[str, ...]
    customers: tuple[CustomerView, ...]


def look_up_customers(work: Work, contact: str, *, territory_id: str | None = None) -> CustomerLookup:
    """
    Find who has a phone number or e-mail address, however it is written.

    Parameters
    ----------
    territory_id
        A number without a country code is read as one of its country; without a territory, as one of the countries of
        all territories.

    Raises
    ------
    InvalidInput
        When it is neither a number nor an address.
    NotFound
        When there is no such territory.
    """
    if territory_id is not None:
        find_territory(work.session, territory_id)
    kind = ContactKind.EMAIL if "@" in contact else ContactKind.PHONE
    values = sorted(readings(kind, contact, phone_regions(work.session, territory_id)))
    if not values:
        raise InvalidInput([wrong("contact", contact, "a phone number or an e-mail address")])
    rows = work.session.scalars(
        select(CustomerRow)
        .where(
            CustomerRow.is_draft.is_(False),
            CustomerRow.id.in_(
                select(ContactPointRow.customer_id).where(
                    ContactPointRow.kind == kind.value, ContactPointRow.value.in_(values)
                )
            ),
        )
        .order_by(CustomerRow.created_at.desc(), CustomerRow.id)
        .limit(MOST_FOUND)
    ).all()
    return CustomerLookup(kind=kind.value, values=tuple(values), customers=tuple(customer_views(work.session, rows)))


def list_customers(
    work: Work, *, name: str | None = None, reference: str | None = None, limit: int = 50, after: str | None = None
) -> Page[CustomerView]:
    """
    List customers by name; those who were erased have none.

    Parameters
    ----------
    name
        Only those with a name, or a word of it, that begins so; case does not count.
    reference
        Only those known to another system by it.
    after
        Cursor of an earlier page.

    Raises
    ------
    InvalidInput
        When the cursor is none.
    """
    query = select(CustomerRow).where(CustomerRow.is_draft.is_(False), CustomerRow.erased_at.is_(None))
    query = query.order_by(CustomerRow.name_key, CustomerRow.id).limit(limit + 1)
    if reference is not None:
        query = query.where(CustomerRow.reference == reference)
    if name is not None and name_key(name):
        query = query.where(_begins_with(name_key(name)))
    if after is not None:
        query = query.where(_after(work, after))
    rows = work.session.scalars(query).all()
    views = customer_views(work.session, rows[:limit])
    return Page(tuple(views), cursor_of((views[-1].id,)) if len(rows) > limit else None)


def _begins_with(key: str) -> ColumnElement[bool]:
    """Whether a name or a word of it begins with a key."""
    whole = and_(CustomerRow.name_key >= key, CustomerRow.name_key < key + _LAST_CHARACTER)
    return or_(whole, CustomerRow.name_key.contains(f" {key}", autoescape=True))


def _after(work: Work, after: str) -> ColumnElement[bool]:
    """Whether a customer comes after the one a cursor names; the cursor is an id, since names may be long."""
    (customer_id,) = read_cursor(after, 1)
    last = work.session.get(CustomerRow, customer_id)
    if last is None:
        raise InvalidInput([wrong("query.after", after, "a cursor from an earlier answer")])
    return tuple_(CustomerRow.name_key, CustomerRow.id) > tuple_(last.name_key, last.id)
