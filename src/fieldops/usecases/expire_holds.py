"""
Let holds expire, all over the place.

Nothing depends on how soon this runs: whoever wants a window lets the expired holds of its date go first.
"""

from datetime import date

from sqlalchemy import select

from fieldops.store.tables import HoldRow
from fieldops.usecases.let_hold_go import expire_on
from fieldops.usecases.waitlist import offer_earlier_windows
from fieldops.usecases.work import Work


def expire_holds(work: Work, limit: int = 200) -> int:
    """
    Let go the holds whose time is over, and offer the room they leave to the waitlist.

    Parameters
    ----------
    limit
        How many are looked for, the oldest first; others on the same dates go along with them.

    Returns
    -------
    int
        How many were found; none = there is nothing left to do.

    Notes
    -----
    Plans of different territories are locked one territory after the other, in rising order; nobody else locks those
    of more than one.
    """
    overdue = select(HoldRow.territory_id, HoldRow.date).where(
        HoldRow.state == "active", HoldRow.expires_at <= work.now
    )
    found = work.session.execute(overdue.order_by(HoldRow.expires_at, HoldRow.id).limit(limit)).all()
    days: dict[str, set[date]] = {}
    for territory_id, day in found:
        days.setdefault(territory_id, set()).add(day)
    freed = [(territory_id, expire_on(work, territory_id, days[territory_id])) for territory_id in sorted(days)]
    for territory_id, of_territory in freed:
        for day in sorted(of_territory):
            offer_earlier_windows(work, territory_id, day)
    return len(found)
