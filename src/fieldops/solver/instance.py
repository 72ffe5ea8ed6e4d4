"""
The solver's input: indices and integers only, checked once, never changed.

Times are seconds from the horizon start, distances meters, money cents. Places, technicians, shifts and visits are
referred to by their index. Names, dates, time zones and policies live in the domain; one module of the use cases
translates.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fieldops.errors import InvalidInput

IntArray = NDArray[np.int32]

#: Largest time, duration or distance accepted anywhere (about 17 years in seconds): sums stay within 32 bits.
MAX_VALUE: Final = 2**29
#: Largest amount of money accepted in one field: ten million in whole currency.
MAX_CENTS: Final = 10**9
#: Most breaks one shift may have.
MAX_BREAKS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """
    A pause inside a shift.

    A floating break starts anywhere in ``[earliest, latest]``, between two services. A fixed break has ``earliest ==
    latest``. A break with a place (a training, a dentist) is driven to and is always fixed.

    Attributes
    ----------
    earliest, latest
        Start of the break, seconds, closed interval.
    duration
        Seconds, > 0.
    place
        Place index, or None to take it wherever the technician is.
    paid
        Whether the pause counts as work time.
    """

    earliest: int
    latest: int
    duration: int
    place: int | None = None
    paid: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Technician:
    """
    A person who serves visits.

    Attributes
    ----------
    skill_levels
        Level held per skill, 0 = not held; one entry per skill of the instance.
    duration_permille
        How long this person takes for a nominal 1,000 seconds of service; service durations are scaled and rounded
        half up.
    """

    skill_levels: tuple[int, ...] = ()
    duration_permille: int = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """
    One technician's working period on one date; at most one route.

    Attributes
    ----------
    technician
        Technician index.
    start_place
        Place where the day starts.
    end_place
        Place where the day ends, or None when it ends at the last visit.
    earliest_start, regular_end, hard_end
        Seconds. Nobody leaves before ``earliest_start`` or is back after ``hard_end``; time after ``regular_end`` is
        overtime.
    breaks
        In the order they are taken.
    profile
        Index of the travel matrices used.
    cost_per_work_hour, cost_per_overtime_hour, cost_per_travel_hour, cost_per_km, fixed_cost
        Cents. Work time up to the regular end is paid at the work rate, after it at the overtime rate. The fixed cost
        is due when the shift serves at least one visit.
    max_visits, max_travel_s, max_work_s
        Caps, or None. Work time runs from leaving the start place to the end of the route, less unpaid breaks.
    load_capacity
        Largest total load of the visits served, or None.
    underway
        The technician is at the start place, on the clock, from ``earliest_start`` on. Such a shift has a route even
        when it serves nobody: the way home, with the breaks that are left; that route has to keep every rule. Its fixed
        cost is always due, no break is taken before leaving, and leaving later saves nothing.
    """

    technician: int
    start_place: int
    end_place: int | None
    earliest_start: int
    regular_end: int
    hard_end: int
    breaks: tuple[Break, ...] = ()
    profile: int = 0
    cost_per_work_hour: int = 0
    cost_per_overtime_hour: int = 0
    cost_per_travel_hour: int = 0
    cost_per_km: int = 0
    fixed_cost: int = 0
    max_visits: int | None = None
    max_travel_s: int | None = None
    max_work_s: int | None = None
    load_capacity: int | None = None
    underway: bool = False

    @property
    def compresses_work(self) -> bool:
        """Whether leaving later is worth money or needed for a cap (see docs/concepts.md, departure)."""
        return not self.underway and (self.cost_per_work_hour > 0 or self.max_work_s is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """
    One trip to one place: the thing that is planned.

    Attributes
    ----------
    place
        Place index.
    service_s
        Nominal service duration, seconds.
    windows
        Closed intervals ``(earliest, latest)`` that bind the *start* of service; sorted, disjoint, at least one.
    promised_latest
        Latest start promised to the customer, or None; a later start costs ``lateness_cents_per_minute``.
    preferred
        Window ``(earliest, latest)`` the customer would like, or None; a start outside costs
        ``preferred_miss_cents`` once.
    due
        Time by which the work should be finished, or None; finishing later, or not at all (counted to the horizon
        end), costs ``due_cents_per_hour``. Like the other wishes it may lie before the horizon start (negative).
    required_levels
        Least level per skill, 0 = not required; one entry per skill of the instance.
    allowed_technicians
        The only technicians who may serve it, or None for everyone.
    forbidden_technicians
        Technicians who may not.
    preferred_technicians
        Technicians the customer would like; anyone else costs ``other_technician_cents``. Empty = no wish.
    baseline_technician
        Technician the customer was told of, or None; anyone else costs ``reassigned_cents``.
    told
        Window ``(earliest, latest)`` in which the customer was told to expect the start, or None; a start outside costs
        ``told_miss_cents`` once.
    unassigned_cents
        Cost of leaving it out.
    mandatory
        Leaving it out is worse than any cost.
    sequence
        Pinned rank, >= 0: on one route, ranks never fall from visit to visit. None = free.
    load
        Load taken by the visit, >= 0 (vehicle routing benchmarks).
    """

    place: int
    service_s: int
    windows: tuple[tuple[int, int], ...]
    promised_latest: int | None = None
    lateness_cents_per_minute: int = 0
    preferred: tuple[int, int] | None = None
    preferred_miss_cents: int = 0
    due: int | None = None
    due_cents_per_hour: int = 0
    required_levels: tuple[int, ...] = ()
    allowed_technicians: frozenset[int] | None = None
    forbidden_technicians: frozenset[int] = frozenset()
    preferred_technicians: frozenset[int] = frozenset()
    other_technician_cents: int = 0
    baseline_technician: int | None = None
    reassigned_cents: int = 0
    told: tuple[int, int] | None = None
    told_miss_cents: int = 0
    unassigned_cents: int = 0
    mandatory: bool = False
    sequence: int | None = None
    load: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Instance:
    """
    Everything the solver knows about one planning problem.

    Attributes
    ----------
    horizon_s
        Length of the horizon, seconds.
    travel_s, distance_m
        Seconds and meters from place i to place j, int32, shape ``(profiles, places, places)``, directed, C order.
    technicians, shifts, visits
        Referred to by index everywhere else.

    Raises
    ------
    InvalidInput
        With every fault found.
    """

    horizon_s: int
    travel_s: IntArray
    distance_m: IntArray
    technicians: tuple[Technician, ...]
    shifts: tuple[Shift, ...]
    visits: tuple[Visit, ...]

    def __post_init__(self) -> None:
        from fieldops.solver.validation import instance_faults  # the rules are a page of their own

        faults = instance_faults(self)
        if faults:
            raise InvalidInput(faults)

    @property
    def num_places(self) -> int:
        """Number of places."""
        return int(self.travel_s.shape[1])

    @property
    def num_skills(self) -> int:
        """Number of skills."""
        return len(self.technicians[0].skill_levels) if self.technicians else 0

    def service_duration(self, technician: int, visit: int) -> int:
        """Seconds this technician needs for this visit: nominal duration x personal factor, rounded half up."""
        permille = self.technicians[technician].duration_permille
        return (self.visits[visit].service_s * permille + 500) // 1_000

    def is_eligible(self, technician: int, visit: int) -> bool:
        """Whether this technician holds the skills for this visit and is allowed to serve it."""
        wanted, person = self.visits[visit], self.technicians[technician]
        if wanted.allowed_technicians is not None and technician not in wanted.allowed_technicians:
            return False
        if technician in wanted.forbidden_technicians:
            return False
        pairs = zip(person.skill_levels, wanted.required_levels, strict=True)
        return all(held >= least for held, least in pairs)
