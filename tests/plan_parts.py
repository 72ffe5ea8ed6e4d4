"""
Parts of plans made by hand, and a small simulator that turns an order of visits into a route, without the solver.

The simulator drives, waits for the window's beginning, serves, and takes a break where it is told to. It searches for
nothing and checks nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from fieldops.domain.plan import BreakTaken, Kpis, Plan, Route, SearchFacts, Stop, UnassignedVisit
from fieldops.domain.problem import Break, Place, Problem, Shift, Technician, TimeWindow, Visit
from fieldops.units import Cents, Meters

ZONE = ZoneInfo("America/New_York")
DAY = date(2026, 11, 12)
DEPOT = Place(id="depot", latitude=38.9072, longitude=-77.0369, address="1 Depot Road, Washington")


def at(clock: str, day: date = DAY, zone: ZoneInfo = ZONE) -> datetime:
    """Return the UTC instant of a local ``HH:MM``."""
    hour, minute = (int(part) for part in clock.split(":"))
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).astimezone(UTC)


def window(earliest: str, latest: str, day: date = DAY) -> TimeWindow:
    """Return a window between two local ``HH:MM``."""
    return TimeWindow(at(earliest, day), at(latest, day))


def minutes(count: float) -> timedelta:
    """Return a duration in minutes."""
    return timedelta(minutes=count)


def make_shift(shift_id: str = "day", day: date = DAY, **changes: object) -> Shift:
    """Return a shift from 08:00 to 16:00 with two hours of overtime allowed, from and to the depot."""
    shift = Shift(
        id=shift_id,
        start=at("08:00", day),
        end=at("16:00", day),
        hard_end=at("18:00", day),
        start_place_id="depot",
        end_place_id="depot",
    )
    return replace(shift, **changes)  # type: ignore[arg-type]


def make_stop(visit_id: str, start: str, finish: str, **changes: object) -> Stop:
    """Return a stop served between two local ``HH:MM``, reached 10 minutes before after 20 minutes of travel."""
    stop = Stop(
        visit_id=visit_id,
        arrival=at(start) - minutes(10),
        start=at(start),
        finish=at(finish),
        departure=at(finish),
        wait=minutes(10),
        slack=minutes(15),
        lateness=timedelta(0),
        travel=minutes(20),
        distance=Meters(9_000),
    )
    return replace(stop, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutePlan:
    """What the simulator is told about a route: who serves what, and before which stop each break is taken."""

    technician: Technician
    shift: Shift
    departure: datetime
    visits: Sequence[Visit]
    breaks_before: Sequence[int] = ()


def simulate(told: RoutePlan, places: dict[str, Place]) -> Route:
    """Return the route with the times that follow."""
    clock, here = told.departure, told.shift.start_place_id
    stops: list[Stop] = []
    taken: list[BreakTaken] = []
    for pos, visit in enumerate(told.visits):
        clock = _take_breaks(told, pos, clock, taken)
        if stops:
            stops[-1] = replace(stops[-1], departure=clock)
        travel, distance = _travel(places[here], places[visit.place_id])
        arrival = clock + travel
        bounds = [visit.promised_window] if visit.promised_window else list(visit.windows)
        start = max([arrival, *(bound.earliest for bound in bounds)])
        late = max(start - visit.promised_window.latest, timedelta(0)) if visit.promised_window else timedelta(0)
        finish = start + visit.duration
        stops.append(
            Stop(
                visit_id=visit.id,
                arrival=arrival,
                start=start,
                finish=finish,
                departure=finish,
                wait=start - arrival,
                slack=minutes(7 + 9 * (len(told.visits) - pos)),
                lateness=late,
                travel=travel,
                distance=distance,
            )
        )
        clock, here = finish, visit.place_id
    clock = _take_breaks(told, len(told.visits), clock, taken)
    stops[-1] = replace(stops[-1], departure=clock)
    home, home_m = timedelta(0), Meters(0)
    if told.shift.end_place_id is not None:
        home, home_m = _travel(places[here], places[told.shift.end_place_id])
    end = clock + home
    for owed in told.shift.breaks[len(taken) :]:
        start = max(owed.earliest_start, end)
        taken.append(_taken(owed, start, on_the_clock=False, after_visits=len(stops) + 1))
    unpaid = sum((pause.end - pause.start for pause in taken if not pause.paid and pause.on_the_clock), timedelta(0))
    travel = sum((stop.travel for stop in stops), home)
    distance = Meters(sum(stop.distance for stop in stops) + home_m)
    overtime = max(end - told.shift.end, timedelta(0))
    return Route(
        technician_id=told.technician.id,
        shift_id=told.shift.id,
        departure=told.departure,
        end=end,
        stops=tuple(stops),
        breaks=tuple(taken),
        travel=travel,
        travel_home=home,
        distance=distance,
        work=end - told.departure - unpaid,
        overtime=overtime,
        cost={
            "lateness": Cents(sum(math.ceil(stop.lateness / minutes(1)) * 200 for stop in stops)),
            "overtime": Cents(round(overtime / timedelta(hours=1) * 6_000)),
            "travel": Cents(round(travel / timedelta(hours=1) * 3_600)),
            "distance": Cents(round(distance * 30 / 1_000)),
        },
    )


def make_plan(problem: Problem, routes: Sequence[Route], unassigned: Sequence[UnassignedVisit]) -> Plan:
    """Return a plan with the figures that follow from its routes."""
    visits = {visit.id: visit for visit in problem.visits}
    stops = [stop for route in routes for stop in route.stops]
    promises = [stop for stop in stops if visits[stop.visit_id].promised_window is not None]
    work = sum((route.work for route in routes), timedelta(0))
    travel = sum((route.travel for route in routes), timedelta(0))
    on_site = sum((stop.finish - stop.start for stop in stops), timedelta(0))
    cost: dict[str, Cents] = {"unassigned": Cents(sum(visits[left.visit_id].priority * 10_000 for left in unassigned))}
    for route in routes:
        for term, cents in route.cost.items():
            cost[term] = Cents(cost.get(term, 0) + cents)
    return Plan(
        problem_name=problem.name,
        time_zone=problem.time_zone,
        routes=tuple(routes),
        unassigned=tuple(unassigned),
        cost=cost,
        kpis=Kpis(
            visits=len(visits),
            assigned=len(stops),
            unassigned=len(unassigned),
            mandatory_unassigned=sum(visits[left.visit_id].mandatory for left in unassigned),
            served_priority=sum(visits[stop.visit_id].priority for stop in stops),
            total_priority=sum(visit.priority for visit in problem.visits),
            promises=len(promises),
            promises_kept=sum(not stop.lateness for stop in promises),
            shifts=sum(len(technician.shifts) for technician in problem.technicians),
            shifts_used=len(routes),
            on_site=on_site,
            travel=travel,
            wait=sum((stop.wait for stop in stops), timedelta(0)),
            work=work,
            overtime=sum((route.overtime for route in routes), timedelta(0)),
            distance=Meters(sum(route.distance for route in routes)),
            utilization=on_site / work if work else 0.0,
            travel_share=travel / work if work else 0.0,
            visits_per_shift=len(stops) / len(routes) if routes else 0.0,
        ),
        search=SearchFacts(
            termination="time_limit",
            seed=7,
            threads=2,
            seconds=10.0,
            iterations=1_234_567,
            first_plan_s=0.12,
            recombinations=3,
            recombination_gain=Cents(4_210),
            pool_size=8_123,
            operators={"ruin_adjacent": (123_456, 78), "ruin_worst": (54_321, 9)},
        ),
    )


def _take_breaks(told: RoutePlan, pos: int, clock: datetime, taken: list[BreakTaken]) -> datetime:
    """Add the breaks told for before a stop; return when they are over."""
    for break_pos, before in enumerate(told.breaks_before):
        if before == pos:
            pause = told.shift.breaks[break_pos]
            start = max(clock, pause.earliest_start)
            taken.append(_taken(pause, start, on_the_clock=True, after_visits=pos))
            clock = start + pause.duration
    return clock


def _taken(pause: Break, start: datetime, *, on_the_clock: bool, after_visits: int) -> BreakTaken:
    """Return a break as taken from an instant on."""
    return BreakTaken(
        name=pause.name,
        start=start,
        end=start + pause.duration,
        place_id=pause.place_id,
        paid=pause.paid,
        on_the_clock=on_the_clock,
        after_visits=after_visits,
    )


def _travel(origin: Place, destination: Place) -> tuple[timedelta, Meters]:
    """Return a flat-earth guess: 30 km/h over 1.3 times the straight line."""
    north = (destination.latitude - origin.latitude) * 111.2
    east = (destination.longitude - origin.longitude) * 111.2 * math.cos(math.radians(origin.latitude))
    km = 1.3 * math.hypot(north, east)
    return minutes(round(km * 2)), Meters(round(km * 1_000))
