"""Strangers hold windows for a while, not for a day: what they keep nobody else can book."""

from datetime import timedelta
from typing import Any

from booking_worlds import MORNING, NOON
from fieldops.store.database import Database
from page_worlds import PageCustomer, make_page_world


def _again(customer: PageCustomer) -> Any:
    """Ask for windows anew and hold the first one; gives the answer."""
    return customer.client.post("/v1/holds", json={"offer_id": customer.quote()["offers"][0]["id"]})


def test_a_draft_holds_windows_for_an_hour_in_all(database: Database) -> None:
    """Ten minutes, asked for again whenever they are over, are the whole day of a technician whom nobody pays for."""
    page = make_page_world(database)
    customer = page.customer()
    answers = []
    for _ in range(7):
        answers.append(_again(customer))
        page.world.clock.advance(timedelta(minutes=10))

    # Twice half an hour: six holds of ten minutes.
    assert [answer.status_code for answer in answers] == [201] * 6 + [409]
    refused = answers[-1].json()
    assert (refused["code"], refused["details"]["held_minutes"]) == ("E3005", 60)
    # The others are not meant.
    assert _again(page.customer()).status_code == 201


def test_extensions_and_changes_of_mind_count_as_well(sqlite_database: Database) -> None:
    """Else the bound is as long as somebody goes on to press a button; time that nothing was held does not count."""
    page = make_page_world(sqlite_database)
    customer, clock = page.customer(), page.world.clock
    for window in (MORNING, NOON):
        hold = customer.hold(window)
        for _ in range(3):
            clock.advance(timedelta(minutes=9))
            customer.client.post(f"/v1/holds/{hold['id']}/extend")
    # Two times 27 minutes are over, and three more the second hold has: in all 57 when another one begins.
    clock.advance(timedelta(minutes=30))

    last = _again(customer).json()

    assert last["seconds_left"] == 3 * 60
    assert customer.client.post(f"/v1/holds/{last['id']}/extend").json()["seconds_left"] == 3 * 60


def test_staff_hold_as_often_as_it_takes(sqlite_database: Database) -> None:
    """Somebody whom the company knows is on the telephone, and asks at home."""
    page = make_page_world(sqlite_database)
    visit = page.world.visit()
    for _ in range(8):
        offers = page.staff.post("/v1/quotes", json={"visit_id": visit.id}).json()["offers"]
        assert page.staff.post("/v1/holds", json={"offer_id": offers[0]["id"]}).status_code == 201
        page.world.clock.advance(timedelta(minutes=10))
