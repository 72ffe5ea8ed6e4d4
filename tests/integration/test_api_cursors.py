"""Cursors of lists that somebody made up, changed, or took from another list: a page or a fault, never a failure."""

from typing import Final

from api_client import client_for
from api_requests import EXAMPLES
from api_worlds import furnish
from fieldops.store.database import Database
from fieldops.usecases.paging import cursor_of
from worlds import OPS

LISTS: Final = sorted(
    name for name, example in EXAMPLES.items() if any(parameter["name"] == "after" for parameter in example.parameters)
)
#: Each is the right type for some column, and the wrong one for the others.
VALUES: Final = (
    "",
    "x",
    "-1",
    "9" * 40,
    "1e400",
    "2026-03-16",
    "2026-03-16T12:00:00+00:00",
    "9999-12-31T23:59:59-12:00",
    "0001-01-01T00:00:00+12:00",
    "' or 1=1 --",
)


def test_no_cursor_breaks_a_list(database: Database) -> None:
    """A cursor is opaque, but nobody is kept from writing one: a database must never see a value it cannot compare."""
    furnished = furnish(database)
    client = client_for(furnished.ctx, OPS)
    made_up = [cursor_of(values) for value in VALUES for values in ((value,), (value, "x"), (value,) * 3)]
    for name in LISTS:
        request = EXAMPLES[name].request(furnished)
        seen = set()
        for after in made_up:
            answer = client.request(**{**request, "params": {**request["params"], "after": after}})
            seen.add(answer.status_code)

            assert answer.status_code in {200, 422}, (name, after, answer.text)
        assert 422 in seen, name


def test_a_cursor_that_was_changed_or_cut_is_refused(sqlite_database: Database) -> None:
    """It may not be read as one of another place: rows would be missing, and nobody would notice."""
    furnished = furnish(sqlite_database)
    client = client_for(furnished.ctx, OPS)
    cursor = client.get("/v1/shifts", params={"limit": 1}).json()["next"]

    for broken in (cursor[:-3], cursor + "!", "=" + cursor, cursor[4:], cursor.swapcase()):
        answer = client.get("/v1/shifts", params={"after": broken})

        assert answer.status_code == 422, broken
        assert [fault["path"] for fault in answer.json()["faults"]] == ["query.after"]
