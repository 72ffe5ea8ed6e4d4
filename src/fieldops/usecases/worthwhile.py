"""Keep of what a replan has found only what is worth it: people lose trust in a plan that is never still."""

from collections.abc import Iterator, Mapping, Sequence

from fieldops.domain.problem import Problem
from fieldops.travel.provider import TravelMatrix
from fieldops.units import Cents
from fieldops.usecases.part_of_day import part_of, travel_of_part
from fieldops.usecases.replan_input import ReplanInput
from fieldops.usecases.try_routes import TriedPlan, try_routes

Orders = Mapping[str, Sequence[str]]


def worthwhile(given: ReplanInput, travel: TravelMatrix, found: Orders, least_gain: Cents) -> dict[str, Sequence[str]]:
    """
    Keep the changes that are worth telling anybody of, each judged on its own.

    Parameters
    ----------
    travel
        Between the places of what remains, in their order, as it goes now.
    found
        New orders of shifts.

    Returns
    -------
    dict[str, Sequence[str]]
        Those of the orders that are kept, and differ from the running ones.

    Notes
    -----
    Routes that exchange visits are one change. It is worth it when it saves at least so much, promises ending earlier
    by their margins; or when more promises are expected to be kept, or a visit without a place gets one. Changes are
    independent of each other: each is as good without the others.
    """
    running = given.remaining.orders
    changed = {shift_id: order for shift_id, order in found.items() if tuple(order) != tuple(running[shift_id])}
    kept: dict[str, Sequence[str]] = {}
    for change in _changes(running, changed):
        if _is_worth_it(given, travel, change, least_gain):
            kept.update(change)
    return kept


def gain_of(given: ReplanInput, travel: TravelMatrix, orders: Orders) -> int:
    """Say what new orders save, in cents, when promises end earlier by their margins."""
    running, part, between = _part(given, travel, orders)
    problem = given.with_margins(part)
    return _cents(try_routes(problem, between, running)) - _cents(try_routes(problem, between, orders))


def _changes(running: Orders, changed: Orders) -> Iterator[dict[str, Sequence[str]]]:
    """Group shifts that exchange visits, directly or by others."""
    home = {visit_id: shift_id for shift_id, order in running.items() for visit_id in order}
    group = {shift_id: {shift_id} for shift_id in changed}
    for shift_id, order in changed.items():
        for other in {home[visit_id] for visit_id in order if visit_id in home} & changed.keys():
            joined = group[shift_id] | group[other]
            group.update(dict.fromkeys(joined, joined))
    seen: set[str] = set()
    for shift_id in sorted(changed):
        if shift_id not in seen:
            seen |= group[shift_id]
            yield {name: changed[name] for name in sorted(group[shift_id])}


def _is_worth_it(given: ReplanInput, travel: TravelMatrix, orders: Orders, least_gain: Cents) -> bool:
    """Tell whether one change is worth the trouble."""
    before = {visit_id for order in given.remaining.orders.values() for visit_id in order}
    if any(visit_id not in before for order in orders.values() for visit_id in order):
        return True
    if gain_of(given, travel, orders) >= least_gain:
        return True
    running, part, between = _part(given, travel, orders)
    was, will = (_num_kept(part, try_routes(part, between, some)) for some in (running, orders))
    return will > was


def _part(given: ReplanInput, travel: TravelMatrix, orders: Orders) -> tuple[Orders, Problem, TravelMatrix]:
    """Give the running orders of the same shifts, and the part of the problem that both are about."""
    running = {shift_id: given.remaining.orders[shift_id] for shift_id in orders}
    part = part_of(given.remaining.problem, {name: (*order, *running[name]) for name, order in orders.items()})
    return running, part, travel_of_part(given.remaining.problem, travel, part)


def _cents(tried: TriedPlan) -> int:
    """Sum up what routes cost."""
    return sum(tried.cost.values())


def _num_kept(problem: Problem, tried: TriedPlan) -> int:
    """Count the promises that are expected to be kept."""
    promises = {visit.id: visit.promised_window for visit in problem.visits}
    stops = (stop for route in tried.routes for stop in route.stops)
    return sum(promise is not None and stop.start in promise for stop in stops for promise in [promises[stop.visit_id]])
