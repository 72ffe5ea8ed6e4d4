"""
A planning problem for tests, without faults: name only what the test is about.

One day in Washington, a depot and a customer, Kim's shift from 08:00 to 16:00 with two hours of overtime allowed, and
one visit of half an hour.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Any

from fieldops.domain.faults import problem_faults
from fieldops.domain.problem import Break, Place, Problem, Shift, Technician, TimeWindow, Visit

EDT = timezone(timedelta(hours=-4))
MONDAY = date(2026, 3, 16)
DEPOT = Place(id="depot", latitude=38.9, longitude=-77.03)
CUSTOMER = Place(id="customer", latitude=38.92, longitude=-77.05)


def at(clock: str, day: int = 16) -> datetime:
    """Return the instant of a local ``HH:MM`` in March 2026."""
    hour, minute = (int(part) for part in clock.split(":"))
    return datetime(2026, 3, day, hour, minute, tzinfo=EDT)


def window(earliest: str, latest: str, day: int = 16) -> TimeWindow:
    """Return a window between two local ``HH:MM``."""
    return TimeWindow(at(earliest, day), at(latest, day))


def make_visit(**changes: Any) -> Visit:
    """Make a visit of half an hour at the customer, at any time."""
    return Visit(**{"id": "v1", "place_id": "customer", "duration": timedelta(minutes=30), **changes})


def make_break(earliest: str, latest: str, **changes: Any) -> Break:
    """Make a break of half an hour."""
    defaults = {"earliest_start": at(earliest), "latest_start": at(latest), "duration": timedelta(minutes=30)}
    return Break(**{**defaults, **changes})


def make_shift(**changes: Any) -> Shift:
    """Make a shift from the depot and back."""
    defaults = {
        "id": "kim-monday",
        "start": at("08:00"),
        "end": at("16:00"),
        "hard_end": at("18:00"),
        "start_place_id": "depot",
        "end_place_id": "depot",
    }
    return Shift(**{**defaults, **changes})


def make_technician(*shifts: Shift, **changes: Any) -> Technician:
    """Make Kim, who knows gas at level 2, with the shifts given or the default one."""
    defaults = {"id": "kim", "skills": {"gas": 2}, "shifts": shifts or (make_shift(),)}
    return Technician(**{**defaults, **changes})


def make_problem(*visits: Visit, technicians: Sequence[Technician] | None = None, **changes: Any) -> Problem:
    """Make a problem of the visits given, or of one default visit."""
    defaults = {
        "name": "a day",
        "time_zone": "America/New_York",
        "first_date": MONDAY,
        "num_days": 1,
        "skills": ("gas", "power"),
        "places": (DEPOT, CUSTOMER),
        "technicians": (make_technician(),) if technicians is None else tuple(technicians),
        "visits": visits or (make_visit(),),
    }
    return Problem(**{**defaults, **changes})


def fault_paths(problem: Problem) -> list[str]:
    """List where the faults of a problem are."""
    return [fault.path for fault in problem_faults(problem)]
