"""Tell one customer one time: the message, the line of the ledger, and what was told for the next decision."""

from typing import Final

from sqlalchemy import or_, update

from fieldops.domain.problem import TimeWindow
from fieldops.domain.telling import at_the_door, told_range
from fieldops.messaging.kinds import Kind, State
from fieldops.store.ids import new_id
from fieldops.store.tables import BookingRow, EtaRow, MessageRow, PromiseRow
from fieldops.usecases.audit import record
from fieldops.usecases.expected_visits import ExpectedVisit
from fieldops.usecases.tell_visit import NEAR, tell_visit
from fieldops.usecases.work import Work

#: Messages that the next word about the time makes pointless.
_OVERTAKEN: Final = (
    *(Kind.ARRIVING_SOON.value, Kind.DELAYED.value, Kind.SOONER.value),
    *(Kind.UNCERTAIN.value, Kind.EXPECTED.value),
)
#: Messages that tell another time than the customer counts on, and may come again.
_CHANGES: Final = frozenset({Kind.DELAYED, Kind.SOONER, Kind.EXPECTED})
#: Of these, those that may tell a time after the window, which then has its place.
_POSTPONE: Final = frozenset({Kind.DELAYED, Kind.EXPECTED})
#: Whoever was said to be on the way is not, or somebody else is.
_ENDS_THE_WAY: Final = frozenset({Kind.ON_THE_WAY.value, Kind.UNCERTAIN.value})


def tell_time(work: Work, visit: ExpectedVisit, kind: Kind, technician_id: str | None) -> bool:
    """
    Leave a message that tells a time, and write down that it was told.

    Returns
    -------
    bool
        Whether it was left now; False when the same was left before.
    """
    booking = work.session.get_one(BookingRow, visit.booking_id)
    expected = visit.expected()
    told, arrival = told_range(expected, visit.promised), at_the_door(expected, visit.promised)
    line_id = new_id("pr")
    is_change = kind in _CHANGES
    # Somebody else may set out later.
    is_told_again = is_change or kind is Kind.ON_THE_WAY
    message = tell_visit(
        work,
        booking,
        kind,
        expires_at=max(told.latest, work.now + NEAR / 4),
        near=min(arrival, booking.window_start) if is_change else arrival,
        subject_id=line_id if is_told_again else None,
        extra={
            "visit_id": visit.visit_id,
            "technician_id": technician_id,
            "earliest": told.earliest.isoformat(),
            "latest": told.latest.isoformat(),
        },
    )
    if message is None:
        return False
    now_told = {"told_arrival_at": arrival, "told_earliest_at": told.earliest, "told_latest_at": told.latest}
    row = update(EtaRow).where(EtaRow.visit_id == visit.visit_id)
    work.session.execute(row.values(**now_told, told_at=work.now, news_since=None))
    take_back(work, booking, but=message)
    record(
        work,
        "visit.told",
        "visit",
        visit.visit_id,
        kind=kind.value,
        earliest=told.earliest.isoformat(),
        latest=told.latest.isoformat(),
    )
    if message.state != State.SKIPPED:
        _promise(work, booking, told, line_id, replaces_window=kind in _POSTPONE and arrival > booking.window_end)
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


def take_back(work: Work, booking: BookingRow, *, but: MessageRow) -> None:
    """Take back what has not left yet and says something else about the time."""
    kinds = [*_OVERTAKEN, Kind.ON_THE_WAY.value] if but.kind in _ENDS_THE_WAY else list(_OVERTAKEN)
    work.session.execute(
        update(MessageRow)
        .where(
            MessageRow.customer_id == booking.customer_id,
            MessageRow.state == State.DUE.value,
            MessageRow.kind.in_(kinds),
            MessageRow.data["visit_id"].as_string() == booking.visit_id,
            MessageRow.id != but.id,
        )
        .values(state=State.SKIPPED.value, note=f"replaced by a {but.kind}")
        .execution_options(synchronize_session=False)
    )
