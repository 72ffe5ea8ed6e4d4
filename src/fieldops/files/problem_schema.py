"""The problem document, format ``fieldops-problem/1``: its fields, types and defaults, and what each of them means."""

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import Field

from fieldops.files.schema_types import (
    MOST_ENTRIES,
    Count,
    DayCount,
    Document,
    Instant,
    Latitude,
    Longitude,
    Money,
    MoneyPerPriority,
    Permille,
    PositiveSeconds,
    Priority,
    Seconds,
    SkillLevel,
)
from fieldops.units import Cents

PROBLEM_FORMAT: Final = "fieldops-problem/1"


class PlaceDocument(Document):
    """A point on the map."""

    id: str
    """Name by which the rest of the document refers to it."""
    latitude: Latitude
    """Degrees, WGS84."""
    longitude: Longitude
    """Degrees, WGS84."""
    address: str = ""
    """For people."""


class TimeWindowDocument(Document):
    """A closed interval in which a service may start."""

    earliest: Instant
    """First instant at which the service may start."""
    latest: Instant
    """Last instant at which the service may start; it may finish later."""


class PinDocument(Document):
    """What a person has fixed for a visit; the optimizer never moves it."""

    technician_id: str | None = None
    """Who serves it."""
    sequence: Count | None = None
    """Rank among the pinned visits of one shift, served in rising rank; needs a technician."""
    start: Instant | None = None
    """The exact start of service."""


class VisitDocument(Document):
    """One trip to one place: the thing that is planned."""

    id: str
    """Name of the visit, used once."""
    place_id: str
    """Where it is."""
    duration_s: PositiveSeconds
    """Nominal time on site, seconds."""
    name: str = ""
    """For people."""
    windows: tuple[TimeWindowDocument, ...] = Field(default=(), max_length=100)
    """Hard windows for the start of service; none = any time of the horizon."""
    promised_window: TimeWindowDocument | None = None
    """Window told to the customer: nobody comes before it, coming after it costs money."""
    promise_is_hard: bool = False
    """Makes coming after the promised window impossible."""
    preferred_window: TimeWindowDocument | None = None
    """What the customer would like; a start outside costs money, once."""
    release: Instant | None = None
    """Service cannot start before this instant."""
    due: Instant | None = None
    """The work should be finished by then; later costs money per hour."""
    required_skills: dict[str, SkillLevel] = Field(default_factory=dict)
    """Skill name to the least level needed; 1 = any."""
    allowed_technicians: tuple[str, ...] | None = None
    """Ids of the only technicians who may serve it; null = everyone."""
    forbidden_technicians: tuple[str, ...] = ()
    """Ids of technicians who may not serve it."""
    preferred_technicians: tuple[str, ...] = ()
    """Ids of technicians the customer would like; anybody else costs money, once."""
    priority: Priority = 3
    """1 (can wait) to 5 (urgent); sets the cost of leaving it out unless that is given."""
    unassigned_cost_cents: Money | None = None
    """Cost of leaving it out, cents; null = priority times the rate."""
    mandatory: bool = False
    """Must be served if at all possible; pinned visits always are."""
    pin: PinDocument | None = None
    """What a person has fixed; null = nothing."""


class BreakDocument(Document):
    """A pause inside a shift."""

    earliest_start: Instant
    """First instant at which it may start."""
    latest_start: Instant
    """Last instant at which it may start; the same instant for a fixed break."""
    duration_s: PositiveSeconds
    """How long it lasts, seconds."""
    place_id: str | None = None
    """Where a fixed break takes place; null = wherever the technician is."""
    paid: bool = True
    """Whether it counts as work time."""
    name: str = ""
    """For people."""


class ShiftDocument(Document):
    """One technician's working period on one date; at most one route."""

    id: str
    """Name of the shift, used once in the whole document."""
    start: Instant
    """Nobody leaves the start place before."""
    end: Instant
    """Regular end; time after it is overtime."""
    hard_end: Instant
    """Last instant at which the day may end."""
    start_place_id: str
    """Where the day starts."""
    end_place_id: str | None = None
    """Where the day ends; null = at the last visit."""
    breaks: tuple[BreakDocument, ...] = Field(default=(), max_length=100)
    """Breaks in the order they are taken, 8 at most."""
    max_visits: Count | None = None
    """Most visits; null = no cap."""
    max_travel_s: Seconds | None = None
    """Most driving, seconds; null = no cap."""
    max_work_s: Seconds | None = None
    """Most work time, seconds; null = no cap."""


class TechnicianDocument(Document):
    """A person who serves visits."""

    id: str
    """Name by which the rest of the document refers to the person."""
    name: str = ""
    """For people."""
    skills: dict[str, SkillLevel] = Field(default_factory=dict)
    """Skill name to the level held."""
    duration_permille: Permille = 1_000
    """Personal pace: time taken for a nominal 1,000 seconds of service."""
    work_rate_cents: Money = Cents(0)
    """Regular work time, cents per hour; 0 for a salaried technician."""
    overtime_rate_cents: Money = Cents(6_000)
    """Overtime, cents per hour."""
    shifts: tuple[ShiftDocument, ...] = Field(default=(), max_length=1_000)
    """Working periods; those of one technician do not overlap."""


class CostRatesDocument(Document):
    """What things cost, in cents."""

    travel_per_hour_cents: Money = Cents(3_600)
    """Driving, cents per hour."""
    travel_per_km_cents: Money = Cents(30)
    """Driving, cents per kilometer."""
    shift_used_cents: Money = Cents(0)
    """A shift that serves at least one visit, once."""
    lateness_per_minute_cents: Money = Cents(200)
    """Start after the promised window, cents per minute."""
    sla_per_hour_cents: Money = Cents(2_000)
    """Finish after the due time, cents per hour; unassigned visits count to the end of the horizon."""
    preferred_window_missed_cents: Money = Cents(500)
    """Start outside the preferred window, once."""
    other_technician_cents: Money = Cents(1_000)
    """Served by someone else than the preferred technicians, once."""
    told_technician_changed_cents: Money = Cents(1_500)
    """On a day under way: served by someone else than the technician the customer was told of, once."""
    told_time_changed_cents: Money = Cents(500)
    """On a day under way: start outside the window the customer was told last, once."""
    unassigned_per_priority_cents: MoneyPerPriority = Cents(10_000)
    """Leaving a visit out, cents times its priority."""


class TravelSourceDocument(Document):
    """Where travel times come from."""

    kind: Annotated[str, Field(json_schema_extra={"enum": ["geodesic", "matrix", "osrm"]})] = "geodesic"
    """geodesic: a formula; matrix: a file; osrm: an OSRM server."""
    coefficient_s: float = 180.0
    """Geodesic: seconds = coefficient_s x km ** exponent."""
    exponent: float = 0.72
    """Geodesic: see coefficient_s."""
    detour: float = 1.4
    """Geodesic: road meters = detour x geodesic meters."""
    matrix_path: str | None = None
    """Matrix: path of a .npz or .csv file, relative to the problem document."""
    url: str | None = None
    """OSRM: base address of the server."""


class ProblemDocument(Document):
    """A planning problem: places, technicians with shifts, visits, and what things cost."""

    format: Literal["fieldops-problem/1"]
    """Which kind of document this is."""
    name: str
    """For people."""
    time_zone: str
    """IANA name; the horizon's dates are in it."""
    first_date: date
    """First day of the horizon; it begins at midnight."""
    num_days: DayCount
    """Days of the horizon."""
    skills: tuple[str, ...] = Field(default=(), max_length=MOST_ENTRIES)
    """Names of all skills there are."""
    rates: CostRatesDocument = Field(default_factory=CostRatesDocument)
    """What things cost."""
    travel: TravelSourceDocument = Field(default_factory=TravelSourceDocument)
    """Where travel times come from."""
    places: tuple[PlaceDocument, ...] = Field(max_length=MOST_ENTRIES)
    """All places the rest refers to."""
    technicians: tuple[TechnicianDocument, ...] = Field(max_length=MOST_ENTRIES)
    """Everyone who serves visits."""
    visits: tuple[VisitDocument, ...] = Field(max_length=MOST_ENTRIES)
    """Everything that is to be planned."""
