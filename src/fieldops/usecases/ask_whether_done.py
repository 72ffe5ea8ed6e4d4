"""After a day under way: visits on its plan of which nobody has said what became of them."""

from datetime import date
from typing import Final

from sqlalchemy import and_, bindparam, func, or_, select

from fieldops.domain.progress import FINAL_PHASES, VisitPhase
from fieldops.store.tables import (
    PlanRow,
    RouteRow,
    ShiftRow,
    StopRow,
    TaskRow,
    TechnicianRow,
    VisitProgressRow,
    VisitRow,
)
from fieldops.usecases.task_codes import TaskCode
from fieldops.usecases.tasks import TaskKind, finish_task, open_task
from fieldops.usecases.work import Work

_LAST_END: Final = select(func.max(ShiftRow.hard_ends_at)).where(
    ShiftRow.territory_id == bindparam("territory_id"),
    ShiftRow.date == bindparam("day"),
    ShiftRow.removed_at.is_(None),
)
#: Visits that somebody was asked about since the day ended are asked about no more.
_UNREPORTED: Final = (
    select(VisitRow, TechnicianRow.name, VisitProgressRow.phase)
    .join(StopRow, and_(StopRow.visit_id == VisitRow.id, StopRow.is_current))
    .join(RouteRow, RouteRow.id == StopRow.route_id)
    .join(PlanRow, PlanRow.id == RouteRow.plan_id)
    .join(TechnicianRow, TechnicianRow.id == RouteRow.technician_id)
    .outerjoin(
        VisitProgressRow, and_(VisitProgressRow.visit_id == VisitRow.id, VisitProgressRow.date == bindparam("day"))
    )
    .outerjoin(TaskRow, and_(TaskRow.visit_id == VisitRow.id, TaskRow.kind == TaskKind.NOT_REPORTED.value))
    .where(PlanRow.territory_id == bindparam("territory_id"), PlanRow.date == bindparam("day"))
    .where(VisitRow.state.in_(("open", "booked")))
    .where(
        or_(
            VisitProgressRow.phase.is_(None),
            VisitProgressRow.phase.not_in([phase.value for phase in FINAL_PHASES]),
        )
    )
    .where(or_(TaskRow.id.is_(None), TaskRow.done_at <= bindparam("since")))
    .order_by(RouteRow.technician_id, StopRow.position)
)


def ask_whether_done(work: Work, territory_id: str, day: date) -> int:
    """
    Ask a person about every visit on a day's routes of which nobody has reported the end.

    Returns
    -------
    int
        How many of them were asked about now. None before the last shift of the day is over.

    Notes
    -----
    Whoever learns it reports it like anything else, late; that is the end of the task. The caller holds the lock of the
    date's plan, and has given up what nobody could come to (`fieldops.usecases.give_up`).
    """
    last_end = work.session.scalar(_LAST_END, {"territory_id": territory_id, "day": day})
    if last_end is None or work.now < last_end:
        return 0
    work.session.flush()
    found = work.session.execute(_UNREPORTED, {"territory_id": territory_id, "day": day, "since": last_end}).all()
    for visit, technician, phase in found:
        is_begun = phase not in {None, VisitPhase.PLANNED.value}
        facts = {"visit": visit.name or visit.id, "technician": technician, "date": day.isoformat()}
        open_task(work, TaskKind.NOT_REPORTED, visit, TaskCode.UNFINISHED if is_begun else TaskCode.UNREPORTED, facts)
    return len(found)


def stop_asking(work: Work, visit_id: str) -> None:
    """End the question about a visit whose end was reported, if it was asked."""
    task_id = work.session.scalar(
        select(TaskRow.id).where(
            TaskRow.visit_id == visit_id, TaskRow.kind == TaskKind.NOT_REPORTED.value, TaskRow.state == "open"
        )
    )
    if task_id is not None:
        finish_task(work, task_id, "It was reported.")
