"""Somebody finds no free time on the booking page, and asks to be called."""

from datetime import timedelta

from sqlalchemy import select

from fieldops.store.database import Database
from fieldops.store.tables import CustomerRow, TaskRow, VisitRow
from fieldops.usecases.forget_drafts import forget_drafts
from page_worlds import CONTACT, make_page_world


def test_who_finds_no_time_is_called(database: Database) -> None:
    """What was asked for stays, staff know whom to call until when, and a window can be had with the same link."""
    page = make_page_world(database)
    customer = page.customer(details="Cold since Sunday.")
    assert customer.tell().status_code == 200
    asked = customer.client.post("/v1/booking/call", headers={"Idempotency-Key": "call-1"})
    again = customer.client.post("/v1/booking/call", headers={"Idempotency-Key": "call-2"})
    assert (asked.status_code, again.json()) == (200, asked.json())

    page.world.clock.advance(timedelta(days=3))
    assert forget_drafts(page.world.ctx) == 0
    [task] = page.staff.get("/v1/tasks").json()["items"]
    assert (task["kind"], task["visit_id"], task["due_at"]) == (
        "no_time",
        customer.begun["visit_id"],
        asked.json()["due_at"],
    )
    assert task["summary"] == f"{CONTACT['name']} found no free time for: Heating does not work: Cold since Sunday."
    [found] = page.staff.get("/v1/customers", params={"name": CONTACT["name"]}).json()["items"]
    assert found["id"] == task["customer_id"]
    with database.reading() as session:
        assert session.scalars(select(VisitRow.state)).all() == ["open"]


def test_nobody_is_called_who_cannot_be(database: Database) -> None:
    """Without a name and a number there is nobody to call; whoever has booked has a time."""
    page = make_page_world(database)
    customer = page.customer()
    missing = customer.client.post("/v1/booking/call")
    assert (missing.status_code, missing.json()["faults"][0]["path"]) == (422, "contact")
    customer.book()
    assert customer.client.post("/v1/booking/call").json()["code"] == "E3005"
    with database.reading() as session:
        assert session.scalars(select(TaskRow.id)).all() == []
        assert session.scalars(select(CustomerRow.is_draft)).all() == [False]
