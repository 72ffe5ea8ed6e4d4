"""A report says that it was not so, or not over: what followed from what was known before is taken back."""

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import ColumnElement, literal, or_, select, update

from fieldops.messaging.kinds import Kind, State
from fieldops.store.tables import BookingRow, MessageRow, SurveyRow, TaskRow
from fieldops.usecases.audit import record
from fieldops.usecases.notify import NOT_SO_YET
from fieldops.usecases.playbook import Mishap
from fieldops.usecases.tasks import TaskKind, finish_task
from fieldops.usecases.work import Work

#: What did not go wrong after all, when somebody came in time; and when the work was done.
_OF_PROMISE: Final = frozenset({Mishap.LATE, Mishap.UNSERVED})
_OF_WORK: Final = frozenset({Mishap.FAILED, Mishap.MISSED})


def promise_was_kept(work: Work, booking: BookingRow) -> None:
    """Take back the apology that has not left yet, and the task, for a promise that was kept after all."""
    is_unheard = _take_back(work, booking, _OF_PROMISE, "the promise was kept after all")
    note = "The promise was kept after all, says a late report."
    _finish(work, booking.visit_id, {TaskKind.BROKEN_PROMISE}, note, with_credit=is_unheard)


def work_was_done(work: Work, visit_id: str, booking: BookingRow | None) -> None:
    """Take back the same for work that could not be done, and was done after all."""
    is_unheard = booking is not None and _take_back(work, booking, _OF_WORK, "the work was done after all")
    kinds = {TaskKind.COULD_NOT_COMPLETE, TaskKind.NO_PLACE}
    _finish(work, visit_id, kinds, "The work was done after all.", with_credit=is_unheard)


def work_was_not_done(work: Work, booking: BookingRow | None) -> None:
    """Take back thanks and the survey, as far as they have not left yet, for work that is not done."""
    if booking is None:
        return
    _skip(work, booking, [Kind.DONE], NOT_SO_YET)
    is_unheard = bool(_skip(work, booking, [Kind.SURVEY], NOT_SO_YET))
    survey = work.session.get(SurveyRow, booking.visit_id)
    if survey is not None and survey.answered_at is None and (is_unheard or survey.asked_at > work.now):
        work.session.delete(survey)


def work_has_not_failed(work: Work, visit_id: str, booking: BookingRow | None) -> None:
    """Take back the apology that has not left yet, and the task, for work that goes on."""
    is_unheard = booking is not None and _take_back(work, booking, _OF_WORK, NOT_SO_YET)
    _finish(work, visit_id, {TaskKind.COULD_NOT_COMPLETE}, "The work goes on.", with_credit=is_unheard)


def _take_back(work: Work, booking: BookingRow, mishaps: Collection[Mishap], why: str) -> bool:
    """Take back the apologies for some mishaps that have not left yet; tell whether there were any."""
    of_mishaps = MessageRow.data["what_happened"].as_string().in_([mishap.value for mishap in mishaps])
    return bool(_skip(work, booking, [Kind.APOLOGY], why, of_mishaps, MessageRow.subject_version == booking.version))


def _skip(
    work: Work, booking: BookingRow, kinds: Collection[Kind], why: str, *conditions: ColumnElement[bool]
) -> Sequence[str]:
    """Skip messages about a booked visit that have not left yet; give their ids."""
    taken = work.session.scalars(
        update(MessageRow)
        .where(MessageRow.customer_id == booking.customer_id, MessageRow.kind.in_([kind.value for kind in kinds]))
        .where(MessageRow.state == State.DUE.value, *conditions)
        .where(MessageRow.data["visit_id"].as_string() == booking.visit_id)
        .values(state=State.SKIPPED.value, note=why)
        .returning(MessageRow.id)
        .execution_options(synchronize_session=False)
    ).all()
    for message_id in taken:
        record(work, "message.taken_back", "message", message_id, reason=why)
    return taken


def _finish(work: Work, visit_id: str, kinds: Collection[TaskKind], note: str, *, with_credit: bool) -> None:
    """Finish what is open of some kinds of tasks; a credit that the customer may have heard of is still due."""
    tasks = work.session.scalars(
        select(TaskRow.id)
        .where(TaskRow.visit_id == visit_id, TaskRow.state == "open")
        .where(TaskRow.kind.in_([kind.value for kind in kinds]), or_(literal(with_credit), TaskRow.credit_cents == 0))
        .order_by(TaskRow.id)
    ).all()
    for task_id in tasks:
        finish_task(work, task_id, note)
