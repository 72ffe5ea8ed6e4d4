"""Whole plans for tests and looks of everything that shows a plan: a small one by hand, a big one by chance."""

import math
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count

from fieldops.domain.plan import Plan, ReasonCode, Repair, UnassignedKind, UnassignedVisit
from fieldops.domain.problem import Break, Pin, Place, Problem, Shift, Technician, TimeWindow, Visit
from fieldops.units import Cents
from plan_parts import DAY, DEPOT, RoutePlan, at, make_plan, make_shift, minutes, simulate, window

#: Given names of the generated technicians.
NAMES = ("Ada", "Ben", "Cleo", "Dirk", "Eva", "Finn", "Gus", "Hana", "Ivo", "Jana", "Kofi", "Lena", "Milo", "Nora")
KINDS = ("Boiler service", "Meter swap", "Inspection", "Fault repair", "Fiber hookup", "Install")
STREETS = ("Oak Street", "Elm Street", "Park Road", "Mill Lane", "Third Street", "H Street")


def small_sample(*, two_days: bool = False) -> tuple[Problem, Plan]:
    """
    Return a day (or two) of four technicians that shows one of everything.

    Ada keeps all promises, Ben is 25 minutes late once, Cleo works overtime and has a fixed training at the depot, Dirk
    has no visits (on the first day). One visit is pinned, two are left out, one of them for good.
    """
    places = {
        place.id: place
        for place in (
            DEPOT,
            Place(id="home", latitude=38.9430, longitude=-77.0790, address="7 Home Street NW"),
            Place(id="p1", latitude=38.9219, longitude=-77.0319, address="1400 Belmont Street NW"),
            Place(id="p2", latitude=38.9310, longitude=-77.0280, address="1350 Park Road NW"),
            Place(id="p3", latitude=38.8950, longitude=-76.9950, address="410 Tenth Street NE"),
            Place(id="p4", latitude=38.8780, longitude=-76.9890, address="1100 Potomac Avenue SE"),
            Place(id="p5", latitude=38.9480, longitude=-77.0650, address="4500 Connecticut Avenue NW"),
            Place(id="p6", latitude=38.9120, longitude=-77.0500, address="2000 Florida Avenue NW"),
            Place(id="p7", latitude=38.8620, longitude=-77.0110, address="80 Mellon Street SE"),
            Place(id="p8", latitude=38.9620, longitude=-77.0100, address="6100 Third Street NW"),
        )
    }
    visits = {visit.id: visit for visit in _small_visits()}
    technicians = _small_technicians()
    friday = DAY + timedelta(days=1)
    if two_days:
        visits["V11"] = Visit(id="V11", place_id="p6", duration=minutes(60), name="Follow-up")
        *others, dirk = technicians
        technicians = (*others, replace(dirk, shifts=(*dirk.shifts, make_shift("friday", friday))))
    problem = Problem(
        name="Small sample",
        time_zone="America/New_York",
        first_date=DAY,
        num_days=2 if two_days else 1,
        skills=("gas", "fiber", "electric"),
        places=tuple(places.values()),
        technicians=technicians,
        visits=tuple(visits.values()),
    )

    def told(technician: Technician, departure: datetime, visit_ids: str, *breaks_before: int) -> RoutePlan:
        served = [visits[visit_id] for visit_id in visit_ids.split()]
        shift = technician.shifts[-1]
        return RoutePlan(
            technician=technician, shift=shift, departure=departure, visits=served, breaks_before=breaks_before
        )

    ada, ben, cleo, dirk = technicians
    orders = [
        told(ada, at("08:05"), "V1 V2 V3", 2),
        told(ben, at("08:00"), "V4 V5 V6", 2),
        told(cleo, at("10:00"), "V8 V7", 0),
    ]
    if two_days:
        orders.append(told(dirk, at("09:00", friday), "V11"))
    return problem, make_plan(problem, [simulate(order, places) for order in orders], _small_leftovers())


def big_sample(num_technicians: int = 30, num_visits: int = 240, num_days: int = 1) -> tuple[Problem, Plan]:
    """
    Return a generated city with believable routes, a few of them late.

    Every technician but the last serves a sector around the depot; what is missing to `num_visits` is left out.
    """
    rng = random.Random(5)
    days = [DAY + timedelta(days=pos) for pos in range(num_days)]
    places = {"depot": DEPOT}
    technicians = [_city_technician(pos, days, places, rng) for pos in range(num_technicians)]
    ids = (f"V{number}" for number in count(1_000))
    length = num_visits // (num_technicians * num_days)
    orders = []
    for rank, technician in enumerate(technicians[:-1]):
        angle = 2 * math.pi * (rank + 0.5) / num_technicians
        for shift, day in zip(technician.shifts, days, strict=True):
            visits = [
                replace(visit, pin=Pin(technician_id=technician.id)) if rng.random() < 0.05 else visit
                for visit in _sector_visits(length, angle, shift, day, ids, places, rng)
            ]
            orders.append(
                RoutePlan(
                    technician=technician,
                    shift=shift,
                    departure=shift.start,
                    visits=visits,
                    breaks_before=(length // 2 + 1,),
                )
            )
    visits = [visit for order in orders for visit in order.visits]
    customers = [place_id for place_id in places if place_id.startswith("V")]
    left_out = [
        Visit(
            id=next(ids),
            place_id=rng.choice(customers),
            duration=minutes(60),
            name=rng.choice(KINDS),
            priority=rng.randint(1, 5),
        )
        for _ in range(num_visits - len(visits))
    ]
    problem = Problem(
        name="Sample city",
        time_zone="America/New_York",
        first_date=DAY,
        num_days=num_days,
        skills=(),
        places=tuple(places.values()),
        technicians=tuple(technicians),
        visits=(*visits, *left_out),
    )
    unassigned = [_displaced(visit.id, rng) for visit in left_out]
    return problem, make_plan(problem, [simulate(order, places) for order in orders], unassigned)


def _small_visits() -> tuple[Visit, ...]:
    """Return ten visits of all kinds."""

    def visit(visit_id: str, place_id: str, length: int, name: str, **more: object) -> Visit:
        return replace(Visit(id=visit_id, place_id=place_id, duration=minutes(length), name=name), **more)  # type: ignore[arg-type]

    return (
        visit("V1", "p1", 50, "Boiler service", promised_window=window("08:00", "10:00")),
        visit(
            "V2",
            "p2",
            75,
            "Meter swap",
            promised_window=window("10:00", "12:00"),
            preferred_window=window("10:00", "10:45"),
        ),
        visit("V3", "p5", 60, "Inspection", promised_window=window("13:00", "15:00")),
        visit("V4", "p3", 90, "Install", windows=(window("08:00", "11:00"),), required_skills={"gas": 2}),
        visit(
            "V5",
            "p4",
            45,
            "Fault repair",
            promised_window=window("08:50", "09:20"),
            priority=5,
            required_skills={"gas": 1},
        ),
        visit("V6", "p7", 60, "Safety check", pin=Pin(technician_id="ben", start=at("13:30"))),
        visit("V7", "p6", 120, "Heat pump", preferred_window=window("13:00", "14:00")),
        visit("V8", "p8", 140, "Solar hookup", promised_window=window("11:00", "14:00"), due=at("17:00")),
        visit(
            "V9",
            "p7",
            90,
            "Fiber hookup",
            promised_window=window("08:00", "09:00"),
            required_skills={"fiber": 1},
            priority=4,
        ),
        visit("V10", "p8", 60, "Leak", windows=(window("14:00", "16:00"),), mandatory=True, priority=5),
    )


def _small_technicians() -> tuple[Technician, ...]:
    """Return four technicians with one shift each."""
    lunch = Break(earliest_start=at("11:30"), latest_start=at("13:30"), duration=minutes(30), paid=False, name="Lunch")
    training = Break(
        earliest_start=at("10:30"), latest_start=at("10:30"), duration=minutes(45), place_id="depot", name="Training"
    )
    early = make_shift(
        start=at("07:30"),
        end=at("15:30"),
        hard_end=at("17:30"),
        start_place_id="home",
        end_place_id=None,
        breaks=(training,),
    )
    return (
        Technician(id="ada", name="Ada Adler", skills={"gas": 2}, shifts=(make_shift(breaks=(lunch,)),)),
        Technician(id="ben", name="Ben Hart", skills={"gas": 2}, shifts=(make_shift(breaks=(lunch,)),)),
        Technician(id="cleo", name="Cleo Okafor", skills={"electric": 1}, shifts=(early,)),
        Technician(id="dirk", name="Dirk Voss", shifts=(make_shift(hard_end=at("16:00")),)),
    )


def _small_leftovers() -> tuple[UnassignedVisit, ...]:
    """Return one visit nothing helps, and one that needs a little patience."""
    return (
        UnassignedVisit(
            visit_id="V9",
            kind=UnassignedKind.IMPOSSIBLE_ALONE,
            reasons=(ReasonCode.NO_TECHNICIAN_WITH_SKILL,),
            repair=None,
        ),
        UnassignedVisit(
            visit_id="V10",
            kind=UnassignedKind.DISPLACED,
            reasons=(ReasonCode.SHIFTS_FULL, ReasonCode.COSTS_MORE_THAN_LEAVING_OUT),
            repair=Repair(
                description="fits at 16:20 with Ben Hart if it may start 20 min after its window",
                technician_id="ben",
                shift_id="day",
                start=at("16:20"),
                cost=Cents(8_450),
                window_shift=minutes(20),
            ),
        ),
    )


def _city_technician(pos: int, days: list[date], places: dict[str, Place], rng: random.Random) -> Technician:
    """Return a technician with a shift a day; add his home to the places."""
    home = Place(
        id=f"home{pos}",
        latitude=DEPOT.latitude + rng.gauss(0, 0.06),
        longitude=DEPOT.longitude + rng.gauss(0, 0.08),
        address=f"{pos + 1} Home Street",
    )
    places[home.id] = home
    base = "depot" if pos % 5 == 4 else home.id
    start, end = ("07:30", "16:00") if pos % 3 == 0 else ("08:00", "16:30")
    shifts = tuple(
        make_shift(
            str(day),
            day,
            start=at(start, day),
            end=at(end, day),
            start_place_id=base,
            end_place_id=base,
            breaks=(
                Break(
                    earliest_start=at("11:30", day),
                    latest_start=at("13:30", day),
                    duration=minutes(30),
                    paid=False,
                    name="Lunch",
                ),
            ),
        )
        for day in days
    )
    return Technician(id=f"t{pos}", name=f"{NAMES[pos % len(NAMES)]} {'ABCDEFGH'[pos // len(NAMES)]}.", shifts=shifts)


def _sector_visits(
    length: int,
    angle: float,
    shift: Shift,
    day: date,
    ids: Iterator[str],
    places: dict[str, Place],
    rng: random.Random,
) -> list[Visit]:
    """Return the visits of one route, out into a sector and back; add their places."""
    visits = []
    clock = shift.start
    for step in range(length):
        visit_id = next(ids)
        radius = 0.02 + 0.13 * math.sin(math.pi * (step + 1) / (length + 1)) * rng.uniform(0.6, 1.2)
        turn = angle + rng.gauss(0, 0.12)
        places[visit_id] = Place(
            id=visit_id,
            latitude=DEPOT.latitude + radius * math.sin(turn),
            longitude=DEPOT.longitude + 1.28 * radius * math.cos(turn),
            address=f"{rng.randint(1, 4800)} {rng.choice(STREETS)}",
        )
        expected = clock + minutes(15)
        promised = _promise(expected, day, rng) if rng.random() < 0.45 else None
        visit = Visit(
            id=visit_id,
            place_id=visit_id,
            duration=minutes(rng.choice([20, 30, 30, 40, 45, 60])),
            name=rng.choice(KINDS),
            promised_window=promised,
            preferred_window=TimeWindow(expected, expected + minutes(90)) if rng.random() < 0.08 else None,
            priority=rng.randint(1, 5),
        )
        visits.append(visit)
        clock = max(expected, promised.earliest if promised else expected) + visit.duration
        clock += minutes(30) if step == length // 2 else minutes(0)
    if rng.random() < 0.3:
        pos = rng.randrange(1, length)
        hurried = TimeWindow(at("08:00", day), at("09:00", day) + minutes(40 * pos))
        visits[pos] = replace(visits[pos], promised_window=hurried)
    return visits


def _promise(expected: datetime, day: date, rng: random.Random) -> TimeWindow:
    """Return half a day, or two hours around the expected start."""
    if rng.random() < 0.5:
        earliest = at("08:00", day) if expected < at("12:00", day) else at("12:00", day)
        return TimeWindow(earliest, earliest + minutes(240))
    earliest = expected - minutes(rng.choice([20, 40, 70]))
    return TimeWindow(earliest, earliest + minutes(120))


def _displaced(visit_id: str, rng: random.Random) -> UnassignedVisit:
    """Return a visit that would fit with a little overtime."""
    return UnassignedVisit(
        visit_id=visit_id,
        kind=UnassignedKind.DISPLACED,
        reasons=(ReasonCode.SHIFTS_FULL,),
        repair=Repair(
            description=f"fits at 16:40 with {rng.choice(NAMES)} A. if 25 min overtime are allowed",
            technician_id="t0",
            shift_id=str(DAY),
            start=at("16:40"),
            cost=Cents(-2_500),
            extra_overtime=minutes(25),
        ),
    )
