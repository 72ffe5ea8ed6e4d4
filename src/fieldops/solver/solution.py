"""
The solver's output: routes with full timing, exact costs per term, and why the search stopped.

All times are seconds from the horizon start; all money here is in exact cost units (`fieldops.units`).
"""

from dataclasses import dataclass, field, fields
from enum import StrEnum

from fieldops.units import CostUnits


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """
    A visit's place in a route.

    Attributes
    ----------
    visit
        Visit index.
    arrival
        When the technician reaches the place.
    start, finish
        Service; ``start`` lies in one of the visit's windows.
    departure
        When the technician starts to drive on (the finish, unless a break is taken before leaving). Equals ``finish``
        at the last stop of an open route and where the next place is the same.
    wait
        Idle seconds between arrival and start, without breaks.
    slack
        How far the start could slip without breaking any hard rule later in the route.
    """

    visit: int
    arrival: int
    start: int
    finish: int
    departure: int
    wait: int
    slack: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakTaken:
    """
    When and where on the route a break is taken.

    Attributes
    ----------
    break_pos
        Position in the shift's breaks.
    leg
        -1: before leaving, off the clock. 0..n: after that many visits have been served. n + 1: after the end of the
        route, off the clock.
    start
        Seconds.
    """

    break_pos: int
    leg: int
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CostBreakdown:
    """
    What a plan or a route costs, term by term, in exact cost units.

    Attributes
    ----------
    unassigned
        Visits left out (without the weight that keeps mandatory visits in).
    lateness
        Broken promises: starts after the promised latest.
    sla
        Work finished after its due time, or left undone past it.
    preference
        Starts outside the preferred window.
    technician
        Visits served by somebody other than the preferred technicians.
    churn
        Changes to what customers have been told: another technician, a start outside the window.
    work, overtime, travel, distance, fixed
        What the shifts cost.
    """

    unassigned: CostUnits = CostUnits(0)
    lateness: CostUnits = CostUnits(0)
    sla: CostUnits = CostUnits(0)
    preference: CostUnits = CostUnits(0)
    technician: CostUnits = CostUnits(0)
    churn: CostUnits = CostUnits(0)
    work: CostUnits = CostUnits(0)
    overtime: CostUnits = CostUnits(0)
    travel: CostUnits = CostUnits(0)
    distance: CostUnits = CostUnits(0)
    fixed: CostUnits = CostUnits(0)

    @property
    def total(self) -> CostUnits:
        """Sum of all terms."""
        return CostUnits(sum(getattr(self, term.name) for term in fields(self)))

    def __add__(self, other: "CostBreakdown") -> "CostBreakdown":
        terms = (term.name for term in fields(self))
        return CostBreakdown(**{name: CostUnits(getattr(self, name) + getattr(other, name)) for name in terms})


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """
    The ordered stops of one shift, with times.

    Attributes
    ----------
    shift
        Shift index.
    departure, end
        Leaving the start place; reaching the end place (or finishing the last visit when the end is open).
    stops
        At least one, unless the shift is under way.
    breaks
        One entry per break of the shift, in order.
    travel_s, distance_m
        Driven, with the detours to breaks that have a place.
    work_s, overtime_s
        ``end - departure`` less unpaid breaks; ``end - max(departure, regular end)`` where positive.
    cost
        Exact, without the `unassigned` term.
    """

    shift: int
    departure: int
    end: int
    stops: tuple[Stop, ...]
    breaks: tuple[BreakTaken, ...]
    travel_s: int
    distance_m: int
    work_s: int
    overtime_s: int
    cost: CostBreakdown

    @property
    def visits(self) -> tuple[int, ...]:
        """Visit indices in serving order."""
        return tuple(stop.visit for stop in self.stops)


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """
    Routes for some shifts and the visits on none of them.

    Attributes
    ----------
    routes
        By rising shift index; shifts without a visit are left out, unless they are under way.
    unassigned
        Visit indices, rising.
    cost
        Exact, all terms: those of the routes, and those of the visits left out.
    """

    routes: tuple[Route, ...]
    unassigned: tuple[int, ...]
    cost: CostBreakdown


class Termination(StrEnum):
    """Why the search stopped."""

    TIME_LIMIT = "time_limit"
    ITERATION_LIMIT = "iteration_limit"
    INTERRUPTED = "interrupted"
    NOTHING_TO_PLAN = "nothing_to_plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """
    What the search did.

    Attributes
    ----------
    iterations
        Ruin-and-recreate iterations, all threads together.
    seconds
        Wall-clock duration of the search.
    first_plan_s
        Wall-clock seconds until the first complete plan.
    pool_size
        Routes in the pool when it was last recombined.
    recombinations
        How often the pool was recombined.
    recombination_gain
        Exact cost the recombinations took off the best plan, in total.
    operators
        Per operator: times used, times it improved the best plan.
    """

    iterations: int = 0
    seconds: float = 0.0
    first_plan_s: float = 0.0
    pool_size: int = 0
    recombinations: int = 0
    recombination_gain: CostUnits = CostUnits(0)
    operators: dict[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The best solution found, why the search stopped, and what it did."""

    solution: Solution
    termination: Termination
    statistics: Statistics


class ViolationCode(StrEnum):
    """Which hard rule a route or solution breaks."""

    SKILL = "skill"
    TECHNICIAN = "technician"
    WINDOW = "window"
    BREAK = "break"
    EARLIEST_START = "earliest_start"
    HARD_END = "hard_end"
    MAX_VISITS = "max_visits"
    MAX_TRAVEL = "max_travel"
    MAX_WORK = "max_work"
    LOAD = "load"
    SEQUENCE = "sequence"
    REPEATED = "repeated"
    MISSING = "missing"
    TIMING = "timing"
    COST = "cost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """
    A hard rule broken, or a figure that is not what it should be.

    Attributes
    ----------
    shift, visit
        Where; None when it concerns the whole solution or route.
    amount
        By how much: seconds, visits, load or cost units, as the code implies; 0 when it cannot be measured.
    break_pos
        Position in the shift's breaks of the one it concerns; None = none of them.
    message
        For people.
    """

    code: ViolationCode
    message: str
    shift: int | None = None
    visit: int | None = None
    break_pos: int | None = None
    amount: int = 0
