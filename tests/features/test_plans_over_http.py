"""A dispatcher has a plan made, watches, reads and publishes it over HTTP."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from api_client import client_for
from fieldops.domain.plan import Plan
from fieldops.store.database import Database
from fieldops.store.day_plans import lock_plan
from fieldops.store.plan_routes import write_routes
from fieldops.store.tables import ShiftRow
from fieldops.usecases.context import Context
from fieldops.usecases.plan_day import run_solve
from fieldops.usecases.plan_problem import plan_problem
from planned_dates import TOMORROW, Names, add_date, book, change_job
from worlds import NOW, STAFF, TODAY, make_context


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Search for a twentieth of a second; days this small need no more."""

    def plan_quickly(*args: Any, **kwargs: Any) -> Plan:
        return plan_problem(*args, **{**kwargs, "seconds": 0.05})

    monkeypatch.setattr("fieldops.usecases.plan_day.plan_problem", plan_quickly)


def plan_path(names: Names) -> str:
    """Write the address of tomorrow's plan."""
    return f"/v1/plans/{names.territory}/{TOMORROW.isoformat()}"


def version_in(answer: Any) -> int:
    """Read the version out of an ETag."""
    found = re.fullmatch(r'"(\d+)\.[0-9a-f]{16}"', answer.headers["ETag"])
    assert found is not None
    return int(found[1])


def solved_over_http(ctx: Context, client: Any, names: Names, **body: Any) -> str:
    """Have a plan made, and do the job as a worker would; return the job's address."""
    asked = client.post(f"{plan_path(names)}/solve", json=body)
    assert asked.status_code == 202, asked.text
    run_solve(ctx, asked.json()["id"])
    address: str = asked.headers["Location"]
    return address


def test_a_plan_is_made_looked_at_and_published(sqlite_database: Database) -> None:
    """The whole way of a dispatcher, with the version that protects it."""
    ctx = make_context(sqlite_database)
    names = add_date(sqlite_database, technicians=2, visits=3)
    book(sqlite_database, names.visits[0], "10:00", "12:00")
    client = client_for(ctx, STAFF)

    empty = client.get(plan_path(names))
    assert (empty.status_code, version_in(empty)) == (200, 0)
    assert len(empty.json()["routes"]) == 2
    # Promised, and on nobody's route yet; the open visits may as well be served on another date.
    assert [left["visit_id"] for left in empty.json()["without_place"]] == [names.visits[0]]

    job_address = solved_over_http(ctx, client, names, seconds=1)
    job = client.get(job_address).json()
    assert (job["state"], job["base_version"], job["draft"]["kpis"]["assigned"]) == ("ready", 0, 3)
    published = client.post(f"{job_address}/publish", headers={"If-Match": empty.headers["ETag"]})
    assert (published.status_code, published.json()["published_version"]) == (200, 1)

    running = client.get(plan_path(names))
    assert version_in(running) == 1
    body = running.json()
    stops = [stop for route in body["routes"] for stop in route["stops"]]
    assert {stop["visit_id"] for stop in stops} == set(names.visits)
    assert [(stop["state"], stop["window_start"]) for stop in stops if stop["visit_id"] == names.visits[0]] == [
        ("booked", "2026-03-17T14:00:00Z")
    ]
    kpis = body["kpis"]
    # Three visits of half an hour.
    assert (kpis["assigned"], kpis["promises_kept"], kpis["on_site_s"]) == (3, 1, 3 * 1_800)
    assert kpis["cost_cents"] == sum(sum(route["cost_cents"].values()) for route in body["routes"])
    assert (body["without_place"], body["published_version"]) == ([], 1)
    known = running.headers["ETag"]
    assert client.get(plan_path(names), headers={"If-None-Match": f'"0", W/{known}'}).status_code == 304
    assert client.get(plan_path(names), headers={"If-None-Match": empty.headers["ETag"]}).status_code == 200


def test_a_plan_is_told_anew_when_a_customer_confirms_though_no_route_has_changed(database: Database) -> None:
    """Whoever is told that nothing differs goes on to call a customer who has confirmed; an edit is not in the way."""
    ctx = make_context(database)
    names = add_date(database, visits=1)
    client = client_for(ctx, STAFF)
    offer = client.post("/v1/quotes", json={"visit_id": names.visits[0]}).json()["offers"][0]
    hold = client.post("/v1/holds", json={"offer_id": offer["id"]}).json()
    path = f"/v1/plans/{names.territory}/{offer['date']}"
    held = client.get(path)
    assert client.get(path, headers={"If-None-Match": held.headers["ETag"]}).status_code == 304

    assert client.post("/v1/bookings", json={"hold_id": hold["id"]}).status_code == 201
    booked = client.get(path, headers={"If-None-Match": held.headers["ETag"]})

    assert (booked.status_code, version_in(booked)) == (200, version_in(held))
    [stop] = [stop for route in booked.json()["routes"] for stop in route["stops"]]
    assert stop["state"] == "booked"
    edit = {"edit": {"kind": "lock", "visit_id": names.visits[0]}}
    edited, again = (client.post(f"{path}/edits", json=edit, headers={"If-Match": held.headers["ETag"]}) for _ in "12")
    # The first one has changed the plan.
    assert (edited.status_code, again.status_code) == (201, 412)


def test_earlier_versions_can_be_read_and_tell_why_they_changed(sqlite_database: Database) -> None:
    """Who asks what was planned this morning gets an answer in the afternoon."""
    ctx = make_context(sqlite_database)
    names = add_date(sqlite_database)
    client = client_for(ctx, STAFF)
    solved_over_http(ctx, client, names, publishes=True)
    with sqlite_database.writing() as session:
        plan = lock_plan(session, names.territory, TOMORROW)
        gone = {names.shifts[0]: None}
        write_routes(session, plan, gone, reason="shifts", actor="user:us_other", now=NOW, leaving=names.visits)
    now, before = client.get(plan_path(names)).json(), client.get(plan_path(names), params={"version": 1})
    assert (now["version"], now["kpis"]["assigned"]) == (2, 0)
    assert version_in(before) == 1
    assert (before.json()["running_version"], before.json()["kpis"]["assigned"]) == (2, 2)
    assert client.get(plan_path(names), params={"version": 3}).status_code == 404

    first = client.get(f"{plan_path(names)}/versions", params={"limit": 1}).json()
    assert [(item["version"], item["reason"], item["actor"]) for item in first["items"]] == [
        (2, "shifts", "user:us_other")
    ]
    rest = client.get(f"{plan_path(names)}/versions", params={"after": first["next"]}).json()
    assert [(item["version"], item["reason"]) for item in rest["items"]] == [(1, "publish")]
    assert rest["next"] is None


def test_a_draft_is_published_only_over_the_plan_that_was_seen(sqlite_database: Database) -> None:
    """Two dispatchers publish at the same time: the second one looks again."""
    ctx = make_context(sqlite_database)
    names = add_date(sqlite_database)
    client = client_for(ctx, STAFF)
    publish = solved_over_http(ctx, client, names) + "/publish"
    without = client.post(publish)
    assert (without.status_code, without.json()["faults"][0]["path"]) == (422, "header.If-Match")
    unseen = client.post(publish, headers={"If-Match": '"5"'})
    assert (unseen.status_code, unseen.json()["code"]) == (412, "E3004")
    with sqlite_database.writing() as session:
        plan = lock_plan(session, names.territory, TOMORROW)
        write_routes(session, plan, {}, reason="absence", actor="user:us_other", now=NOW)
    stale = client.post(publish, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert stale.json()["details"] == {"version": 1, "made_from": 0, "expected": 1}


def test_a_repeated_request_leaves_one_job_and_a_job_can_be_called_off(sqlite_database: Database) -> None:
    """A client that lost the answer asks again with its key."""
    ctx = make_context(sqlite_database)
    names = add_date(sqlite_database)
    client = client_for(ctx, STAFF)
    key = {"Idempotency-Key": "once"}
    first, again = (client.post(f"{plan_path(names)}/solve", json={}, headers=key) for _ in range(2))
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (first.json(), first.headers["Location"]) == (again.json(), again.headers["Location"])
    assert len(ctx.jobs.left) == 1  # type: ignore[attr-defined]
    ended = client.post(first.headers["Location"] + "/cancel")
    assert (ended.status_code, ended.json()["state"]) == (200, "canceled")
    refused = client.post(first.headers["Location"] + "/publish", headers={"If-Match": '"0"'})
    assert (refused.status_code, refused.json()["code"]) == (409, "E3005")


def test_a_job_is_watched_to_its_end(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The API and the worker that solves are different processes: all they share is the database."""
    monkeypatch.setattr("fieldops.api.routes.plans.LOOK_EVERY_S", 0.02)
    ctx = make_context(sqlite_database)
    names = add_date(sqlite_database)
    client = client_for(ctx, STAFF)
    address = client.post(f"{plan_path(names)}/solve", json={}).headers["Location"]
    job_id = address.rsplit("/", 1)[1]
    news: list[dict[str, Any]] = []
    progress = {"elapsed_s": 0.5, "iterations": 10, "cost_cents": 5_000, "unassigned": 0}
    steps: list[Callable[[], None]] = [
        lambda: change_job(sqlite_database, job_id, state="running", attempts=1, progress=progress),
        lambda: change_job(sqlite_database, job_id, state="failed", error="for this test"),
    ]
    with client.stream("GET", f"{address}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        for line in stream.iter_lines():
            if line.startswith("data: "):
                news.append(json.loads(line.removeprefix("data: ")))
                if steps:
                    steps.pop(0)()
    assert [(item["state"], item["progress"]) for item in news] == [
        ("queued", None),
        ("running", progress),
        ("failed", progress),
    ]


def test_what_is_not_there_or_makes_no_sense_is_answered_as_such(sqlite_database: Database) -> None:
    """A typing error in an address is not an empty plan."""
    ctx = make_context(sqlite_database)
    names = add_date(sqlite_database)
    client = client_for(ctx, STAFF)
    day = TOMORROW.isoformat()
    for path in (f"/v1/plans/te_none/{day}", f"/v1/plans/te_none/{day}/versions", "/v1/plan-jobs/jo_none"):
        assert client.get(path).status_code == 404, path
    assert client.get("/v1/plan-jobs/jo_none/events").status_code == 404
    assert client.get(f"/v1/plans/{names.territory}/2026-02-30").status_code == 422
    past = (TODAY - timedelta(days=1)).isoformat()
    refused = client.post(f"/v1/plans/{names.territory}/{past}/solve", json={})
    assert (refused.status_code, refused.json()["faults"][0]["path"]) == (422, "date")
    assert client.post(f"{plan_path(names)}/solve", json={"seconds": 0}).status_code == 422
    assert client.get(f"{plan_path(names)}/versions", params={"after": "WyJ4Il0="}).status_code == 422


def test_a_shift_that_was_taken_back_is_shown_only_where_it_was_planned(sqlite_database: Database) -> None:
    """The plan of this morning had a shift that is gone by now."""
    ctx = make_context(sqlite_database)
    names = add_date(sqlite_database)
    client = client_for(ctx, STAFF)
    solved_over_http(ctx, client, names, publishes=True)
    with sqlite_database.writing() as session:
        session.get_one(ShiftRow, names.shifts[0]).removed_at = NOW
        plan = lock_plan(session, names.territory, TOMORROW)
        gone = {names.shifts[0]: None}
        write_routes(session, plan, gone, reason="shifts", actor="user:us_other", now=NOW, leaving=names.visits)
    assert client.get(plan_path(names)).json()["routes"] == []
    before = client.get(plan_path(names), params={"version": 1}).json()
    assert [route["shift_id"] for route in before["routes"]] == [names.shifts[0]]
