"""Pages of long lists: cursors that say where to go on, and that nobody can break anything with."""

import base64
from datetime import UTC, datetime

import pytest

from fieldops.errors import InvalidInput
from fieldops.usecases.paging import Page, cursor_of, page_of, read_cursor, read_time_cursor, time_key


def test_a_page_says_where_the_next_one_begins() -> None:
    """One row more than shown tells that there is more; the cursor is the last row shown."""
    page = page_of(["a", "b", "c"], 2, str.upper, lambda row: (row,))

    assert page == Page(("A", "B"), cursor_of(("b",)))
    assert page.next is not None
    assert read_cursor(page.next, 1) == ("b",)


def test_the_last_page_has_no_next() -> None:
    """A reader that follows `next` must come to an end."""
    assert page_of(["a", "b"], 2, str.upper, lambda row: (row,)).next is None


def test_a_time_comes_back_as_it_was() -> None:
    """Half a second lost would show a row twice or never."""
    at = datetime(2026, 3, 16, 12, 0, 0, 123_456, tzinfo=UTC)

    assert read_time_cursor(cursor_of(time_key(at, "wo_1"))) == (at, "wo_1")


@pytest.mark.parametrize(
    "after",
    [
        "",
        "x",
        "ä",
        "====",
        base64.urlsafe_b64encode(b"[1, 2]").decode(),
        base64.urlsafe_b64encode(b'["a"]').decode(),
        base64.urlsafe_b64encode(b'{"a": "b"}').decode(),
        base64.urlsafe_b64encode(b'["\\ud800", "b"]').decode(),
        base64.urlsafe_b64encode(b'["\\u0000", "b"]').decode(),
        base64.urlsafe_b64encode(b"[" * 1_000).decode(),
        cursor_of(("yesterday", "wo_1")),
    ],
)
def test_what_is_no_cursor_is_refused(after: str) -> None:
    """Whatever somebody sends instead of a cursor is a fault of the input, never a failure of ours."""
    with pytest.raises(InvalidInput, match=r"query.after: found .* expected a cursor"):
        read_time_cursor(after)
