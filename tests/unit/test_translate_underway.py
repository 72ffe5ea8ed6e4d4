"""A day under way on its way through the translation: what people were told, and routes that only lead home."""

from datetime import timedelta
from pathlib import Path

from domain_builders import at, make_break, make_problem, make_shift, make_technician, make_visit, window
from fieldops.domain.plan import Plan, SearchFacts, UnassignedKind, UnassignedVisit
from fieldops.domain.problem import CostRates, Problem, Told, Visit
from fieldops.files.plan_json import dump_plan, load_plan
from fieldops.report.render import render_report
from fieldops.solver import Evaluator
from fieldops.units import Cents
from fieldops.usecases.check_plan import check_plan
from fieldops.usecases.translate import Translation, to_instance, to_plan, to_solution
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
NINE, TEN = 32_400, 36_000


def _translate(problem: Problem) -> Translation:
    return to_instance(problem, LineTravel().matrix(problem.places))


def _told(told: Told | None) -> Visit:
    return make_visit(told=told)


def test_what_was_told_becomes_a_window_a_technician_and_two_prices() -> None:
    """Kim between nine and ten; anybody else, and any other time, has the price of the territory."""
    rates = CostRates(told_technician_changed=Cents(700), told_time_changed=Cents(300))
    told = Told(technician_id="kim", window=window("09:00", "10:00"))
    (visit,) = _translate(make_problem(_told(told), rates=rates)).instance.visits

    assert (visit.baseline_technician, visit.reassigned_cents) == (0, 700)
    assert (visit.told, visit.told_miss_cents) == ((NINE, TEN), 300)


def test_nothing_told_is_nothing_to_change() -> None:
    """Neither before anybody was told, nor when nobody was named and no time said."""
    for told in (None, Told()):
        (visit,) = _translate(make_problem(_told(told))).instance.visits
        assert (visit.baseline_technician, visit.told) == (None, None)


def test_somebody_who_is_not_there_cannot_come_and_has_no_price() -> None:
    """Whoever comes instead, the customer is told of somebody else; that decides nothing."""
    (visit,) = _translate(make_problem(_told(Told(technician_id="lee")))).instance.visits

    assert visit.baseline_technician is None


def _problem_under_way() -> Problem:
    """Kim stands at the customer at 10:00 and has a lunch left, to be had at 10:30 at the latest."""
    lunch = make_break("10:20", "10:30", paid=False)
    shift = make_shift(start=at("10:00"), start_place_id="customer", breaks=(lunch,), underway=True)
    return make_problem(make_visit(), technicians=[make_technician(shift)])


def _way_home(problem: Problem) -> Plan:
    translation = _translate(problem)
    solution = Evaluator(translation.instance).solution({})
    left_out = UnassignedVisit(visit_id="v1", kind=UnassignedKind.DISPLACED, reasons=(), repair=None)
    return to_plan(translation, solution, [left_out], NO_SEARCH)


def test_a_way_home_is_a_route_that_serves_nobody() -> None:
    """He is home after 900 s, at 10:15, and has his lunch there in his own time; his shift is not counted as used."""
    problem = _problem_under_way()
    plan = _way_home(problem)

    (route,) = plan.routes
    assert (route.stops, route.departure, route.end) == ((), at("10:00"), at("10:15"))
    assert route.travel_home == timedelta(seconds=900)
    assert (route.breaks[0].start, route.breaks[0].on_the_clock) == (at("10:20"), False)
    assert (plan.kpis.shifts_used, plan.kpis.visits_per_shift, plan.kpis.travel) == (0, 0.0, timedelta(seconds=900))


def test_a_way_home_passes_the_referee_and_the_files(tmp_path: Path) -> None:
    """What is shown, written and checked elsewhere knows routes without stops as well."""
    problem = _problem_under_way()
    plan = _way_home(problem)
    dump_plan(plan, tmp_path / "plan.json")

    assert load_plan(tmp_path / "plan.json") == plan
    assert check_plan(problem, LineTravel(), plan) == ()
    assert to_solution(_translate(problem), plan).routes[0].breaks[0].leg == 1
    assert "<html" in render_report(problem, plan)
