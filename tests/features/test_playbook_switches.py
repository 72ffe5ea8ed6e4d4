"""Every switch of a territory's playbook counts by itself: sorry or not, a new appointment or not, a person or not."""

from typing import Any

import pytest

from fieldops.domain.progress import EventKind
from fieldops.store.database import Database
from telling_worlds import LiveWorld, make_live_world
from worlds import local


def gone_wrong(database: Database, kind: EventKind, **live: Any) -> LiveWorld:
    """Promise a visit for 10:00 to 12:00, and let it begin at 12:10, or fail at 11:00."""
    world = make_live_world(database, now=local("10:00"), live_policies=live)
    booking = world.booked()
    world.at("12:10" if kind is EventKind.STARTED else "11:00")
    world.report(booking, kind, reason="wrong part")
    return world


@pytest.mark.parametrize(
    ("kind", "live", "title", "said", "unsaid"),
    [
        (EventKind.COULD_NOT_COMPLETE, {}, "Your appointment", "Choose a new appointment", "sorry"),
        (EventKind.STARTED, {"credit_cents": 2_500}, "Your appointment", "We credit you 25.00", "sorry"),
        (EventKind.STARTED, {}, None, "", ""),
        (EventKind.COULD_NOT_COMPLETE, {"rebooks": False}, None, "", ""),
    ],
    ids=["offered again", "credit", "late", "not offered again"],
)
def test_who_does_not_apologize_says_what_there_is_to_say(
    sqlite_database: Database, kind: EventKind, live: dict[str, Any], title: str | None, said: str, unsaid: str
) -> None:
    """A credit and a new appointment are told without a word of regret; where there is neither, nothing is."""
    world = gone_wrong(sqlite_database, kind, apologizes=False, **live)

    assert world.sent() == ([] if title is None else [title])
    for mail in world.told.email.sent:
        assert said in mail.body
        assert unsaid not in mail.body


@pytest.mark.parametrize(
    ("kind", "live", "tasks"),
    [
        (EventKind.COULD_NOT_COMPLETE, {}, []),
        (EventKind.COULD_NOT_COMPLETE, {"rebooks": False}, ["could_not_complete"]),
        (EventKind.COULD_NOT_COMPLETE, {"escalates": True}, ["could_not_complete"]),
        (EventKind.STARTED, {}, []),
        (EventKind.STARTED, {"credit_cents": 2_500}, ["broken_promise"]),
    ],
    ids=["offered again", "not offered again", "escalated", "late", "credit"],
)
def test_a_task_is_left_where_somebody_wants_one_or_nobody_else_would_see_to_it(
    database: Database, kind: EventKind, live: dict[str, Any], tasks: list[str]
) -> None:
    """Where nothing escalates, a credit and a visit that is not offered again are a person's all the same."""
    world = gone_wrong(database, kind, **{"escalates": False, **live})

    assert [task.kind for task in world.tasks()] == tasks
