"""From a plan, wherever it comes from, to the solution it claims to be."""

from collections.abc import Iterator
from datetime import timedelta

from fieldops.domain.plan import Plan, Route
from fieldops.domain.value_faults import field_path, wrong
from fieldops.errors import Fault, InvalidInput
from fieldops.solver import solution as solver
from fieldops.usecases.translate.instance import Translation


def to_solution(translation: Translation, plan: Plan) -> solver.Solution:
    """
    Translate a plan as it claims to be: its own times and sums, right or wrong, and no costs.

    Raises
    ------
    InvalidInput
        When the plan is about something the problem does not have; with every fault.

    Notes
    -----
    The breaks of a route are those of its shift, in order; whether all are there is for the referee to say.
    """
    faults = list(_stranger_faults(translation, plan))
    if faults:
        raise InvalidInput(faults)
    shift_idx = {shift.id: idx for idx, (_, shift) in enumerate(translation.shifts)}
    visit_idx = {visit.id: idx for idx, visit in enumerate(translation.problem.visits)}
    routes = [_route(translation, route, shift_idx[route.shift_id], visit_idx) for route in plan.routes]
    return solver.Solution(
        routes=tuple(sorted(routes, key=lambda route: route.shift)),
        unassigned=tuple(sorted(visit_idx[left.visit_id] for left in plan.unassigned)),
        cost=solver.CostBreakdown(),
    )


def _stranger_faults(translation: Translation, plan: Plan) -> Iterator[Fault]:
    """Report what a plan names and the problem does not have."""
    shifts = {shift.id: (technician.id, shift) for technician, shift in translation.shifts}
    visits = {visit.id for visit in translation.problem.visits}
    first_at: dict[str, str] = {}
    for pos, route in enumerate(plan.routes):
        path = field_path("routes", pos)
        for stop_pos, stop in enumerate(route.stops):
            if stop.visit_id not in visits:
                yield wrong(field_path(path, "stops", stop_pos, "visit_id"), stop.visit_id, "a visit of the problem")
        if route.shift_id not in shifts:
            yield wrong(field_path(path, "shift_id"), route.shift_id, "a shift of the problem")
            continue
        if route.shift_id in first_at:
            expected = f"a shift with one route; {first_at[route.shift_id]} has it too"
            yield wrong(field_path(path, "shift_id"), route.shift_id, expected)
        first_at.setdefault(route.shift_id, path)
        technician_id, shift = shifts[route.shift_id]
        if route.technician_id != technician_id:
            expected = f"{technician_id!r}, whose shift {route.shift_id!r} is"
            yield wrong(field_path(path, "technician_id"), route.technician_id, expected)
        if len(route.breaks) > len(shift.breaks):
            expected = f"at most {len(shift.breaks)}, the breaks of the shift"
            yield Fault(path=field_path(path, "breaks"), found=f"{len(route.breaks)} breaks", expected=expected)
    for pos, left in enumerate(plan.unassigned):
        if left.visit_id not in visits:
            yield wrong(field_path("unassigned", pos, "visit_id"), left.visit_id, "a visit of the problem")


def _route(translation: Translation, route: Route, shift_idx: int, visit_idx: dict[str, int]) -> solver.Route:
    """Translate one route as it claims to be."""
    return solver.Route(
        shift=shift_idx,
        departure=translation.second_of(route.departure),
        end=translation.second_of(route.end),
        stops=tuple(
            solver.Stop(
                visit=visit_idx[stop.visit_id],
                arrival=translation.second_of(stop.arrival),
                start=translation.second_of(stop.start),
                finish=translation.second_of(stop.finish),
                departure=translation.second_of(stop.departure),
                wait=_seconds(stop.wait),
                slack=_seconds(stop.slack),
            )
            for stop in route.stops
        ),
        breaks=_breaks(translation, route, is_underway=translation.instance.shifts[shift_idx].underway),
        travel_s=_seconds(route.travel),
        distance_m=route.distance,
        work_s=_seconds(route.work),
        overtime_s=_seconds(route.overtime),
        cost=solver.CostBreakdown(),
    )


def _breaks(translation: Translation, route: Route, *, is_underway: bool) -> tuple[solver.BreakTaken, ...]:
    """
    Translate the breaks.

    Those off the clock are before the day or after it, as their count of visits says; a day under way has no before.
    """
    taken = []
    for pos, pause in enumerate(route.breaks):
        leg = pause.after_visits
        if not pause.on_the_clock:
            leg = -1 if pause.after_visits == 0 and not is_underway else len(route.stops) + 1
        taken.append(solver.BreakTaken(break_pos=pos, leg=leg, start=translation.second_of(pause.start)))
    return tuple(taken)


def _seconds(duration: timedelta) -> int:
    """Count the whole seconds of a duration."""
    return duration // timedelta(seconds=1)
