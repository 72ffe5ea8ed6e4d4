"""Who booked on the page and was known before is one customer again, once somebody says so."""

from typing import Any

from sqlalchemy import select

from fieldops.store.database import Database
from fieldops.store.tables import AuditRow, ContactPointRow, CustomerRow
from page_worlds import CONTACT, make_page_world
from worlds import add_customer, add_technician


def _known(database: Database, **changes: Any) -> str:
    """Take somebody down on the phone, with the number that somebody then gives on the page."""
    with database.writing() as session:
        return add_customer(session, phone="+12025550188", email=None, name="Zoë M.", **changes).id


def test_two_customers_become_one(database: Database) -> None:
    """Orders, bookings, promises, messages, notes and addresses of both are found with one of them."""
    page = make_page_world(database)
    known_id = _known(database, reference="SAP-1")
    booking = page.customer(details="It leaks.").book()
    other_id = page.staff.get(f"/v1/bookings/{booking['id']}").json()["customer_id"]
    shown = page.staff.get(f"/v1/customers/{known_id}").json()
    assert shown["same_contacts"] == [{"id": other_id, "name": CONTACT["name"]}]

    merged = page.staff.post(f"/v1/customers/{known_id}/merge", json={"other_id": other_id})

    assert merged.status_code == 200
    points = {(point["kind"], point["value"]) for point in merged.json()["contacts"]}
    assert points == {("phone", "+12025550188"), ("email", "zoe@example.com")}
    assert (merged.json()["name"], merged.json()["reference"]) == ("Zoë M.", "SAP-1")
    overview = page.staff.get(f"/v1/customers/{known_id}").json()
    assert (overview["same_contacts"], overview["promises"]["open"]) == ([], 1)
    assert [each["id"] for each in overview["upcoming_bookings"]] == [booking["id"]]
    kinds = {entry["kind"] for entry in page.staff.get(f"/v1/customers/{known_id}/timeline").json()["items"]}
    assert {"note", "message", "promise", "booking", "work_order"} <= kinds
    assert page.staff.get(f"/v1/customers/{other_id}").status_code == 404
    with database.reading() as session:
        assert "customer.merged" in session.scalars(select(AuditRow.action)).all()


def test_what_was_said_of_a_number_is_not_forgotten(database: Database) -> None:
    """Consent that anybody could give on the page makes nobody hear more, and a STOP to either is one to both."""
    page = make_page_world(database)
    known_id = _known(database)
    with database.writing() as session:
        [own] = session.scalars(select(ContactPointRow).where(ContactPointRow.customer_id == known_id))
        own.consent_at = None
    customer = page.customer()
    hold = customer.hold()
    customer.tell(consents={"email": True, "sms": True})
    other_id = page.staff.get(f"/v1/bookings/{customer.confirm(hold).json()['id']}").json()["customer_id"]
    with database.writing() as session:
        of_other = select(ContactPointRow).where(ContactPointRow.customer_id == other_id)
        [number] = session.scalars(of_other.where(ContactPointRow.kind == "phone"))
        number.stopped_at = page.world.clock.now()

    merged = page.staff.post(f"/v1/customers/{known_id}/merge", json={"other_id": other_id}).json()

    [number] = [point for point in merged["contacts"] if point["kind"] == "phone"]
    assert (number["consent_at"], number["stopped_at"] is None) == (None, False)


def test_wishes_go_along(database: Database) -> None:
    """Whom one of them knows, both know now; the plan heeds it for visits that are booked already."""
    page = make_page_world(database)
    with database.writing() as session:
        kim = add_technician(session, page.world.territory, name="Kim K").id
    known_id = _known(database, known_technician_id=kim)
    booking = page.customer().book()
    other_id = page.staff.get(f"/v1/bookings/{booking['id']}").json()["customer_id"]
    before = page.world.plan().version

    merged = page.staff.post(f"/v1/customers/{other_id}/merge", json={"other_id": known_id}).json()

    assert (merged["known_technician_id"], merged["name"]) == (kim, CONTACT["name"])
    assert page.world.plan().version == before + 1


def test_nobody_is_merged_with_nobody(database: Database) -> None:
    """Oneself, somebody who is not there, and somebody who is still about to book are no other customers."""
    page = make_page_world(database)
    known_id = _known(database)
    page.customer().tell()
    with database.reading() as session:
        draft_id = session.scalars(select(CustomerRow.id).where(CustomerRow.is_draft)).one()

    for other_id in (known_id, "cu_1", draft_id):
        refused = page.staff.post(f"/v1/customers/{known_id}/merge", json={"other_id": other_id})
        assert (refused.status_code, refused.json()["faults"][0]["path"]) == (422, "other_id")
    gone = page.staff.post(f"/v1/customers/{draft_id}/merge", json={"other_id": known_id})
    assert gone.status_code == 404
