"""What follows when a visit gets on: the customer hears of it, promises are settled, amends made, a survey asked."""

from datetime import timedelta
from typing import Final

from sqlalchemy import select

from fieldops.domain.progress import EventKind, VisitPhase, VisitProgress
from fieldops.messaging.kinds import Kind
from fieldops.store.live_policies import live_policies_of
from fieldops.store.tables import BookingRow, ProgressEventRow, SurveyRow, TerritoryRow, VisitRow
from fieldops.usecases.playbook import Mishap, make_amends
from fieldops.usecases.settle_visit import settle_visit, unsettle_visit
from fieldops.usecases.stream import announce, topic_of_visit
from fieldops.usecases.take_back_amends import (
    promise_was_kept,
    work_has_not_failed,
    work_was_done,
    work_was_not_done,
)
from fieldops.usecases.task_codes import TaskCode
from fieldops.usecases.tasks import TaskKind, open_task
from fieldops.usecases.tell_times import tell_on_the_way
from fieldops.usecases.tell_visit import tell_visit
from fieldops.usecases.work import Work

#: How long thanks are worth sending, and a survey after it was due.
THANKS_LIFE: Final = timedelta(days=1)
SURVEY_LIFE: Final = timedelta(days=3)


def tell_phase(work: Work, before: VisitProgress, after: VisitProgress) -> None:
    """
    Do what follows from new progress of a visit.

    Notes
    -----
    Call it with the date's plan locked, after the event is stored and the ETAs are refreshed (the customer of a visit
    somebody is driving to is told its ETA), and before `fieldops.usecases.tell_times.tell_times`. Whatever follows
    happens once, however often and in whatever order events arrive; what a late report proves wrong is taken back. A
    visit without a booking has nobody to tell.
    """
    if after == before:
        return
    session = work.session
    session.flush()
    entered = None if after.phase is before.phase else after.phase
    if entered is not None:
        announce(work, topic_of_visit(after.visit_id), "progress", {"phase": after.phase.value})
    booking = session.scalar(
        select(BookingRow).where(BookingRow.visit_id == after.visit_id, BookingRow.state == "confirmed")
    )
    if entered is VisitPhase.DONE:
        work_was_done(work, after.visit_id, booking)
    elif entered is not None and before.is_over:
        _begin_again(work, booking, before, after)
    was_missed = after.phase is VisitPhase.FAILED and _was_missed(work, after)
    if booking is None:
        if entered is VisitPhase.FAILED:
            _hand_over(work, after)
        return
    settled = settle_visit(work, booking, after, was_missed=was_missed)
    if settled.is_mended:
        promise_was_kept(work, booking)
    if entered is VisitPhase.FAILED:
        _amend(work, booking, Mishap.MISSED if was_missed else Mishap.FAILED, after, is_broken=settled.is_broken)
    elif settled.is_broken:
        _amend(work, booking, Mishap.LATE, after, is_broken=True)
    is_somebody_else = before.technician_id is not None and after.technician_id != before.technician_id
    if after.phase is VisitPhase.TRAVELING and (entered is not None or is_somebody_else):
        tell_on_the_way(work, after.visit_id, after.technician_id)
    elif entered is VisitPhase.DONE:
        _thank(work, booking, after)


def _begin_again(work: Work, booking: BookingRow | None, before: VisitProgress, after: VisitProgress) -> None:
    """Take back what followed from an end that was none."""
    if before.phase is VisitPhase.DONE:
        work_was_not_done(work, booking)
    elif not after.is_over:
        work_has_not_failed(work, after.visit_id, booking)
    if booking is not None and not after.is_over:
        unsettle_visit(work, booking, after)


def _amend(work: Work, booking: BookingRow, mishap: Mishap, after: VisitProgress, *, is_broken: bool) -> None:
    """Follow the playbook."""
    make_amends(
        work, booking, mishap, is_broken=is_broken, technician_id=after.technician_id, reason=after.reason.strip()
    )


def _hand_over(work: Work, after: VisitProgress) -> None:
    """Leave a visit that failed, and that nobody was promised, to a person."""
    visit = work.session.get_one(VisitRow, after.visit_id)
    open_task(work, TaskKind.COULD_NOT_COMPLETE, visit, TaskCode.NOT_DONE, {"reason": after.reason.strip()})


def _thank(work: Work, booking: BookingRow, after: VisitProgress) -> None:
    """Thank for a visit that is done, and ask later how it was."""
    extra = {"visit_id": booking.visit_id, "technician_id": after.technician_id}
    tell_visit(work, booking, Kind.DONE, expires_at=work.now + THANKS_LIFE, extra=extra)
    wait = live_policies_of(work.session.get_one(TerritoryRow, booking.territory_id)).survey_after
    if wait is None or work.session.get(SurveyRow, booking.visit_id) is not None:
        return
    asked_at = max(work.now, (after.finished_at or work.now) + wait)
    work.session.add(
        SurveyRow(
            visit_id=booking.visit_id,
            customer_id=booking.customer_id,
            technician_id=after.technician_id,
            asked_at=asked_at,
        )
    )
    tell_visit(work, booking, Kind.SURVEY, due_at=asked_at, expires_at=asked_at + SURVEY_LIFE, extra=extra)


def _was_missed(work: Work, after: VisitProgress) -> bool:
    """Tell whether a visit failed because nobody was there to let us in."""
    found = work.session.scalar(
        select(ProgressEventRow.id)
        .where(ProgressEventRow.visit_id == after.visit_id, ProgressEventRow.kind == EventKind.NO_SHOW.value)
        .where(ProgressEventRow.occurred_at == after.finished_at)
        .limit(1)
    )
    return found is not None
