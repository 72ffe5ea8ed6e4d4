"""
One day done as early as possible under one placement of its breaks: the movements of docs/concepts.md, without choices.

What is chosen (which placement, which departure) and what it costs is `fieldops.solver.schedule`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, pairwise

from fieldops.solver.instance import Break, Instance, Shift, Visit
from fieldops.solver.solution import Violation, ViolationCode

#: For every break of the shift the leg it is taken on; -1 = before leaving, one more than the last leg = after the day.
Placement = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """
    A shift and the visits of its route, in serving order.

    Attributes
    ----------
    order
        Visit indices.
    services
        Service durations of this technician, seconds.
    places
        Leg ``i`` leads from ``places[i]`` to ``places[i + 1]``; the last is None when the end is open.
    """

    instance: Instance
    shift_idx: int
    shift: Shift
    order: tuple[int, ...]
    visits: tuple[Visit, ...]
    services: tuple[int, ...]
    places: tuple[int | None, ...]

    @property
    def after(self) -> int:
        """The leg number that stands for "after the day"."""
        return len(self.order) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One leg as driven; `departure` and `arrival` are the first and the last moment of driving."""

    departure: int
    arrival: int
    ready: int
    break_starts: tuple[int, ...]
    travel_s: int
    distance_m: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTimes:
    """What happens when on a day whose breaks are placed and whose departure is set."""

    placement: Placement
    departure: int
    legs: tuple[Leg, ...]
    starts: tuple[int, ...]
    finishes: tuple[int, ...]
    end: int
    break_starts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """How many stops a placement serves before it breaks a rule, and the rule."""

    served: int
    violation: Violation


def make_day(instance: Instance, shift_idx: int, order: Sequence[int]) -> Day:
    """Gather what the simulation of a route looks up."""
    shift = instance.shifts[shift_idx]
    visits = tuple(instance.visits[visit] for visit in order)
    return Day(
        instance=instance,
        shift_idx=shift_idx,
        shift=shift,
        order=tuple(order),
        visits=visits,
        services=tuple(instance.service_duration(shift.technician, visit) for visit in order),
        places=(shift.start_place, *(visit.place for visit in visits), shift.end_place),
    )


def placements(day: Day) -> Iterator[Placement]:
    """
    List every placement in which the breaks keep their order and those with a place are on a leg.

    Nobody is off the clock before a day that is under way.
    """
    breaks = day.shift.breaks
    earliest = 0 if day.shift.underway else -1
    for placement in combinations_with_replacement(range(earliest, day.after + 1), len(breaks)):
        if all(pause.place is None or 0 <= leg < day.after for pause, leg in zip(breaks, placement, strict=True)):
            yield placement


def breaks_on(day: Day, placement: Placement, leg: int) -> list[tuple[int, Break]]:
    """List the breaks of one leg with their positions in the shift, in order."""
    if leg not in placement:
        return []
    return [numbered for numbered, on in zip(enumerate(day.shift.breaks), placement, strict=True) if on == leg]


def simulate(day: Day, placement: Placement, departure: int | None = None) -> DayTimes | Stuck:
    """
    Do everything as early as possible.

    Parameters
    ----------
    departure
        When the technician leaves, not before the breaks before leaving are over; None = as early as possible.
    """
    served = len(day.order)
    clock = day.shift.earliest_start
    before = _pauses(day, placement, -1, 0)
    if isinstance(before, Violation):
        return Stuck(served=0, violation=before)
    for (_, pause), pause_start in zip(breaks_on(day, placement, -1), before, strict=True):
        clock = max(clock, pause_start + pause.duration)
    clock = leave = clock if departure is None else departure

    legs: list[Leg] = []
    starts: list[int] = []
    finishes: list[int] = []
    for pos, visit in enumerate(day.visits):
        leg = drive(day, placement, pos, clock)
        if isinstance(leg, Violation):
            return Stuck(served=pos, violation=leg)
        start = first_start(visit, leg.ready)
        if start is None:
            return Stuck(served=pos, violation=_window_missed(day, pos, leg.ready))
        clock = start + day.services[pos]
        legs.append(leg)
        starts.append(start)
        finishes.append(clock)

    home = drive(day, placement, served, clock)
    if isinstance(home, Violation):
        return Stuck(served=served, violation=home)
    legs.append(home)
    if home.ready > day.shift.hard_end:
        return Stuck(served=served, violation=_hard_end_passed(day, home.ready))
    after = _pauses(day, placement, day.after, home.ready)
    if isinstance(after, Violation):
        return Stuck(served=served, violation=after)
    return DayTimes(
        placement=placement,
        departure=leave,
        legs=tuple(legs),
        starts=tuple(starts),
        finishes=tuple(finishes),
        end=home.ready,
        break_starts=(*before, *(pause_start for leg in legs for pause_start in leg.break_starts), *after),
    )


def drive(day: Day, placement: Placement, leg: int, clock: int) -> Leg | Violation:
    """Drive one leg, a chain of parts between its breaks with a place, from `clock` on."""
    breaks = breaks_on(day, placement, leg)
    chain = [day.places[leg], *(pause.place for _, pause in breaks if pause.place is not None), day.places[leg + 1]]
    parts = [_travel(day, here, there) for here, there in pairwise(chain)]
    upcoming = iter(parts)
    remaining, _ = next(upcoming)
    departure: int | None = None
    arrival = clock
    break_starts: list[int] = []
    for pos, pause in breaks:
        start = max(clock, pause.earliest)
        driven = min(remaining, start - clock)
        if driven > 0:
            departure = clock if departure is None else departure
            arrival = clock + driven
            remaining -= driven
        # Whoever is still driving to the place of a break is as late for it as he has to drive.
        late = start - pause.latest + (0 if pause.place is None else remaining)
        if late > 0:
            return _break_missed(day, pos, late)
        if pause.place is not None:
            remaining, _ = next(upcoming)
        break_starts.append(start)
        clock = start + pause.duration
    if remaining > 0:
        departure = clock if departure is None else departure
        arrival = clock + remaining
    return Leg(
        departure=arrival if departure is None else departure,
        arrival=arrival,
        ready=clock + remaining,
        break_starts=tuple(break_starts),
        travel_s=sum(travel_s for travel_s, _ in parts),
        distance_m=sum(distance_m for _, distance_m in parts),
    )


def leave_by(day: Day, placement: Placement, leg: int, ready_by: int) -> int:
    """
    Find the latest instant at which a leg may begin so that its breaks are in time and it is done by `ready_by`.

    Notes
    -----
    Asks for a leg that can be done by then when it begins early enough: what its breaks impose by their own times is
    not looked at again. From the first break with a place on, nothing depends on when the leg began.
    """
    here, there, breaks = day.places[leg], day.places[leg + 1], []
    for _, pause in breaks_on(day, placement, leg):
        if pause.place is not None:
            there, ready_by = pause.place, pause.earliest
            break
        breaks.append(pause)
    travel_s, _ = _travel(day, here, there)
    begin_by = ready_by
    for pause in reversed(breaks):
        begin_by = min(pause.latest, begin_by - pause.duration)
    return min(begin_by, ready_by - travel_s - sum(pause.duration for pause in breaks))


def first_start(visit: Visit, ready: int) -> int | None:
    """Find the earliest instant inside a window at or after `ready`."""
    return next((max(ready, earliest) for earliest, latest in visit.windows if ready <= latest), None)


def last_start(visit: Visit, bound: int) -> int:
    """Find the latest instant inside a window at or before `bound`, which is not before the first window."""
    return max(min(bound, latest) for earliest, latest in visit.windows if earliest <= bound)


def violation(day: Day, code: ViolationCode, message: str, amount: int, visit: int | None = None) -> Violation:
    """Blame the route of this day, or one of its visits."""
    return Violation(code=code, message=message, shift=day.shift_idx, visit=visit, amount=amount)


def _pauses(day: Day, placement: Placement, leg: int, clock: int) -> tuple[int, ...] | Violation:
    """Take the breaks off the clock, before leaving or after the day, one after the other from `clock` on."""
    free, starts = clock, []
    for pos, pause in breaks_on(day, placement, leg):
        start = max(free, pause.earliest)
        # After the day only its end counts: whoever is home in time takes the rest on his own time.
        late = (clock if leg == day.after else start) - pause.latest
        if late > 0:
            return _break_missed(day, pos, late)
        starts.append(start)
        free = start + pause.duration
    return tuple(starts)


def _travel(day: Day, here: int | None, there: int | None) -> tuple[int, int]:
    if here is None or there is None:
        return 0, 0
    profile = day.shift.profile
    return int(day.instance.travel_s[profile, here, there]), int(day.instance.distance_m[profile, here, there])


def _break_missed(day: Day, pos: int, late: int) -> Violation:
    message = f"break {pos} would begin {late} s too late"
    return Violation(code=ViolationCode.BREAK, message=message, shift=day.shift_idx, break_pos=pos, amount=late)


def _window_missed(day: Day, pos: int, ready: int) -> Violation:
    late = ready - day.visits[pos].windows[-1][1]
    message = f"the technician is ready {late} s after the last window of visit {day.order[pos]}"
    return violation(day, ViolationCode.WINDOW, message, late, day.order[pos])


def _hard_end_passed(day: Day, end: int) -> Violation:
    late = end - day.shift.hard_end
    return violation(day, ViolationCode.HARD_END, f"the day ends {late} s after the hard end", late)
