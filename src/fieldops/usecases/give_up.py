"""At the end of a day under way: visits that nobody came to and nobody can come to any more."""

from datetime import date
from typing import Final

from sqlalchemy import bindparam, func, select

from fieldops.store.tables import ShiftRow
from fieldops.usecases.audit import record
from fieldops.usecases.live_words import progress_as_json
from fieldops.usecases.nobody_comes import Waiting, as_failed, read_waiting
from fieldops.usecases.place_visit import free_visit, lock_for
from fieldops.usecases.playbook import Mishap, make_amends
from fieldops.usecases.settle_visit import settle_visit
from fieldops.usecases.stream import announce, topic_of_board, topic_of_visit
from fieldops.usecases.work import Work

_LAST_END: Final = select(func.max(ShiftRow.hard_ends_at)).where(
    ShiftRow.territory_id == bindparam("territory_id"),
    ShiftRow.date == bindparam("day"),
    ShiftRow.removed_at.is_(None),
)
#: Why, for the person who calls.
_NO_ROOM: Final = "nobody had room for it"
_LEFT: Final = "whoever was there went out"


def give_up(work: Work, territory_id: str, day: date) -> int:
    """
    Give up the visits of a day that nobody can come to any more, once its last shift is over.

    Returns
    -------
    int
        How many they are. Their promises are broken unless they were begun in time, and the territory's playbook is
        followed: they need new appointments.

    Notes
    -----
    The caller holds the lock of the date's plan. A visit on the route of somebody who works and reported nothing of it
    may have been served all the same: it stays as it is.
    """
    last_end = work.session.scalar(_LAST_END, {"territory_id": territory_id, "day": day})
    if last_end is None or work.now < last_end:
        return 0
    left = [one for one in read_waiting(work, territory_id, day) if one.booking.window_end < work.now]
    for waiting in left:
        _give_up(work, waiting)
    return len(left)


def _give_up(work: Work, waiting: Waiting) -> None:
    """Give up one visit: it has failed, whatever was begun of it."""
    booking, why = waiting.booking, _LEFT if waiting.is_begun else _NO_ROOM
    free_visit(work, lock_for(work, booking.visit_id, ()), state="failed", reason="cancel")
    record(work, "visit.failed", "visit", booking.visit_id, reason=why if waiting.is_begun else "nobody came")
    after = as_failed(work, waiting)
    if waiting.progress is not None and waiting.is_begun:
        waiting.progress.phase, waiting.progress.finished_at = after.phase.value, after.finished_at
        shown = {"visits": [progress_as_json(after)]}
        announce(work, topic_of_board(booking.territory_id, booking.date), "progress", shown)
        announce(work, topic_of_visit(booking.visit_id), "progress", {"phase": after.phase.value})
    is_broken = settle_visit(work, booking, after, was_missed=False).is_broken
    mishap = Mishap.FAILED if waiting.is_begun else Mishap.UNSERVED
    make_amends(work, booking, mishap, is_broken=is_broken, technician_id=None, reason=why)
