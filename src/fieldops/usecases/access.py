"""What a caller may touch, beyond the scopes that open a route."""

from fieldops.errors import NotFound
from fieldops.usecases.actor import Scope
from fieldops.usecases.work import Work


def require_own(work: Work, work_order_id: str, *, kind: str = "work order", name: str | None = None) -> None:
    """
    Let staff and integrations pass, and of customers the one whose link is for this work order.

    Parameters
    ----------
    kind, name
        What the caller asked for, when that is a thing of the work order (a visit, a booking): the refusal must read
        like the one for a thing that does not exist.

    Raises
    ------
    NotFound
        For everybody else. Not `Forbidden`, which would tell that the work order exists.
    """
    actor = work.actor
    if actor.scopes.intersection((Scope.BOOKINGS_READ, Scope.BOOKINGS_WRITE)):
        return
    if Scope.OWN_BOOKING in actor.scopes and actor.work_order_id == work_order_id:
        return
    raise NotFound(kind, name or work_order_id)
