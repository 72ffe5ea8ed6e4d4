"""Whatever goes wrong with one shift, one day or one replan, everything else goes on, and nothing goes on for ever."""

from datetime import timedelta
from typing import Any

import pytest

from fieldops.errors import InternalError, PlanVersionStale
from fieldops.store.database import Database
from fieldops.store.day_plans import lock_plan
from fieldops.store.tables import EtaRow, LiveDayRow
from fieldops.usecases import refresh_etas as refresh_module
from fieldops.usecases import run_replan as run_replan_module
from fieldops.usecases import sweep_days as sweep_module
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.sweep_days import look_after_day, sweep_days
from fieldops.usecases.want_replan import start_wanted_replans, want_replan
from fieldops.usecases.work import Work, transact
from live_worlds import make_live_world
from replan_worlds import late_day
from worlds import TODAY


def test_a_wish_is_not_added_to_a_mark_that_was_taken(postgres_database: Database) -> None:
    """A worker takes the mark of a day between our reading and our writing: our wish is a new one, and is granted."""
    day = late_day(postgres_database)
    day.wish("Kim takes longer")
    day.clock.advance(timedelta(seconds=2))

    def wish_late(work: Work) -> None:
        lock_plan(work.session, day.territory, TODAY)
        # Known to this transaction from before, as after a report of traffic.
        known = work.session.get_one(LiveDayRow, (day.territory, TODAY))
        assert known.wanted_at is not None
        assert start_wanted_replans(day.ctx) == 1
        want_replan(work, day.territory, TODAY, "Lee is out")

    transact(day.ctx, SYSTEM, wish_late)
    [first] = day.jobs
    day.run(first)

    [second] = day.start()
    assert day.look(second).why == ("Lee is out",)


def test_one_broken_shift_does_not_stop_the_day(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing can be computed of the second visit's shift: Kim's first events are taken all the same."""
    world = make_live_world(sqlite_database)
    world.report("travel_started", "a", at="08:00")
    before = world.row(EtaRow, world.ids["b"])
    assert before is not None

    def broken(*_: Any) -> Any:
        raise InternalError("no way home")

    monkeypatch.setattr(refresh_module, "possible_instance", broken)
    world.clock_at("08:30")
    receipt = world.report("started", "a", at="08:20")
    transact(world.ctx, SYSTEM, look_after_day, world.territory.id, TODAY)

    assert not receipt.is_ignored
    # What was expected last stays; it is better than nothing.
    assert world.row(EtaRow, world.ids["b"]).arrival_at == before.arrival_at


def test_one_broken_day_does_not_stop_the_others(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even a fault that nobody has thought of ends the sweep of its own day only."""
    world = make_live_world(sqlite_database)
    world.report("travel_started", "a", at="08:00")
    monkeypatch.setattr(sweep_module, "days_under_way", lambda _: [("broken", TODAY), (world.territory.id, TODAY)])
    seen: list[str] = []

    def look(_: Work, territory_id: str, __: Any) -> None:
        seen.append(territory_id)
        if territory_id == "broken":
            raise ValueError("a fault of ours")

    monkeypatch.setattr(sweep_module, "look_after_day", look)

    assert sweep_days(world.ctx) == 2
    assert seen == ["broken", world.territory.id]


def test_what_comes_too_late_again_is_not_searched_for_ever(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proposal that never fits is searched for again once, then not before something happens."""
    day = late_day(sqlite_database)
    transact(day.ctx, SYSTEM, look_after_day, day.territory, TODAY)

    def never_fits(*_: Any, **__: Any) -> None:
        raise PlanVersionStale("the plan has changed")

    monkeypatch.setattr(run_replan_module, "apply_proposal", never_fits)
    [first] = day.start()
    assert day.run(first).state == "stale"
    [second] = day.start()
    assert day.run(second).state == "stale"

    assert day.start() == []
