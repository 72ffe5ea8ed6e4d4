"""Take an edit by hand back, and list those that were made."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from fieldops.domain.plan import Route
from fieldops.errors import NotFound, WrongState
from fieldops.store.day_plans import load_day
from fieldops.store.day_visits import load_visits
from fieldops.store.ids import new_id
from fieldops.store.tables import PlanEditRow, PlanRow, ShiftRow, VisitRow
from fieldops.usecases.edit_views import PlanEditView, plan_edit_view, violation_document, violation_view
from fieldops.usecases.editable_day import EditableDay, as_if, load_editable_day, lock_known_plan, require_editable
from fieldops.usecases.move_promises import move_back
from fieldops.usecases.naming import naming_of
from fieldops.usecases.paging import Page
from fieldops.usecases.read_plan import page_of_plan
from fieldops.usecases.try_routes import try_routes
from fieldops.usecases.work import Work
from fieldops.usecases.write_edit import Rewritten, state_before, write_edit


def undo_edit(work: Work, territory_id: str, day: date, edit_id: str) -> PlanEditView:
    """
    Take an edit back: orders, pins, times on site and breaks become what they were. So can an undo be.

    Raises
    ------
    NotFound
        When the plan has no such edit.
    WrongState
        When it was taken back before; when routes, visits or breaks have changed since; when visits are behind their
        technicians by now. The details name what.
    TravelUnavailable, UnreachablePlaces
        As the travel provider does.

    Notes
    -----
    What it was like before is restored even if that breaks rules by now; the answer says which.
    """
    session = work.session
    plan = lock_known_plan(work, territory_id, day)
    undone = session.get(PlanEditRow, edit_id, populate_existing=True)
    if undone is None or undone.plan_id != plan.id:
        raise NotFound("edit of this plan", edit_id)
    if undone.undone_by is not None:
        details = {"undone_by": undone.undone_by}
        raise WrongState(f"the edit was taken back before, by {undone.undone_by}", details=details)
    before = undone.before
    visit_ids, shift_ids = sorted(before["visits"]), sorted(before["orders"])
    for visit_id in visit_ids:
        _row(work, visit_id)
    now = load_editable_day(work, territory_id, day, visit_ids, shift_ids)
    now.require_computed(shift_ids)
    saved = state_before(work, now, shift_ids, visit_ids, keeps_breaks=bool(before["breaks"]))
    _require_unchanged(plan, saved, before["after"])
    for visit_id in visit_ids:
        require_editable(session, territory_id, day, visit_id)
    _restore(work, now, before)
    restored = _as_it_was(work, now, before)
    tried = try_routes(restored.problem, restored.travel(work), restored.orders)
    rest = {route.shift_id: route for route in tried.routes}
    broken = [violation_document(violation_view(rule, is_new=True)) for rule in tried.broken if rule.shift_id]
    row = PlanEditRow(
        id=new_id("pe"),
        plan_id=plan.id,
        kind="undo",
        request={"edit_id": edit_id},
        reason="",
        is_forced=False,
        violations=broken,
        before=saved,
        from_version=plan.version,
        actor=work.actor.id,
        made_at=work.now,
    )
    if not now.is_under_way:
        row.before["windows"] = move_back(work, before.get("windows", {}))
    undone.undone_by = row.id
    routes: dict[str, Route | None] = {
        shift_id: restored.end_to_end(shift_id, rest.get(shift_id)) for shift_id in shift_ids
    }
    is_on = {visit_id for order in before["orders"].values() for visit_id in order}
    leaving = {visit_id for order in saved["orders"].values() for visit_id in order} - is_on
    write_edit(work, plan, row, restored, Rewritten(routes=routes, leaving=leaving))
    return plan_edit_view(row)


def list_edits(
    work: Work, territory_id: str, day: date, limit: int = 50, after: str | None = None
) -> Page[PlanEditView]:
    """
    List the edits of a plan, newest first.

    Raises
    ------
    NotFound
        When there is no such territory.
    InvalidInput
        When `after` is not a cursor.
    """
    query = select(PlanEditRow).join(PlanRow, PlanRow.id == PlanEditRow.plan_id)
    return page_of_plan(work, territory_id, day, query, PlanEditRow.to_version, plan_edit_view, limit, after)


def _require_unchanged(plan: PlanRow, now: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """
    Raise `WrongState` when something is not as an edit has left it.

    Notes
    -----
    Compared is how things are, not whether anybody has touched them: what was changed and changed back is as it was.
    """
    changed = {
        kind: sorted(name for name, value in after[kind].items() if now[kind].get(name) != value)
        for kind in ("orders", "visits", "breaks")
    }
    if any(changed.values()):
        details = {**{kind: names for kind, names in changed.items() if names}, "version": plan.version}
        raise WrongState("what this edit changed has changed since", details=details)


def _restore(work: Work, now: EditableDay, before: Mapping[str, Any]) -> None:
    """Give visits and shifts back what they had."""
    for visit_id, values in before["visits"].items():
        row = _row(work, visit_id)
        row.pin, row.duration_s = values["pin"], values["duration_s"]
    for shift_id, breaks in before["breaks"].items():
        row_of_shift = work.session.get_one(ShiftRow, shift_id, with_for_update=True)
        gone = [pause for pause in row_of_shift.breaks if pause not in breaks]
        if now.is_under_way and any(datetime.fromisoformat(pause["earliest_start"]) <= work.now for pause in gone):
            raise WrongState("the break may have begun by now", details={"breaks": [shift_id]})
        row_of_shift.breaks = breaks
    work.session.flush()


def _as_it_was(work: Work, now: EditableDay, before: Mapping[str, Any]) -> EditableDay:
    """Make the day as it would be; read anew, for boards in memory know nothing of what is not committed."""
    orders = {shift_id: tuple(order) for shift_id, order in before["orders"].items()}
    placed = {visit_id: shift_id for shift_id, order in orders.items() for visit_id in order}
    elsewhere = {visit_id for visit_id, shift_id in now.behind.items() if shift_id and placed.get(visit_id) != shift_id}
    moved = sorted(elsewhere | (now.behind.keys() & before["visits"].keys()))
    if moved:
        names = naming_of(now.whole)
        message = f"{', '.join(names.what(visit_id) for visit_id in moved)} cannot be changed any more"
        raise WrongState(message, details={"behind": moved})
    fresh = load_day(work.session, now.live.day.territory.id, now.live.day.date, shift_ids=sorted(orders)).problem
    known = {visit.id for visit in fresh.visits}
    visits, places = load_visits(work.session, sorted(placed.keys() - known))
    shifts = {shift.id: shift for person in fresh.technicians for shift in person.shifts}
    technicians = tuple(
        replace(person, shifts=tuple(shifts.get(shift.id, shift) for shift in person.shifts))
        for person in now.whole.technicians
    )
    all_places = {place.id: place for place in (*now.whole.places, *fresh.places, *places.values())}
    whole = replace(
        now.whole,
        technicians=technicians,
        visits=(*fresh.visits, *visits.values()),
        places=tuple(all_places.values()),
    )
    gone = {visit.id for visit in whole.visits} - placed.keys()
    whole = replace(whole, visits=tuple(visit for visit in whole.visits if visit.id not in gone))
    return as_if(now, whole, orders)


def _row(work: Work, visit_id: str) -> VisitRow:
    """Read a visit, locked."""
    return work.session.get_one(VisitRow, visit_id, with_for_update=True)
