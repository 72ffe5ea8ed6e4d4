"""The tracking page: what a customer may know about the visit, and do about it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from fieldops.domain.problem import TimeWindow
from fieldops.domain.progress import VisitPhase
from fieldops.domain.telling import Expected, at_the_door, told_range
from fieldops.errors import NotFound
from fieldops.messaging.tracking import TrackState, sentence_of
from fieldops.messaging.wording import first_name
from fieldops.store.tables import (
    BookingRow,
    CustomerRow,
    EtaRow,
    SiteRow,
    SurveyRow,
    TechnicianRow,
    TechnicianStateRow,
    TerritoryRow,
    VisitProgressRow,
    VisitRow,
    WorkOrderRow,
)
from fieldops.store.territories import policies_of
from fieldops.usecases.links import appointment_url
from fieldops.usecases.movable import phase_on, why_not_movable
from fieldops.usecases.nobody_comes import was_left_in_the_dark
from fieldops.usecases.positions import PositionView, position_since
from fieldops.usecases.staffing import today_in
from fieldops.usecases.survey_rules import can_answer
from fieldops.usecases.tell_visit import NEAR
from fieldops.usecases.work import Work


class TrackAction(StrEnum):
    """What a customer can do now."""

    RESCHEDULE = "reschedule"
    CANCEL = "cancel"
    NOTE = "note"
    SURVEY = "survey"


class SurveyState(StrEnum):
    """Whether a visit is asked about."""

    #: Nothing was asked, or it is too late for an answer.
    NONE = "none"
    OPEN = "open"
    #: Perhaps it can still be corrected: `TrackAction.SURVEY` says so.
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackSite:
    """Where the customer is."""

    address: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackView:
    """
    Where a visit stands, as its customer sees it.

    Attributes
    ----------
    sentence
        In the customer's language.
    is_late
        Whether somebody is still to come, and the booked window is missed or will be.
    expected_earliest, expected_latest
        Range of arrival; shown from two hours before on, or once a time was told. None = within the window.
    technician
        First name, from when the range is shown.
    position
        Only while somebody is driving there, and seen since.
    stops_before
        Visits of the same technician before this one; None = not shown yet.
    calendar_url
        Opens the calendar file of the booking and nothing else; None = the caller has no link.
    updated_at
        When anything of this was last heard, computed or changed.
    """

    visit_id: str
    booking_id: str
    work_order_id: str
    territory_id: str
    summary: str
    site: TrackSite
    state: TrackState
    is_late: bool
    sentence: str
    language: str
    time_zone: str
    contact: str
    window_start: datetime
    window_end: datetime
    expected_earliest: datetime | None
    expected_latest: datetime | None
    technician: str | None
    position: PositionView | None
    stops_before: int | None
    actions: tuple[TrackAction, ...]
    survey: SurveyState
    calendar_url: str | None
    updated_at: datetime


_STATE_OF: Final[Mapping[VisitPhase, TrackState]] = {
    VisitPhase.TRAVELING: TrackState.ON_THE_WAY,
    VisitPhase.ARRIVED: TrackState.ARRIVED,
    VisitPhase.IN_PROGRESS: TrackState.IN_PROGRESS,
    VisitPhase.DONE: TrackState.DONE,
    VisitPhase.FAILED: TrackState.FAILED,
    VisitPhase.CANCELED: TrackState.CANCELED,
}
#: Phases in which the customer knows who it is.
_PERSONAL: Final = frozenset({VisitPhase.TRAVELING, VisitPhase.ARRIVED, VisitPhase.IN_PROGRESS, VisitPhase.DONE})
_ON_SITE: Final = (VisitPhase.ARRIVED.value, VisitPhase.IN_PROGRESS.value)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Shown:
    """What the parts of the page are made from; `eta`: None = nothing is expected that may be shown."""

    booking: BookingRow
    visit: VisitRow
    territory: TerritoryRow
    phase: VisitPhase
    eta: EtaRow | None
    progress: VisitProgressRow | None

    @property
    def promised(self) -> TimeWindow:
        """The booked window."""
        return TimeWindow(self.booking.window_start, self.booking.window_end)

    @property
    def technician_id(self) -> str | None:
        """Who comes, or came; None = not to be told."""
        if self.phase in _PERSONAL and self.progress is not None:
            return self.progress.technician_id
        return None if self.eta is None else self.eta.technician_id


def track_visit(work: Work, visit_id: str | None = None) -> TrackView:
    """
    Show a customer the visit that the link is for.

    Parameters
    ----------
    visit_id
        Of the link's work order; None = the one that is next, else the one that was last.

    Raises
    ------
    NotFound
        When the caller has no link, or the work order has no such appointment.
    """
    booking, visit = find_tracked(work, visit_id)
    territory = work.session.get_one(TerritoryRow, booking.territory_id)
    phase = phase_on(work, visit.id, booking.date)
    shown = _Shown(
        booking=booking,
        visit=visit,
        territory=territory,
        phase=phase,
        eta=_eta_to_show(work, booking, phase),
        progress=None if phase is VisitPhase.PLANNED else work.session.get(VisitProgressRow, visit.id),
    )
    return _view(work, shown)


def find_tracked(work: Work, visit_id: str | None = None) -> tuple[BookingRow, VisitRow]:
    """Find the appointment a customer's link is for; arguments and exceptions as `track_visit` has them."""
    rows = work.session.execute(
        select(BookingRow, VisitRow)
        .join(VisitRow, VisitRow.id == BookingRow.visit_id)
        .where(VisitRow.work_order_id == (work.actor.work_order_id or ""))
        .order_by(BookingRow.window_start, BookingRow.id)
    ).all()
    found = [(booking, visit) for booking, visit in rows if visit_id in {None, visit.id}]
    if not found:
        raise NotFound("appointment", visit_id or "of this link")
    return min(found, key=lambda pair: _rank(work, *pair))


def _rank(work: Work, booking: BookingRow, visit: VisitRow) -> tuple[int, float]:
    """Rank appointments: what is still to come, the next first; then what is over, the last first; then canceled."""
    start = booking.window_start.timestamp()
    if booking.state == "canceled":
        return 2, -start
    phase = phase_on(work, visit.id, booking.date)
    is_over = visit.state in {"done", "failed", "canceled"} or phase in {VisitPhase.DONE, VisitPhase.FAILED}
    return (1, -start) if is_over else (0, start)


def _eta_to_show(work: Work, booking: BookingRow, phase: VisitPhase) -> EtaRow | None:
    """Return what is expected, once the customer may know it: near the time, or after a time was told."""
    eta = work.session.get(EtaRow, booking.visit_id)
    if eta is None or eta.date != booking.date or booking.state != "confirmed" or _is_out(work, eta):
        return None
    if phase is VisitPhase.TRAVELING or eta.told_at is not None:
        return eta
    return eta if phase is VisitPhase.PLANNED and eta.arrival_at - work.now <= NEAR else None


def _is_out(work: Work, eta: EtaRow) -> bool:
    """Tell whether whoever was to come cannot: nobody knows then when somebody will."""
    known = work.session.get(TechnicianStateRow, (eta.technician_id, eta.date))
    return known is not None and known.out_since is not None


def _view(work: Work, shown: _Shown) -> TrackView:
    """Put the page together."""
    booking, territory = shown.booking, shown.territory
    customer = work.session.get_one(CustomerRow, booking.customer_id)
    expected = None if shown.eta is None else _expectation(shown.eta)
    window = None if expected is None else told_range(expected, shown.promised)
    is_late = _is_late(work, shown, expected)
    state = _state(work, shown, is_late=is_late and expected is not None)
    position = _position(work, shown)
    site = work.session.get_one(SiteRow, shown.visit.site_id)
    name = _first_name(work, shown.technician_id)
    return TrackView(
        visit_id=shown.visit.id,
        booking_id=booking.id,
        work_order_id=shown.visit.work_order_id,
        territory_id=territory.id,
        summary=work.session.get_one(WorkOrderRow, shown.visit.work_order_id).summary,
        site=TrackSite(address=site.address, latitude=site.latitude, longitude=site.longitude),
        state=state,
        is_late=is_late,
        sentence=sentence_of(
            state,
            customer.language,
            window=shown.promised,
            expected=window,
            technician=name,
            zone=ZoneInfo(territory.time_zone),
            is_late=is_late,
        ),
        language=customer.language,
        time_zone=territory.time_zone,
        contact=policies_of(territory).contact,
        window_start=booking.window_start,
        window_end=booking.window_end,
        expected_earliest=None if window is None else window.earliest,
        expected_latest=None if window is None else window.latest,
        technician=name or None,
        position=position,
        stops_before=None if shown.eta is None else _stops_before(work, shown.eta, shown.phase),
        actions=tuple(_actions(work, shown)),
        survey=_survey(work, shown.visit),
        calendar_url=appointment_url(work, booking.id),
        updated_at=max(_heard(shown, position)),
    )


def _survey(work: Work, visit: VisitRow) -> SurveyState:
    """Tell whether the visit is asked about."""
    asked = work.session.get(SurveyRow, visit.id)
    if asked is not None and asked.answered_at is not None:
        return SurveyState.ANSWERED
    return SurveyState.OPEN if can_answer(work, visit.id) else SurveyState.NONE


def _heard(shown: _Shown, position: PositionView | None) -> Iterator[datetime]:
    """List when what is shown was last changed, computed or heard."""
    yield shown.booking.changed_at
    if shown.eta is not None:
        yield shown.eta.computed_at
    if position is not None:
        yield position.seen_at
    if shown.progress is not None:
        known = shown.progress
        instants = (known.travel_started_at, known.arrived_at, known.started_at, known.finished_at)
        yield from (at for at in instants if at is not None)


def _expectation(eta: EtaRow) -> Expected:
    """Say what is expected."""
    return Expected(arrival=eta.arrival_at, earliest=eta.earliest_at, latest=eta.latest_at)


def _is_late(work: Work, shown: _Shown, expected: Expected | None) -> bool:
    """Tell whether who waits today waits longer than promised; nobody is late any more where somebody has arrived."""
    if shown.booking.state == "canceled" or shown.visit.state in {"done", "failed"}:
        return False
    if shown.phase not in {VisitPhase.PLANNED, VisitPhase.TRAVELING}:
        return False
    if expected is None:
        return shown.booking.window_end < work.now and shown.booking.date == today_in(work, shown.territory)
    return at_the_door(expected, shown.promised) > shown.booking.window_end


def _state(work: Work, shown: _Shown, *, is_late: bool) -> TrackState:
    """Say where a visit stands."""
    if shown.booking.state == "canceled":
        return TrackState.CANCELED
    if shown.phase is not VisitPhase.PLANNED:
        return _STATE_OF[shown.phase]
    if shown.visit.state in {"done", "failed"}:
        return TrackState(shown.visit.state)
    if is_late:
        return TrackState.DELAYED
    if shown.eta is None and was_left_in_the_dark(work, shown.booking):
        return TrackState.UNCERTAIN
    return TrackState.TODAY if shown.booking.date == today_in(work, shown.territory) else TrackState.BOOKED


def _first_name(work: Work, technician_id: str | None) -> str:
    """Return the first name of a technician; empty = nobody is named."""
    technician = None if technician_id is None else work.session.get(TechnicianRow, technician_id)
    return "" if technician is None else first_name(technician.name)


def _position(work: Work, shown: _Shown) -> PositionView | None:
    """Return where the technician is, on the way here only."""
    progress = shown.progress
    if shown.phase is not VisitPhase.TRAVELING or progress is None or progress.technician_id is None:
        return None
    known = work.session.get(TechnicianStateRow, (progress.technician_id, shown.booking.date))
    return position_since(progress.travel_started_at, known)


def _stops_before(work: Work, eta: EtaRow, phase: VisitPhase) -> int:
    """Count the visits that the technician goes to before this one, the present one included."""
    if phase is not VisitPhase.PLANNED:
        return 0
    ahead = select(func.count()).where(
        EtaRow.shift_id == eta.shift_id, EtaRow.date == eta.date, EtaRow.position < eta.position
    )
    present = (
        select(func.count())
        .select_from(VisitProgressRow)
        .outerjoin(EtaRow, EtaRow.visit_id == VisitProgressRow.visit_id)
        .where(VisitProgressRow.technician_id == eta.technician_id, VisitProgressRow.date == eta.date)
        .where(VisitProgressRow.phase.in_(_ON_SITE), EtaRow.visit_id.is_(None))
    )
    return (work.session.scalar(ahead) or 0) + (work.session.scalar(present) or 0)


def _actions(work: Work, shown: _Shown) -> list[TrackAction]:
    """List what the customer can do now."""
    if shown.booking.state == "canceled":
        return []
    found = []
    is_open = shown.visit.state in {"booked", "failed"}
    if is_open and not why_not_movable(work, shown.booking, shown.visit):
        found += [TrackAction.RESCHEDULE, TrackAction.CANCEL]
    if is_open:
        found.append(TrackAction.NOTE)
    if can_answer(work, shown.visit.id):
        found.append(TrackAction.SURVEY)
    return found
