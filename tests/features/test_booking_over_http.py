"""Booking over HTTP: the whole way of one appointment, and what happens when two want the same place."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from icalendar import Calendar
from sqlalchemy import func, select
from starlette.testclient import TestClient

from api_client import client_for
from booking_worlds import MORNING, NOON, World, assert_sound, make_world
from fieldops.domain.problem import TimeWindow
from fieldops.store.database import Database
from fieldops.store.tables import BookingRow, HoldRow, VisitRow, WorkOrderRow
from fieldops.usecases.links import LinkPurpose, issue_link
from fieldops.usecases.work import transact
from worlds import STAFF, add_visit

TWO_HOURS = 7_200


def _text(instant: Any) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def _offer(client: TestClient, visit: VisitRow, window: TimeWindow) -> str:
    """Quote a visit and pick the offer for a window."""
    quote = client.post("/v1/quotes", json={"visit_id": visit.id})
    assert quote.status_code == 201, quote.text
    offers = {offer["window_start"]: offer["id"] for offer in quote.json()["offers"]}
    return str(offers[_text(window.earliest)])


def _customer(world: World, visit: VisitRow) -> TestClient:
    """Make a client that has only the link to the work order of a visit."""
    link = transact(world.ctx, STAFF, issue_link, LinkPurpose.CUSTOMER, visit.work_order_id)
    return client_for(world.ctx, link.token)


def _booked(client: TestClient, visit: VisitRow, window: TimeWindow) -> dict[str, Any]:
    """Quote, hold and confirm."""
    hold = client.post("/v1/holds", json={"offer_id": _offer(client, visit, window)}).json()
    booking: dict[str, Any] = client.post("/v1/bookings", json={"hold_id": hold["id"]}).json()
    return booking


def test_appointment_goes_its_whole_way(sqlite_database: Database) -> None:
    """Quoted, held, confirmed, moved, canceled: every step is one request, and every answer can be read again."""
    world = make_world(sqlite_database)
    visit, client = world.visit(), client_for(world.ctx, STAFF)
    quote = client.post("/v1/quotes", json={"visit_id": visit.id, "num_days": 2}).json()
    assert [offer["rank"] for offer in quote["offers"]] == [1, 2, 3, 4, 5]
    assert quote["offers"][0]["technicians"][0]["technician_id"] == world.technicians[0].id
    assert {refused["reason"] for refused in quote["refused"]} == {"no_shifts"}

    held = client.post("/v1/holds", json={"offer_id": _offer(client, visit, MORNING)})
    assert (held.status_code, held.headers["location"]) == (201, f"/v1/holds/{held.json()['id']}")
    world.clock.advance(timedelta(seconds=90))
    left = client.get(f"/v1/holds/{held.json()['id']}").json()
    # Held for ten minutes, ninety seconds ago.
    assert (left["state"], left["seconds_left"]) == ("active", 510)

    booking = client.post("/v1/bookings", json={"hold_id": held.json()["id"]})
    assert booking.status_code == 201
    address = booking.headers["location"]
    assert client.get(address).json() == booking.json()
    assert (booking.json()["window_start"], booking.json()["version"]) == (_text(MORNING.earliest), 1)
    listed = client.get("/v1/bookings", params={"date": "2026-03-17", "territory_id": world.territory.id})
    assert listed.json() == {"items": [booking.json()], "next": None}
    assert client.get("/v1/bookings", params={"date": "2026-03-18"}).json()["items"] == []

    moved = client.post(f"{address}/reschedule", json={"offer_id": _offer(client, visit, NOON)}).json()
    assert (moved["id"], moved["version"], moved["window_start"]) == (booking.json()["id"], 2, _text(NOON.earliest))
    before = Calendar.from_ical(client.get(f"{address}/calendar.ics").content).events[0]
    canceled = client.post(f"{address}/cancel", json={"reason": "works again"})
    assert (canceled.status_code, canceled.json()["state"]) == (200, "canceled")
    after = Calendar.from_ical(client.get(f"{address}/calendar.ics").content).events[0]

    assert before.start == NOON.earliest
    assert (before["STATUS"], after["STATUS"]) == ("CONFIRMED", "CANCELLED")
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"] > 0
    assert client.get("/v1/bookings", params={"state": "confirmed"}).json()["items"] == []
    assert client.post(f"{address}/cancel", json={}).json() == canceled.json()
    assert_sound(world.ctx)


def test_two_customers_and_one_place_left(sqlite_database: Database) -> None:
    """Both are shown the window, both take it: the first one has it, the other gets what else there is."""
    world = make_world(sqlite_database)
    visits = [world.visit(duration_s=TWO_HOURS) for _ in range(2)]
    customers = [_customer(world, visit) for visit in visits]
    offers = [_offer(client, visit, MORNING) for client, visit in zip(customers, visits, strict=True)]

    won, lost = (
        client.post("/v1/holds", json={"offer_id": offer}) for client, offer in zip(customers, offers, strict=True)
    )

    assert [won.status_code, lost.status_code] == [201, 409]
    problem = lost.json()
    assert (problem["code"], lost.headers["content-type"]) == ("E3001", "application/problem+json")
    assert _text(MORNING.earliest) not in [offer["window_start"] for offer in problem["details"]["offers"]]
    second = customers[1].post("/v1/holds", json={"offer_id": problem["details"]["offers"][0]["id"]})
    for client, hold in zip(customers, (won, second), strict=True):
        assert client.post("/v1/bookings", json={"hold_id": hold.json()["id"]}).status_code == 201
    assert_sound(world.ctx)


def test_customers_see_nothing_of_costs_and_technicians(sqlite_database: Database) -> None:
    """What a visit costs the company, who comes and who could not is for the company."""
    world = make_world(sqlite_database)
    visit = world.visit()
    customer = _customer(world, visit)
    quote = customer.post("/v1/quotes", json={"visit_id": visit.id})
    hold = customer.post("/v1/holds", json={"offer_id": quote.json()["offers"][0]["id"]})
    booking = customer.post("/v1/bookings", json={"hold_id": hold.json()["id"]})
    answers = [quote, hold, booking, customer.get(booking.headers["location"]), customer.get(hold.headers["location"])]

    assert set(quote.json()["offers"][0]) == {
        "id", "date", "window_start", "window_end", "rank", "technician_nearby", "reasons", "expires_at",
    }  # fmt: skip
    for answer in answers:
        assert answer.is_success
        for internal in ("technician_id", "cost", "shift", "refused", "slack", "planned_start", "customer_id"):
            assert internal not in answer.text
    assert customer.get("/v1/bookings").status_code == 403


def test_a_link_opens_its_own_booking_and_no_other(sqlite_database: Database) -> None:
    """Neither by one's own booking with somebody else's offer, nor with the token in the address of a calendar."""
    world = make_world(sqlite_database)
    mine, theirs = world.visit(), world.visit()
    staff, stranger = client_for(world.ctx, STAFF), _customer(world, mine)
    offer, booking, own = _offer(staff, theirs, NOON), _booked(staff, theirs, MORNING), _booked(stranger, mine, NOON)
    nobody, token = client_for(world.ctx), stranger.headers["authorization"].removeprefix("Bearer ")

    def calendar(booking_id: str) -> int:
        return nobody.get(f"/v1/bookings/{booking_id}/calendar.ics", params={"token": token}).status_code

    assert stranger.post(f"/v1/bookings/{own['id']}/reschedule", json={"offer_id": offer}).status_code == 404
    assert (calendar(own["id"]), calendar(booking["id"])) == (200, 404)
    assert staff.get(f"/v1/bookings/{booking['id']}").json() == booking


def test_the_address_of_an_appointment_opens_nothing_else(database: Database) -> None:
    """A calendar's server learns the address; with it nobody moves or cancels, or sees another appointment."""
    world = make_world(database)
    mine = world.visit()
    with database.writing() as session:
        other = add_visit(session, world.territory, work_order=session.get_one(WorkOrderRow, mine.work_order_id))
    staff, customer = client_for(world.ctx, STAFF), _customer(world, mine)
    own, second = _booked(customer, mine, NOON), _booked(staff, other, MORNING)
    shown = customer.get("/v1/track", params={"visit_id": mine.id}).json()
    address = urlsplit(shown["calendar_url"])
    token = dict(parse_qsl(address.query))["token"]
    bearer = client_for(world.ctx, token)
    nobody = client_for(world.ctx)

    file = nobody.get(f"{address.path}?{address.query}")
    other_file = nobody.get(f"/v1/bookings/{second['id']}/calendar.ics", params={"token": token})
    moved = bearer.post(f"/v1/bookings/{own['id']}/cancel", json={"reason": "No"})
    (link,) = staff.get(f"/v1/links?subject_id={mine.work_order_id}").json()["items"]
    assert staff.post(f"/v1/links/{link['id']}/revoke").status_code == 200
    revoked = nobody.get(f"{address.path}?{address.query}")

    assert (file.status_code, Calendar.from_ical(file.content).events[0]["uid"]) == (200, f"{own['id']}@fieldops")
    assert (other_file.status_code, moved.status_code, bearer.get("/v1/track").status_code) == (404, 401, 401)
    assert revoked.status_code == 401


def test_repeated_request_is_answered_and_not_done_again(sqlite_database: Database) -> None:
    """A phone that lost its connection asks again with the same key: one hold, one booking, the same answers."""
    world = make_world(sqlite_database)
    visit, client = world.visit(), client_for(world.ctx, STAFF)
    offer, other = _offer(client, visit, MORNING), _offer(client, visit, NOON)
    keyed = {"Idempotency-Key": "tap-1"}
    first, again = (client.post("/v1/holds", json={"offer_id": offer}, headers=keyed) for _ in range(2))
    reused = client.post("/v1/holds", json={"offer_id": other}, headers=keyed)

    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert ("idempotent-replayed" in first.headers, again.headers["idempotent-replayed"]) == (False, "true")
    assert again.headers["location"] == first.headers["location"]
    assert (reused.status_code, reused.json()["code"]) == (409, "E3006")
    confirm = {"hold_id": first.json()["id"]}
    bookings = [client.post("/v1/bookings", json=confirm, headers={"Idempotency-Key": "tap-2"}) for _ in range(3)]
    assert len({answer.text for answer in bookings}) == 1
    with sqlite_database.reading() as session:
        assert session.scalar(select(func.count()).select_from(HoldRow)) == 1
        assert session.scalar(select(func.count()).select_from(BookingRow)) == 1


def test_whose_time_is_over_gets_fresh_offers(sqlite_database: Database) -> None:
    """An offer or hold that has run out costs the customer one more tap, not a new start."""
    world = make_world(sqlite_database)
    visit, client = world.visit(duration_s=TWO_HOURS), client_for(world.ctx, STAFF)
    offer = _offer(client, visit, NOON)
    hold = client.post("/v1/holds", json={"offer_id": _offer(client, visit, MORNING)}).json()
    world.clock.advance(timedelta(minutes=31))
    world.book(world.visit(duration_s=TWO_HOURS), MORNING)
    late_hold = client.post("/v1/bookings", json={"hold_id": hold["id"]})
    late_offer = client.post("/v1/holds", json={"offer_id": offer})

    assert (late_hold.status_code, late_hold.json()["code"]) == (409, "E3003")
    assert (late_offer.status_code, late_offer.json()["code"]) == (409, "E3002")
    for answer in (late_hold, late_offer):
        fresh = answer.json()["details"]["offers"]
        assert [offer["rank"] for offer in fresh] == list(range(1, len(fresh) + 1))
        assert "technicians" in fresh[0]
    took = client.post("/v1/holds", json={"offer_id": late_offer.json()["details"]["offers"][0]["id"]})
    assert took.status_code == 201


def test_waitlist_over_http(sqlite_database: Database) -> None:
    """Who agreed to be asked is on the list, is offered the place that comes free, and moves there in one step."""
    world = make_world(sqlite_database)
    visits = [world.visit(duration_s=TWO_HOURS) for _ in range(2)]
    staff, customer = client_for(world.ctx, STAFF), _customer(world, visits[1])
    early, later = _booked(staff, visits[0], MORNING), _booked(customer, visits[1], NOON)
    address = f"/v1/bookings/{later['id']}"
    wish = {"not_before": _text(MORNING.earliest), "consent": True}
    refused = customer.post(f"{address}/waitlist", json={**wish, "consent": False})
    joined = customer.post(f"{address}/waitlist", json=wish)
    assert (refused.status_code, joined.status_code, joined.json()["state"]) == (422, 201, "waiting")

    staff.post(f"/v1/bookings/{early['id']}/cancel", json={})
    asked = customer.get(address).json()["waitlist"]
    assert (asked["state"], asked["offer_window_start"]) == ("offered", _text(MORNING.earliest))
    moved = customer.post(f"{address}/reschedule", json={"offer_id": asked["offer_id"]}).json()
    assert (moved["window_start"], moved["waitlist"]) == (_text(MORNING.earliest), None)
    assert customer.delete(f"{address}/waitlist").status_code == 404
    assert_sound(world.ctx)


def test_released_hold_can_be_had_by_others(sqlite_database: Database) -> None:
    """Somebody who closes the page gives the place back at once."""
    world = make_world(sqlite_database)
    visits = [world.visit(duration_s=TWO_HOURS) for _ in range(2)]
    client = client_for(world.ctx, STAFF)
    offers = [_offer(client, visit, MORNING) for visit in visits]
    hold = client.post("/v1/holds", json={"offer_id": offers[0]}).json()
    assert client.post("/v1/holds", json={"offer_id": offers[1]}).status_code == 409

    assert client.delete(f"/v1/holds/{hold['id']}").json()["state"] == "released"
    assert client.post("/v1/holds", json={"offer_id": offers[1]}).status_code == 201


@pytest.mark.parametrize(
    ("path", "body", "fault"),
    [
        ("/v1/quotes", {}, "visit_id"),
        ("/v1/quotes", {"visit_id": "vi_x", "num_days": 15}, "num_days"),
        ("/v1/quotes", {"visit_id": "vi_x", "first_date": "tomorrow"}, "first_date"),
        ("/v1/holds", {"offer_id": ""}, "offer_id"),
        ("/v1/bookings", {"hold_id": ["ho_x"]}, "hold_id"),
        ("/v1/bookings/bk_x/cancel", {"reason": "x" * 501}, "reason"),
        ("/v1/bookings/bk_x/waitlist", {"not_before": "2026-03-17T08:00:00", "consent": True}, "not_before"),
    ],
)
def test_malformed_booking_requests_name_their_fault(
    sqlite_database: Database, path: str, body: dict[str, Any], fault: str
) -> None:
    """A client's programmer finds the mistake in the answer."""
    answer = client_for(make_world(sqlite_database).ctx, STAFF).post(path, json=body)

    assert answer.status_code == 422
    assert [found["path"] for found in answer.json()["faults"]] == [fault]
