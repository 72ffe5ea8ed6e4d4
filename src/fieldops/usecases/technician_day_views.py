"""What a technician sees of a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlace:
    """A point on the map."""

    address: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DayNote:
    """What somebody wrote down about the customer."""

    at: datetime
    channel: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayStop:
    """
    A visit in its place.

    Attributes
    ----------
    state
        ``open``, ``held`` (a customer is deciding), ``booked`` or ``done``.
    window_start, window_end
        What the customer was promised; None = nothing.
    eta
        When the service is expected to start; on a day under way from where the technician is, and once it has
        started, when it did.
    eta_earliest, eta_latest
        Range of the arrival on a day under way: four arrivals of five. None = as planned, or there already.
    phase
        Where the visit stands: see `fieldops.domain.progress.VisitPhase`.
    progress
        What was reported, as streams say it; None = nothing.
    travel_s, distance_m
        From the stop before.
    """

    position: int
    visit_id: str
    work_order_id: str
    name: str
    summary: str
    state: str
    place: DayPlace
    access_notes: str
    customer_name: str
    customer_phone: str | None
    window_start: datetime | None
    window_end: datetime | None
    arrival_at: datetime
    eta: datetime
    finish_at: datetime
    departure_at: datetime
    travel_s: int
    distance_m: int
    wait_s: int
    notes: tuple[DayNote, ...]
    phase: str = "planned"
    eta_earliest: datetime | None = None
    eta_latest: datetime | None = None
    progress: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBreak:
    """A break as planned; it comes after so many visits."""

    name: str
    start: datetime
    end: datetime
    paid: bool
    after_visits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayShift:
    """
    A shift and its route.

    Attributes
    ----------
    departure_at, end_at
        Leaving the start place, reaching the end place; None when nobody is served.
    travel_home_s
        After the last visit.
    end_place
        None = the day ends at the last visit.
    """

    shift_id: str
    starts_at: datetime
    ends_at: datetime
    start_place: DayPlace
    end_place: DayPlace | None
    departure_at: datetime | None
    end_at: datetime | None
    travel_s: int
    travel_home_s: int
    distance_m: int
    stops: tuple[DayStop, ...]
    breaks: tuple[DayBreak, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianDay:
    """
    A technician's day.

    Attributes
    ----------
    plan_version
        Of the running plan it was read from.
    shifts
        By start; empty = a day off.
    """

    technician_id: str
    technician_name: str
    date: date
    time_zone: str
    plan_version: int
    shifts: tuple[DayShift, ...]
