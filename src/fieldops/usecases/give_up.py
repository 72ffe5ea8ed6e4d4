"""At the end of a day under way: visits that nobody came to and nobody can come to any more."""

from datetime import date
from typing import Final

from sqlalchemy import and_, bindparam, func, or_, select

from fieldops.domain.progress import VisitPhase, VisitProgress
from fieldops.store.tables import (
    BookingRow,
    RouteRow,
    ShiftRow,
    StopRow,
    TechnicianStateRow,
    VisitProgressRow,
    VisitRow,
)
from fieldops.usecases.audit import record
from fieldops.usecases.place_visit import free_visit, lock_for
from fieldops.usecases.playbook import Mishap, make_amends
from fieldops.usecases.settle_visit import settle_visit
from fieldops.usecases.work import Work

_LAST_END: Final = select(func.max(ShiftRow.hard_ends_at)).where(
    ShiftRow.territory_id == bindparam("territory_id"),
    ShiftRow.date == bindparam("day"),
    ShiftRow.removed_at.is_(None),
)
#: Promised for the day, on nobody's route or on that of somebody who is out, and nothing was reported of it.
_LEFT: Final = (
    select(BookingRow)
    .join(VisitRow, VisitRow.id == BookingRow.visit_id)
    .outerjoin(StopRow, and_(StopRow.visit_id == VisitRow.id, StopRow.is_current))
    .outerjoin(RouteRow, RouteRow.id == StopRow.route_id)
    .outerjoin(
        TechnicianStateRow,
        and_(TechnicianStateRow.technician_id == RouteRow.technician_id, TechnicianStateRow.date == BookingRow.date),
    )
    .outerjoin(
        VisitProgressRow,
        and_(VisitProgressRow.visit_id == VisitRow.id, VisitProgressRow.date == BookingRow.date),
    )
    .where(BookingRow.territory_id == bindparam("territory_id"), BookingRow.date == bindparam("day"))
    .where(BookingRow.state == "confirmed", BookingRow.window_end < bindparam("now"), VisitRow.state == "booked")
    .where(or_(StopRow.visit_id.is_(None), TechnicianStateRow.out_since.is_not(None)))
    .where(or_(VisitProgressRow.phase.is_(None), VisitProgressRow.phase == VisitPhase.PLANNED.value))
    .order_by(BookingRow.id)
)


def give_up(work: Work, territory_id: str, day: date) -> int:
    """
    Give up the visits of a day that nobody can come to any more, once its last shift is over.

    Returns
    -------
    int
        How many they are. Their promises are broken, and the territory's playbook is followed: they need new
        appointments.

    Notes
    -----
    The caller holds the lock of the date's plan. A visit on the route of somebody who works and reported nothing of it
    may have been served all the same: it stays as it is.
    """
    of_day = {"territory_id": territory_id, "day": day}
    last_end = work.session.scalar(_LAST_END, of_day)
    if last_end is None or work.now < last_end:
        return 0
    left = work.session.scalars(_LEFT, {**of_day, "now": work.now}).all()
    for booking in left:
        free_visit(work, lock_for(work, booking.visit_id, ()), state="failed", reason="cancel")
        record(work, "visit.failed", "visit", booking.visit_id, reason="nobody came")
        nobody_came = VisitProgress(visit_id=booking.visit_id, phase=VisitPhase.FAILED, finished_at=work.now)
        is_broken = settle_visit(work, booking, nobody_came, was_missed=False)
        make_amends(
            work, booking, Mishap.FAILED, is_broken=is_broken, technician_id=None, reason="nobody had room for it"
        )
    return len(left)
