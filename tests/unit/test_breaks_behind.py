"""Breaks that nobody reports: whether they are over follows from the plan, and from the time there was for them."""

from datetime import timedelta

import pytest

from domain_builders import DEPOT, at, make_break, make_shift, make_technician, make_visit
from fieldops.domain.breaks_behind import breaks_before_leaving, breaks_between, breaks_by, rested
from fieldops.domain.plan import BreakTaken, Route
from fieldops.domain.progress import VisitPhase, VisitProgress
from fieldops.domain.shift_facts import ShiftFacts, TechnicianState
from fieldops.units import Meters
from plan_parts import make_stop

MINUTE = timedelta(minutes=1)
A, B = make_visit(id="a"), make_visit(id="b")


def facts(*progress: VisitProgress) -> ShiftFacts:
    """
    Make a shift: A until 11:20 by the plan, then half an hour of lunch, from 11:30 at the soonest, and B from 12:30.
    """
    shift = make_shift(breaks=(make_break("11:30", "13:00"),))
    stops = (make_stop("a", "10:50", "11:20"), make_stop("b", "12:30", "13:00"))
    lunch = BreakTaken(
        name="", start=at("11:40"), end=at("12:10"), place_id=None, paid=False, on_the_clock=True, after_visits=1
    )
    planned = Route(
        technician_id="t1",
        shift_id=shift.id,
        departure=at("10:30"),
        end=at("14:00"),
        stops=stops,
        breaks=(lunch,),
        travel=60 * MINUTE,
        travel_home=20 * MINUTE,
        distance=Meters(30_000),
        work=180 * MINUTE,
        overtime=0 * MINUTE,
        cost={},
    )
    return ShiftFacts(
        technician=make_technician(shift, id="t1"),
        shift=shift,
        stops=(A, B),
        planned=planned,
        progress={known.visit_id: known for known in progress},
        places={DEPOT.id: DEPOT},
        state=TechnicianState(technician_id="t1"),
    )


def done(finish: str) -> VisitProgress:
    """Say when A was over."""
    return VisitProgress(
        visit_id="a",
        phase=VisitPhase.DONE,
        technician_id="t1",
        arrived_at=at("10:40"),
        started_at=at("10:50"),
        finished_at=at(finish),
    )


def towards(left: str, arrived: str | None = None, started: str | None = None) -> VisitProgress:
    """Say how far Kim has got with B."""
    phase = VisitPhase.IN_PROGRESS if started else VisitPhase.ARRIVED if arrived else VisitPhase.TRAVELING
    return VisitProgress(
        visit_id="b",
        phase=phase,
        technician_id="t1",
        travel_started_at=at(left),
        arrived_at=None if arrived is None else at(arrived),
        started_at=None if started is None else at(started),
    )


@pytest.mark.parametrize(
    ("finish", "now", "expected"),
    [
        # Lunch may not begin yet: Kim could drive on.
        ("11:15", "11:20", (0, "11:20")),
        # It began when it could.
        ("11:15", "11:31", (1, "12:00")),
        # Late from A: it begins at once, whatever the plan says.
        ("11:50", "11:51", (1, "12:20")),
        ("11:50", "12:40", (1, "12:40")),
    ],
)
def test_between_two_visits_a_break_begins_as_soon_as_it_may(finish: str, now: str, expected: tuple[int, str]) -> None:
    """Nobody reports lunch; what is expected of the next visit must not forget it, nor count it twice."""
    known = facts(done(finish))

    count, free_at = breaks_between(known, known.own_progress(), at(finish), at(now))

    assert (count, free_at) == (expected[0], at(expected[1]))


@pytest.mark.parametrize(("left", "expected"), [("11:20", 0), ("11:45", 0), ("12:00", 1), ("12:30", 1)])
def test_who_left_too_soon_for_a_break_has_not_taken_it(left: str, expected: int) -> None:
    """A was over at 11:15: lunch from 11:30 takes until 12:00."""
    known = facts(done("11:15"), towards(left))

    assert breaks_before_leaving(known, known.own_progress(), B, at(left)) == expected


def test_who_begins_to_work_before_a_break_is_due_takes_it_afterwards() -> None:
    """At B from 11:25 on: lunch is still owed. From 11:40 on it would have come first."""
    early, late = (facts(done("11:00"), towards("11:05", began, began)) for began in ("11:25", "11:40"))

    assert [breaks_by(known, known.own_progress(), B) for known in (early, late)] == [0, 1]


def test_a_break_that_the_plan_has_on_the_way_is_not_taken_at_the_door() -> None:
    """Who is there before it is due begins to work."""
    known = facts(done("11:00"), towards("11:05", "11:25"))

    assert rested(known, B, at("11:25")) == at("11:25")
