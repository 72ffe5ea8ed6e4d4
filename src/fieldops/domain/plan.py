"""
A plan: who goes where and when, what it costs, and why some visits are on nobody's route.

Instants are aware, durations `timedelta`, money whole cents, each term rounded once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from fieldops.units import Cents, Meters


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """
    A visit's place in a route.

    Attributes
    ----------
    arrival, start, finish, departure
        Reaching the place, begin and end of service, driving on.
    wait
        Idle time between arrival and start, without breaks.
    slack
        How far the start could slip without breaking a hard rule later in the route.
    lateness
        Start after the promised window; zero when kept or nothing was promised.
    travel, distance
        From the stop before (with the detour to a break that has a place).
    """

    visit_id: str
    arrival: datetime
    start: datetime
    finish: datetime
    departure: datetime
    wait: timedelta
    slack: timedelta
    lateness: timedelta
    travel: timedelta
    distance: Meters


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakTaken:
    """A break of the shift as planned; `on_the_clock` is False when taken before leaving or after the day's end."""

    name: str
    start: datetime
    end: datetime
    place_id: str | None
    paid: bool
    on_the_clock: bool
    after_visits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """
    The ordered stops of one shift.

    Attributes
    ----------
    departure, end
        Leaving the start place, reaching the end place (or finishing the last visit).
    travel_home
        Travel after the last visit.
    cost
        Term name to cents.
    """

    technician_id: str
    shift_id: str
    departure: datetime
    end: datetime
    stops: tuple[Stop, ...]
    breaks: tuple[BreakTaken, ...]
    travel: timedelta
    travel_home: timedelta
    distance: Meters
    work: timedelta
    overtime: timedelta
    cost: Mapping[str, Cents]


class UnassignedKind(StrEnum):
    """Whether a visit could be served by somebody with nothing else to do."""

    IMPOSSIBLE_ALONE = "impossible_alone"
    DISPLACED = "displaced"


class ReasonCode(StrEnum):
    """Why a visit is on no route."""

    NO_TECHNICIAN_ALLOWED = "no_technician_allowed"
    NO_TECHNICIAN_WITH_SKILL = "no_technician_with_skill"
    NO_SHIFT_IN_WINDOW = "no_shift_in_window"
    TOO_FAR = "too_far"
    OVER_CAP = "over_cap"
    SHIFTS_FULL = "shifts_full"
    COSTS_MORE_THAN_LEAVING_OUT = "costs_more_than_leaving_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """
    The cheapest change found that would get an unassigned visit served; checked by really inserting it.

    Attributes
    ----------
    description
        For people: "fits at 14:10 with Kim if 20 min overtime are allowed".
    technician_id, shift_id, start
        Who would serve it and when.
    extra_overtime
        Time after the hard end that would have to be allowed.
    window_shift
        Minutes the start would lie outside the visit's windows; negative = earlier.
    missing_skills
        Skills the technician would have to be excused from.
    displaces
        Visits that would have to be left out instead.
    cost
        Extra cost in cents over leaving the visit out.
    """

    description: str
    technician_id: str
    shift_id: str
    start: datetime
    cost: Cents
    extra_overtime: timedelta = timedelta(0)
    window_shift: timedelta = timedelta(0)
    missing_skills: tuple[str, ...] = ()
    displaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnassignedVisit:
    """A visit on no route, with the reasons and the cheapest repair found (None when nothing helps)."""

    visit_id: str
    kind: UnassignedKind
    reasons: tuple[ReasonCode, ...]
    repair: Repair | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpis:
    """
    The plan in a few figures; each is defined in docs/glossary.md.

    Attributes
    ----------
    promises, promises_kept
        Assigned visits with a promised window, and those that start inside it.
    utilization
        Time on site over work time, 0 to 1.
    travel_share
        Driving over work time, 0 to 1.
    """

    visits: int
    assigned: int
    unassigned: int
    mandatory_unassigned: int
    served_priority: int
    total_priority: int
    promises: int
    promises_kept: int
    shifts: int
    shifts_used: int
    on_site: timedelta
    travel: timedelta
    wait: timedelta
    work: timedelta
    overtime: timedelta
    distance: Meters
    utilization: float
    travel_share: float
    visits_per_shift: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchFacts:
    """
    How the plan was found.

    Attributes
    ----------
    termination
        Why the search stopped.
    """

    termination: str
    seed: int
    threads: int
    seconds: float
    iterations: int
    first_plan_s: float
    recombinations: int
    recombination_gain: Cents
    pool_size: int
    operators: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """
    Routes over a horizon, and what is left over.

    Attributes
    ----------
    cost
        Term name to cents; the total is their sum.
    """

    problem_name: str
    time_zone: str
    routes: tuple[Route, ...]
    unassigned: tuple[UnassignedVisit, ...]
    cost: Mapping[str, Cents]
    kpis: Kpis
    search: SearchFacts

    @property
    def total_cost(self) -> Cents:
        """Sum of all cost terms, cents."""
        return Cents(sum(self.cost.values()))
