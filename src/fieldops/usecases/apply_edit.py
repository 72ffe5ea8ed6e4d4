"""What a plan is like after a person's edit: the problem it answers, and who serves whom."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fieldops.domain.edits import AddBreak, Duration, Edit, Lock, Move, Swap, Unassign
from fieldops.domain.faults import problem_faults
from fieldops.domain.problem import Pin, Problem, Visit
from fieldops.domain.value_faults import wrong
from fieldops.errors import Fault, InvalidInput
from fieldops.travel.provider import TravelMatrix
from fieldops.usecases.part_of_day import part_of, travel_of_part
from fieldops.usecases.try_routes import Orders, require_known, try_routes

#: Between the ranks of visits whose places are fixed: there is room for others.
_RANKS_APART: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """
    A plan after an edit.

    Attributes
    ----------
    orders
        Shift id to visit ids in serving order, of every shift of the problem.
    touched
        Shifts whose routes may be others than before.
    visits
        Those the edit is about.
    """

    problem: Problem
    orders: Mapping[str, tuple[str, ...]]
    touched: frozenset[str]
    visits: frozenset[str]


def apply_edit(problem: Problem, travel: TravelMatrix, orders: Orders, edit: Edit) -> Edited:
    """
    Do what a person wishes, whatever it breaks.

    Raises
    ------
    InvalidInput
        When edit or orders name what the problem does not have, or what cannot be edited so.
    """
    require_known(problem, orders)
    all_shifts = [shift.id for technician in problem.technicians for shift in technician.shifts]
    before = {shift_id: tuple(orders.get(shift_id, ())) for shift_id in all_shifts}
    faults = list(_edit_faults(problem, before, edit))
    if faults:
        raise InvalidInput(faults)
    home = {visit_id: shift_id for shift_id, order in before.items() for visit_id in order}
    match edit:
        case Move():
            moved = _moved(problem, travel, before, edit)
            return _edited(problem, moved, (home.get(edit.visit_id), edit.shift_id), edit.visit_id)
        case Swap():
            names = {edit.visit_id: edit.other_visit_id, edit.other_visit_id: edit.visit_id}
            swapped = {
                shift_id: tuple(names.get(visit_id, visit_id) for visit_id in order)
                for shift_id, order in before.items()
            }
            return _edited(problem, swapped, (home.get(name) for name in names), *names)
        case Unassign():
            return _edited(problem, _without(before, edit.visit_id), (home[edit.visit_id],), edit.visit_id)
        case Lock():
            pin = _pin(problem, travel, before, edit)
            locked = _with_visit(problem, replace(_visit(problem, edit.visit_id), pin=pin))
            return _edited(locked, before, (home.get(edit.visit_id),), edit.visit_id)
        case Duration():
            longer = _with_visit(problem, replace(_visit(problem, edit.visit_id), duration=edit.duration))
            return _edited(longer, before, (home.get(edit.visit_id),), edit.visit_id)
        case AddBreak():
            return _edited(_with_break(problem, edit), before, (edit.shift_id,))


def _edited(
    problem: Problem, orders: Orders, touched: Iterator[str | None] | Sequence[str | None], *visits: str
) -> Edited:
    """Gather what an edit leads to."""
    return Edited(
        problem=problem,
        orders={shift_id: tuple(order) for shift_id, order in orders.items()},
        touched=frozenset(shift_id for shift_id in touched if shift_id is not None),
        visits=frozenset(visits),
    )


def _edit_faults(problem: Problem, orders: Orders, edit: Edit) -> Iterator[Fault]:
    """Report what an edit names and the problem does not have, and wishes that mean nothing."""
    visits = {visit.id for visit in problem.visits}
    on_routes = {visit_id for order in orders.values() for visit_id in order}
    for name in ("visit_id", "other_visit_id"):
        visit_id = getattr(edit, name, None)
        if visit_id is not None and visit_id not in visits:
            yield wrong(name, visit_id, "a visit of the problem")
    if isinstance(edit, Move | AddBreak) and edit.shift_id not in orders:
        yield wrong("shift_id", edit.shift_id, "a shift of the problem")
    match edit:
        case Move(position=int(position)) if edit.shift_id in orders:
            most = sum(visit_id != edit.visit_id for visit_id in orders[edit.shift_id])
            if not 0 <= position <= most:
                yield wrong("position", position, f"a whole number from 0 to {most}, the visits before it")
        case Swap() if edit.visit_id == edit.other_visit_id:
            yield wrong("other_visit_id", edit.other_visit_id, "another visit")
        case Unassign() if edit.visit_id in visits - on_routes:
            yield wrong("visit_id", edit.visit_id, "a visit on a route")
        case Lock() if edit.visit_id in visits - on_routes and (edit.technician or edit.sequence or edit.start):
            yield wrong("visit_id", edit.visit_id, "a visit on a route")
        case Duration() if edit.visit_id in visits:
            changed = _with_visit(problem, replace(_visit(problem, edit.visit_id), duration=edit.duration))
            for fault in _new_faults(problem, changed):
                yield Fault(path="duration", found=fault.found, expected=fault.expected)
        case AddBreak() if edit.shift_id in orders:
            for fault in _new_faults(problem, _with_break(problem, edit)):
                field = fault.path.rpartition(".")[2]
                yield Fault(path=f"pause.{field}", found=fault.found, expected=fault.expected)


def _new_faults(problem: Problem, changed: Problem) -> list[Fault]:
    """List what an edit makes wrong with a problem."""
    known = problem_faults(problem)
    return [fault for fault in problem_faults(changed) if fault not in known]


def _visit(problem: Problem, visit_id: str) -> Visit:
    """Find a visit."""
    return next(visit for visit in problem.visits if visit.id == visit_id)


def _with_visit(problem: Problem, changed: Visit) -> Problem:
    """Change a visit."""
    return replace(problem, visits=tuple(changed if visit.id == changed.id else visit for visit in problem.visits))


def _with_break(problem: Problem, edit: AddBreak) -> Problem:
    """Give a shift a break, in the order of their beginnings."""
    technicians = []
    for technician in problem.technicians:
        shifts = list(technician.shifts)
        for idx, shift in enumerate(shifts):
            if shift.id == edit.shift_id:
                breaks = sorted(
                    [*shift.breaks, edit.pause], key=lambda pause: (pause.earliest_start, pause.latest_start)
                )
                shifts[idx] = replace(shift, breaks=tuple(breaks))
        technicians.append(replace(technician, shifts=tuple(shifts)))
    return replace(problem, technicians=tuple(technicians))


def _without(orders: Orders, visit_id: str) -> dict[str, tuple[str, ...]]:
    """Take a visit off its route."""
    return {shift_id: tuple(name for name in order if name != visit_id) for shift_id, order in orders.items()}


def _moved(problem: Problem, travel: TravelMatrix, orders: Orders, edit: Move) -> dict[str, tuple[str, ...]]:
    """Put a visit where it shall go."""
    rest = _without(orders, edit.visit_id)
    others = rest[edit.shift_id]
    position = edit.position
    if position is None:
        position = _best_position(problem, travel, edit.shift_id, others, edit.visit_id)
    return {**rest, edit.shift_id: (*others[:position], edit.visit_id, *others[position:])}


def _best_position(
    problem: Problem, travel: TravelMatrix, shift_id: str, others: tuple[str, ...], visit_id: str
) -> int:
    """Find the place in a route that breaks least, and of those the cheapest; the first of the best."""
    part = part_of(problem, {shift_id: others}, {visit_id})
    travel_here = travel_of_part(problem, travel, part)

    def badness(position: int) -> tuple[int, int, int]:
        order = (*others[:position], visit_id, *others[position:])
        tried = try_routes(part, travel_here, {shift_id: order})
        return len(tried.broken), sum(rule.amount for rule in tried.broken), tried.exact_cost.total

    return min(range(len(others) + 1), key=badness)


def _pin(problem: Problem, travel: TravelMatrix, orders: Orders, edit: Lock) -> Pin | None:
    """Say what a visit is pinned to from now on."""
    if not (edit.technician or edit.sequence or edit.start):
        return None
    shift_id = next(shift_id for shift_id, order in orders.items() if edit.visit_id in order)
    order = orders[shift_id]
    part = part_of(problem, {shift_id: order})
    (route,) = try_routes(part, travel_of_part(problem, travel, part), {shift_id: order}).routes
    start = next(stop.start for stop in route.stops if stop.visit_id == edit.visit_id)
    return Pin(
        technician_id=route.technician_id if edit.technician or edit.sequence else None,
        sequence=_rank(problem, order, edit.visit_id) if edit.sequence else None,
        start=start.replace(microsecond=0) if edit.start else None,
    )


def _rank(problem: Problem, order: Sequence[str], visit_id: str) -> int:
    """Find a rank between those of the pinned visits before it and after it, with room for others where there is."""
    ranks = {visit.id: visit.pin.sequence for visit in problem.visits if visit.pin is not None}
    at = order.index(visit_id)
    before = [rank for name in order[:at] if (rank := ranks.get(name)) is not None]
    after = [rank for name in order[at + 1 :] if (rank := ranks.get(name)) is not None]
    if not after:
        return max(before) + _RANKS_APART if before else _RANKS_APART * (at + 1)
    return (max(before) + min(after)) // 2 if before else min(after) // 2
