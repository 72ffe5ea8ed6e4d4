"""What a customer's timeline is made of: the kinds of its lines, and the rows they are read from."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from fieldops.store.tables import (
    AuditRow,
    BookingRow,
    CustomerNoteRow,
    MessageRow,
    PromiseRow,
    SurveyRow,
    TaskRow,
    TechnicianRow,
    VisitProgressRow,
    VisitRow,
    WorkOrderRow,
)
from fieldops.usecases.message_text import without_tokens
from fieldops.usecases.survey_rules import scores_of
from fieldops.usecases.task_codes import Facts, TaskCode

#: When somebody came: what was reported first of being there.
_CAME_AT: Final = func.coalesce(VisitProgressRow.arrived_at, VisitProgressRow.started_at, VisitProgressRow.finished_at)


class EntryKind(StrEnum):
    """What a line of the timeline tells of; of the same instant, the first named is shown first."""

    NOTE = "note"
    MESSAGE = "message"
    PROMISE = "promise"
    BOOKING = "booking"
    WORK_ORDER = "work_order"
    CHANGE = "change"
    SURVEY = "survey"
    TASK = "task"
    VISIT = "visit"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineTask:
    """What a task says in parts, to make a sentence of. Fields as in `fieldops.usecases.tasks.TaskView`."""

    code: TaskCode | None
    facts: Facts
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """
    A line of the timeline.

    Attributes
    ----------
    at
        When it was said, sent, promised, booked, ordered, changed, answered or left to do; when somebody came.
    id
        Of the note, message, promise, booking, work order, task or visit; of a change, its number in the audit; of a
        survey, the visit.
    text
        The note; the message's title, or its body where it has none; the summary of the work order or task; the
        action; the comment of a survey; the name of who came.
    by
        Who did it (``user:us_...``, ``system``, ...), where that is known; who came; of a task, who has to do it.
    channel
        Of notes and messages.
    state
        Of messages, bookings, work orders and tasks, the outcome of promises (None = still to be seen), as of now; how
        far a visit has come; of a survey the answers, such as ``nps 9, csat 5``.
    about
        What it is about: a visit, a booking, or the thing that was changed.
    window_start, window_end
        Of bookings and promises.
    task
        The parts of the text of a task.
    """

    at: datetime
    kind: EntryKind
    id: str
    text: str = ""
    by: str | None = None
    channel: str | None = None
    state: str | None = None
    about: str | None = None
    window_start: datetime | None = None
    window_end: datetime | None = None
    task: TimelineTask | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """
    Where the lines of one kind come from: rows of a customer, sorted by an instant and an id.

    Attributes
    ----------
    entry_of
        Makes a line of what the query selects.
    """

    query: Callable[[str], Select[*tuple[Any, ...]]]
    at: ColumnElement[datetime] | InstrumentedAttribute[datetime]
    id: InstrumentedAttribute[Any]
    entry_of: Callable[..., TimelineEntry]


def _own_changes(customer_id: str) -> Select[Any]:
    """Select the audit of a customer and of the work orders, visits and bookings that are the customer's."""
    orders = select(WorkOrderRow.id).where(WorkOrderRow.customer_id == customer_id)
    visits = select(VisitRow.id).where(VisitRow.work_order_id.in_(orders))
    bookings = select(BookingRow.id).where(BookingRow.customer_id == customer_id)
    return select(AuditRow).where(
        or_(
            and_(AuditRow.subject_kind == "customer", AuditRow.subject_id == customer_id),
            and_(AuditRow.subject_kind == "work_order", AuditRow.subject_id.in_(orders)),
            and_(AuditRow.subject_kind == "visit", AuditRow.subject_id.in_(visits)),
            and_(AuditRow.subject_kind == "booking", AuditRow.subject_id.in_(bookings)),
        )
    )


def _own_visits(customer_id: str) -> Select[*tuple[Any, ...]]:
    """Select the visits of a customer at which somebody was, with the name of who came."""
    return (
        select(VisitProgressRow, TechnicianRow.name)
        .join(VisitRow, VisitRow.id == VisitProgressRow.visit_id)
        .join(WorkOrderRow, WorkOrderRow.id == VisitRow.work_order_id)
        .outerjoin(TechnicianRow, TechnicianRow.id == VisitProgressRow.technician_id)
        .where(WorkOrderRow.customer_id == customer_id, _CAME_AT.is_not(None))
        .where(VisitProgressRow.phase.in_(["arrived", "in_progress", "done", "failed"]))
    )


#: In the order of `EntryKind`.
SOURCES: Final = {
    EntryKind.NOTE: Source(
        query=lambda customer_id: select(CustomerNoteRow).where(CustomerNoteRow.customer_id == customer_id),
        at=CustomerNoteRow.at,
        id=CustomerNoteRow.id,
        entry_of=lambda row: TimelineEntry(
            at=row.at, kind=EntryKind.NOTE, id=row.id, text=row.text, by=row.author, channel=row.channel
        ),
    ),
    EntryKind.MESSAGE: Source(
        query=lambda customer_id: select(MessageRow).where(MessageRow.customer_id == customer_id),
        at=MessageRow.created_at,
        id=MessageRow.id,
        entry_of=lambda row: TimelineEntry(
            at=row.created_at,
            kind=EntryKind.MESSAGE,
            id=row.id,
            text=row.title or without_tokens(row.body) or row.kind,
            channel=row.channel,
            state=row.state,
            about=row.subject_id,
        ),
    ),
    EntryKind.PROMISE: Source(
        query=lambda customer_id: select(PromiseRow).where(PromiseRow.customer_id == customer_id),
        at=PromiseRow.told_at,
        id=PromiseRow.id,
        entry_of=lambda row: TimelineEntry(
            at=row.told_at,
            kind=EntryKind.PROMISE,
            id=row.id,
            text=row.kind,
            state=row.outcome,
            about=row.booking_id,
            window_start=row.window_start,
            window_end=row.window_end,
        ),
    ),
    EntryKind.BOOKING: Source(
        query=lambda customer_id: select(BookingRow).where(BookingRow.customer_id == customer_id),
        at=BookingRow.confirmed_at,
        id=BookingRow.id,
        entry_of=lambda row: TimelineEntry(
            at=row.confirmed_at,
            kind=EntryKind.BOOKING,
            id=row.id,
            text=row.cancel_reason or "",
            state=row.state,
            about=row.visit_id,
            window_start=row.window_start,
            window_end=row.window_end,
        ),
    ),
    EntryKind.WORK_ORDER: Source(
        query=lambda customer_id: select(WorkOrderRow).where(WorkOrderRow.customer_id == customer_id),
        at=WorkOrderRow.created_at,
        id=WorkOrderRow.id,
        entry_of=lambda row: TimelineEntry(
            at=row.created_at,
            kind=EntryKind.WORK_ORDER,
            id=row.id,
            text=row.summary,
            by=row.created_by,
            state=row.state,
        ),
    ),
    EntryKind.CHANGE: Source(
        query=_own_changes,
        at=AuditRow.at,
        id=AuditRow.id,
        entry_of=lambda row: TimelineEntry(
            at=row.at, kind=EntryKind.CHANGE, id=str(row.id), text=row.action, by=row.actor, about=row.subject_id
        ),
    ),
    EntryKind.SURVEY: Source(
        query=lambda customer_id: select(SurveyRow).where(
            SurveyRow.customer_id == customer_id, SurveyRow.answered_at.is_not(None)
        ),
        at=cast("InstrumentedAttribute[datetime]", SurveyRow.answered_at),
        id=SurveyRow.visit_id,
        entry_of=lambda row: TimelineEntry(
            at=row.answered_at,
            kind=EntryKind.SURVEY,
            id=row.visit_id,
            text=row.comment,
            state=scores_of(row.nps, row.csat, row.ces),
            about=row.visit_id,
        ),
    ),
    EntryKind.TASK: Source(
        query=lambda customer_id: select(TaskRow).where(TaskRow.customer_id == customer_id),
        at=TaskRow.created_at,
        id=TaskRow.id,
        entry_of=lambda row: TimelineEntry(
            at=row.created_at,
            kind=EntryKind.TASK,
            id=row.id,
            text="\n".join(filter(None, (row.summary, row.note))),
            task=TimelineTask(code=None if row.code is None else TaskCode(row.code), facts=row.facts, note=row.note),
            by=row.owner and f"user:{row.owner}",
            state=row.state,
            about=row.visit_id,
        ),
    ),
    EntryKind.VISIT: Source(
        query=_own_visits,
        at=_CAME_AT,
        id=VisitProgressRow.visit_id,
        entry_of=lambda row, name: TimelineEntry(
            at=row.arrived_at or row.started_at or row.finished_at,
            kind=EntryKind.VISIT,
            id=row.visit_id,
            text=name or "",
            by=row.technician_id and f"technician:{row.technician_id}",
            state=row.phase,
            about=row.visit_id,
        ),
    ),
}
