"""After a day: what was on its plan, and nobody has said whether it was done, is asked about, once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from api_client import client_for
from fieldops.store.database import Database
from fieldops.store.tables import TaskRow, VisitRow
from fieldops.usecases.sweep_days import sweep_days
from live_worlds import LiveWorld, make_live_world
from worlds import STAFF


@pytest.fixture
def world(database: Database) -> LiveWorld:
    """Make a day: Kim serves a, which is promised, b and c; the shift ends at 17:00, at 18:00 at the latest."""
    return make_live_world(database)


def asked(world: LiveWorld) -> dict[str, TaskRow]:
    """Let half a minute pass; give the tasks about what nobody has reported, by the name of the visit."""
    world.clock.advance(timedelta(seconds=30))
    sweep_days(world.ctx)
    names = {visit_id: name for name, visit_id in world.ids.items()}
    with world.ctx.database.reading() as session:
        rows = session.scalars(select(TaskRow).where(TaskRow.kind == "not_reported"))
        return {names[row.visit_id]: row for row in rows}


def test_visits_without_an_end_are_asked_about_when_the_last_shift_is_over(world: LiveWorld) -> None:
    """Kim did a, began b and forgot to say more, and said nothing of c: two questions, and none is asked twice."""
    world.report("done", "a", at="08:40", started="08:10")
    world.report("started", "b", at="09:00")
    world.clock.advance(world.shift.hard_ends_at - world.clock.now() - timedelta(minutes=1))
    assert asked(world) == {}
    world.clock.advance(timedelta(minutes=1))

    tasks = asked(world)

    assert set(tasks) == {"b", "c"}
    assert "was begun" in tasks["b"].summary
    assert "nothing was reported" in tasks["c"].summary
    assert all("ask Kim whether it was done on 2026-03-16" in task.summary for task in tasks.values())
    assert {name: world.row(VisitRow, world.ids[name]).state for name in "abc"} == {
        "a": "done",
        "b": "open",
        "c": "open",
    }
    with client_for(world.ctx, STAFF) as client:
        client.post(f"/v1/tasks/{tasks['c'].id}/done", json={"note": "It was not; Kim comes tomorrow."})
    assert {name: task.state for name, task in asked(world).items()} == {"b": "open", "c": "done"}


def test_a_report_that_comes_late_is_the_answer(world: LiveWorld) -> None:
    """Kim's telephone was empty: what it sends in the evening closes the tasks by itself."""
    world.report("done", "a", at="08:40", started="08:10")
    world.clock.advance(world.shift.hard_ends_at - world.clock.now())
    assert {task.state for task in asked(world).values()} == {"open"}

    world.report("done", "b", at="09:30", started="09:00")
    world.report("could_not_complete", "c", at="10:00", started="09:40", reason="The part is missing.")

    tasks = asked(world)
    assert {name: (task.state, task.note) for name, task in tasks.items()} == {
        name: ("done", "It was reported.") for name in "bc"
    }


def test_where_nobody_reports_silence_says_nothing(world: LiveWorld) -> None:
    """A company that does not use the telephones gets no task for every visit of every day."""
    world.clock.advance(world.shift.hard_ends_at - world.clock.now())

    assert asked(world) == {}
