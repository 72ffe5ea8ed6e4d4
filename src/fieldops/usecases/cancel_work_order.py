"""Cancel what a customer asked for, with everything that was promised about it."""

from sqlalchemy import select

from fieldops.errors import NotFound, WrongState
from fieldops.store.day_plans import lock_plans
from fieldops.store.tables import BookingRow, PlanRow, RouteRow, StopRow, VisitRow, WorkOrderRow
from fieldops.usecases.audit import record
from fieldops.usecases.cancel_booking import cancel_booking
from fieldops.usecases.let_hold_go import active_hold
from fieldops.usecases.place_visit import free_visit, lock_for
from fieldops.usecases.release_hold import release_hold
from fieldops.usecases.waitlist import offer_earlier_windows
from fieldops.usecases.work import Work
from fieldops.usecases.work_order_views import WorkOrderView, work_order_views


def cancel_work_order(work: Work, work_order_id: str, reason: str = "") -> WorkOrderView:
    """
    Cancel a work order: its bookings are canceled, its holds released, its visits taken off the plans.

    Visits that are done stay done; a work order that is canceled already stays as it is.

    Parameters
    ----------
    reason
        In words; told to the customer where something was booked, perhaps empty.

    Raises
    ------
    NotFound
        When there is no such work order.
    WrongState
        When it is closed.
    """
    order = work.session.get(WorkOrderRow, work_order_id, with_for_update=True)
    if order is None:
        raise NotFound("work order", work_order_id)
    if order.state == "closed":
        raise WrongState("the work order is closed", details={"work_order_id": order.id, "state": order.state})
    if order.state in {"draft", "open"}:
        _lock_all_plans(work, order)
        visit_ids = work.session.scalars(
            select(VisitRow.id)
            .where(VisitRow.work_order_id == order.id, VisitRow.state.in_(("draft", "open", "held", "booked")))
            .order_by(VisitRow.id)
        ).all()
        for visit_id in visit_ids:
            cancel_visit(work, visit_id, reason)
        order.state = "canceled"
        record(work, "work_order.canceled", "work_order", order.id, reason=reason, visits=list(visit_ids))
        work.session.flush()
    return work_order_views(work.session, [order], work.now)[0]


def _lock_all_plans(work: Work, order: WorkOrderRow) -> None:
    """Lock the plans of all visits at once: one by one they could be locked in another order than elsewhere."""
    days = work.session.scalars(
        select(PlanRow.date)
        .join(RouteRow, RouteRow.plan_id == PlanRow.id)
        .join(StopRow, StopRow.route_id == RouteRow.id)
        .join(VisitRow, VisitRow.id == StopRow.visit_id)
        .where(VisitRow.work_order_id == order.id, StopRow.is_current)
    )
    lock_plans(work.session, order.territory_id, set(days))


def cancel_visit(work: Work, visit_id: str, reason: str) -> None:
    """Cancel one visit in the way its state asks for."""
    booking_id = work.session.scalar(
        select(BookingRow.id).where(BookingRow.visit_id == visit_id, BookingRow.state == "confirmed")
    )
    if booking_id is not None:
        cancel_booking(work, booking_id, reason)
        return
    hold = active_hold(work, visit_id)
    if hold is not None:
        release_hold(work, hold.id)
    locked = lock_for(work, visit_id, ())
    freed = free_visit(work, locked, state="canceled", reason="cancel")
    record(work, "visit.canceled", "visit", visit_id, reason=reason)
    work.session.flush()
    if freed is not None:
        offer_earlier_windows(work, locked.visit.territory_id, freed)
