"""Who answers the phone: one number, and everything about the caller in three requests."""

from datetime import timedelta
from typing import Any

from starlette.testclient import TestClient

from api_client import client_for
from fieldops.domain.progress import EventKind
from fieldops.store.database import Database
from fieldops.store.tables import CustomerRow
from fieldops.usecases.customer_view import OVERDUE
from telling_worlds import make_live_world
from worlds import NOW, STAFF, add_territory, add_work_order

PHONE = "(202) 555-0123"


def _screen(client: TestClient) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Look up who is calling, and read what the screen shows: the customer with what is open, and the history."""
    found = client.post("/v1/customers/lookup", json={"contact": PHONE}).json()
    (customer,) = found["customers"]
    overview: dict[str, Any] = client.get(f"/v1/customers/{customer['id']}").json()
    history: list[dict[str, Any]] = client.get(f"/v1/customers/{customer['id']}/timeline").json()["items"]
    return overview, history


def test_who_calls_because_nobody_has_come_is_still_expected(database: Database) -> None:
    """The visit a caller asks for is the one whose window has just passed; it leaves the screen when it is over."""
    world = make_live_world(database)
    booking = world.booked("10:00", "12:00")
    client = client_for(world.ctx, STAFF)

    before, _ = _screen(client)
    world.at("12:20")
    late, _ = _screen(client)
    world.report(booking, EventKind.STARTED)
    world.at("13:00")
    world.report(booking, EventKind.DONE)
    over, history = _screen(client)

    assert [line["id"] for line in before["upcoming_bookings"]] == [booking.id]
    assert [line["id"] for line in late["upcoming_bookings"]] == [booking.id]
    assert over["upcoming_bookings"] == []
    assert (late["promises"]["broken"], over["promises"]["broken"]) == (0, 1)
    # What she was told, promised and what became of it is one list, newest first.
    assert {"message", "promise", "booking"} <= {line["kind"] for line in history}
    assert "broken" in {line["state"] for line in history if line["kind"] == "promise"}


def test_a_visit_that_nobody_reported_of_is_not_expected_for_ever(database: Database) -> None:
    """A forgotten report must not stand at the top of the screen in a week."""
    world = make_live_world(database)
    booking = world.booked("10:00", "12:00")
    client = client_for(world.ctx, STAFF)

    world.clock.advance(booking.window_end + OVERDUE - world.clock.now())
    just = _screen(client)[0]["upcoming_bookings"]
    world.clock.advance(timedelta(minutes=1))

    assert [line["id"] for line in just] == [booking.id]
    assert _screen(client)[0]["upcoming_bookings"] == []


def test_times_are_told_where_the_customer_lives_now(database: Database) -> None:
    """She moved: her newest order, done already, is in another territory; what is booked here is still told as here."""
    world = make_live_world(database)
    booking = world.booked("10:00", "12:00")
    with world.ctx.database.writing() as session:
        there = add_territory(session, name="Denver", time_zone="America/Denver")
        customer = session.get_one(CustomerRow, booking.customer_id)
        add_work_order(session, there, customer=customer, state="closed", created_at=NOW + timedelta(days=1))
        there_id = there.id
    overview, _ = _screen(client_for(world.ctx, STAFF))
    assert overview["territory_id"] == there_id
    assert [line["territory_id"] for line in overview["upcoming_bookings"]] == [booking.territory_id]
    assert [order["territory_id"] for order in overview["open_orders"]] == [booking.territory_id]


def test_whoever_never_ordered_has_no_territory(database: Database) -> None:
    """Known by a name and a number only."""
    client = client_for(make_live_world(database).ctx, STAFF)
    customer = client.post("/v1/customers", json={"name": "Zoe"}).json()
    assert client.get(f"/v1/customers/{customer['id']}").json()["territory_id"] is None
