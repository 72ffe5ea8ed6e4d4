"""What each move of a change of plan costs or saves: together with the moves that it cannot be taken apart from."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from fieldops.domain.horizon import horizon_of
from fieldops.domain.live import Move
from fieldops.domain.plan import Route
from fieldops.domain.problem import Problem, Visit
from fieldops.units import SECONDS_PER_HOUR


def with_costs(
    problem: Problem, moves: Sequence[Move], before: Iterable[Route], after: Iterable[Route], out: Collection[str]
) -> tuple[Move, ...]:
    """
    Say of moves which of them are one change, and what that costs.

    Parameters
    ----------
    moves
        All moves between the two plans.
    before, after
        Routes; those of shifts in `out` are not driven.

    Notes
    -----
    Routes that exchange visits are one change: what driving costs less on one of them it may cost more on the other.
    Changes are numbered from 1 in the order of their first moves, and the costs of all add up to that of the whole.
    """
    end = horizon_of(problem).latest
    visits = {visit.id: visit for visit in problem.visits}
    cents: dict[str, int] = {}
    for sign, routes in ((-1, [route for route in before if route.shift_id not in out]), (1, after)):
        for route in routes:
            cents[route.shift_id] = cents.get(route.shift_id, 0) + sign * sum(route.cost.values())
    # A visit that comes from nobody and goes to nobody is a change of its own, that costs nothing.
    ends = {
        move.visit_id: {shift for shift in (move.from_shift_id, move.to_shift_id) if shift is not None} - set(out)
        or {move.visit_id}
        for move in moves
    }
    group: dict[str, frozenset[str]] = {}
    for both in ends.values():
        joined = frozenset(both).union(*(group.get(name, frozenset()) for name in both))
        group.update(dict.fromkeys(joined, joined))
    costs = {whole: sum(cents.get(name, 0) for name in whole) for whole in set(group.values())}
    for move in moves:
        whole = group[next(iter(ends[move.visit_id]))]
        was_served = move.from_shift_id is not None and move.from_shift_id not in out
        is_served = move.to_shift_id is not None
        costs[whole] += (was_served - is_served) * sum(left_out_cents(problem, visits[move.visit_id], end))
    numbers: dict[frozenset[str], int] = {}
    found = []
    for move in moves:
        whole = group[next(iter(ends[move.visit_id]))]
        number = numbers.setdefault(whole, len(numbers) + 1)
        found.append(replace(move, change=number, cost_change_cents=costs[whole]))
    return tuple(found)


def left_out_cents(problem: Problem, visit: Visit, end: datetime) -> tuple[int, int]:
    """Price a visit that is not served at all: for that, and for every hour past its due time until the end."""
    by_priority = visit.priority * problem.rates.unassigned_per_priority
    unassigned = by_priority if visit.unassigned_cost is None else visit.unassigned_cost
    if visit.due is None or visit.due >= end:
        return unassigned, 0
    overdue_s = int((end - visit.due).total_seconds())
    # Halves up.
    return unassigned, (overdue_s * problem.rates.sla_per_hour + SECONDS_PER_HOUR // 2) // SECONDS_PER_HOUR
