"""What a replan keeps: pins, edits by hand, a cap on moves, room for promises; and what it leaves to people."""

from datetime import timedelta

from sqlalchemy import select

from fieldops.domain.edits import Edit, Move, Unassign
from fieldops.store.database import Database
from fieldops.store.tables import (
    ShiftRow,
    TaskRow,
    TechnicianSkillRow,
    VisitProgressRow,
    VisitRow,
)
from fieldops.usecases.edit_plan import edit_plan
from fieldops.usecases.live_day import load_live_day
from fieldops.usecases.work import transact, view
from replan_worlds import LateDay, expected_second, late_day, moves, set_out
from worlds import STAFF, TODAY, local


def test_pins_survive_a_replan(database: Database) -> None:
    """A dispatcher has pinned the second visit to Kim: better late with Kim than with somebody else."""
    day = late_day(database)
    day.pin(day.second, day.kim)

    found = day.replan()

    assert found.state == "nothing_better"
    assert day.orders() == {day.kims: (day.first, day.second, day.third), day.lees: ()}


def test_a_pin_to_somebody_who_is_out_is_a_conflict(database: Database) -> None:
    """Kim goes home sick: the visits go to Lee, but what was pinned to Kim is for a dispatcher to decide."""
    day = late_day(database)
    day.pin(day.second, day.kim)
    day.change(lambda session: set_out(session, day, day.kim, "09:50"))

    found = day.replan()

    assert found.state == "proposed"
    assert found.conflicts == ({"visit_id": day.second, "message": "pinned to Kim, who does not work any more today"},)
    day.approve(found)
    assert day.orders() == {day.kims: (day.first,), day.lees: (day.second, day.third)}
    with database.reading() as session:
        assert session.get_one(VisitRow, day.second).pin == {}


def test_an_edit_by_hand_survives_although_it_breaks_a_rule(database: Database) -> None:
    """Lee has not learned gas; a dispatcher who knows better has given the second visit to Lee all the same."""
    day = late_day(database)
    with database.writing() as session:
        session.get_one(VisitRow, day.second).required_skills = {"gas": 1}
        for skill in session.scalars(select(TechnicianSkillRow).where(TechnicianSkillRow.technician_id == day.lee)):
            session.delete(skill)
    move = Move(visit_id=day.second, shift_id=day.lees)
    edit_by_hand(day, move)

    found = day.replan()

    assert found.state == "nothing_better"
    assert day.orders() == {day.kims: (day.first, day.third), day.lees: (day.second,)}


def test_what_was_taken_off_by_hand_stays_off(database: Database) -> None:
    """The customer called: not today. No replan brings the visit back."""
    day = late_day(database)
    edit_by_hand(day, Unassign(visit_id=day.second))

    assert day.replan().state == "nothing_better"
    assert day.orders() == {day.kims: (day.first, day.third), day.lees: ()}


def edit_by_hand(day: LateDay, edit: Edit) -> None:
    """Change the plan by hand, whatever that breaks."""
    transact(day.ctx, STAFF, edit_plan, day.territory, TODAY, edit, base_version=1, force=True, reason="I know better")


def test_a_cap_on_moves_is_kept(sqlite_database: Database) -> None:
    """Both visits would be late with Kim, but one replan may move one of them only."""
    day = late_day(sqlite_database, most_moves_least=1, most_moves_percent=0)
    day.take_longer(timedelta(hours=6))

    found = day.replan()

    assert found.churn == 1


def test_a_promise_in_jeopardy_gets_room_although_it_is_expected_to_be_kept(database: Database) -> None:
    """Kim is expected at 11:58, two minutes before the end of the promise, and one day of ten half an hour later."""
    day = late_day(database)
    day.take_longer(timedelta(hours=2, minutes=25))
    assert day.replan().state == "nothing_better"
    eta = expected_second(day, "11:30", "11:58", "12:28", "12:28", kept_permille=550, at_risk_since=local("10:00"))
    day.change(lambda session: session.add(eta))

    found = day.replan()

    assert (found.state, moves(found)) == ("applied", {day.second: (day.kim, day.lee)})
    assert found.diff is not None
    assert (found.diff.kept_before, found.diff.kept_after) == (2, 2)
    assert "would be kept with" in found.diff.moves[0].why


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


def test_a_visit_is_not_dropped_without_a_person(sqlite_database: Database) -> None:
    """Kim would be home an hour after the latest end of the shift, and Lee is away: a dispatcher decides what to do."""
    day = late_day(sqlite_database)
    with sqlite_database.writing() as session:
        session.get_one(ShiftRow, day.lees).removed_at = local("09:00")
    day.take_longer(timedelta(hours=8, minutes=15))

    found = day.replan()

    assert (found.state, day.version()) == ("proposed", 1)
    assert moves(found)[day.third] == (day.kim, None)


def test_whoever_is_about_to_serve_a_visit_goes_home_from_there(sqlite_database: Database) -> None:
    """Nothing was reported at all: Kim may leave now, and is a kilometer from home in a few minutes."""
    day = late_day(sqlite_database)
    day.change(lambda session: session.delete(session.get_one(VisitProgressRow, day.first)))

    known = view(day.ctx, STAFF, load_live_day, day.territory, TODAY).state.underway[day.kims]

    assert known.behind == (day.first,)
    assert timedelta(minutes=1) < known.travel_home < timedelta(minutes=5)
