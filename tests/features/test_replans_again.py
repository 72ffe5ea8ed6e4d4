"""A promise that no replan could save is not forgotten: another one is wished for when something may help."""

from datetime import timedelta

import pytest

from fieldops.domain.progress import EventKind, ProgressEvent
from fieldops.store.database import Database
from fieldops.store.tables import ShiftRow, TerritoryRow
from fieldops.usecases.proposals import reject_replan
from fieldops.usecases.record_progress import record_events
from fieldops.usecases.sweep_days import sweep_days
from fieldops.usecases.work import transact
from replan_worlds import LateDay, late_day, overwrite
from running_day import book, put_on_route
from worlds import STAFF, add_site, add_visit, local

MINUTE = timedelta(minutes=1)


def test_time_that_comes_free_saves_a_promise_at_once(database: Database) -> None:
    """Lee is to be busy until half past one, and is done at twenty past ten: then there is somebody for the second."""
    day = late_day(database)
    long = busy_lee(day)
    assert replans(day) == ["nothing_better"]
    # Nothing has changed, and nothing can be done.
    assert replans(day, after=2 * MINUTE) == []

    report(day, EventKind.DONE, long)

    # No sweep has to come by.
    assert [day.run(replan_id).state for replan_id in day.start()] == ["applied"]
    assert day.orders()[day.lees] == (long, day.second)
    # Nothing is at stake any more.
    assert replans(day, after=20 * MINUTE) == []


def test_small_changes_are_waited_for_longer_and_longer(sqlite_database: Database) -> None:
    """Every event may help a little: after a minute, then after two."""
    day = late_day(sqlite_database)
    long = busy_lee(day)
    assert replans(day) == ["nothing_better"]

    report(day, EventKind.EXTENDED, long, minutes=1)
    assert replans(day) == []
    assert replans(day, after=MINUTE) == ["nothing_better"]
    report(day, EventKind.EXTENDED, long, minutes=1)
    assert replans(day, after=MINUTE) == []
    assert replans(day, after=MINUTE) == ["nothing_better"]


@pytest.mark.parametrize("state", ["rejected", "applied"])
def test_what_a_decision_leaves_at_risk_is_looked_at_again(sqlite_database: Database, state: str) -> None:
    """The dispatcher did not want Lee to go, or something else was more urgent: that is not the last word."""
    day = late_day(sqlite_database, is_automatic=False)
    report(day, EventKind.STARTED, day.first, at="09:00")
    report(day, EventKind.EXTENDED, day.first, at="10:00", minutes=180)
    assert replans(day) == ["proposed"]
    transact(day.ctx, STAFF, reject_replan, newest(day))
    overwrite(sqlite_database, newest(day), state=state)
    assert replans(day, after=5 * MINUTE) == []

    report(day, EventKind.EXTENDED, day.first, minutes=1)

    assert replans(day) == ["proposed"]


def busy_lee(day: LateDay) -> str:
    """Let Lee be at a visit since half past nine that takes four hours more than planned; give its id."""
    with day.ctx.database.writing() as session:
        territory = session.get_one(TerritoryRow, day.territory)
        long = add_visit(session, territory, site=add_site(session, km_north=1.5), name="fourth")
        book(session, long, "08:00", "11:00")
        put_on_route(day.ctx, session, session.get_one(ShiftRow, day.lees), [long])
    report(day, EventKind.STARTED, long.id, at="09:30")
    report(day, EventKind.EXTENDED, long.id, at="09:31", minutes=240)
    day.clock.advance(local("10:15") - day.clock.now())
    return long.id


def report(day: LateDay, kind: EventKind, visit_id: str, *, at: str | None = None, minutes: int = 0) -> None:
    """Report something of a visit, at a local ``HH:MM`` or just now, a second later."""
    day.clock.advance(timedelta(seconds=1))
    occurred_at = day.clock.now() if at is None else local(at)
    event = ProgressEvent(
        id=f"ev_{kind.value}_{occurred_at}", kind=kind, occurred_at=occurred_at, visit_id=visit_id, minutes=minutes
    )
    transact(day.ctx, STAFF, record_events, [event])


def newest(day: LateDay) -> str:
    """Name the newest replan."""
    return day.jobs[-1]


def replans(day: LateDay, after: timedelta = timedelta(0)) -> list[str]:
    """Let time pass and a sweep look after the day; say how the replans end that begin then."""
    day.clock.advance(after)
    sweep_days(day.ctx)
    return [day.run(replan_id).state for replan_id in day.start()]
