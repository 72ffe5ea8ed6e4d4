"""From a plan and what is reported of its day to where everybody is, and to a plan for the rest of the day."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain_builders import CUSTOMER, DEPOT, at, make_problem, make_shift, make_technician, make_visit, window
from fieldops.domain.day_report import (
    DayReport,
    Outcome,
    Position,
    TechnicianReport,
    VisitReport,
    day_report_faults,
)
from fieldops.domain.live import Underway
from fieldops.domain.plan import Plan
from fieldops.domain.problem import Place, Problem, Told
from fieldops.domain.progress import VisitPhase
from fieldops.errors import InvalidInput
from fieldops.usecases.plan_problem import plan_problem
from fieldops.usecases.replan_day import Repaired, day_left, replan_day
from fieldops.usecases.report_state import ReportedDay, report_state
from line_travel import LineTravel

#: Kim is at the customer at ten and on the hill, 10 minutes on, at twelve and at two; Lee has nothing to do.
PROBLEM = make_problem(
    make_visit(id="a", windows=(window("10:00", "10:00"),)),
    make_visit(id="b", place_id="hill", windows=(window("12:00", "12:00"),)),
    make_visit(id="c", place_id="hill", promised_window=window("14:00", "15:00")),
    technicians=[make_technician(name="Kim"), make_technician(make_shift(id="lee-monday"), id="lee", name="Lee")],
    places=(DEPOT, CUSTOMER, Place(id="hill", latitude=38.95, longitude=-77.08)),
)
MINUTE = timedelta(minutes=1)


def planned(problem: Problem = PROBLEM) -> Plan:
    """Plan the day with everything on Kim's route."""
    alone = replace(problem, technicians=problem.technicians[:1])
    return replace(plan_problem(alone, LineTravel(), seconds=None, iterations=20), problem_name=problem.name)


def state_at(clock: str, *reports: TechnicianReport | VisitReport, freeze: timedelta = timedelta(0)) -> ReportedDay:
    """Say where everybody is at a time of the day, with these reports."""
    report = DayReport(
        now=at(clock),
        freeze=freeze,
        technicians=tuple(it for it in reports if isinstance(it, TechnicianReport)),
        visits=tuple(it for it in reports if isinstance(it, VisitReport)),
    )
    assert day_report_faults(report, PROBLEM) == []
    return report_state(PROBLEM, planned(), LineTravel(), report)


def kim_at(clock: str, *reports: TechnicianReport | VisitReport, freeze: timedelta = timedelta(0)) -> Underway:
    """Say where Kim is."""
    return state_at(clock, *reports, freeze=freeze).state.underway["kim-monday"]


def where(known: Underway) -> tuple[tuple[str, ...], str, datetime]:
    """Give what is behind, and where and when the technician is free."""
    return known.behind, known.place.id, known.ready_at


def test_who_is_not_mentioned_is_where_the_plan_says() -> None:
    """At 10:10 Kim serves A until 10:30; 10 minutes of driving are behind, and 40 of work since 09:50."""
    kim = kim_at("10:10")

    assert where(kim) == (("a",), "customer", at("10:30"))
    assert (kim.traveled, kim.worked) == (10 * MINUTE, 40 * MINUTE)


def test_before_anybody_has_left_nothing_is_known() -> None:
    """Kim leaves at 09:50 for ten."""
    assert state_at("09:00").state.underway == {}


def test_an_overrun_lets_a_technician_be_free_later() -> None:
    """45 minutes more than planned: 11:15, and 11:20 when 5 more are asked for at the visit itself."""
    late = TechnicianReport(technician_id="kim", late=45 * MINUTE)

    assert where(kim_at("10:10", late)) == (("a",), "customer", at("11:15"))
    assert kim_at("10:10", late, VisitReport(visit_id="a", extension=5 * MINUTE)).ready_at == at("11:20")


def test_what_somebody_drives_to_is_not_moved_any_more() -> None:
    """At 10:35 Kim is on the way to B, which begins at 12:00 and takes half an hour."""
    assert where(kim_at("10:35")) == (("a", "b"), "hill", at("12:30"))


def test_what_begins_soon_is_not_moved_any_more() -> None:
    """At 12:10 Kim serves B until 12:30; C begins at 14:00 at the same place, in 110 minutes."""
    assert where(kim_at("12:10", freeze=109 * MINUTE)) == (("a", "b"), "hill", at("12:30"))
    assert where(kim_at("12:10", freeze=110 * MINUTE)) == (("a", "b", "c"), "hill", at("14:30"))


def test_whoever_is_about_to_serve_a_visit_goes_home_from_there() -> None:
    """From A the way back takes 15 minutes, from B and C on the hill 30."""
    assert kim_at("10:10").travel_home == 15 * MINUTE
    assert kim_at("10:35").travel_home == 30 * MINUTE
    assert kim_at("12:10", freeze=110 * MINUTE).travel_home == 30 * MINUTE
    # Nobody has left yet: B is not driven to before 10:30, but A begins within the hour.
    assert kim_at("09:00", freeze=60 * MINUTE).travel_home == 15 * MINUTE
    assert kim_at("09:00", freeze=180 * MINUTE).travel_home == 30 * MINUTE


def test_reports_of_a_visit_take_the_place_of_the_plan() -> None:
    """A took until 10:50 and B was called off: at 10:55 Kim drives to C, and is there at 11:00."""
    found = state_at(
        "10:55",
        VisitReport(visit_id="a", started_at=at("10:05"), finished_at=at("10:50")),
        VisitReport(visit_id="b", outcome=Outcome.CANCELED),
    )

    assert found.state.over == {"a", "b"}
    assert {name: known.phase for name, known in found.progress.items()} == {
        "a": VisitPhase.DONE,
        "b": VisitPhase.CANCELED,
        "c": VisitPhase.TRAVELING,
    }
    # C is promised from two o'clock on, and takes half an hour.
    assert where(found.state.underway["kim-monday"])[1:] == ("hill", at("14:30"))


def test_who_is_out_finishes_what_was_begun() -> None:
    """At 10:10 Kim has been sick since 10:05, in the middle of A; nothing after it is begun."""
    found = state_at("13:00", TechnicianReport(technician_id="kim", out_since=at("10:05")))

    assert found.state.underway["kim-monday"].is_out
    assert found.state.over == set()
    assert found.progress["a"].phase is VisitPhase.IN_PROGRESS


def test_a_position_says_where_somebody_is_free() -> None:
    """Kim was done with A at 10:20 and seen near the station at 10:25: that is where the way to B begins."""
    seen = Position(latitude=38.9, longitude=-77.0, seen_at=at("10:25"))
    found = state_at(
        "10:25",
        VisitReport(visit_id="a", arrived_at=at("10:00"), finished_at=at("10:20")),
        VisitReport(visit_id="b", outcome=Outcome.CANCELED),
        VisitReport(visit_id="c", outcome=Outcome.CANCELED),
        TechnicianReport(technician_id="kim", position=seen),
    )

    assert where(found.state.underway["kim-monday"])[1:] == ("position:kim", at("10:25"))


def test_longer_visits_and_what_was_told_are_kept() -> None:
    """Visits that have not begun take their extension with them: 40 minutes learned and 10 asked for."""
    told = Told(technician_id="kim", window=window("14:00", "14:30"))
    found = state_at("10:10", VisitReport(visit_id="c", duration=40 * MINUTE, extension=10 * MINUTE, told=told))

    assert (found.state.durations, found.state.told) == ({"c": 50 * MINUTE}, {"c": told})


def test_a_replan_serves_what_an_absent_technician_had() -> None:
    """Kim is out from 10:05 on: Lee takes B and C, which nobody would have served; A stands as it was."""
    report = DayReport(now=at("10:10"), technicians=(TechnicianReport(technician_id="kim", out_since=at("10:05")),))
    left = day_left(PROBLEM, planned(), LineTravel(), report)
    seen: list[Repaired] = []

    made = replan_day(left, seconds=None, iterations=20, on_repaired=seen.append)

    assert [rule.sentence for rule in left.before.broken] == ["c has to be served and is left out"]
    assert [(move.visit_id, move.from_technician_id, move.to_technician_id, move.why) for move in made.diff.moves] == [
        ("b", "kim", "lee", "Kim is out"),
        ("c", "kim", "lee", "Kim is out"),
    ]
    assert (made.diff.kept_before, made.diff.kept_after, made.diff.promises) == (0, 1, 1)
    assert seen == [made.repaired]
    assert made.repaired.moved == 2
    routes = {route.technician_id: [stop.visit_id for stop in route.stops] for route in made.plan.routes}
    assert routes == {"kim": ["a"], "lee": ["b", "c"]}
    assert (made.plan.kpis.assigned, made.plan.kpis.unassigned) == (3, 0)
    assert made.plan.cost["unassigned"] == 0
    assert made.plan.total_cost == sum(sum(route.cost.values()) for route in made.plan.routes)


def test_a_replan_of_a_day_as_planned_changes_nothing() -> None:
    """Nothing has happened that was not planned: nothing moves, and the plan costs what it did."""
    left = day_left(PROBLEM, planned(), LineTravel(), DayReport(now=at("10:10")))

    made = replan_day(left, seconds=None, iterations=20)

    assert (made.diff.moves, made.diff.cost_change) == ((), 0)
    assert made.plan.total_cost == planned().total_cost


def test_a_plan_of_another_problem_is_a_fault() -> None:
    """It must not look like a day on which everything was called off."""
    plan = planned()
    strange = replace(plan, routes=(replace(plan.routes[0], shift_id="x"),))

    with pytest.raises(InvalidInput, match="a shift of the problem"):
        day_left(PROBLEM, strange, LineTravel(), DayReport(now=at("10:10")))
