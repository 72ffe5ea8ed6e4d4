"""
Tell customers of times: that somebody is on the way, close, later or sooner than was said.

When something is told is decided by `fieldops.domain.telling`. What is told is a line of the ledger, and stands in
`EtaRow` for the next decision.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import and_, bindparam, func, or_, select, update

from fieldops.domain.live import Eta
from fieldops.domain.live_policies import LivePolicies
from fieldops.domain.problem import TimeWindow
from fieldops.domain.progress import VisitPhase
from fieldops.domain.telling import Expected, Heard, News, at_the_door, decide, told_range
from fieldops.messaging.kinds import Kind, State
from fieldops.store.ids import new_id
from fieldops.store.live_policies import live_policies_of
from fieldops.store.tables import (
    BookingRow,
    EtaRow,
    MessageRow,
    PromiseRow,
    TechnicianStateRow,
    TerritoryRow,
    VisitProgressRow,
    WaitlistRow,
)
from fieldops.usecases.audit import record
from fieldops.usecases.give_up import give_up
from fieldops.usecases.positions import position_as_json, position_on_the_way
from fieldops.usecases.stream import announce, topic_of_visit
from fieldops.usecases.tell_visit import NEAR, tell_visit
from fieldops.usecases.work import Work

#: Messages that the next word about the time makes pointless.
_OVERTAKEN: Final = (Kind.ARRIVING_SOON.value, Kind.DELAYED.value, Kind.SOONER.value)
_AHEAD: Final = (VisitPhase.PLANNED.value, VisitPhase.TRAVELING.value)
_EXPECTED: Final = (
    select(EtaRow, BookingRow, VisitProgressRow, WaitlistRow.not_before, TechnicianStateRow)
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
    .execution_options(populate_existing=True)
)
_OF_VISITS: Final = _EXPECTED.where(EtaRow.visit_id.in_(bindparam("visit_ids", expanding=True)))
_OF_DAY: Final = (EtaRow.territory_id == bindparam("territory_id"), EtaRow.date == bindparam("day"))
_DUE: Final = (*_OF_DAY, or_(EtaRow.news_since.is_not(None), EtaRow.arrival_at <= bindparam("soon")))
_ALL_DUE: Final = _EXPECTED.where(*_DUE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Visit:
    """A booked visit that is still ahead; `earlier_from`: the earliest start that is welcome, None = none is."""

    eta: EtaRow
    booking: BookingRow
    progress: VisitProgressRow | None
    earlier_from: datetime | None
    technician: TechnicianStateRow | None

    @property
    def is_on_the_way(self) -> bool:
        """Whether somebody is driving there."""
        return self.progress is not None and self.progress.phase == VisitPhase.TRAVELING

    @property
    def promised(self) -> TimeWindow:
        """The booked window."""
        return TimeWindow(self.booking.window_start, self.booking.window_end)


def tell_times(work: Work, etas: Sequence[Eta]) -> int:
    """
    Tell the customers who have to hear of it what is expected of their visits now.

    Parameters
    ----------
    etas
        Those that have changed; they stand in the table already.

    Returns
    -------
    int
        How many messages were left.

    Notes
    -----
    Call it after every refresh, with the date's plan locked, and after `tell_phase` where an event brought it about.
    """
    if not etas:
        return 0
    work.session.flush()
    visits = _read(work.session.execute(_OF_VISITS, {"visit_ids": [eta.visit_id for eta in etas]}))
    for visit in visits:
        _show(work, visit)
    return _tell_all(work, visits)


def tell_due(work: Work, territory_id: str, day: date) -> int:
    """
    Tell what has become due by the passing of time: somebody is close, or something has been news for long enough.

    At the end of the day this also gives up the visits that nobody can come to any more.

    Returns
    -------
    int
        How many messages about times were left.

    Notes
    -----
    The caller holds the lock of the date's plan.
    """
    give_up(work, territory_id, day)
    policies = _policies_of(work, territory_id)
    wanted = {"territory_id": territory_id, "day": day, "soon": work.now + policies.arriving_before}
    return _tell_all(work, _read(work.session.execute(_ALL_DUE, wanted)))


def tell_on_the_way(work: Work, visit_id: str, technician_id: str | None) -> bool:
    """Tell a customer that somebody is driving there, and when to expect whom; once."""
    found = _read(work.session.execute(_OF_VISITS, {"visit_ids": [visit_id]}))
    return bool(found) and _tell(work, found[0], Kind.ON_THE_WAY, technician_id)


def _tell_all(work: Work, visits: Iterable[_Visit]) -> int:
    """Decide about each visit, and leave what is to be told."""
    return sum(_decide_and_tell(work, visit) for visit in visits)


def _decide_and_tell(work: Work, visit: _Visit) -> bool:
    """Decide about one visit; say whether a message was left."""
    eta = visit.eta
    policies = _policies_of(work, eta.territory_id)
    decision = decide(_expected(work, visit, policies), _heard(visit), policies, work.now)
    if eta.news_since != decision.news_since:
        eta.news_since = decision.news_since
    return decision.news is not None and _tell(work, visit, Kind(decision.news.value), eta.technician_id)


def _tell(work: Work, visit: _Visit, kind: Kind, technician_id: str | None) -> bool:
    """Leave a message that tells a time, and write down that it was told."""
    eta, booking = visit.eta, visit.booking
    expected = Expected(arrival=eta.arrival_at, earliest=eta.earliest_at, latest=eta.latest_at)
    told, arrival = told_range(expected, visit.promised), at_the_door(expected, visit.promised)
    line_id = new_id("pr")
    is_change = kind.value in {News.DELAYED, News.SOONER}
    message = tell_visit(
        work,
        booking,
        kind,
        expires_at=max(told.latest, work.now + NEAR / 4),
        near=min(arrival, booking.window_start) if is_change else arrival,
        subject_id=line_id if is_change else None,
        extra={
            "visit_id": booking.visit_id,
            "technician_id": technician_id,
            "earliest": told.earliest.isoformat(),
            "latest": told.latest.isoformat(),
        },
    )
    if message is None:
        return False
    eta.told_arrival_at, eta.told_earliest_at, eta.told_latest_at = arrival, told.earliest, told.latest
    eta.told_at, eta.news_since = work.now, None
    _take_back(work, booking, but=message)
    record(
        work,
        "visit.told",
        "visit",
        booking.visit_id,
        kind=kind.value,
        earliest=told.earliest.isoformat(),
        latest=told.latest.isoformat(),
    )
    if message.state != State.SKIPPED:
        _promise(work, booking, told, line_id, replaces_window=kind is Kind.DELAYED and arrival > booking.window_end)
    return True


def _promise(work: Work, booking: BookingRow, told: TimeWindow, line_id: str, *, replaces_window: bool) -> None:
    """
    Write down a time told in the place of the one before.

    Parameters
    ----------
    replaces_window
        Whether it lies after the promised window, which is thereby changed, if that is still to be had: told later, it
        is broken.
    """
    older = PromiseRow.kind == "eta"
    if replaces_window and work.now <= booking.window_end:
        older = or_(older, PromiseRow.kind == "window")
    work.session.execute(
        update(PromiseRow)
        .where(PromiseRow.booking_id == booking.id, PromiseRow.outcome.is_(None), older)
        .values(outcome="changed", settled_at=work.now)
    )
    work.session.add(
        PromiseRow(
            id=line_id,
            booking_id=booking.id,
            visit_id=booking.visit_id,
            customer_id=booking.customer_id,
            kind="eta",
            window_start=told.earliest,
            window_end=told.latest,
            told_at=work.now,
        )
    )
    work.session.flush()


def _take_back(work: Work, booking: BookingRow, *, but: MessageRow) -> None:
    """Take back what has not left yet and tells another time."""
    work.session.execute(
        update(MessageRow)
        .where(
            MessageRow.customer_id == booking.customer_id,
            MessageRow.state == State.DUE.value,
            MessageRow.kind.in_(_OVERTAKEN),
            MessageRow.data["visit_id"].as_string() == booking.visit_id,
            MessageRow.id != but.id,
        )
        .values(state=State.SKIPPED.value, note=f"replaced by a {but.kind}")
        .execution_options(synchronize_session=False)
    )


def _expected(work: Work, visit: _Visit, policies: LivePolicies) -> Expected:
    """Say what is expected, in the words of the decision."""
    eta = visit.eta
    may_be_close = not visit.is_on_the_way and eta.arrival_at <= work.now + policies.arriving_before
    return Expected(
        arrival=eta.arrival_at,
        earliest=eta.earliest_at,
        latest=eta.latest_at,
        is_on_the_way=visit.is_on_the_way,
        is_next=may_be_close and _is_next(work, eta),
        agrees_to_earlier=visit.earlier_from is not None and visit.earlier_from <= eta.arrival_at,
    )


def _is_next(work: Work, eta: EtaRow) -> bool:
    """Tell whether nothing on the route is before a visit."""
    first = select(func.min(EtaRow.position)).where(EtaRow.shift_id == eta.shift_id, EtaRow.date == eta.date)
    return work.session.scalar(first) == eta.position


def _heard(visit: _Visit) -> Heard:
    """Say what the customer heard, in the words of the decision."""
    eta = visit.eta
    return Heard(promised=visit.promised, arrival=eta.told_arrival_at, at=eta.told_at, news_since=eta.news_since)


def _show(work: Work, visit: _Visit) -> None:
    """Say to whoever watches the visit what is expected, once that is shown."""
    eta = visit.eta
    if eta.told_at is None and eta.arrival_at - work.now > NEAR:
        return
    expected = Expected(arrival=eta.arrival_at, earliest=eta.earliest_at, latest=eta.latest_at)
    shown = told_range(expected, visit.promised)
    data: dict[str, Any] = {"earliest": shown.earliest.isoformat(), "latest": shown.latest.isoformat()}
    if visit.progress is not None and visit.is_on_the_way:
        position = position_on_the_way(visit.progress, visit.technician)
        data["position"] = None if position is None else position_as_json(position)
    announce(work, topic_of_visit(eta.visit_id), "eta", data)


def _policies_of(work: Work, territory_id: str) -> LivePolicies:
    """Return the live policies of a territory."""
    return live_policies_of(work.session.get_one(TerritoryRow, territory_id))


def _read(rows: Iterable[Any]) -> list[_Visit]:
    """Name the columns."""
    return [
        _Visit(eta=eta, booking=booking, progress=progress, earlier_from=not_before, technician=technician)
        for eta, booking, progress, not_before, technician in rows
    ]
