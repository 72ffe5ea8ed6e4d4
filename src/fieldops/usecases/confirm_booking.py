"""Confirm a hold: the window is promised."""

from sqlalchemy import select

from fieldops.domain.problem import TimeWindow
from fieldops.errors import HoldExpired, WindowTaken, WrongState
from fieldops.store.ids import new_id
from fieldops.store.tables import BookingRow, HoldRow, VisitRow, WorkOrderRow
from fieldops.usecases.audit import record
from fieldops.usecases.begin_anew import begin_anew
from fieldops.usecases.booking_views import BookingView
from fieldops.usecases.ledger import promise_window, tell_systems
from fieldops.usecases.let_hold_go import expire_on
from fieldops.usecases.notify import notify_customer
from fieldops.usecases.open_draft import open_draft
from fieldops.usecases.place_visit import Locked, lock_for, put_on_plan, set_state
from fieldops.usecases.read_bookings import booking_view, find_hold
from fieldops.usecases.tell_plan import tell_of_visit
from fieldops.usecases.work import Work


def confirm_booking(work: Work, hold_id: str) -> BookingView:
    """
    Make a booking of a hold.

    Returns
    -------
    BookingView
        The same one however often a hold is confirmed.

    Raises
    ------
    NotFound
        When there is no such hold, or not for this caller.
    HoldExpired
        When its time is over and the window is taken by now, or has begun.
    InvalidInput
        When somebody without an account has begun it and not yet said who books.
    WrongState
        When it was released, or its visit is booked, held for another window, done or canceled.

    Notes
    -----
    A hold whose time is over is as good as new while its visit is on the plan, or can be put back there.
    """
    hold, visit = find_hold(work, hold_id)
    locked = lock_for(work, visit.id, [hold.date])
    work.session.refresh(hold)
    booking = work.session.scalar(select(BookingRow).where(BookingRow.hold_id == hold.id))
    if booking is not None:
        return booking_view(work, booking)
    _require_confirmable(work, hold, visit)
    if locked.stop is None or hold.state == "expired":
        _put_back(work, locked, hold)
    order = work.session.get_one(WorkOrderRow, visit.work_order_id)
    open_draft(work, order)
    booking = BookingRow(
        id=new_id("bk"),
        visit_id=visit.id,
        customer_id=order.customer_id,
        territory_id=hold.territory_id,
        hold_id=hold.id,
        date=hold.date,
        window_start=hold.window_start,
        window_end=hold.window_end,
        state="confirmed",
        version=1,
        confirmed_at=work.now,
        changed_at=work.now,
    )
    hold.state = "confirmed"
    set_state(work, visit, "booked")
    work.session.add(booking)
    work.session.flush()
    tell_of_visit(work, locked.plans[hold.date], visit.id, "confirm")
    promise_window(work, booking)
    record(work, "booking.confirmed", "booking", booking.id, visit_id=visit.id, hold_id=hold.id)
    notify_customer(work, booking, "confirmation")
    tell_systems(work, "booking.confirmed", booking)
    return booking_view(work, booking)


def _require_confirmable(work: Work, hold: HoldRow, visit: VisitRow) -> None:
    """Raise unless this hold may still become a booking."""
    details = {"hold_id": hold.id, "visit_id": visit.id, "state": hold.state}
    if hold.state == "released":
        raise WrongState("the hold was released", details=details)
    # Once another try has expired, its visit has failed again.
    if visit.state not in {"draft", "open", "held"} and not (visit.state == "failed" and hold.is_another_try):
        raise WrongState(f"the visit is {visit.state}", details={**details, "state": visit.state})
    if hold.state == "expired" and visit.state == "held":
        raise WrongState("the visit is held for another window by now", details=details)
    if hold.window_start <= work.now:
        raise HoldExpired("the hold has expired, and its window has begun", details=details)


def _put_back(work: Work, locked: Locked, hold: HoldRow) -> None:
    """Put the visit of a hold back on the plan."""
    expire_on(work, hold.territory_id, [hold.date])
    window = TimeWindow(hold.window_start, hold.window_end)
    try:
        put_on_plan(work, locked, hold.date, window, reason="hold")
        if hold.is_another_try:
            begin_anew(work, hold.visit_id, hold.date)
    except WindowTaken as error:
        raise HoldExpired(details={**error.details, "hold_id": hold.id}) from error
