"""Give somebody who is still deciding more time, up to the territory's limit."""

from fieldops.errors import WrongState
from fieldops.usecases.audit import record
from fieldops.usecases.booking_views import HoldView
from fieldops.usecases.bound_drafts import latest_expiry
from fieldops.usecases.let_hold_go import set_expiry
from fieldops.usecases.place_visit import lock_for
from fieldops.usecases.read_bookings import find_hold, hold_view
from fieldops.usecases.work import Work


def extend_hold(work: Work, hold_id: str) -> HoldView:
    """
    Let a hold last as long from now as it did when it was made, but not longer than `Policies.hold_most` in all.

    The holds of a draft all together are bounded as well (`latest_expiry`).

    Raises
    ------
    NotFound
        When there is no such hold, or not for this caller.
    WrongState
        When it is not active any more, or cannot be held any longer.

    Notes
    -----
    Nobody else loses by it what was theirs: the visit has its place already, and others are offered what is left.
    """
    hold, visit = find_hold(work, hold_id)
    locked = lock_for(work, visit.id, [hold.date])
    work.session.refresh(hold)
    shown = hold_view(work, hold, visit)
    details = {"hold_id": hold.id, "visit_id": visit.id, "state": shown.state}
    if shown.state != "active":
        raise WrongState(f"the hold is {shown.state}", details=details)
    if hold.expires_at >= shown.extendable_until:
        raise WrongState("the window cannot be held any longer", details=details)
    policies = locked.territory.policies
    latest = latest_expiry(work, visit, policies.hold_most) or shown.extendable_until
    expires_at = min(work.now + policies.hold_duration, shown.extendable_until, latest)
    if expires_at <= hold.expires_at:
        return shown
    set_expiry(work, hold, expires_at)
    record(work, "hold.extended", "hold", hold.id, expires_at=expires_at.isoformat())
    return hold_view(work, hold, visit)
