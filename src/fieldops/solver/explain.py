"""
Why a visit is on no route, and what would get it served.

Reasons come from the shifts as they are when empty; repairs (`repair_search`) from the routes as they are, each really
inserted by the evaluator.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from fieldops.solver.evaluate import Evaluator, Insertion, Orders
from fieldops.solver.instance import Instance, Shift
from fieldops.solver.repair import Repair
from fieldops.solver.repair_search import RepairSearch
from fieldops.solver.schedule import schedule_route
from fieldops.solver.simulation import first_start
from fieldops.solver.solution import Violation, ViolationCode


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
class Explanation:
    """
    Why a visit is on no route.

    Attributes
    ----------
    reasons
        In the order of `ReasonCode`. None at all when the visit would just have to be inserted: the search ended
        before it could, and the repair says where.
    repair
        The cheapest change found that would get it served, or None.
    """

    kind: UnassignedKind
    reasons: tuple[ReasonCode, ...]
    repair: Repair | None


def explain_unassigned(evaluator: Evaluator, orders: Orders, visit: int) -> Explanation:
    """Explain one visit; see `explain_all`, which is the faster way for several."""
    return explain_all(evaluator, orders, [visit])[visit]


def explain_all(evaluator: Evaluator, orders: Orders, visits: Collection[int]) -> dict[int, Explanation]:
    """
    Explain why visits are on no route.

    Parameters
    ----------
    evaluator
        Of the instance.
    orders
        All routes of the plan. Those that break a hard rule take no further visit.
    visits
        Indices of visits on none of them.

    Returns
    -------
    dict[int, Explanation]
        By visit, in the order given.

    Raises
    ------
    ValueError
        When a visit is on a route.

    Notes
    -----
    The relaxed copies of the instance are built once for all visits.
    """
    on_routes = {visit for order in orders.values() for visit in order}
    assigned = sorted(on_routes.intersection(visits))
    if assigned:
        raise ValueError(f"only visits on no route can be explained, these are on one: {assigned}")
    if not visits:
        return {}
    search = RepairSearch(evaluator, orders, visits)
    return {visit: _explain(evaluator, orders, visit, search) for visit in visits}


def _explain(evaluator: Evaluator, orders: Orders, visit: int, search: RepairSearch) -> Explanation:
    alone = evaluator.insertions({}, visit)
    fitting = evaluator.insertions(orders, visit)
    repair = search.cheapest(visit, alone, fitting)
    if not alone:
        reasons = _reasons_alone(evaluator.instance, visit)
        return Explanation(kind=UnassignedKind.IMPOSSIBLE_ALONE, reasons=reasons, repair=repair)
    reasons = _reasons_displaced(fitting, search.left_out[visit], evaluator.instance.visits[visit].mandatory)
    return Explanation(kind=UnassignedKind.DISPLACED, reasons=reasons, repair=repair)


def _reasons_displaced(fitting: list[Insertion], left_out: int, is_mandatory: bool) -> tuple[ReasonCode, ...]:
    if not fitting:
        return (ReasonCode.SHIFTS_FULL,)
    # No cost is above leaving a mandatory visit out.
    if is_mandatory or min(insertion.cost for insertion in fitting) < left_out:
        return ()
    return (ReasonCode.COSTS_MORE_THAN_LEAVING_OUT,)


def _reasons_alone(instance: Instance, visit: int) -> tuple[ReasonCode, ...]:
    """Find the first hurdle that no shift takes: people, hours, then distance and caps, which may differ by shift."""
    wanted, everybody = instance.visits[visit], range(len(instance.technicians))
    allowed = set(everybody) if wanted.allowed_technicians is None else set(wanted.allowed_technicians)
    allowed -= wanted.forbidden_technicians
    if not allowed:
        return (ReasonCode.NO_TECHNICIAN_ALLOWED,)
    eligible = {technician for technician in allowed if instance.is_eligible(technician, visit)}
    if not eligible:
        return (ReasonCode.NO_TECHNICIAN_WITH_SKILL,)
    on_duty = [
        idx
        for idx, shift in enumerate(instance.shifts)
        if shift.technician in eligible and _has_hours_for(instance, shift, visit)
    ]
    hurdles = {_hurdle(instance, shift, visit) for shift in on_duty} or {ReasonCode.NO_SHIFT_IN_WINDOW}
    return tuple(reason for reason in ReasonCode if reason in hurdles)


def _has_hours_for(instance: Instance, shift: Shift, visit: int) -> bool:
    """Whether a technician who is already there could do the whole service within the shift."""
    latest_start = shift.hard_end - instance.service_duration(shift.technician, visit)
    return any(
        max(earliest, shift.earliest_start) <= min(latest, latest_start)
        for earliest, latest in instance.visits[visit].windows
    )


def _hurdle(instance: Instance, shift_idx: int, visit: int) -> ReasonCode:
    """Find what keeps an eligible technician with hours for a visit from serving it alone."""
    shift, wanted = instance.shifts[shift_idx], instance.visits[visit]
    if shift.max_visits == 0 or (shift.load_capacity is not None and wanted.load > shift.load_capacity):
        return ReasonCode.OVER_CAP
    travel_s = instance.travel_s[shift.profile]
    there_s = int(travel_s[shift.start_place, wanted.place])
    back_s = 0 if shift.end_place is None else int(travel_s[wanted.place, shift.end_place])
    start = first_start(wanted, shift.earliest_start + there_s)
    service_s = instance.service_duration(shift.technician, visit)
    if start is None or start + service_s + back_s > shift.hard_end:
        return ReasonCode.TOO_FAR
    broken = schedule_route(instance, shift_idx, [visit])
    assert isinstance(broken, Violation), "a visit that fits alone is not impossible alone"
    if broken.code in (ViolationCode.MAX_TRAVEL, ViolationCode.MAX_WORK):
        return ReasonCode.OVER_CAP
    # There would be time, were it not for his breaks: he is not there when it counts.
    return ReasonCode.NO_SHIFT_IN_WINDOW
