"""Long lists in pages: a cursor says after what the next page begins, so that new rows never shift it."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Generic, TypeVar

from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute, Session

from fieldops.domain.value_faults import wrong
from fieldops.errors import InvalidInput

T = TypeVar("T")
R = TypeVar("R")

_EXPECTED: Final = "a cursor from an earlier answer"
_LONGEST: Final = 2_000


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """
    A part of a list.

    Attributes
    ----------
    next
        Cursor of what follows; None = this is the end.
    """

    items: tuple[T, ...]
    next: str | None


def page_of(
    rows: Sequence[R], limit: int, view_of: Callable[[R], T], key_of: Callable[[R], tuple[str, ...]]
) -> Page[T]:
    """
    Make a page of rows, of which one more than `limit` was asked for.

    Parameters
    ----------
    key_of
        The values a row is sorted by.
    """
    shown = rows[:limit]
    more = len(rows) > limit
    return Page(tuple(view_of(row) for row in shown), cursor_of(key_of(shown[-1])) if more else None)


def page_by_id(
    session: Session,
    query: Select[R],
    key: InstrumentedAttribute[str],
    view_of: Callable[[R], T],
    limit: int,
    after: str | None,
) -> Page[T]:
    """Make a page of a list sorted by the ids in a column; `InvalidInput` when `after` is no cursor."""
    if after is not None:
        query = query.where(key > read_cursor(after, 1)[0])
    rows = session.scalars(query.order_by(key).limit(limit + 1)).all()
    return page_of(rows, limit, view_of, lambda row: (getattr(row, key.key),))


def cursor_of(values: tuple[str, ...]) -> str:
    """Write the sort key of a row as an opaque cursor."""
    return base64.urlsafe_b64encode(json.dumps(values, ensure_ascii=False).encode()).decode().rstrip("=")


def read_cursor(after: str, length: int) -> tuple[str, ...]:
    """
    Read a cursor of so many values.

    Raises
    ------
    InvalidInput
        When it is not one.
    """
    try:
        padded = after[:_LONGEST] + "=" * (-len(after) % 4)
        values = json.loads(base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        values = None
    if not isinstance(values, list) or not all(_is_text(value) for value in values) or len(values) != length:
        raise InvalidInput([wrong("query.after", after, _EXPECTED)])
    return tuple(values)


def _is_text(value: object) -> bool:
    """Whether a value is text that a database can compare with: no half of a surrogate pair, no NUL."""
    return isinstance(value, str) and not any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in value)


def time_key(at: datetime, name: str) -> tuple[str, str]:
    """Return the sort key of rows ordered by an instant, with their id to tell equal ones apart."""
    return at.astimezone(UTC).isoformat(), name


def read_time_cursor(after: str) -> tuple[datetime, str]:
    """
    Read a cursor made of a `time_key`.

    Raises
    ------
    InvalidInput
        When it is not one.
    """
    written, name = read_cursor(after, 2)
    try:
        # `time_key` writes UTC; whatever else somebody made up is read as UTC, too.
        return datetime.fromisoformat(written).replace(tzinfo=UTC), name
    except ValueError:
        raise InvalidInput([wrong("query.after", after, _EXPECTED)]) from None
