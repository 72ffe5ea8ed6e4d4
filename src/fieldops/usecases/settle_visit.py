"""What became of the promises about a visit, by what happened."""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import select

from fieldops.domain.progress import VisitPhase, VisitProgress
from fieldops.store.tables import BookingRow, PromiseRow, VisitRow
from fieldops.usecases.audit import record
from fieldops.usecases.work import Work


class Outcome(StrEnum):
    """Of a line of the ledger."""

    KEPT = "kept"
    BROKEN = "broken"
    CHANGED = "changed"
    CANCELED = "canceled"


#: Outcomes that follow from how a visit went.
_SETTLED: Final = (Outcome.KEPT.value, Outcome.BROKEN.value, Outcome.CANCELED.value)
#: Outcomes that a late report may still correct.
_CORRECTABLE: Final = frozenset({None, Outcome.KEPT, Outcome.BROKEN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """
    What became of the promise that stood in the end.

    Attributes
    ----------
    is_broken
        It is broken now, and was not before.
    is_mended
        It had been taken for broken, and was kept.
    """

    is_broken: bool = False
    is_mended: bool = False


def settle_visit(work: Work, booking: BookingRow, after: VisitProgress, *, was_missed: bool) -> Settled:
    """
    Settle the lines of the ledger about a booking as it is now, as far as what happened decides them.

    Parameters
    ----------
    was_missed
        Whether nobody could let the technician in.

    Notes
    -----
    A window binds the start of service: a start after its end breaks it. Where no service came about, the arrival
    decides; where nobody came either, it is broken, unless the customer called it off. A time of arrival told is kept
    by an arrival that is not later. A line is settled as soon as this is known, and again when a report that comes
    late says otherwise. Whoever reported the end alone is taken to have begun as long before as was planned.
    """
    after = _with_likely_start(work, booking, after)
    lines = [
        line
        for line in work.session.scalars(
            select(PromiseRow)
            .where(PromiseRow.booking_id == booking.id, PromiseRow.told_at >= booking.changed_at)
            .order_by(PromiseRow.told_at, PromiseRow.id)
        )
        if line.outcome in _CORRECTABLE
    ]
    broken_before = any(line.outcome == Outcome.BROKEN for line in _standing(lines))
    for line in lines:
        outcome = _outcome(line, after, was_missed=was_missed)
        if outcome is not None and outcome != line.outcome:
            line.outcome, line.settled_at = outcome.value, work.now
            record(work, f"promise.{outcome.value}", "booking", booking.id, promise_id=line.id, kind=line.kind)
    outcomes = {line.outcome for line in _standing(lines)}
    return Settled(
        is_broken=Outcome.BROKEN in outcomes and not broken_before,
        is_mended=broken_before and outcomes == {Outcome.KEPT.value},
    )


def unsettle_visit(work: Work, booking: BookingRow, after: VisitProgress) -> None:
    """
    Leave open again what the end of a visit had settled and only its next one can tell, when that end is taken back.

    Notes
    -----
    What is over stays as it is: nobody keeps it any more.
    """
    lines = work.session.scalars(
        select(PromiseRow)
        .where(PromiseRow.booking_id == booking.id, PromiseRow.told_at >= booking.changed_at)
        .where(PromiseRow.outcome.in_([*_SETTLED]), PromiseRow.window_end >= work.now)
        .order_by(PromiseRow.told_at, PromiseRow.id)
    )
    for line in lines:
        if _outcome(line, after, was_missed=False) is None:
            line.outcome = line.settled_at = None
            record(work, "promise.unsettled", "booking", booking.id, promise_id=line.id, kind=line.kind)


def _with_likely_start(work: Work, booking: BookingRow, after: VisitProgress) -> VisitProgress:
    """Say when a visit of which only the end was reported will have begun."""
    if after.phase is not VisitPhase.DONE or after.arrived_at is not None or after.finished_at is None:
        return after
    if after.started_at is not None and after.started_at < after.finished_at:
        return after
    planned = timedelta(seconds=work.session.get_one(VisitRow, booking.visit_id).duration_s)
    return replace(after, started_at=max(after.finished_at - planned, after.travel_started_at or booking.changed_at))


def _standing(lines: list[PromiseRow]) -> list[PromiseRow]:
    """Pick the line the customer counts on: the window, or the last time told when that took the window's place."""
    windows = [line for line in lines if line.kind == "window"]
    return windows or lines[-1:]


def _outcome(line: PromiseRow, after: VisitProgress, *, was_missed: bool) -> Outcome | None:
    """Judge one line; None = still to be seen."""
    if after.phase is VisitPhase.CANCELED:
        return Outcome.CANCELED
    decisive = after.arrived_at if line.kind == "eta" else after.started_at
    if decisive is None and after.is_over:
        decisive = after.started_at or after.arrived_at
        if decisive is None:
            return Outcome.CANCELED if was_missed else Outcome.BROKEN
    if decisive is None:
        return None
    return Outcome.KEPT if decisive <= line.window_end else Outcome.BROKEN
