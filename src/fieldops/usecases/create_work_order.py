"""Take down what a customer asks for: who, where, and the visits it needs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.domain.spelling import address_key
from fieldops.domain.value_faults import decimal_faults, field_path, wrong
from fieldops.errors import AddressNotFound, Fault, InvalidInput
from fieldops.store.ids import new_id
from fieldops.store.tables import CustomerRow, SiteRow, TerritoryRow, VisitRow, WorkOrderRow
from fieldops.usecases.actor import Actor
from fieldops.usecases.audit import record
from fieldops.usecases.context import Context
from fieldops.usecases.create_customer import NewCustomer, add_customer, customer_faults
from fieldops.usecases.locate_address import EXPECTED, SAME_PLACE, LocatedAddress, Lookup, look_up
from fieldops.usecases.visit_request import VisitRequest, visit_request_faults, visit_values
from fieldops.usecases.work import Work
from fieldops.usecases.work_order_views import WorkOrderView, work_order_views

LONGEST_SUMMARY: Final = 500
LONGEST_ADDRESS: Final = 500
MOST_VISITS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSite:
    """An address; without coordinates it is looked up."""

    address: str
    latitude: float | None = None
    longitude: float | None = None
    access_notes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWorkOrder:
    """
    What a customer asks for.

    Attributes
    ----------
    customer_id, customer
        One of them: a known customer, or a new one.
    site_id, site
        One of them: a site of that customer, or an address.
    reference
        What another system calls it.
    visits
        At least one.
    """

    territory_id: str
    summary: str
    visits: tuple[VisitRequest, ...]
    customer_id: str | None = None
    customer: NewCustomer | None = None
    site_id: str | None = None
    site: NewSite | None = None
    reference: str | None = None


def look_up_site(ctx: Context, actor: Actor, request: NewWorkOrder) -> Lookup:
    """Look the address of a work order up where it needs it; before `create_work_order`, outside its transaction."""
    site = request.site
    if site is None or site.latitude is not None or site.longitude is not None:
        return Lookup()
    return look_up(ctx, actor, site.address)


def create_work_order(work: Work, request: NewWorkOrder, looked_up: Lookup) -> WorkOrderView:
    """
    Take down a work order.

    Parameters
    ----------
    looked_up
        From `look_up_site`.

    Raises
    ------
    InvalidInput
        With everything that is wrong; `AddressNotFound` when it is only the address.
    AlreadyThere
        When the new customer's contact point belongs to somebody; `details` says to whom.
    GeocoderUnavailable
        When the address could not be looked up.
    """
    faults = list(_faults(work, request, looked_up))
    if faults:
        only_address = [fault.path for fault in faults] == ["site.address"]
        raise AddressNotFound(faults) if only_address else InvalidInput(faults)
    if looked_up.failure is not None:
        raise looked_up.failure
    customer = _customer(work, request)
    site = _site(work, request, customer, looked_up.located)
    order = WorkOrderRow(
        id=new_id("wo"),
        territory_id=request.territory_id,
        customer_id=customer.id,
        site_id=site.id,
        summary=request.summary.strip(),
        reference=request.reference,
        created_at=work.now,
        created_by=work.actor.id,
    )
    work.session.add(order)
    work.session.flush()
    # Visits are listed by id, so that they stay in the order in which they were asked for.
    visit_ids = sorted(new_id("vi") for _ in request.visits)
    for visit_id, visit in zip(visit_ids, request.visits, strict=True):
        row = VisitRow(
            id=visit_id,
            work_order_id=order.id,
            territory_id=order.territory_id,
            site_id=site.id,
            created_at=work.now,
            **visit_values(visit),
        )
        row.name = row.name or order.summary[:200]
        work.session.add(row)
    work.session.flush()
    record(work, "work_order.created", "work_order", order.id, customer_id=customer.id, visits=len(visit_ids))
    return work_order_views(work.session, [order], work.now)[0]


def _faults(work: Work, request: NewWorkOrder, looked_up: Lookup) -> Iterator[Fault]:
    """Report everything that is wrong with a work order, in the order of the request."""
    session = work.session
    territory = session.get(TerritoryRow, request.territory_id)
    if territory is None:
        yield wrong("territory_id", request.territory_id, "the id of a territory")
    if not 1 <= len(request.summary.strip()) <= LONGEST_SUMMARY:
        yield wrong("summary", request.summary, f"a text of 1 to {LONGEST_SUMMARY} characters")
    yield from _customer_faults(session, request)
    yield from _site_faults(session, request, looked_up)
    if not 1 <= len(request.visits) <= MOST_VISITS:
        yield Fault(path="visits", found=f"{len(request.visits)} visits", expected=f"1 to {MOST_VISITS}")
    if territory is not None:
        for i, visit in enumerate(request.visits[:MOST_VISITS]):
            yield from visit_request_faults(session, field_path("visits", i), visit, territory, work.now)


def _customer_faults(session: Session, request: NewWorkOrder) -> Iterator[Fault]:
    """Report a customer who is not one, and a new one's faults."""
    if (request.customer_id is None) == (request.customer is None):
        yield _not_one("customer_id", "customer", is_both=request.customer is not None)
    elif request.customer is not None:
        yield from customer_faults(session, request.customer, "customer", territory_id=request.territory_id)
    elif (known := session.get(CustomerRow, request.customer_id)) is None or known.erased_at is not None:
        yield wrong("customer_id", request.customer_id, "the id of a customer")


def _site_faults(session: Session, request: NewWorkOrder, looked_up: Lookup) -> Iterator[Fault]:
    """Report a site that is not the customer's, and a new one's faults."""
    site = request.site
    if (request.site_id is None) == (site is None):
        yield _not_one("site_id", "site", is_both=site is not None)
        return
    if site is None:
        known = session.get(SiteRow, request.site_id)
        if known is None or known.customer_id is None or known.customer_id != request.customer_id:
            yield wrong("site_id", request.site_id, "the id of a site of this customer")
        return
    if not address_key(site.address) or len(site.address) > LONGEST_ADDRESS:
        yield wrong("site.address", site.address, f"an address of at most {LONGEST_ADDRESS} characters")
        return
    if (site.latitude is None) != (site.longitude is None):
        missing = "latitude" if site.latitude is None else "longitude"
        yield Fault(path=f"site.{missing}", found="nothing", expected="both coordinates, or none to look them up")
    for name, value, bound in (("latitude", site.latitude, 90), ("longitude", site.longitude, 180)):
        if value is not None:
            yield from decimal_faults(f"site.{name}", value, -bound, bound, "degrees")
    is_given = site.latitude is not None or site.longitude is not None
    if not is_given and looked_up.located is None and looked_up.failure is None:
        yield wrong("site.address", site.address, EXPECTED)


def _not_one(by_id: str, anew: str, *, is_both: bool) -> Fault:
    """Report that not exactly one of two ways to name something was used."""
    found = f"{by_id} and {anew}" if is_both else f"neither {by_id} nor {anew}"
    return Fault(path=anew, found=found, expected="one of the two")


def _customer(work: Work, request: NewWorkOrder) -> CustomerRow:
    """Return the customer, who is taken down if new."""
    if request.customer is not None:
        return add_customer(work, request.customer, territory_id=request.territory_id)
    return work.session.get_one(CustomerRow, request.customer_id)


def _site(work: Work, request: NewWorkOrder, customer: CustomerRow, located: LocatedAddress | None) -> SiteRow:
    """Return the site; an address where the customer was visited before is that site again."""
    asked = request.site
    if asked is None:
        return work.session.get_one(SiteRow, request.site_id)
    if asked.latitude is not None and asked.longitude is not None:
        place, geocoded_by, address = (asked.latitude, asked.longitude), "given", asked.address.strip()
    else:
        assert located is not None, "an address without place is a fault"
        place, geocoded_by, address = (located.latitude, located.longitude), located.geocoded_by, located.address
    same = select(SiteRow).where(SiteRow.customer_id == customer.id, SiteRow.address_key == address_key(address))
    for known in work.session.scalars(same.order_by(SiteRow.created_at, SiteRow.id)):
        if abs(known.latitude - place[0]) < SAME_PLACE and abs(known.longitude - place[1]) < SAME_PLACE:
            known.access_notes = asked.access_notes.strip() or known.access_notes
            return known
    site = SiteRow(
        id=new_id("si"),
        customer_id=customer.id,
        address=address,
        latitude=place[0],
        longitude=place[1],
        geocoded_by=geocoded_by,
        access_notes=asked.access_notes.strip(),
        created_at=work.now,
    )
    work.session.add(site)
    work.session.flush()
    return site
