"""What goes wrong on a day: who falls ill, who calls off, what urgent work comes in; drawn before the day begins."""

from collections.abc import Sequence
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


def happenings_of(problem: Problem, day: date, luck: Luck, assumed: Assumptions) -> tuple[Happening, ...]:
    """
    Draw what happens on a day, in the order in which it does.

    Parameters
    ----------
    problem
        The day's technicians with their shifts, and the visits planned.

    Notes
    -----
    Each draw depends on the technician or visit alone, so another plan of the same day meets the same.
    """
    zone = ZoneInfo(problem.time_zone)
    found = [*_people(problem.technicians, luck, assumed)]
    found += _calls(problem.visits, datetime.combine(day, assumed.emergencies_from, zone), luck, assumed)
    found += _emergencies(problem.visits, day, zone, luck, assumed)
    return tuple(sorted(found, key=lambda happening: (happening.at, happening.kind, happening.visit_id)))


def _people(technicians: Sequence[Technician], luck: Luck, assumed: Assumptions) -> list[Happening]:
    """Draw who falls ill or loses the vehicle, somewhere in the first two thirds of a shift."""
    found = []
    for technician in technicians:
        for shift in technician.shifts:
            at = shift.start + (shift.end - shift.start) * (luck.uniform("when out", technician.id) * 2 / 3)
            if luck.happens(assumed.sick, "sick", technician.id):
                found.append(Happening(at=_whole(at), kind=Happens.SICK, technician_id=technician.id))
            elif luck.happens(assumed.vehicle_down, "vehicle", technician.id):
                found.append(Happening(at=_whole(at), kind=Happens.VEHICLE_DOWN, technician_id=technician.id))
    return found


def _calls(visits: Sequence[Visit], begin: datetime, luck: Luck, assumed: Assumptions) -> list[Happening]:
    """Draw who calls off, any time from the morning until shortly before the promised window."""
    found = []
    for visit in visits:
        if visit.promised_window is None or not luck.happens(assumed.cancellations, "calls off", visit.id):
            continue
        latest = visit.promised_window.earliest - _LATEST_CALL
        if latest > begin:
            at = begin + (latest - begin) * luck.uniform("when called off", visit.id)
            found.append(Happening(at=_whole(at), kind=Happens.CANCELED, visit_id=visit.id))
    return found


def _emergencies(
    visits: Sequence[Visit], day: date, zone: ZoneInfo, luck: Luck, assumed: Assumptions
) -> list[Happening]:
    """Draw urgent work: each visit planned stands for the chance of one more like it."""
    begin = datetime.combine(day, assumed.emergencies_from, zone)
    end = datetime.combine(day, assumed.emergencies_until, zone)
    found: list[Happening] = []
    for visit in visits:
        if luck.happens(assumed.emergencies, "emergency", visit.id):
            at = begin + (end - begin) * luck.uniform("when urgent", visit.id)
            found.append(Happening(at=_whole(at), kind=Happens.EMERGENCY, visit_id=visit.id, number=len(found)))
    return found


def _whole(instant: datetime) -> datetime:
    """Cut off fractions of a second."""
    return instant.replace(microsecond=0)
