"""What a person's edit would do to a plan: exact figures, and all it breaks. Nothing is refused, nothing changed."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from fieldops.domain.edits import Edit
from fieldops.domain.plan import Route, Stop
from fieldops.domain.problem import Problem
from fieldops.travel.provider import TravelMatrix
from fieldops.units import Cents
from fieldops.usecases.apply_edit import Edited, apply_edit
from fieldops.usecases.broken_rules import BrokenRule
from fieldops.usecases.part_of_day import part_of, travel_of_part
from fieldops.usecases.try_routes import Orders, TriedPlan, try_routes

#: A promise kept with less to spare than this is at risk.
TIGHT: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteChange:
    """One route, before and after; None = it serves nobody."""

    technician_id: str
    shift_id: str
    before: Route | None
    after: Route | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseChange:
    """
    A promise that is kept otherwise than before.

    Attributes
    ----------
    late_before, late_after
        Start after the promised window; None = nobody comes.
    """

    visit_id: str
    late_before: timedelta | None
    late_after: timedelta | None

    @property
    def breaks(self) -> bool:
        """Whether a promise that was kept is not any more."""
        return self.late_before == timedelta(0) and self.late_after != timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """
    What an edit would do.

    Attributes
    ----------
    edited
        Problem and orders as they would be.
    routes
        Those it touches, in the problem's order.
    violations
        Every hard rule that the touched routes would break.
    already_broken
        Those of them that were broken before and have not got worse.
    promises
        Those that are later, sooner or not kept at all.
    at_risk
        Visits on the touched routes whose promise would be kept with less than `TIGHT` to spare.
    cost_before, cost_after
        Term name to cents, of the touched routes and of what would be on none.
    """

    edit: Edit
    edited: Edited
    routes: tuple[RouteChange, ...]
    violations: tuple[BrokenRule, ...]
    already_broken: tuple[BrokenRule, ...]
    promises: tuple[PromiseChange, ...]
    at_risk: tuple[str, ...]
    cost_before: Mapping[str, Cents]
    cost_after: Mapping[str, Cents]

    @property
    def is_sound(self) -> bool:
        """Whether it breaks nothing that was not broken before."""
        return len(self.violations) == len(self.already_broken)

    @property
    def cost_change(self) -> int:
        """Cents; negative = cheaper."""
        return sum(self.cost_after.values()) - sum(self.cost_before.values())

    @property
    def cost_change_by_term(self) -> dict[str, int]:
        """Term name to cents, of the terms that change."""
        changes = {term: cents - self.cost_before[term] for term, cents in self.cost_after.items()}
        return {term: cents for term, cents in changes.items() if cents}

    @property
    def overtime_change(self) -> timedelta:
        """Overtime more than before."""
        return _overtime(it.after for it in self.routes) - _overtime(it.before for it in self.routes)

    @property
    def travel_change(self) -> timedelta:
        """Driving more than before."""
        return _travel(it.after for it in self.routes) - _travel(it.before for it in self.routes)


def what_if(problem: Problem, travel: TravelMatrix, orders: Orders, edit: Edit) -> WhatIf:
    """
    Try an edit out.

    Parameters
    ----------
    problem
        Without faults: a whole day, or what is left of one.
    travel
        Between `problem.places`, in their order.
    orders
        Shift id to visit ids in serving order; visits on no route are left out.

    Raises
    ------
    InvalidInput
        When edit or orders name what the problem does not have, or what cannot be edited so.

    Notes
    -----
    Only the routes that the edit touches are tried, before and after.
    """
    edited = apply_edit(problem, travel, orders, edit)
    shifts = {shift_id for shift_id in edited.touched if shift_id is not None}
    visits = {visit_id for of in (orders, edited.orders) for shift_id in shifts for visit_id in of.get(shift_id, ())}
    visits |= edited.visits
    before = _tried(problem, travel, orders, shifts, visits)
    after = _tried(edited.problem, travel, edited.orders, shifts, visits)
    known = {rule.is_about: rule.amount for rule in before.broken}
    promises = {visit.id: visit.promised_window for visit in edited.problem.visits if visit.id in visits}
    was, will = _stops(before), _stops(after)
    return WhatIf(
        edit=edit,
        edited=edited,
        routes=_changes(problem, before, after),
        violations=after.broken,
        already_broken=tuple(rule for rule in after.broken if known.get(rule.is_about, -1) >= rule.amount),
        promises=tuple(
            PromiseChange(visit_id=visit_id, late_before=_late(was, visit_id), late_after=_late(will, visit_id))
            for visit_id, window in promises.items()
            if window is not None and _late(was, visit_id) != _late(will, visit_id)
        ),
        at_risk=tuple(
            visit_id
            for visit_id, window in promises.items()
            if window is not None and visit_id in will
            if timedelta(0) <= window.latest - will[visit_id].start < TIGHT
        ),
        cost_before=before.cost,
        cost_after=after.cost,
    )


def _tried(
    problem: Problem, travel: TravelMatrix, orders: Orders, shifts: Collection[str], visits: Collection[str]
) -> TriedPlan:
    """Try some shifts out; of the visits only these count."""
    wanted = {shift_id: orders.get(shift_id, ()) for shift_id in shifts}
    part = part_of(problem, wanted, visits)
    return try_routes(part, travel_of_part(problem, travel, part), wanted)


def _changes(problem: Problem, before: TriedPlan, after: TriedPlan) -> tuple[RouteChange, ...]:
    """Pair the routes before with those after."""
    was = {route.shift_id: route for route in before.routes}
    will = {route.shift_id: route for route in after.routes}
    return tuple(
        RouteChange(technician_id=technician.id, shift_id=shift.id, before=was.get(shift.id), after=will.get(shift.id))
        for technician in problem.technicians
        for shift in technician.shifts
        if shift.id in was or shift.id in will
    )


def _stops(tried: TriedPlan) -> dict[str, Stop]:
    """Find every stop by its visit."""
    return {stop.visit_id: stop for route in tried.routes for stop in route.stops}


def _late(stops: Mapping[str, Stop], visit_id: str) -> timedelta | None:
    """Say how late a visit is; None when nobody comes."""
    return stops[visit_id].lateness if visit_id in stops else None


def _overtime(routes: Iterable[Route | None]) -> timedelta:
    """Sum up overtime."""
    return sum((route.overtime for route in routes if route is not None), timedelta(0))


def _travel(routes: Iterable[Route | None]) -> timedelta:
    """Sum up driving."""
    return sum((route.travel for route in routes if route is not None), timedelta(0))
