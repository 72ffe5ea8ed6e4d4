"""The plan document, format ``fieldops-plan/1``: its fields, types and what each of them means."""

from typing import Final, Literal

from pydantic import Field

from fieldops.domain.plan import ReasonCode, UnassignedKind
from fieldops.files.schema_types import MOST_ENTRIES, AnyMoney, AnySeconds, Count, Document, Instant, LongSeconds

PLAN_FORMAT: Final = "fieldops-plan/1"


class StopDocument(Document):
    """A visit's place in a route."""

    visit_id: str
    """Which visit."""
    arrival: Instant
    """Reaching the place."""
    start: Instant
    """Begin of service."""
    finish: Instant
    """End of service."""
    departure: Instant
    """Driving on."""
    wait_s: LongSeconds
    """Idle time between arrival and start, without breaks, seconds."""
    slack_s: LongSeconds
    """How far the start could slip without breaking a hard rule later in the route, seconds."""
    lateness_s: LongSeconds
    """Start after the promised window, seconds; 0 when kept or nothing was promised."""
    travel_s: LongSeconds
    """Driving from the stop before, seconds."""
    distance_m: Count
    """Driven from the stop before, meters."""


class BreakTakenDocument(Document):
    """A break of the shift as planned."""

    name: str
    """For people."""
    start: Instant
    """When it starts."""
    end: Instant
    """When it ends."""
    place_id: str | None
    """Where it takes place; null = wherever the technician is."""
    paid: bool
    """Whether it counts as work time."""
    on_the_clock: bool
    """False when it is taken before leaving or after the day's end."""
    after_visits: Count
    """How many visits of the route are served before it."""


class RouteDocument(Document):
    """The ordered stops of one shift."""

    technician_id: str
    """Who drives it."""
    shift_id: str
    """In which shift."""
    departure: Instant
    """Leaving the start place."""
    end: Instant
    """Reaching the end place, or finishing the last visit."""
    stops: tuple[StopDocument, ...]
    """Visits in serving order."""
    breaks: tuple[BreakTakenDocument, ...]
    """Breaks in the order they are taken."""
    travel_s: LongSeconds
    """Driving, seconds."""
    travel_home_s: LongSeconds
    """Driving after the last visit, seconds."""
    distance_m: Count
    """Driven, meters."""
    work_s: LongSeconds
    """From departure to end less unpaid breaks, seconds."""
    overtime_s: LongSeconds
    """After the regular end, seconds."""
    cost_cents: dict[str, AnyMoney]
    """Cost term to cents."""


class RepairDocument(Document):
    """The cheapest change found that would get an unassigned visit served."""

    description: str
    """For people."""
    technician_id: str
    """Who would serve it."""
    shift_id: str
    """In which shift."""
    start: Instant
    """When its service would start."""
    cost_cents: AnyMoney
    """Extra cost over leaving the visit out, cents."""
    extra_overtime_s: LongSeconds = 0
    """Time after the hard end that would have to be allowed, seconds."""
    window_shift_s: AnySeconds = 0
    """How far the start would lie outside the visit's windows, seconds; negative = earlier."""
    missing_skills: tuple[str, ...] = ()
    """Skills the technician would have to be excused from."""
    displaces: tuple[str, ...] = ()
    """Ids of visits that would have to be left out instead."""


class UnassignedVisitDocument(Document):
    """A visit on no route."""

    visit_id: str
    """Which visit."""
    kind: UnassignedKind
    """Whether somebody with nothing else to do could serve it."""
    reasons: tuple[ReasonCode, ...]
    """Why it is on no route."""
    repair: RepairDocument | None
    """The cheapest change that would get it served; null = none was found."""


class KpisDocument(Document):
    """The plan in a few figures."""

    visits: Count
    """Visits of the problem."""
    assigned: Count
    """Visits on a route."""
    unassigned: Count
    """Visits on no route."""
    mandatory_unassigned: Count
    """Mandatory ones among them."""
    served_priority: Count
    """Sum of the priorities of the assigned visits."""
    total_priority: Count
    """Sum of the priorities of all visits."""
    promises: Count
    """Assigned visits with a promised window."""
    promises_kept: Count
    """Those that start inside it."""
    shifts: Count
    """Shifts of the problem."""
    shifts_used: Count
    """Shifts with at least one visit."""
    on_site_s: LongSeconds
    """Service at visits, seconds."""
    travel_s: LongSeconds
    """Driving, seconds."""
    wait_s: LongSeconds
    """Idle time, seconds."""
    work_s: LongSeconds
    """Work time, seconds."""
    overtime_s: LongSeconds
    """Overtime, seconds."""
    distance_m: Count
    """Driven, meters."""
    utilization: float
    """Time on site over work time, 0 to 1."""
    travel_share: float
    """Driving over work time, 0 to 1."""
    visits_per_shift: float
    """Assigned visits over shifts used."""


class SearchFactsDocument(Document):
    """How the plan was found."""

    termination: str
    """Why the search stopped."""
    seed: int
    """Seed of the random numbers."""
    threads: Count
    """Independent searches."""
    seconds: float
    """Wall-clock duration of the search."""
    iterations: Count
    """Ruin-and-recreate iterations of all threads."""
    first_plan_s: float
    """Wall-clock seconds until the first complete plan."""
    recombinations: Count
    """How often the pool of routes was recombined."""
    recombination_gain_cents: AnyMoney
    """Cost the recombinations took off the plan, cents."""
    pool_size: Count
    """Routes in the pool at its last recombination."""
    operators: dict[str, tuple[int, int]] = Field(default_factory=dict)
    """Operator to how often it was used and how often it improved the best plan."""


class PlanDocument(Document):
    """Routes over a horizon, and what is left over."""

    format: Literal["fieldops-plan/1"]
    """Which kind of document this is."""
    problem_name: str
    """Name of the problem planned."""
    time_zone: str
    """IANA name; instants are written in it."""
    total_cost_cents: AnyMoney
    """Sum of all cost terms, cents."""
    cost_cents: dict[str, AnyMoney]
    """Cost term to cents."""
    kpis: KpisDocument
    """The plan in a few figures."""
    search: SearchFactsDocument
    """How the plan was found."""
    routes: tuple[RouteDocument, ...] = Field(max_length=MOST_ENTRIES)
    """One per shift used."""
    unassigned: tuple[UnassignedVisitDocument, ...] = Field(max_length=MOST_ENTRIES)
    """Visits on no route."""
