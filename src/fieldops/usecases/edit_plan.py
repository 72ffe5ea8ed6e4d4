"""Change a plan by hand: tried out first, written with what it fixes, told to everybody concerned."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from fieldops.domain.edits import AddBreak, Duration, Edit, Lock, Move, Swap, Unassign
from fieldops.domain.plan import Route
from fieldops.domain.value_faults import wrong
from fieldops.errors import InvalidInput, NotFound, PlanVersionStale, RulesBroken, WrongState
from fieldops.store.ids import new_id
from fieldops.store.tables import PlanEditRow, ShiftRow, VisitRow
from fieldops.usecases.edit_views import (
    PlanEditView,
    WhatIfView,
    plan_edit_view,
    request_document,
    violation_document,
    what_if_view,
)
from fieldops.usecases.editable_day import EditableDay, as_if, load_editable_day, lock_known_plan, require_editable
from fieldops.usecases.hand_pins import pins_of, without_old_pins
from fieldops.usecases.move_promises import move_broken_promises
from fieldops.usecases.naming import naming_of
from fieldops.usecases.shifts import stored_break
from fieldops.usecases.what_if import WhatIf, what_if
from fieldops.usecases.work import Work
from fieldops.usecases.write_edit import Rewritten, state_before, write_edit


def try_edit(work: Work, territory_id: str, day: date, edit: Edit) -> WhatIfView:
    """
    Say what an edit would do to the running plan; nothing is changed.

    Raises
    ------
    NotFound, WrongState, InvalidInput
        As `edit_plan` does.
    TravelUnavailable, UnreachablePlaces
        As the travel provider does.
    """
    loaded, _ = _loaded(work, territory_id, day, edit)
    found = what_if(loaded.problem, loaded.travel(work), loaded.orders, _clamped(loaded, edit))
    return what_if_view(found, loaded.problem, loaded.live.day.version)


def edit_plan(
    work: Work, territory_id: str, day: date, edit: Edit, *, base_version: int, force: bool = False, reason: str = ""
) -> PlanEditView:
    """
    Change the running plan by hand.

    Parameters
    ----------
    base_version
        Of the plan that the caller has seen.
    force
        Whether to do it although it breaks rules; then there has to be a reason.

    Raises
    ------
    NotFound
        When there is no such territory, visit or shift.
    PlanVersionStale
        When the plan has changed since.
    WrongState
        When the date has passed; when a visit is behind its technician, over, or belongs to another date; when a
        technician is out. No force helps.
    RulesBroken
        When it breaks a hard rule or a promise that was kept, and is not forced; with everything it breaks.
    InvalidInput
        When it means nothing, or is forced without a reason.
    TravelUnavailable, UnreachablePlaces
        As the travel provider does.

    Notes
    -----
    What has been moved by hand is fixed (`fieldops.usecases.hand_pins`): no optimizer takes it back. Customers whose
    promises a forced edit of a date to come breaks are told at once (`fieldops.usecases.move_promises`).
    """
    if force and not reason.strip():
        raise InvalidInput([wrong("reason", reason, "why it is forced")])
    plan = lock_known_plan(work, territory_id, day)
    if plan.version != base_version:
        details = {"version": plan.version, "expected": base_version}
        raise PlanVersionStale(f"the plan is at version {plan.version} by now", details=details)
    loaded, homes = _loaded(work, territory_id, day, edit, locks=True)
    edit = _clamped(loaded, edit)
    travel = loaded.travel(work)
    found = what_if(loaded.problem, travel, loaded.orders, edit)
    seen = what_if_view(found, loaded.problem, plan.version)
    if seen.needs_force and not force:
        new = [violation_document(violation) for violation in seen.violations if violation.is_new]
        broken: dict[str, object] = {"version": plan.version, "violations": new}
        raise RulesBroken(f"the plan would break a rule: {new[0]['message']}", details=broken)
    touched = {*homes, *found.edited.touched}
    edit_id = new_id("pe")
    kind, request = request_document(edit)
    row = PlanEditRow(
        id=edit_id,
        plan_id=plan.id,
        kind=kind,
        request=request,
        reason=reason.strip(),
        is_forced=seen.needs_force,
        violations=[violation_document(violation) for violation in seen.violations if violation.is_new],
        before=state_before(work, loaded, touched, found.edited.visits, keeps_breaks=isinstance(edit, AddBreak)),
        from_version=plan.version,
        actor=work.actor.id,
        made_at=work.now,
    )
    for visit_id, pin in pins_of(edit, found.edited, travel, day=day, edit_id=edit_id).items():
        work.session.get_one(VisitRow, visit_id).pin = pin
    _store(work, edit)
    if not loaded.is_under_way:
        # On the day itself customers hear of times that change; of a date to come they would hear nothing until then.
        row.before["windows"] = move_broken_promises(work, found, loaded.live.day.territory.policies.buffer)
    leaving = {edit.visit_id} if isinstance(edit, Unassign) else set()
    write_edit(work, plan, row, loaded, Rewritten(routes=_routes(loaded, found, touched, edit), leaving=leaving))
    return plan_edit_view(row)


def _loaded(
    work: Work, territory_id: str, day: date, edit: Edit, *, locks: bool = False
) -> tuple[EditableDay, set[str]]:
    """Load what an edit is about, and the shifts on whose routes its visits are; refuse what nobody can do."""
    visit_ids = _visits_of(edit)
    if locks:
        query = select(VisitRow.id).where(VisitRow.id.in_(visit_ids)).order_by(VisitRow.id).with_for_update()
        work.session.execute(query)
    homes = {visit_id: require_editable(work.session, territory_id, day, visit_id) for visit_id in visit_ids}
    shifts = {shift_id for shift_id in homes.values() if shift_id is not None}
    target = edit.shift_id if isinstance(edit, Move | AddBreak) else None
    wanted = shifts if target is None else {*shifts, target}
    found = load_editable_day(work, territory_id, day, visit_ids, wanted)
    found.require_computed(wanted)
    _require_ahead(found, visit_ids)
    if target is not None:
        _require_worked(found, target)
    names = naming_of(found.whole)
    for visit_id, home in homes.items():
        is_gone = home is not None and home not in found.live.shifts
        if is_gone or (isinstance(edit, Swap | Unassign | Lock) and home not in found.orders and _needs_route(edit)):
            message = f"{names.what(visit_id)} is on no route that anybody works"
            raise WrongState(message, details={"visit_id": visit_id})
    return as_if(found, without_old_pins(found.whole, edit), found.live.day.orders), shifts


def _visits_of(edit: Edit) -> list[str]:
    """Name the visits that an edit is about."""
    if isinstance(edit, AddBreak):
        return []
    return sorted({edit.visit_id, edit.other_visit_id}) if isinstance(edit, Swap) else [edit.visit_id]


def _needs_route(edit: Swap | Unassign | Lock) -> bool:
    """Tell whether an edit makes sense only of visits on a route."""
    return not isinstance(edit, Lock) or edit.technician or edit.sequence or edit.start


def _require_ahead(found: EditableDay, visit_ids: Iterable[str]) -> None:
    """Raise `WrongState` when a visit is one that nobody moves any more."""
    names = naming_of(found.whole)
    for visit_id in visit_ids:
        if visit_id in found.behind:
            known = found.live.progress.get(visit_id)
            phase = "traveling" if known is None else known.phase.value
            details = {"visit_id": visit_id, "phase": phase}
            message = f"{names.what(visit_id)} cannot be changed any more: it is {phase.replace('_', ' ')}"
            raise WrongState(message, details=details)


def _require_worked(found: EditableDay, shift_id: str) -> None:
    """Raise when a shift is not one of the date, or nobody works it any more."""
    if shift_id not in found.live.shifts:
        raise NotFound("shift", shift_id)
    if shift_id not in found.orders:
        raise WrongState(f"nobody works shift {shift_id} any more", details={"shift_id": shift_id})


def _clamped(found: EditableDay, edit: Edit) -> Edit:
    """Let a break begin when its technician is free, not before: those before it are over."""
    if not isinstance(edit, AddBreak) or not found.is_under_way:
        return edit
    pause = edit.pause
    if pause.latest_start < found.live.now:
        raise InvalidInput([wrong("pause.latest_start", pause.latest_start.isoformat(), "an instant to come")])
    shifts = (shift for person in found.problem.technicians for shift in person.shifts)
    free_at = next(shift.start for shift in shifts if shift.id == edit.shift_id)
    earliest = max(pause.earliest_start, free_at)
    return replace(edit, pause=replace(pause, earliest_start=earliest, latest_start=max(pause.latest_start, earliest)))


def _store(work: Work, edit: Edit) -> None:
    """Change what an edit changes about a visit or shift itself."""
    if isinstance(edit, Duration):
        work.session.get_one(VisitRow, edit.visit_id).duration_s = edit.duration // timedelta(seconds=1)
    elif isinstance(edit, AddBreak):
        shift = work.session.get_one(ShiftRow, edit.shift_id, with_for_update=True)
        shift.breaks = sorted([*shift.breaks, stored_break(edit.pause)], key=_in_order)


def _in_order(pause: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """Sort stored breaks as a problem has them."""
    return datetime.fromisoformat(pause["earliest_start"]), datetime.fromisoformat(pause["latest_start"])


def _routes(found: EditableDay, tried: WhatIf, touched: set[str], edit: Edit) -> dict[str, Route | None]:
    """Give the routes as they are to be stored."""
    after = {change.shift_id: change.after for change in tried.routes}
    routes: dict[str, Route | None] = {}
    for shift_id in touched:
        if shift_id in tried.edited.orders:
            routes[shift_id] = found.end_to_end(shift_id, after.get(shift_id))
        else:
            # Nobody works it any more, and what is left on it keeps its times until it is taken over.
            routes[shift_id] = _without(found.live.routes.get(shift_id), _visits_of(edit))
    return routes


def _without(route: Route | None, visit_ids: Iterable[str]) -> Route | None:
    """Leave visits out of a route as it is."""
    if route is None:
        return None
    stops = tuple(stop for stop in route.stops if stop.visit_id not in visit_ids)
    return replace(route, stops=stops) if stops else None
