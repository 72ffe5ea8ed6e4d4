"""What a replan proposes waits for a decision where the territory wants that: all of it, a part, or nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from fieldops.errors import InvalidInput, PlanVersionStale, RulesBroken, WrongState
from fieldops.store.database import Database
from fieldops.store.tables import (
    LiveDayRow,
    ShiftRow,
    TerritoryRow,
    VisitProgressRow,
    VisitRow,
)
from fieldops.usecases.proposals import mark_stale, reject_replan
from fieldops.usecases.work import transact
from replan_worlds import add_progress, expected_second, late_day, moves
from running_day import book, put_on_route
from worlds import STAFF, add_shift, add_site, add_technician, add_visit, local


def test_a_dispatcher_approves_what_the_policies_do_not(database: Database) -> None:
    """A territory that is not automatic: the plan changes when somebody says so, and only once."""
    day = late_day(database, is_automatic=False)
    found = day.replan()
    assert (found.state, day.version()) == ("proposed", 1)
    day.clock.advance(timedelta(minutes=3))

    approved = day.approve(found)

    assert (approved.state, approved.applied_version, approved.decided_by) == ("applied", 2, STAFF.id)
    assert day.orders() == {day.kims: (day.first, day.third), day.lees: (day.second,)}
    assert day.approve(found) == approved
    assert day.version() == 2


def test_a_rejected_proposal_changes_nothing(sqlite_database: Database) -> None:
    """And cannot be approved any more."""
    day = late_day(sqlite_database, is_automatic=False)
    found = day.replan()

    rejected = transact(day.ctx, STAFF, reject_replan, found.id, "Kim is nearly done")

    assert (rejected.state, rejected.note, rejected.decided_by) == ("rejected", "Kim is nearly done", STAFF.id)
    with pytest.raises(WrongState):
        day.approve(found)
    assert day.version() == 1


def test_what_would_be_news_to_more_customers_than_allowed_waits(sqlite_database: Database) -> None:
    """The second customer has heard of 12:30; Lee comes at 10:05, and nobody decides that alone."""
    day = late_day(sqlite_database, automatic_customers=0)
    heard = {"told_arrival_at": local("12:33"), "told_earliest_at": local("12:20"), "told_latest_at": local("12:50")}
    told = {"computed_at": local("09:55"), "told_at": local("09:55"), **heard}
    day.change(lambda session: session.add(expected_second(day, "12:20", "12:33", "12:50", "13:03", **told)))

    found = day.replan()

    assert (found.state, found.customers) == ("proposed", 1)


def test_a_territory_that_is_not_automatic_decides_itself(sqlite_database: Database) -> None:
    """Lee comes instead of Kim, and nobody has to be told: it waits all the same."""
    day = late_day(sqlite_database, is_automatic=False)

    found = day.replan()

    assert (found.state, found.customers) == ("proposed", 0)


def test_a_proposal_that_comes_too_late_is_stale(database: Database) -> None:
    """Kim's colleague calls: the second visit has begun at Kim's. What was proposed about it cannot be any more."""
    day = late_day(database, is_automatic=False)
    found = day.replan()
    day.change(
        lambda session: add_progress(
            session,
            session.get_one(VisitRow, day.first),
            day.kim,
            phase="done",
            started=local("09:00"),
            finished=local("09:55"),
        )
    )
    day.change(
        lambda session: add_progress(
            session, session.get_one(VisitRow, day.second), day.kim, phase="in_progress", started=local("10:01")
        )
    )

    with pytest.raises(PlanVersionStale, match="second has begun where it is"):
        day.approve(found)
    transact(day.ctx, STAFF, mark_stale, found.id, "too late")

    assert (day.look(found.id).state, day.look(found.id).note, day.version()) == ("stale", "too late", 1)
    # No promise is at risk: nothing more is wanted.
    with database.reading() as session:
        assert session.scalars(select(LiveDayRow.wanted_at)).one() is None


def test_what_somebody_drives_to_does_not_move(database: Database) -> None:
    """Kim was done sooner than feared, and is on the way to the second visit when the proposal is approved."""
    day = late_day(database, is_automatic=False)
    found = day.replan()
    with database.writing() as session:
        first, second = (session.get_one(VisitRow, name) for name in (day.first, day.second))
        add_progress(session, first, day.kim, phase="done", started=local("09:00"), finished=local("09:55"))
        add_progress(session, second, day.kim, phase="traveling")
        session.flush()
        session.get_one(VisitProgressRow, day.second).travel_started_at = local("09:56")

    with pytest.raises(PlanVersionStale, match="second has begun where it is"):
        day.approve(found)


def test_a_plan_that_moved_on_elsewhere_is_no_obstacle(database: Database) -> None:
    """Somebody's third technician got a visit; the proposal is about Kim and Lee."""
    day = late_day(database, is_automatic=False)
    found = day.replan()
    with database.writing() as session:
        territory = session.get_one(TerritoryRow, day.territory)
        max_ = add_technician(session, territory, name="Max")
        shift = add_shift(session, max_)
        visit = add_visit(session, territory)
        book(session, visit, "14:00", "16:00")
        put_on_route(day.ctx, session, shift, [visit])

    approved = day.approve(found)

    assert (approved.base_version, approved.applied_version) == (1, 3)


def test_a_plan_that_moved_on_where_the_proposal_is_makes_it_stale(database: Database) -> None:
    """Lee's route got a visit after the proposal was made from an empty one."""
    day = late_day(database, is_automatic=False)
    found = day.replan()
    with database.writing() as session:
        visit = add_visit(session, session.get_one(TerritoryRow, day.territory))
        book(session, visit, "14:00", "16:00")
        put_on_route(day.ctx, session, session.get_one(ShiftRow, day.lees), [visit])

    with pytest.raises(PlanVersionStale, match="has changed since"):
        day.approve(found)


def test_a_newer_proposal_takes_the_place_of_an_older_one(sqlite_database: Database) -> None:
    """Two proposals for the same visits would contradict each other."""
    day = late_day(sqlite_database, is_automatic=False)
    older, newer = day.replan(), day.replan()

    assert (day.look(older.id).state, newer.state) == ("stale", "proposed")
    assert newer.id in str(day.look(older.id).note)


def test_a_part_is_approved_and_the_rest_stays(database: Database) -> None:
    """Kim will be free at 15:30 only: both visits are to go to Lee, and the dispatcher wants one of them to."""
    day = late_day(database, is_automatic=False, most_moves_least=9)
    day.take_longer(timedelta(hours=6))
    found = day.replan()
    assert moves(found) == {name: (day.kim, day.lee) for name in (day.second, day.third)}

    with pytest.raises(InvalidInput) as caught:
        day.approve(found, day.first)
    assert [fault.path for fault in caught.value.faults] == ["visits[0]"]
    approved = day.approve(found, day.second)

    assert (approved.state, approved.accepted) == ("applied", (day.second,))
    assert day.orders() == {day.kims: (day.first, day.third), day.lees: (day.second,)}


def test_a_part_that_breaks_a_rule_alone_is_refused(database: Database) -> None:
    """Lee may serve one visit. The second one comes, so the fourth has to go: one does not work without the other."""
    day = late_day(database, is_automatic=False, most_moves_least=9)
    with database.writing() as session:
        fourth = add_visit(session, session.get_one(TerritoryRow, day.territory), site=add_site(session, km_north=1.5))
        book(session, fourth, "12:30", "18:00")
        lees = session.get_one(ShiftRow, day.lees)
        put_on_route(day.ctx, session, lees, [fourth])
        lees.max_visits = 1
    found = day.replan()
    assert moves(found) == {day.second: (day.kim, day.lee), fourth.id: (day.lee, day.kim)}

    with pytest.raises(RulesBroken) as caught:
        day.approve(found, day.second)

    violations = caught.value.details["violations"]
    assert isinstance(violations, list)
    [violation] = violations
    assert (violation["code"], violation["message"]) == ("max_visits", "Lee has 1 visit more than allowed")
    assert day.approve(found, fourth.id).state == "applied"
    assert day.orders()[day.lees] == ()
