"""A customer asks to be forgotten: nothing says who it was, and everything still adds up."""

from datetime import timedelta
from typing import Any, Final

import pytest
from sqlalchemy import select

from api_client import client_for
from booking_worlds import MORNING
from fieldops.domain.progress import EventKind, ProgressEvent
from fieldops.store.database import Database
from fieldops.store.ids import new_id
from fieldops.store.tables import CustomerRow, LinkRow, MessageRow, OptOutRow, PromiseRow, Row, SiteRow
from fieldops.usecases.receive_sms import receive_sms
from fieldops.usecases.record_progress import record_events
from fieldops.usecases.send_due import send_due
from fieldops.usecases.work import transact
from page_worlds import ADDRESS, CONTACT, NEAR, PageWorld, make_page_world
from worlds import OPS, STAFF, SYSTEM, add_customer, add_work_order

#: What was typed or said by or about the customer, somewhere.
TRACES: Final = ("Zoë", "zoe@example.com", "2025550188", "Main Street", "leaks", "two dogs", "ring twice")


def _erase(page: PageWorld, customer_id: str) -> Any:
    """Ask for it, as somebody who may."""
    return client_for(page.world.ctx, OPS).post(f"/v1/customers/{customer_id}/erase")


def _booked(page: PageWorld) -> tuple[dict[str, Any], str]:
    """Let somebody book, and be known for it; gives the booking and the customer's id."""
    booking = page.customer(details="It leaks.").book()
    customer_id = page.staff.get(f"/v1/bookings/{booking['id']}").json()["customer_id"]
    return booking, customer_id


def _serve(page: PageWorld, booking: dict[str, Any]) -> None:
    """Serve a booking; a day goes by."""
    clock = page.world.clock
    clock.advance(MORNING.latest - clock.now())
    about = {"occurred_at": clock.now(), "technician_id": page.world.technicians[0].id, "visit_id": booking["visit_id"]}
    done = ProgressEvent(id=new_id("ev"), kind=EventKind.DONE, reason="Zoë was not content", **about)
    transact(page.world.ctx, SYSTEM, record_events, [done])
    clock.advance(timedelta(days=1))


def _written(database: Database) -> dict[str, str]:
    """Read every table as text."""
    with database.reading() as session:
        tables = Row.metadata.sorted_tables
        return {table.name: str(session.execute(select(table)).all()) for table in tables}


def test_nothing_says_who_it_was_and_everything_still_adds_up(database: Database) -> None:
    """Whoever is erased is in no table any more, in no column that somebody thought of later either."""
    page = make_page_world(database)
    booking, customer_id = _booked(page)
    address = f"/v1/customers/{customer_id}"
    kept = {"Idempotency-Key": "of-the-note"}
    note = page.staff.post(f"{address}/notes", json={"text": "Has two dogs", "channel": "phone"}, headers=kept)
    renamed = page.staff.patch(address, json={"name": "Zoë M. Müller", "reference": "Zoë"})
    transact(page.world.ctx, SYSTEM, receive_sms, "+12025550188", "Please ring twice")
    send_due(page.world.ctx)
    _serve(page, booking)
    task = page.staff.get("/v1/customers/" + customer_id)
    assert (note.status_code, renamed.status_code, task.status_code) == (201, 200, 200)
    with database.writing() as session:
        for message in session.scalars(select(MessageRow).where(MessageRow.customer_id == customer_id)):
            message.body, message.note = "Dear Zoë", "no such user: zoe@example.com"
    before = _written(database)
    assert all(any(trace in text for text in before.values()) for trace in TRACES)

    erased = _erase(page, customer_id)

    assert erased.status_code == 200, erased.text
    assert (erased.json()["name"], erased.json()["contacts"]) == ("", [])
    found = {(table, trace) for table, text in _written(database).items() for trace in TRACES if trace in text}
    assert found == set()
    with database.reading() as session:
        promises = session.scalars(select(PromiseRow.outcome).where(PromiseRow.customer_id == customer_id)).all()
        assert promises == ["kept"]
        assert all(session.scalars(select(LinkRow.revoked_at)))
        # About a kilometer is left of the place, so that the route of that day still looks like one.
        site = session.scalars(select(SiteRow).where(SiteRow.customer_id == customer_id)).one()
        assert (site.latitude, site.longitude) == (round(NEAR[0], 2), round(NEAR[1], 2))
    timeline = page.staff.get(f"{address}/timeline").json()["items"]
    assert {"promise", "booking", "work_order", "visit"} <= {entry["kind"] for entry in timeline}
    assert "customer.erased" in {entry["text"] for entry in timeline}


def test_whom_the_customer_was_before_is_erased_too(sqlite_database: Database) -> None:
    """Two records were merged into one: what was kept of the other one says who it was just as well."""
    page = make_page_world(sqlite_database)
    taken_down = {"name": "Zoë Müller", "contacts": [{"kind": "phone", "value": "+12025550188"}]}
    other = page.staff.post("/v1/customers", json=taken_down, headers={"Idempotency-Key": "of-the-call"}).json()
    with sqlite_database.writing() as session:
        customer_id = add_customer(session, name="Z.", phone=None, email=None).id
    merged = page.staff.post(f"/v1/customers/{customer_id}/merge", json={"other_id": other["id"]})
    assert merged.status_code == 200

    assert _erase(page, customer_id).status_code == 200

    assert not any("Zoë" in text or "2025550188" in text for text in _written(sqlite_database).values())


def test_whoever_was_erased_is_nobody_to_work_with(sqlite_database: Database) -> None:
    """Whoever comes again is a new customer; nothing new is written about the one who is gone."""
    page = make_page_world(sqlite_database)
    booking, customer_id = _booked(page)
    _serve(page, booking)
    address = f"/v1/customers/{customer_id}"
    _erase(page, customer_id)

    tries = [
        page.staff.patch(address, json={"name": "Zoë"}),
        page.staff.post(f"{address}/notes", json={"text": "Zoë called", "channel": "phone"}),
        page.staff.post(f"{address}/contacts", json={"kind": "email", "value": CONTACT["email"]}),
    ]
    again = _erase(page, customer_id)

    assert [each.status_code for each in tries] == [409, 409, 409]
    assert again.status_code == 200
    assert page.staff.get("/v1/customers").json()["items"] == []
    taken_down = {"name": "Zoë Müller", "contacts": [{"kind": "email", "value": CONTACT["email"]}]}
    assert page.staff.post("/v1/customers", json=taken_down).status_code == 201


def test_nobody_is_erased_whom_somebody_still_has_to_find(sqlite_database: Database) -> None:
    """The technician needs the address until the visit is over, and the route of the day goes on from there."""
    page = make_page_world(sqlite_database)
    booking, customer_id = _booked(page)
    clock = page.world.clock

    ahead = _erase(page, customer_id)
    clock.advance(MORNING.latest + timedelta(days=3) - clock.now())
    unreported = _erase(page, customer_id)
    clock.advance(-timedelta(days=3))
    _serve(page, booking)
    clock.advance(-timedelta(days=1))
    same_day = _erase(page, customer_id)

    for refused in (ahead, unreported, same_day):
        assert refused.status_code == 409, refused.text
        assert refused.json()["details"]["visit_ids"] == [booking["visit_id"]]
    with sqlite_database.reading() as session:
        assert session.get_one(CustomerRow, customer_id).name == CONTACT["name"]


def test_a_stop_outlives_the_customer(sqlite_database: Database) -> None:
    """Nobody may be written to again only because we have forgotten who asked for it."""
    page = make_page_world(sqlite_database)
    with sqlite_database.writing() as session:
        customer_id = add_customer(session, name="Pat", phone="+12025550177", email=None).id
    transact(page.world.ctx, SYSTEM, receive_sms, "+12025550177", "STOP")

    assert _erase(page, customer_id).status_code == 200

    taken_down = {"name": "Sam", "channel": "sms", "contacts": [{"kind": "phone", "value": "+12025550177"}]}
    (point,) = page.staff.post("/v1/customers", json=taken_down).json()["contacts"]
    assert point["stopped_at"] is not None
    with sqlite_database.reading() as session:
        assert session.scalars(select(OptOutRow.value)).all() == ["+12025550177"]


@pytest.mark.parametrize(("whose", "is_left"), [("a neighbor's", True), ("nobody else's", False)])
def test_an_address_that_somebody_else_has_stays(sqlite_database: Database, whose: str, is_left: bool) -> None:
    """Two in one house share a place; one of them asks to be forgotten, not the other."""
    page = make_page_world(sqlite_database)
    booking, customer_id = _booked(page)
    _serve(page, booking)
    with sqlite_database.writing() as session:
        site_id = session.scalars(select(SiteRow.id).where(SiteRow.customer_id == customer_id)).one()
        if is_left:
            other = add_customer(session, name="Sam", email=None, phone=None)
            place = session.get_one(SiteRow, site_id)
            add_work_order(session, page.world.territory, customer=other, site=place)

    assert _erase(page, customer_id).status_code == 200

    with sqlite_database.reading() as session:
        assert (session.get_one(SiteRow, site_id).address == ADDRESS) is is_left, whose


def test_only_who_runs_the_service_erases(sqlite_database: Database) -> None:
    """There is no way back, so it is not for everybody who answers the phone."""
    page = make_page_world(sqlite_database)
    with sqlite_database.writing() as session:
        customer_id = add_customer(session).id

    assert page.staff.post(f"/v1/customers/{customer_id}/erase").status_code == 403
    assert client_for(page.world.ctx, STAFF).get(f"/v1/customers/{customer_id}").json()["customer"]["erased_at"] is None
