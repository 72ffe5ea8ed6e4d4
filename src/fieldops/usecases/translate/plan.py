"""From the solver's solution to a plan: names for indices, instants for seconds, cents for cost units."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import timedelta
from itertools import pairwise

from fieldops.domain.plan import BreakTaken, Kpis, Plan, Route, SearchFacts, Stop, UnassignedVisit
from fieldops.solver import solution as solver
from fieldops.solver.instance import Instance
from fieldops.units import Cents, Meters, to_cents
from fieldops.usecases.translate.instance import Translation


def to_plan(
    translation: Translation,
    solution: solver.Solution,
    unassigned: Sequence[UnassignedVisit],
    search: SearchFacts,
) -> Plan:
    """
    Translate a solution back.

    Parameters
    ----------
    unassigned
        The visits on no route, explained.
    search
        How the solution was found.

    Notes
    -----
    Every cost term of every route and of the whole plan is rounded to cents once; so the terms of the routes may add
    up to some cents more or less than those of the plan. Key figures are those of docs/glossary.md.
    """
    routes = tuple(to_route(translation, route) for route in solution.routes)
    return Plan(
        problem_name=translation.problem.name,
        time_zone=translation.problem.time_zone,
        routes=routes,
        unassigned=tuple(unassigned),
        cost=_cents(solution.cost),
        kpis=to_kpis(translation, routes),
        search=search,
    )


def search_facts(result: solver.Result, *, seed: int, threads: int) -> SearchFacts:
    """Say how a result was found."""
    statistics = result.statistics
    return SearchFacts(
        termination=result.termination.value,
        seed=seed,
        threads=threads,
        seconds=statistics.seconds,
        iterations=statistics.iterations,
        first_plan_s=statistics.first_plan_s,
        recombinations=statistics.recombinations,
        recombination_gain=to_cents(statistics.recombination_gain),
        pool_size=statistics.pool_size,
        operators=statistics.operators,
    )


def _cents(cost: solver.CostBreakdown, *without: str) -> dict[str, Cents]:
    """Round every term once."""
    names = [term.name for term in fields(cost) if term.name not in without]
    return {name: to_cents(getattr(cost, name)) for name in names}


def to_route(translation: Translation, route: solver.Route) -> Route:
    """Translate one route; every cost term is rounded to cents once."""
    technician, shift = translation.shifts[route.shift]
    instance = translation.instance
    own = instance.shifts[route.shift]
    ends = [own.start_place, *(instance.visits[visit].place for visit in route.visits), own.end_place]
    drives = [_drive(instance, route, leg, ends[leg : leg + 2]) for leg in range(len(route.stops) + 1)]
    return Route(
        technician_id=technician.id,
        shift_id=shift.id,
        departure=translation.instant_of(route.departure),
        end=translation.instant_of(route.end),
        stops=tuple(_stop(translation, stop, *drive) for stop, drive in zip(route.stops, drives, strict=False)),
        breaks=tuple(_break_taken(translation, route, taken) for taken in route.breaks),
        travel=timedelta(seconds=route.travel_s),
        travel_home=drives[-1][0],
        distance=Meters(route.distance_m),
        work=timedelta(seconds=route.work_s),
        overtime=timedelta(seconds=route.overtime_s),
        cost=_cents(route.cost, "unassigned"),
    )


def _drive(instance: Instance, route: solver.Route, leg: int, ends: Sequence[int | None]) -> tuple[timedelta, Meters]:
    """Sum travel and distance of the leg between two places, by way of the breaks on it that have a place."""
    shift = instance.shifts[route.shift]
    detours = [shift.breaks[taken.break_pos].place for taken in route.breaks if taken.leg == leg]
    places = [place for place in (ends[0], *detours, ends[1]) if place is not None]
    hops = list(pairwise(places))
    seconds = sum(int(instance.travel_s[shift.profile, here, there]) for here, there in hops)
    meters = sum(int(instance.distance_m[shift.profile, here, there]) for here, there in hops)
    return timedelta(seconds=seconds), Meters(meters)


def _stop(translation: Translation, stop: solver.Stop, travel: timedelta, distance: Meters) -> Stop:
    """Translate one stop; travel and distance are those of the leg that leads to it."""
    promised = translation.problem.visits[stop.visit].promised_window
    start = translation.instant_of(stop.start)
    return Stop(
        visit_id=translation.problem.visits[stop.visit].id,
        arrival=translation.instant_of(stop.arrival),
        start=start,
        finish=translation.instant_of(stop.finish),
        departure=translation.instant_of(stop.departure),
        wait=timedelta(seconds=stop.wait),
        slack=timedelta(seconds=stop.slack),
        lateness=timedelta(0) if promised is None else max(start - promised.latest, timedelta(0)),
        travel=travel,
        distance=distance,
    )


def _break_taken(translation: Translation, route: solver.Route, taken: solver.BreakTaken) -> BreakTaken:
    """Translate a break; before the day it comes after no visit, after the day after all of them."""
    _, shift = translation.shifts[route.shift]
    pause = shift.breaks[taken.break_pos]
    start = translation.instant_of(taken.start)
    return BreakTaken(
        name=pause.name,
        start=start,
        end=translation.instant_of(taken.start + pause.duration // timedelta(seconds=1)),
        place_id=pause.place_id,
        paid=pause.paid,
        on_the_clock=0 <= taken.leg <= len(route.stops),
        after_visits=min(max(taken.leg, 0), len(route.stops)),
    )


def to_kpis(translation: Translation, routes: Sequence[Route]) -> Kpis:
    """Count the key figures of routes, as docs/glossary.md defines them."""
    problem = translation.problem
    visits = {visit.id: visit for visit in problem.visits}
    stops = [stop for route in routes for stop in route.stops]
    served = {stop.visit_id for stop in stops}
    left_out = [visit for visit in problem.visits if visit.id not in served]
    promises = [(stop.start, visits[stop.visit_id].promised_window) for stop in stops]
    kept = [start in window for start, window in promises if window is not None]
    shifts_used = sum(bool(route.stops) for route in routes)
    on_site = _total(stop.finish - stop.start for stop in stops)
    travel, work = _total(route.travel for route in routes), _total(route.work for route in routes)
    return Kpis(
        visits=len(problem.visits),
        assigned=len(stops),
        unassigned=len(left_out),
        mandatory_unassigned=sum(visit.mandatory or visit.pin is not None for visit in left_out),
        served_priority=sum(visits[stop.visit_id].priority for stop in stops),
        total_priority=sum(visit.priority for visit in problem.visits),
        promises=len(kept),
        promises_kept=sum(kept),
        shifts=len(translation.shifts),
        shifts_used=shifts_used,
        on_site=on_site,
        travel=travel,
        wait=_total(stop.wait for stop in stops),
        work=work,
        overtime=_total(route.overtime for route in routes),
        distance=Meters(sum(route.distance for route in routes)),
        utilization=on_site / work if work else 0.0,
        travel_share=travel / work if work else 0.0,
        visits_per_shift=len(stops) / shifts_used if shifts_used else 0.0,
    )


def _total(durations: Iterable[timedelta]) -> timedelta:
    """Sum up durations."""
    return sum(durations, timedelta(0))
