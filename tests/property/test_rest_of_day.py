"""What is left of a day on which everything goes as planned is the rest of its plan."""

from datetime import datetime, timedelta
from typing import Final

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain_builders import at, make_break, make_problem, make_shift, make_technician, make_visit
from fieldops.domain.faults import problem_faults
from fieldops.domain.live import LiveState
from fieldops.domain.plan import Route
from fieldops.domain.problem import Place, Problem, TimeWindow, Visit
from fieldops.domain.progress import VisitPhase, VisitProgress
from fieldops.domain.remaining import remaining_problem
from fieldops.domain.shift_facts import ShiftFacts, TechnicianState
from fieldops.domain.whereabouts import whereabouts
from fieldops.travel.provider import TravelMatrix
from fieldops.usecases.expected_route import expected_route
from fieldops.usecases.schedule_route import schedule_route

SECOND: Final = timedelta(seconds=1)
MINUTE: Final = timedelta(minutes=1)
#: Meters do not matter here: what a minute of travel costs is in the seconds.
STEPS: Final = ("idle", "traveling", "arrived", "in_progress")


def line_travel(places: tuple[Place, ...]) -> TravelMatrix:
    """Travel along a line on which a degree of latitude takes an hour."""
    hours = np.array([place.latitude for place in places])
    seconds = np.abs(hours[:, None] - hours[None, :]) * 3_600
    table = np.ascontiguousarray(np.rint(seconds), np.int32)
    return TravelMatrix(duration_s=table, distance_m=table, snap_m=(None,) * len(places))


@st.composite
def days(draw: st.DrawFn) -> Problem:
    """Draw Kim's day: up to five visits, some of them promised, and perhaps a lunch."""
    count = draw(st.integers(1, 5))
    places = [Place(id="depot", latitude=0.0, longitude=0.0)]
    visits: list[Visit] = []
    for number in range(count):
        places.append(Place(id=f"p{number}", latitude=draw(st.integers(1, 40)) / 60, longitude=0.0))
        begin = at("08:00") + draw(st.integers(0, 300)) * MINUTE
        window = TimeWindow(begin, begin + draw(st.integers(60, 240)) * MINUTE)
        promised = draw(st.booleans())
        visits.append(
            make_visit(
                id=f"v{number}",
                place_id=f"p{number}",
                duration=draw(st.integers(10, 60)) * MINUTE,
                promised_window=window if promised else None,
                promise_is_hard=promised,
            )
        )
    lunch = make_break("11:30", draw(st.sampled_from(["12:00", "13:00"])), paid=draw(st.booleans()))
    shift = make_shift(breaks=draw(st.sampled_from([(), (lunch,)])), end=at("17:00"), hard_end=at("20:00"))
    technician = make_technician(shift, duration_permille=draw(st.sampled_from([1_000, 1_200])))
    return make_problem(*visits, places=tuple(places), technicians=(technician,))


def reported(plan: Route, stops: int, step: str) -> tuple[dict[str, VisitProgress], datetime]:
    """Say what was reported when so many stops are done, and what happens right after; and give that instant."""
    progress = {}
    for stop in plan.stops[:stops]:
        progress[stop.visit_id] = VisitProgress(
            visit_id=stop.visit_id,
            phase=VisitPhase.DONE,
            technician_id="kim",
            arrived_at=stop.arrival,
            started_at=stop.start,
            finished_at=stop.finish,
        )
    if step == "idle" or stops == len(plan.stops):
        return progress, plan.stops[stops - 1].finish if stops else plan.departure
    stop, left = plan.stops[stops], plan.departure if stops == 0 else plan.stops[stops - 1].departure
    steps = {"travel_started_at": left}
    phase, now = VisitPhase.TRAVELING, left
    if step != "traveling":
        steps["arrived_at"], phase, now = stop.arrival, VisitPhase.ARRIVED, stop.arrival
    if step == "in_progress":
        steps["started_at"], phase, now = stop.start, VisitPhase.IN_PROGRESS, stop.start
    progress[stop.visit_id] = VisitProgress(visit_id=stop.visit_id, phase=phase, technician_id="kim", **steps)
    return progress, now


@settings(max_examples=60)
@given(days(), st.data())
def test_a_day_that_goes_as_planned_goes_on_as_planned(problem: Problem, data: st.DataObject) -> None:
    """At every step of the day, what is expected of the rest is what was planned, to the second."""
    travel = line_travel(problem.places)
    plan = schedule_route(problem, travel)
    assume(plan is not None)
    assert plan is not None
    done = data.draw(st.integers(0, len(plan.stops)))
    step = data.draw(st.sampled_from(STEPS))
    progress, now = reported(plan, done, step)
    technician = problem.technicians[0]
    [shift] = technician.shifts
    index = {place.id: idx for idx, place in enumerate(problem.places)}
    facts = ShiftFacts(
        technician=technician,
        shift=shift,
        stops=problem.visits,
        planned=plan,
        progress=progress,
        places={place.id: place for place in problem.places},
        state=TechnicianState(technician_id="kim"),
        pace_permille=technician.duration_permille,
    )
    where = whereabouts(
        facts, lambda here, there: int(travel.duration_s[index[here.id], index[there.id]]) * SECOND, now
    )
    underway = {} if where.underway is None else {shift.id: where.underway}
    orders = {shift.id: tuple(visit.id for visit in problem.visits)}

    rest = remaining_problem(problem, orders, LiveState(now=now, underway=underway))

    assert problem_faults(rest.problem) == []
    ahead = rest.orders.get(shift.id, ())
    expected = expected_route(rest.problem, ahead, line_travel(rest.problem.places))
    found = [] if expected is None else list(expected.stops)
    planned = [stop for stop in plan.stops if stop.visit_id in ahead]
    assert len(found) == len(planned) >= len(plan.stops) - done - 1
    for stop, as_planned in zip(found, planned, strict=True):
        assert abs(stop.start - as_planned.start) <= SECOND, (step, done)
        assert abs(stop.finish - as_planned.finish) <= SECOND, (step, done)
