"""Everything that happened with a customer on any channel, newest first."""

from collections.abc import Collection
from datetime import datetime
from itertools import starmap
from typing import Final

from sqlalchemy import ColumnElement, and_, or_

from fieldops.domain.value_faults import wrong
from fieldops.errors import InvalidInput
from fieldops.usecases.customer_views import customer_row
from fieldops.usecases.paging import Page, page_of, read_time_cursor, time_key
from fieldops.usecases.timeline_entries import SOURCES, EntryKind, Source, TimelineEntry
from fieldops.usecases.work import Work

#: Digits of an audit number that a database takes.
_DIGITS: Final = 18


def customer_timeline(
    work: Work,
    customer_id: str,
    *,
    kinds: Collection[EntryKind] = tuple(EntryKind),
    limit: int = 50,
    after: str | None = None,
) -> Page[TimelineEntry]:
    """
    List what happened with a customer: notes, messages, promises, bookings, work orders, surveys, tasks, who came, and
    all changes.

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
    for kind, source in SOURCES.items():
        if kind not in kinds:
            continue
        query = source.query(customer_id)
        if last is not None:
            query = query.where(_is_older(source, kind, *last))
        rows = work.session.execute(query.order_by(source.at.desc(), source.id.desc()).limit(limit + 1))
        found += starmap(source.entry_of, rows)
    # Each kind came newest first, and sorting is stable: within an instant they stay in the order of their kinds.
    found.sort(key=lambda entry: entry.at, reverse=True)
    return page_of(found, limit, lambda entry: entry, lambda entry: time_key(entry.at, f"{entry.kind}:{entry.id}"))


def _read_position(after: str) -> tuple[datetime, EntryKind, str]:
    """Read where an entry stands."""
    at, name = read_time_cursor(after)
    kind, _, entry_id = name.partition(":")
    is_number = entry_id.isascii() and entry_id.isdigit() and len(entry_id) < _DIGITS
    if kind not in set(EntryKind) or (kind == EntryKind.CHANGE and not is_number):
        raise InvalidInput([wrong("query.after", after, "a cursor from an earlier answer")])
    return at, EntryKind(kind), entry_id


def _is_older(source: Source, kind: EntryKind, at: datetime, last_kind: EntryKind, last_id: str) -> ColumnElement[bool]:
    """Whether a row comes after the last entry shown."""
    ranks = list(EntryKind)
    if ranks.index(kind) > ranks.index(last_kind):
        return source.at <= at
    if kind is not last_kind:
        return source.at < at
    value = int(last_id) if kind is EntryKind.CHANGE else last_id
    return or_(source.at < at, and_(source.at == at, source.id < value))
