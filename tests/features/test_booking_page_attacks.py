"""Strangers on the booking page: what they try, and what they learn by it, which is nothing."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from api_client import client_for
from fieldops.store.database import Database
from fieldops.store.tables import (
    ContactPointRow,
    CustomerRow,
    IdempotencyRow,
    LinkRow,
    WorkOrderRow,
)
from fieldops.travel.geocoders import TableGeocoder
from fieldops.usecases.receive_sms import receive_sms
from fieldops.usecases.work import transact
from page_worlds import ADDRESS, CONTACT, FAR, NEAR, PageWorld, make_page_world
from worlds import SYSTEM, add_customer, add_site


def _faults(answer: Any) -> dict[str, str]:
    """Return what was expected where."""
    assert answer.status_code == 422, answer.text
    return {fault["path"]: fault["expected"] for fault in answer.json()["faults"]}


def _count(page: PageWorld, table: Any) -> int:
    with page.world.ctx.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_token_opens_its_own_request_only(database: Database) -> None:
    """Ids of another customer's request, hold or booking are like ids of nothing."""
    page = make_page_world(database)
    mine, other = page.customer(), page.customer()
    offer, hold = other.offer(), other.hold()

    visit_id, order_id = other.begun["visit_id"], other.begun["work_order_id"]
    tried = [
        mine.client.post("/v1/quotes", json={"visit_id": visit_id}),
        mine.client.post("/v1/holds", json={"offer_id": offer}),
        mine.client.get(f"/v1/holds/{hold['id']}"),
        mine.client.post(f"/v1/holds/{hold['id']}/extend"),
        mine.client.delete(f"/v1/holds/{hold['id']}"),
        mine.client.post("/v1/bookings", json={"hold_id": hold["id"]}),
        mine.client.get(f"/v1/work-orders/{order_id}"),
        mine.client.get(f"/v1/visits/{visit_id}"),
    ]

    assert [answer.status_code for answer in tried] == [404] * len(tried)
    assert other.client.get(f"/v1/holds/{hold['id']}").json()["state"] == "active"
    staff_only = [mine.client.get(path) for path in ("/v1/work-orders", "/v1/customers", "/v1/bookings")]
    assert [answer.status_code for answer in staff_only] == [403] * 3


def test_contact_says_nothing_about_others(database: Database) -> None:
    """The number of somebody known, who said STOP besides, is taken like any other: one answer, word for word."""
    page = make_page_world(database)
    with database.writing() as session:
        known = add_customer(session, phone="+12025550188", email="zoe@example.com", name="The real one")
    transact(page.world.ctx, SYSTEM, receive_sms, "+12025550188", "STOP")
    consents = {"email": True, "sms": True}

    theirs = page.customer().tell(consents=consents)
    unknown = page.customer().tell(consents=consents, phone="+1 202 555 0199", email="nobody@example.com")

    assert (theirs.status_code, unknown.status_code) == (200, 200)
    differing = {name for name in theirs.json() if theirs.json()[name] != unknown.json()[name]}
    assert differing == {"email", "phone"}
    with database.reading() as session:
        # What is known of the real one is as it was, and nothing will be sent where somebody said STOP.
        assert session.get_one(CustomerRow, known.id).name == "The real one"
        stopped = session.scalars(
            select(ContactPointRow.customer_id).where(ContactPointRow.stopped_at.is_not(None))
        ).all()
    assert len(stopped) == 2


def test_staff_find_everybody_with_a_number(database: Database) -> None:
    """Who books on the page with a number that is known is found together with whoever was known by it."""
    page = make_page_world(database)
    with database.writing() as session:
        add_customer(session, phone="+12025550188", email=None, name="Zoë M.")
    page.customer().book()

    found = page.staff.post("/v1/customers/lookup", json={"contact": CONTACT["phone"]}).json()["customers"]

    assert sorted(customer["name"] for customer in found) == ["Zoë M.", "Zoë Müller"]


def test_addresses_of_customers_are_not_told(database: Database) -> None:
    """Whether somebody is a customer here can be read from which addresses are known: staff are told, nobody else."""
    page = make_page_world(database)
    ctx = replace(page.world.ctx, geocoder=TableGeocoder(()))
    with database.writing() as session:
        add_site(session, add_customer(session), address="5 Secret Lane", km_north=1.0)

    anybody = client_for(ctx).post(f"{page.page}/locate", json={"address": "5 Secret Lane"})
    begun = client_for(ctx).post(f"{page.page}/requests", json=page.wish(site={"address": "5 Secret Lane"}))

    assert (anybody.status_code, anybody.json()) == (200, {"candidates": []})
    assert list(_faults(begun)) == ["site.address"]


def test_a_place_somebody_made_up_leads_nobody_else_astray(database: Database) -> None:
    """Coordinates set on the page count for that request only: staff are not told to go there for the address."""
    page = make_page_world(database)
    page.customer(site={"address": "9 Elsewhere Road", "latitude": NEAR[0], "longitude": NEAR[1]})

    found = page.staff.post("/v1/addresses/locate", json={"address": "9 Elsewhere Road"})

    assert (found.status_code, found.json()["code"]) == (422, "E1003")


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"answers": {}}, "answers.fuel"),
        ({"answers": {"fuel": "plutonium"}}, "answers.fuel"),
        ({"answers": {"fuel": ""}}, "answers.fuel"),
        ({"answers": {"fuel": "gas", "color": "red"}}, "answers.color"),
        ({"answers": {"fuel": "gas", "model": "x" * 2_001}}, "answers.model"),
        ({"answers": {"fuel": "gas"} | {f"q{n}": "" for n in range(30)}}, "answers"),
        ({"details": "x" * 2_001}, "details"),
        ({"service_id": "sv_0000000000000000"}, "service_id"),
        ({"site": {"address": ADDRESS, "latitude": FAR[0], "longitude": FAR[1]}}, "site.address"),
        ({"site": {"address": ADDRESS, "latitude": NEAR[0]}}, "site.longitude"),
        ({"site": {"address": "no such place"}}, "site.address"),
        ({"site": {"address": " , "}}, "site.address"),
        ({"language": "xx"}, "language"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_wishes_that_make_no_sense(sqlite_database: Database, changes: dict[str, Any], path: str) -> None:
    """Refused by the name of the field, and nothing of it is kept."""
    page = make_page_world(sqlite_database)

    found = _faults(page.begin(**changes))

    assert [name for name in found if name.split(".")[-1] == path.split(".")[-1] or name.startswith(path)]
    assert _count(page, WorkOrderRow) == _count(page, CustomerRow) == _count(page, LinkRow) == 0


def test_services_that_are_not_on_offer_cannot_be_had(database: Database) -> None:
    """Taken off, not public, or of another territory: all of them like one that does not exist."""
    page = make_page_world(database)
    catalog = f"/v1/territories/{page.world.territory.id}/services"
    plain = {"names": {"en": "Inside"}, "duration_s": 600}
    hidden = page.staff.post(catalog, json={**plain, "is_public": False}).json()["id"]
    off = page.staff.post(catalog, json={**plain, "is_active": False}).json()["id"]

    said = {_faults(page.begin(service_id=name, answers={}))["service_id"] for name in (hidden, off, "sv_1")}

    assert len(said) == 1


def test_texts_are_only_texts(database: Database) -> None:
    """SQL and scripts are kept as they are; NUL, which no database keeps, is refused."""
    page = make_page_world(database)
    evil = "'; drop table customers; -- <script>alert(1)</script> {{7*7}}"
    customer = page.customer(answers={"fuel": "gas", "model": evil}, details=evil)

    assert customer.tell(name=evil, note=evil, access_notes=evil).json()["name"] == evil
    assert customer.confirm(customer.hold()).status_code == 201
    assert page.staff.get("/v1/work-orders").json()["items"][0]["customer_name"] == evil
    for body in ({"details": "a\x00b"}, {"answers": {"fuel": "gas", "model": "\x00"}}, {"service_id": "\x00"}):
        assert page.begin(**body).status_code == 422
    assert customer.client.put("/v1/booking/contact", json={**CONTACT, "name": "\x00"}).status_code == 422
    assert page.anybody.post(f"{page.page}/locate", json={"address": "\x00"}).status_code == 422


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"name": "  "}, "name"),
        ({"email": None, "phone": None}, "email"),
        ({"email": "zoe at home"}, "email"),
        ({"phone": "555"}, "phone"),
        ({"phone": None, "preferred_channel": "sms"}, "preferred_channel"),
        ({"note": "x" * 2_001}, "body.note"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_contact_that_cannot_be_used(sqlite_database: Database, changes: dict[str, Any], path: str) -> None:
    """Each fault by the field of the form."""
    found = _faults(make_page_world(sqlite_database).customer().tell(**changes))

    assert [name for name in found if name.removeprefix("body.") == path.removeprefix("body.")]


def test_repeating_the_first_step_begins_once(database: Database) -> None:
    """The same key and wish give the same token, which is stored nowhere; another wish with it is refused."""
    page = make_page_world(database)
    first, second = page.begin(key="4711"), page.begin(key="4711")
    other = page.begin(key="4711", details="Something else")

    assert (second.status_code, second.json()) == (201, first.json())
    assert second.headers["idempotent-replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (409, "E3006")
    assert _count(page, WorkOrderRow) == 1
    with database.reading() as session:
        [kept] = session.scalars(select(IdempotencyRow)).all()
    assert first.json()["token"] not in kept.body
    assert "testclient" not in kept.principal
    with database.writing() as session:
        session.scalars(select(LinkRow)).one().revoked_at = page.world.clock.now()
    assert page.begin(key="4711").json()["token"] is None


def test_one_address_cannot_fill_the_days(sqlite_database: Database) -> None:
    """Every request may hold a window: after so many from one address it is told when it may go on."""
    page = make_page_world(sqlite_database, booking_rate_limit="20/hour", locate_rate_limit="2/minute")

    statuses = [page.begin().status_code for _ in range(21)]
    looked = [page.anybody.post(f"{page.page}/locate", json={"address": ADDRESS}).status_code for _ in range(3)]

    assert statuses == [201] * 20 + [429]
    assert looked == [200, 200, 429]
    # Whoever has a token goes on.
    assert page.anybody.get(page.page).status_code == 200
