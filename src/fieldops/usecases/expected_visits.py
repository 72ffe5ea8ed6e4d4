"""Booked visits that are still ahead, with what is expected of them and what their customers heard: in one query."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import and_, bindparam, or_, select

from fieldops.domain.problem import TimeWindow
from fieldops.domain.progress import VisitPhase
from fieldops.domain.telling import Expected, Heard
from fieldops.messaging.kinds import Kind
from fieldops.store.tables import BookingRow, EtaRow, TechnicianStateRow, VisitProgressRow, WaitlistRow
from fieldops.usecases.positions import PositionView, position_since
from fieldops.usecases.words_about_time import told_at
from fieldops.usecases.work import Work

_AHEAD: Final = (VisitPhase.PLANNED.value, VisitPhase.TRAVELING.value)
_EXPECTED: Final = (
    select(
        *(EtaRow.visit_id, EtaRow.territory_id, EtaRow.date, EtaRow.shift_id, EtaRow.technician_id, EtaRow.position),
        *(EtaRow.arrival_at, EtaRow.earliest_at, EtaRow.latest_at),
        *(EtaRow.told_arrival_at, EtaRow.told_earliest_at, EtaRow.told_latest_at, EtaRow.told_at),
        *(EtaRow.news_since, EtaRow.shown_earliest_at, EtaRow.shown_latest_at),
        *(BookingRow.id.label("booking_id"), BookingRow.window_start, BookingRow.window_end),
        *(VisitProgressRow.phase, VisitProgressRow.travel_started_at),
        WaitlistRow.not_before,
        told_at(Kind.UNCERTAIN).label("uncertain_at"),
        *(TechnicianStateRow.latitude, TechnicianStateRow.longitude, TechnicianStateRow.seen_at),
    )
    .join(BookingRow, and_(BookingRow.visit_id == EtaRow.visit_id, BookingRow.state == "confirmed"))
    .outerjoin(
        VisitProgressRow,
        and_(VisitProgressRow.visit_id == EtaRow.visit_id, VisitProgressRow.date == EtaRow.date),
    )
    .outerjoin(
        WaitlistRow,
        and_(WaitlistRow.booking_id == BookingRow.id, WaitlistRow.state.in_(("waiting", "offered"))),
    )
    .outerjoin(
        TechnicianStateRow,
        and_(TechnicianStateRow.technician_id == EtaRow.technician_id, TechnicianStateRow.date == EtaRow.date),
    )
    .where(or_(VisitProgressRow.phase.is_(None), VisitProgressRow.phase.in_(_AHEAD)))
    # When somebody comes whose technician is out, nobody can tell.
    .where(TechnicianStateRow.out_since.is_(None))
    .order_by(EtaRow.visit_id)
)
_OF_VISITS: Final = _EXPECTED.where(EtaRow.visit_id.in_(bindparam("visit_ids", expanding=True)))
_DUE: Final = _EXPECTED.where(
    EtaRow.territory_id == bindparam("territory_id"),
    EtaRow.date == bindparam("day"),
    or_(EtaRow.news_since.is_not(None), EtaRow.arrival_at <= bindparam("soon")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedVisit:
    """
    A booked visit that is still ahead.

    Attributes
    ----------
    shown
        The range that the stream of the visit said last; None = nothing yet.
    uncertain_at
        When the customer was told last that nobody can tell when somebody comes; None = never.
    earlier_from
        The earliest start that is welcome; None = none is.
    position
        Of whoever is on the way there.
    """

    visit_id: str
    booking_id: str
    territory_id: str
    date: date
    shift_id: str
    technician_id: str
    stop: int
    promised: TimeWindow
    arrival: datetime
    earliest: datetime
    latest: datetime
    told_arrival: datetime | None
    told_window: TimeWindow | None
    told_at: datetime | None
    news_since: datetime | None
    uncertain_at: datetime | None
    shown: TimeWindow | None
    is_on_the_way: bool
    earlier_from: datetime | None
    position: PositionView | None

    def expected(self, *, is_next: bool = False) -> Expected:
        """Say what is expected, in the words of the decision."""
        return Expected(
            arrival=self.arrival,
            earliest=self.earliest,
            latest=self.latest,
            is_on_the_way=self.is_on_the_way,
            is_next=is_next,
            agrees_to_earlier=self.earlier_from is not None and self.earlier_from <= self.arrival,
        )

    def heard(self) -> Heard:
        """Say what the customer heard, in the words of the decision."""
        return Heard(
            promised=self.promised,
            arrival=self.told_arrival,
            window=self.told_window,
            at=self.told_at,
            news_since=self.news_since,
            uncertain_at=self.uncertain_at,
        )


def read_expected(work: Work, visit_ids: Sequence[str]) -> list[ExpectedVisit]:
    """Read some visits; those nobody is expected at, or nothing was promised of, are left out."""
    return _read(work.session.execute(_OF_VISITS, {"visit_ids": list(visit_ids)}))


def read_due(work: Work, territory_id: str, day: date, *, soon: datetime) -> list[ExpectedVisit]:
    """Read the visits of a day of which something waits to be told, or that are expected by an instant."""
    return _read(work.session.execute(_DUE, {"territory_id": territory_id, "day": day, "soon": soon}))


def _read(rows: Iterable[Any]) -> list[ExpectedVisit]:
    """Make visits of rows."""
    return [
        ExpectedVisit(
            visit_id=row.visit_id,
            booking_id=row.booking_id,
            territory_id=row.territory_id,
            date=row.date,
            shift_id=row.shift_id,
            technician_id=row.technician_id,
            stop=row.position,
            promised=TimeWindow(row.window_start, row.window_end),
            arrival=row.arrival_at,
            earliest=row.earliest_at,
            latest=row.latest_at,
            told_arrival=row.told_arrival_at,
            told_window=_window(row.told_earliest_at, row.told_latest_at),
            told_at=row.told_at,
            news_since=row.news_since,
            uncertain_at=row.uncertain_at,
            shown=_window(row.shown_earliest_at, row.shown_latest_at),
            is_on_the_way=row.phase == VisitPhase.TRAVELING,
            earlier_from=row.not_before,
            position=position_since(row.travel_started_at, row) if row.phase == VisitPhase.TRAVELING else None,
        )
        for row in rows
    ]


def _window(earliest: datetime | None, latest: datetime | None) -> TimeWindow | None:
    """Make a range of two instants that are both there, or both not."""
    return None if earliest is None or latest is None else TimeWindow(earliest, latest)
