"""Doing what a repair says: relax the instance by just that, insert the visit, let the referee look."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from asserts import assert_feasible
from fieldops.solver.instance import Instance, Visit
from fieldops.solver.repair import Repair
from fieldops.solver.schedule import schedule_solution
from fieldops.solver.solution import Solution


def assert_repair_works(
    instance: Instance, orders: Mapping[int, Sequence[int]], visit: int, repair: Repair
) -> Solution:
    """Fail unless the repair, applied, gives a sound plan with the start and the cost it states; return that plan."""
    before = schedule_solution(instance, orders)
    relaxed = relaxed_for(instance, visit, repair)
    after = schedule_solution(relaxed, {**orders, repair.shift: repair.visits})

    assert isinstance(before, Solution)
    assert isinstance(after, Solution), after
    assert_feasible(relaxed, after)
    starts = [stop.start for route in after.routes for stop in route.stops if stop.visit == visit]
    assert starts == [repair.start]
    assert after.cost.total - before.cost.total == repair.cost
    assert {*after.unassigned} == {*before.unassigned, *repair.displaces} - {visit}
    return after


def relaxed_for(instance: Instance, visit: int, repair: Repair) -> Instance:
    """Relax an instance by exactly what a repair names."""
    shifts, visits = list(instance.shifts), list(instance.visits)
    shift, wanted = shifts[repair.shift], visits[visit]
    shifts[repair.shift] = replace(shift, hard_end=shift.hard_end + repair.extra_overtime_s)
    held = instance.technicians[shift.technician].skill_levels
    levels = tuple(
        min(least, level) if skill in repair.missing_skills else least
        for skill, (least, level) in enumerate(zip(wanted.required_levels, held, strict=True))
    )
    allowed = wanted.allowed_technicians
    if repair.needs_permission:
        assert allowed is not None
        allowed |= {shift.technician}
    visits[visit] = replace(
        wanted,
        windows=_windows_with(wanted, repair.start) if repair.window_shift_s else wanted.windows,
        required_levels=levels,
        allowed_technicians=allowed,
    )
    return replace(instance, shifts=tuple(shifts), visits=tuple(visits))


def _windows_with(visit: Visit, start: int) -> tuple[tuple[int, int], ...]:
    """Widen the nearest window until it holds the start."""
    nearest = min(visit.windows, key=lambda window: abs(start - min(max(start, window[0]), window[1])))
    wider = (min(nearest[0], start), max(nearest[1], start))
    return tuple(wider if window == nearest else window for window in visit.windows)
