"""
Where a new visit would fit into routes that are running, window by window.

One question, asked of many short routes at a time: of each shift's route, which place for the visit is cheapest when
its service has to start in this window, and keeps every hard rule. The same answer serves listing windows, holding one,
confirming after an expiry and rescheduling, so whatever was offered can be held as long as the route has not changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np

from fieldops.errors import Fault, InvalidInput
from fieldops.solver import _core
from fieldops.solver.instance import MAX_VALUE, Instance, IntArray, Visit
from fieldops.solver.validation import judge_largest_cost, largest_cost, largest_visit_cost, visit_faults
from fieldops.units import UNITS_PER_CENT_KM_METER, CostUnits

#: Closed interval of seconds in which service may start.
Window = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class RunningRoute:
    """
    What one shift is doing, ready for quotes.

    Immutable; may be shared by threads.

    Attributes
    ----------
    instance
        Of exactly one technician and one shift.
    order
        All visits of the instance, in serving order.
    core
        The compiled counterpart.
    largest_cost
        What the route can cost at most, cost units.
    bounds
        What `RunningRoutes` wants to know of it.

    Raises
    ------
    ValueError
        When there is not exactly one technician and one shift, or a visit is missing or repeated.
    """

    instance: Instance
    order: tuple[int, ...]
    core: _core.RunningRoute = field(init=False, repr=False)
    largest_cost: int = field(init=False, repr=False)
    bounds: "_Bounds" = field(init=False, repr=False)

    def __post_init__(self) -> None:
        counts = len(self.instance.technicians), len(self.instance.shifts)
        if counts != (1, 1):
            raise ValueError(f"a running route is of one technician and one shift, not {counts[0]} and {counts[1]}")
        if sorted(self.order) != list(range(len(self.instance.visits))):
            raise ValueError(f"a running route serves each of its {len(self.instance.visits)} visits: {self.order}")
        object.__setattr__(self, "core", _core.RunningRoute(self.instance, self.order))
        object.__setattr__(self, "largest_cost", largest_cost(self.instance))
        object.__setattr__(self, "bounds", self._bounds())

    @property
    def num_places(self) -> int:
        """Number of places of the instance."""
        return self.instance.num_places

    @property
    def is_sound(self) -> bool:
        """Whether the running route itself keeps every hard rule."""
        return self.core.is_sound

    def _bounds(self) -> "_Bounds":
        own, shift = self.instance, self.instance.shifts[0]
        return (
            own.num_places,
            own.num_skills,
            own.technicians[0].duration_permille,
            max(own.horizon_s, shift.hard_end),
            shift.cost_per_km,
            self.largest_cost,
        )


#: Places, skills, pace in permille, latest end, cost of a kilometer, and the most that it can cost.
_Bounds = tuple[int, int, int, int, int, int]
#: Those of no route at all.
_NO_BOUNDS: Final[_Bounds] = (0, 0, 1_000, 0, 0, 0)


@dataclass(frozen=True, slots=True, eq=False)
class RunningRoutes:
    """
    Running routes of one horizon, gathered once for many quotes.

    Immutable; may be shared by threads.

    Attributes
    ----------
    num_places
        Of all of them together.
    num_skills
        Of each; None without routes.
    slowest
        Pace of the slowest technician, permille.
    latest_end
        The latest of all ends of horizons and shifts, seconds.
    dearest_km, largest_cost
        The dearest kilometer in cents, and the most that one of the routes can cost, in cost units.

    Raises
    ------
    ValueError
        When the routes do not share their skills.
    """

    routes: Sequence[RunningRoute]
    cores: list[_core.RunningRoute] = field(init=False, repr=False)
    num_places: int = field(init=False)
    num_skills: int | None = field(init=False)
    slowest: int = field(init=False)
    latest_end: int = field(init=False)
    dearest_km: int = field(init=False)
    largest_cost: int = field(init=False)

    def __post_init__(self) -> None:
        bounds = [running.bounds for running in self.routes]
        places, skills, paces, ends, kilometers, costs = zip(*(bounds or [_NO_BOUNDS]), strict=True)
        if len(set(skills)) > 1:
            raise ValueError("the routes do not share their skills")
        values = {
            "cores": [running.core for running in self.routes],
            "num_places": sum(places),
            "num_skills": skills[0] if bounds else None,
            "slowest": max(paces),
            "latest_end": max(ends),
            "dearest_km": max(kilometers),
            "largest_cost": max(costs),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return len(self.cores)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Legs:
    """
    Travel between the place of a new visit and every place of every route.

    Attributes
    ----------
    to_visit_s, to_visit_m
        Seconds and meters from each place to the visit; int32, one-dimensional: the places of route 0 in index order,
        then those of route 1, and so on.
    from_visit_s, from_visit_m
        The same from the visit to each place.
    """

    to_visit_s: IntArray
    to_visit_m: IntArray
    from_visit_s: IntArray
    from_visit_m: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """
    What a customer says about the technician of a route.

    Attributes
    ----------
    allowed
        Whether this technician may serve the visit.
    preferred
        Whether this technician is one of those wished for, or nobody is; otherwise the visit's
        ``other_technician_cents`` are due.
    """

    allowed: bool = True
    preferred: bool = True


@dataclass(frozen=True, slots=True)
class Slot:
    """
    The cheapest place of a visit on one route in one window.

    Attributes
    ----------
    route
        Index of the route.
    position
        How many visits come before it.
    cost
        Exact cost added to the route.
    start, finish
        Of the new visit's service, seconds.
    slack
        How far the start could slip without breaking a hard rule, the window included; seconds.
    extra_travel_s
        Driving added to the route, seconds; may be negative where travel breaks the triangle inequality.
    """

    route: int
    position: int
    cost: CostUnits
    start: int
    finish: int
    slack: int
    extra_travel_s: int


class Refusal(StrEnum):
    """Why a route has no place for a visit in a window: the first of these that is so."""

    NOT_ALLOWED = "not_allowed"
    SKILL = "skill"
    #: Would not even fit alone into this shift in this window: hours, distance, breaks, caps.
    OUTSIDE_SHIFT = "outside_shift"
    #: Would fit alone, but not with the visits that are on the route.
    FULL = "full"
    #: Would fit alone, but the running route breaks a rule already: it takes no further visit.
    UNSOUND = "unsound"


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowQuote:
    """
    What can be had in one window.

    Attributes
    ----------
    slots
        One per route that has a place, by rising cost, then by route.
    refusals
        How many of the other routes have none, by reason; reasons without a route are left out.
    """

    slots: tuple[Slot, ...]
    refusals: Mapping[Refusal, int]


def quote(
    routes: Sequence[RunningRoute] | RunningRoutes,
    visit: Visit,
    legs: Legs,
    windows: Sequence[Window],
    standings: Sequence[Standing] | None = None,
) -> list[WindowQuote]:
    """
    Find the cheapest place for a new visit on every route, for each of some windows.

    Parameters
    ----------
    routes
        Of one horizon; their instances share the skills. Whoever asks often gathers them once.
    visit
        Times are seconds of that horizon. Its ``place`` is ignored, `legs` say where it is. Its technician sets stay
        empty: technicians of different routes share no indices, `standings` say who may come.
    legs
        To and from the visit, in the profile of each route's shift.
    windows
        Closed intervals; service starts in the asked one and in one of the visit's own.
    standings
        One per route, or None when everybody is allowed and nobody wished for.

    Returns
    -------
    list[WindowQuote]
        One per window, in their order.

    Raises
    ------
    ValueError
        When the sizes of the arguments do not match, a window ends before it begins, or the visit names technicians.
    InvalidInput
        When the visit is no visit that an `Instance` would accept.

    Notes
    -----
    Exact under every rule of the time model: the cost is the difference between the route with the visit and without,
    and no other place in that route and window is cheaper; of places that cost the same, the first. O(stops) per route
    and window where nothing depends on time, O(stops ** 2) at worst.
    """
    gathered = routes if isinstance(routes, RunningRoutes) else RunningRoutes(routes)
    _require_matching(gathered, visit, legs, windows, standings)
    _require_sound_visit(gathered, visit, legs)
    people = [(True, True)] * len(gathered)
    if standings is not None:
        people = [(standing.allowed, standing.preferred) for standing in standings]
    cells = (legs.to_visit_s, legs.to_visit_m, legs.from_visit_s, legs.from_visit_m)
    rows = _core.quote(gathered.cores, visit, cells, people, windows)
    return [
        WindowQuote(
            slots=tuple(_slot(*slot) for slot in slots),
            refusals={why: count for why, count in zip(_REASONS, counts, strict=True) if count},
        )
        for slots, counts in rows
    ]


#: In the order the core counts them.
_REASONS: Final = tuple(Refusal)


def _slot(route: int, position: int, cost: int, start: int, finish: int, slack: int, extra_travel_s: int) -> Slot:
    return Slot(route, position, CostUnits(cost), start, finish, slack, extra_travel_s)


def _require_matching(
    routes: RunningRoutes,
    visit: Visit,
    legs: Legs,
    windows: Sequence[Window],
    standings: Sequence[Standing] | None,
) -> None:
    """Raise `ValueError` when the arguments are not about the same routes and the same visit."""
    places = routes.num_places
    for name in ("to_visit_s", "to_visit_m", "from_visit_s", "from_visit_m"):
        cells = getattr(legs, name)
        if cells.dtype != np.int32 or cells.shape != (places,):
            raise ValueError(f"legs.{name} has {cells.dtype} of shape {cells.shape}, expected int32 of ({places},)")
    if standings is not None and len(standings) != len(routes):
        raise ValueError(f"{len(standings)} standings for {len(routes)} routes")
    for earliest, latest in windows:
        if latest < earliest:
            raise ValueError(f"the window from {earliest} to {latest} ends before it begins")
        if not -MAX_VALUE <= earliest <= latest <= MAX_VALUE:
            raise ValueError(f"the window from {earliest} to {latest} is not within {MAX_VALUE} s of the horizon start")
    if visit.allowed_technicians is not None or visit.forbidden_technicians or visit.preferred_technicians:
        raise ValueError("the technician sets of a quoted visit stay empty: standings say who may come")
    if visit.baseline_technician is not None:
        raise ValueError("of a quoted visit nobody has been told who comes")


def _require_sound_visit(routes: RunningRoutes, visit: Visit, legs: Legs) -> None:
    """Raise `InvalidInput` when the core could not count with the visit or the way to it."""
    num_skills = len(visit.required_levels) if routes.num_skills is None else routes.num_skills
    faults = visit_faults(visit, num_skills=num_skills, slowest=routes.slowest)
    farthest = 0
    for name in ("to_visit_s", "to_visit_m", "from_visit_s", "from_visit_m"):
        cells = getattr(legs, name)
        nearest, farthest_here = (int(cells.min()), int(cells.max())) if cells.size else (0, 0)
        if nearest < 0 or farthest_here > MAX_VALUE:
            found = str(nearest if nearest < 0 else farthest_here)
            faults.append(Fault(path=f"legs.{name}", found=found, expected=f"whole numbers from 0 to {MAX_VALUE}"))
        farthest = max(farthest, farthest_here)
    if not faults and len(routes):
        # The visit brings two legs of its own.
        driving = 2 * routes.dearest_km * UNITS_PER_CENT_KM_METER * farthest
        visit_cost = largest_visit_cost(visit, routes.latest_end)
        judge_largest_cost(faults, "visit", routes.largest_cost + visit_cost + driving)
    if faults:
        raise InvalidInput(faults)
