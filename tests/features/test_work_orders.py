"""Work orders: who, where and which visits, taken down in one go, read by staff and by the customer they are for."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from fieldops.domain.problem import TimeWindow
from fieldops.errors import (
    AddressNotFound,
    AlreadyThere,
    GeocoderUnavailable,
    InvalidInput,
    NotFound,
    VersionStale,
    WrongState,
)
from fieldops.store.database import Database
from fieldops.store.tables import CustomerRow, SiteRow, VisitRow, WorkOrderRow
from fieldops.travel.geocoding import Located
from fieldops.usecases.contact_points import ContactKind, NewContact
from fieldops.usecases.context import Context
from fieldops.usecases.create_customer import NewCustomer
from fieldops.usecases.create_work_order import NewSite, NewWorkOrder, create_work_order, look_up_site
from fieldops.usecases.edit_visit import VisitChanges, edit_visit
from fieldops.usecases.read_work_order import list_work_orders, read_visit, read_work_order
from fieldops.usecases.visit_request import VisitRequest
from fieldops.usecases.work import transact, view
from fieldops.usecases.work_order_views import WorkOrderView
from worlds import (
    NOW,
    STAFF,
    FakeClock,
    add_customer,
    add_site,
    add_technician,
    add_territory,
    add_visit,
    customer_of,
    local,
    make_context,
)

AFTERNOON = TimeWindow(local("13:00"), local("17:00"))


@dataclass
class Town:
    """A geocoder that knows one street, and can be down."""

    places: dict[str, tuple[float, float]] = field(default_factory=lambda: {"7 Elm Street": (38.91, -77.02)})
    is_down: bool = False
    name: str = "town"

    def locate(self, address: str) -> Located | None:
        """Find an address by its text."""
        if self.is_down:
            raise GeocoderUnavailable
        place = self.places.get(address)
        return None if place is None else Located(address=address, latitude=place[0], longitude=place[1])


@pytest.fixture
def town() -> Town:
    """Give a geocoder."""
    return Town()


@pytest.fixture
def ctx(database: Database, town: Town) -> Context:
    """Give a world with one territory that knows gas and power, and two technicians."""
    with database.writing() as session:
        territory = add_territory(session, id="te_dc", name="Washington")
        add_technician(session, territory, id="tn_kim")
        add_technician(session, territory, id="tn_lee", name="Lee")
    return make_context(database, geocoder=town)


def _order(**changes: Any) -> NewWorkOrder:
    """Ask for a new customer's boiler to be repaired at a new address, in one visit of an hour."""
    asked = NewWorkOrder(
        territory_id="te_dc",
        summary="Boiler repair",
        visits=(VisitRequest(duration_s=3_600, required_skills={"gas": 1}),),
        customer=NewCustomer(name="Zoë Müller", contacts=(NewContact(kind=ContactKind.PHONE, value="(202) 555-0123"),)),
        site=NewSite(address="7 Elm Street"),
    )
    return replace(asked, **changes)


def _create(ctx: Context, request: NewWorkOrder) -> WorkOrderView:
    return transact(ctx, STAFF, create_work_order, request, look_up_site(ctx, STAFF, request))


def _paths(ctx: Context, request: NewWorkOrder) -> list[str]:
    """Return what is refused of a request."""
    with pytest.raises(InvalidInput) as refused:
        _create(ctx, request)
    return [fault.path for fault in refused.value.faults]


def test_one_call_takes_down_customer_address_and_visits(ctx: Context) -> None:
    """The caller is on the phone: one request, and the window can be quoted."""
    due = NOW + timedelta(days=3)
    visits = (
        VisitRequest(
            duration_s=3_600,
            name="Repair",
            required_skills={"gas": 2},
            windows=(AFTERNOON,),
            preferred_window=AFTERNOON,
            due_at=due,
            priority=5,
            preferred_technicians=("tn_kim",),
        ),
        VisitRequest(duration_s=900),
    )
    made = _create(ctx, _order(visits=visits, reference="SAP-1"))
    read = view(ctx, STAFF, read_work_order, made.id)

    assert read == made
    assert (made.customer_name, made.state, made.reference) == ("Zoë Müller", "open", "SAP-1")
    assert (made.site.address, made.site.latitude, made.site.geocoded_by) == ("7 Elm Street", 38.91, "town")
    first, second = made.visits
    assert (first.name, first.windows, first.preferred_window, first.due_at) == (
        "Repair",
        (AFTERNOON,),
        AFTERNOON,
        due,
    )
    assert (first.state, first.version, first.booking, first.hold) == ("open", 1, None, None)
    assert (second.name, second.duration_s) == ("Boiler repair", 900)


def test_a_known_customer_and_site_are_used_again(ctx: Context) -> None:
    """A second order of the same customer must not make a second customer or a second house."""
    first = _create(ctx, _order())
    by_id = _create(ctx, _order(customer=None, customer_id=first.customer_id, site=None, site_id=first.site.id))
    by_address = _create(
        ctx,
        _order(
            customer=None,
            customer_id=first.customer_id,
            site=NewSite(address="7 elm st.", latitude=38.91, longitude=-77.02, access_notes="Gate code 17"),
        ),
    )

    assert by_id.site == first.site
    assert by_address.site == replace(first.site, access_notes="Gate code 17")
    with ctx.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(CustomerRow)) == 1
        assert session.scalar(select(func.count()).select_from(SiteRow)) == 1


def test_a_contact_point_that_exists_names_its_customer(ctx: Context) -> None:
    """The answer says whom to use instead; nothing of the refused order stays."""
    first = _create(ctx, _order())
    with pytest.raises(AlreadyThere) as refused:
        _create(ctx, _order())

    assert refused.value.details == {"customer_ids": [first.customer_id]}
    with ctx.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(WorkOrderRow)) == 1


def test_all_faults_come_at_once_with_their_paths(ctx: Context) -> None:
    """Who has to correct a request wants to do it once."""
    yesterday = TimeWindow(NOW - timedelta(days=1), NOW - timedelta(hours=20))
    turned = TimeWindow(AFTERNOON.latest, AFTERNOON.earliest)
    request = _order(
        territory_id="te_dc",
        summary=" ",
        customer=NewCustomer(name="", contacts=(NewContact(kind=ContactKind.PHONE, value="12"),)),
        site=NewSite(address="Nowhere 1"),
        visits=(
            VisitRequest(duration_s=0, required_skills={"hvac": 1, "gas": 0}, windows=(AFTERNOON, turned, yesterday)),
            VisitRequest(duration_s=60, priority=9, unassigned_cents=-1, preferred_technicians=("tn_kim", "tn_x")),
            VisitRequest(duration_s=60, allowed_technicians=("tn_kim",), forbidden_technicians=("tn_kim",)),
            VisitRequest(duration_s=60, release_at=NOW + timedelta(days=1), due_at=NOW, windows=(AFTERNOON,)),
        ),
    )

    assert _paths(ctx, request) == [
        "summary",
        "customer.contacts[0].value",
        "customer.name",
        "site.address",
        "visits[0].duration_s",
        "visits[0].required_skills.hvac",
        "visits[0].required_skills.gas",
        "visits[0].windows[1].latest",
        "visits[0].windows[2].latest",
        "visits[1].priority",
        "visits[1].unassigned_cents",
        "visits[1].preferred_technicians[1]",
        "visits[2].allowed_technicians",
        "visits[3].due_at",
        "visits[3].release_at",
    ]


def test_things_that_do_not_exist_are_faults_of_the_request(ctx: Context) -> None:
    """An id that was mistyped is told like every other slip."""
    other = _create(ctx, _order())
    request = _order(
        territory_id="te_x", customer=None, customer_id="cu_x", site=None, site_id=other.site.id, visits=()
    )

    assert _paths(ctx, request) == ["territory_id", "customer_id", "site_id", "visits"]
    assert _paths(ctx, _order(customer_id="cu_x", site=None)) == ["customer", "site"]
    assert _paths(ctx, _order(site=NewSite(address="x", latitude=91.0))) == ["site.longitude", "site.latitude"]


def test_an_unknown_address_says_so(ctx: Context, town: Town) -> None:
    """An address nobody knows has its own code, so that a form can ask for a pin on the map; a geocoder that is down
    is not the customer's fault, and given coordinates need none."""
    with pytest.raises(AddressNotFound, match=r"site\.address: found 'Nowhere 1'"):
        _create(ctx, _order(site=NewSite(address="Nowhere 1")))
    town.is_down = True
    with pytest.raises(GeocoderUnavailable):
        _create(ctx, _order())

    made = _create(ctx, _order(site=NewSite(address="Nowhere 1", latitude=38.9, longitude=-77.0)))
    assert (made.site.address, made.site.geocoded_by) == ("Nowhere 1", "given")


def test_a_link_opens_its_own_work_order_only(ctx: Context) -> None:
    """What somebody else ordered does not exist for a customer; neither does what does not exist."""
    with ctx.database.writing() as session:
        own, other = (add_visit(session, add_territory(session)) for _ in range(2))
    customer = customer_of(own.work_order_id)

    assert view(ctx, customer, read_work_order, own.work_order_id).visits[0].id == own.id
    assert view(ctx, customer, read_visit, own.id).id == own.id
    for use_case, name in ((read_work_order, other.work_order_id), (read_work_order, "wo_x")):
        with pytest.raises(NotFound, match=f"there is no work order '{name}'"):
            view(ctx, customer, use_case, name)
    for name in (other.id, "vi_x"):
        with pytest.raises(NotFound, match=f"there is no visit '{name}'"):
            view(ctx, customer, read_visit, name)


def test_work_orders_are_listed_newest_first_in_pages(ctx: Context) -> None:
    """Orders of one instant must neither be lost between pages nor come twice."""
    clock = ctx.clock
    assert isinstance(clock, FakeClock)
    first = _create(ctx, _order(reference="A"))
    rest = {"customer": None, "customer_id": first.customer_id}
    same = [_create(ctx, _order(reference="B", **rest)).id for _ in range(3)]
    clock.advance(timedelta(minutes=1))
    last = _create(ctx, _order(reference="A", **rest))

    page = view(ctx, STAFF, list_work_orders, limit=3)
    end = view(ctx, STAFF, list_work_orders, limit=3, after=page.next)
    seen = [order.id for order in page.items + end.items]
    assert (seen[0], set(seen[1:]), len(seen), end.next) == (last.id, {first.id, *same}, 5, None)
    by_reference = view(ctx, STAFF, list_work_orders, reference="A", state="open", territory_id="te_dc")
    assert [order.id for order in by_reference.items] == [last.id, first.id]
    assert view(ctx, STAFF, list_work_orders, customer_id="cu_x").items == ()
    assert view(ctx, STAFF, list_work_orders, state="canceled").items == ()


def test_an_open_visit_is_edited_at_the_version_that_was_read(ctx: Context) -> None:
    """Two dispatchers who correct the same visit must not overwrite each other unknowingly."""
    visit = _create(ctx, _order()).visits[0]
    edited = transact(ctx, STAFF, edit_visit, visit.id, 1, VisitChanges(duration_s=5_400, windows=(AFTERNOON,)))
    same = transact(ctx, STAFF, edit_visit, visit.id, 2, VisitChanges(duration_s=5_400))
    with pytest.raises(VersionStale, match="version 2, not 1") as refused:
        transact(ctx, STAFF, edit_visit, visit.id, 1, VisitChanges(priority=5))

    assert edited == replace(visit, duration_s=5_400, windows=(AFTERNOON,), version=2)
    assert same == edited
    assert refused.value.details == {"version": 2, "read": 1}
    with pytest.raises(NotFound):
        transact(ctx, STAFF, edit_visit, "vi_x", 1, VisitChanges(priority=5))


def test_faults_of_an_edit_are_those_of_what_is_edited(ctx: Context) -> None:
    """A window that is over by now was right once; it must not keep anybody from raising the priority."""
    with ctx.database.writing() as session:
        over = [[local("05:00").isoformat(), local("06:00").isoformat()]]
        visit = add_visit(session, add_territory(session), windows=over)
    edited = transact(ctx, STAFF, edit_visit, visit.id, 1, VisitChanges(priority=5))
    with pytest.raises(InvalidInput) as refused:
        transact(ctx, STAFF, edit_visit, visit.id, 2, VisitChanges(priority=6, required_skills={"hvac": 1}))

    assert edited.priority == 5
    assert [fault.path for fault in refused.value.faults] == ["required_skills.hvac", "priority"]


@pytest.mark.parametrize("state", ["held", "booked", "done", "canceled"])
def test_a_visit_with_a_promise_is_not_edited(ctx: Context, state: str) -> None:
    """What was promised was promised for this duration and these skills."""
    with ctx.database.writing() as session:
        visit = add_visit(session, add_territory(session), state=state)
    with pytest.raises(WrongState, match=f"is {state}; only an open one"):
        transact(ctx, STAFF, edit_visit, visit.id, 1, VisitChanges(priority=5))

    with ctx.database.reading() as session:
        assert session.get_one(VisitRow, visit.id).priority == 3


def test_a_site_of_somebody_else_is_refused(ctx: Context) -> None:
    """A technician must not be sent to the neighbor."""
    with ctx.database.writing() as session:
        customer, neighbor = add_customer(session), add_customer(session, name="Neighbor")
        site, depot = add_site(session, neighbor), add_site(session, kind="depot")
    for site_id in (site.id, depot.id, "si_x"):
        request = _order(customer=None, customer_id=customer.id, site=None, site_id=site_id)
        assert _paths(ctx, request) == ["site_id"]
