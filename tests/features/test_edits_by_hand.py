"""Dispatchers change plans by hand: what they see first, what is done, what is refused, and how it is taken back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from booking_worlds import MORNING, NOON
from edited_days import all_day_at_a, make_day
from fieldops.domain.edits import AddBreak, Duration, Edit, Lock, Move, Swap, Unassign
from fieldops.domain.problem import Break
from fieldops.errors import InvalidInput, NotFound, PlanVersionStale, RulesBroken, WrongState
from fieldops.store.database import Database
from fieldops.store.tables import AuditRow, ShiftRow, StreamEventRow, VisitRow
from fieldops.usecases.edit_plan import try_edit
from fieldops.usecases.list_places import list_places
from fieldops.usecases.read_plan import read_plan
from fieldops.usecases.reschedule_booking import reschedule_booking
from fieldops.usecases.solve_input import load_solve_input
from fieldops.usecases.undo_edit import list_edits
from fieldops.usecases.work import transact, view
from running_day import book
from worlds import STAFF, SYSTEM, TODAY, TOMORROW, add_visit, local


def test_a_visit_is_moved_and_stays_with_whom_it_was_given_to(database: Database) -> None:
    """What a dispatcher decides must not be taken back by the next optimizer."""
    day = make_day(database)
    _, kim_1 = day.world.technicians

    edit = day.edit(Move(visit_id=day.visits["a"], shift_id=day.shifts[1], position=0))

    assert day.orders() == ["b", "ac"]
    assert (edit.kind, edit.from_version, edit.to_version, edit.is_forced) == ("move", 2, 3, False)
    assert day.pin("a") == {"technician_id": kim_1.id, "sequence": 100}
    assert day.pin("b") == {}


def test_nothing_is_changed_by_asking_what_if(database: Database) -> None:
    """A board shows what a drag would do before the mouse is released."""
    day = make_day(database)
    move = Move(visit_id=day.visits["a"], shift_id=day.shifts[1])

    found = view(day.world.ctx, STAFF, try_edit, day.world.territory.id, TOMORROW, move)

    assert (found.version, found.needs_force, found.violations) == (2, False, ())
    counts = {route.shift_id: (len(route.before), len(route.after)) for route in found.routes}
    assert counts == {day.shifts[0]: (2, 1), day.shifts[1]: (1, 2)}
    # A lies on the way to B and on the way to C: nobody drives more or less.
    assert abs(found.travel_change_s) <= 60
    assert day.orders() == ["ab", "c"]
    assert day.version == 2


def test_who_has_not_seen_the_newest_plan_changes_nothing(database: Database) -> None:
    """Two dispatchers drag at the same time; the second one has to look first."""
    day = make_day(database)
    day.edit(Lock(visit_id=day.visits["b"]))

    with pytest.raises(PlanVersionStale) as stale:
        day.edit(Move(visit_id=day.visits["a"], shift_id=day.shifts[1]), base_version=2)

    assert stale.value.details == {"version": 3, "expected": 2}
    assert day.orders() == ["ab", "c"]


def test_of_two_who_edit_at_the_same_time_one_is_refused(database: Database) -> None:
    """The plan is locked while it is changed: nobody's drag is lost without a word."""
    day = make_day(database)
    edits = [Move(visit_id=day.visits[name], shift_id=day.shifts[1]) for name in ("a", "b")]

    def attempt(edit: Edit) -> str:
        try:
            return day.edit(edit, base_version=2).kind
        except PlanVersionStale:
            return "stale"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(attempt, edits))

    assert outcomes == ["move", "stale"]
    assert day.version == 3


def test_what_would_break_rules_is_refused_with_all_of_them_unless_forced_for_a_reason(database: Database) -> None:
    """
    People may know better than the rules; then it stands in the plan why.

    With nine hours at A from 9:00, B could start after 18:00, and the latest end of the shift is at 18:00.
    """
    day = make_day(database)

    with pytest.raises(RulesBroken) as refused:
        day.edit(all_day_at_a(day))
    with pytest.raises(InvalidInput, match="why it is forced"):
        day.edit(all_day_at_a(day), force=True, reason=" ")
    forced = day.edit(all_day_at_a(day), force=True, reason="the customer pays")

    broken = refused.value.details["violations"]
    assert isinstance(broken, list)
    assert [(found["code"], found["visit_id"]) for found in broken] == [("window", day.visits["b"]), ("hard_end", None)]
    assert forced.is_forced
    assert [found["message"] for found in forced.violations] == [found["message"] for found in broken]
    assert day.world.row(VisitRow, day.visits["a"]).duration_s == 9 * 3_600
    with database.reading() as session:
        line = session.scalars(select(AuditRow).where(AuditRow.action == "plan.edited")).one()
    assert (line.actor, line.detail["reason"], line.detail["is_forced"]) == (STAFF.id, "the customer pays", True)


def test_a_plan_that_breaks_rules_can_be_read_quoted_and_edited_further(database: Database) -> None:
    """One forced edit must not stop the work of everybody else."""
    day = make_day(database)
    world = day.world
    day.edit(all_day_at_a(day), force=True, reason="the customer pays")

    # Of all windows of the day only the other technician can keep any.
    added = world.visit_at(4.0)
    day.visits["d"] = added.id
    booked = world.book(added, NOON)
    seen = view(world.ctx, STAFF, read_plan, world.territory.id, TOMORROW)
    # It was broken before and does not get worse: nobody has to force it again.
    further = day.edit(Lock(visit_id=day.visits["b"]))

    assert booked.state == "confirmed"
    assert day.orders() == ["ab", "cd"]
    late = [stop.lateness_s > 0 for route in seen.routes for stop in route.stops if stop.visit_id == day.visits["b"]]
    assert late == [True]
    assert (further.is_forced, further.violations) == (False, ())


@pytest.mark.parametrize("state", ["done", "canceled"])
def test_no_force_moves_what_is_over(sqlite_database: Database, state: str) -> None:
    """Force is for rules, not for facts."""
    day = make_day(sqlite_database)
    with sqlite_database.writing() as session:
        session.get_one(VisitRow, day.visits["a"]).state = state

    with pytest.raises(WrongState, match=state):
        day.edit(Move(visit_id=day.visits["a"], shift_id=day.shifts[1]), force=True, reason="I say so")


def test_no_force_moves_what_is_not_of_this_plan(sqlite_database: Database) -> None:
    """A visit that is promised for another date has to be rescheduled with its customer."""
    day = make_day(sqlite_database)
    with sqlite_database.writing() as session:
        other = add_visit(session, day.world.territory)
        book(session, other, "09:00", "12:00", TODAY)

    with pytest.raises(WrongState, match="another date, 2026-03-16"):
        day.edit(Move(visit_id=other.id, shift_id=day.shifts[1]), force=True, reason="I say so")
    with pytest.raises(NotFound):
        day.edit(Move(visit_id="vi_none", shift_id=day.shifts[1]), force=True, reason="I say so")
    with pytest.raises(NotFound):
        day.edit(Move(visit_id=day.visits["a"], shift_id="sh_none"), force=True, reason="I say so")


def test_a_chain_of_edits_is_taken_back_step_by_step_and_brought_back_again(database: Database) -> None:
    """Undoing restores exactly what was there: orders, pins, times on site; and an undo is an edit like others."""
    day = make_day(database)
    swap = day.edit(Swap(visit_id=day.visits["a"], other_visit_id=day.visits["c"]))
    pinned = day.pin("a")
    longer = day.edit(Duration(visit_id=day.visits["a"], duration=timedelta(hours=1)))

    with pytest.raises(WrongState) as too_early:
        day.undo(swap)
    back = day.undo(longer)
    assert (day.orders(), day.pin("a"), day.minutes("a")) == (["cb", "a"], pinned, 30)
    day.undo(swap)
    assert (day.orders(), day.pin("a"), day.pin("c")) == (["ab", "c"], {}, {})
    with pytest.raises(WrongState, match="before"):
        day.undo(swap)
    # What came after the swap cannot be brought back without it.
    with pytest.raises(WrongState):
        day.undo(back)

    assert too_early.value.details["visits"] == [day.visits["a"]]
    page = view(day.world.ctx, STAFF, list_edits, day.world.territory.id, TOMORROW)
    assert [edit.kind for edit in page.items] == ["undo", "undo", "duration", "swap"]
    again = day.undo(page.items[0])
    assert (again.kind, day.orders(), day.pin("a")) == ("undo", ["cb", "a"], pinned)


def test_what_somebody_else_has_changed_is_not_taken_back_with_it(database: Database) -> None:
    """An undo that silently undoes the work of others is worse than none."""
    day = make_day(database)
    move = day.edit(Move(visit_id=day.visits["a"], shift_id=day.shifts[1]))
    added = day.world.visit_at(2.5)
    day.visits["d"] = added.id
    day.world.book(added, MORNING)
    orders = day.orders()

    with pytest.raises(WrongState) as refused:
        day.undo(move)

    assert set(refused.value.details) == {"orders", "version"}
    assert day.orders() == orders


def test_a_visit_taken_off_stays_off_until_somebody_puts_it_back(database: Database) -> None:
    """
    It is promised, so it has to be forced; then no planner puts it back at night behind the dispatcher's back.

    Whoever waits for it is still shown as being without a place.
    """
    day = make_day(database)
    world = day.world
    with pytest.raises(RulesBroken) as refused:
        day.edit(Unassign(visit_id=day.visits["a"]))

    taken = day.edit(Unassign(visit_id=day.visits["a"]), force=True, reason="nobody is at home")

    broken = refused.value.details["violations"]
    assert isinstance(broken, list)
    assert [found["code"] for found in broken] == ["missing"]
    assert day.orders() == ["b", "c"]
    shown = view(world.ctx, STAFF, read_plan, world.territory.id, TOMORROW)
    assert [visit.visit_id for visit in shown.without_place] == [day.visits["a"]]
    planned = view(world.ctx, SYSTEM, load_solve_input, world.territory.id, TOMORROW)
    assert day.visits["a"] not in {visit.id for visit in planned.problem.visits}
    day.undo(taken)
    assert day.orders() == ["ab", "c"]
    assert day.pin("a") == {}


def test_what_was_taken_off_one_date_can_be_planned_on_another(database: Database) -> None:
    """Nobody has been promised it: it waits for the day after, and is not forgotten."""
    day = make_day(database)
    added = day.world.visit_at(2.5)
    day.visits["d"] = added.id
    day.edit(Move(visit_id=added.id, shift_id=day.shifts[1]))
    day.edit(Unassign(visit_id=added.id), force=True, reason="the part has not come")

    def looks_for_a_place(date: date) -> bool:
        found = view(day.world.ctx, SYSTEM, load_solve_input, day.world.territory.id, date)
        return added.id in {visit.id for visit in found.problem.visits}

    assert not looks_for_a_place(TOMORROW)
    assert looks_for_a_place(TOMORROW + timedelta(days=1))


def test_what_was_fixed_by_hand_ends_when_the_customer_takes_another_window(database: Database) -> None:
    """Who was to come tomorrow morning by the dispatcher's choice says nothing about the day after."""
    day = make_day(database)
    world = day.world
    added = world.visit_at(2.5)
    booking = world.book(added, MORNING)
    day.visits["d"] = added.id
    home = day.orders()
    other = day.shifts[1] if "d" in home[0] else day.shifts[0]
    day.edit(Move(visit_id=added.id, shift_id=other))
    assert day.pin("d")

    transact(world.ctx, STAFF, reschedule_booking, booking.id, world.offer(added, NOON).id)

    assert day.pin("d") == {}


def test_an_open_visit_is_dragged_onto_the_plan_and_off_again(database: Database) -> None:
    """Dispatchers fill gaps with work that nobody has been promised."""
    day = make_day(database)
    day.visits["d"] = day.world.visit_at(2.5).id

    added = day.edit(Move(visit_id=day.visits["d"], shift_id=day.shifts[1], position=1))
    on_plan = day.orders()
    day.undo(added)

    assert on_plan == ["ab", "cd"]
    assert (day.orders(), day.pin("d")) == (["ab", "c"], {})


def test_a_break_is_given_and_taken_back(database: Database) -> None:
    """Also to somebody who has nothing to do yet: whoever books later must not find the time free."""
    day = make_day(database)
    pause = Break(
        earliest_start=local("12:00", TOMORROW),
        latest_start=local("12:30", TOMORROW),
        duration=timedelta(minutes=45),
        name="dentist",
    )

    given = day.edit(AddBreak(shift_id=day.shifts[0], pause=pause))

    assert [stored["name"] for stored in day.world.row(ShiftRow, day.shifts[0]).breaks] == ["dentist"]
    shown = view(day.world.ctx, STAFF, read_plan, day.world.territory.id, TOMORROW).routes[0]
    assert [(taken["name"], taken["start"]) for taken in shown.breaks] == [("dentist", local("12:00", TOMORROW))]
    day.undo(given)
    assert day.world.row(ShiftRow, day.shifts[0]).breaks == []
    assert view(day.world.ctx, STAFF, read_plan, day.world.territory.id, TOMORROW).routes[0].breaks == ()


def test_a_lock_is_set_and_lifted(sqlite_database: Database) -> None:
    """What is locked names technician, place and start; with nothing named, the visit is free again."""
    day = make_day(sqlite_database)

    day.edit(Lock(visit_id=day.visits["b"], sequence=True, start=True))
    locked = day.pin("b")
    day.edit(Lock(visit_id=day.visits["b"], technician=False))

    assert locked.keys() == {"technician_id", "sequence", "start"}
    assert day.pin("b") == {}


def test_all_places_of_a_visit_are_ranked_with_its_own_among_them(database: Database) -> None:
    """What a dispatcher sees under "move to": every technician, what it would cost, or why not."""
    day = make_day(database)

    found = view(day.world.ctx, STAFF, list_places, day.world.territory.id, TOMORROW, day.visits["a"])

    assert {place.shift_id for place in found.places} == set(day.shifts)
    assert [place.cost_change for place in found.places] == sorted(place.cost_change for place in found.places)
    own = next(place for place in found.places if place.shift_id == day.shifts[0])
    assert own.cost_change <= 0
    assert found.without == ()


def test_whoever_watches_hears_of_an_edit(database: Database) -> None:
    """The board of a colleague, and both technicians concerned."""
    day = make_day(database)

    edit = day.edit(Move(visit_id=day.visits["a"], shift_id=day.shifts[1]))

    with database.reading() as session:
        said = session.scalars(select(StreamEventRow).order_by(StreamEventRow.id)).all()
    assert [(event.topic.partition(":")[0], event.kind) for event in said] == [
        ("board", "plan"),
        ("technician", "plan"),
        ("technician", "plan"),
    ]
    assert (said[0].data["version"], said[0].data["edit_id"]) == (3, edit.id)
