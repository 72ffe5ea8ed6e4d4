"""What a quote has to answer, by the executable definition of the time model: every place is scheduled and compared."""

from dataclasses import replace

import numpy as np

from fieldops.solver.instance import Instance, IntArray, Visit
from fieldops.solver.quote import Legs, Refusal, RunningRoute, Slot, Standing, Window
from fieldops.solver.schedule import schedule_route
from fieldops.solver.solution import Route


def judged_by_definition(
    idx: int, running: RunningRoute, visit: Visit, legs: Legs, window: Window, standing: Standing
) -> Slot | Refusal:
    """Judge one route in one window; the legs are those of this route alone."""
    if not standing.allowed:
        return Refusal.NOT_ALLOWED
    levels = zip(running.instance.technicians[0].skill_levels, visit.required_levels, strict=True)
    if any(held < least for held, least in levels):
        return Refusal.SKILL
    cut = tuple((max(a, window[0]), min(b, window[1])) for a, b in visit.windows if a <= window[1] and b >= window[0])
    if not cut:
        return Refusal.OUTSIDE_SHIFT
    # A second technician, who never works, stands for those the customer would rather see.
    wished = frozenset[int]() if standing.preferred else frozenset({1})
    widened = _widened(running.instance, replace(visit, windows=cut, preferred_technicians=wished), legs)
    has_route = running.order or running.instance.shifts[0].underway
    before = schedule_route(widened, 0, running.order) if has_route else None
    is_sound = before is None or isinstance(before, Route)
    slots = _slots(idx, widened, running.order, before) if is_sound else []
    if slots:
        return min(slots, key=lambda slot: (slot.cost, slot.position))
    if not _slots(idx, widened, (), None):
        return Refusal.OUTSIDE_SHIFT
    return Refusal.FULL if is_sound else Refusal.UNSOUND


def _slots(idx: int, widened: Instance, order: tuple[int, ...], before: object) -> list[Slot]:
    """Schedule the newcomer, which is the last visit, at every place."""
    newcomer, slots = len(widened.visits) - 1, []
    old_cost, old_travel_s = (before.cost.total, before.travel_s) if isinstance(before, Route) else (0, 0)
    for position in range(len(order) + 1):
        route = schedule_route(widened, 0, [*order[:position], newcomer, *order[position:]])
        if isinstance(route, Route):
            stop, cost = route.stops[position], type(route.cost.total)(route.cost.total - old_cost)
            extra_s = route.travel_s - old_travel_s
            slots.append(Slot(idx, position, cost, stop.start, stop.finish, stop.slack, extra_s))
    return slots


def _widened(instance: Instance, visit: Visit, legs: Legs) -> Instance:
    """Copy an instance with one more place, one more visit at it, and a second technician."""
    places = instance.num_places

    def grown(matrix: IntArray, to_visit: IntArray, from_visit: IntArray) -> IntArray:
        larger = np.zeros((len(matrix), places + 1, places + 1), np.int32)
        larger[:, :places, :places] = matrix
        larger[:, :places, places] = to_visit
        larger[:, places, :places] = from_visit
        return larger

    return replace(
        instance,
        travel_s=grown(instance.travel_s, legs.to_visit_s, legs.from_visit_s),
        distance_m=grown(instance.distance_m, legs.to_visit_m, legs.from_visit_m),
        technicians=instance.technicians * 2,
        visits=(*instance.visits, replace(visit, place=places)),
    )
