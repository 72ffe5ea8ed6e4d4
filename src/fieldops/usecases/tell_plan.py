"""Say on the streams of boards and technicians that the plan of a date has another version."""

from collections.abc import Iterable

from sqlalchemy import select

from fieldops.store.tables import PlanRow, RouteRow, ShiftRow, StopRow
from fieldops.usecases.stream import announce, topic_of_board, topic_of_technician
from fieldops.usecases.work import Work


def tell_plan(
    work: Work,
    plan: PlanRow,
    *,
    version: int,
    reason: str,
    shift_ids: Iterable[str],
    technician_ids: Iterable[str] | None = None,
    **more: str,
) -> None:
    """
    Tell the board and the technicians, who may be looking at the date, whose routes have changed.

    Parameters
    ----------
    version
        The new one.
    reason
        As in `PlanVersionRow`; ``replan`` and ``confirm`` besides.
    technician_ids
        None = those whose shifts these are.
    more
        What else the board hears.

    Notes
    -----
    The caller holds the lock of the plan; see `announce`.
    """
    shifts = sorted(shift_ids)
    if technician_ids is None:
        technician_ids = work.session.scalars(select(ShiftRow.technician_id).where(ShiftRow.id.in_(shifts))).all()
    news = {"plan_id": plan.id, "version": version, "reason": reason, "shifts": shifts}
    announce(work, topic_of_board(plan.territory_id, plan.date), "plan", {**news, **more})
    for technician_id in sorted(set(technician_ids)):
        announce(work, topic_of_technician(technician_id, plan.date), "plan", news)


def tell_of_visit(work: Work, plan: PlanRow, visit_id: str, reason: str) -> None:
    """Tell the same of the route that a visit is on; its routes have been written already."""
    there = select(RouteRow.shift_id).join(StopRow, StopRow.route_id == RouteRow.id)
    on_plan = there.where(RouteRow.plan_id == plan.id, StopRow.visit_id == visit_id, StopRow.is_current)
    tell_plan(work, plan, version=plan.version, reason=reason, shift_ids=work.session.scalars(on_plan))
