"""Whether a booked visit can still be moved to another window, on its day as well."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from sqlalchemy import or_, select

from fieldops.domain.progress import VisitPhase
from fieldops.store.live_policies import live_policies_of
from fieldops.store.tables import BookingRow, EtaRow, TechnicianStateRow, TerritoryRow, VisitProgressRow, VisitRow
from fieldops.usecases.nobody_comes import is_waiting
from fieldops.usecases.work import Work

_BEGUN: Final = "the booked window has begun"
_STANDS: Final[Mapping[VisitPhase, str]] = {
    VisitPhase.TRAVELING: "somebody is on the way",
    VisitPhase.ARRIVED: "somebody is there",
    VisitPhase.IN_PROGRESS: "somebody is at work",
    VisitPhase.DONE: "the visit is done",
    VisitPhase.FAILED: "the visit has failed",
    VisitPhase.CANCELED: "the visit is canceled",
}


def why_not_movable(work: Work, booking: BookingRow, visit: VisitRow) -> str:
    """
    Say why a confirmed booking cannot be moved any more; empty when it can.

    Notes
    -----
    By the clock alone it can until its window begins. On a day under way what is known counts instead: a visit can be
    moved until somebody is about to go there, however long its window has begun; so can one that nobody comes to, and
    one that failed, which needs another appointment.
    """
    if visit.state == "failed":
        return ""
    phase = phase_on(work, visit.id, booking.date)
    if phase is not VisitPhase.PLANNED:
        return _STANDS[phase]
    eta = work.session.get(EtaRow, visit.id)
    if eta is None or eta.date != booking.date:
        return _BEGUN if booking.window_start <= work.now and not _is_left(work, booking) else ""
    freeze = live_policies_of(work.session.get_one(TerritoryRow, booking.territory_id)).freeze
    is_near = max(eta.arrival_at, booking.window_start) <= work.now + freeze
    return "somebody is about to come" if is_near and not _is_left(work, booking) else ""


def _is_left(work: Work, booking: BookingRow) -> bool:
    """Tell whether nobody comes, on a day of which something was reported."""
    reported = select(VisitProgressRow.visit_id).where(
        VisitProgressRow.territory_id == booking.territory_id, VisitProgressRow.date == booking.date
    )
    states = select(TechnicianStateRow.technician_id).where(
        TechnicianStateRow.territory_id == booking.territory_id, TechnicianStateRow.date == booking.date
    )
    is_under_way = work.session.scalar(select(or_(reported.exists(), states.exists())))
    return bool(is_under_way) and is_waiting(work, booking)


def phase_on(work: Work, visit_id: str, day: date) -> VisitPhase:
    """Return where a visit stands on a date; what was reported of it on another one does not count."""
    progress = work.session.get(VisitProgressRow, visit_id)
    return VisitPhase.PLANNED if progress is None or progress.date != day else VisitPhase(progress.phase)
