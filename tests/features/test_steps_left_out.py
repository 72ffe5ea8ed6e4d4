"""What technicians leave out, and what they may say: steps taken as read, nobody at home, a reason for what failed."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from api_client import client_for
from fieldops.store.database import Database
from fieldops.store.tables import MessageRow, PromiseRow, VisitProgressRow
from fieldops.usecases.ledger import promise_window
from fieldops.usecases.work import Work, transact
from live_worlds import LiveWorld, make_live_world
from running_day import book
from worlds import STAFF, local


@pytest.fixture
def world(database: Database) -> LiveWorld:
    """Make a day: Kim serves a, promised for 8:00 to 10:00 and planned for an hour, then b and c."""
    return make_live_world(database)


@pytest.fixture
def kim(world: LiveWorld) -> Iterator[TestClient]:
    """Log Kim in."""
    with client_for(world.ctx, world.kim) as client:
        yield client


def post(client: TestClient, world: LiveWorld, kind: str, at: str, visit: str = "a", **more: Any) -> Any:
    """Report one event of a visit at a local time, which it then is; give the answer."""
    if world.clock.now() < local(at):
        world.clock_at(at)
    event = {"id": f"ev-{kind}-{visit}-{at}", "kind": kind, "occurred_at": local(at).isoformat(), **more}
    return client.post("/v1/progress", json={"events": [{**event, "visit_id": world.ids[visit]}]})


def receipt(answer: Any) -> tuple[bool, str]:
    """Say whether the only event meant nothing, and where its visit stands."""
    assert answer.status_code == 200, answer.text
    one = answer.json()["receipts"][0]
    return one["is_ignored"], one["phase"]


@pytest.mark.parametrize("before", [None, "travel_started"], ids=["planned", "traveling"])
@pytest.mark.parametrize(
    ("kind", "phase", "more"),
    [
        ("extended", "in_progress", {"minutes": 30}),
        ("done", "done", {}),
        ("could_not_complete", "failed", {"reason": "a part is missing"}),
    ],
)
def test_steps_nobody_reported_are_taken_as_read(
    world: LiveWorld, kim: TestClient, before: str | None, kind: str, phase: str, more: dict[str, Any]
) -> None:
    """Kim forgets to tap: what is said at the end counts all the same."""
    if before is not None:
        post(kim, world, before, "08:10")

    assert receipt(post(kim, world, kind, "08:50", **more)) == (False, phase)


@pytest.mark.parametrize(("done_at", "outcome"), [("10:20", "kept"), ("11:20", "broken")])
def test_a_promise_is_judged_by_the_planned_time_on_site_when_only_the_end_is_known(
    world: LiveWorld, kim: TestClient, done_at: str, outcome: str
) -> None:
    """Done at 10:20 and planned for half an hour: begun at 9:50, in the window until 10:00. At 11:20 it was not."""

    def promise(work: Work) -> None:
        promise_window(work, book(work.session, world.visits["b"], "08:00", "10:00"))

    transact(world.ctx, STAFF, promise)
    post(kim, world, "travel_started", "09:30", "b")

    assert receipt(post(kim, world, "done", done_at, "b")) == (False, "done")
    with world.ctx.database.reading() as session:
        lines = session.scalars(select(PromiseRow).where(PromiseRow.visit_id == world.ids["b"])).all()
        assert {line.outcome for line in lines if line.kind == "window"} == {outcome}


def test_a_technician_at_the_door_reports_that_nobody_is_at_home(world: LiveWorld, kim: TestClient) -> None:
    """The customer is told that nobody opened, not that we could not do the work."""
    assert receipt(post(kim, world, "arrived", "08:10")) == (False, "arrived")

    assert receipt(post(kim, world, "no_show", "08:25", reason="rang three times")) == (False, "failed")

    with world.ctx.database.reading() as session:
        [apology] = session.scalars(select(MessageRow).where(MessageRow.kind == "apology"))
        assert apology.data["what_happened"] == "missed"
        assert session.get_one(VisitProgressRow, world.ids["a"]).technician_id == world.technician.id


def test_nobody_at_home_is_seen_at_the_door(world: LiveWorld, kim: TestClient) -> None:
    """From the road a technician cannot say so; the customer may have told a dispatcher, who may name Kim."""
    post(kim, world, "travel_started", "08:05")

    assert receipt(post(kim, world, "no_show", "08:10")) == (True, "traveling")
    with client_for(world.ctx, STAFF) as dispatcher:
        answer = post(dispatcher, world, "no_show", "08:12", technician_id=world.technician.id)
        again = post(dispatcher, world, "no_show", "08:12", technician_id=world.technician.id)
    assert receipt(answer) == receipt(again) == (False, "failed")


@pytest.mark.parametrize("reason", ["", "  "])
def test_what_could_not_be_done_needs_a_reason(world: LiveWorld, kim: TestClient, reason: str) -> None:
    """Whoever plans it anew has to know what was missing."""
    answer = post(kim, world, "could_not_complete", "08:40", reason=reason)

    assert answer.status_code == 422
    [fault] = answer.json()["faults"]
    assert fault["path"] == "events[0].reason"
