"""Visits that are promised for a day under way, and that nobody comes to as things stand."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from sqlalchemy import Select, and_, bindparam, case, func, not_, or_, select

from fieldops.domain.progress import FINAL_PHASES, VisitPhase, VisitProgress
from fieldops.messaging.kinds import Kind
from fieldops.store.tables import (
    BookingRow,
    EtaRow,
    RouteRow,
    StopRow,
    TechnicianStateRow,
    VisitProgressRow,
    VisitRow,
)
from fieldops.usecases.live_reports import progress_of_row
from fieldops.usecases.words_about_time import told_at
from fieldops.usecases.work import Work

_FINAL: Final = tuple(phase.value for phase in FINAL_PHASES)
_IS_BEGUN: Final = func.coalesce(VisitProgressRow.phase, VisitPhase.PLANNED.value) != VisitPhase.PLANNED.value
#: Who drives to a visit, or is there; who has it on the route before that.
_WHO: Final = case((_IS_BEGUN, VisitProgressRow.technician_id), else_=RouteRow.technician_id)
_NOT_COMING: Final = (
    select(BookingRow, VisitProgressRow, and_(StopRow.visit_id.is_(None), EtaRow.visit_id.is_not(None)))
    .join(VisitRow, VisitRow.id == BookingRow.visit_id)
    .outerjoin(StopRow, and_(StopRow.visit_id == VisitRow.id, StopRow.is_current))
    .outerjoin(RouteRow, RouteRow.id == StopRow.route_id)
    .outerjoin(EtaRow, and_(EtaRow.visit_id == VisitRow.id, EtaRow.date == BookingRow.date))
    .outerjoin(
        VisitProgressRow,
        and_(VisitProgressRow.visit_id == VisitRow.id, VisitProgressRow.date == BookingRow.date),
    )
    .outerjoin(
        TechnicianStateRow,
        and_(TechnicianStateRow.technician_id == _WHO, TechnicianStateRow.date == BookingRow.date),
    )
    .where(BookingRow.state == "confirmed", VisitRow.state == "booked")
    .where(
        or_(
            and_(StopRow.visit_id.is_(None), not_(_IS_BEGUN)),
            TechnicianStateRow.out_since.is_not(None),
        )
    )
    .where(or_(VisitProgressRow.phase.is_(None), VisitProgressRow.phase.not_in(_FINAL)))
    .order_by(BookingRow.id)
)
_OF_DAY: Final = _NOT_COMING.where(
    BookingRow.territory_id == bindparam("territory_id"), BookingRow.date == bindparam("day")
)
_OF_BOOKING: Final = _NOT_COMING.where(BookingRow.id == bindparam("booking_id"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Waiting:
    """
    A customer who waits for nobody.

    Attributes
    ----------
    progress
        None = nothing was reported of the visit.
    is_expected
        Whether somebody was expected, as far as is known: the visit has just left its route.
    """

    booking: BookingRow
    progress: VisitProgressRow | None
    is_expected: bool

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
    return _read(work, _OF_DAY, {"territory_id": territory_id, "day": day})


def is_waiting(work: Work, booking: BookingRow) -> bool:
    """Tell whether nobody comes to a booked visit as things stand."""
    work.session.flush()
    return any(not one.is_expected for one in _read(work, _OF_BOOKING, {"booking_id": booking.id}))


def as_failed(work: Work, waiting: Waiting) -> VisitProgress:
    """Say where a visit stands that is over now, with nothing more done."""
    known = VisitProgress(visit_id=waiting.booking.visit_id)
    if waiting.progress is not None:
        row = waiting.progress
        known = progress_of_row({column.name: getattr(row, column.name) for column in row.__table__.columns})
    return replace(known, phase=VisitPhase.FAILED, finished_at=work.now)


def was_left_in_the_dark(work: Work, booking: BookingRow) -> bool:
    """Tell whether nobody comes to a booked visit, and its customer heard so, or was promised a time that is over."""
    if not is_waiting(work, booking):
        return False
    heard = select(told_at(Kind.UNCERTAIN)).select_from(BookingRow).where(BookingRow.id == booking.id)
    return booking.window_end < work.now or work.session.scalar(heard) is not None


def _read(work: Work, query: Select[BookingRow, VisitProgressRow, bool], values: Mapping[str, object]) -> list[Waiting]:
    """Read bookings that nobody comes to."""
    return [
        Waiting(booking=booking, progress=progress, is_expected=bool(is_expected))
        for booking, progress, is_expected in work.session.execute(query, values)
    ]
