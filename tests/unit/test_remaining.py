"""What is left of a day under way, rule by rule."""

from datetime import datetime, timedelta
from typing import Any

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
from fieldops.domain.faults import problem_faults
from fieldops.domain.live import LiveState, Remaining, Underway
from fieldops.domain.problem import Pin, Place, Problem, Shift
from fieldops.domain.remaining import remaining_problem

HERE = Place(id="position:kim", latitude=38.91, longitude=-77.04)


def rest(problem: Problem, now: datetime, *underway: Underway, **more: Any) -> Remaining:
    """Make what is left of a problem whose visits are on Kim's route in their order; it must have no faults."""
    orders = {problem.technicians[0].shifts[0].id: tuple(visit.id for visit in problem.visits)}
    state = LiveState(now=now, underway={known.shift_id: known for known in underway}, **more)
    found = remaining_problem(problem, orders, state)

    assert problem_faults(found.problem) == []

    return found


def shift_of(found: Remaining) -> Shift:
    """Give the one shift that is left."""
    [shift] = found.problem.technicians[0].shifts
    return shift


def under_way(ready: str, **changes: Any) -> Underway:
    """Let Kim be free somewhere on the way."""
    return Underway(**{"shift_id": "kim-monday", "place": HERE, "ready_at": at(ready), **changes})


def test_it_goes_on_from_where_and_when_the_technician_is_free() -> None:
    """What is behind is gone; the place is the technician's own."""
    problem = make_problem(make_visit(id="a"), make_visit(id="b"))

    found = rest(problem, at("09:00"), under_way("09:20", behind=("a",)))

    shift = shift_of(found)
    assert (shift.start, shift.start_place_id, shift.underway) == (at("09:20"), HERE.id, True)
    assert found.orders == {"kim-monday": ("b",)}
    assert {place.id for place in found.problem.places} == {HERE.id, "customer", "depot"}


def test_a_shift_of_which_nothing_is_known_starts_now_at_the_earliest() -> None:
    """Late to leave, but not yet on the clock."""
    shift = shift_of(rest(make_problem(), at("08:40")))

    assert (shift.start, shift.start_place_id, shift.underway) == (at("08:40"), "depot", False)


def test_breaks_taken_are_gone_and_overdue_ones_are_due_at_once() -> None:
    """Lunch was to begin by 12:30; at 13:00 it begins, and the one after it when it is over."""
    breaks = (make_break("09:30", "10:00"), make_break("11:30", "12:30"), make_break("12:45", "13:15"))
    problem = make_problem(technicians=[make_technician(make_shift(breaks=breaks))])

    shift = shift_of(rest(problem, at("13:00"), under_way("13:00", breaks_taken=1)))

    spans = [(pause.earliest_start, pause.latest_start) for pause in shift.breaks]
    assert spans == [(at("13:00"), at("13:00")), (at("13:00"), at("13:30"))]


def test_caps_are_less_what_is_used_but_never_less_than_the_way_home() -> None:
    """Two hours of driving, 110 minutes gone: of the ten left, the twenty home are allowed all the same."""
    capped = make_shift(max_visits=5, max_travel=timedelta(hours=2), max_work=timedelta(hours=8))
    problem = make_problem(technicians=[make_technician(capped)])
    known = under_way(
        "15:30",
        behind=("x", "y"),
        traveled=timedelta(minutes=110),
        worked=timedelta(hours=7),
        travel_home=timedelta(minutes=20),
    )

    shift = shift_of(rest(problem, at("15:30"), known))

    assert (shift.max_visits, shift.max_travel, shift.max_work) == (3, timedelta(minutes=20), timedelta(hours=1))


def test_the_way_home_is_always_possible() -> None:
    """Free at 17:50 with half an hour to drive, in traffic: the hard end of 18:00 moves to 18:35."""
    known = under_way("17:50", travel_home=timedelta(minutes=30))

    shift = shift_of(rest(make_problem(), at("17:40"), known, travel_permille=1_500))

    assert shift.hard_end == at("18:35")
    assert shift.end > shift.start


def test_who_is_out_and_whose_day_is_over_have_no_shift() -> None:
    """The visits are still there, for somebody else."""
    out = rest(make_problem(), at("09:00"), under_way("09:00", is_out=True))
    over = rest(make_problem(), at("18:30"), under_way("18:00", behind=("v1",)))

    assert out.problem.technicians[0].shifts == over.problem.technicians[0].shifts == ()
    assert (out.orders, over.orders) == ({}, {})
    assert [visit.id for visit in out.problem.visits] == ["v1"]
    assert over.problem.visits == ()


def test_promises_are_soft_and_kept_late_rather_than_not_at_all() -> None:
    """What is over is gone wherever the plan has it; durations are what they are known to be."""
    promised = make_visit(id="a", promised_window=window("08:00", "10:00"), promise_is_hard=True)
    problem = make_problem(promised, make_visit(id="b"))

    found = rest(problem, at("09:00"), over=frozenset({"b"}), durations={"a": timedelta(minutes=50)})

    [visit] = found.problem.visits
    assert (visit.promise_is_hard, visit.mandatory, visit.duration) == (False, True, timedelta(minutes=50))
    assert visit.promised_window == window("08:00", "10:00")


def test_a_pin_to_somebody_who_does_not_work_means_that_nobody_may_come() -> None:
    """Nobody is put in their place silently."""
    pinned = make_visit(pin=Pin(technician_id="lee"), preferred_technicians=frozenset({"lee", "kim"}))

    [visit] = rest(make_problem(pinned), at("09:00")).problem.visits

    assert visit.allowed_technicians == frozenset()
    assert visit.pin == Pin()
    assert visit.preferred_technicians == frozenset({"kim"})


def test_a_day_that_lasts_past_midnight_has_a_longer_horizon() -> None:
    """Free at 23:50 and twenty minutes from home."""
    known = under_way("23:50", travel_home=timedelta(minutes=20))

    assert rest(make_problem(), at("23:45"), known).problem.num_days == 2


def test_a_second_shift_begins_when_the_first_is_over_at_the_earliest() -> None:
    """The first one ends at 18:35 now; the second was to begin at 18:30."""
    evening = make_shift(id="evening", start=at("18:30"), end=at("21:00"), hard_end=at("21:00"))
    problem = make_problem(technicians=[make_technician(make_shift(), evening)], places=(DEPOT, CUSTOMER))
    known = under_way("18:00", travel_home=timedelta(minutes=35))

    first, second = rest(problem, at("17:55"), known).problem.technicians[0].shifts

    assert (first.hard_end, second.start) == (at("18:35"), at("18:35"))
