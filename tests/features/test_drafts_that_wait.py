"""Drafts that are not published by themselves wait for a dispatcher, who has to be able to find them."""

from datetime import timedelta
from typing import Any

import pytest

from api_client import client_for
from fieldops.domain.plan import Plan
from fieldops.store.database import Database
from fieldops.usecases.plan_day import run_solve
from fieldops.usecases.plan_problem import plan_problem
from planned_dates import TOMORROW, add_date
from worlds import STAFF, FakeClock, make_context


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Search for a twentieth of a second; days this small need no more."""

    def plan_quickly(*args: Any, **kwargs: Any) -> Plan:
        return plan_problem(*args, **{**kwargs, "seconds": 0.05})

    monkeypatch.setattr("fieldops.usecases.plan_day.plan_problem", plan_quickly)


def test_drafts_of_the_night_are_found_by_who_comes_in_the_morning(database: Database) -> None:
    """A draft under a name that only a nightly job knew is a plan that nobody ever sees."""
    clock = FakeClock()
    ctx = make_context(database, clock=clock)
    names, elsewhere = add_date(database), add_date(database)
    client = client_for(ctx, STAFF)
    left = []
    for territory, day in ((names, 0), (names, 1), (elsewhere, 0)):
        path = f"/v1/plans/{territory.territory}/{TOMORROW + timedelta(days=day)}/solve"
        left.append(client.post(path, json={}).json()["id"])
        clock.advance(timedelta(seconds=1))
    run_solve(ctx, left[0])

    def found(**params: Any) -> list[str]:
        return [job["id"] for job in client.get("/v1/plan-jobs", params=params).json()["items"]]

    assert found() == left[::-1]
    assert found(state="ready") == [left[0]]
    assert found(territory_id=names.territory) == [left[1], left[0]]
    assert found(territory_id=names.territory, date=TOMORROW.isoformat()) == [left[0]]
    assert found(territory_id=names.territory, state="published") == []
    ready = client.get("/v1/plan-jobs", params={"state": "ready"}).json()["items"][0]
    assert ready["draft"] is None
    assert client.get(f"/v1/plan-jobs/{ready['id']}").json()["draft"]["kpis"]["assigned"] == len(names.visits)


def test_jobs_come_in_pages_and_of_territories_there_are(sqlite_database: Database) -> None:
    """Three dates a night are a thousand jobs a year; jobs left in the same instant are on one page only."""
    ctx = make_context(sqlite_database)
    names = add_date(sqlite_database)
    client = client_for(ctx, STAFF)
    left = {
        client.post(f"/v1/plans/{names.territory}/{TOMORROW + timedelta(days=day)}/solve", json={}).json()["id"]
        for day in range(3)
    }

    first = client.get("/v1/plan-jobs", params={"limit": 2}).json()
    rest = client.get("/v1/plan-jobs", params={"limit": 2, "after": first["next"]}).json()

    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
    assert {job["id"] for job in first["items"] + rest["items"]} == left
    assert client.get("/v1/plan-jobs", params={"territory_id": "te_none"}).status_code == 404
    assert client.get("/v1/plan-jobs", params={"state": "lost"}).status_code == 422
