"""A dispatcher has a day replanned, looks at the proposal, approves a part of it or rejects it, over HTTP."""

from typing import Any

from starlette.testclient import TestClient

from api_client import client_for
from fieldops.store.database import Database
from fieldops.store.tables import VisitRow
from replan_worlds import LateDay, add_progress, late_day
from worlds import STAFF, TODAY, local


def ask(day: LateDay, client: TestClient, **body: Any) -> str:
    """Ask for a replan, do it as a worker would, and return its address."""
    asked = client.post(
        "/v1/replans", json={"territory_id": day.territory, "date": TODAY.isoformat(), "seconds": 0.1, **body}
    )
    assert asked.status_code == 202, asked.text
    assert asked.json()["state"] == "waiting"
    day.run(asked.json()["id"])
    address: str = asked.headers["Location"]
    return address


def test_a_proposal_is_asked_for_looked_at_and_approved(database: Database) -> None:
    """The whole way of a dispatcher."""
    day = late_day(database)
    client = client_for(day.ctx, STAFF)

    address = ask(day, client, kind="improve", most_moves=1)

    found = client.get(address).json()
    assert (found["state"], found["kind"], found["base_version"], found["customers"]) == ("proposed", "improve", 1, 0)
    assert found["scope"] == {
        "technicians": [],
        "shift_id": None,
        "visit_id": None,
        "most_moves": 1,
        "seconds": 0.1,
    }
    [move] = found["diff"]["moves"]
    assert (move["visit_id"], move["from_technician_id"], move["to_technician_id"]) == (day.second, day.kim, day.lee)
    assert move["why"].startswith("the promise 10:00")
    assert (move["change"], move["cost_change_cents"]) == (1, found["cost_change_cents"])
    listed = client.get("/v1/replans", params={"territory_id": day.territory, "date": TODAY.isoformat()}).json()
    assert listed["items"] == [found]
    assert listed["next"] is None
    approved = client.post(f"{address}/approve", json={"visits": [day.second]})
    assert approved.status_code == 200, approved.text
    assert (approved.json()["state"], approved.json()["applied_version"]) == ("applied", 2)
    assert client.get(f"/v1/plans/{day.territory}/{TODAY.isoformat()}").headers["ETag"].startswith('"2.')
    assert client.post(f"{address}/reject", json={}).status_code == 409


def test_a_rejected_proposal_says_why(sqlite_database: Database) -> None:
    """And is found among the rejected ones only."""
    day = late_day(sqlite_database)
    client = client_for(day.ctx, STAFF)
    address = ask(day, client, kind="rebalance", technicians=[day.kim, day.lee])

    rejected = client.post(f"{address}/reject", json={"reason": "Kim is nearly done"}).json()

    assert (rejected["state"], rejected["note"], rejected["decided_by"]) == ("rejected", "Kim is nearly done", STAFF.id)
    for state, count in (("rejected", 1), ("proposed", 0)):
        query = {"territory_id": day.territory, "date": TODAY.isoformat(), "state": state}
        assert len(client.get("/v1/replans", params=query).json()["items"]) == count


def test_a_stale_proposal_is_refused_and_stays_stale(database: Database) -> None:
    """The visit it would move has begun: 412 now, and a conflict from then on."""
    day = late_day(database)
    client = client_for(day.ctx, STAFF)
    address = ask(day, client, kind="improve")
    day.change(
        lambda session: add_progress(
            session, session.get_one(VisitRow, day.second), day.kim, phase="in_progress", started=local("10:00")
        )
    )

    refused = client.post(f"{address}/approve", json={})

    assert (refused.status_code, refused.json()["code"]) == (412, "E3004")
    found = client.get(address).json()
    assert (found["state"], found["applied_version"]) == ("stale", None)
    assert "has begun" in found["note"]
    assert client.post(f"{address}/approve", json={}).status_code == 409


def test_a_replan_is_stopped_once(sqlite_database: Database) -> None:
    """One that waits ends at once; a second request says so."""
    day = late_day(sqlite_database)
    client = client_for(day.ctx, STAFF)
    body = {"territory_id": day.territory, "date": TODAY.isoformat(), "kind": "improve"}
    first = client.post("/v1/replans", json=body)
    again = client.post("/v1/replans", json=body)
    assert (again.status_code, again.json()["details"]["id"]) == (409, first.json()["id"])

    for _ in range(2):
        stopped = client.post(f"{first.headers['Location']}/cancel")
        assert (stopped.status_code, stopped.json()["state"]) == (200, "canceled")
    assert client.post("/v1/replans/rp_none/cancel").status_code == 404
    nowhere = client.get("/v1/replans", params={"territory_id": "te_none", "date": TODAY.isoformat()})
    assert nowhere.status_code == 404


def test_a_request_that_makes_no_sense_names_everything(sqlite_database: Database) -> None:
    """A kind without what it is about, and a date that is not under way."""
    day = late_day(sqlite_database)

    refused = client_for(day.ctx, STAFF).post(
        "/v1/replans", json={"territory_id": day.territory, "date": "2026-03-20", "kind": "emergency"}
    )

    assert refused.status_code == 422
    assert [fault["path"] for fault in refused.json()["faults"]] == ["date", "visit_id"]
