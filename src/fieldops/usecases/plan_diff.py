"""What is different between two plans of one day: who moves, why, what it costs, and which promises are kept."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from fieldops.domain.horizon import horizon_of
from fieldops.domain.live import Move, PlanDiff, Told
from fieldops.domain.plan import Route
from fieldops.domain.problem import Problem, TimeWindow, Visit
from fieldops.usecases.move_costs import left_out_cents, with_costs
from fieldops.usecases.move_reasons import Comparison, Spot, reason_of
from fieldops.usecases.naming import naming_of

#: A start may move by so much before anybody cares, unless a territory says otherwise.
DEFAULT_TOLERANCE: Final = timedelta(minutes=15)


def diff_plans(
    problem: Problem,
    before: Iterable[Route],
    after: Iterable[Route],
    *,
    told: Mapping[str, Told] = MappingProxyType({}),
    tolerance: timedelta = DEFAULT_TOLERANCE,
    out: Collection[str] = frozenset(),
    names: Mapping[str, str] = MappingProxyType({}),
) -> PlanDiff:
    """
    Compare two plans.

    Parameters
    ----------
    problem
        What is left of the day: its visits are compared, with their promises; others on the routes are not.
    before, after
        Routes as they are expected to be driven from now on, also such as break a rule; visits on none are left out.
    told
        By visit id; a move to a time outside of what the customer heard, or was promised, tells something new.
    tolerance
        A start may differ by so much before it is a move.
    out
        Shifts that nobody works any more: what `before` has on their routes is served by nobody, though it is said
        from whom it moves.
    names
        Of technicians that the problem does not have any more, by id.

    Notes
    -----
    Places in the order are compared among the visits that stay on a shift: of those, the fewest that explain the new
    order have moved. A visit that had no place before and gets one is a move, but no churn. Moves stand by the start
    they get, those left out last. O(stops) but for the order, which is O(stops ** 2) in each route.
    """
    comparison = Comparison(
        problem=problem,
        before=tuple(before),
        after=tuple(after),
        out=frozenset(out),
        naming=naming_of(problem, names),
    )
    was, will = comparison.was, comparison.will
    reordered = _reordered(comparison)
    moves = []
    for visit in problem.visits:
        old, new = was.get(visit.id), will.get(visit.id)
        if not (_is_moved(old, new, tolerance) or visit.id in reordered):
            continue
        move = Move(
            visit_id=visit.id,
            from_technician_id=None if old is None else old.route.technician_id,
            to_technician_id=None if new is None else new.route.technician_id,
            from_start=None if old is None else old.stop.start,
            to_start=None if new is None else new.stop.start,
            from_shift_id=None if old is None else old.route.shift_id,
            to_shift_id=None if new is None else new.route.shift_id,
            tells_customer=_contradicts(visit, told.get(visit.id), new)
            and not _contradicts(visit, told.get(visit.id), old),
            why=reason_of(comparison, visit, old, new),
        )
        moves.append(move)
    promised = {visit.id: visit.promised_window for visit in problem.visits if visit.promised_window is not None}
    driven = {visit_id: spot for visit_id, spot in was.items() if spot.route.shift_id not in comparison.out}
    return PlanDiff(
        moves=with_costs(problem, sorted(moves, key=_by_start), comparison.before, comparison.after, comparison.out),
        cost_before=_cost(problem, [route for route in comparison.before if route.shift_id not in comparison.out]),
        cost_after=_cost(problem, comparison.after),
        churn=sum(
            move.from_technician_id is not None and move.from_technician_id != move.to_technician_id for move in moves
        ),
        promises=len(promised),
        kept_before=_num_kept(promised, driven),
        kept_after=_num_kept(promised, will),
    )


def _by_start(move: Move) -> tuple[bool, datetime]:
    """Sort by the start that is new, and what has none last."""
    at = move.to_start or move.from_start
    assert at is not None, "what moves was somewhere, or is now"
    return move.to_start is None, at


def _is_moved(old: Spot | None, new: Spot | None, tolerance: timedelta) -> bool:
    """Tell whether somebody else comes, or the same person at another time."""
    if old is None or new is None:
        return old is not new
    return old.route.shift_id != new.route.shift_id or abs(new.stop.start - old.stop.start) > tolerance


def _reordered(comparison: Comparison) -> set[str]:
    """Find, of the visits that stay on their shifts, those that have another place in the order."""
    now = {route.shift_id: [stop.visit_id for stop in route.stops] for route in comparison.after}
    moved: set[str] = set()
    for route in comparison.before:
        order = now.get(route.shift_id, [])
        stayed = [stop.visit_id for stop in route.stops if stop.visit_id in order]
        kept = _longest_rising([order.index(visit_id) for visit_id in stayed])
        moved.update(visit_id for pos, visit_id in enumerate(stayed) if pos not in kept)
    return moved


def _longest_rising(ranks: Sequence[int]) -> set[int]:
    """Find the positions of a longest rising subsequence; of several, the one that leaves the last first."""
    chains: list[tuple[int, ...]] = [()]
    for pos, rank in enumerate(ranks):
        before = [chain for chain in chains if not chain or ranks[chain[-1]] < rank]
        longest = max(before, key=len)
        chains.append((*longest, pos))
    longest = max(chains, key=len)
    return set(longest)


def _contradicts(visit: Visit, told: Told | None, spot: Spot | None) -> bool:
    """Tell whether a visit's spot contradicts the time its customer was told last, or else the promise."""
    window = told.window if told is not None and told.to_customer else visit.promised_window
    return window is not None and (spot is None or spot.stop.start not in window)


def _num_kept(promised: Mapping[str, TimeWindow], spots: Mapping[str, Spot]) -> int:
    """Count the promises that are kept."""
    return sum(visit_id in spots and spots[visit_id].stop.start in window for visit_id, window in promised.items())


def _cost(problem: Problem, routes: Sequence[Route]) -> dict[str, int]:
    """Sum up what routes cost, and what it costs to leave out the other visits."""
    cost: dict[str, int] = {"unassigned": 0}
    for route in routes:
        for term, cents in route.cost.items():
            cost[term] = cost.get(term, 0) + cents
    served = {stop.visit_id for route in routes for stop in route.stops}
    end = horizon_of(problem).latest
    for visit in problem.visits:
        if visit.id not in served:
            unassigned, overdue = left_out_cents(problem, visit, end)
            cost["unassigned"] += unassigned
            cost["sla"] = cost.get("sla", 0) + overdue
    return cost
