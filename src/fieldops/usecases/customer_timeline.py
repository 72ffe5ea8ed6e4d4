"""Everything that happened with a customer on any channel, newest first."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from fieldops.domain.value_faults import wrong
from fieldops.errors import InvalidInput
from fieldops.store.tables import (
    AuditRow,
    BookingRow,
    CustomerNoteRow,
    MessageRow,
    PromiseRow,
    SurveyRow,
    VisitRow,
    WorkOrderRow,
)
from fieldops.usecases.customer_views import customer_row
from fieldops.usecases.message_text import without_tokens
from fieldops.usecases.paging import Page, page_of, read_time_cursor, time_key
from fieldops.usecases.survey_rules import scores_of
from fieldops.usecases.work import Work

#: Digits of an audit number that a database takes.
_DIGITS: Final = 18


class EntryKind(StrEnum):
    """What a line of the timeline tells of; of the same instant, the first named is shown first."""

    NOTE = "note"
    MESSAGE = "message"
    PROMISE = "promise"
    BOOKING = "booking"
    WORK_ORDER = "work_order"
    CHANGE = "change"
    SURVEY = "survey"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """
    A line of the timeline.

    Attributes
    ----------
    at
        When it was said, sent, promised, booked, ordered, changed or answered.
    id
        Of the note, message, promise, booking or work order; of a change, its number in the audit; of a survey, the
        visit.
    text
        The note; the message's title, or its body where it has none; the summary of the work order; the action; the
        comment of a survey.
    by
        Who did it (``user:us_...``, ``system``, ...), where that is known.
    channel
        Of notes and messages.
    state
        Of messages, bookings and work orders, the outcome of promises (None = still to be seen), as of now; of a survey
        the answers, such as ``nps 9, csat 5``.
    about
        What it is about: a visit, a booking, or the thing that was changed.
    window_start, window_end
        Of bookings and promises.
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


def customer_timeline(
    work: Work,
    customer_id: str,
    *,
    kinds: Collection[EntryKind] = tuple(EntryKind),
    limit: int = 50,
    after: str | None = None,
) -> Page[TimelineEntry]:
    """
    List what happened with a customer: notes, messages, promises, bookings, work orders, surveys, and all changes.

    Parameters
    ----------
    kinds
        What is wanted.
    after
        Cursor of an earlier page.

    Raises
    ------
    NotFound
        When there is no such customer.
    InvalidInput
        When the cursor is none.

    Notes
    -----
    Each kind is read as far as this page could need it, newest first, and merged.
    """
    customer_row(work, customer_id)
    last = None if after is None else _read_position(after)
    found: list[TimelineEntry] = []
    for kind, source in _SOURCES.items():
        if kind not in kinds:
            continue
        query = source.query(customer_id)
        if last is not None:
            query = query.where(_is_older(source, kind, *last))
        rows = work.session.scalars(query.order_by(source.at.desc(), source.id.desc()).limit(limit + 1))
        found += map(source.entry_of, rows)
    # Each kind came newest first, and sorting is stable: within an instant they stay in the order of their kinds.
    found.sort(key=lambda entry: entry.at, reverse=True)
    return page_of(found, limit, lambda entry: entry, lambda entry: time_key(entry.at, f"{entry.kind}:{entry.id}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """Where the lines of one kind come from: rows of a customer, sorted by an instant and an id."""

    query: Callable[[str], Select[Any]]
    at: InstrumentedAttribute[datetime]
    id: InstrumentedAttribute[Any]
    entry_of: Callable[[Any], TimelineEntry]


def _read_position(after: str) -> tuple[datetime, EntryKind, str]:
    """Read where an entry stands."""
    at, name = read_time_cursor(after)
    kind, _, entry_id = name.partition(":")
    is_number = entry_id.isascii() and entry_id.isdigit() and len(entry_id) < _DIGITS
    if kind not in set(EntryKind) or (kind == EntryKind.CHANGE and not is_number):
        raise InvalidInput([wrong("query.after", after, "a cursor from an earlier answer")])
    return at, EntryKind(kind), entry_id


def _is_older(
    source: _Source, kind: EntryKind, at: datetime, last_kind: EntryKind, last_id: str
) -> ColumnElement[bool]:
    """Whether a row comes after the last entry shown."""
    ranks = list(EntryKind)
    if ranks.index(kind) > ranks.index(last_kind):
        return source.at <= at
    if kind is not last_kind:
        return source.at < at
    value = int(last_id) if kind is EntryKind.CHANGE else last_id
    return or_(source.at < at, and_(source.at == at, source.id < value))


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


#: In the order of `EntryKind`.
_SOURCES: Final = {
    EntryKind.NOTE: _Source(
        query=lambda customer_id: select(CustomerNoteRow).where(CustomerNoteRow.customer_id == customer_id),
        at=CustomerNoteRow.at,
        id=CustomerNoteRow.id,
        entry_of=lambda row: TimelineEntry(
            at=row.at, kind=EntryKind.NOTE, id=row.id, text=row.text, by=row.author, channel=row.channel
        ),
    ),
    EntryKind.MESSAGE: _Source(
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
    EntryKind.PROMISE: _Source(
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
    EntryKind.BOOKING: _Source(
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
    EntryKind.WORK_ORDER: _Source(
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
    EntryKind.CHANGE: _Source(
        query=_own_changes,
        at=AuditRow.at,
        id=AuditRow.id,
        entry_of=lambda row: TimelineEntry(
            at=row.at, kind=EntryKind.CHANGE, id=str(row.id), text=row.action, by=row.actor, about=row.subject_id
        ),
    ),
    EntryKind.SURVEY: _Source(
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
}
