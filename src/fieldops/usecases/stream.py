"""
Say what has changed to everybody who is watching: boards, technicians, customers on their tracking page.

What is said is kept for some hours under an id that rises, so that a listener who was away catches up. How listeners
get it, and from which id on: `fieldops.usecases.watch` and `fieldops.api.stream_hub`.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from sqlalchemy import insert, text

from fieldops.store.base import table_of
from fieldops.store.stream_events import CHANNEL
from fieldops.store.tables import StreamEventRow
from fieldops.usecases.work import Work

#: How long what was said is kept.
KEPT: Final = timedelta(hours=6)
#: Under this name `Session.info` keeps that the transaction will wake them.
_WAKES: Final = "fieldops_wakes_streams"
_ADD: Final = insert(table_of(StreamEventRow))
_WAKE: Final = text(f"select pg_notify('{CHANNEL}', '')")


def topic_of_board(territory_id: str, day: date) -> str:
    """Name what dispatchers of a territory watch on a date."""
    return f"board:{territory_id}:{day.isoformat()}"


def topic_of_technician(technician_id: str, day: date) -> str:
    """
    Name what a technician watches on a date.

    Notes
    -----
    The date is part of it because the plan of a date is what is locked: see `announce`.
    """
    return f"technician:{technician_id}:{day.isoformat()}"


def topic_of_visit(visit_id: str) -> str:
    """Name what the customer of a visit watches."""
    return f"visit:{visit_id}"


def announce(work: Work, topic: str, kind: str, data: Mapping[str, object]) -> None:
    """
    Say something on a topic; whoever listens hears it once the transaction has committed.

    Parameters
    ----------
    kind
        See `StreamEventRow`.
    data
        JSON. The new state of what it is about, not a difference: a listener may have seen it in a snapshot already.

    Notes
    -----
    The caller holds the lock of the plan that the topic belongs to (`fieldops.store.day_plans.lock_plan`): of the
    board's or the technician's date, or of the date the visit is planned on (of both when it moves to another one).
    Ids are given when a row is written, and rows are seen when their transaction commits. Under one lock both happen
    in the same order, so a listener who has heard id 7 of a topic will never have to go back for id 6.
    """
    session = work.session
    # A plain statement: nobody keeps these rows as objects of a session.
    session.execute(_ADD, {"topic": topic, "kind": kind, "data": dict(data), "at": work.now})
    if _WAKES not in session.info and session.get_bind().dialect.name == "postgresql":
        session.info[_WAKES] = True
        session.execute(_WAKE)
