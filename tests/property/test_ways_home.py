"""Whatever the hour and the traffic, a technician who is under way gets home and keeps every rule on the way."""

from datetime import timedelta
from typing import Final

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from domain_builders import at, make_problem, make_shift, make_technician, make_visit
from fieldops.domain.faults import problem_faults
from fieldops.domain.live import LiveState
from fieldops.domain.problem import Break, Place, Problem
from fieldops.domain.remaining import remaining_problem
from fieldops.domain.shift_facts import ShiftFacts, TechnicianState
from fieldops.domain.whereabouts import whereabouts
from fieldops.solver.validation import instance_faults
from fieldops.travel.provider import TravelMatrix, slowed
from fieldops.usecases.translate import to_instance

MINUTE: Final = timedelta(minutes=1)
SECOND: Final = timedelta(seconds=1)


def line_travel(places: tuple[Place, ...]) -> TravelMatrix:
    """Travel along a line on which a degree of latitude takes an hour."""
    hours = np.array([place.latitude for place in places])
    table = np.ascontiguousarray(np.rint(np.abs(hours[:, None] - hours[None, :]) * 3_600), np.int32)
    return TravelMatrix(duration_s=table, distance_m=table, snap_m=(None,) * len(places))


@st.composite
def days(draw: st.DrawFn) -> Problem:
    """Draw Kim's day with a visit far out and up to two breaks, some of them trainings somewhere else."""
    far = st.integers(0, 4_000).map(lambda seconds: seconds / 3_600)
    names = ("depot", "out", "school", "office")
    places = tuple(Place(id=name, latitude=0.0 if name == "depot" else draw(far), longitude=0.0) for name in names)
    breaks: list[Break] = []
    begin = at("08:00")
    for place_id in draw(st.lists(st.sampled_from([None, "school", "office"]), max_size=2)):
        begin += draw(st.integers(0, 300)) * MINUTE
        latest = begin if place_id is not None else begin + draw(st.integers(0, 90)) * MINUTE
        length = draw(st.integers(10, 90)) * MINUTE
        breaks.append(
            Break(
                earliest_start=begin,
                latest_start=latest,
                duration=length,
                place_id=place_id,
                paid=draw(st.booleans()),
            )
        )
        begin += length
    cap = st.none() | st.integers(1, 9).map(lambda hours: timedelta(hours=hours))
    shift = make_shift(
        breaks=tuple(breaks),
        end_place_id=draw(st.sampled_from(["depot", None])),
        max_work=draw(cap),
        max_travel=draw(cap),
    )
    visit = make_visit(id="a", place_id="out")
    return make_problem(visit, places=places, technicians=(make_technician(shift),))


@settings(max_examples=200)
@given(days(), st.integers(1, 11 * 3_600), st.integers(0, 60), st.integers(500, 3_000))
def test_who_is_under_way_gets_home(problem: Problem, second: int, idle: int, permille: int) -> None:
    """Seen far out at any second of the day: what is left of the shift can be planned."""
    seen_at = at("08:00") + second * SECOND
    travel = line_travel(problem.places)
    index = {place.id: idx for idx, place in enumerate(problem.places)}
    [technician] = problem.technicians
    [shift] = technician.shifts
    places = {place.id: place for place in problem.places}
    facts = ShiftFacts(
        technician=technician,
        shift=shift,
        stops=problem.visits,
        planned=None,
        progress={},
        places=places,
        state=TechnicianState(technician_id="kim", place=places["out"], seen_at=seen_at),
    )
    now = seen_at + idle * MINUTE
    where = whereabouts(
        facts,
        lambda here, there: int(travel.duration_s[index[here.id], index[there.id]]) * SECOND,
        now,
        permille,
    )
    assert where.underway is not None
    state = LiveState(now=now, underway={shift.id: where.underway}, travel_permille=permille)

    rest = remaining_problem(problem, {shift.id: ("a",)}, state)

    assert problem_faults(rest.problem) == []
    translation = to_instance(rest.problem, slowed(line_travel(rest.problem.places), permille))
    assert instance_faults(translation.instance) == []
