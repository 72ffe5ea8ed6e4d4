"""
Where a new visit would fit into routes that are running, window by window.

One question, asked of many short routes at a time: of each shift's route, which place for the visit is cheapest when
its service has to start in this window, and keeps every hard rule. The same answer serves listing windows, holding one,
confirming after an expiry and rescheduling, so whatever was offered can be held as long as the route has not changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np

from fieldops.solver import _core
from fieldops.solver.evaluate import Evaluator
from fieldops.solver.instance import Instance, IntArray, Visit
from fieldops.units import CostUnits

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

    Raises
    ------
    ValueError
        When there is not exactly one technician and one shift, or a visit is missing or repeated.
    """

    instance: Instance
    order: tuple[int, ...]
    _is_sound: bool = field(init=False, repr=False)

    def __post_init__(self) -> None:
        counts = len(self.instance.technicians), len(self.instance.shifts)
        if counts != (1, 1):
            raise ValueError(f"a running route is of one technician and one shift, not {counts[0]} and {counts[1]}")
        if sorted(self.order) != list(range(len(self.instance.visits))):
            raise ValueError(f"a running route serves each of its {len(self.instance.visits)} visits: {self.order}")
        cost = _core.route_cost(_core.Instance(self.instance), 0, self.order)
        object.__setattr__(self, "_is_sound", cost is not None)

    @property
    def num_places(self) -> int:
        """Number of places of the instance."""
        return self.instance.num_places

    @property
    def is_sound(self) -> bool:
        """Whether the running route itself keeps every hard rule."""
        return self._is_sound


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
    routes: Sequence[RunningRoute],
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
        Of one horizon; their instances share the skills.
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
    _require_matching(routes, visit, legs, windows, standings)
    found: list[tuple[list[Slot], dict[Refusal, int]]] = [([], {}) for _ in windows]
    first = 0
    for idx, running in enumerate(routes):
        standing = standings[idx] if standings is not None else Standing()
        cells = slice(first, first + running.num_places)
        first += running.num_places
        for window, (slots, refusals) in zip(windows, found, strict=True):
            outcome = _judge(idx, running, visit, legs, cells, window, standing)
            if isinstance(outcome, Slot):
                slots.append(outcome)
            else:
                refusals[outcome] = refusals.get(outcome, 0) + 1
    return [
        WindowQuote(slots=tuple(sorted(slots, key=lambda slot: (slot.cost, slot.route))), refusals=refusals)
        for slots, refusals in found
    ]


def _judge(
    idx: int, running: RunningRoute, visit: Visit, legs: Legs, cells: slice, window: Window, standing: Standing
) -> Slot | Refusal:
    """Judge one route in one window."""
    if not standing.allowed:
        return Refusal.NOT_ALLOWED
    levels = zip(running.instance.technicians[0].skill_levels, visit.required_levels, strict=True)
    if any(held < least for held, least in levels):
        return Refusal.SKILL
    cut = tuple((max(a, window[0]), min(b, window[1])) for a, b in visit.windows if a <= window[1] and b >= window[0])
    if not cut:
        return Refusal.OUTSIDE_SHIFT
    # A second technician, who never works, stands for those the customer would rather see.
    wished = frozenset[int]() if standing.preferred else frozenset({1})
    widened = _widened(running.instance, replace(visit, windows=cut, preferred_technicians=wished), legs, cells)
    evaluator, newcomer = Evaluator(widened), len(running.order)
    insertions = evaluator.insertions({0: running.order}, newcomer) if running.is_sound else []
    if not insertions:
        if not evaluator.insertions({}, newcomer):
            return Refusal.OUTSIDE_SHIFT
        return Refusal.FULL if running.is_sound else Refusal.UNSOUND
    best = insertions[0]
    route = evaluator.route(0, [*running.order[: best.position], newcomer, *running.order[best.position :]])
    assert route is not None, "an insertion that fits makes no route"
    before = evaluator.route(0, running.order) if running.order else None
    stop = route.stops[best.position]
    return Slot(
        route=idx,
        position=best.position,
        cost=best.cost,
        start=stop.start,
        finish=stop.finish,
        slack=stop.slack,
        extra_travel_s=route.travel_s - (0 if before is None else before.travel_s),
    )


def _widened(instance: Instance, visit: Visit, legs: Legs, cells: slice) -> Instance:
    """Copy an instance with one more place, one more visit at it, and a second technician."""
    places = instance.num_places

    def grown(matrix: IntArray, to_visit: IntArray, from_visit: IntArray) -> IntArray:
        larger = np.zeros((len(matrix), places + 1, places + 1), np.int32)
        larger[:, :places, :places] = matrix
        larger[:, :places, places] = to_visit[cells]
        larger[:, places, :places] = from_visit[cells]
        return larger

    return replace(
        instance,
        travel_s=grown(instance.travel_s, legs.to_visit_s, legs.from_visit_s),
        distance_m=grown(instance.distance_m, legs.to_visit_m, legs.from_visit_m),
        technicians=instance.technicians * 2,
        visits=(*instance.visits, replace(visit, place=places)),
    )


def _require_matching(
    routes: Sequence[RunningRoute],
    visit: Visit,
    legs: Legs,
    windows: Sequence[Window],
    standings: Sequence[Standing] | None,
) -> None:
    """Raise `ValueError` when the arguments are not about the same routes and the same visit."""
    places = sum(running.num_places for running in routes)
    for name in ("to_visit_s", "to_visit_m", "from_visit_s", "from_visit_m"):
        cells = getattr(legs, name)
        if cells.dtype != np.int32 or cells.shape != (places,):
            raise ValueError(f"legs.{name} has {cells.dtype} of shape {cells.shape}, expected int32 of ({places},)")
    if standings is not None and len(standings) != len(routes):
        raise ValueError(f"{len(standings)} standings for {len(routes)} routes")
    for earliest, latest in windows:
        if latest < earliest:
            raise ValueError(f"the window from {earliest} to {latest} ends before it begins")
    if visit.allowed_technicians is not None or visit.forbidden_technicians or visit.preferred_technicians:
        raise ValueError("the technician sets of a quoted visit stay empty: standings say who may come")
