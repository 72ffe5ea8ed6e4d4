"""What a replan proposes waits for a decision where the territory wants that: all of it, a part, or nothing."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.errors import InvalidInput, PlanVersionStale, RulesBroken, WrongState
from fieldops.solver import Progress
from fieldops.store.database import Database
from fieldops.store.tables import (
    EtaRow,
    LiveDayRow,
    ShiftRow,
    TaskRow,
    TechnicianSkillRow,
    TerritoryRow,
    VisitProgressRow,
    VisitRow,
)
from fieldops.usecases.proposals import approve_replan, mark_stale, reject_replan
from fieldops.usecases.replan_views import ReplanView
from fieldops.usecases.request_replan import ReplanKind, ReplanScope, cancel_replan, request_replan
from fieldops.usecases.solve_progress import Watch
from fieldops.usecases.work import transact
from replan_worlds import LateDay, add_progress, late_day, moves, overwrite, set_out
from running_day import book, put_on_route
from worlds import STAFF, TODAY, add_shift, add_site, add_technician, add_visit, local


def approve(day: LateDay, found: ReplanView, *visits: str) -> ReplanView:
    """Approve all of a proposal, or some visits."""
    return transact(day.ctx, STAFF, approve_replan, found.id, list(visits) or None)


def test_a_dispatcher_approves_what_the_policies_do_not(database: Database) -> None:
    """A territory that is not automatic: the plan changes when somebody says so, and only once."""
    day = late_day(database, is_automatic=False)
    found = day.replan()
    assert (found.state, day.version()) == ("proposed", 1)
    day.clock.advance(timedelta(minutes=3))

    approved = approve(day, found)

    assert (approved.state, approved.applied_version, approved.decided_by) == ("applied", 2, STAFF.id)
    assert day.orders() == {day.kims: (day.first, day.third), day.lees: (day.second,)}
    assert approve(day, found) == approved
    assert day.version() == 2


def test_a_rejected_proposal_changes_nothing(sqlite_database: Database) -> None:
    """And cannot be approved any more."""
    day = late_day(sqlite_database, is_automatic=False)
    found = day.replan()

    rejected = transact(day.ctx, STAFF, reject_replan, found.id, "Kim is nearly done")

    assert (rejected.state, rejected.note, rejected.decided_by) == ("rejected", "Kim is nearly done", STAFF.id)
    with pytest.raises(WrongState):
        approve(day, found)
    assert day.version() == 1


@pytest.mark.parametrize("limit", [{"automatic_customers": 0}, {"automatic_cost_cents": 0, "is_automatic": False}])
def test_what_is_beyond_a_limit_waits(sqlite_database: Database, limit: dict[str, object]) -> None:
    """Lee comes instead of Kim: one customer would have to be told."""
    day = late_day(sqlite_database, **limit)

    found = day.replan()

    assert (found.state, found.customers) == ("proposed", 1)


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
        approve(day, found)
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
        approve(day, found)


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

    approved = approve(day, found)

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
        approve(day, found)


def test_a_newer_proposal_takes_the_place_of_an_older_one(sqlite_database: Database) -> None:
    """Two proposals for the same visits would contradict each other."""
    day = late_day(sqlite_database, is_automatic=False)
    older, newer = day.replan(), day.replan()

    assert (day.look(older.id).state, newer.state) == ("stale", "proposed")
    assert newer.id in str(day.look(older.id).note)


def test_a_part_is_approved_and_the_rest_stays(database: Database) -> None:
    """Kim will be free at 15:30 only: both visits are to go to Lee, and the dispatcher wants one of them to."""
    day = late_day(database, is_automatic=False, most_moves_least=9)
    day.change(lambda session: _take_longer(session, day, timedelta(hours=6)))
    found = day.replan()
    assert moves(found) == {name: (day.kim, day.lee) for name in (day.second, day.third)}

    with pytest.raises(InvalidInput) as caught:
        approve(day, found, day.first)
    assert [fault.path for fault in caught.value.faults] == ["visits[0]"]
    approved = approve(day, found, day.second)

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
        approve(day, found, day.second)

    violations = caught.value.details["violations"]
    assert isinstance(violations, list)
    [violation] = violations
    assert (violation["code"], violation["message"]) == ("max_visits", "Lee has 1 visit more than allowed")
    assert approve(day, found, fourth.id).state == "applied"
    assert day.orders()[day.lees] == ()


def _take_longer(session: Session, day: LateDay, extension: timedelta) -> None:
    first = session.get_one(VisitRow, day.first)
    add_progress(session, first, day.kim, phase="in_progress", started=local("09:00"), extension=extension)


def test_pins_survive_a_replan(database: Database) -> None:
    """A dispatcher has pinned the second visit to Kim: better late with Kim than with somebody else."""
    day = late_day(database)
    day.change(lambda session: _pin(session, day.second, day.kim))

    found = day.replan()

    assert found.state == "nothing_better"
    assert day.orders() == {day.kims: (day.first, day.second, day.third), day.lees: ()}


def _pin(session: Session, visit_id: str, technician_id: str) -> None:
    session.get_one(VisitRow, visit_id).pin = {"technician_id": technician_id}


def test_a_pin_to_somebody_who_is_out_is_a_conflict(database: Database) -> None:
    """Kim goes home sick: the visits go to Lee, but what was pinned to Kim is for a dispatcher to decide."""
    day = late_day(database)
    day.change(lambda session: _pin(session, day.second, day.kim))
    day.change(lambda session: set_out(session, day, day.kim, "09:50"))

    found = day.replan()

    assert found.state == "proposed"
    assert found.conflicts == ({"visit_id": day.second, "message": "pinned to Kim, who does not work any more today"},)
    approve(day, found)
    assert day.orders() == {day.kims: (day.first,), day.lees: (day.second, day.third)}
    with database.reading() as session:
        assert session.get_one(VisitRow, day.second).pin == {}


def test_what_nobody_can_serve_any_more_is_somebodys_task(database: Database) -> None:
    """Kim is out and Lee has not learned gas: the visits leave the plan, and a person hears of each of them."""
    day = late_day(database)
    with database.writing() as session:
        for name in (day.second, day.third):
            session.get_one(VisitRow, name).required_skills = {"gas": 1}
        for skill in session.scalars(select(TechnicianSkillRow).where(TechnicianSkillRow.technician_id == day.lee)):
            session.delete(skill)
        set_out(session, day, day.kim, "09:50")

    found = day.replan()

    assert found.state == "applied"
    assert {left["visit_id"] for left in found.unassigned} == {day.second, day.third}
    assert day.orders() == {day.kims: (day.first,), day.lees: ()}
    with database.reading() as session:
        tasks = session.scalars(select(TaskRow).order_by(TaskRow.summary)).all()
        assert [(task.kind, task.visit_id) for task in tasks] == [("no_place", day.second), ("no_place", day.third)]


def test_a_cap_on_moves_is_kept(sqlite_database: Database) -> None:
    """Both visits would be late with Kim, but one replan may move one of them only."""
    day = late_day(sqlite_database, most_moves_least=1, most_moves_percent=0)
    day.change(lambda session: _take_longer(session, day, timedelta(hours=6)))

    found = day.replan()

    assert found.churn == 1


def test_a_replan_that_waits_is_called_off(sqlite_database: Database) -> None:
    """And finds nothing to do when its turn comes."""
    day = late_day(sqlite_database)
    day.wish()
    [replan_id] = day.start()

    assert transact(day.ctx, STAFF, cancel_replan, replan_id).state == "canceled"
    assert day.run(replan_id).state == "canceled"
    assert day.version() == 1


def test_what_a_stopped_replan_has_found_waits_for_a_decision(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody stops a search of a minute: the best so far is a proposal, not a plan, even where that is automatic."""
    day = late_day(sqlite_database, replan_for_s=60)
    day.wish()
    [replan_id] = day.start()
    real = Watch.on_progress

    def on_progress(watch: Watch, progress: Progress) -> None:
        if progress.iterations > 100:
            overwrite(sqlite_database, replan_id, cancel_requested=True)
        real(watch, progress)

    monkeypatch.setattr(Watch, "on_progress", on_progress)

    found = day.run(replan_id)

    assert (found.state, day.version()) == ("proposed", 1)
    assert moves(found) == {day.second: (day.kim, day.lee)}
    # To stop it again is to say the same again.
    assert transact(day.ctx, STAFF, cancel_replan, replan_id).state == "proposed"


def ask(day: LateDay, kind: ReplanKind, **scope: Any) -> ReplanView:
    """Ask for a replan and do it at once."""
    asked = transact(day.ctx, STAFF, request_replan, day.territory, TODAY, kind, ReplanScope(**scope))
    return day.run(asked.id)


def test_an_emergency_finds_a_place(database: Database) -> None:
    """A leak at 10:00, due now at 20 dollars an hour: Kim comes by at noon, Lee gets under way for it at once."""
    day = late_day(database)
    with database.writing() as session:
        leak = add_visit(session, session.get_one(TerritoryRow, day.territory), site=add_site(session, km_north=4.0))

    found = ask(day, ReplanKind.EMERGENCY, visit_id=leak.id)

    assert found.state == "proposed"
    assert moves(found)[leak.id] == (None, day.lee)
    approve(day, found, leak.id)
    assert day.orders()[day.lees] == (leak.id,)


@pytest.mark.parametrize("is_pinned", [False, True])
def test_a_route_is_emptied_as_far_as_others_can_take_it(sqlite_database: Database, *, is_pinned: bool) -> None:
    """Kim wants to go home: Lee takes both visits; in another world the third is pinned to Kim, and stays."""
    day = late_day(sqlite_database)
    if is_pinned:
        day.change(lambda session: _pin(session, day.third, day.kim))

    found = ask(day, ReplanKind.EMPTY_ROUTE, shift_id=day.kims)

    taken = (day.second,) if is_pinned else (day.second, day.third)
    assert moves(found) == {name: (day.kim, day.lee) for name in taken}


def test_a_rebalance_touches_those_who_were_named(sqlite_database: Database) -> None:
    """Max could take the visit as well as Lee, but was not asked."""
    day = late_day(sqlite_database)
    with sqlite_database.writing() as session:
        territory = session.get_one(TerritoryRow, day.territory)
        add_shift(session, add_technician(session, territory, name="Max"), base=add_site(session, km_north=2.0))

    found = ask(day, ReplanKind.REBALANCE, technicians=(day.kim, day.lee), most_moves=2, seconds=0.2)

    assert moves(found) == {day.second: (day.kim, day.lee)}


def test_requests_that_make_no_sense_are_refused_with_all_faults(sqlite_database: Database) -> None:
    """What is missing for the kind, what does not go with it, and what is not part of the day."""
    day = late_day(sqlite_database)
    bad = ReplanScope(technicians=("tn_nobody",), shift_id="sh_none", visit_id="vi_none", most_moves=-1, seconds=600)

    with pytest.raises(InvalidInput) as caught:
        transact(day.ctx, STAFF, request_replan, day.territory, TODAY - timedelta(days=2), ReplanKind.IMPROVE, bad)

    assert {fault.path for fault in caught.value.faults} == {
        "date",
        "technicians",
        "technicians[0]",
        "shift_id",
        "visit_id",
        "most_moves",
        "seconds",
    }
    transact(day.ctx, STAFF, request_replan, day.territory, TODAY, ReplanKind.IMPROVE, ReplanScope())
    with pytest.raises(WrongState, match="waiting already"):
        transact(day.ctx, STAFF, request_replan, day.territory, TODAY, ReplanKind.IMPROVE, ReplanScope())


def test_a_promise_in_jeopardy_gets_room_although_it_is_expected_to_be_kept(database: Database) -> None:
    """Kim is expected at 11:58, two minutes before the end of the promise, and one day of ten half an hour later."""
    day = late_day(database)
    day.change(lambda session: _take_longer(session, day, timedelta(hours=2, minutes=25)))
    assert day.replan().state == "nothing_better"
    day.change(lambda session: session.add(_eta_at_risk(day)))

    found = day.replan()

    assert (found.state, moves(found)) == ("applied", {day.second: (day.kim, day.lee)})
    assert found.diff is not None
    assert (found.diff.kept_before, found.diff.kept_after) == (2, 2)
    assert "would be kept with" in found.diff.moves[0].why


def _eta_at_risk(day: LateDay) -> EtaRow:
    return EtaRow(
        visit_id=day.second,
        territory_id=day.territory,
        date=TODAY,
        shift_id=day.kims,
        technician_id=day.kim,
        plan_version=1,
        position=1,
        arrival_at=local("11:58"),
        earliest_at=local("11:30"),
        latest_at=local("12:28"),
        finish_at=local("12:28"),
        kept_permille=550,
        at_risk_since=local("10:00"),
        computed_at=local("10:00"),
    )


def test_a_visit_is_not_dropped_without_a_person(sqlite_database: Database) -> None:
    """Kim would be home an hour after the latest end of the shift, and Lee is away: a dispatcher decides what to do."""
    day = late_day(sqlite_database)
    with sqlite_database.writing() as session:
        session.get_one(ShiftRow, day.lees).removed_at = local("09:00")
        _take_longer(session, day, timedelta(hours=8, minutes=15))

    found = day.replan()

    assert (found.state, day.version()) == ("proposed", 1)
    assert moves(found)[day.third] == (day.kim, None)
