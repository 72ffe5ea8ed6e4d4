"""What people see before they change a plan by hand: exact figures, and everything that would break."""

from datetime import timedelta

import pytest

from domain_builders import (
    CUSTOMER,
    DEPOT,
    at,
    make_break,
    make_problem,
    make_shift,
    make_technician,
    make_visit,
    window,
)
from fieldops.domain.edits import AddBreak, Duration, Edit, Lock, Move, Swap, Unassign
from fieldops.domain.problem import CostRates, Pin, Place, Problem
from fieldops.errors import InvalidInput
from fieldops.solver.solution import ViolationCode
from fieldops.units import Cents
from fieldops.usecases.what_if import WhatIf, what_if
from line_travel import LineTravel

#: The depot, the customer 10 minutes on (15 back), the hill 10 minutes further.
PLACES = (DEPOT, CUSTOMER, Place(id="hill", latitude=38.95, longitude=-77.08))
RATES = CostRates(travel_per_hour=Cents(3_600), travel_per_km=Cents(0), other_technician=Cents(0))


def two_people() -> Problem:
    """
    Kim and Lee, salaried, with a visit each: A at the customer and B on the hill, which is promised.

    Half an hour on site; an hour of driving costs 36.00, a cent a second.
    """
    return make_problem(
        make_visit(id="a", name="Boiler", windows=(window("08:00", "12:00"),)),
        make_visit(id="b", place_id="hill", promised_window=window("08:00", "10:00"), required_skills={"gas": 2}),
        technicians=[
            make_technician(name="Kim"),
            make_technician(make_shift(id="lee-monday"), id="lee", name="Lee", skills={"gas": 1}),
        ],
        places=PLACES,
        rates=RATES,
    )


APART = {"kim-monday": ("b",), "lee-monday": ("a",)}


def tried(edit: Edit, problem: Problem | None = None, orders: dict[str, tuple[str, ...]] | None = None) -> WhatIf:
    """Try an edit on the plan above, or on another one."""
    asked = problem or two_people()
    return what_if(asked, LineTravel().matrix(asked.places), orders or APART, edit)


def sentences(found: WhatIf) -> list[str]:
    """Say what would be broken."""
    return [rule.sentence for rule in found.violations]


def test_moving_a_visit_to_somebody_on_the_way_saves_driving() -> None:
    """
    A lies on Kim's way to B, so that Lee need not leave at all.

    Before, Kim drives 20 minutes out and 30 back, Lee 10 and 15; after, Kim 10 + 10 + 30. 25 minutes are 15.00.
    """
    found = tried(Move(visit_id="a", shift_id="kim-monday", position=0))

    assert found.is_sound
    assert (found.cost_change, found.cost_change_by_term) == (-1_500, {"travel": -1_500})
    assert found.travel_change == -timedelta(minutes=25)
    assert [(it.shift_id, it.before is None, it.after is None) for it in found.routes] == [
        ("kim-monday", False, False),
        ("lee-monday", False, True),
    ]
    assert found.edited.orders == {"kim-monday": ("a", "b"), "lee-monday": ()}


def test_without_a_position_the_best_one_is_taken() -> None:
    """Behind B, A would cost five more minutes: 10 back to it takes 15, and 15 from there."""
    found = tried(Move(visit_id="a", shift_id="kim-monday"))

    assert found.edited.orders["kim-monday"] == ("a", "b")


def test_a_move_that_breaks_a_rule_is_shown_and_not_refused() -> None:
    """Lee knows gas at level 1 and B requires 2; the figures are there all the same."""
    found = tried(Move(visit_id="b", shift_id="lee-monday"))

    assert not found.is_sound
    assert [(rule.code, rule.visit_id, rule.amount) for rule in found.violations] == [(ViolationCode.SKILL, "b", 1)]
    assert sentences(found) == ["Lee lacks what b requires: gas at level 2 (has 1)"]
    assert found.cost_change == -1_500


def test_a_longer_visit_breaks_a_promise_behind_it() -> None:
    """A takes two hours instead of 30 minutes: done at 10:10, 10 minutes to B: 10:20 instead of 08:50, 20 too late."""
    together = {"kim-monday": ("a", "b")}

    found = tried(Duration(visit_id="a", duration=timedelta(hours=2)), orders=together)

    (change,) = found.promises
    assert (change.visit_id, change.late_before, change.late_after) == ("b", timedelta(0), timedelta(minutes=20))
    assert change.breaks
    # 20 minutes at 2.00; driving stays as it is. A promise is no hard rule.
    assert found.cost_change_by_term == {"lateness": 4_000}
    assert found.violations == ()


def test_a_promise_barely_kept_is_at_risk() -> None:
    """An hour and 35 minutes for A: done at 09:45, at B at 09:55, five minutes before the promise ends."""
    together = {"kim-monday": ("a", "b")}

    found = tried(Duration(visit_id="a", duration=timedelta(minutes=95)), orders=together)

    assert (found.promises, found.at_risk) == ((), ("b",))


def test_swapped_visits_change_places() -> None:
    """Each goes where the other was; Lee still cannot do B."""
    found = tried(Swap(visit_id="a", other_visit_id="b"))

    assert found.edited.orders == {"kim-monday": ("a",), "lee-monday": ("b",)}
    assert [rule.code for rule in found.violations] == [ViolationCode.SKILL]


def test_a_visit_taken_off_costs_what_leaving_it_out_costs() -> None:
    """100.00 times priority 3, less the 50 minutes of driving; its promise is not kept by anybody."""
    found = tried(Unassign(visit_id="b"))

    assert found.cost_change_by_term == {"unassigned": 30_000, "travel": -3_000}
    assert [(it.visit_id, it.late_after, it.breaks) for it in found.promises] == [("b", None, True)]


def test_a_pinned_visit_can_be_moved_by_who_says_so_knowingly() -> None:
    """The pin is a violation like any other, once for whom it is pinned to."""
    problem = make_problem(
        make_visit(id="a", pin=Pin(technician_id="lee", start=at("09:00"))),
        technicians=two_people().technicians,
        places=PLACES,
    )

    found = tried(Move(visit_id="a", shift_id="kim-monday"), problem, {"lee-monday": ("a",)})

    assert sentences(found) == ["a is pinned to Lee"]
    assert sentences(tried(Unassign(visit_id="a"), problem, {"lee-monday": ("a",)})) == [
        "a has to be served and is left out"
    ]


def test_what_was_broken_before_is_told_apart() -> None:
    """A's window ends at 12:00 and Lee is there at 13:00 after lunch; moving B behind it does not make that worse."""
    shift = make_shift(id="lee-monday", start=at("12:50"))
    problem = make_problem(
        *two_people().visits,
        technicians=[make_technician(name="Kim"), make_technician(shift, id="lee", name="Lee")],
        places=PLACES,
    )

    found = tried(Move(visit_id="b", shift_id="lee-monday", position=1), problem)

    assert sentences(found) == ["Boiler starts at 13:00, 1 h outside its windows"]
    assert found.already_broken == found.violations
    assert found.is_sound


@pytest.mark.parametrize(
    ("lock", "pin"),
    [
        (Lock(visit_id="b"), Pin(technician_id="kim")),
        # B is Kim's second visit, and no other has a rank.
        (Lock(visit_id="b", sequence=True), Pin(technician_id="kim", sequence=200)),
        # 10 minutes to A, 30 there, 10 to B.
        (Lock(visit_id="b", technician=False, start=True), Pin(start=at("08:50"))),
        (Lock(visit_id="b", technician=False), None),
    ],
)
def test_a_lock_pins_what_the_plan_says(lock: Lock, pin: Pin | None) -> None:
    """It costs nothing and breaks nothing; with nothing to fix, the visit is free."""
    found = tried(lock, orders={"kim-monday": ("a", "b")})

    locked = next(visit for visit in found.edited.problem.visits if visit.id == "b")
    assert locked.pin == pin
    assert (found.cost_change, found.violations) == (0, ())


def test_ranks_leave_room_between_them() -> None:
    """With 100 before it and 200 behind it, a visit gets 150."""
    ranked = [make_visit(id="a", pin=Pin(technician_id="kim", sequence=100)), make_visit(id="b")]
    problem = make_problem(*ranked, make_visit(id="c", pin=Pin(technician_id="kim", sequence=200)))

    found = tried(Lock(visit_id="b", sequence=True), problem, {"kim-monday": ("a", "b", "c")})

    assert next(visit.pin for visit in found.edited.problem.visits if visit.id == "b") == Pin(
        technician_id="kim", sequence=150
    )


def test_one_more_break_is_placed_where_it_is_due() -> None:
    """A doctor's appointment between 09:00 and 09:10, for half an hour: A and B go on around it."""
    found = tried(
        AddBreak(shift_id="kim-monday", pause=make_break("09:00", "09:10", name="doctor")),
        orders={"kim-monday": ("a", "b")},
    )

    (change,) = found.routes
    assert change.after is not None
    assert [(taken.name, taken.start) for taken in change.after.breaks] == [("doctor", at("09:00"))]
    assert found.violations == ()


@pytest.mark.parametrize(
    ("edit", "path"),
    [
        (Move(visit_id="x", shift_id="kim-monday"), "visit_id"),
        (Move(visit_id="a", shift_id="x"), "shift_id"),
        (Move(visit_id="a", shift_id="kim-monday", position=2), "position"),
        (Swap(visit_id="a", other_visit_id="a"), "other_visit_id"),
        (Duration(visit_id="a", duration=timedelta(0)), "duration"),
        (AddBreak(shift_id="kim-monday", pause=make_break("09:00", "08:00")), "pause.latest_start"),
    ],
)
def test_edits_that_mean_nothing_are_refused(edit: Edit, path: str) -> None:
    """What breaks a rule is shown; what names nobody, or is no duration at all, is a fault."""
    with pytest.raises(InvalidInput) as refused:
        tried(edit)

    assert [fault.path for fault in refused.value.faults] == [path]


def test_a_visit_on_no_route_can_neither_be_taken_off_nor_locked() -> None:
    """But it can be moved onto one, and set free."""
    orders = {"kim-monday": ("b",)}
    for edit in (Unassign(visit_id="a"), Lock(visit_id="a")):
        with pytest.raises(InvalidInput, match="a visit on a route"):
            tried(edit, orders=orders)

    assert tried(Move(visit_id="a", shift_id="lee-monday"), orders=orders).is_sound
    assert tried(Lock(visit_id="a", technician=False), orders=orders).is_sound
