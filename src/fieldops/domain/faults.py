"""
What can be wrong with a problem: every business rule, all faults at once.

Paths are those of the JSON document (docs/schemas/problem.schema.json): ``visits[3].windows[0].latest``,
``technicians[2].shifts[0].breaks[0].duration_s``. Rules about technicians are in `domain.technician_faults`, about
visits in `domain.visit_faults`.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fieldops.domain.horizon import horizon_of
from fieldops.domain.problem import CostRates, Place, Problem, TravelSource
from fieldops.domain.technician_faults import technician_faults
from fieldops.domain.value_faults import (
    MAX_CENTS,
    decimal_faults,
    field_path,
    id_faults,
    money_faults,
    whole_number_faults,
    wrong,
)
from fieldops.domain.visit_faults import MAX_PRIORITY, visit_faults
from fieldops.errors import Fault

#: Longest horizon, days.
MAX_DAYS: Final = 14
#: A horizon that begins outside these years is a slip of the pen.
FIRST_DATE: Final = date(1970, 1, 1)
LAST_DATE: Final = date(2199, 12, 31)
TRAVEL_KINDS: Final = ("geodesic", "matrix", "osrm")


def problem_faults(problem: Problem) -> list[Fault]:
    """
    List everything that is wrong with a problem, in the order of the document; empty when nothing is.

    A value that makes others unjudgeable (an unknown time zone, a day count out of range) is reported, and the rules
    that need it are left out.
    """
    return list(_problem_faults(problem))


def _problem_faults(problem: Problem) -> Iterator[Fault]:
    horizon_faults = list(_horizon_faults(problem))
    yield from horizon_faults
    horizon = None if horizon_faults else horizon_of(problem)
    yield from id_faults(((field_path("skills", i), skill) for i, skill in enumerate(problem.skills)), "skill")
    yield from rates_faults(problem.rates)
    yield from travel_source_faults(problem.travel)
    for i, place in enumerate(problem.places):
        yield from _place_faults(field_path("places", i), place)
    yield from _identity_faults(problem)
    places = frozenset(place.id for place in problem.places)
    skills = frozenset(problem.skills)
    for i, technician in enumerate(problem.technicians):
        yield from technician_faults(field_path("technicians", i), technician, places, skills, horizon)
    technicians = {technician.id: technician for technician in problem.technicians}
    for i, visit in enumerate(problem.visits):
        yield from visit_faults(field_path("visits", i), visit, places, skills, technicians, horizon)


def _horizon_faults(problem: Problem) -> Iterator[Fault]:
    if not is_time_zone(problem.time_zone):
        yield wrong("time_zone", problem.time_zone, "an IANA time zone, such as America/New_York")
    if not FIRST_DATE <= problem.first_date <= LAST_DATE:
        yield Fault(
            path="first_date", found=str(problem.first_date), expected=f"a date from {FIRST_DATE} to {LAST_DATE}"
        )
    yield from whole_number_faults("num_days", problem.num_days, 1, MAX_DAYS)


def is_time_zone(name: str) -> bool:
    """Whether a name is one of the IANA time zones this machine knows."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def rates_faults(rates: CostRates) -> Iterator[Fault]:
    """Report amounts that are negative or absurdly large."""
    for name, value in (
        ("travel_per_hour_cents", rates.travel_per_hour),
        ("travel_per_km_cents", rates.travel_per_km),
        ("shift_used_cents", rates.shift_used),
        ("lateness_per_minute_cents", rates.lateness_per_minute),
        ("sla_per_hour_cents", rates.sla_per_hour),
        ("preferred_window_missed_cents", rates.preferred_window_missed),
        ("other_technician_cents", rates.other_technician),
        ("told_technician_changed_cents", rates.told_technician_changed),
        ("told_time_changed_cents", rates.told_time_changed),
    ):
        yield from money_faults(field_path("rates", name), value)
    # Times the priority it is an amount of its own.
    per_priority = rates.unassigned_per_priority
    yield from money_faults("rates.unassigned_per_priority_cents", per_priority, MAX_CENTS // MAX_PRIORITY)


def travel_source_faults(travel: TravelSource) -> Iterator[Fault]:
    """Report what is wrong with the source of travel times."""
    if travel.kind not in TRAVEL_KINDS:
        yield wrong("travel.kind", travel.kind, f"one of {', '.join(TRAVEL_KINDS)}")
    yield from decimal_faults("travel.coefficient_s", travel.coefficient_s, 1, 10_000, "seconds")
    yield from decimal_faults("travel.exponent", travel.exponent, 0.1, 2, "an exponent")
    yield from decimal_faults("travel.detour", travel.detour, 1, 10, "a factor")
    if travel.kind == "matrix" and not travel.matrix_path:
        yield wrong("travel.matrix_path", travel.matrix_path, "the path of the matrix file")
    if travel.kind == "osrm" and not _is_web_address(travel.url):
        yield wrong("travel.url", travel.url, "the address of an OSRM server, such as http://127.0.0.1:5000")


def _is_web_address(url: str | None) -> bool:
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _place_faults(path: str, place: Place) -> Iterator[Fault]:
    yield from decimal_faults(field_path(path, "latitude"), place.latitude, -90, 90, "degrees")
    yield from decimal_faults(field_path(path, "longitude"), place.longitude, -180, 180, "degrees")


def _identity_faults(problem: Problem) -> Iterator[Fault]:
    ids = {
        "place": [place.id for place in problem.places],
        "technician": [technician.id for technician in problem.technicians],
        "visit": [visit.id for visit in problem.visits],
    }
    for kind, names in ids.items():
        yield from id_faults(((field_path(f"{kind}s", i, "id"), name) for i, name in enumerate(names)), f"{kind} id")
    yield from id_faults(
        (
            (field_path("technicians", t, "shifts", s, "id"), shift.id)
            for t, technician in enumerate(problem.technicians)
            for s, shift in enumerate(technician.shifts)
        ),
        "shift id",
    )
