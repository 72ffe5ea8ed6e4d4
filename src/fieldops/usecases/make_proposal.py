"""Make a proposal of what a replan has found: whole routes, what is different, and what could not be kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from fieldops.domain.live import Move, PlanDiff
from fieldops.domain.plan import Route, UnassignedVisit
from fieldops.errors import InternalError
from fieldops.files.plan_mapping import read_route, route_document, route_from, unassigned_document
from fieldops.report.wording import duration_words, window_words
from fieldops.travel.provider import TravelMatrix
from fieldops.units import Cents
from fieldops.usecases.naming import naming_of
from fieldops.usecases.part_of_day import part_of, travel_of_part
from fieldops.usecases.plan_diff import diff_plans
from fieldops.usecases.replan_input import ReplanInput
from fieldops.usecases.request_replan import ReplanKind
from fieldops.usecases.try_routes import TriedPlan, try_routes
from fieldops.usecases.whole_routes import behind_on, whole_route
from fieldops.usecases.worthwhile import gain_of, worthwhile

#: What a person has asked for is proposed when it saves so much; territories decide about the rest.
LEAST_GAIN: Final = Cents(100)

Orders = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """
    What a replan proposes.

    Attributes
    ----------
    routes
        Whole routes of the shifts whose order changes, by shift id; None = the shift serves nobody all day.
    unassigned
        Visits that find no place.
    conflicts
        By visit id: pins that are not kept, in words.
    out
        Shifts that nobody works any more.
    """

    routes: Mapping[str, Route | None]
    diff: PlanDiff
    unassigned: tuple[UnassignedVisit, ...]
    conflicts: Mapping[str, str]
    out: frozenset[str]

    @property
    def drops(self) -> bool:
        """Whether it leaves out a visit that could be served as it stands, if against a rule."""
        return any(
            move.from_shift_id is not None and move.to_shift_id is None and move.from_shift_id not in self.out
            for move in self.diff.moves
        )

    @property
    def customers(self) -> int:
        """How many of them would have to be told something new."""
        return sum(move.tells_customer for move in self.diff.moves)


def make_proposal(
    given: ReplanInput,
    travel: TravelMatrix,
    expected: Sequence[Route],
    found: Orders,
    unassigned: Sequence[UnassignedVisit],
) -> Proposal | None:
    """
    Make a proposal of the orders that a replan has found.

    Parameters
    ----------
    travel
        Between the places of what remains, in their order, as it goes now.
    expected
        The running routes as they would be driven from now on.
    found
        Orders of the shifts that were searched.
    unassigned
        Visits of those that are on no route.

    Returns
    -------
    Proposal | None
        None when nothing would be better.

    Raises
    ------
    InternalError
        When a route that gets another order breaks a rule.
    """
    remaining = given.remaining
    running = remaining.orders
    if given.kind is ReplanKind.JEOPARDY:
        found = worthwhile(given, travel, found, given.live.policies.least_gain)
    orders = {**running, **found}
    left_out = {visit.visit_id for visit in unassigned} - {visit_id for order in orders.values() for visit_id in order}
    emptied = given.scope.shift_id
    if given.kind is ReplanKind.EMPTY_ROUTE and emptied is not None and emptied in running:
        placed = {visit_id for order in found.values() for visit_id in order}
        # Those nobody else can take stay where they are.
        stay = tuple(visit_id for visit_id in running[emptied] if visit_id not in placed)
        orders[emptied] = stay
        left_out -= set(stay)
    changed = {shift_id for shift_id, order in orders.items() if tuple(order) != tuple(running[shift_id])}
    lost = {shift_id for shift_id in given.out if _ahead(given, shift_id)}
    if not changed and not lost:
        return None
    after = _try_some(given, travel, {shift_id: orders[shift_id] for shift_id in changed})
    for rule in after.broken:
        if rule.shift_id is not None and not is_part_of(orders[rule.shift_id], running[rule.shift_id]):
            raise InternalError(f"a replan breaks a rule: {rule.sentence}", details={"shift_id": rule.shift_id})
    rest = {route.shift_id: route for route in after.routes}
    diff = diff_plans(
        remaining.problem,
        [*expected, *(_ahead_of(given, shift_id) for shift_id in sorted(lost))],
        [*(route for route in expected if route.shift_id not in changed), *after.routes],
        told=given.live.state.told,
        tolerance=given.live.policies.start_tolerance,
        out=lost,
    )
    # What it does for promises that would be kept with little to spare is not among the costs.
    gain = partial(gain_of, given, travel, {shift_id: orders[shift_id] for shift_id in changed})
    is_judged = given.kind is ReplanKind.JEOPARDY
    if not (lost or is_judged or _is_worth_it(given.kind, diff) or gain() >= LEAST_GAIN):
        return None
    diff = replace(diff, moves=tuple(_with_reason(given, move) for move in diff.moves))
    pinned = {visit.id for visit in remaining.problem.visits if visit.pin is not None}
    moved = {move.visit_id for move in diff.moves}
    names = naming_of(remaining.problem)
    return Proposal(
        routes={
            shift_id: whole_route(behind_on(given.live, shift_id), rest.get(shift_id))
            for shift_id in sorted(changed | lost)
        },
        diff=diff,
        unassigned=tuple(visit for visit in unassigned if visit.visit_id in left_out),
        conflicts={
            **{visit_id: why for visit_id, why in given.conflicts.items() if visit_id in moved | left_out},
            **{visit_id: f"{names.what(visit_id)} is pinned and finds no place" for visit_id in pinned & left_out},
        },
        out=frozenset(lost),
    )


def is_part_of(order: Sequence[str], whole: Sequence[str]) -> bool:
    """Tell whether an order is another one with visits left out: such a route is never worse than it was."""
    rest = iter(whole)
    return all(visit_id in rest for visit_id in order)


def proposal_columns(proposal: Proposal, zone: ZoneInfo) -> dict[str, Any]:
    """Write a proposal down for the columns of a replan, but for the difference."""
    return {
        "routes": {
            shift_id: None if route is None else route_document(route, zone).model_dump(mode="json")
            for shift_id, route in proposal.routes.items()
        },
        "unassigned": unassigned_columns(proposal.unassigned, zone),
        "conflicts": [
            {"visit_id": visit_id, "message": message} for visit_id, message in sorted(proposal.conflicts.items())
        ],
        "customers": proposal.customers,
        "cost_change_cents": proposal.diff.cost_change,
        "churn": proposal.diff.churn,
    }


def unassigned_columns(visits: Sequence[UnassignedVisit], zone: ZoneInfo) -> list[dict[str, Any]]:
    """Write down which visits find no place."""
    return [unassigned_document(visit, zone).model_dump(mode="json") for visit in visits]


def proposed_orders(routes: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Read the orders of a proposal from its column: whole routes, what is behind included."""
    return {
        shift_id: () if route is None else tuple(stop.visit_id for stop in route_from(read_route(route)).stops)
        for shift_id, route in routes.items()
    }


def _try_some(given: ReplanInput, travel: TravelMatrix, orders: Orders) -> TriedPlan:
    """Try some routes out."""
    problem = given.remaining.problem
    part = part_of(problem, orders)
    return try_routes(part, travel_of_part(problem, travel, part), orders)


def _with_reason(given: ReplanInput, move: Move) -> Move:
    """Say of a promise in jeopardy that it would have been kept with little to spare."""
    if move.visit_id not in given.at_risk or move.from_start is None or "promise" in move.why:
        return move
    promises = {visit.id: visit.promised_window for visit in given.remaining.problem.visits}
    promise = promises.get(move.visit_id)
    if promise is None or move.from_start not in promise:
        return move
    window = window_words(promise, ZoneInfo(given.live.day.problem.time_zone))
    spare = duration_words(promise.latest - move.from_start)
    return replace(move, why=f"the promise {window} would be kept with {spare} to spare only")


def _is_worth_it(kind: ReplanKind, diff: PlanDiff) -> bool:
    """Tell whether a change is worth the trouble."""
    if kind in {ReplanKind.EMPTY_ROUTE, ReplanKind.EMERGENCY}:
        # It was asked for, whatever it costs.
        return bool(diff.moves)
    is_placed = any(move.from_shift_id is None and move.to_shift_id is not None for move in diff.moves)
    return diff.cost_change <= -LEAST_GAIN or diff.kept_after > diff.kept_before or is_placed


def _ahead(given: ReplanInput, shift_id: str) -> tuple[str, ...]:
    """Name the visits of a running route that are still ahead."""
    ahead = {visit.id for visit in given.remaining.problem.visits}
    return tuple(visit_id for visit_id in given.live.day.orders[shift_id] if visit_id in ahead)


def _ahead_of(given: ReplanInput, shift_id: str) -> Route:
    """Give what is ahead of a route that nobody drives any more, as it was planned."""
    planned, ahead = given.live.routes[shift_id], set(_ahead(given, shift_id))
    return replace(planned, stops=tuple(stop for stop in planned.stops if stop.visit_id in ahead))
