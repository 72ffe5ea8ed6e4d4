"""The time model on random days: the reference keeps its own definition, and the referee agrees with it."""

from dataclasses import fields, replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from asserts import assert_feasible
from fieldops.solver.checker import check
from fieldops.solver.instance import Instance
from fieldops.solver.schedule import assemble, schedule_route, schedule_solution
from fieldops.solver.simulation import Day, DayTimes, make_day, simulate
from fieldops.solver.solution import CostBreakdown, Route, Solution
from fieldops.units import CostUnits
from oracles import brute_force_best, rank, stay_at_home
from strategies import instances, instances_with_order, instances_with_routes

FIGURES = ("departure", "end", "travel_s", "distance_m", "work_s", "overtime_s")
STOP_FIGURES = ("arrival", "start", "finish", "departure", "wait", "slack")


def _scheduled(instance: Instance, order: tuple[int, ...]) -> Route:
    route = schedule_route(instance, 0, order)
    assume(isinstance(route, Route))
    assert isinstance(route, Route)
    return route


@given(case=instances_with_routes())
@settings(max_examples=150)
def test_every_scheduled_solution_passes_the_referee(case: tuple[Instance, dict[int, tuple[int, ...]]]) -> None:
    """Two programs that share no code agree on every time, figure and cost of every route."""
    instance, routes = case
    solution = schedule_solution(instance, routes)

    if isinstance(solution, Solution):
        assert_feasible(instance, solution)
    else:
        assert solution


@given(case=instances_with_order(), data=st.data())
@settings(max_examples=100)
def test_a_changed_figure_never_passes_the_referee(case: tuple[Instance, tuple[int, ...]], data: st.DataObject) -> None:
    """Whatever the day looks like, no single figure of it can be falsified."""
    instance, order = case
    route = _scheduled(instance, order)
    by = data.draw(st.integers(-3, 3).filter(bool))
    name = data.draw(st.sampled_from([*FIGURES, "cost"]))
    if name == "cost":
        term = data.draw(st.sampled_from([term.name for term in fields(CostBreakdown)]))
        forged = replace(route, cost=replace(route.cost, **{term: CostUnits(getattr(route.cost, term) + by)}))
    else:
        forged = replace(route, **{name: getattr(route, name) + by})
    solution = assemble(instance, [route])

    assert check(instance, replace(solution, routes=(forged,)))


@given(case=instances_with_order(), data=st.data())
@settings(max_examples=100)
def test_a_changed_time_of_a_stop_never_passes_the_referee(
    case: tuple[Instance, tuple[int, ...]], data: st.DataObject
) -> None:
    """The same for what customers are told, one stop at a time."""
    instance, order = case
    route = _scheduled(instance, order)
    pos = data.draw(st.integers(0, len(order) - 1))
    name, by = data.draw(st.sampled_from(STOP_FIGURES)), data.draw(st.integers(-3, 3).filter(bool))
    stop = route.stops[pos]
    # Setting off later than possible, with time to spare on the way to a training, is a true timetable.
    assume(name != "departure" or not any(pause.place is not None for pause in instance.shifts[0].breaks))
    forged = replace(stop, **{name: getattr(stop, name) + by})
    stops = (*route.stops[:pos], forged, *route.stops[pos + 1 :])
    solution = assemble(instance, [route])

    assert check(instance, replace(solution, routes=(replace(route, stops=stops),)))


def _is_allowed(day: Day, early: DayTimes, departure: int) -> bool:
    """Whether rule 2 allows a departure, read off the page: simulate it and look."""
    times = simulate(day, early.placement, departure)
    if not isinstance(times, DayTimes) or times.end != early.end:
        return False
    if day.shift.underway:
        return departure == day.shift.earliest_start
    if not day.shift.compresses_work:
        return times.starts == early.starts
    for visit, service, start, was in zip(day.visits, day.services, times.starts, early.starts, strict=True):
        promised, due, preferred, told = visit.promised_latest, visit.due, visit.preferred, visit.told
        if promised is not None and start > max(promised, was):
            return False
        if due is not None and start + service > max(due, was + service):
            return False
        if preferred is not None and was <= preferred[1] < start:
            return False
        if told is not None and was <= told[1] < start:
            return False
    return True


@given(case=instances_with_order(max_visits=4))
@settings(max_examples=100)
def test_the_departure_is_the_latest_allowed(case: tuple[Instance, tuple[int, ...]]) -> None:
    """Trying every second finds the same departure as the backward pass."""
    instance, order = case
    route = _scheduled(instance, order)
    day = make_day(instance, 0, order)
    early = simulate(day, tuple(taken.leg for taken in route.breaks))
    assert isinstance(early, DayTimes)

    allowed = [second for second in range(early.departure, early.end + 1) if _is_allowed(day, early, second)]

    assert route.departure == max(allowed)


@given(instance=instances(max_visits=3, max_breaks=1))
@settings(max_examples=40)
def test_no_single_route_beats_brute_force(instance: Instance) -> None:
    """The oracle the search is judged by is at least as good as doing nothing, or one visit, and it is sound."""
    best = brute_force_best(instance)

    assert_feasible(instance, best)
    assert rank(instance, best) <= rank(instance, stay_at_home(instance))
    for visit in range(len(instance.visits)):
        alone = schedule_solution(instance, {0: [visit]})
        if isinstance(alone, Solution):
            assert rank(instance, best) <= rank(instance, alone)
