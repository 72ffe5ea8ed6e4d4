"""Nobody comes, and the customer hears of it: at once that nobody can tell, and at the end of the window an apology."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from fieldops.store.database import Database
from fieldops.store.tables import (
    BookingRow,
    MessageRow,
    PromiseRow,
    TaskRow,
    TechnicianSkillRow,
    VisitProgressRow,
    VisitRow,
)
from fieldops.usecases.actor import SCOPES_OF, Actor, Role
from fieldops.usecases.ledger import promise_window
from fieldops.usecases.progress_events import EventKind, ProgressEvent
from fieldops.usecases.record_progress import record_events
from fieldops.usecases.sweep_days import sweep_days
from fieldops.usecases.track_visit import TrackAction, TrackView, track_visit
from fieldops.usecases.work import Work, transact, view
from replan_worlds import LateDay, late_day
from worlds import STAFF, local


@pytest.fixture
def day(database: Database) -> LateDay:
    """Give the day at 10:00; only Kim can do the second visit, promised for 10:00 to 12:00."""
    day = late_day(database, automatic_customers=9, credit_cents=2_500)
    transact(day.ctx, STAFF, _prepare, day)
    return day


def _prepare(work: Work, day: LateDay) -> None:
    """Let nothing be reported yet, and the visit need what Lee has not learned."""
    visit_id = day.second
    work.session.get_one(TechnicianSkillRow, (day.kim, "power")).level = 3
    work.session.delete(work.session.scalars(select(VisitProgressRow)).one())
    work.session.get_one(VisitRow, visit_id).required_skills = {"power": 3}
    promise_window(work, work.session.scalars(select(BookingRow).where(BookingRow.visit_id == visit_id)).one())


def report(day: LateDay, kind: EventKind, **more: str) -> None:
    """Report something that happens now."""
    at = day.clock.now()
    event = ProgressEvent(id=f"ev-{kind}-{at}", kind=kind, occurred_at=at, **more)  # type: ignore[arg-type]
    transact(day.ctx, STAFF, record_events, [event])


def go_on(day: LateDay, until: str | None = None) -> None:
    """Let time pass, and everything happen that does by itself: replans first, then the sweep."""
    if until is not None:
        day.clock.advance(local(until) - day.clock.now())
    for replan_id in day.start():
        day.run(replan_id)
    sweep_days(day.ctx)


def told(day: LateDay) -> list[str]:
    """List what the customer of the second visit was told, in order."""
    with day.ctx.database.reading() as session:
        rows = session.scalars(select(MessageRow).order_by(MessageRow.created_at, MessageRow.id)).all()
        return [row.kind for row in rows if row.data.get("visit_id") == day.second]


def page(day: LateDay) -> TrackView:
    """Show the customer of the second visit the tracking page."""
    with day.ctx.database.reading() as session:
        order = session.get_one(VisitRow, day.second).work_order_id
    actor = Actor(id="link:x", role=Role.CUSTOMER, scopes=SCOPES_OF[Role.CUSTOMER], work_order_id=order)
    return view(day.ctx, actor, track_visit)


def test_who_was_on_the_way_is_taken_back(day: LateDay) -> None:
    """Kim falls ill on the way and nobody else can: the customer hears that nobody can tell, and may move."""
    report(day, EventKind.TRAVEL_STARTED, visit_id=day.second)
    day.clock.advance(timedelta(minutes=1))
    report(day, EventKind.TECHNICIAN_OUT, technician_id=day.kim)
    sweep_days(day.ctx)
    # A replan may still find somebody.
    assert told(day) == ["on_the_way"]

    go_on(day)
    go_on(day)

    assert told(day) == ["on_the_way", "uncertain"]
    shown = page(day)
    assert shown.state == "uncertain"
    assert "cannot say yet" in shown.sentence
    assert TrackAction.RESCHEDULE in shown.actions
    with day.ctx.database.reading() as session:
        states = {row.kind: row.state for row in session.scalars(select(MessageRow)) if row.kind in set(told(day))}
    assert states == {"on_the_way": "skipped", "uncertain": "due"}


def test_what_a_replan_mends_nobody_has_to_hear_of(day: LateDay) -> None:
    """Lee can do it after all: nobody is left in the dark."""
    day.change(lambda session: setattr(session.get_one(VisitRow, day.second), "required_skills", {}))
    report(day, EventKind.TECHNICIAN_OUT, technician_id=day.kim)

    go_on(day)

    assert day.second in day.orders()[day.lees]
    assert "uncertain" not in told(day)


def test_who_was_left_in_the_dark_hears_when_somebody_comes(day: LateDay) -> None:
    """Kim is back at 10:30: the customer is told a time, though it lies in the promised window."""
    report(day, EventKind.TECHNICIAN_OUT, technician_id=day.kim)
    go_on(day)
    day.clock.advance(timedelta(minutes=30))
    report(day, EventKind.TECHNICIAN_BACK, technician_id=day.kim)
    day.replan()
    day.clock.advance(timedelta(seconds=20))
    go_on(day)

    assert told(day)[:2] == ["uncertain", "expected"]
    assert page(day).state != "uncertain"


def test_who_is_left_in_the_dark_again_hears_of_it_again(day: LateDay) -> None:
    """Kim comes and goes: the customer hears again that nobody can tell once the time told has stood 20 minutes."""

    def come_and_go(back: str, out: str) -> None:
        for kind, at in ((EventKind.TECHNICIAN_BACK, back), (EventKind.TECHNICIAN_OUT, out)):
            day.clock.advance(local(at) - day.clock.now())
            report(day, kind, technician_id=day.kim)
            day.replan() if kind is EventKind.TECHNICIAN_BACK else None
            day.clock.advance(timedelta(seconds=20))
            go_on(day)

    report(day, EventKind.TECHNICIAN_OUT, technician_id=day.kim)
    go_on(day)
    come_and_go("10:30", "10:40")
    assert told(day)[:2] == ["uncertain", "expected"]
    assert "uncertain" not in told(day)[2:]

    # The time was told at 10:30:20.
    go_on(day, "10:50")
    assert "uncertain" not in told(day)[2:]
    go_on(day, "10:51")
    go_on(day, "10:52")
    assert told(day)[2:] == ["uncertain"]
    assert page(day).state == "uncertain"

    come_and_go("11:00", "11:01")
    assert told(day)[3:] == ["expected"]


def test_a_broken_promise_is_made_up_for_when_the_window_ends(day: LateDay) -> None:
    """At noon nobody has come: the promise is broken, once, whatever is left of the day."""
    report(day, EventKind.TECHNICIAN_OUT, technician_id=day.kim)
    go_on(day)
    assert told(day) == ["uncertain"]

    for until in ("12:01", "12:02", "15:00"):
        go_on(day, until)

    assert told(day) == ["uncertain", "apology"]
    with day.ctx.database.reading() as session:
        [line] = session.scalars(select(PromiseRow).where(PromiseRow.visit_id == day.second))
        assert line.outcome == "broken"
        [apology] = session.scalars(select(MessageRow).where(MessageRow.kind == "apology"))
        assert (apology.data["what_happened"], apology.data["credit_cents"]) == ("unserved", 2_500)
        tasks = session.scalars(select(TaskRow).where(TaskRow.visit_id == day.second)).all()
        assert "could_not_complete" in {task.kind for task in tasks}
        # Somebody may still come.
        assert session.get_one(VisitRow, day.second).state == "booked"
    assert page(day).state == "uncertain"


def test_who_comes_after_all_is_not_sorry_twice(day: LateDay) -> None:
    """Kim is back in the afternoon: the promise stays broken, and there is one apology."""
    report(day, EventKind.TECHNICIAN_OUT, technician_id=day.kim)
    go_on(day)
    go_on(day, "12:01")
    report(day, EventKind.TECHNICIAN_BACK, technician_id=day.kim)
    day.replan()
    assert day.second in day.orders()[day.kims]

    report(day, EventKind.STARTED, visit_id=day.second)

    assert told(day).count("apology") == 1
