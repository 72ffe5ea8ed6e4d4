"""
Random solver input for property tests: small, with every rule of the time model in play.

Days are 120 "seconds" long and drives take up to 12, so that bounds are met exactly and rules collide often. Matrices
are directed and break the triangle inequality; driving from a place to itself may even take time.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from fieldops.errors import InvalidInput
from fieldops.solver.instance import Break, Instance, Shift, Technician, Visit

LAST_S = 120
NUM_SKILLS = 2


def _maybe(values: st.SearchStrategy[int]) -> st.SearchStrategy[int | None]:
    return st.none() | values


@st.composite
def windows(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    """One wide window, or up to three that are sorted and disjoint."""
    if draw(st.booleans()):
        return ((draw(st.integers(0, 30)), draw(st.integers(60, LAST_S))),)
    bounds = sorted(draw(st.sets(st.integers(0, LAST_S), min_size=2, max_size=6)))
    return tuple(zip(bounds[0::2], bounds[1::2], strict=False))


@st.composite
def intervals(draw: st.DrawFn) -> tuple[int, int]:
    """An interval of the day, possibly a single instant, possibly before the horizon."""
    earliest = draw(st.integers(-10, LAST_S))
    return earliest, earliest + draw(st.integers(0, 40))


@st.composite
def visits(draw: st.DrawFn, *, num_places: int, num_technicians: int) -> Visit:
    """A visit with any of the rules and costs a visit can have."""
    people = st.frozensets(st.integers(0, num_technicians - 1))
    restricted = draw(st.integers(0, 5)) == 0
    return Visit(
        place=draw(st.integers(0, num_places - 1)),
        service_s=draw(st.integers(0, 15)),
        windows=draw(windows()),
        promised_latest=draw(_maybe(st.integers(-5, LAST_S))),
        lateness_cents_per_minute=draw(st.integers(0, 3)),
        preferred=draw(st.none() | intervals()),
        preferred_miss_cents=draw(st.integers(0, 2)),
        due=draw(_maybe(st.integers(-5, LAST_S + 20))),
        due_cents_per_hour=draw(st.integers(0, 100)),
        required_levels=tuple(draw(st.integers(0, 2)) if restricted else 0 for _ in range(NUM_SKILLS)),
        allowed_technicians=draw(people) if restricted and draw(st.booleans()) else None,
        forbidden_technicians=draw(people) if restricted else frozenset(),
        preferred_technicians=draw(people),
        other_technician_cents=draw(st.integers(0, 2)),
        baseline_technician=draw(_maybe(st.integers(0, num_technicians - 1))),
        reassigned_cents=draw(st.integers(0, 2)),
        told=draw(st.none() | intervals()),
        told_miss_cents=draw(st.integers(0, 2)),
        unassigned_cents=draw(st.integers(0, 50)),
        mandatory=draw(st.booleans()),
        sequence=draw(_maybe(st.integers(0, 2))) if draw(st.booleans()) else None,
        load=draw(st.integers(0, 3)),
    )


@st.composite
def break_lists(draw: st.DrawFn, *, num_places: int, max_breaks: int) -> tuple[Break, ...]:
    """Floating, fixed and placed breaks that can be taken one after the other."""
    breaks: list[Break] = []
    free_from = 0
    for _ in range(draw(st.integers(0, max_breaks))):
        kind = draw(st.sampled_from(["floating", "floating", "fixed", "placed"]))
        earliest = draw(st.integers(max(0, free_from - 10), free_from + 50))
        width = draw(st.integers(0, 40)) if kind == "floating" else 0
        latest = max(earliest + width, free_from)
        pause = Break(
            earliest=earliest if kind == "floating" else latest,
            latest=latest,
            duration=draw(st.integers(1, 15)),
            place=draw(st.integers(0, num_places - 1)) if kind == "placed" else None,
            paid=draw(st.booleans()),
        )
        breaks.append(pause)
        free_from = max(free_from, pause.earliest) + pause.duration
    return tuple(breaks)


@st.composite
def shifts(draw: st.DrawFn, *, num_places: int, technician: int, num_profiles: int, max_breaks: int) -> Shift:
    """A shift with any of the rules and rates a shift can have."""
    earliest_start = draw(st.integers(0, 30))
    regular_end = draw(st.integers(earliest_start, LAST_S))
    is_capped = draw(st.integers(0, 3)) == 0
    return Shift(
        technician=technician,
        start_place=draw(st.integers(0, num_places - 1)),
        end_place=draw(_maybe(st.integers(0, num_places - 1))),
        earliest_start=earliest_start,
        regular_end=regular_end,
        hard_end=draw(st.integers(max(regular_end, 60), LAST_S + 40)),
        breaks=draw(break_lists(num_places=num_places, max_breaks=max_breaks)),
        profile=draw(st.integers(0, num_profiles - 1)),
        cost_per_work_hour=draw(st.sampled_from([0, 30])),
        cost_per_overtime_hour=draw(st.sampled_from([0, 45])),
        cost_per_travel_hour=draw(st.integers(0, 60)),
        cost_per_km=draw(st.integers(0, 20)),
        fixed_cost=draw(st.integers(0, 3)),
        max_visits=draw(st.integers(0, 5)) if is_capped else None,
        max_travel_s=draw(_maybe(st.integers(0, 60))) if is_capped else None,
        max_work_s=draw(_maybe(st.integers(20, LAST_S))) if is_capped else None,
        load_capacity=draw(_maybe(st.integers(0, 10))) if is_capped else None,
    )


def _under_way(instance: Instance, wanted: Sequence[bool]) -> Instance:
    """Put the shifts under way that are wanted, as far as they have a way home that keeps every rule."""
    for pos, shift in enumerate(instance.shifts):
        if not wanted[pos]:
            continue
        begun = replace(shift, underway=True)
        try:
            instance = replace(instance, shifts=(*instance.shifts[:pos], begun, *instance.shifts[pos + 1 :]))
        except InvalidInput:
            continue
    return instance


@st.composite
def instances(
    draw: st.DrawFn, *, min_visits: int = 1, max_visits: int = 5, max_shifts: int = 2, max_breaks: int = 3
) -> Instance:
    """A small instance."""
    num_places, num_profiles = draw(st.integers(1, 4)), draw(st.integers(1, 2))
    num_shifts, num_visits = draw(st.integers(1, max_shifts)), draw(st.integers(min_visits, max_visits))
    cells = num_profiles * num_places**2
    travel = draw(st.lists(st.integers(0, 12), min_size=cells, max_size=cells))
    travel_s = np.array(travel, dtype=np.int32).reshape(num_profiles, num_places, num_places)
    levels = st.tuples(*[st.integers(0, 2)] * NUM_SKILLS)
    instance = Instance(
        horizon_s=LAST_S + 40,
        travel_s=travel_s,
        # Roads are neither as long as they take time nor shorter than nothing.
        distance_m=(travel_s * 7) % np.int32(31),
        technicians=tuple(
            Technician(skill_levels=draw(levels), duration_permille=draw(st.sampled_from([1_000, 850, 1_300])))
            for _ in range(num_shifts)
        ),
        shifts=tuple(
            draw(shifts(num_places=num_places, technician=who, num_profiles=num_profiles, max_breaks=max_breaks))
            for who in range(num_shifts)
        ),
        visits=tuple(draw(visits(num_places=num_places, num_technicians=num_shifts)) for _ in range(num_visits)),
    )
    begun = draw(st.lists(st.sampled_from([False, False, True]), min_size=num_shifts, max_size=num_shifts))
    return _under_way(instance, begun) if any(begun) else instance


@st.composite
def instances_with_order(
    draw: st.DrawFn, *, max_visits: int = 5, max_breaks: int = 3, may_be_idle: bool = False
) -> tuple[Instance, tuple[int, ...]]:
    """An instance of one shift, and some of its visits in any order; none where that is a route and may be."""
    instance = draw(instances(max_visits=max_visits, max_shifts=1, max_breaks=max_breaks))
    everybody = draw(st.permutations(range(len(instance.visits))))
    least = 0 if may_be_idle and instance.shifts[0].underway else 1
    return instance, tuple(everybody[: draw(st.integers(least, len(everybody)))])


@st.composite
def instances_with_routes(draw: st.DrawFn, *, max_visits: int = 5) -> tuple[Instance, dict[int, tuple[int, ...]]]:
    """An instance, and some of its visits in any order on each of its shifts."""
    instance = draw(instances(max_visits=max_visits))
    rest = tuple(draw(st.permutations(range(len(instance.visits)))))
    routes: dict[int, tuple[int, ...]] = {}
    for shift in range(len(instance.shifts)):
        count = draw(st.integers(0, len(rest)))
        routes[shift], rest = rest[:count], rest[count:]
    return instance, routes
