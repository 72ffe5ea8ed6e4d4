"""A phone was silent while a dispatcher called a visit off: what it sends afterwards changes nothing of that."""

from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from api_client import client_for
from fieldops.domain.progress import VisitPhase
from fieldops.store.database import Database
from fieldops.store.tables import MessageRow, TaskRow, VisitProgressRow, VisitRow
from live_worlds import LiveWorld, make_live_world
from worlds import STAFF, TODAY, local


@pytest.fixture
def world(database: Database) -> LiveWorld:
    """Make a day: Kim serves a, b and c, two kilometers apart, from 8:00 on; a is promised for 8:00 to 10:00."""
    return make_live_world(database)


def report(client: TestClient, world: LiveWorld, kind: str, *, at: str, **more: Any) -> dict[str, Any]:
    """Report one event about a; give its receipt."""
    body = {"id": f"ev-{kind}-{at}", "kind": kind, "occurred_at": local(at).isoformat(), "visit_id": world.ids["a"]}
    answer = client.post("/v1/progress", json={"events": [body | more]})

    assert answer.status_code == 200, answer.text

    receipt: dict[str, Any] = answer.json()["receipts"][0]
    return receipt


def messages(world: LiveWorld) -> int:
    """Count what people were told."""
    with world.ctx.database.reading() as session:
        return session.scalar(select(func.count()).select_from(MessageRow)) or 0


def stops(client: TestClient, world: LiveWorld) -> list[str]:
    """List the visits of Kim's route."""
    answer = client.get(f"/v1/territories/{world.territory.id}/live/{TODAY.isoformat()}").json()
    return [stop["visit_id"] for stop in answer["plan"]["routes"][0]["stops"]]


@pytest.mark.parametrize(
    ("kind", "phase", "state"), [("canceled", "canceled", "canceled"), ("no_show", "failed", "failed")]
)
def test_a_start_that_arrives_late_leaves_called_off_what_is(
    world: LiveWorld, kind: str, phase: str, state: str
) -> None:
    """The customer was told at 8:30 already; that Kim had begun at 8:15 is kept, and means nothing any more."""
    with client_for(world.ctx, STAFF) as dispatcher, client_for(world.ctx, world.kim) as kim:
        world.clock_at("08:30")
        report(dispatcher, world, kind, at="08:30", reason="nobody was home")
        told = messages(world)
        world.clock_at("08:40")
        late = [report(kim, world, step, at=at) for step, at in (("started", "08:15"), ("done", "08:35"))]

        assert [receipt["phase"] for receipt in late] == [phase, phase]
        assert [receipt["is_ignored"] for receipt in late] == [False, True]
        assert stops(dispatcher, world) == world.visit_ids[1:]
    row = world.row(VisitProgressRow, world.ids["a"])
    assert (row.phase, row.finished_at) == (phase, local("08:30"))
    assert world.row(VisitRow, world.ids["a"]).state == state
    assert messages(world) == told


def test_what_was_done_before_it_was_called_off_is_done(world: LiveWorld) -> None:
    """Kim had finished at 8:25: there was nothing left to call off at 8:30, and the work is to be paid."""
    with client_for(world.ctx, STAFF) as dispatcher, client_for(world.ctx, world.kim) as kim:
        world.clock_at("08:30")
        report(dispatcher, world, "canceled", at="08:30")
        world.clock_at("08:40")
        report(kim, world, "started", at="08:05")
        receipt = report(kim, world, "done", at="08:25")

    assert receipt["phase"] == "done"
    assert world.row(VisitRow, world.ids["a"]).state == "done"


def test_what_failed_before_it_was_called_off_asks_nobody_for_another_appointment(world: LiveWorld) -> None:
    """Kim gave up at 8:25, the customer called off at 8:30: the phone's word comes last, and nothing is left to do."""
    with client_for(world.ctx, STAFF) as dispatcher, client_for(world.ctx, world.kim) as kim:
        world.clock_at("08:30")
        report(dispatcher, world, "canceled", at="08:30")
        world.clock_at("08:40")
        report(kim, world, "started", at="08:05")
        receipt = report(kim, world, "could_not_complete", at="08:25", reason="a part is missing")

    assert receipt["phase"] == VisitPhase.CANCELED.value
    # Kim has been free since 8:25.
    assert world.row(VisitProgressRow, world.ids["a"]).finished_at == local("08:25")
    assert world.row(VisitRow, world.ids["a"]).state == "canceled"
    with world.ctx.database.reading() as session:
        assert session.scalars(select(TaskRow.id)).all() == []


def test_work_under_way_can_be_called_off(world: LiveWorld) -> None:
    """The customer has changed their mind while Kim is at it: the visit is off, and Kim is free for b."""
    with client_for(world.ctx, STAFF) as dispatcher, client_for(world.ctx, world.kim) as kim:
        world.clock_at("08:12")
        report(kim, world, "started", at="08:12")
        world.clock_at("08:20")
        receipt = report(dispatcher, world, "canceled", at="08:20", reason="not needed any more")
        day = dispatcher.get(f"/v1/territories/{world.territory.id}/live/{TODAY.isoformat()}").json()

    assert (receipt["phase"], receipt["is_ignored"]) == ("canceled", False)
    assert day["shifts"][0]["ready_at"] == "2026-03-16T12:20:00Z"
