"""Write an edit of a plan: routes, one version, what undoing needs, and the news."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete

from fieldops.domain.plan import Route
from fieldops.store.plan_routes import write_routes
from fieldops.store.tables import EtaRow, PlanEditRow, PlanRow, ShiftRow, VisitRow
from fieldops.usecases.audit import record
from fieldops.usecases.editable_day import EditableDay
from fieldops.usecases.refresh_etas import refresh
from fieldops.usecases.tell_plan import tell_plan
from fieldops.usecases.tell_times import tell_times
from fieldops.usecases.want_replan import want_replan
from fieldops.usecases.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """
    What becomes of the routes.

    Attributes
    ----------
    routes
        By shift id, from end to end; None = the shift serves nobody any more.
    leaving
        Visits that are on no route any more.
    """

    routes: Mapping[str, Route | None]
    leaving: Collection[str] = ()


def state_before(
    work: Work, day: EditableDay, shifts: Collection[str], visits: Collection[str], *, keeps_breaks: bool
) -> dict[str, Any]:
    """
    Write down what an edit is about to change.

    Parameters
    ----------
    keeps_breaks
        Whether breaks are among it.
    """
    orders = {shift_id: list(day.live.day.orders.get(shift_id, ())) for shift_id in sorted(shifts)}
    return state_of(work, orders, visits, shifts if keeps_breaks else ())


def state_of(
    work: Work, orders: Mapping[str, list[str]], visits: Collection[str], shifts: Collection[str]
) -> dict[str, Any]:
    """Write down some orders, what edits can change about visits, and the breaks of shifts, as they are stored."""
    rows = {visit_id: work.session.get_one(VisitRow, visit_id) for visit_id in sorted(visits)}
    return {
        "orders": dict(orders),
        "visits": {visit_id: {"pin": row.pin, "duration_s": row.duration_s} for visit_id, row in rows.items()},
        "breaks": {shift_id: work.session.get_one(ShiftRow, shift_id).breaks for shift_id in sorted(shifts)},
    }


def write_edit(work: Work, plan: PlanRow, row: PlanEditRow, day: EditableDay, rewritten: Rewritten) -> None:
    """
    Write the routes of an edit as one version of the plan, and tell everybody.

    Parameters
    ----------
    plan
        Locked by the caller.
    row
        The edit, with what was before; not in the session yet.
    """
    session = work.session
    for visit_id in row.before["visits"]:
        session.get_one(VisitRow, visit_id).version += 1
    row.to_version = write_routes(
        session,
        plan,
        dict(sorted(rewritten.routes.items())),
        # Of other shifts than those with new routes, boards in memory read nothing anew for the sake of an edit.
        reason="shifts" if row.before["breaks"] else "edit",
        actor=work.actor.id,
        now=work.now,
        leaving=rewritten.leaving,
    )
    orders = {
        shift_id: [] if route is None else [stop.visit_id for stop in route.stops]
        for shift_id, route in rewritten.routes.items()
    }
    row.before = {**row.before, "after": state_of(work, orders, row.before["visits"], row.before["breaks"])}
    session.add(row)
    session.flush()
    record(
        work,
        "plan.edited",
        "plan",
        plan.id,
        edit_id=row.id,
        kind=row.kind,
        version=row.to_version,
        is_forced=row.is_forced,
        reason=row.reason,
    )
    _tell(work, plan, row, day, rewritten)


def _tell(work: Work, plan: PlanRow, row: PlanEditRow, day: EditableDay, rewritten: Rewritten) -> None:
    """Tell boards and technicians of the version, and customers of times that change enough."""
    shifts = sorted(rewritten.routes)
    expected = refresh(work, plan.territory_id, plan.date, shifts)
    if rewritten.leaving:
        # Without travel times nothing is refreshed; but nobody comes in any case.
        work.session.execute(delete(EtaRow).where(EtaRow.visit_id.in_(sorted(rewritten.leaving))))
    tell_times(work, expected.changed)
    if expected.endangered:
        want_replan(work, plan.territory_id, plan.date, "an edit by hand has put promises at risk")
    people = {known.facts.technician.id for shift_id, known in day.live.shifts.items() if shift_id in shifts}
    tell_plan(
        work,
        plan,
        version=row.to_version,
        reason="edit",
        shift_ids=shifts,
        technician_ids=people,
        edit_id=row.id,
    )
