"""Relaxed copies of an instance, in which unassigned visits may fit: longer shifts, and visits that ask for less."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from fieldops.errors import InvalidInput
from fieldops.solver.instance import MAX_VALUE, Instance, Shift, Visit
from fieldops.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE

#: Nobody is asked to stay longer than this after the hard end, seconds.
MOST_EXTRA_OVERTIME_S: Final = 3 * SECONDS_PER_HOUR
#: By how much windows are widened on both sides, one step after the other, seconds; the last step is the whole horizon.
#: An early start is found to the step: whoever would be free at 9:40 is asked for at 9:45.
WIDENING_STEPS_S: Final = tuple(minutes * SECONDS_PER_MINUTE for minutes in (15, 30, 45, 60, 90, 120, 180, 240, 480))


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """
    A copy of a visit that asks for less, in an instance that has both.

    Attributes
    ----------
    visit
        Index of the copy.
    widened_s
        By how much its windows are wider on either side, seconds; the horizon's length when they are all of it.
    """

    visit: int
    widened_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Variants:
    """
    Copies of visits behind the visits of an instance.

    Attributes
    ----------
    instance
        With the visits as they are, and the copies.
    widened
        Per visit index its copies with wider windows, by rising width.
    anybody
        Per visit index its copy that anybody may serve who is not forbidden to.
    """

    instance: Instance
    widened: Mapping[int, tuple[Variant, ...]]
    anybody: Mapping[int, Variant]


def with_longer_shifts(instance: Instance) -> Instance:
    """Let every shift last longer, though not into the technician's next one."""
    starts: dict[int, list[int]] = defaultdict(list)
    for shift in instance.shifts:
        starts[shift.technician].append(shift.earliest_start)
    longer = []
    for shift in instance.shifts:
        bounds = [start for start in starts[shift.technician] if start >= shift.hard_end]
        hard_end = min(shift.hard_end + MOST_EXTRA_OVERTIME_S, MAX_VALUE, *bounds)
        longer.append(replace(shift, hard_end=hard_end))
    return _replaced(instance, shifts=tuple(longer))


def with_variants(instance: Instance, visits: Iterable[int]) -> Variants:
    """Add copies of the visits that ask for less."""
    everything = list(instance.visits)
    widened: dict[int, tuple[Variant, ...]] = {}
    anybody: dict[int, Variant] = {}
    for idx in visits:
        visit = instance.visits[idx]
        copies, windows = [], visit.windows
        for step in (*WIDENING_STEPS_S, max(instance.horizon_s, visit.windows[-1][1])):
            wider = _widened(visit, step, instance.horizon_s)
            if wider == windows:
                continue
            windows = wider
            copies.append(Variant(visit=len(everything), widened_s=step))
            everything.append(replace(visit, windows=wider))
        widened[idx] = tuple(copies)
        if visit.allowed_technicians is not None or any(visit.required_levels):
            anybody[idx] = Variant(visit=len(everything))
            levels = (0,) * instance.num_skills
            everything.append(replace(visit, required_levels=levels, allowed_technicians=None))
    relaxed = _replaced(instance, visits=tuple(everything))
    if relaxed is instance:
        return Variants(instance=instance, widened={}, anybody={})
    return Variants(instance=relaxed, widened=widened, anybody=anybody)


def _replaced(instance: Instance, **changes: tuple[Shift, ...] | tuple[Visit, ...]) -> Instance:
    """Replace fields; give back the instance itself where that would pass the bound on what a plan may cost."""
    try:
        return replace(instance, **changes)  # type: ignore[arg-type]
    except InvalidInput:
        return instance


def _widened(visit: Visit, by_s: int, horizon_s: int) -> tuple[tuple[int, int], ...]:
    """Widen all windows, within the horizon, and join those that meet."""
    last = max(horizon_s, visit.windows[-1][1])
    wider = [(max(0, earliest - by_s), min(last, latest + by_s)) for earliest, latest in visit.windows]
    begins = [wider[0][0]]
    ends = []
    for (_, end), (begin, _) in pairwise(wider):
        if begin > end:
            ends.append(end)
            begins.append(begin)
    ends.append(wider[-1][1])
    return tuple(zip(begins, ends, strict=True))
