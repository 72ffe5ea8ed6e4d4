"""Who has no account may hold windows for so long: else strangers could keep a day from everybody else for nothing."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from sqlalchemy import select

from fieldops.errors import WrongState
from fieldops.store.tables import HoldRow, VisitRow
from fieldops.usecases.let_hold_go import state_unplaced
from fieldops.usecases.work import Work

#: A draft may hold windows so many times as long as one hold may last with all its extensions.
_TIMES: Final = 2
#: Less is no time to decide anything.
_LEAST: Final = timedelta(minutes=1)


def latest_expiry(work: Work, visit: VisitRow, hold_most: timedelta) -> datetime | None:
    """
    Return until when the visit of a draft may hold windows at most, all of its holds taken together.

    Parameters
    ----------
    visit
        Locked by the caller.
    hold_most
        How long one hold may last, by the territory's policies.

    Returns
    -------
    datetime | None
        None = as long as any: the visit is no draft's.

    Raises
    ------
    WrongState
        When it has held windows for that long.
    """
    if visit.state not in {"draft", "held"} or state_unplaced(work, visit) != "draft":
        return None
    spans = select(HoldRow.made_at, HoldRow.expires_at).where(HoldRow.visit_id == visit.id).order_by(HoldRow.made_at)
    holds = [(made_at, expires_at) for made_at, expires_at in work.session.execute(spans)]
    # A visit holds one window at a time: each ends with the next one, if not before.
    held = timedelta(0)
    for (made_at, expires_at), (next_at, _) in pairwise([*holds, (work.now, work.now)]):
        held += max(min(expires_at, next_at) - made_at, timedelta(0))
    left = _TIMES * hold_most - held
    if left < _LEAST:
        minutes = _TIMES * hold_most // timedelta(minutes=1)
        details = {"visit_id": visit.id, "state": visit.state, "held_minutes": held // timedelta(minutes=1)}
        raise WrongState(f"this request has held windows for {minutes} minutes: begin again, or call", details=details)
    return work.now + left
