"""
Independent judges: a plan is recomputed from the suite's own file, by the suite's own rules.

Nothing here looks at the solver's instance, its times or its costs, so that a mistake in the translation of a file
cannot hide behind a correct solve.
"""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from fieldops.bench.formats import CityDay, CityTechnician, CityVisit, VrptwFile, VrptwNode
from fieldops.bench.suites import Judgment, Routes

_EARTH_RADIUS_KM = 6371.0
_ROAD_FACTOR = 1.3
_SPEED_KM_H = 35
_SCALE = 10


def judge_vrptw(file: VrptwFile, routes: Routes) -> Judgment:
    """
    Judge a plan by the DIMACS convention.

    Distances and travel times are tenths, truncated; windows and service durations times ten. Every customer is served
    once, the load of a route fits the capacity, service starts inside the window, and everyone is back at the depot by
    its due time. Visit index i is customer i + 1.
    """
    problems = _index_problems(routes, num_shifts=file.num_vehicles, num_visits=len(file.customers), noun="vehicle")
    if problems:
        return Judgment(problems=tuple(problems), cost=math.nan, travel_s=0, unassigned=0)
    travel = 0
    served: Counter[int] = Counter()
    for vehicle, order in routes:
        if not order:
            continue
        served.update(order)
        customers = [file.customers[visit] for visit in order]
        load = sum(customer.demand for customer in customers)
        if load > file.capacity:
            problems.append(f"vehicle {vehicle}: load {load} over the capacity {file.capacity}")
        here, clock = file.depot, _SCALE * file.depot.ready
        for node in [*customers, file.depot]:
            leg = _tenths(here, node)
            travel += leg
            clock = max(clock + leg, _SCALE * node.ready)
            if clock > _SCALE * node.due:
                problems.append(f"vehicle {vehicle}: at node {node.number} at {clock}, due at {_SCALE * node.due}")
            clock += _SCALE * node.service
            here = node
    problems += [f"customer {visit + 1} served {times} times" for visit, times in served.items() if times > 1]
    left_out = [node.number for node in file.customers if node.number - 1 not in served]
    if left_out:
        problems.append(f"customers not served: {', '.join(map(str, left_out))}")
    return Judgment(problems=tuple(problems), cost=travel / _SCALE, travel_s=travel, unassigned=len(left_out))


def _tenths(one: VrptwNode, other: VrptwNode) -> int:
    """Ten times the Euclidean distance, truncated; exact, because the coordinates are whole."""
    return math.isqrt(_SCALE**2 * ((one.x - other.x) ** 2 + (one.y - other.y) ** 2))


def judge_city(day: CityDay, routes: Routes) -> Judgment:
    """
    Judge a plan of technician days.

    Every technician starts and ends at home inside the shift and holds all skills of every visit served; no visit is
    served twice; service starts inside the window; a technician with visits takes one lunch, wherever on the way there
    is room for it.
    """
    problems = _index_problems(routes, num_shifts=len(day.technicians), num_visits=len(day.visits), noun="technician")
    if problems:
        return Judgment(problems=tuple(problems), cost=math.nan, travel_s=0, unassigned=0)
    travel = 0
    served: Counter[int] = Counter()
    for position, order in routes:
        if not order:
            continue
        served.update(order)
        technician, visits = day.technicians[position], [day.visits[visit] for visit in order]
        for visit in visits:
            missing = sorted(visit.skills - technician.skills)
            if missing:
                problems.append(f"{technician.id}: lacks {', '.join(missing)} for {visit.id}")
        problem = _day_problem(technician, visits)
        if problem is not None:
            problems.append(problem)
        places = [technician.home, *(visit.location for visit in visits), technician.home]
        travel += sum(city_travel_s(*leg) for leg in pairwise(places))
    problems += [f"{day.visits[visit].id} served {times} times" for visit, times in served.items() if times > 1]
    return Judgment(
        problems=tuple(problems),
        cost=travel,
        travel_s=travel,
        unassigned=len(day.visits) - len(served),
        served_priority=sum(day.visits[visit].priority for visit in served),
    )


def _day_problem(technician: CityTechnician, visits: Sequence[CityVisit]) -> str | None:
    """
    Say what is wrong with a technician's day, or None when there is a way to live it.

    Two clocks run along the route: the earliest time with lunch still to come (`hungry`) and with lunch behind
    (`fed`); None = impossible. Earlier is never worse for either, so the two are exact.
    """
    hungry: int | None = technician.shift[0]
    fed: int | None = None
    here = technician.home
    for visit in visits:
        leg = city_travel_s(here, visit.location)
        hungry, fed = (
            _finish(visit, None if hungry is None else hungry + leg),
            _finish(visit, _earliest(None if fed is None else fed + leg, _after_lunch(technician, hungry, leg))),
        )
        if hungry is None and fed is None:
            return f"{technician.id}: cannot start {visit.id} by {visit.window[1]}"
        here = visit.location
    leg = city_travel_s(here, technician.home)
    home = _earliest(None if fed is None else fed + leg, _after_lunch(technician, hungry, leg))
    if home is None:
        return f"{technician.id}: no room for lunch"
    if home > technician.shift[1]:
        return f"{technician.id}: home at {home}, after the shift's end at {technician.shift[1]}"
    return None


def _after_lunch(technician: CityTechnician, clock: int | None, leg: int) -> int | None:
    """Earliest arrival at the end of a leg on which lunch is taken: before leaving, on the way, or on arrival."""
    lunch = technician.lunch
    if clock is None or clock > lunch.latest_start:
        return None
    lunch_start = max(clock, lunch.earliest_start)
    left_to_drive = max(0, leg - (lunch_start - clock))
    return lunch_start + lunch.duration + left_to_drive


def _finish(visit: CityVisit, ready: int | None) -> int | None:
    """Earliest finish of a visit, or None when it cannot start inside its window."""
    if ready is None or ready > visit.window[1]:
        return None
    return max(ready, visit.window[0]) + visit.duration


def _earliest(*clocks: int | None) -> int | None:
    return min((clock for clock in clocks if clock is not None), default=None)


def city_travel_s(origin: tuple[float, float], target: tuple[float, float]) -> int:
    """Seconds between two places in degrees: great circle, road factor and speed of the suite; 0 for equal places."""
    lat1, lat2 = math.radians(origin[0]), math.radians(target[0])
    lon1, lon2 = math.radians(origin[1]), math.radians(target[1])
    half_chord = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    kilometers = 2 * _EARTH_RADIUS_KM * math.asin(math.sqrt(half_chord))
    return round(_ROAD_FACTOR * kilometers / _SPEED_KM_H * 3_600)


def _index_problems(routes: Routes, *, num_shifts: int, num_visits: int, noun: str) -> list[str]:
    """Say which routes name somebody or something that is not there, or somebody twice."""
    used = Counter(shift for shift, _ in routes)
    problems = [f"{noun} {shift} has {times} routes" for shift, times in used.items() if times > 1]
    problems += [f"no {noun} {shift}" for shift in used if not 0 <= shift < num_shifts]
    visits = {visit for _, order in routes for visit in order}
    return problems + [f"no visit {visit}" for visit in sorted(visits) if not 0 <= visit < num_visits]
