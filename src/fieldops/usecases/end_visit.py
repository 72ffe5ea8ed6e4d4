"""What the end of a visit on its day means to everything else: it is done, needs another appointment, or is off."""

from sqlalchemy import select

from fieldops.domain.progress import VisitPhase, VisitProgress
from fieldops.store.tables import VisitRow, WorkOrderRow
from fieldops.usecases.ask_whether_done import stop_asking
from fieldops.usecases.audit import record
from fieldops.usecases.cancel_work_order import cancel_visit
from fieldops.usecases.learn_technician import learn_technician
from fieldops.usecases.let_hold_go import active_hold, end_hold
from fieldops.usecases.place_visit import free_visit, lock_for, set_state
from fieldops.usecases.work import Work

#: States of visits after which nothing more is to be done about them.
_CLOSED = ("done", "canceled")


def end_visit(work: Work, visit_id: str, after: VisitProgress) -> None:
    """
    Do what follows from the end of a visit.

    Notes
    -----
    Done: it stays where it is on the plan, as history; its work order is closed with its last visit, and the customer
    knows who came. Failed: it leaves the plan and needs a new appointment. Canceled: as whoever cancels it elsewhere.
    Nobody is asked any more what became of it. The caller holds the plan's lock.
    """
    stop_asking(work, visit_id)
    visit = work.session.get_one(VisitRow, visit_id, populate_existing=True)
    if after.phase is VisitPhase.CANCELED:
        if visit.state not in _CLOSED:
            cancel_visit(work, visit_id, after.reason)
        return
    hold = active_hold(work, visit_id)
    if hold is not None:
        end_hold(work, hold, state="released")
    if after.phase is VisitPhase.FAILED:
        if visit.state not in _CLOSED:
            free_visit(work, lock_for(work, visit_id, ()), state="failed", reason="cancel")
            record(work, "visit.failed", "visit", visit_id, reason=after.reason)
        return
    if visit.state != "done":
        set_state(work, visit, "done")
        record(work, "visit.done", "visit", visit_id)
        if after.technician_id is not None:
            learn_technician(work, visit, after.technician_id)
    work.session.flush()
    _close_order(work, visit.work_order_id)


def _close_order(work: Work, work_order_id: str) -> None:
    """Close a work order when nothing of it is left to do."""
    left = select(VisitRow.id).where(VisitRow.work_order_id == work_order_id, VisitRow.state.not_in(_CLOSED)).limit(1)
    order = work.session.get_one(WorkOrderRow, work_order_id)
    if order.state == "open" and work.session.scalar(left) is None:
        order.state = "closed"
        record(work, "work_order.closed", "work_order", order.id)
