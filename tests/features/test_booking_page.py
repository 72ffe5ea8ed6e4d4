"""A customer without an account books, from the first look at the page to the day before the visit."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from api_client import client_for
from booking_worlds import MORNING, NOON, assert_sound
from fieldops.store.database import Database
from fieldops.store.tables import CustomerNoteRow, CustomerRow, MessageRow, VisitRow, WorkOrderRow
from page_worlds import ADDRESS, CONTACT, NEAR, make_page_world


def test_a_customer_books_without_an_account(database: Database) -> None:
    """Catalog, address, windows, hold, contact, booking: each step is one request, and staff then see all of it."""
    page = make_page_world(database)
    shown = page.anybody.get(page.page, params={"language": "de"}).json()
    [service] = shown["services"]
    assert (service["name"], service["description"]) == ("Heizung geht nicht", "We find out why.")
    assert [choice["text"] for choice in service["questions"][0]["choices"]] == ["Gas", "Öl"]
    found = page.anybody.post(f"{page.page}/locate", json={"address": ADDRESS}).json()["candidates"]
    assert [(place["latitude"], place["longitude"], place["is_served"]) for place in found] == [(*NEAR, True)]

    customer = page.customer(answers={"fuel": "oil", "model": "B 12"}, details="Cold since Sunday.", language="de")
    hold = customer.hold()
    told = customer.tell(preferred_channel="sms", consents={"sms": True}, note="Ring twice.")
    booked = customer.confirm(hold)

    assert told.json()["phone"] == "+12025550188"
    assert (booked.status_code, booked.json()["window_start"]) == (201, hold["window_start"])
    orders = page.staff.get("/v1/work-orders").json()["items"]
    assert [(order["customer_name"], order["state"], order["summary"]) for order in orders] == [
        ("Zoë Müller", "open", "Heizung geht nicht: Cold since Sunday.")
    ]
    asked = [{"question": "What does it burn?", "answer": "Oil"}, {"question": "Which model?", "answer": "B 12"}]
    said = {"details": "Cold since Sunday.", "note": "Ring twice."}
    assert orders[0]["intake"] == {"service_id": page.service.id, "answers": asked, **said}
    # 45 minutes, and a quarter of an hour for oil.
    assert [(visit["duration_s"], visit["required_skills"]) for visit in orders[0]["visits"]] == [(3_600, {"gas": 1})]
    known = page.staff.post("/v1/customers/lookup", json={"contact": "+12025550188"}).json()["customers"]
    assert [(each["name"], each["language"], each["channel"]) for each in known] == [("Zoë Müller", "de", "sms")]
    with page.world.ctx.database.reading() as session:
        notes = session.scalars(select(CustomerNoteRow.text)).all()
        messages = [(row.kind, row.recipient) for row in session.scalars(select(MessageRow).order_by(MessageRow.kind))]
    assert notes == ["What does it burn? Oil\nWhich model? B 12\nCold since Sunday.\nRing twice."]
    assert messages[0] == ("confirmation", "+12025550188")
    assert_sound(page.world.ctx)


def test_what_customers_see_of_windows(database: Database) -> None:
    """Which are good and why, and until when they stand: no costs, no technicians, no reasons of others."""
    page = make_page_world(database)
    quote = page.customer().quote()

    best = quote["offers"][0]
    assert set(best) == {
        *("id", "date", "window_start", "window_end", "rank", "technician_nearby", "reasons", "expires_at"),
    }
    assert (best["rank"], best["technician_nearby"], best["reasons"]) == (1, True, ["technician_nearby", "early"])
    assert "refused" not in quote


def test_nothing_is_confirmed_for_nobody(database: Database) -> None:
    """Without a name and a way to reach them there is no promise; the window stays held, and it works afterwards."""
    page = make_page_world(database)
    customer = page.customer()
    hold = customer.hold()

    refused = customer.confirm(hold)

    assert (refused.status_code, refused.json()["code"]) == (422, "E1001")
    [fault] = refused.json()["faults"]
    assert (fault["path"], fault["found"]) == ("contact", "nothing")
    assert customer.tell().status_code == 200
    assert customer.confirm(hold).status_code == 201


def test_drafts_make_no_noise(database: Database) -> None:
    """What somebody is about to book stands in no list of staff, is on no plan at night, and nobody is written to."""
    page = make_page_world(database)
    customer = page.customer()
    assert customer.tell().status_code == 200

    assert page.staff.get("/v1/work-orders").json()["items"] == []
    assert page.staff.get("/v1/customers").json()["items"] == []
    assert page.staff.post("/v1/customers/lookup", json={"contact": CONTACT["email"]}).json()["customers"] == []
    with page.world.ctx.database.reading() as session:
        assert session.scalars(select(MessageRow)).all() == []
        assert session.scalars(select(VisitRow.state)).all() == ["draft"]
    # Staff who take the same person down on the phone are not told of somebody they cannot see.
    by_phone = {"name": "Zoë", "contacts": [{"kind": "email", "value": CONTACT["email"]}]}
    assert page.staff.post("/v1/customers", json=by_phone).status_code == 201


def test_a_hold_that_ends_leaves_a_draft(database: Database) -> None:
    """Released or expired, the visit waits for another choice, and the nightly plan still knows nothing of it."""
    page = make_page_world(database)
    customer = page.customer()
    hold = customer.hold()

    assert customer.client.delete(f"/v1/holds/{hold['id']}").json()["state"] == "released"
    with page.world.ctx.database.reading() as session:
        assert session.scalars(select(VisitRow.state)).all() == ["draft"]
    customer.hold(NOON)
    page.world.clock.advance(timedelta(minutes=11))
    again = customer.hold(MORNING)

    assert customer.tell().status_code == 200
    assert customer.confirm(again).status_code == 201
    assert_sound(page.world.ctx)


def test_a_hold_can_be_extended_up_to_a_limit(database: Database) -> None:
    """Whoever types slowly is given time (10 minutes each, 30 in all), and nobody keeps a window for good."""
    page = make_page_world(database)
    customer = page.customer()
    hold = customer.hold()

    def extend() -> Any:
        return customer.client.post(f"/v1/holds/{hold['id']}/extend")

    assert extend().json()["seconds_left"] == 600
    page.world.clock.advance(timedelta(minutes=9))
    assert extend().json()["seconds_left"] == 600
    page.world.clock.advance(timedelta(minutes=9))
    assert extend().json()["seconds_left"] == 600
    page.world.clock.advance(timedelta(minutes=9))
    # 27 of 30 minutes are over.
    last = extend().json()
    assert (last["seconds_left"], last["expires_at"]) == (180, last["extendable_until"])
    refused = extend()
    assert (refused.status_code, refused.json()["code"]) == (409, "E3005")
    page.world.clock.advance(timedelta(minutes=3))
    ended = extend()
    assert (ended.status_code, ended.json()["details"]["state"]) == (409, "expired")


def test_who_comes_second_is_offered_others(database: Database) -> None:
    """Two customers, one place left: the second one is told at once what can still be had."""
    page = make_page_world(database)
    first, second = page.customer(), page.customer()
    with page.world.ctx.database.writing() as session:
        for row in session.scalars(select(VisitRow)):
            row.duration_s = 6 * 3_600
    offers = first.offer(), second.offer()
    assert first.client.post("/v1/holds", json={"offer_id": offers[0]}).status_code == 201

    lost = second.client.post("/v1/holds", json={"offer_id": offers[1]})

    assert (lost.status_code, lost.json()["code"]) == (409, "E3001")
    fresh = lost.json()["details"]["offers"]
    assert fresh
    assert all("cost_cents" not in offer for offer in fresh)
    assert second.client.post("/v1/holds", json={"offer_id": fresh[0]["id"]}).status_code == 201


def test_customers_move_wait_and_cancel_themselves(database: Database) -> None:
    """With the same token as before, and the calendar file follows."""
    page = make_page_world(database)
    customer = page.customer()
    booking = customer.book(NOON)
    token = customer.begun["token"]
    tracked = customer.client.get("/v1/track").json()
    assert (tracked["state"], tracked["booking_id"], tracked["work_order_id"], tracked["survey"]) == (
        *("booked", booking["id"], customer.begun["work_order_id"], "none"),
    )
    assert tracked["actions"] == ["reschedule", "cancel", "note"]
    assert tracked["site"]["address"] == ADDRESS

    waits = {"not_before": booking["confirmed_at"], "consent": True}
    assert customer.client.post(f"/v1/bookings/{booking['id']}/waitlist", json=waits).json()["state"] == "waiting"
    moved = customer.client.post(f"/v1/bookings/{booking['id']}/reschedule", json={"offer_id": customer.offer()})
    assert (moved.status_code, moved.json()["version"]) == (200, 2)
    file = client_for(page.world.ctx).get(f"/v1/bookings/{booking['id']}/calendar.ics", params={"token": token})
    assert "SEQUENCE:1" in file.text or "SEQUENCE:2" in file.text
    gone = customer.client.post(f"/v1/bookings/{booking['id']}/cancel", json={"reason": "It works again"})

    assert (gone.json()["state"], gone.json()["cancel_reason"]) == ("canceled", "It works again")
    assert customer.client.get("/v1/track").json()["actions"] == []


def test_staff_keep_the_catalog(database: Database) -> None:
    """What is added is on the page at once, what is not public or taken off is not, and the audit says who did it."""
    page = make_page_world(database)
    catalog = f"/v1/territories/{page.world.territory.id}/services"
    rescue = {"names": {"en": "Rescue"}, "duration_s": 600, "is_public": False, "position": 1}
    hidden = page.staff.post(catalog, json=rescue).json()

    def offered() -> list[str]:
        answer = page.anybody.get(page.page)
        return [service["name"] for service in answer.json()["services"]] if answer.is_success else []

    assert [service["id"] for service in page.staff.get(catalog).json()["items"]] == [page.service.id, hidden["id"]]
    assert offered() == ["Heating does not work"]
    replaced = {"names": {"en": "Rescue at once"}, "duration_s": 900, "position": 2}
    assert page.staff.put(f"{catalog}/{hidden['id']}", json=replaced).json()["duration_s"] == 900
    assert offered() == ["Heating does not work", "Rescue at once"]
    for service_id in (page.service.id, hidden["id"]):
        assert page.staff.delete(f"{catalog}/{service_id}").json()["is_active"] is False
    assert offered() == []
    assert page.anybody.get("/v1/booking").json()["items"] == []
    assert page.anybody.get(page.page).status_code == 404


def test_a_catalog_that_makes_no_sense_is_refused(database: Database) -> None:
    """All faults at once, by their places."""
    page = make_page_world(database)
    text = {"en": "?"}
    body = {
        "names": {"en": " "},
        "duration_s": 1_209_600,
        "required_skills": {"magic": 1},
        "questions": [
            {"id": "a", "kind": "choice", "texts": text, "choices": [{"id": "x", "texts": text, "extra_s": 1}]},
            {"id": "a", "kind": "text", "texts": text, "choices": [{"id": "x", "texts": text}] * 2},
        ],
    }

    refused = page.staff.post(f"/v1/territories/{page.world.territory.id}/services", json=body)

    assert [fault["path"] for fault in refused.json()["faults"]] == [
        *("names", "required_skills.magic", "questions[0].choices", "questions[1].id", "questions[1].choices"),
        *("questions[1].choices[1].id", "duration_s"),
    ]


def test_states_of_a_draft(database: Database) -> None:
    """A draft is one until it is confirmed, and a customer like any other afterwards."""
    page = make_page_world(database)
    customer = page.customer()
    order_id = customer.begun["work_order_id"]
    assert customer.client.get(f"/v1/work-orders/{order_id}").json()["state"] == "draft"

    customer.book()

    row = page.world.row(WorkOrderRow, order_id)
    assert (row.state, page.world.row(CustomerRow, row.customer_id).is_draft) == ("open", False)
    late = customer.tell(email="other@example.com")
    assert (late.status_code, late.json()["code"]) == (409, "E3005")
