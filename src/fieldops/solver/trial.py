"""
A route tried out as somebody wants it, whatever it breaks: its times, and every hard rule broken, with its amount.

Same time model as everything else. A route that keeps the rules gets the schedule it always gets. One that does not is
driven under the placement of its breaks that has to be excused least: who comes after the last window serves
nevertheless, a break that is missed is taken late, a day that is too long ends late. What that breaks is for the
referee to say (`fieldops.solver.checker`).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from math import comb
from typing import Final

import numpy as np

from fieldops.solver.checker import check
from fieldops.solver.evaluate import Evaluator
from fieldops.solver.instance import MAX_VALUE, Instance, Technician, Visit
from fieldops.solver.schedule import assemble
from fieldops.solver.simulation import Day, Placement, Stuck, make_day, placements, simulate
from fieldops.solver.solution import Route, Violation, ViolationCode

#: What the referee says besides is about figures, and those are ours.
_FIGURES: Final = frozenset({ViolationCode.TIMING, ViolationCode.COST})
#: Of more placements than these, breaks are placed one after the other: good, and not always least.
MOST_PLACEMENTS: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """
    A route as it would be driven.

    Attributes
    ----------
    route
        With exact times and costs. The slacks of a route that breaks a rule are those it would have if that, and as
        much of it, were allowed.
    violations
        Every hard rule it breaks; none means that the route is feasible, and then it is the one the evaluator gives.
    """

    route: Route
    violations: tuple[Violation, ...]


def try_route(instance: Instance, shift: int, visits: Sequence[int]) -> Trial:
    """
    Try a route out.

    Parameters
    ----------
    visits
        Visit indices in serving order, none of them twice; at least one, unless the shift is under way.

    Raises
    ------
    ValueError
        When there is no visit where one is needed, or one of them twice.

    Notes
    -----
    O(stops) when the route keeps the rules, else O(stops) for each placement of its breaks; of more than
    `MOST_PLACEMENTS` not all are tried.
    """
    if len(set(visits)) < len(visits) or not (visits or instance.shifts[shift].underway):
        raise ValueError(f"a route serves at least one visit, and each of them once: {list(visits)}")
    alone = _alone(instance, shift, visits)
    order = range(len(visits))
    route = Evaluator(alone).route(0, order)
    if route is not None:
        return Trial(route=_renumbered(route, shift, visits), violations=())
    excused = _excused(alone)
    route = Evaluator(excused).route(0, order)
    assert route is not None, "an excused route breaks no rule"
    violations = [
        replace(found, shift=shift, visit=None if found.visit is None else visits[found.visit])
        for found in check(alone, assemble(alone, [route]))
        if found.code not in _FIGURES
    ]
    assert violations, "a route that breaks no rule can be scheduled"
    return Trial(route=_renumbered(route, shift, visits), violations=tuple(violations))


def _renumbered(route: Route, shift: int, visits: Sequence[int]) -> Route:
    """Number a route of the small instance as the large one does."""
    stops = tuple(replace(stop, visit=visits[stop.visit]) for stop in route.stops)
    return replace(route, shift=shift, stops=stops)


def _alone(instance: Instance, shift: int, visits: Sequence[int]) -> Instance:
    """Cut an instance down to one route: its technician is number 0, and 1 stands for everybody else."""
    own = instance.shifts[shift]
    stops = [instance.visits[visit] for visit in visits]
    named = [own.start_place, own.end_place, *(stop.place for stop in stops), *(pause.place for pause in own.breaks)]
    places = sorted({place for place in named if place is not None})
    number = {place: idx for idx, place in enumerate(places)}
    cells = np.ix_(range(instance.travel_s.shape[0]), places, places)
    nobody = Technician(skill_levels=(0,) * instance.num_skills)

    def people(who: Collection[int]) -> frozenset[int]:
        return frozenset(0 if person == own.technician else 1 for person in who)

    def own_visit(visit: Visit) -> Visit:
        return replace(
            visit,
            place=number[visit.place],
            allowed_technicians=None if visit.allowed_technicians is None else people(visit.allowed_technicians),
            forbidden_technicians=people(visit.forbidden_technicians) & {0},
            preferred_technicians=people(visit.preferred_technicians),
            baseline_technician=None if visit.baseline_technician is None else min(people({visit.baseline_technician})),
        )

    breaks = [replace(it, place=None if it.place is None else number[it.place]) for it in own.breaks]
    return replace(
        instance,
        travel_s=np.ascontiguousarray(instance.travel_s[cells]),
        distance_m=np.ascontiguousarray(instance.distance_m[cells]),
        technicians=(instance.technicians[own.technician], nobody),
        shifts=(
            replace(
                own,
                technician=0,
                start_place=number[own.start_place],
                end_place=None if own.end_place is None else number[own.end_place],
                breaks=tuple(breaks),
            ),
        ),
        visits=tuple(own_visit(stop) for stop in stops),
    )


def _excused(alone: Instance) -> Instance:
    """Allow a route what it takes: everything about people and caps, and of the times as little as possible."""
    shift = alone.shifts[0]
    # Whoever's work is capped leaves as late as possible, also when the cap is broken.
    free = replace(
        shift,
        max_visits=None,
        max_travel_s=None,
        max_work_s=None if shift.max_work_s is None else MAX_VALUE,
        load_capacity=None,
    )
    anyone = tuple(
        replace(
            visit,
            required_levels=(0,) * alone.num_skills,
            allowed_technicians=None,
            forbidden_technicians=frozenset(),
            sequence=None,
        )
        for visit in alone.visits
    )
    loose = replace(alone, shifts=(free,), visits=anyone)
    day = make_day(loose, 0, range(len(anyone)))
    least: int | None = None
    chosen = day
    for placement in _tried_placements(day):
        found = _excused_times(day, placement, least)
        if found is not None:
            least, chosen = found
    return replace(loose, shifts=(chosen.shift,), visits=chosen.visits)


def _tried_placements(day: Day) -> Iterable[Placement]:
    """List all placements of the breaks or, where they are too many, the one that is best break by break."""
    breaks = day.shift.breaks
    num_legs = day.after + (1 if day.shift.underway else 2)
    if comb(num_legs + len(breaks) - 1, len(breaks)) <= MOST_PLACEMENTS:
        return placements(day)
    chosen: Placement = ()
    for count, pause in enumerate(breaks, start=1):
        part = replace(day, shift=replace(day.shift, breaks=breaks[:count]))
        first = chosen[-1] if chosen else day.after + 1 - num_legs
        # Behind the day there is no way to a place.
        is_bound = any(later.place is not None for later in breaks[count - 1 :])
        legs = range(max(first, 0) if pause.place is not None else first, day.after + (0 if is_bound else 1))
        chosen = min(((*chosen, leg) for leg in legs), key=lambda tried: _seconds(part, tried))
    return [chosen]


def _seconds(day: Day, placement: Placement) -> int:
    """Count the seconds that have to be allowed a day under one placement."""
    found = _excused_times(day, placement, None)
    assert found is not None, "without a bound there is always an answer"
    return found[0]


def _excused_times(day: Day, placement: Placement, below: int | None) -> tuple[int, Day] | None:
    """
    Allow a day under one placement whatever it is late for.

    Returns
    -------
    tuple[int, Day] | None
        The seconds that had to be allowed, and the day that allows them; None when they are not fewer than `below`.
    """
    seconds = 0
    while isinstance(outcome := simulate(day, placement), Stuck):
        seconds += outcome.violation.amount
        if below is not None and seconds >= below:
            return None
        day = _allowing(day, outcome.violation)
    return seconds, day


def _allowing(day: Day, broken: Violation) -> Day:
    """Allow a day what one violation is late by."""
    late, shift = broken.amount, day.shift
    if broken.code is ViolationCode.HARD_END:
        return replace(day, shift=replace(shift, hard_end=shift.hard_end + late))
    if broken.code is ViolationCode.WINDOW:
        assert broken.visit is not None, "a window is missed at a visit"
        visit = day.visits[broken.visit]
        earliest, latest = visit.windows[-1]
        later = replace(visit, windows=(*visit.windows[:-1], (earliest, latest + late)))
        return replace(day, visits=(*day.visits[: broken.visit], later, *day.visits[broken.visit + 1 :]))
    pos = broken.break_pos
    assert pos is not None, f"a time is missed that nobody named: {broken.code}"
    pause = shift.breaks[pos]
    earliest = pause.earliest if pause.place is None else pause.earliest + late
    later_pause = replace(pause, earliest=earliest, latest=pause.latest + late)
    return replace(day, shift=replace(shift, breaks=(*shift.breaks[:pos], later_pause, *shift.breaks[pos + 1 :])))
