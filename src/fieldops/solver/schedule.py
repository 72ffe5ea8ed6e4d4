"""
The executable definition of the time model (docs/concepts.md): which schedule a route gets and what it costs.

Written to be read beside that page, not for speed. The compiled core must agree with it to the last second and cost
unit; the referee (`fieldops.solver.checker`) shares nothing with it.
"""

from collections.abc import Mapping, Sequence

from fieldops.solver.instance import Instance, Visit
from fieldops.solver.simulation import (
    Day,
    DayTimes,
    Stuck,
    breaks_on,
    last_start,
    leave_by,
    make_day,
    placements,
    simulate,
    violation,
)
from fieldops.solver.solution import BreakTaken, CostBreakdown, Route, Solution, Stop, Violation, ViolationCode
from fieldops.units import (
    UNITS_PER_CENT,
    UNITS_PER_CENT_HOUR_SECOND,
    UNITS_PER_CENT_KM_METER,
    UNITS_PER_CENT_MINUTE_SECOND,
    CostUnits,
)


def schedule_route(instance: Instance, shift: int, visits: Sequence[int]) -> Route | Violation:
    """
    Schedule one route.

    Parameters
    ----------
    shift
        Shift index.
    visits
        Visit indices in serving order; at least one, unless the shift is under way.

    Returns
    -------
    Route | Violation
        The route with all times and costs; or the hard rule that is nearest to being kept: of the break placements
        that serve most stops, what the one that misses by least breaks.

    Raises
    ------
    ValueError
        When there is no visit and the shift is not under way.
    """
    if not visits and not instance.shifts[shift].underway:
        raise ValueError("a route serves at least one visit, unless the shift is under way")
    day = make_day(instance, shift, visits)
    broken = _broken_demand(day) or _broken_total(day)
    if broken is not None:
        return broken
    outcomes = [simulate(day, placement) for placement in placements(day)]
    early = [outcome for outcome in outcomes if isinstance(outcome, DayTimes)]
    if not early:
        stuck = [outcome for outcome in outcomes if isinstance(outcome, Stuck)]
        return min(stuck, key=lambda outcome: (-outcome.served, outcome.violation.amount)).violation
    chosen = min(early, key=lambda times: _placement_key(day, times))
    final = simulate(day, chosen.placement, _latest_departure(day, chosen))
    assert isinstance(final, DayTimes), "leaving later, within the deadlines, broke a rule"
    return _broken_cap(day, final) or _route(day, final)


def schedule_solution(instance: Instance, routes: Mapping[int, Sequence[int]]) -> Solution | tuple[Violation, ...]:
    """
    Schedule whole routes, given as shift index to visit indices in serving order; all violations when there are any.

    Shifts without visits may be given or left out; visits on no route are unassigned.
    """
    used = routes_to_schedule(instance, routes)
    outcomes = [schedule_route(instance, shift, visits) for shift, visits in used.items()]
    violations = [outcome for outcome in outcomes if isinstance(outcome, Violation)]
    seen: set[int] = set()
    for shift, visits in used.items():
        violations += [_repeated(shift, visit) for visit in visits if visit in seen]
        seen.update(visits)
    if violations:
        return tuple(violations)
    return assemble(instance, [outcome for outcome in outcomes if isinstance(outcome, Route)])


def routes_to_schedule(instance: Instance, routes: Mapping[int, Sequence[int]]) -> dict[int, Sequence[int]]:
    """List the routes there are: those with visits, as given, then those of shifts under way without any."""
    used = {shift: visits for shift, visits in routes.items() if visits}
    idle = {idx: () for idx, shift in enumerate(instance.shifts) if shift.underway and idx not in used}
    return {**used, **idle}


def assemble(instance: Instance, routes: Sequence[Route]) -> Solution:
    """Make a solution of scheduled routes, no two of which share a shift or a visit; those of all shifts under way."""
    assigned = {visit for route in routes for visit in route.visits}
    unassigned = tuple(visit for visit in range(len(instance.visits)) if visit not in assigned)
    cost = sum((route.cost for route in routes), CostBreakdown())
    cost = sum((unassigned_cost(instance, visit) for visit in unassigned), cost)
    return Solution(routes=tuple(sorted(routes, key=lambda route: route.shift)), unassigned=unassigned, cost=cost)


def unassigned_cost(instance: Instance, visit: int) -> CostBreakdown:
    """Return the cost of leaving a visit out: its own, and its delay past the due time, counted to the horizon end."""
    left_out = instance.visits[visit]
    return CostBreakdown(
        unassigned=CostUnits(left_out.unassigned_cents * UNITS_PER_CENT),
        sla=_overdue(left_out, instance.horizon_s),
    )


# Rules that do not depend on time, and the caps that depend on the final times.


def _broken_demand(day: Day) -> Violation | None:
    """Find the first visit this technician may not serve, or not there."""
    technician, rank = day.shift.technician, 0
    for pos, (visit_idx, visit) in enumerate(zip(day.order, day.visits, strict=True)):
        if visit_idx in day.order[:pos]:
            return _repeated(day.shift_idx, visit_idx)
        held = day.instance.technicians[technician].skill_levels
        for skill, (level, least) in enumerate(zip(held, visit.required_levels, strict=True)):
            if level < least:
                message = (
                    f"visit {visit_idx} requires skill {skill} at level {least}, technician {technician} has {level}"
                )
                return violation(day, ViolationCode.SKILL, message, least - level, visit_idx)
        if not day.instance.is_eligible(technician, visit_idx):
            message = f"technician {technician} is not allowed at visit {visit_idx}"
            return violation(day, ViolationCode.TECHNICIAN, message, 0, visit_idx)
        if visit.sequence is None:
            continue
        if visit.sequence < rank:
            message = f"visit {visit_idx} has rank {visit.sequence}, one before it rank {rank}"
            return violation(day, ViolationCode.SEQUENCE, message, rank - visit.sequence, visit_idx)
        rank = visit.sequence
    return None


def _broken_total(day: Day) -> Violation | None:
    load = sum(visit.load for visit in day.visits)
    return _above(day, ViolationCode.MAX_VISITS, "visits", len(day.order), day.shift.max_visits) or _above(
        day, ViolationCode.LOAD, "load", load, day.shift.load_capacity
    )


def _broken_cap(day: Day, times: DayTimes) -> Violation | None:
    travel_s = sum(leg.travel_s for leg in times.legs)
    work_s = times.end - times.departure - _unpaid_s(day, times)
    return _above(day, ViolationCode.MAX_TRAVEL, "seconds of travel", travel_s, day.shift.max_travel_s) or _above(
        day, ViolationCode.MAX_WORK, "seconds of work", work_s, day.shift.max_work_s
    )


def _above(day: Day, code: ViolationCode, what: str, value: int, cap: int | None) -> Violation | None:
    if cap is None or value <= cap:
        return None
    return violation(day, code, f"{value} {what}, {cap} at most", value - cap)


def _repeated(shift: int, visit: int) -> Violation:
    message = f"visit {visit} is served more than once"
    return Violation(code=ViolationCode.REPEATED, message=message, shift=shift, visit=visit)


# Rule 1 and rule 2.


def _placement_key(day: Day, early: DayTimes) -> tuple[int, int, int, tuple[int, ...]]:
    overtime_s = max(0, early.end - day.shift.regular_end)
    cost = _driving_cost(day, early).total + _hourly(day.shift.cost_per_overtime_hour, overtime_s)
    cost += sum(_lateness(visit, start) for visit, start in zip(day.visits, early.starts, strict=True))
    cost += sum(_overdue(visit, finish) for visit, finish in zip(day.visits, early.finishes, strict=True))
    return cost, early.end, -early.placement.count(-1), tuple(-leg for leg in early.placement)


def _latest_departure(day: Day, early: DayTimes) -> int:
    if day.shift.underway:
        return early.departure
    ready_by = early.end
    for pos in reversed(range(len(day.order))):
        if day.shift.compresses_work:
            latest = leave_by(day, early.placement, pos + 1, ready_by) - day.services[pos]
            ready_by = last_start(day.visits[pos], min([latest, *_wished_deadlines(day, early, pos)]))
        else:
            ready_by = early.starts[pos]
    return leave_by(day, early.placement, 0, ready_by)


def _wished_deadlines(day: Day, early: DayTimes, pos: int) -> list[int]:
    """List the latest starts that raise no soft cost of one stop; not what they cost, only whether they are wished."""
    visit, start, finish = day.visits[pos], early.starts[pos], early.finishes[pos]
    deadlines = []
    if visit.promised_latest is not None:
        deadlines.append(max(start, visit.promised_latest))
    if visit.due is not None:
        deadlines.append(max(finish, visit.due) - day.services[pos])
    if visit.preferred is not None and start <= visit.preferred[1]:
        deadlines.append(visit.preferred[1])
    if visit.told is not None and start <= visit.told[1]:
        deadlines.append(visit.told[1])
    return deadlines


# The route and its figures.


def _route(day: Day, times: DayTimes) -> Route:
    work_s = times.end - times.departure - _unpaid_s(day, times)
    overtime_s = max(0, times.end - max(times.departure, day.shift.regular_end))
    pairs = zip(times.placement, times.break_starts, strict=True)
    return Route(
        shift=day.shift_idx,
        departure=times.departure,
        end=times.end,
        stops=_stops(day, times),
        breaks=tuple(BreakTaken(break_pos=pos, leg=leg, start=start) for pos, (leg, start) in enumerate(pairs)),
        travel_s=sum(leg.travel_s for leg in times.legs),
        distance_m=sum(leg.distance_m for leg in times.legs),
        work_s=work_s,
        overtime_s=overtime_s,
        cost=_driving_cost(day, times) + _people_cost(day, times, overtime_s) + _visits_cost(day, times),
    )


def _stops(day: Day, times: DayTimes) -> tuple[Stop, ...]:
    stops = []
    for pos, latest in enumerate(_latest_starts(day, times)):
        leg, start = times.legs[pos], times.starts[pos]
        breaks = zip(breaks_on(day, times.placement, pos), leg.break_starts, strict=True)
        paused_s = sum(pause.duration for (_, pause), pause_start in breaks if pause_start >= leg.arrival)
        stop = Stop(
            visit=day.order[pos],
            arrival=leg.arrival,
            start=start,
            finish=times.finishes[pos],
            departure=times.legs[pos + 1].departure,
            wait=start - leg.arrival - paused_s,
            slack=latest - start,
        )
        stops.append(stop)
    return tuple(stops)


def _latest_starts(day: Day, times: DayTimes) -> list[int]:
    """List the latest start of every stop that breaks no hard rule later on, this departure and placement given."""
    end_by = [day.shift.hard_end, *(pause.latest for _, pause in breaks_on(day, times.placement, day.after))]
    if day.shift.max_work_s is not None:
        end_by.append(times.departure + day.shift.max_work_s + _unpaid_s(day, times))
    ready_by, latest_starts = min(end_by), []
    for pos in reversed(range(len(day.order))):
        latest = leave_by(day, times.placement, pos + 1, ready_by) - day.services[pos]
        ready_by = last_start(day.visits[pos], latest)
        latest_starts.append(ready_by)
    return latest_starts[::-1]


def _unpaid_s(day: Day, times: DayTimes) -> int:
    """Sum the unpaid breaks on the clock."""
    pairs = zip(day.shift.breaks, times.placement, strict=True)
    return sum(pause.duration for pause, leg in pairs if not pause.paid and 0 <= leg < day.after)


def _driving_cost(day: Day, times: DayTimes) -> CostBreakdown:
    distance_m = sum(leg.distance_m for leg in times.legs)
    return CostBreakdown(
        travel=_hourly(day.shift.cost_per_travel_hour, sum(leg.travel_s for leg in times.legs)),
        distance=CostUnits(day.shift.cost_per_km * UNITS_PER_CENT_KM_METER * distance_m),
    )


def _people_cost(day: Day, times: DayTimes, overtime_s: int) -> CostBreakdown:
    regular_s = max(0, min(times.end, day.shift.regular_end) - times.departure - _unpaid_s(day, times))
    return CostBreakdown(
        work=_hourly(day.shift.cost_per_work_hour, regular_s),
        overtime=_hourly(day.shift.cost_per_overtime_hour, overtime_s),
        fixed=CostUnits(day.shift.fixed_cost * UNITS_PER_CENT),
    )


def _visits_cost(day: Day, times: DayTimes) -> CostBreakdown:
    lateness = sla = preference = technician = churn = 0
    for visit, start, finish in zip(day.visits, times.starts, times.finishes, strict=True):
        lateness += _lateness(visit, start)
        sla += _overdue(visit, finish)
        if visit.preferred is not None and not visit.preferred[0] <= start <= visit.preferred[1]:
            preference += visit.preferred_miss_cents * UNITS_PER_CENT
        if visit.preferred_technicians and day.shift.technician not in visit.preferred_technicians:
            technician += visit.other_technician_cents * UNITS_PER_CENT
        if visit.baseline_technician is not None and day.shift.technician != visit.baseline_technician:
            churn += visit.reassigned_cents * UNITS_PER_CENT
        if visit.told is not None and not visit.told[0] <= start <= visit.told[1]:
            churn += visit.told_miss_cents * UNITS_PER_CENT
    return CostBreakdown(
        lateness=CostUnits(lateness),
        sla=CostUnits(sla),
        preference=CostUnits(preference),
        technician=CostUnits(technician),
        churn=CostUnits(churn),
    )


def _lateness(visit: Visit, start: int) -> CostUnits:
    late_s = 0 if visit.promised_latest is None else max(0, start - visit.promised_latest)
    return CostUnits(late_s * visit.lateness_cents_per_minute * UNITS_PER_CENT_MINUTE_SECOND)


def _overdue(visit: Visit, finish: int) -> CostUnits:
    overdue_s = 0 if visit.due is None else max(0, finish - visit.due)
    return CostUnits(overdue_s * visit.due_cents_per_hour * UNITS_PER_CENT_HOUR_SECOND)


def _hourly(cents: int, seconds: int) -> CostUnits:
    return CostUnits(cents * seconds * UNITS_PER_CENT_HOUR_SECOND)
