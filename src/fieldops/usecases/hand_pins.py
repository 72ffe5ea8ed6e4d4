"""
What an edit by hand fixes, so that no optimizer takes it back: who serves a visit, its place in the order, or that
nobody does.

Such a pin names the edit it comes from. It ends when its visit leaves the plan, or its customer takes another window;
pins that people set on purpose stay.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from fieldops.domain.edits import Edit, Lock, Move, Swap, Unassign
from fieldops.domain.problem import Pin, Problem, Visit
from fieldops.store.day_visits import BY_EDIT, OFF
from fieldops.store.tables import VisitRow
from fieldops.travel.provider import TravelMatrix
from fieldops.usecases.apply_edit import Edited, apply_edit


def without_old_pins(problem: Problem, edit: Edit) -> Problem:
    """Let an edit move its visits, whoever they were given to before; a start that is fixed stays fixed."""
    if not isinstance(edit, Move | Swap | Unassign):
        return problem
    moved = {edit.visit_id, edit.other_visit_id} if isinstance(edit, Swap) else {edit.visit_id}
    visits = tuple(_only_start(visit) if visit.id in moved else visit for visit in problem.visits)
    return replace(problem, visits=visits)


def pins_of(edit: Edit, edited: Edited, travel: TravelMatrix, *, day: date, edit_id: str) -> dict[str, dict[str, Any]]:
    """
    Say what an edit of a date's plan fixes.

    Returns
    -------
    dict[str, dict[str, Any]]
        By visit id, as `VisitRow.pin` has it; visits whose pins stay as they are are left out.

    Notes
    -----
    Who was given a visit by hand keeps it; a place in the order is kept among the visits whose places were chosen by
    hand, too. What was taken off the plan stays off that date's.
    """
    match edit:
        case Move():
            locks = [Lock(visit_id=edit.visit_id, sequence=edit.position is not None)]
        case Swap():
            home = {visit_id: shift_id for shift_id, order in edited.orders.items() for visit_id in order}
            is_on_one = home[edit.visit_id] == home[edit.other_visit_id]
            locks = [Lock(visit_id=name, sequence=is_on_one) for name in (edit.visit_id, edit.other_visit_id)]
        case Unassign():
            return {edit.visit_id: {OFF: day.isoformat(), BY_EDIT: edit_id}}
        case Lock():
            return {edit.visit_id: pin_document(_visit(edited.problem, edit.visit_id).pin)}
        case _:
            return {}
    pins: dict[str, dict[str, Any]] = {}
    for lock in locks:
        start = _visit(edited.problem, lock.visit_id).pin
        edited = apply_edit(edited.problem, travel, edited.orders, lock)
        pin = _visit(edited.problem, lock.visit_id).pin
        if pin is not None:
            fixed = replace(pin, start=None if start is None else start.start)
            pins[lock.visit_id] = {**pin_document(fixed), BY_EDIT: edit_id}
    return pins


def pin_document(pin: Pin | None) -> dict[str, Any]:
    """Write a pin down as `VisitRow` keeps it."""
    if pin is None:
        return {}
    start = None if pin.start is None else pin.start.isoformat()
    values = {"technician_id": pin.technician_id, "sequence": pin.sequence, "start": start}
    return {name: value for name, value in values.items() if value is not None}


def release_hand_pin(visit: VisitRow) -> None:
    """Forget what an edit has fixed about a visit that goes elsewhere."""
    pin: Mapping[str, Any] = visit.pin
    if BY_EDIT in pin:
        visit.pin = {}


def _only_start(visit: Visit) -> Visit:
    """Keep of a pin only the start."""
    pin = visit.pin
    return replace(visit, pin=None if pin is None or pin.start is None else Pin(start=pin.start))


def _visit(problem: Problem, visit_id: str) -> Visit:
    """Find a visit."""
    return next(visit for visit in problem.visits if visit.id == visit_id)
