"""Visits that are promised for a day under way, and that nobody comes to as things stand."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import and_, bindparam, case, func, not_, or_, select

from fieldops.domain.progress import FINAL_PHASES, VisitPhase
from fieldops.store.tables import BookingRow, RouteRow, StopRow, TechnicianStateRow, VisitProgressRow, VisitRow
from fieldops.usecases.work import Work

_FINAL: Final = tuple(phase.value for phase in FINAL_PHASES)
_IS_BEGUN: Final = func.coalesce(VisitProgressRow.phase, VisitPhase.PLANNED.value) != VisitPhase.PLANNED.value
#: Who drives to a visit, or is there; who has it on the route before that.
_WHO: Final = case((_IS_BEGUN, VisitProgressRow.technician_id), else_=RouteRow.technician_id)
_WAITING: Final = (
    select(BookingRow, VisitProgressRow)
    .join(VisitRow, VisitRow.id == BookingRow.visit_id)
    .outerjoin(StopRow, and_(StopRow.visit_id == VisitRow.id, StopRow.is_current))
    .outerjoin(RouteRow, RouteRow.id == StopRow.route_id)
    .outerjoin(
        VisitProgressRow,
        and_(VisitProgressRow.visit_id == VisitRow.id, VisitProgressRow.date == BookingRow.date),
    )
    .outerjoin(
        TechnicianStateRow,
        and_(TechnicianStateRow.technician_id == _WHO, TechnicianStateRow.date == BookingRow.date),
    )
    .where(BookingRow.territory_id == bindparam("territory_id"), BookingRow.date == bindparam("day"))
    .where(BookingRow.state == "confirmed", VisitRow.state == "booked")
    .where(or_(and_(StopRow.visit_id.is_(None), not_(_IS_BEGUN)), TechnicianStateRow.out_since.is_not(None)))
    .where(or_(VisitProgressRow.phase.is_(None), VisitProgressRow.phase.not_in(_FINAL)))
    .order_by(BookingRow.id)
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Waiting:
    """
    A customer who waits for nobody.

    Attributes
    ----------
    progress
        None = nothing was reported of the visit.
    """

    booking: BookingRow
    progress: VisitProgressRow | None

    @property
    def is_begun(self) -> bool:
        """Whether somebody was there, or on the way."""
        return self.progress is not None and self.progress.phase != VisitPhase.PLANNED.value


def read_waiting(work: Work, territory_id: str, day: date) -> list[Waiting]:
    """
    Read the bookings of a day that nobody comes to.

    Notes
    -----
    Their visits are on no route, or on that of somebody who is out; or who was there is out.
    """
    rows = work.session.execute(_WAITING, {"territory_id": territory_id, "day": day})
    return [Waiting(booking=booking, progress=progress) for booking, progress in rows]
