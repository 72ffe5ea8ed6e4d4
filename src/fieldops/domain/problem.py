"""
A planning problem in the words of the business: places, technicians with shifts, visits, and what things cost.

Instants are time-zone-aware, durations are `timedelta`, money is whole cents. Objects hold what was said; whether it
makes sense is judged in `domain.faults`, all at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from fieldops.units import Cents


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """
    A point on the map.

    Attributes
    ----------
    latitude, longitude
        Degrees, WGS84.
    address
        For people; may be empty.
    """

    id: str
    latitude: float
    longitude: float
    address: str = ""


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """A closed interval ``[earliest, latest]`` in which a service may start."""

    earliest: datetime
    latest: datetime

    def __contains__(self, instant: datetime) -> bool:
        return self.earliest <= instant <= self.latest


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """
    What a person has fixed for a visit; the optimizer never moves it.

    Attributes
    ----------
    technician_id
        Who serves it.
    sequence
        Rank among the pinned visits of one shift, served in rising rank; needs a technician.
    start
        The exact start of service.
    """

    technician_id: str | None = None
    sequence: int | None = None
    start: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """
    What people have been told about a visit; changing it is churn, and has a price.

    Attributes
    ----------
    technician_id
        Who was said to come; None = nobody was named.
    window
        In which start of service was said to be: the last ETA told, or the planned start with the tolerance of the
        territory around it. None = nothing was said.
    to_customer
        Whether the customer heard of that window; otherwise only those who see the plan know it.
    """

    technician_id: str | None = None
    window: TimeWindow | None = None
    to_customer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """
    One trip to one place: the thing that is planned.

    Attributes
    ----------
    duration
        Nominal time on site.
    windows
        Hard windows for the start of service; empty = any time of the horizon.
    promised_window
        Window told to the customer. Nobody comes before it; coming after it is a broken promise and costs
        `CostRates.lateness_per_minute`, or is impossible when `promise_is_hard`.
    preferred_window
        What the customer would like.
    release
        Service cannot start before this instant.
    due
        The work should be finished by then (SLA).
    required_skills
        Skill name to least level (1 = any).
    allowed_technicians, forbidden_technicians, preferred_technicians
        Technician ids; `allowed_technicians` None = everyone.
    priority
        1 (can wait) to 5 (urgent); sets the cost of leaving it out unless `unassigned_cost` is given.
    mandatory
        Must be served if at all possible. Pinned visits are mandatory.
    told
        On a day under way: what people know already. None = nothing; then no change has a price.
    """

    id: str
    place_id: str
    duration: timedelta
    name: str = ""
    windows: tuple[TimeWindow, ...] = ()
    promised_window: TimeWindow | None = None
    promise_is_hard: bool = False
    preferred_window: TimeWindow | None = None
    release: datetime | None = None
    due: datetime | None = None
    required_skills: Mapping[str, int] = field(default_factory=dict)
    allowed_technicians: frozenset[str] | None = None
    forbidden_technicians: frozenset[str] = frozenset()
    preferred_technicians: frozenset[str] = frozenset()
    priority: int = 3
    unassigned_cost: Cents | None = None
    mandatory: bool = False
    pin: Pin | None = None
    told: Told | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """
    A pause inside a shift.

    Attributes
    ----------
    earliest_start, latest_start
        Closed interval for its start; equal for a fixed break.
    duration
        How long it lasts.
    place_id
        Where a fixed break takes place (a training, a dentist); None = wherever the technician is.
    paid
        Whether it counts as work time.
    """

    earliest_start: datetime
    latest_start: datetime
    duration: timedelta
    place_id: str | None = None
    paid: bool = True
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """
    One technician's working period on one date; at most one route.

    Attributes
    ----------
    start, end, hard_end
        Regular period, and the end of the overtime that is allowed at most (`hard_end` >= `end`).
    start_place_id
        Where the day starts.
    end_place_id
        Where it ends; None = at the last visit.
    max_visits, max_travel, max_work
        Caps; None = no cap.
    underway
        On a day under way: the technician has begun, and is at the start place, on the clock, from `start` on. Such a
        shift costs something without any visit too: the way home, and the time until then.
    """

    id: str
    start: datetime
    end: datetime
    hard_end: datetime
    start_place_id: str
    end_place_id: str | None
    breaks: tuple[Break, ...] = ()
    max_visits: int | None = None
    max_travel: timedelta | None = None
    max_work: timedelta | None = None
    underway: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Technician:
    """
    A person who serves visits.

    Attributes
    ----------
    skills
        Skill name to level held (1 or more).
    duration_permille
        Personal pace: time taken for a nominal 1,000 seconds of service.
    work_rate, overtime_rate
        Cents per hour; a salaried technician has a work rate of 0.
    """

    id: str
    name: str = ""
    skills: Mapping[str, int] = field(default_factory=dict)
    duration_permille: int = 1_000
    work_rate: Cents = Cents(0)
    overtime_rate: Cents = Cents(6_000)
    shifts: tuple[Shift, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CostRates:
    """
    What things cost, in cents: the weights of the plan as money, so that people can argue about them.

    Attributes
    ----------
    travel_per_hour, travel_per_km
        Driving.
    shift_used
        Fixed cost of a shift that serves at least one visit.
    lateness_per_minute
        Start after the promised window.
    sla_per_hour
        Finish after the due time, also while unassigned.
    preferred_window_missed
        Start outside the preferred window, once.
    other_technician
        Served by someone else than the preferred technicians, once.
    told_technician_changed
        Served by someone else than the technician the customer was told of, once.
    told_time_changed
        Start outside the window the customer was told last, once.
    unassigned_per_priority
        Leaving a visit out, times its priority.
    """

    travel_per_hour: Cents = Cents(3_600)
    travel_per_km: Cents = Cents(30)
    shift_used: Cents = Cents(0)
    lateness_per_minute: Cents = Cents(200)
    sla_per_hour: Cents = Cents(2_000)
    preferred_window_missed: Cents = Cents(500)
    other_technician: Cents = Cents(1_000)
    told_technician_changed: Cents = Cents(1_500)
    told_time_changed: Cents = Cents(500)
    unassigned_per_priority: Cents = Cents(10_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelSource:
    """
    Where travel times come from.

    Attributes
    ----------
    kind
        ``geodesic`` (power law over the geodesic), ``matrix`` (a file) or ``osrm`` (an OSRM server).
    coefficient_s, exponent, detour
        Geodesic: seconds = coefficient_s x km ** exponent; road meters = detour x geodesic meters.
    matrix_path
        Matrix: path of the file, relative to the problem file.
    url
        OSRM: base address of the server.
    """

    kind: str = "geodesic"
    coefficient_s: float = 180.0
    exponent: float = 0.72
    detour: float = 1.4
    matrix_path: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """
    What has to be planned.

    Attributes
    ----------
    time_zone
        IANA name; the horizon's dates and everything shown to people are in it.
    first_date, num_days
        Horizon: from midnight of `first_date`, 1 to 14 days.
    skills
        Names of all skills there are.
    """

    name: str
    time_zone: str
    first_date: date
    num_days: int
    skills: tuple[str, ...]
    places: tuple[Place, ...]
    technicians: tuple[Technician, ...]
    visits: tuple[Visit, ...]
    rates: CostRates = field(default_factory=CostRates)
    travel: TravelSource = field(default_factory=TravelSource)
