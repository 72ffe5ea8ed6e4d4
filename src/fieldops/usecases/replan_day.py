"""Replan a day under way that is in files: problem, plan, and what is reported of it."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from fieldops.domain.day_report import DayReport
from fieldops.domain.live import PlanDiff, Remaining
from fieldops.domain.plan import Plan, Route, SearchFacts, UnassignedVisit
from fieldops.domain.problem import Problem, Shift, Technician
from fieldops.domain.remaining import remaining_problem
from fieldops.solver import Progress
from fieldops.travel.provider import TravelMatrix, TravelProvider, slowed
from fieldops.units import Cents
from fieldops.usecases.plan_diff import DEFAULT_TOLERANCE, diff_plans
from fieldops.usecases.replan_remaining import replan_remaining
from fieldops.usecases.report_state import ReportedDay, report_state, travel_between
from fieldops.usecases.translate import Translation, to_instance, to_kpis, to_solution
from fieldops.usecases.try_routes import TriedPlan, try_routes
from fieldops.usecases.whole_routes import Behind, whole_route

#: What of a plan's cost is about visits on no route.
_LEFT_OUT: Final = ("unassigned", "sla")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DayLeft:
    """
    What is left of a day under way.

    Attributes
    ----------
    whole
        The whole day's problem, translated.
    travel
        Between the places of what remains, as it goes now.
    before
        The routes as they would be driven if nobody changed anything.
    lost
        What is ahead on routes that nobody works any more, as it was planned.
    """

    whole: Translation
    plan: Plan
    reported: ReportedDay
    remaining: Remaining
    travel: TravelMatrix
    before: TriedPlan
    lost: tuple[Route, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """The first plan that works: after how long, how many visits it moves to somebody else, and what it costs."""

    after: timedelta
    moved: int
    cost: Cents


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReplannedDay:
    """
    A day under way with another plan.

    Attributes
    ----------
    plan
        Of the whole day: what is over stands as it was, with the rest behind it.
    """

    repaired: Repaired
    plan: Plan
    diff: PlanDiff


def day_left(problem: Problem, plan: Plan, provider: TravelProvider, report: DayReport) -> DayLeft:
    """
    Find out what is left of a day.

    Parameters
    ----------
    problem, report
        Without faults.
    plan
        The running one.

    Raises
    ------
    InvalidInput
        When the plan is about something the problem does not have.
    TravelUnavailable
        As the provider does.
    """
    nominal = provider.matrix(problem.places)
    whole = to_instance(problem, nominal)
    # A plan of another problem is a fault, and not a day on which everything was called off.
    to_solution(whole, plan)
    reported = report_state(problem, plan, provider, report)
    orders = {route.shift_id: tuple(stop.visit_id for stop in route.stops) for route in plan.routes}
    remaining = remaining_problem(problem, orders, reported.state)
    travel = slowed(travel_between(problem, nominal, provider, remaining.problem), report.travel_permille)
    ahead = {visit.id for visit in remaining.problem.visits}
    return DayLeft(
        whole=whole,
        plan=plan,
        reported=reported,
        remaining=remaining,
        travel=travel,
        before=try_routes(remaining.problem, travel, remaining.orders),
        lost=tuple(
            replace(route, stops=tuple(stop for stop in route.stops if stop.visit_id in ahead))
            for route in plan.routes
            if route.shift_id not in remaining.orders and ahead.intersection(orders[route.shift_id])
        ),
    )


def replan_day(
    left: DayLeft,
    *,
    seconds: float | None,
    iterations: int | None = None,
    threads: int = 1,
    seed: int = 0,
    most_moved: int | None = None,
    tolerance: timedelta = DEFAULT_TOLERANCE,
    on_repaired: Callable[[Repaired], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> ReplannedDay:
    """
    Replan what is left of a day.

    Parameters
    ----------
    seconds, iterations
        Budget of the search after the repair; at least one of them.
    most_moved
        Visits that may go to somebody else; more only as far as it cannot be avoided. None = as many as it pays.
    tolerance
        A start may move by so much before it counts as a move.
    on_repaired
        Called as soon as there is a plan that works.

    Raises
    ------
    InternalError
        When the referee rejects the result.
    """
    remaining, begun = left.remaining, time.perf_counter()
    first: list[Repaired] = []
    before = {**remaining.orders, **{route.shift_id: [stop.visit_id for stop in route.stops] for route in left.lost}}

    def tell_repaired(orders: Mapping[str, Sequence[str]], cost: Cents) -> None:
        moved = _num_moved(before, orders)
        first.append(Repaired(after=timedelta(seconds=time.perf_counter() - begun), moved=moved, cost=cost))
        if on_repaired is not None:
            on_repaired(first[0])

    found = replan_remaining(
        remaining,
        left.travel,
        seconds=seconds,
        iterations=iterations,
        threads=threads,
        seed=seed,
        most_moved=most_moved,
        on_repaired=tell_repaired,
        on_progress=on_progress,
    )
    after = try_routes(remaining.problem, left.travel, found.orders)
    diff = diff_plans(
        remaining.problem,
        [*left.before.routes, *left.lost],
        after.routes,
        told=left.reported.state.told,
        tolerance=tolerance,
        out={route.shift_id for route in left.lost},
    )
    made = _whole_plan(left, after, found.unassigned, found.search)
    return ReplannedDay(repaired=first[0], plan=made, diff=diff)


def _num_moved(before: Mapping[str, Sequence[str]], after: Mapping[str, Sequence[str]]) -> int:
    """Count the visits that have left their shifts."""
    return sum(visit_id not in after.get(shift_id, ()) for shift_id, order in before.items() for visit_id in order)


def _whole_plan(left: DayLeft, after: TriedPlan, unassigned: Sequence[UnassignedVisit], search: SearchFacts) -> Plan:
    """Put what is left behind what is over, for every shift."""
    problem, plan = left.whole.problem, left.plan
    rest = {route.shift_id: route for route in after.routes}
    planned = {route.shift_id: route for route in plan.routes}
    routes: list[Route] = []
    for technician in problem.technicians:
        for shift in technician.shifts:
            behind = _behind(problem, technician, shift, planned.get(shift.id), left)
            route = whole_route(behind, rest.get(shift.id))
            if route is not None and route.stops:
                routes.append(route)
    cost: dict[str, Cents] = dict.fromkeys(plan.cost, Cents(0))
    for route in routes:
        for term, cents in route.cost.items():
            cost[term] = Cents(cost.get(term, 0) + cents)
    for term in _LEFT_OUT:
        on_routes = sum(route.cost.get(term, 0) for route in after.routes)
        cost[term] = Cents(cost.get(term, 0) + after.cost.get(term, 0) - on_routes)
    return Plan(
        problem_name=problem.name,
        time_zone=problem.time_zone,
        routes=tuple(routes),
        unassigned=tuple(unassigned),
        cost=cost,
        kpis=to_kpis(left.whole, routes),
        search=search,
    )


def _behind(problem: Problem, technician: Technician, shift: Shift, planned: Route | None, left: DayLeft) -> Behind:
    """Say what is behind the technician of one shift."""
    state = left.reported.state
    underway = state.underway.get(shift.id)
    done = () if underway is None else underway.behind
    on_route = [] if planned is None else [stop.visit_id for stop in planned.stops]
    over = [visit_id for visit_id in on_route if visit_id in state.over and visit_id not in done]
    return Behind(
        technician=technician,
        shift=shift,
        underway=underway,
        planned=planned,
        visit_ids=tuple(visit_id for visit_id in (*over, *done) if visit_id in on_route),
        progress=left.reported.progress,
        promises={visit.id: visit.promised_window for visit in problem.visits if visit.promised_window is not None},
        rates=problem.rates,
        travel_permille=state.travel_permille,
    )
