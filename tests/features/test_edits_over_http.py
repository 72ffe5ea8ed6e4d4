"""A dispatcher changes tomorrow's plan over the API: looks, tries, is refused, forces, and takes it back."""

from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from api_client import client_for
from booking_worlds import World, make_world
from fieldops.store.database import Database
from running_day import book, put_on_route
from worlds import STAFF, TOMORROW, add_site, add_visit, local


class Dispatcher:
    """Somebody at a board with two shifts: the first serves a and b, the second nobody."""

    def __init__(self, database: Database) -> None:
        self.world: World = make_world(database, technicians=2)
        with database.writing() as session:
            visits = [
                add_visit(session, self.world.territory, site=add_site(session, km_north=km), name=name)
                for name, km in (("Boiler", 1.0), ("Heat pump", 2.0))
            ]
            for visit in visits:
                book(session, visit, "09:00", "12:00", TOMORROW)
            put_on_route(self.world.ctx, session, self.world.shifts[0], visits)
        self.a, self.b = (visit.id for visit in visits)
        self.first, self.second = (shift.id for shift in self.world.shifts)
        self.client: TestClient = client_for(self.world.ctx, STAFF)
        self.plan = f"/v1/plans/{self.world.territory.id}/{TOMORROW.isoformat()}"

    def edit(self, edit: dict[str, Any], version: int, **more: Any) -> Any:
        """Edit the plan that has been seen at a version."""
        body = {"edit": edit, **more}
        return self.client.post(f"{self.plan}/edits", json=body, headers={"If-Match": f'"{version}"'})


@pytest.fixture
def dispatcher(sqlite_database: Database) -> Dispatcher:
    """Sit down at the board."""
    return Dispatcher(sqlite_database)


def test_an_edit_is_tried_made_listed_and_undone(dispatcher: Dispatcher) -> None:
    """The whole way of a drag on the board."""
    move = {"kind": "move", "visit_id": dispatcher.b, "shift_id": dispatcher.second}

    tried = dispatcher.client.post(f"{dispatcher.plan}/what-if", json={"edit": move}).json()
    made = dispatcher.edit(move, tried["version"])
    listed = dispatcher.client.get(f"{dispatcher.plan}/edits").json()["items"]
    undone = dispatcher.client.post(f"{dispatcher.plan}/edits/{made.json()['id']}/undo")

    assert (tried["needs_force"], tried["violations"]) == (False, [])
    assert [[stop["visit_id"] for stop in route["after"]] for route in tried["routes"]] in (
        [[dispatcher.a], [dispatcher.b]],
        [[dispatcher.b], [dispatcher.a]],
    )
    assert made.status_code == 201
    assert (made.json()["kind"], made.json()["request"]) == (
        "move",
        {"visit_id": dispatcher.b, "shift_id": dispatcher.second, "position": None},
    )
    assert [edit["id"] for edit in listed] == [made.json()["id"]]
    assert (undone.status_code, undone.json()["kind"]) == (201, "undo")
    stops = [len(route["stops"]) for route in dispatcher.client.get(dispatcher.plan).json()["routes"]]
    assert stops == [2, 0]


def test_what_an_edit_breaks_is_in_the_problem_and_forcing_it_needs_a_reason(dispatcher: Dispatcher) -> None:
    """A board shows what is broken without asking again, and offers to do it all the same."""
    longer = {"kind": "duration", "visit_id": dispatcher.a, "minutes": 240}

    refused = dispatcher.edit(longer, 1)
    without_reason = dispatcher.edit(longer, 1, force=True)
    forced = dispatcher.edit(longer, 1, force=True, reason="The customer has agreed.")

    # Four hours from 9:00 on, and a few minutes on the way: an hour after noon at the earliest.
    assert (refused.status_code, refused.json()["code"]) == (409, "E3009")
    [broken] = refused.json()["details"]["violations"]
    assert (broken["code"], broken["visit_id"]) == ("window", dispatcher.b)
    assert 3_600 <= broken["amount"] < 3_900
    assert broken["message"].startswith("Heat pump starts at 13:0")
    assert (without_reason.status_code, without_reason.json()["faults"][0]["path"]) == (422, "reason")
    assert (forced.status_code, forced.json()["is_forced"]) == (201, True)
    assert forced.json()["violations"] == [broken]


def test_a_stale_board_gets_412_and_a_repeated_request_its_answer(dispatcher: Dispatcher) -> None:
    """The second drag of a double click must not move anything twice."""
    lock = {"edit": {"kind": "lock", "visit_id": dispatcher.a, "start": True}}
    headers = {"If-Match": '"1"', "Idempotency-Key": "drag-1-of-today"}

    first = dispatcher.client.post(f"{dispatcher.plan}/edits", json=lock, headers=headers)
    again = dispatcher.client.post(f"{dispatcher.plan}/edits", json=lock, headers=headers)
    stale = dispatcher.edit({"kind": "unlock", "visit_id": dispatcher.a}, 1)
    blind = dispatcher.client.post(f"{dispatcher.plan}/edits", json=lock)

    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (stale.status_code, stale.json()["details"]) == (412, {"version": 2, "expected": 1})
    assert (blind.status_code, blind.json()["faults"][0]["path"]) == (422, "header.If-Match")


def test_places_are_ranked(dispatcher: Dispatcher) -> None:
    """What stands under "move to"."""
    answer = dispatcher.client.get(f"{dispatcher.plan}/places", params={"visit_id": dispatcher.b}).json()

    assert (answer["visit_id"], answer["version"], answer["without"]) == (dispatcher.b, 1, [])
    assert {place["shift_id"] for place in answer["places"]} == {dispatcher.first, dispatcher.second}
    # To have somebody drive out for one visit costs more than to pass by.
    assert answer["places"][0]["shift_id"] == dispatcher.first
    assert answer["places"][0]["cost_change_cents"] == 0


def test_a_break_is_given_over_http(dispatcher: Dispatcher) -> None:
    """Instants come with an offset, and mean the same in every zone."""
    pause = {
        "kind": "add_break",
        "shift_id": dispatcher.first,
        "earliest_start": local("12:00", TOMORROW).isoformat(),
        "latest_start": (local("12:00", TOMORROW) + timedelta(minutes=30)).isoformat(),
        "minutes": 30,
        "name": "dentist",
    }

    made = dispatcher.edit(pause, 1)
    unknown = dispatcher.edit({**pause, "shift_id": "sh_none"}, 2)

    assert made.status_code == 201
    assert made.json()["request"]["duration_s"] == 1_800
    assert unknown.status_code == 404
    breaks = dispatcher.client.get(dispatcher.plan).json()["routes"][0]["breaks"]
    assert [taken["name"] for taken in breaks] == ["dentist"]
