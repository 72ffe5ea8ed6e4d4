"""
Dispatchers change a day that is under way.

It is 10:00. Kim serves the first visit until 12:30 and then has the second, promised for 10:00 to 12:00, and the third,
for 13:00 to 15:00. Lee is free.
"""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from fieldops.domain.edits import AddBreak, Edit, Lock, Move, Unassign
from fieldops.domain.live import Underway
from fieldops.domain.problem import Break
from fieldops.errors import Fault, InvalidInput, RulesBroken, WrongState
from fieldops.store.database import Database
from fieldops.store.plan_routes import current_routes
from fieldops.store.tables import EtaRow, ShiftRow, StreamEventRow, TerritoryRow, VisitRow
from fieldops.usecases import editable_day
from fieldops.usecases.edit_plan import edit_plan, try_edit
from fieldops.usecases.edit_views import PROMISE, PlanEditView
from fieldops.usecases.list_places import list_places
from fieldops.usecases.live_shift import LiveShift, frozen_underway
from fieldops.usecases.undo_edit import undo_edit
from fieldops.usecases.work import transact, view
from replan_worlds import LateDay, add_progress, late_day, set_out
from worlds import STAFF, TODAY, add_site, add_visit, local


def _edit(day: LateDay, edit: Edit, *, force: bool = False) -> PlanEditView:
    """Edit the plan as it is now."""
    return transact(
        day.ctx,
        STAFF,
        edit_plan,
        day.territory,
        TODAY,
        edit,
        base_version=day.version(),
        force=force,
        reason="I know better" if force else "",
    )


def _undo(day: LateDay, edit: PlanEditView) -> PlanEditView:
    return transact(day.ctx, STAFF, undo_edit, day.territory, TODAY, edit.id)


def test_a_late_visit_is_given_to_somebody_who_is_free(database: Database) -> None:
    """ETAs, boards and technicians know it in the same instant; what Kim does stays as it is."""
    day = late_day(database)

    _edit(day, Move(visit_id=day.second, shift_id=day.lees))

    assert day.orders() == {day.kims: (day.first, day.third), day.lees: (day.second,)}
    with database.reading() as session:
        expected = session.get_one(EtaRow, day.second)
        said = [(event.topic, event.kind) for event in session.scalars(select(StreamEventRow))]
        pin = session.get_one(VisitRow, day.second).pin
    assert (expected.shift_id, expected.technician_id) == (day.lees, day.lee)
    # Two kilometers from the depot: Lee is there in a few minutes.
    assert local("10:00") < expected.arrival_at < local("10:15")
    assert pin["technician_id"] == day.lee
    board = f"board:{day.territory}:{TODAY.isoformat()}"
    assert (board, "plan") in said
    assert (board, "eta") in said
    assert {topic for topic, kind in said if kind == "plan"} - {board} == {
        f"technician:{day.kim}:{TODAY.isoformat()}",
        f"technician:{day.lee}:{TODAY.isoformat()}",
    }


def test_what_is_behind_a_technician_is_moved_by_no_force(sqlite_database: Database) -> None:
    """Kim is there already."""
    day = late_day(sqlite_database)

    with pytest.raises(WrongState, match="first cannot be changed any more: it is in progress") as refused:
        _edit(day, Move(visit_id=day.first, shift_id=day.lees), force=True)

    assert refused.value.details == {"visit_id": day.first, "phase": "in_progress"}


def test_to_break_a_promise_that_is_kept_has_to_be_forced(database: Database) -> None:
    """On its day a promise is no hard rule; but whoever breaks one should know, and say why."""
    day = late_day(database)
    _edit(day, Move(visit_id=day.second, shift_id=day.lees))
    back = Move(visit_id=day.second, shift_id=day.kims)

    asked = view(day.ctx, STAFF, try_edit, day.territory, TODAY, back)
    with pytest.raises(RulesBroken):
        _edit(day, back)
    forced = _edit(day, back, force=True)

    [broken] = asked.violations
    # Free at 12:30 and a few minutes away: more than half an hour late.
    assert (broken.code, broken.visit_id, broken.is_new) == (PROMISE, day.second, True)
    assert 30 * 60 < broken.amount < 40 * 60
    assert forced.is_forced
    assert [found["code"] for found in forced.violations] == [PROMISE]


def test_replans_keep_what_was_decided_by_hand(database: Database) -> None:
    """The replan would give the second visit to Lee; the dispatcher has agreed with the customer to wait for Kim."""
    day = late_day(database)
    _edit(day, Lock(visit_id=day.second))

    found = day.replan()

    assert day.second in day.orders()[day.kims]
    assert found.state == "nothing_better"


def test_what_was_taken_off_by_hand_is_not_brought_back_by_a_replan(database: Database) -> None:
    """The customer has called: nobody is at home today. Boards stop showing when somebody would come."""
    day = late_day(database)
    _edit(day, Lock(visit_id=day.second))
    _edit(day, Unassign(visit_id=day.second), force=True)
    with database.reading() as session:
        expected = session.scalars(select(EtaRow.visit_id)).all()
        said = session.scalars(select(StreamEventRow).order_by(StreamEventRow.id)).all()
    on_board = [event.data for event in said if event.topic.startswith("board:") and event.kind == "eta"]

    day.replan()

    assert day.second not in expected
    assert on_board[-1]["removed"] == [day.second]
    assert day.second not in {visit_id for order in day.orders().values() for visit_id in order}


def test_an_edit_is_taken_back_while_nothing_has_begun_of_it(database: Database) -> None:
    """Once Lee serves the visit, nobody can give it back to Kim."""
    day = late_day(database)
    before = day.orders()
    move = _edit(day, Move(visit_id=day.second, shift_id=day.lees))

    _undo(day, move)
    assert day.orders() == before
    again = _edit(day, Move(visit_id=day.second, shift_id=day.lees))
    day.change(
        lambda session: add_progress(
            session,
            session.get_one(VisitRow, day.second),
            day.lee,
            phase="in_progress",
            started=local("10:00"),
        )
    )

    with pytest.raises(WrongState) as too_late:
        _undo(day, again)
    assert too_late.value.details == {"behind": [day.second]}


def test_who_is_out_gets_nothing_and_can_be_relieved_of_everything(database: Database) -> None:
    """Kim falls ill at the first visit: what is ahead goes to Lee one by one, and nothing goes back."""
    day = late_day(database)
    day.change(lambda session: set_out(session, day, day.kim, "10:00"))

    _edit(day, Move(visit_id=day.second, shift_id=day.lees))

    assert day.orders()[day.lees] == (day.second,)
    assert day.third in day.orders()[day.kims]
    with pytest.raises(WrongState, match="nobody works"):
        _edit(day, Move(visit_id=day.second, shift_id=day.kims), force=True)


def test_a_break_given_on_the_day_comes_after_what_is_being_done(sqlite_database: Database) -> None:
    """Kim is free at 12:30 at the earliest; a break from 10:00 on waits for that, whatever was asked for."""
    day = late_day(sqlite_database)
    pause = Break(
        earliest_start=local("10:00"), latest_start=local("11:00"), duration=timedelta(minutes=20), name="rest"
    )

    _edit(day, AddBreak(shift_id=day.kims, pause=pause))

    with sqlite_database.reading() as session:
        [stored] = session.get_one(ShiftRow, day.kims).breaks
    assert stored["name"] == "rest"
    assert local("12:29") <= datetime.fromisoformat(stored["earliest_start"]) <= local("12:31")


def test_places_of_a_day_under_way_are_those_that_are_left(database: Database) -> None:
    """Where Kim has been is no place; what a late visit costs counts."""
    day = late_day(database)

    found = view(day.ctx, STAFF, list_places, day.territory, TODAY, day.second)

    assert [place.shift_id for place in found.places] == [day.lees, day.kims]
    assert found.places[0].cost_change < 0
    assert all(place.start >= local("10:00") for place in found.places)
    with pytest.raises(WrongState):
        view(day.ctx, STAFF, list_places, day.territory, TODAY, day.first)


def test_times_of_what_is_over_stay_in_the_route(sqlite_database: Database) -> None:
    """The plan of a day is also its history: the first visit began at 9:00."""
    day = late_day(sqlite_database)

    _edit(day, Move(visit_id=day.third, shift_id=day.lees))

    with sqlite_database.reading() as session:
        [plan_id] = {event.data["plan_id"] for event in session.scalars(select(StreamEventRow)) if event.kind == "plan"}
        routes = current_routes(session, plan_id)
    first, second = routes[day.kims].stops
    assert (first.visit_id, first.start) == (day.first, local("09:00"))
    assert local("12:29") <= first.finish <= local("12:31")
    assert second.start >= first.finish


def test_a_shift_that_cannot_be_computed_stops_no_edit_of_the_others(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By some fault nothing can be said of Kim's rest of the day: Kim's visits stay, and everybody else's may move."""
    day = late_day(sqlite_database)
    with day.ctx.database.writing() as session:
        territory = session.get_one(TerritoryRow, day.territory)
        extra = add_visit(session, territory, site=add_site(session, km_north=1.0), name="Extra").id

    def faulty(shift: LiveShift, *rest: Any) -> Underway | None:
        if shift.facts.shift.id == day.kims:
            raise InvalidInput([Fault(path="shifts[0].underway", found="True", expected="a way home")])
        return frozen_underway(shift, *rest)

    monkeypatch.setattr(editable_day, "frozen_underway", faulty)
    places = view(day.ctx, STAFF, list_places, day.territory, TODAY, extra)

    assert [place.shift_id for place in places.places] == [day.lees]
    assert [(shift.shift_id, shift.reason) for shift in places.without] == [(day.kims, "unsound")]
    made = _edit(day, Move(visit_id=extra, shift_id=day.lees))
    assert made.kind == "move"
    with pytest.raises(WrongState, match="cannot be computed what is left of shift") as refused:
        _edit(day, Move(visit_id=day.third, shift_id=day.lees))
    assert refused.value.details["shift_id"] == day.kims
    with pytest.raises(WrongState, match="cannot be computed what is left of shift"):
        view(day.ctx, STAFF, list_places, day.territory, TODAY, day.third)
