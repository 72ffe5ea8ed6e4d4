"""Cancel a booking: its visit comes off the plan."""

from typing import Final

from fieldops.domain.progress import VisitPhase
from fieldops.errors import WrongState
from fieldops.usecases.actor import Role
from fieldops.usecases.audit import record
from fieldops.usecases.booking_views import BookingView
from fieldops.usecases.leave_day import leave_day
from fieldops.usecases.ledger import settle_promises, tell_systems
from fieldops.usecases.movable import phase_on, why_not_movable
from fieldops.usecases.notify import notify_customer
from fieldops.usecases.place_visit import free_visit, lock_for
from fieldops.usecases.read_bookings import booking_view, find_booking
from fieldops.usecases.waitlist import close_entry, offer_earlier_windows
from fieldops.usecases.work import Work

_UNDER_WAY: Final = frozenset({VisitPhase.TRAVELING, VisitPhase.ARRIVED, VisitPhase.IN_PROGRESS})


def cancel_booking(work: Work, booking_id: str, reason: str, *, reopens: bool = False) -> BookingView:
    """
    Cancel a booking; one that is canceled already stays as it is.

    Parameters
    ----------
    reason
        In words; told to the customer, perhaps empty.
    reopens
        Whether the visit is still wanted: it is open again, otherwise canceled.

    Raises
    ------
    NotFound
        When there is no such booking, or not for this caller.
    WrongState
        When the visit is done, somebody is there or on the way (that is for an event of the day to say), or the caller
        is a customer and it is too late to move it.
    """
    booking, visit = find_booking(work, booking_id)
    locked = lock_for(work, visit.id, [booking.date])
    work.session.refresh(booking)
    if booking.state == "canceled":
        return booking_view(work, booking)
    details = {"booking_id": booking.id, "visit_id": visit.id, "state": visit.state}
    if visit.state == "done":
        raise WrongState("the visit is done", details=details)
    why_not = why_not_movable(work, booking, visit) if work.actor.role is Role.CUSTOMER else ""
    if why_not:
        raise WrongState(f"{why_not}: please call", details=details)
    if phase_on(work, visit.id, booking.date) in _UNDER_WAY:
        # Whoever is there or on the way has to hear of it, and what is expected of the rest of the day with them.
        raise WrongState("somebody is there or on the way: report the event `canceled` instead", details=details)
    freed = free_visit(work, locked, state="open" if reopens else "canceled", reason="cancel")
    booking.state, booking.version = "canceled", booking.version + 1
    booking.changed_at = booking.canceled_at = work.now
    booking.cancel_reason = reason
    settle_promises(work, booking, "canceled")
    close_entry(work, booking, "left")
    record(work, "booking.canceled", "booking", booking.id, reason=reason, reopens=reopens)
    work.session.flush()
    notify_customer(work, booking, "cancellation", extra={"reason": reason} if reason else None)
    tell_systems(work, "booking.canceled", booking)
    leave_day(work, locked)
    if freed is not None:
        offer_earlier_windows(work, booking.territory_id, freed)
    return booking_view(work, booking)
