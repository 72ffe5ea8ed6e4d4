"""Release a hold: somebody has decided not to book."""

from fieldops.errors import WrongState
from fieldops.usecases.booking_views import HoldView
from fieldops.usecases.let_hold_go import let_hold_go
from fieldops.usecases.place_visit import lock_for
from fieldops.usecases.read_bookings import find_hold, hold_view
from fieldops.usecases.waitlist import offer_earlier_windows
from fieldops.usecases.work import Work


def release_hold(work: Work, hold_id: str) -> HoldView:
    """
    Release a hold; one that is released or expired already stays as it is.

    Raises
    ------
    NotFound
        When there is no such hold, or not for this caller.
    WrongState
        When it was confirmed: the booking is canceled instead.
    """
    hold, visit = find_hold(work, hold_id)
    locked = lock_for(work, visit.id, [hold.date])
    work.session.refresh(hold)
    if hold.state == "confirmed":
        raise WrongState(
            "the hold was confirmed: cancel the booking", details={"hold_id": hold.id, "state": hold.state}
        )
    if hold.state == "active":
        state = "released" if hold.expires_at > work.now else "expired"
        freed = let_hold_go(work, locked, hold, state=state)
        work.session.flush()
        if freed is not None:
            offer_earlier_windows(work, hold.territory_id, freed)
    return hold_view(work, hold, visit)
