"""An end tapped by mistake is taken back: plan, ETAs, promises, tasks and messages are as if it had not been said."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from api_client import client_for
from fieldops.store.database import Database
from fieldops.store.tables import (
    EtaRow,
    MessageRow,
    PlanRow,
    PromiseRow,
    SurveyRow,
    TaskRow,
    VisitRow,
    WorkOrderRow,
)
from fieldops.usecases.cancel_work_order import cancel_work_order
from fieldops.usecases.ledger import promise_window
from fieldops.usecases.work import Work, transact
from live_worlds import LiveWorld, make_live_world
from running_day import book
from worlds import STAFF, TODAY, local


@pytest.fixture
def world(database: Database) -> LiveWorld:
    """Make a day: Kim serves a, b and c, half an hour each; a and b are promised, b for 8:00 to 10:00, too."""
    world = make_live_world(database)

    def promise(work: Work) -> None:
        visit = work.session.get_one(VisitRow, world.ids["b"])
        promise_window(work, book(work.session, visit, "08:00", "10:00"))

    transact(world.ctx, STAFF, promise)
    return world


@pytest.fixture
def kim(world: LiveWorld) -> Iterator[TestClient]:
    """Log Kim in."""
    with client_for(world.ctx, world.kim) as client:
        yield client


@pytest.fixture
def dispatcher(world: LiveWorld) -> Iterator[TestClient]:
    """Log a dispatcher in."""
    with client_for(world.ctx, STAFF) as client:
        yield client


def send(client: TestClient, world: LiveWorld, kind: str, at: str, visit: str = "b", **more: Any) -> Any:
    """Send one event of a visit, at once when that is later than now."""
    if world.clock.now() < local(at):
        world.clock_at(at)
    event = {"id": f"ev-{kind}-{visit}-{at}", "kind": kind, "occurred_at": local(at).isoformat(), **more}
    return client.post("/v1/progress", json={"events": [{**event, "visit_id": world.ids[visit]}]})


def told(client: TestClient, world: LiveWorld, kind: str, at: str, visit: str = "b", **more: Any) -> Mapping[str, Any]:
    """Send one event that is taken; give its receipt."""
    answer = send(client, world, kind, at, visit, **more)
    assert answer.status_code == 200, answer.text
    receipt: Mapping[str, Any] = answer.json()["receipts"][0]
    return receipt


def messages(world: LiveWorld, *kinds: str) -> set[tuple[str, str]]:
    """List kind and state of the messages of some kinds."""
    with world.ctx.database.reading() as session:
        query = select(MessageRow.kind, MessageRow.state).where(MessageRow.kind.in_(kinds))
        return {(kind, state) for kind, state in session.execute(query)}


def route(client: TestClient, world: LiveWorld) -> list[tuple[str, str]]:
    """List the visits of Kim's route by name, with their states."""
    answer = client.get(f"/v1/territories/{world.territory.id}/live/{TODAY.isoformat()}")
    names = {visit_id: name for name, visit_id in world.ids.items()}
    stops = answer.json()["plan"]["routes"][0]["stops"]
    return [(names[stop["visit_id"]], stop["state"]) for stop in stops]


def promises(world: LiveWorld) -> set[str | None]:
    """Give the outcomes of what was promised for b."""
    with world.ctx.database.reading() as session:
        query = select(PromiseRow.outcome).where(PromiseRow.visit_id == world.ids["b"], PromiseRow.kind == "window")
        return set(session.scalars(query))


def test_done_by_mistake_is_taken_back(world: LiveWorld, kim: TestClient, dispatcher: TestClient) -> None:
    """Kim taps done at 9:05 instead of more time: the visit goes on, its order is open, nobody is thanked yet."""
    told(kim, world, "done", "08:40", "a")
    told(kim, world, "started", "09:00")
    told(kim, world, "done", "09:05")
    early = world.row(EtaRow, world.ids["c"]).arrival_at
    assert ("done", "due") in messages(world, "done")

    receipt = told(kim, world, "reopened", "09:06")

    assert (receipt["is_ignored"], receipt["phase"]) == (False, "in_progress")
    visit = world.row(VisitRow, world.ids["b"])
    assert (visit.state, world.row(WorkOrderRow, visit.work_order_id).state) == ("booked", "open")
    assert route(dispatcher, world) == [("a", "done"), ("b", "booked"), ("c", "open")]
    # C is expected once the half hour at b is over again, not at once.
    assert world.row(EtaRow, world.ids["c"]).arrival_at > early
    assert world.row(SurveyRow, world.ids["b"]) is None
    with world.ctx.database.reading() as session:
        of_b = select(MessageRow.kind, MessageRow.state, MessageRow.note).where(
            MessageRow.data["visit_id"].as_string() == world.ids["b"], MessageRow.kind.in_(("done", "survey"))
        )
        assert {(state, note) for _, state, note in session.execute(of_b)} == {
            ("skipped", "the end of the visit was taken back")
        }

    told(kim, world, "done", "09:40")

    # Once, and of the real end.
    assert messages(world, "done", "survey") == {("done", "due"), ("survey", "due")}
    assert world.row(SurveyRow, world.ids["b"]).asked_at > local("09:40")
    assert world.row(WorkOrderRow, visit.work_order_id).state == "closed"


def test_failed_by_mistake_comes_back_onto_the_route(world: LiveWorld, kim: TestClient, dispatcher: TestClient) -> None:
    """Given up and taken back: b is where it was on the route, nobody apologizes, and its promise can be kept."""
    told(kim, world, "done", "08:40", "a")
    told(kim, world, "travel_started", "08:50")
    told(kim, world, "could_not_complete", "09:00", reason="wrong button")
    assert route(dispatcher, world) == [("a", "done"), ("c", "open")]
    assert promises(world) == {"broken"}

    assert told(kim, world, "reopened", "09:02")["phase"] == "traveling"

    assert route(dispatcher, world) == [("a", "done"), ("b", "booked"), ("c", "open")]
    assert messages(world, "apology") == {("apology", "skipped")}
    assert promises(world) == {None}
    with world.ctx.database.reading() as session:
        assert {task.state for task in session.scalars(select(TaskRow))} <= {"done"}
    assert world.row(EtaRow, world.ids["b"]).arrival_at < world.row(EtaRow, world.ids["c"]).arrival_at

    told(kim, world, "started", "09:10")
    assert promises(world) == {"kept"}
    told(kim, world, "could_not_complete", "09:20", reason="a part is missing")
    assert messages(world, "apology") == {("apology", "due")}


def test_several_come_back_in_their_order(sqlite_database: Database) -> None:
    """The whole day is given up and taken back, the last one first: the route is what it was."""
    world = make_live_world(sqlite_database)
    with client_for(world.ctx, world.kim) as kim:
        for minute, name in enumerate("abc"):
            told(kim, world, "could_not_complete", f"09:0{minute}", name, reason="wrong day")
        for minute, name in enumerate("cab"):
            assert told(kim, world, "reopened", f"09:1{minute}", name)["phase"] == "planned"
    with client_for(world.ctx, STAFF) as dispatcher:
        assert [name for name, _ in route(dispatcher, world)] == ["a", "b", "c"]


def test_it_comes_twice_late_and_before_what_it_takes_back(world: LiveWorld, kim: TestClient) -> None:
    """The phone was offline and sends the correction first: kept and ignored, until it means something."""
    told(kim, world, "started", "09:00")
    world.clock_at("09:30")

    assert told(kim, world, "reopened", "09:06")["is_ignored"]
    assert told(kim, world, "done", "09:05")["phase"] == "in_progress"

    assert told(kim, world, "reopened", "09:06")["is_repeated"]
    assert world.row(VisitRow, world.ids["b"]).state == "booked"
    assert messages(world, "done") == set()


def test_a_dispatcher_takes_back_what_a_technician_cannot(
    world: LiveWorld, kim: TestClient, dispatcher: TestClient
) -> None:
    """The next morning a phone is refused what the office still can correct."""
    told(kim, world, "started", "09:00")
    told(kim, world, "done", "09:30")
    world.clock_at("22:00")

    assert told(kim, world, "reopened", "22:00") == {
        "id": "ev-reopened-b-22:00",
        "is_repeated": False,
        "is_ignored": True,
        "visit_id": world.ids["b"],
        "phase": "done",
    }
    assert told(dispatcher, world, "reopened", "21:59")["phase"] == "in_progress"


def test_what_was_canceled_since_stays_canceled(world: LiveWorld, kim: TestClient, dispatcher: TestClient) -> None:
    """B failed, and its customer called the order off: nobody takes the failure back any more."""
    told(kim, world, "could_not_complete", "09:00", reason="no access")
    order_id = world.row(VisitRow, world.ids["b"]).work_order_id
    transact(world.ctx, STAFF, cancel_work_order, order_id)
    with world.ctx.database.reading() as session:
        version = session.scalar(select(PlanRow.version).where(PlanRow.date == TODAY))

    refused = send(kim, world, "reopened", "09:10")

    assert (refused.status_code, refused.json()["code"]) == (409, "E3005")
    assert route(dispatcher, world) == [("a", "booked"), ("c", "open")]
    with world.ctx.database.reading() as session:
        assert session.scalar(select(PlanRow.version).where(PlanRow.date == TODAY)) == version
