"""
The referee's replay of a timetable: how its legs must have been driven, and which later starts would have worked.

Half of `fieldops.solver.checker`; shares no code with the schedule or the compiled core.
"""

from dataclasses import dataclass

from fieldops.solver.instance import Break, Instance, Visit
from fieldops.solver.solution import Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Ride:
    """
    One leg as it must have been driven, given the instants the timetable claims.

    Attributes
    ----------
    departure, arrival
        First and last instant of driving; the begin of the leg when there is nothing to drive.
    ready
        When driving and breaks are over.
    travel_s, distance_m
        Driven.
    short_s
        Seconds of driving still missing when a break with a place began, all such breaks together.
    """

    departure: int
    arrival: int
    ready: int
    travel_s: int
    distance_m: int
    short_s: int


def ride(instance: Instance, route: Route, leg: int) -> Ride:
    """
    Replay one leg: from the claimed departure on, he drives whenever he is on no break and not waiting for one.

    The timetable does not say when he sets off on leg 0, so he does at once.
    """
    begin = begin_of(route, leg)
    set_off = begin if leg == 0 else max(begin, route.stops[leg - 1].departure)
    hops = _hops(instance, route, leg)
    to_drive = [seconds for seconds, _ in hops]
    drives: list[tuple[int, int]] = []
    free_from, hop, short_s = begin, 0, 0
    for pause, start in pauses(instance, route, leg):
        moving = max(free_from, set_off)
        driven = min(to_drive[hop], max(0, start - moving))
        drives.append((moving, driven))
        to_drive[hop] -= driven
        if pause.place is not None:
            short_s += to_drive[hop]
            hop += 1
        free_from = max(free_from, start + pause.duration)
    drives.append((max(free_from, set_off), to_drive[hop]))
    real = [(moving, driven) for moving, driven in drives if driven > 0]
    arrival = sum(real[-1]) if real else begin
    return Ride(
        departure=real[0][0] if real else begin,
        arrival=arrival,
        ready=max(free_from, arrival),
        travel_s=sum(seconds for seconds, _ in hops),
        distance_m=sum(meters for _, meters in hops),
        short_s=short_s,
    )


def begin_of(route: Route, leg: int) -> int:
    """When a leg begins: the departure of the route, or the finish of the stop before."""
    return route.departure if leg == 0 else route.stops[leg - 1].finish


def pauses(instance: Instance, route: Route, leg: int) -> list[tuple[Break, int]]:
    """List the breaks claimed for one leg, each with its claimed start."""
    breaks = instance.shifts[route.shift].breaks
    return [(breaks[taken.break_pos], taken.start) for taken in route.breaks if taken.leg == leg]


def unpaid_s(instance: Instance, route: Route) -> int:
    """Sum the unpaid breaks between departure and end."""
    on_the_clock = [pause for leg in range(len(route.stops) + 1) for pause, _ in pauses(instance, route, leg)]
    return sum(pause.duration for pause in on_the_clock if not pause.paid)


def service_s(instance: Instance, route: Route, visit: int) -> int:
    """Seconds the technician of a route needs for a visit: scaled, and rounded half up."""
    permille = instance.technicians[instance.shifts[route.shift].technician].duration_permille
    whole, rest = divmod(instance.visits[visit].service_s * permille, 1_000)
    return whole + 1 if rest >= 500 else whole


def possible_start(visit: Visit, ready: int) -> int | None:
    """Find the earliest start allowed at or after an instant."""
    starts = [ready if earliest <= ready else earliest for earliest, latest in visit.windows if latest >= ready]
    return min(starts, default=None)


def is_possible_from(instance: Instance, route: Route, pos: int, start: int) -> bool:
    """Whether the rest of the day, its breaks where they are, can be done when the stop at `pos` starts at `start`."""
    clock = start + service_s(instance, route, route.stops[pos].visit)
    for leg in range(pos + 1, len(route.stops) + 1):
        ready = _ready(instance, route, leg, clock)
        if ready is None:
            return False
        if leg == len(route.stops):
            return ready <= _latest_end(instance, route)
        visit = route.stops[leg].visit
        next_start = possible_start(instance.visits[visit], ready)
        if next_start is None:
            return False
        clock = next_start + service_s(instance, route, visit)
    raise AssertionError("every route has a last leg")


def _ready(instance: Instance, route: Route, leg: int, begin: int) -> int | None:
    """Find when a leg begun at `begin` is done at the earliest; None when one of its breaks is then missed."""
    hops = iter(_hops(instance, route, leg))
    free, done = begin, begin + next(hops)[0]
    for pause, _ in pauses(instance, route, leg):
        if max(free, done if pause.place is not None else free) > pause.latest:
            return None
        free = max(free, pause.earliest) + pause.duration
        # Time up to the break is spent driving, so only what it cannot hold is left for after the break.
        done = max(done, pause.earliest) + pause.duration
        if pause.place is not None:
            done = free + next(hops)[0]
    return done


def _latest_end(instance: Instance, route: Route) -> int:
    shift = instance.shifts[route.shift]
    owed_before = [pause.latest for pause, _ in pauses(instance, route, len(route.stops) + 1)]
    if shift.max_work_s is not None:
        owed_before.append(route.departure + shift.max_work_s + unpaid_s(instance, route))
    return min([shift.hard_end, *owed_before])


def _hops(instance: Instance, route: Route, leg: int) -> list[tuple[int, int]]:
    """List seconds and meters of the drives of one leg: to each of its breaks with a place, and on to its end."""
    shift = instance.shifts[route.shift]
    here = shift.start_place if leg == 0 else instance.visits[route.stops[leg - 1].visit].place
    goals = [pause.place for pause, _ in pauses(instance, route, leg) if pause.place is not None]
    is_last = leg == len(route.stops)
    last = shift.end_place if is_last else instance.visits[route.stops[leg].visit].place
    hops = []
    for there in goals if last is None else [*goals, last]:
        cell = (shift.profile, here, there)
        hops.append((int(instance.travel_s[cell]), int(instance.distance_m[cell])))
        here = there
    # An open end: whatever came last, there is nowhere left to drive.
    return [*hops, (0, 0)] if last is None else hops
