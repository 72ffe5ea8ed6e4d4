"""Technicians, rosters, days and calendars over HTTP, as dispatchers and technicians use them."""

from datetime import timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from api_client import NO_LIMITS, client_for
from fieldops.errors import GeocoderUnavailable
from fieldops.store.database import Database
from fieldops.store.tables import CustomerNoteRow, TechnicianRow, VisitRow
from fieldops.travel.geocoding import Located
from fieldops.usecases.actor import SCOPES_OF, Actor, Role, Scope
from fieldops.usecases.context import Context
from fieldops.usecases.links import LinkPurpose, issue_link
from fieldops.usecases.work import transact
from running_day import book, hold, put_on_route
from worlds import (
    NOW,
    STAFF,
    TODAY,
    TOMORROW,
    KnownAddresses,
    add_customer,
    add_shift,
    add_site,
    add_technician,
    add_territory,
    add_visit,
    local,
    make_context,
)


def _technician_actor(technician_id: str) -> Actor:
    return Actor(id="user:us_kim", role=Role.TECHNICIAN, scopes=SCOPES_OF[Role.TECHNICIAN], technician_id=technician_id)


def _world(database: Database) -> tuple[Context, TestClient]:
    ctx = make_context(database, **NO_LIMITS)
    return ctx, client_for(ctx, STAFF)


def _day_of_two(ctx: Context, session: Session) -> tuple[TechnicianRow, list[VisitRow]]:
    """Give Kim a booked visit of Pat's at 10 to 12, and one held for 14 to 16."""
    territory = add_territory(session)
    technician = add_technician(session, territory)
    depot = add_site(session, kind="depot", address="1 Depot Road")
    shift = add_shift(session, technician, base=depot)
    pat = add_customer(session)
    site = add_site(session, pat, km_north=2.0, address="2 Main Street", access_notes="key under the mat")
    visits = [add_visit(session, territory, customer=pat, site=site) for _ in range(2)]
    book(session, visits[0], "10:00", "12:00")
    hold(session, visits[1], "14:00", "16:00")
    for number in range(7):
        note = CustomerNoteRow(id=f"no_{number}", customer_id=pat.id, at=NOW + timedelta(minutes=number), author="x")
        note.channel, note.text = "phone", f"note {number}"
        session.add(note)
    session.flush()
    put_on_route(ctx, session, shift, visits)
    return technician, visits


def test_company_is_set_up_over_http(sqlite_database: Database) -> None:
    """From nothing but a territory to a technician who works on weekdays."""
    _, client = _world(sqlite_database)
    with sqlite_database.writing() as session:
        territory_id = add_territory(session).id
    depot = {"kind": "depot", "address": "1 Depot Road", "latitude": 38.9, "longitude": -77.03}
    base = client.post("/v1/bases", json=depot)
    kim = client.post("/v1/technicians", json={"territory_id": territory_id, "name": "Kim", "skills": {"gas": 2}})
    assert (base.status_code, kim.status_code) == (201, 201)
    assert kim.headers["location"] == f"/v1/technicians/{kim.json()['id']}"

    roster: dict[str, Any] = {
        "first_date": TODAY.isoformat(),
        "last_date": (TODAY + timedelta(days=6)).isoformat(),
        "weekdays": [0, 1, 2, 3, 4],
        "start": "08:00",
        "end": "16:30",
        "overtime_minutes": 60,
        "start_place_id": base.json()["id"],
        "end_place_id": base.json()["id"],
        "breaks": [{"earliest_start": "11:30", "latest_start": "12:30", "duration_minutes": 30, "name": "Lunch"}],
    }
    address = f"/v1/technicians/{kim.json()['id']}/shifts"
    made = client.post(address, json=roster, headers={"Idempotency-Key": "week-12"})
    again = client.post(address, json=roster, headers={"Idempotency-Key": "week-12"})
    clash = client.post(address, json=roster)

    assert made.status_code == 201
    assert len(made.json()["shifts"]) == 5
    assert made.json()["shifts"][0]["starts_at"] == "2026-03-16T12:00:00Z"
    assert made.json()["shifts"][0]["breaks"][0]["duration_s"] == 1_800
    assert (again.json(), again.headers["idempotent-replayed"]) == (made.json(), "true")
    # Each of the five dates is taken: five faults at once.
    assert (clash.status_code, len(clash.json()["faults"])) == (422, 5)

    listed = client.get("/v1/shifts", params={"technician_id": kim.json()["id"], "limit": 3}).json()
    rest = client.get("/v1/shifts", params={"limit": 3, "after": listed["next"]}).json()
    assert listed["items"] + rest["items"] == made.json()["shifts"]
    shift_id = listed["items"][0]["id"]
    times = {name: roster[name] for name in ("start", "start_place_id", "end_place_id")}
    shorter = client.put(f"/v1/shifts/{shift_id}", json={**times, "end": "12:00"})
    assert shorter.json()["shifts"][0]["ends_at"] == "2026-03-16T16:00:00Z"
    assert client.delete(f"/v1/shifts/{shift_id}").status_code == 200
    assert client.delete(f"/v1/shifts/{shift_id}").status_code == 404
    week = {"first_date": roster["first_date"], "last_date": roster["last_date"]}
    assert len(client.delete(address, params=week).json()["shifts"]) == 4
    assert [item["name"] for item in client.get("/v1/technicians").json()["items"]] == ["Kim"]
    assert client.get(f"/v1/bases/{base.json()['id']}").json() == base.json()
    assert client.get("/v1/bases", params={"kind": "home"}).json()["items"] == []
    renamed = client.put(f"/v1/technicians/{kim.json()['id']}", json={"name": "Kim Lee"}).json()
    assert (renamed["technician"]["skills"], renamed["lost"]) == ({}, [])


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"start": "8:00"}, "start"),
        ({"end": "24:00"}, "end"),
        ({"first_date": 20260316}, "first_date"),
        ({"first_date": "2026-02-30"}, "first_date"),
        ({"last_date": "9999-12-31"}, "last_date"),
        ({"weekdays": [7]}, "weekdays[0]"),
        ({"overtime_minutes": -1}, "overtime_minutes"),
        ({"breaks": [{"earliest_start": "11:00", "latest_start": "12:00", "duration_minutes": 0}]},
         "breaks[0].duration_minutes"),
        ({"color": "red"}, "color"),
        ({"start_place_id": "si_\x00"}, "start_place_id"),
    ],
)  # fmt: skip
def test_malformed_roster_is_one_clear_fault(sqlite_database: Database, change: dict[str, Any], path: str) -> None:
    """Every field is named as it was sent, so that a form can mark it."""
    _, client = _world(sqlite_database)
    body = {"first_date": "2026-03-16", "last_date": "2026-03-16", "start": "08:00", "end": "17:00"}
    answer = client.post("/v1/technicians/tn_x/shifts", json={**body, "start_place_id": "si_x", **change})

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [fault["path"] for fault in answer.json()["faults"]] == [path]


def test_shift_that_a_clock_change_turns_around_is_named(sqlite_database: Database) -> None:
    """2:30 is skipped and means 3:30 on that Sunday: a shift to 3:00 would end before it starts."""
    _, client = _world(sqlite_database)
    with sqlite_database.writing() as session:
        technician, base = add_technician(session, add_territory(session)), add_site(session, kind="depot")
    sunday = {"first_date": "2027-03-14", "last_date": "2027-03-14", "start": "02:30", "end": "03:00"}
    answer = client.post(f"/v1/technicians/{technician.id}/shifts", json={**sunday, "start_place_id": base.id})

    assert answer.status_code == 422
    assert [(fault["path"], fault["expected"]) for fault in answer.json()["faults"]] == [
        ("shift on 2027-03-14.end", "after the start, 2027-03-14T07:30:00+00:00")
    ]


def test_day_has_everything_needed_at_the_door(sqlite_database: Database) -> None:
    """Address, how to get in, whom to call, what was promised, and the last five notes."""
    ctx, client = _world(sqlite_database)
    with sqlite_database.writing() as session:
        technician, visits = _day_of_two(ctx, session)
    day = client.get(f"/v1/technicians/{technician.id}/day").json()

    assert (day["date"], day["time_zone"], day["plan_version"]) == ("2026-03-16", "America/New_York", 1)
    (shift,) = day["shifts"]
    first, second = shift["stops"]
    assert (first["visit_id"], first["state"], second["state"]) == (visits[0].id, "booked", "held")
    assert first["place"]["address"] == "2 Main Street"
    assert (first["access_notes"], first["customer_name"], first["customer_phone"]) == (
        "key under the mat",
        "Pat",
        "+12025550123",
    )
    assert (first["window_start"], first["window_end"]) == ("2026-03-16T14:00:00Z", "2026-03-16T16:00:00Z")
    # Nobody rings before the window: the service starts at 10:00 local, 14:00 UTC, and lasts half an hour.
    assert (first["eta"], first["finish_at"]) == ("2026-03-16T14:00:00Z", "2026-03-16T14:30:00Z")
    assert [note["text"] for note in first["notes"]] == ["note 6", "note 5", "note 4", "note 3", "note 2"]
    assert shift["start_place"]["address"] == "1 Depot Road"
    assert shift["departure_at"] < first["arrival_at"] <= first["eta"]
    off = client.get(f"/v1/technicians/{technician.id}/day", params={"date": TOMORROW.isoformat()}).json()
    assert (off["shifts"], off["plan_version"]) == ([], 0)


def test_technicians_see_their_own_day_only(sqlite_database: Database) -> None:
    """Another technician's customers, and whether that technician exists, are nobody's business."""
    ctx, _ = _world(sqlite_database)
    with sqlite_database.writing() as session:
        technician, _visits = _day_of_two(ctx, session)
        other = add_technician(session, add_territory(session), name="Noa")
    own = client_for(ctx, _technician_actor(technician.id))

    assert own.get(f"/v1/technicians/{technician.id}/day").status_code == 200
    for stranger in (other.id, "tn_nobody"):
        for page in ("day", "calendar.ics"):
            answer = own.get(f"/v1/technicians/{stranger}/{page}")
            assert (answer.status_code, answer.json()["detail"]) == (404, f"there is no technician '{stranger}'")
    assert own.get(f"/v1/technicians/{technician.id}").status_code == 403


def test_a_day_is_for_those_who_may_know_its_customers(sqlite_database: Database) -> None:
    """It has names, numbers and notes: the right to see plans or people is none to see customers."""
    ctx, _ = _world(sqlite_database)
    with sqlite_database.writing() as session:
        technician, _visits = _day_of_two(ctx, session)

    def ask(*scopes: Scope) -> int:
        key = Actor(id="key:ak_1", role=Role.INTEGRATION, scopes=frozenset(scopes))
        return client_for(ctx, key).get(f"/v1/technicians/{technician.id}/day").status_code

    assert ask(Scope.PLANS_READ) == 403
    assert ask(Scope.PEOPLE_READ) == 403
    assert ask(Scope.PEOPLE_READ, Scope.CUSTOMERS_READ) == 403
    assert ask(Scope.PLANS_READ, Scope.CUSTOMERS_READ) == 200


def test_a_base_is_made_once_although_the_geocoder_fails_the_second_time(sqlite_database: Database) -> None:
    """A request that is repeated gets its answer, whatever has happened to the geocoder since."""
    places = {"1 Depot Road": (38.9, -77.03)}
    client = client_for(make_context(sqlite_database, geocoder=KnownAddresses(places)), STAFF)
    body, once = {"kind": "depot", "address": "1 Depot Road"}, {"Idempotency-Key": "one"}
    made = client.post("/v1/bases", json=body, headers=once)
    down = client_for(make_context(sqlite_database, geocoder=_Down()), STAFF)

    again = down.post("/v1/bases", json=body, headers=once)
    unknown = down.post(
        "/v1/bases", json={"kind": "depot", "address": "2 Depot Road"}, headers={"Idempotency-Key": "2"}
    )
    nowhere = client.post("/v1/bases", json={"kind": "depot", "address": "3 Depot Road"})

    assert (made.status_code, again.status_code, again.json()) == (201, 201, made.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (unknown.status_code, unknown.json()["code"]) == (503, "E5003")
    assert (nowhere.status_code, nowhere.json()["code"]) == (422, "E1003")
    assert [fault["path"] for fault in nowhere.json()["faults"]] == ["address"]


class _Down:
    """A geocoder that does not answer."""

    name = "down"

    def locate(self, address: str) -> Located | None:  # noqa: ARG002
        """Fail."""
        raise GeocoderUnavailable(details={"geocoder": self.name})


def test_calendar_link_opens_one_calendar(sqlite_database: Database) -> None:
    """A phone subscribes with a link; it shows where to be when, and no more than that."""
    ctx, client = _world(sqlite_database)
    with sqlite_database.writing() as session:
        technician, visits = _day_of_two(ctx, session)
        other = add_technician(session, add_territory(session), name="Noa")
    link = transact(ctx, STAFF, issue_link, LinkPurpose.CALENDAR, technician.id)
    phone = client_for(ctx)
    answer = phone.get(f"/v1/technicians/{technician.id}/calendar.ics", params={"token": link.token})

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    first, second = Calendar.from_ical(answer.content).events
    assert (first.start, first["STATUS"], second["STATUS"]) == (local("10:00"), "CONFIRMED", "TENTATIVE")
    assert first["UID"].startswith(f"{visits[0].id}.sh_")
    assert first["SEQUENCE"] == 1
    assert first["LOCATION"] == "2 Main Street"
    for private in ("Pat", "key under", "555", "note"):
        assert private not in answer.text
    stranger = phone.get(f"/v1/technicians/{other.id}/calendar.ics", params={"token": link.token})
    assert stranger.status_code == 404
    assert phone.get(f"/v1/technicians/{technician.id}/calendar.ics").status_code == 401
    assert client.get(f"/v1/technicians/{technician.id}/calendar.ics").status_code == 200


def test_sick_call_over_http_says_which_promises_are_at_risk(sqlite_database: Database) -> None:
    """The dispatcher who types in the sick call sees at once whom to care for."""
    ctx, client = _world(sqlite_database)
    with sqlite_database.writing() as session:
        technician, visits = _day_of_two(ctx, session)
    address = f"/v1/technicians/{technician.id}/absences"
    body = {"kind": "sick", "first_date": "2026-03-16", "last_date": "2026-03-16"}
    added = client.post(address, json=body)

    assert added.status_code == 201
    assert [(lost["visit_id"], lost["state"], lost["window_start"]) for lost in added.json()["lost"]] == [
        (visits[0].id, "booked", "2026-03-16T14:00:00Z"),
        (visits[1].id, "open", None),
    ]
    assert client.get(address).json()["items"] == [added.json()["absence"]]
    assert client.delete(f"{address}/{added.json()['absence']['id']}").status_code == 200
    assert client.get(address).json()["items"] == []
    both = client.post(address, json={**body, "starts_at": "2026-03-16T08:00:00-04:00"})
    naive = client.post(address, json={"kind": "sick", "starts_at": "2026-03-16T08:00:00", "ends_at": "2026-03-17"})
    assert (both.status_code, naive.status_code) == (422, 422)
    assert "offset" in naive.json()["faults"][0]["expected"]
