"""
The referee: replays a solution as its timetable says and lists everything that is not allowed or not true.

It shares no code with the schedule or the compiled core and knows none of their choices: any timetable that people can
follow passes, whichever break placement and departure it uses, as long as all its figures are right.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, replace
from itertools import pairwise

from fieldops.solver.instance import Instance
from fieldops.solver.replay import (
    Ride,
    begin_of,
    is_possible_from,
    pauses,
    possible_start,
    ride,
    service_s,
    unpaid_s,
)
from fieldops.solver.solution import CostBreakdown, Route, Solution, Violation, ViolationCode
from fieldops.units import UNITS_PER_CENT, CostUnits

_UNITS_PER_HOURLY_CENT = UNITS_PER_CENT // 3_600
_UNITS_PER_MINUTE_CENT = UNITS_PER_CENT // 60
_UNITS_PER_KM_CENT = UNITS_PER_CENT // 1_000


def check(instance: Instance, solution: Solution) -> list[Violation]:
    """
    List every hard rule a solution breaks and every figure in it that is wrong; empty when it is sound.

    Notes
    -----
    A mandatory visit left out is an outcome, not a violation. The slack of a stop is judged only on a route whose
    times and caps are sound. Of a route that refers to something there is not, nothing else is judged.
    """
    violations = [*_check_routes_listed(instance, solution), *_check_visits_listed(instance, solution)]
    cost = _cost_of_unassigned(instance, solution)
    for route in solution.routes:
        broken = list(_check_references(instance, route))
        if broken:
            violations += broken
            cost += route.cost
            continue
        rides = [ride(instance, route, leg) for leg in range(len(route.stops) + 1)]
        route_cost = _cost_of_route(instance, route, rides)
        times = [
            *_check_breaks(instance, route, rides),
            *_check_drives(route, rides),
            *_check_stops(instance, route, rides),
            *_check_ends(instance, route, rides),
        ]
        caps = list(_check_caps(instance, route, rides))
        violations += [*times, *caps]
        violations += _check_people(instance, route)
        violations += _check_totals(instance, route, rides)
        violations += _check_cost(route_cost, route.cost, route.shift)
        if not times and not caps:
            violations += _check_slack(instance, route)
        cost += route_cost
    return [*violations, *_check_cost(cost, solution.cost, None)]


def with_real_costs(instance: Instance, solution: Solution) -> Solution:
    """
    Replace the costs a solution claims by those that follow from its times.

    Notes
    -----
    A route that refers to something there is not keeps what it claims.
    """
    routes, total = [], _cost_of_unassigned(instance, solution)
    for route in solution.routes:
        if not any(_check_references(instance, route)):
            rides = [ride(instance, route, leg) for leg in range(len(route.stops) + 1)]
            route = replace(route, cost=_cost_of_route(instance, route, rides))
        routes.append(route)
        total += route.cost
    return replace(solution, routes=tuple(routes), cost=total)


# What is listed, and whether it exists.


def _check_routes_listed(instance: Instance, solution: Solution) -> Iterator[Violation]:
    """Check that no shift has two routes and every shift under way has one."""
    shifts = [route.shift for route in solution.routes]
    for before, shift in pairwise(shifts):
        if shift <= before:
            message = f"a route of shift {shift} is listed after one of shift {before}"
            yield Violation(code=ViolationCode.REPEATED, message=message, shift=shift)
    for idx, one in enumerate(instance.shifts):
        if one.underway and idx not in shifts:
            message = f"shift {idx} is under way but has no route home"
            yield Violation(code=ViolationCode.MISSING, message=message, shift=idx)


def _check_visits_listed(instance: Instance, solution: Solution) -> Iterator[Violation]:
    """Check that every visit is exactly once on a route or among the unassigned."""
    times_listed = Counter(solution.unassigned)
    for route in solution.routes:
        times_listed.update(stop.visit for stop in route.stops)
    for visit, times in sorted(times_listed.items()):
        if times > 1:
            message = f"visit {visit} is listed {times} times, on routes or as unassigned"
            yield Violation(code=ViolationCode.REPEATED, message=message, visit=visit, amount=times - 1)
    for visit in range(len(instance.visits)):
        if visit not in times_listed:
            message = f"visit {visit} is neither on a route nor unassigned"
            yield Violation(code=ViolationCode.MISSING, message=message, visit=visit)
    for visit in solution.unassigned:
        if not 0 <= visit < len(instance.visits):
            yield Violation(code=ViolationCode.MISSING, message=f"there is no visit {visit}", visit=visit)
    if list(solution.unassigned) != sorted(solution.unassigned):
        yield Violation(code=ViolationCode.MISSING, message="unassigned visits are not listed in rising order")


def _check_references(instance: Instance, route: Route) -> Iterator[Violation]:
    """Check that shift, visits and breaks exist and that the breaks are complete, in order, on legs of the route."""
    if not 0 <= route.shift < len(instance.shifts):
        message = f"there is no shift {route.shift}"
        yield Violation(code=ViolationCode.MISSING, message=message, shift=route.shift)
        return
    if not route.stops and not instance.shifts[route.shift].underway:
        yield _blame(route, ViolationCode.MISSING, "the route serves nobody")
    for stop in route.stops:
        if not 0 <= stop.visit < len(instance.visits):
            yield _blame(route, ViolationCode.MISSING, f"there is no visit {stop.visit}", visit=stop.visit)
    breaks = instance.shifts[route.shift].breaks
    positions = [taken.break_pos for taken in route.breaks]
    if positions != list(range(len(breaks))):
        yield _blame(route, ViolationCode.BREAK, f"breaks {positions} are taken, {len(breaks)} are due in order")
        return
    legs, after = [taken.leg for taken in route.breaks], len(route.stops) + 1
    if legs != sorted(legs) or not all(-1 <= leg <= after for leg in legs):
        yield _blame(
            route, ViolationCode.BREAK, f"breaks are taken on legs {legs} of a route with legs 0 to {after - 1}"
        )
    for pos, (pause, leg) in enumerate(zip(breaks, legs, strict=True)):
        if pause.place is not None and not 0 <= leg < after:
            yield _blame(route, ViolationCode.BREAK, f"break {pos} has a place but is taken off the clock")
        if instance.shifts[route.shift].underway and leg < 0:
            yield _blame(route, ViolationCode.BREAK, f"break {pos} is taken before a day that is under way")


def _blame(route: Route, code: ViolationCode, message: str, *, amount: int = 0, visit: int | None = None) -> Violation:
    return Violation(code=code, message=message, shift=route.shift, visit=visit, amount=amount)


# The times.


def _check_breaks(instance: Instance, route: Route, rides: list[Ride]) -> Iterator[Violation]:
    after = len(route.stops) + 1
    free_from = 0
    for taken, pause in zip(route.breaks, instance.shifts[route.shift].breaks, strict=True):
        name = f"break {taken.break_pos}"
        if taken.leg == after:
            free_from = max(free_from, route.end)
        elif taken.leg >= 0:
            free_from = max(free_from, begin_of(route, taken.leg))
        if taken.start < free_from:
            message = f"{name} begins {free_from - taken.start} s before the technician is free"
            yield _blame(route, ViolationCode.BREAK, message, amount=free_from - taken.start)
        if taken.start < pause.earliest:
            message = f"{name} begins {pause.earliest - taken.start} s too early"
            yield _blame(route, ViolationCode.BREAK, message, amount=pause.earliest - taken.start)
        # After the day the first break due by then frees him; the others may only be pushed by it.
        latest = max(pause.latest, free_from) if taken.leg == after else pause.latest
        late = max(taken.start - latest, route.end - pause.latest if taken.leg == after else 0)
        if late > 0:
            blame = _blame(route, ViolationCode.BREAK, f"{name} is {late} s too late", amount=late)
            yield replace(blame, break_pos=taken.break_pos)
        free_from = max(free_from, taken.start + pause.duration)
        if taken.leg == -1 and free_from > route.departure:
            message = f"{name} is not over at the departure"
            yield _blame(route, ViolationCode.BREAK, message, amount=free_from - route.departure)
    for leg, driven in enumerate(rides):
        if driven.short_s > 0:
            message = f"a break with a place on leg {leg} begins {driven.short_s} s of driving too early"
            yield _blame(route, ViolationCode.BREAK, message, amount=driven.short_s)


def _check_drives(route: Route, rides: list[Ride]) -> Iterator[Violation]:
    for stop, to_it, from_it in zip(route.stops, rides, rides[1:], strict=False):
        claims = (("arrival", stop.arrival, to_it.arrival), ("departure", stop.departure, from_it.departure))
        for name, claimed, real in claims:
            if claimed != real:
                message = f"{name} is {claimed}, the drive says {real}"
                yield _blame(route, ViolationCode.TIMING, message, amount=abs(claimed - real), visit=stop.visit)
    if route.end != rides[-1].ready:
        message = f"the end is {route.end}, the last leg says {rides[-1].ready}"
        yield _blame(route, ViolationCode.TIMING, message, amount=abs(route.end - rides[-1].ready))


def _check_stops(instance: Instance, route: Route, rides: list[Ride]) -> Iterator[Violation]:
    for leg, (stop, to_it) in enumerate(zip(route.stops, rides, strict=False)):
        visit = instance.visits[stop.visit]
        if stop.start < to_it.ready:
            message = f"service starts {to_it.ready - stop.start} s before the technician is ready"
            amount = to_it.ready - stop.start
            yield _blame(route, ViolationCode.TIMING, message, amount=amount, visit=stop.visit)
        if not any(earliest <= stop.start <= latest for earliest, latest in visit.windows):
            amount = min(max(earliest - stop.start, stop.start - latest) for earliest, latest in visit.windows)
            message = f"service starts {amount} s outside the nearest window"
            yield _blame(route, ViolationCode.WINDOW, message, amount=amount, visit=stop.visit)
        took_s, due_s = stop.finish - stop.start, service_s(instance, route, stop.visit)
        if took_s != due_s:
            message = f"service takes {took_s} s instead of {due_s} s"
            yield _blame(route, ViolationCode.TIMING, message, amount=abs(took_s - due_s), visit=stop.visit)
        paused_s = sum(pause.duration for pause, start in pauses(instance, route, leg) if start >= stop.arrival)
        wait = stop.start - stop.arrival - paused_s
        if stop.wait != wait:
            message = f"the wait is {stop.wait} s instead of {wait} s"
            yield _blame(route, ViolationCode.TIMING, message, amount=abs(stop.wait - wait), visit=stop.visit)


def _check_ends(instance: Instance, route: Route, rides: list[Ride]) -> Iterator[Violation]:
    shift = instance.shifts[route.shift]
    if route.departure < shift.earliest_start:
        early = shift.earliest_start - route.departure
        yield _blame(route, ViolationCode.EARLIEST_START, f"leaves {early} s before the shift", amount=early)
    if shift.underway and route.departure > shift.earliest_start:
        late = route.departure - shift.earliest_start
        yield _blame(route, ViolationCode.TIMING, f"the clock of a shift under way starts {late} s late", amount=late)
    late = max(route.end, rides[-1].ready) - shift.hard_end
    if late > 0:
        yield _blame(route, ViolationCode.HARD_END, f"is back {late} s after the hard end", amount=late)


def _check_slack(instance: Instance, route: Route) -> Iterator[Violation]:
    """Check that the last start claimed works and that no later one does."""
    for pos, stop in enumerate(route.stops):
        visit, latest = instance.visits[stop.visit], stop.start + stop.slack
        if (
            stop.slack < 0
            or possible_start(visit, latest) != latest
            or not is_possible_from(instance, route, pos, latest)
        ):
            message = f"the start cannot slip by {stop.slack} s"
            yield _blame(route, ViolationCode.TIMING, message, visit=stop.visit)
            continue
        later = possible_start(visit, latest + 1)
        if later is not None and is_possible_from(instance, route, pos, later):
            message = f"the start can slip by {later - stop.start} s, more than {stop.slack} s"
            yield _blame(route, ViolationCode.TIMING, message, amount=later - latest, visit=stop.visit)


# Who serves whom, and how much.


def _check_people(instance: Instance, route: Route) -> Iterator[Violation]:
    who = instance.shifts[route.shift].technician
    held = instance.technicians[who].skill_levels
    highest: int | None = None
    for stop in route.stops:
        visit = instance.visits[stop.visit]
        for skill, least in enumerate(visit.required_levels):
            if held[skill] < least:
                message = f"technician {who} has level {held[skill]} of skill {skill}, {least} is required"
                amount = least - held[skill]
                yield _blame(route, ViolationCode.SKILL, message, amount=amount, visit=stop.visit)
        is_allowed = visit.allowed_technicians is None or who in visit.allowed_technicians
        if not is_allowed or who in visit.forbidden_technicians:
            yield _blame(route, ViolationCode.TECHNICIAN, f"technician {who} is not allowed", visit=stop.visit)
        if visit.sequence is not None:
            if highest is not None and visit.sequence < highest:
                message = f"rank {visit.sequence} is served after rank {highest}"
                amount = highest - visit.sequence
                yield _blame(route, ViolationCode.SEQUENCE, message, amount=amount, visit=stop.visit)
            highest = max(visit.sequence, highest or 0)


def _check_caps(instance: Instance, route: Route, rides: list[Ride]) -> Iterator[Violation]:
    shift = instance.shifts[route.shift]
    caps = (
        (ViolationCode.MAX_VISITS, "visits", len(route.stops), shift.max_visits),
        (ViolationCode.LOAD, "load", sum(instance.visits[visit].load for visit in route.visits), shift.load_capacity),
        (ViolationCode.MAX_TRAVEL, "s of travel", sum(driven.travel_s for driven in rides), shift.max_travel_s),
        (ViolationCode.MAX_WORK, "s of work", _work_s(instance, route), shift.max_work_s),
    )
    for code, what, amount, cap in caps:
        if cap is not None and amount > cap:
            yield _blame(route, code, f"{amount} {what}, {cap} at most", amount=amount - cap)


def _check_totals(instance: Instance, route: Route, rides: list[Ride]) -> Iterator[Violation]:
    totals = (
        ("travel_s", route.travel_s, sum(driven.travel_s for driven in rides)),
        ("distance_m", route.distance_m, sum(driven.distance_m for driven in rides)),
        ("work_s", route.work_s, _work_s(instance, route)),
        ("overtime_s", route.overtime_s, _overtime_s(instance, route)),
    )
    for name, claimed, real in totals:
        if claimed != real:
            message = f"{name} is {claimed} instead of {real}"
            yield _blame(route, ViolationCode.TIMING, message, amount=abs(claimed - real))


def _work_s(instance: Instance, route: Route) -> int:
    return route.end - route.departure - unpaid_s(instance, route)


def _overtime_s(instance: Instance, route: Route) -> int:
    regular_end = instance.shifts[route.shift].regular_end
    return max(0, min(route.end - route.departure, route.end - regular_end))


# What it costs.


def _check_cost(real: CostBreakdown, claimed: CostBreakdown, shift: int | None) -> Iterator[Violation]:
    for term in fields(CostBreakdown):
        difference = getattr(claimed, term.name) - getattr(real, term.name)
        if difference:
            message = f"{term.name} costs {getattr(real, term.name)} units, not {getattr(claimed, term.name)}"
            yield Violation(code=ViolationCode.COST, message=message, shift=shift, amount=abs(difference))


def _cost_of_route(instance: Instance, route: Route, rides: list[Ride]) -> CostBreakdown:
    shift = instance.shifts[route.shift]
    lateness = sla = preference = technician = churn = 0
    for stop in route.stops:
        visit = instance.visits[stop.visit]
        if visit.promised_latest is not None and stop.start > visit.promised_latest:
            lateness += (stop.start - visit.promised_latest) * visit.lateness_cents_per_minute * _UNITS_PER_MINUTE_CENT
        if visit.due is not None and stop.finish > visit.due:
            sla += (stop.finish - visit.due) * visit.due_cents_per_hour * _UNITS_PER_HOURLY_CENT
        if visit.preferred is not None and (stop.start < visit.preferred[0] or stop.start > visit.preferred[1]):
            preference += visit.preferred_miss_cents * UNITS_PER_CENT
        if visit.preferred_technicians and shift.technician not in visit.preferred_technicians:
            technician += visit.other_technician_cents * UNITS_PER_CENT
        if visit.baseline_technician not in (None, shift.technician):
            churn += visit.reassigned_cents * UNITS_PER_CENT
        if visit.told is not None and (stop.start < visit.told[0] or stop.start > visit.told[1]):
            churn += visit.told_miss_cents * UNITS_PER_CENT
    regular_s = max(0, min(route.end, shift.regular_end) - route.departure - unpaid_s(instance, route))
    travel_s, distance_m = sum(driven.travel_s for driven in rides), sum(driven.distance_m for driven in rides)
    return CostBreakdown(
        lateness=CostUnits(lateness),
        sla=CostUnits(sla),
        preference=CostUnits(preference),
        technician=CostUnits(technician),
        churn=CostUnits(churn),
        work=CostUnits(regular_s * shift.cost_per_work_hour * _UNITS_PER_HOURLY_CENT),
        overtime=CostUnits(_overtime_s(instance, route) * shift.cost_per_overtime_hour * _UNITS_PER_HOURLY_CENT),
        travel=CostUnits(travel_s * shift.cost_per_travel_hour * _UNITS_PER_HOURLY_CENT),
        distance=CostUnits(distance_m * shift.cost_per_km * _UNITS_PER_KM_CENT),
        fixed=CostUnits(shift.fixed_cost * UNITS_PER_CENT),
    )


def _cost_of_unassigned(instance: Instance, solution: Solution) -> CostBreakdown:
    unassigned = sla = 0
    for idx in set(solution.unassigned) & set(range(len(instance.visits))):
        visit = instance.visits[idx]
        unassigned += visit.unassigned_cents * UNITS_PER_CENT
        if visit.due is not None and visit.due < instance.horizon_s:
            sla += (instance.horizon_s - visit.due) * visit.due_cents_per_hour * _UNITS_PER_HOURLY_CENT
    return CostBreakdown(unassigned=CostUnits(unassigned), sla=CostUnits(sla))
