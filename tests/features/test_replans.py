"""A promise is in jeopardy: one replan for many events, a proposal, and a plan that keeps the promise."""

from datetime import timedelta

from sqlalchemy import select

from fieldops.store.database import Database
from fieldops.store.plan_routes import current_routes
from fieldops.store.tables import AuditRow, PlanRow, PlanVersionRow, ReplanRow, StreamEventRow
from replan_worlds import late_day, moves
from worlds import local


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
