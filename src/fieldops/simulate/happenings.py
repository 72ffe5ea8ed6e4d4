"""What goes wrong on a day: who falls ill, who calls off, what urgent work comes in; drawn before the day begins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from fieldops.domain.problem import Problem, Technician, Visit
from fieldops.simulate.assumptions import Assumptions
from fieldops.simulate.luck import Luck

#: Somebody who calls off does so this long before the window at the latest.
_LATEST_CALL: Final = timedelta(minutes=30)


class Happens(StrEnum):
    """Kinds of disruptions that come from outside; overruns and closed doors are met on the way."""

    SICK = "sick"
    VEHICLE_DOWN = "vehicle_down"
    CANCELED = "canceled"
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """
    One disruption.

    Attributes
    ----------
    technician_id
        Who falls ill or has no vehicle any more.
    visit_id
        Which visit is called off; of an emergency, the visit whose site, work and skills it has.
    number
        Of an emergency, counted through the day.
    """

    at: datetime
    kind: Happens
    technician_id: str = ""
    visit_id: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Keyed:
    """A visit, and what its luck is named after."""

    key: str
    visit: Visit


def happenings_of(
    problem: Problem, day: date, luck: Luck, assumed: Assumptions, keys: Mapping[str, str]
) -> tuple[Happening, ...]:
    """
    Draw what happens on a day, in the order in which it does.

    Parameters
    ----------
    problem
        The day's technicians with their shifts, and the visits planned.
    keys
        What a visit's luck is named after, by id; of a technician it is the name.

    Notes
    -----
    Each draw depends on the technician or visit alone, so another plan of the same day meets the same.
    """
    zone = ZoneInfo(problem.time_zone)
    people = sorted(problem.technicians, key=lambda technician: technician.name)
    visits = sorted((_Keyed(key=keys[visit.id], visit=visit) for visit in problem.visits), key=lambda one: one.key)
    found = [*_people(people, luck, assumed)]
    found += _calls(visits, datetime.combine(day, assumed.emergencies_from, zone), luck, assumed)
    found += _emergencies(visits, day, zone, luck, assumed)
    # Sorting keeps the order of what happens at the same instant.
    return tuple(sorted(found, key=lambda happening: happening.at))


def _people(technicians: Sequence[Technician], luck: Luck, assumed: Assumptions) -> list[Happening]:
    """Draw who falls ill or loses the vehicle, somewhere in the first two thirds of a shift."""
    found = []
    for technician in technicians:
        for shift in technician.shifts:
            at = shift.start + (shift.end - shift.start) * (luck.uniform("when out", technician.name) * 2 / 3)
            if luck.happens(assumed.sick, "sick", technician.name):
                found.append(Happening(at=_whole(at), kind=Happens.SICK, technician_id=technician.id))
            elif luck.happens(assumed.vehicle_down, "vehicle", technician.name):
                found.append(Happening(at=_whole(at), kind=Happens.VEHICLE_DOWN, technician_id=technician.id))
    return found


def _calls(visits: Sequence[_Keyed], begin: datetime, luck: Luck, assumed: Assumptions) -> list[Happening]:
    """Draw who calls off, any time from the morning until shortly before the promised window."""
    found = []
    for one in visits:
        promised = one.visit.promised_window
        if promised is None or not luck.happens(assumed.cancellations, "calls off", one.key):
            continue
        latest = promised.earliest - _LATEST_CALL
        if latest > begin:
            at = begin + (latest - begin) * luck.uniform("when called off", one.key)
            found.append(Happening(at=_whole(at), kind=Happens.CANCELED, visit_id=one.visit.id))
    return found


def _emergencies(
    visits: Sequence[_Keyed], day: date, zone: ZoneInfo, luck: Luck, assumed: Assumptions
) -> list[Happening]:
    """Draw urgent work: each visit planned stands for the chance of one more like it."""
    begin = datetime.combine(day, assumed.emergencies_from, zone)
    end = datetime.combine(day, assumed.emergencies_until, zone)
    found: list[Happening] = []
    for one in visits:
        if luck.happens(assumed.emergencies, "emergency", one.key):
            at = begin + (end - begin) * luck.uniform("when urgent", one.key)
            found.append(Happening(at=_whole(at), kind=Happens.EMERGENCY, visit_id=one.visit.id, number=len(found)))
    return found


def _whole(instant: datetime) -> datetime:
    """Cut off fractions of a second."""
    return instant.replace(microsecond=0)
