"""Move a booking to another window: one step, and the old window is never lost without the new one."""

from fieldops.errors import NotFound, WrongState
from fieldops.store.tables import OfferRow
from fieldops.usecases.audit import record
from fieldops.usecases.begin_anew import begin_anew
from fieldops.usecases.booking_views import BookingView
from fieldops.usecases.leave_day import leave_day
from fieldops.usecases.ledger import promise_window, settle_promises, tell_systems
from fieldops.usecases.let_hold_go import expire_on
from fieldops.usecases.movable import why_not_movable
from fieldops.usecases.notify import notify_customer
from fieldops.usecases.place_visit import lock_for, put_on_plan, set_state
from fieldops.usecases.read_bookings import booking_view, find_booking
from fieldops.usecases.take_offer import require_open_offer
from fieldops.usecases.waitlist import after_reschedule, offer_earlier_windows
from fieldops.usecases.work import Work


def reschedule_booking(work: Work, booking_id: str, offer_id: str) -> BookingView:
    """
    Move a booking to the window of an offer.

    Returns
    -------
    BookingView
        The same booking, one version on; as it is when it has that window already.

    Raises
    ------
    NotFound
        When there is no such booking, or no such offer for its visit, or not for this caller.
    OfferExpired
        When the offer cannot be taken up any more.
    WindowTaken
        When nobody can keep the window any more; the booking stays as it is.
    WrongState
        When the booking is canceled, or its visit cannot be moved any more.

    Notes
    -----
    On a day under way a visit can be moved until somebody is about to go there; one that failed can be moved, too.
    """
    booking, visit = find_booking(work, booking_id)
    offer = work.session.get(OfferRow, offer_id)
    if offer is None or offer.visit_id != visit.id:
        raise NotFound("offer", offer_id)
    locked = lock_for(work, visit.id, [booking.date, offer.date])
    work.session.refresh(booking)
    details = {"booking_id": booking.id, "visit_id": visit.id, "state": booking.state}
    if booking.state != "confirmed":
        raise WrongState(f"the booking is {booking.state}", details=details)
    if (booking.window_start, booking.window_end) == (offer.window_start, offer.window_end):
        return booking_view(work, booking)
    if visit.state not in {"booked", "failed"}:
        raise WrongState(f"the visit is {visit.state}", details={**details, "state": visit.state})
    why_not = why_not_movable(work, booking, visit)
    if why_not:
        raise WrongState(why_not, details=details)
    asked, window = require_open_offer(work, offer)
    expire_on(work, offer.territory_id, [offer.date])
    put_on_plan(work, locked, offer.date, window, reason="reschedule", asked=asked)
    if visit.state == "failed":
        begin_anew(work, visit.id, offer.date)
    old_day = booking.date
    settle_promises(work, booking, "changed")
    booking.date, booking.window_start, booking.window_end = offer.date, window.earliest, window.latest
    booking.version += 1
    booking.changed_at = work.now
    set_state(work, visit, "booked")
    promise_window(work, booking)
    after_reschedule(work, booking, offer.id)
    record(work, "booking.changed", "booking", booking.id, offer_id=offer.id, version=booking.version)
    work.session.flush()
    notify_customer(work, booking, "change")
    tell_systems(work, "booking.changed", booking)
    leave_day(work, locked)
    offer_earlier_windows(work, booking.territory_id, old_day)
    return booking_view(work, booking)
