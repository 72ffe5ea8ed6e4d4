"""A promise is in jeopardy: one replan for many events, a proposal, and a plan that keeps the promise."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from fieldops.store.database import Database
from fieldops.store.day_plans import lock_plan
from fieldops.store.plan_routes import current_routes
from fieldops.store.tables import (
    AuditRow,
    EtaRow,
    PlanRow,
    PlanVersionRow,
    ReplanRow,
    ShiftRow,
    StreamEventRow,
    TerritoryRow,
)
from fieldops.usecases import run_replan as run_replan_module
from fieldops.usecases.refresh_etas import refresh_etas
from fieldops.usecases.replan_remaining import Replanned
from fieldops.usecases.retention import forget_old
from fieldops.usecases.settle_replans import fail_lost_replans, unended_replans
from fieldops.usecases.work import Work, transact, view
from replan_worlds import late_day, moves, overwrite
from running_day import book, put_on_route
from worlds import SYSTEM, TODAY, add_visit, local


def test_a_visit_that_would_be_late_goes_to_somebody_who_is_free(database: Database) -> None:
    """Kim is free at 12:30; Lee, who has nothing to do, keeps the promise that ends at 12:00."""
    day = late_day(database)

    found = day.replan()

    assert found.state == "applied"
    assert moves(found) == {day.second: (day.kim, day.lee)}
    assert found.diff is not None
    assert (found.diff.promises, found.diff.kept_before, found.diff.kept_after) == (2, 1, 2)
    assert (found.base_version, found.applied_version, found.decided_by) == (1, 2, "automatic")
    # What Kim is doing stays where it is, with its real times.
    assert day.orders() == {day.kims: (day.first, day.third), day.lees: (day.second,)}
    with database.reading() as session:
        plan = session.scalars(select(PlanRow)).one()
        routes = current_routes(session, plan.id)
        first, third = routes[day.kims].stops
        [second] = routes[day.lees].stops
        assert (first.start, first.finish) == (local("09:00"), local("12:30"))
        assert third.start == local("13:00")
        assert local("10:00") < second.start <= local("12:00")
        assert session.scalars(select(PlanVersionRow.reason).where(PlanVersionRow.version == 2)).one() == "replan"
        assert "plan.replanned" in set(session.scalars(select(AuditRow.action)))
        kinds = {(event.topic, event.kind) for event in session.scalars(select(StreamEventRow))}
        assert (f"board:{day.territory}:2026-03-16", "proposal") in kinds
        assert {(f"technician:{name}:2026-03-16", "plan") for name in (day.kim, day.lee)} <= kinds


def test_ten_events_are_one_replan(sqlite_database: Database) -> None:
    """A replan waits for a second of silence, and five seconds at most."""
    day = late_day(sqlite_database)

    for number in range(10):
        day.wish(f"event {number}")
        # Half a second each: never a second of silence, but after ten of them five seconds are over.
        assert not day.start(timedelta(milliseconds=500)) or number == 9

    [replan_id] = day.jobs
    assert day.look(replan_id).why == tuple(f"event {number}" for number in range(10))
    assert day.start(timedelta(minutes=1)) == []


def test_a_wish_waits_while_the_territory_is_replanned(database: Database) -> None:
    """At most one runs and one waits, whatever happens meanwhile."""
    day = late_day(database)
    day.wish("first")
    [running] = day.start()
    for why in ("second", "third"):
        day.wish(why)
        assert day.start() == []

    assert day.run(running).state == "applied"
    [waiting] = day.start()

    assert day.look(waiting).why == ("second", "third")
    assert day.run(waiting).state == "nothing_better"
    assert day.version() == 2


def test_nothing_changes_when_nothing_is_better(sqlite_database: Database) -> None:
    """A replan of a day that goes well is no reason to tell anybody anything."""
    day = late_day(sqlite_database)
    day.replan()
    with sqlite_database.reading() as session:
        before = set(session.scalars(select(StreamEventRow.id)))

    found = day.replan()

    assert (found.state, found.diff) == ("nothing_better", None)
    assert day.version() == 2
    with sqlite_database.reading() as session:
        news = session.scalars(select(StreamEventRow).where(StreamEventRow.id.not_in(before))).all()
        assert {event.kind for event in news} == {"replan"}
        assert [event.data["state"] for event in news] == ["running", "nothing_better"]
        assert {row.state for row in session.scalars(select(ReplanRow))} == {"applied", "nothing_better"}


def test_a_replan_that_is_done_again_publishes_nothing_twice(database: Database) -> None:
    """The worker is killed after the commit and before the queue hears of it: the next one finds nothing to do."""
    day = late_day(database)
    found = day.replan()

    assert day.run(found.id) == found
    assert day.version() == 2


def test_a_worker_that_was_taken_for_dead_writes_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes back from a long pause in the middle of its search; another worker has begun the replan since."""
    day = late_day(database)
    day.wish()
    [replan_id] = day.start()
    real = run_replan_module.replan_remaining

    def slow(*args: Any, **kwargs: Any) -> Replanned:
        overwrite(database, replan_id, run_id="rn_another", attempts=2)
        return real(*args, **kwargs)

    monkeypatch.setattr(run_replan_module, "replan_remaining", slow)
    assert (day.run(replan_id).state, day.version()) == ("running", 1)
    monkeypatch.undo()

    # The other one is killed, too; the third brings it to its end.
    found = day.run(replan_id)
    assert (found.state, found.attempts, day.version()) == ("applied", 3, 2)


def test_a_replan_that_ends_its_processes_is_given_up(sqlite_database: Database) -> None:
    """Something in it may be what ends them."""
    day = late_day(sqlite_database)
    day.wish()
    [replan_id] = day.start()
    overwrite(sqlite_database, replan_id, attempts=run_replan_module.MOST_ATTEMPTS)

    found = day.run(replan_id)

    assert (found.state, found.note) == (
        "failed",
        "the process that replanned ended 10 times; it will not be tried again",
    )


def test_a_search_begins_anew_when_the_plan_changes_under_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lee gets a visit while Kim's is being given to Lee; the second search knows of it."""
    day = late_day(database)
    day.wish()
    [replan_id] = day.start()
    real, changed = run_replan_module.replan_remaining, []

    def meanwhile(*args: Any, **kwargs: Any) -> Replanned:
        if not changed:
            with database.writing() as session:
                visit = add_visit(session, session.get_one(TerritoryRow, day.territory))
                book(session, visit, "14:00", "16:00")
                put_on_route(day.ctx, session, session.get_one(ShiftRow, day.lees), [visit])
                changed.append(visit.id)
        return real(*args, **kwargs)

    monkeypatch.setattr(run_replan_module, "replan_remaining", meanwhile)
    found = day.run(replan_id)

    assert (found.state, found.base_version, found.applied_version) == ("applied", 2, 3)
    assert day.orders()[day.lees] == (day.second, changed[0])


def test_a_lost_replan_is_wished_for_again(database: Database) -> None:
    """The job engine knows nothing of it: it is said so, and the promise in jeopardy is not forgotten."""
    day = late_day(database)
    day.wish()
    [lost] = day.start()
    day.clock.advance(timedelta(minutes=3))

    assert view(day.ctx, SYSTEM, unended_replans) == (lost,)
    assert transact(day.ctx, SYSTEM, fail_lost_replans, [lost]) == 1
    assert transact(day.ctx, SYSTEM, fail_lost_replans, [lost]) == 0

    assert day.look(lost).state == "failed"
    [again] = day.start()
    assert day.run(again).state == "applied"


def test_replans_are_forgotten_and_what_they_changed_is_not(sqlite_database: Database) -> None:
    """After 90 days nobody asks what was proposed; who drove where stays known."""
    day = late_day(sqlite_database)
    day.replan()

    assert forget_old(day.ctx)["replans"] == 0
    day.clock.advance(timedelta(days=91))
    assert forget_old(day.ctx)["replans"] == 1
    assert day.version() == 2


def _refresh(work: Work, territory_id: str) -> None:
    """Expect what is left of today."""
    lock_plan(work.session, territory_id, TODAY)
    refresh_etas(work, territory_id, TODAY)


#: What docs/concepts.md tells of the second visit, and by how many minutes luck may change it.
RANGE = {"earliest_at": ("10:56", 10), "arrival_at": ("12:17", 14), "latest_at": ("14:26", 30)}


def test_the_worked_day_of_the_concepts(sqlite_database: Database) -> None:
    """docs/concepts.md tells this day with its numbers; odds are drawn anew for every visit."""
    day = late_day(sqlite_database)
    transact(day.ctx, SYSTEM, _refresh, day.territory)
    with sqlite_database.reading() as session:
        second = session.get_one(EtaRow, day.second)
        for name, (told, minutes) in RANGE.items():
            assert abs(getattr(second, name) - local(told)) <= timedelta(minutes=minutes)
        assert second.kept_permille is not None
        assert 300 <= second.kept_permille <= 460
        assert second.at_risk_since is not None

    found = day.replan()

    assert found.diff is not None
    before, after = found.diff.cost_before, found.diff.cost_after
    # 33 minutes at 200 cents; 757 + 210 and 1285 + 378 cents of driving and kilometers.
    assert (before["lateness"], before["churn"], before["travel"] + before["distance"]) == (6_600, 500, 967)
    assert (after["lateness"], after["churn"], after["travel"] + after["distance"]) == (0, 1_500, 1_663)
    assert (sum(before.values()), sum(after.values()), found.cost_change_cents) == (8_067, 3_163, -4_904)
    [move] = found.diff.moves
    assert move.from_start == local("12:33")
    assert move.to_start is not None
    assert local("10:04") < move.to_start < local("10:06")
    assert move.why.endswith("would be missed by 33 min with Kim")
    assert (found.churn, found.customers, found.decided_by) == (1, 0, "automatic")


def test_a_worker_that_is_told_to_end_puts_its_replan_back(database: Database) -> None:
    """An update of the machine is no failed attempt."""
    day = late_day(database)
    day.wish()
    [replan_id] = day.start()

    ended = run_replan_module.run_replan(day.ctx, replan_id, lambda: True)

    assert ended is run_replan_module.Ended.PUT_BACK
    put_back = day.look(replan_id)
    assert (put_back.state, put_back.attempts, day.version()) == ("waiting", 0, 1)
    assert day.run(replan_id).state == "applied"
