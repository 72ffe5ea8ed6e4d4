"""From the solver's solution back to a plan: times, money, key figures and reasons, by hand."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain_builders import (
    MONDAY,
    at,
    make_break,
    make_problem,
    make_shift,
    make_technician,
    make_visit,
    window,
)
from fieldops.domain.plan import Plan, ReasonCode, SearchFacts, UnassignedKind, UnassignedVisit
from fieldops.domain.problem import CostRates, Pin, Place, Problem
from fieldops.solver import Evaluator
from fieldops.solver import explain as solver
from fieldops.solver.repair import Repair
from fieldops.solver.solution import Result, Solution, Statistics, Termination
from fieldops.units import UNITS_PER_CENT, Cents, CostUnits
from fieldops.usecases.translate import Translation, search_facts, to_instance, to_plan, to_solution, to_unassigned
from line_travel import LineTravel

NO_SEARCH = SearchFacts(
    termination="iteration_limit",
    seed=0,
    threads=1,
    seconds=0.0,
    iterations=0,
    first_plan_s=0.0,
    recombinations=0,
    recombination_gain=Cents(0),
    pool_size=0,
)
#: At ten o'clock sharp, so that the day can be computed by heart.
AT_TEN = (window("10:00", "10:00"),)


def translate(problem: Problem) -> Translation:
    """Translate a problem whose places lie in a row."""
    return to_instance(problem, LineTravel().matrix(problem.places))


def plan_of(problem: Problem, orders: dict[int, Sequence[int]]) -> Plan:
    """Schedule these routes and translate them back."""
    translation = translate(problem)
    solution = Evaluator(translation.instance).solution(orders)
    unassigned = [
        UnassignedVisit(visit_id=problem.visits[visit].id, kind=UnassignedKind.DISPLACED, reasons=(), repair=None)
        for visit in solution.unassigned
    ]
    return to_plan(translation, solution, unassigned, NO_SEARCH)


def minutes(count: float) -> timedelta:
    """Return a duration in minutes."""
    return timedelta(minutes=count)


def test_a_day_is_told_in_local_time() -> None:
    """
    Kim leaves the depot at 09:50 and is there at 10:00.

    Half an hour of service, 15 minutes home: back at 10:45.
    """
    (route,) = plan_of(make_problem(make_visit(windows=AT_TEN)), {0: [0]}).routes
    (stop,) = route.stops

    assert (route.technician_id, route.shift_id) == ("kim", "kim-monday")
    # Nobody is served later than if he left at 08:00, so he waits at the depot.
    assert route.departure == at("09:50")
    assert (stop.arrival, stop.start) == (at("10:00"), at("10:00"))
    assert (stop.finish, stop.departure) == (at("10:30"), at("10:30"))
    assert (route.end, route.end.isoformat()) == (at("10:45"), "2026-03-16T10:45:00-04:00")
    assert (stop.travel, route.travel_home, route.travel) == (minutes(10), minutes(15), minutes(25))
    assert (stop.distance, route.distance) == (5_000, 10_000)
    assert (route.work, route.overtime) == (minutes(55), minutes(0))
    assert (stop.wait, stop.slack, stop.lateness) == (minutes(0), minutes(0), minutes(0))


def test_costs_are_cents_term_by_term() -> None:
    """25 minutes of driving at 36.00 an hour, 10 km at 0.30; the other terms are there, at zero."""
    plan = plan_of(make_problem(make_visit(windows=AT_TEN)), {0: [0]})

    expected = {"travel": 1_500, "distance": 300}
    assert {term: cents for term, cents in plan.cost.items() if cents} == expected
    assert {term: cents for term, cents in plan.routes[0].cost.items() if cents} == expected
    assert set(plan.cost) - set(plan.routes[0].cost) == {"unassigned"}
    assert plan.total_cost == 1_800


def test_every_term_is_rounded_once_over_the_whole_plan() -> None:
    """Two routes of 25 minutes at 1 cent an hour: 0.42 cents each are 0 and 0, but 0.83 cents together are 1."""
    lee = make_technician(make_shift(id="lee-monday"), id="lee")
    rates = CostRates(travel_per_hour=Cents(1), travel_per_km=Cents(0))
    problem = make_problem(make_visit(), make_visit(id="v2"), technicians=[make_technician(), lee], rates=rates)
    plan = plan_of(problem, {0: [0], 1: [1]})

    assert [route.cost["travel"] for route in plan.routes] == [0, 0]
    assert plan.cost["travel"] == 1


def test_a_late_start_is_told_and_counted() -> None:
    """Promised 07:00 to 08:00, there at 08:10 at the earliest: ten minutes late, 20.00, one promise of two broken."""
    problem = make_problem(
        make_visit(promised_window=window("07:00", "08:00")),
        make_visit(id="v2", promised_window=window("08:00", "12:00")),
        make_visit(id="v3"),
    )
    plan = plan_of(problem, {0: [0, 1]})
    late, kept = plan.routes[0].stops

    assert (late.start, late.lateness, kept.lateness) == (at("08:10"), minutes(10), minutes(0))
    assert plan.cost["lateness"] == 2_000
    # v3 is left out and was promised nothing.
    assert (plan.kpis.promises, plan.kpis.promises_kept) == (2, 1)


def test_key_figures_are_those_of_the_glossary() -> None:
    """Kim serves priorities 5 and 3 at the customer; a mandatory visit of priority 1 is left out, Lee stays at home."""
    lee = make_technician(make_shift(id="lee-monday"), id="lee")
    problem = make_problem(
        make_visit(priority=5),
        make_visit(id="v2", windows=AT_TEN),
        make_visit(id="v3", priority=1, pin=Pin(technician_id="kim")),
        technicians=[make_technician(), lee],
    )
    kpis = plan_of(problem, {0: [0, 1]}).kpis

    assert (kpis.visits, kpis.assigned, kpis.unassigned, kpis.mandatory_unassigned) == (3, 2, 1, 1)
    assert (kpis.served_priority, kpis.total_priority) == (8, 9)
    assert (kpis.shifts, kpis.shifts_used, kpis.visits_per_shift) == (2, 1, 2.0)
    # Out at 08:00, served 08:10 to 08:40, 80 minutes of waiting, served 10:00 to 10:30, back at 10:45.
    assert (kpis.on_site, kpis.travel, kpis.wait) == (minutes(60), minutes(25), minutes(80))
    assert (kpis.work, kpis.overtime, kpis.distance) == (minutes(165), minutes(0), 10_000)
    assert kpis.utilization == pytest.approx(60 / 165)
    assert kpis.travel_share == pytest.approx(25 / 165)


def test_shares_of_nothing_are_zero() -> None:
    """A plan without routes divides by no work and no shifts."""
    kpis = plan_of(make_problem(), {}).kpis

    assert (kpis.utilization, kpis.travel_share, kpis.visits_per_shift) == (0.0, 0.0, 0.0)
    assert (kpis.assigned, kpis.unassigned) == (0, 1)


def test_overtime_is_time_after_the_regular_end() -> None:
    """Served 15:50 to 16:20, back at 16:35: 35 minutes after the end, 35.00 at 60.00 an hour."""
    plan = plan_of(make_problem(make_visit(windows=(window("15:50", "15:50"),))), {0: [0]})

    assert (plan.routes[0].overtime, plan.kpis.overtime) == (minutes(35), minutes(35))
    assert plan.cost["overtime"] == 3_500


def test_an_open_end_has_no_way_home() -> None:
    """The day ends where and when the last visit does."""
    kim = make_technician(make_shift(end_place_id=None))
    (route,) = plan_of(make_problem(make_visit(windows=AT_TEN), technicians=[kim]), {0: [0]}).routes

    assert (route.end, route.travel_home, route.travel) == (at("10:30"), minutes(0), minutes(10))


def breaks_of(*breaks: Any, visits: Sequence[Any] = (), places: Sequence[Place] | None = None) -> Plan:
    """Plan a day with breaks: a visit at ten, and others when given."""
    kim = make_technician(make_shift(breaks=breaks))
    changes = {} if places is None else {"places": tuple(places)}
    return plan_of(make_problem(*(visits or [make_visit(windows=AT_TEN)]), technicians=[kim], **changes), {0: [0]})


def test_breaks_tell_when_and_whether_on_the_clock() -> None:
    """Coffee by 08:30 is over before he leaves; lunch from 11:00 waits until he is home at 10:45; tea is on the way."""
    coffee = make_break("08:00", "08:30", name="coffee", duration=minutes(10))
    tea = make_break("10:05", "10:40", name="tea", duration=minutes(5), paid=False)
    lunch = make_break("11:00", "12:00", name="lunch")
    taken = breaks_of(coffee, tea, lunch).routes[0].breaks

    assert [(pause.name, pause.start, pause.end) for pause in taken] == [
        ("coffee", at("08:00"), at("08:10")),
        ("tea", at("10:30"), at("10:35")),
        ("lunch", at("11:00"), at("11:30")),
    ]
    assert [(pause.on_the_clock, pause.after_visits) for pause in taken] == [(False, 0), (True, 1), (False, 1)]
    assert [pause.paid for pause in taken] == [True, False, True]


def test_the_detour_to_a_break_counts_as_travel_of_its_leg() -> None:
    """Depot, customer, school in a row: out by way of the school is 20 + 15 minutes and 15 km, not 10 minutes and 5."""
    places = (*make_problem().places, Place(id="school", latitude=38.94, longitude=-77.07))
    course = make_break("09:00", "09:00", place_id="school", name="course")
    (route,) = breaks_of(course, places=places).routes

    assert (route.breaks[0].place_id, route.breaks[0].after_visits) == ("school", 0)
    assert (route.stops[0].travel, route.stops[0].distance) == (minutes(35), 15_000)
    assert (route.travel_home, route.travel) == (minutes(15), minutes(50))


def test_durations_stay_true_when_the_clocks_change() -> None:
    """A night shift in spring: three hours of service from 00:30 end at 04:30 on the clock."""
    zone = ZoneInfo("America/New_York")
    start, end = datetime(2026, 3, 8, 0, tzinfo=zone), datetime(2026, 3, 8, 9, tzinfo=zone)
    kim = make_technician(make_shift(start=start, end=end, hard_end=end))
    visit = make_visit(duration=timedelta(hours=3), release=datetime(2026, 3, 8, 0, 30, tzinfo=zone))
    plan = plan_of(make_problem(visit, technicians=[kim], first_date=date(2026, 3, 8)), {0: [0]})
    (stop,) = plan.routes[0].stops

    assert (f"{stop.start:%H:%M}", f"{stop.finish:%H:%M}") == ("00:30", "04:30")
    assert stop.finish - stop.start == timedelta(hours=3)
    assert plan.kpis.on_site == timedelta(hours=3)


def test_a_plan_translates_into_the_solution_it_came_from() -> None:
    """Whoever referees a plan must see exactly what was planned; the costs are derived anew."""
    kim = make_technician(
        make_shift(breaks=(make_break("08:00", "08:30"), make_break("10:05", "10:40"), make_break("11:00", "12:00")))
    )
    translation = translate(make_problem(make_visit(windows=AT_TEN), make_visit(id="v2"), technicians=[kim]))
    solution = Evaluator(translation.instance).solution({0: [0]})
    left_out = UnassignedVisit(visit_id="v2", kind=UnassignedKind.DISPLACED, reasons=(), repair=None)
    rebuilt = to_solution(translation, to_plan(translation, solution, [left_out], NO_SEARCH))

    assert rebuilt.unassigned == solution.unassigned
    assert _without_costs(rebuilt) == _without_costs(solution)


def _without_costs(solution: Solution) -> list[tuple[object, ...]]:
    return [
        (
            *(route.shift, route.departure, route.end, route.stops, route.breaks),
            *(route.travel_s, route.distance_m, route.work_s, route.overtime_s),
        )
        for route in solution.routes
    ]


def test_how_the_plan_was_found_is_told() -> None:
    """The gain comes in cents, the termination as its code."""
    statistics = Statistics(
        iterations=7, seconds=1.5, first_plan_s=0.1, pool_size=3, recombinations=2, operators={"strings": (5, 1)},
        recombination_gain=CostUnits(12 * UNITS_PER_CENT),
    )  # fmt: skip
    solution = Evaluator(translate(make_problem()).instance).solution({})
    facts = search_facts(
        Result(solution=solution, termination=Termination.INTERRUPTED, statistics=statistics), seed=4, threads=2
    )

    assert (facts.termination, facts.seed, facts.threads) == ("interrupted", 4, 2)
    assert (facts.iterations, facts.seconds, facts.first_plan_s, facts.pool_size) == (7, 1.5, 0.1, 3)
    assert (facts.recombinations, facts.recombination_gain, facts.operators) == (2, 12, {"strings": (5, 1)})


def explained(repair: Repair | None, **changes: Any) -> UnassignedVisit:
    """Translate an explanation of visit v1 beside v2 and v3."""
    kim = make_technician(name="Kim")
    visits = (make_visit(), make_visit(id="v2"), make_visit(id="v3"))
    translation = translate(make_problem(*visits, technicians=[kim], **changes))
    explanation = solver.Explanation(
        kind=solver.UnassignedKind.DISPLACED, reasons=(solver.ReasonCode.SHIFTS_FULL,), repair=repair
    )
    return to_unassigned(translation, 0, explanation)


def repair_at_ten_past_two(**changes: Any) -> Repair:
    """Make a repair: 14:10 with Kim, for 1.23 more than leaving it out."""
    return Repair(shift=0, visits=(0,), start=51_000, cost=CostUnits(123 * UNITS_PER_CENT), **changes)


def test_an_explanation_keeps_its_codes() -> None:
    """Codes of the solver are codes of the plan; without a repair there is none."""
    left_out = explained(None)

    assert left_out == UnassignedVisit(
        visit_id="v1", kind=UnassignedKind.DISPLACED, reasons=(ReasonCode.SHIFTS_FULL,), repair=None
    )


def test_every_code_of_the_solver_is_one_of_the_plan() -> None:
    """The two lists are written down twice, as solver and domain do not know each other."""
    assert [kind.value for kind in solver.UnassignedKind] == [kind.value for kind in UnassignedKind]
    assert [reason.value for reason in solver.ReasonCode] == [reason.value for reason in ReasonCode]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ""),
        ({"extra_overtime_s": 1_150}, " if 20 min more overtime is allowed"),
        ({"window_shift_s": 900}, " if it may start 15 min after its window"),
        ({"window_shift_s": -900}, " if it may start 15 min before its window"),
        ({"missing_skills": (0, 1)}, " if it may be done without gas and power"),
        ({"needs_permission": True}, " if Kim may serve it"),
        ({"displaces": (1,)}, " if v2 is left out instead"),
        ({"displaces": (1, 2)}, " if v2 and v3 are left out instead"),
        (
            {"extra_overtime_s": 60, "displaces": (1,)},
            " if 1 min more overtime is allowed and v2 is left out instead",
        ),
    ],
)
def test_a_repair_is_told_in_words(changes: dict[str, Any], words: str) -> None:
    """A dispatcher reads this sentence and picks up the phone."""
    repair = explained(repair_at_ten_past_two(**changes)).repair

    assert repair is not None
    assert repair.description == f"fits at 14:10 with Kim{words}"


def test_a_repair_keeps_its_figures() -> None:
    """Reports and programs read these, not the sentence."""
    repair = explained(
        repair_at_ten_past_two(extra_overtime_s=60, window_shift_s=-120, missing_skills=(1,), displaces=(2,))
    ).repair

    assert repair is not None
    assert (repair.technician_id, repair.shift_id, repair.start, repair.cost) == ("kim", "kim-monday", at("14:10"), 123)
    assert (repair.extra_overtime, repair.window_shift) == (minutes(1), minutes(-2))
    assert (repair.missing_skills, repair.displaces) == (("power",), ("v3",))


def test_a_repair_on_another_day_names_the_day() -> None:
    """Where the plan has several days, a clock time alone says nothing."""
    repair = explained(repair_at_ten_past_two(), num_days=2).repair

    assert repair is not None
    assert MONDAY.weekday() == 0
    assert repair.description == "fits on Mon, Mar 16 at 14:10 with Kim"
