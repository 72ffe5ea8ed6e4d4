"""Technicians say to be late before being there: people hear the time that was said, and nobody comes sooner."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from api_client import client_for
from fieldops.domain.progress import EventKind, ProgressEvent, VisitPhase, progress_of
from fieldops.store.database import Database
from live_worlds import LiveWorld, make_live_world
from worlds import STAFF, TODAY, local


@pytest.fixture
def world(database: Database) -> LiveWorld:
    """Make a day: Kim serves a, b and c, two kilometers apart, from 8:00 on; a is promised for 8:00 to 10:00."""
    return make_live_world(database)


@pytest.fixture
def kim(world: LiveWorld) -> Iterator[TestClient]:
    """Log Kim in."""
    with client_for(world.ctx, world.kim) as client:
        yield client


def post(client: TestClient, world: LiveWorld, kind: str, visit: str, *, at: str, **more: Any) -> Any:
    """Report one event at a local time, which it then is."""
    world.clock_at(at)
    body = {"id": f"ev-{kind}-{at}", "kind": kind, "occurred_at": local(at).isoformat(), "visit_id": world.ids[visit]}
    return client.post("/v1/progress", json={"events": [{**body, **more}]})


def arrival(world: LiveWorld, visit: str) -> datetime:
    """Give when a technician is expected at a visit."""
    with client_for(world.ctx, STAFF) as dispatcher:
        etas = dispatcher.get(f"/v1/territories/{world.territory.id}/live/{TODAY.isoformat()}").json()["etas"]
    return datetime.fromisoformat(next(eta["arrival_at"] for eta in etas if eta["visit_id"] == world.ids[visit]))


def test_who_is_late_on_the_way_is_expected_when_he_says(world: LiveWorld, kim: TestClient) -> None:
    """In a jam on the way to a, Kim says nine o'clock: a is expected then, b and c behind it are later by as much."""
    post(kim, world, "travel_started", "a", at="08:02")
    before = arrival(world, "b")
    answer = post(kim, world, "delayed", "a", at="08:04", expected_at=local("09:00").isoformat())

    assert answer.json()["receipts"][0]["phase"] == "traveling"
    assert abs(arrival(world, "a") - local("09:00")) < timedelta(minutes=1)
    # a starts at 9:00 instead of some minutes past 8.
    assert timedelta(minutes=40) < arrival(world, "b") - before < timedelta(minutes=60)


def test_who_has_not_left_yet_sets_out_for_what_he_says(world: LiveWorld, kim: TestClient) -> None:
    """Held up before the first visit of the day, Kim says half past nine, and later that it will be ten past."""
    world.clock_at("07:50")
    post(kim, world, "delayed", "a", at="08:00", expected_at=local("09:30").isoformat())
    assert abs(arrival(world, "a") - local("09:30")) < timedelta(minutes=2)

    post(kim, world, "delayed", "a", at="08:10", expected_at=local("09:10").isoformat())
    assert abs(arrival(world, "a") - local("09:10")) < timedelta(minutes=2)


def test_the_day_of_a_technician_says_what_was_reported(world: LiveWorld, kim: TestClient) -> None:
    """Whoever looks on another phone sees the same steps and the same word."""
    post(kim, world, "travel_started", "a", at="08:02")
    post(kim, world, "delayed", "a", at="08:04", expected_at=local("09:00").isoformat())
    day = kim.get(f"/v1/technicians/{world.technician.id}/day", params={"date": TODAY.isoformat()}).json()

    first, second, _ = day["shifts"][0]["stops"]
    assert first["progress"]["travel_started_at"] == "2026-03-16T12:02:00Z"
    assert first["progress"]["expected_at"] == "2026-03-16T13:00:00Z"
    assert second["progress"] is None


def test_technicians_need_not_say_who_they_are(world: LiveWorld, kim: TestClient) -> None:
    """Where Kim is and that Kim falls ill is about Kim, whoever else the service knows."""
    world.clock_at("08:10")
    about = {"occurred_at": local("08:10").isoformat()}
    events = [
        {"id": "ev-1", "kind": "position", "latitude": 38.91, "longitude": -77.03, **about},
        {"id": "ev-2", "kind": "technician_out", "reason": "sick", **about},
    ]
    assert kim.post("/v1/progress", json={"events": events}).status_code == 200

    with client_for(world.ctx, STAFF) as dispatcher:
        live = dispatcher.get(f"/v1/territories/{world.territory.id}/live/{TODAY.isoformat()}").json()
    [state] = live["technicians"]
    assert (state["technician_id"], state["latitude"], state["out_reason"]) == (world.technician.id, 38.91, "sick")


@pytest.mark.parametrize(
    "expected_at", [None, local("08:04").isoformat(), local("19:00").isoformat(), "2026-03-16T09:00:00"]
)
def test_a_time_that_makes_no_sense_is_one_clear_fault(
    world: LiveWorld, kim: TestClient, expected_at: str | None
) -> None:
    """None, one that is over, one after the working day, and one without an offset."""
    answer = post(kim, world, "delayed", "a", at="08:04", expected_at=expected_at)

    assert answer.status_code == 422
    assert [fault["path"].endswith("expected_at") for fault in answer.json()["faults"]] == [True]


def test_a_word_about_a_visit_one_is_at_means_nothing() -> None:
    """Arrived is arrived; what was said before stays what was said."""

    def event(kind: EventKind, at: str, said: str | None = None) -> ProgressEvent:
        """Make an event of a local time."""
        expected_at = None if said is None else local(said)
        return ProgressEvent(
            id=f"{kind}-{at}",
            kind=kind,
            visit_id="v",
            occurred_at=local(at),
            technician_id="k",
            expected_at=expected_at,
        )

    events = [
        event(EventKind.DELAYED, "08:00", "08:40"),
        event(EventKind.TRAVEL_STARTED, "08:10"),
        event(EventKind.ARRIVED, "08:30"),
        event(EventKind.DELAYED, "08:31", "08:50"),
    ]
    progress = progress_of("v", events)

    assert (progress.phase, progress.expected_at) == (VisitPhase.ARRIVED, local("08:40"))
    assert progress.ignored == ("delayed-08:31",)
