"""A dispatcher forces an edit of a date to come and breaks a promise: the customer hears of it at once, and once."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from booking_worlds import World, make_world
from fieldops.domain.edits import Duration, Edit, Unassign
from fieldops.domain.problem import TimeWindow
from fieldops.store.database import Database
from fieldops.store.tables import BookingRow, MessageRow, PromiseRow, TaskRow
from fieldops.usecases.edit_plan import edit_plan
from fieldops.usecases.edit_views import PlanEditView
from fieldops.usecases.move_promises import window_for
from fieldops.usecases.undo_edit import undo_edit
from fieldops.usecases.work import transact
from running_day import book, put_on_route
from worlds import STAFF, TOMORROW, add_site, add_visit, local

MINUTE = timedelta(minutes=1)


class Morning:
    """Kim serves A and then B tomorrow, both booked for 9:00 to 12:00, half an hour each."""

    def __init__(self, database: Database) -> None:
        self.world: World = make_world(database, technicians=1, days=(TOMORROW,))
        with database.writing() as session:
            visits = [
                add_visit(session, self.world.territory, site=add_site(session, km_north=km), name=name)
                for name, km in (("A", 1.0), ("B", 2.0))
            ]
            for visit in visits:
                book(session, visit, "09:00", "12:00", TOMORROW)
            session.flush()
            put_on_route(self.world.ctx, session, self.world.shifts[0], visits)
        self.a, self.b = (visit.id for visit in visits)

    def edit(self, edit: Edit) -> PlanEditView:
        """Force an edit."""
        version = self.world.plan(TOMORROW).version
        options = {"base_version": version, "force": True, "reason": "it has to be"}
        return transact(self.world.ctx, STAFF, edit_plan, self.world.territory.id, TOMORROW, edit, **options)

    def undo(self, edit: PlanEditView) -> PlanEditView:
        """Take an edit back."""
        return transact(self.world.ctx, STAFF, undo_edit, self.world.territory.id, TOMORROW, edit.id)

    def window(self, visit_id: str) -> tuple[Any, Any]:
        """Read what a customer is promised."""
        booking = self.world.row(BookingRow, f"bk_{visit_id}")
        return booking.window_start, booking.window_end

    def messages(self) -> list[tuple[str, str]]:
        """List what was left for customers but reminders: the kind, and whose booking it is about."""
        with self.world.ctx.database.reading() as session:
            rows = session.scalars(select(MessageRow).where(MessageRow.customer_id.is_not(None)))
            found = [(row.kind, row.subject_id) for row in rows if row.kind != "reminder"]
        return sorted(found)


@pytest.fixture
def morning(database: Database) -> Morning:
    """Make the day."""
    return Morning(database)


def test_who_is_promised_what_cannot_be_kept_is_told_the_window_that_can(morning: Morning) -> None:
    """A takes four hours from 9:00: B begins soon after 13:00, so its customer is told 10:30 to 13:30, once."""
    morning.edit(Duration(visit_id=morning.a, duration=timedelta(hours=4)))

    assert morning.window(morning.a) == (local("09:00", TOMORROW), local("12:00", TOMORROW))
    assert morning.window(morning.b) == (local("10:30", TOMORROW), local("13:30", TOMORROW))
    assert morning.messages() == [("change", f"bk_{morning.b}")]
    with morning.world.ctx.database.reading() as session:
        [line] = session.scalars(select(PromiseRow).where(PromiseRow.visit_id == morning.b))
    assert (line.window_start, line.outcome) == (local("10:30", TOMORROW), None)


def test_taking_the_edit_back_takes_the_window_back(morning: Morning) -> None:
    """The customer hears that it is as it was; and once more the other way round when that is undone, too."""
    made = morning.edit(Duration(visit_id=morning.a, duration=timedelta(hours=4)))
    undone = morning.undo(made)

    assert morning.window(morning.b) == (local("09:00", TOMORROW), local("12:00", TOMORROW))
    # Each message is about another version of the booking.
    assert morning.messages() == [("change", f"bk_{morning.b}")] * 2

    morning.undo(undone)

    assert morning.window(morning.b) == (local("10:30", TOMORROW), local("13:30", TOMORROW))


def test_a_promised_visit_that_is_taken_off_is_a_task_and_no_message(morning: Morning) -> None:
    """There is no time to be told: somebody has to call."""
    morning.edit(Unassign(visit_id=morning.b))

    assert morning.messages() == []
    with morning.world.ctx.database.reading() as session:
        [task] = session.scalars(select(TaskRow)).all()
    assert task.visit_id == morning.b
    assert task.summary.endswith("was taken off by hand: call the customer")


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        # With a quarter of an hour to spare: 13:05 needs an end at 13:20 or later.
        ("13:05", ("10:30", "13:30")),
        ("13:15", ("10:30", "13:30")),
        ("13:16", ("11:00", "14:00")),
        # Late by a minute.
        ("12:01", ("09:30", "12:30")),
    ],
)
def test_the_new_window_is_the_first_that_can_be_kept_with_time_to_spare(start: str, expected: tuple[str, str]) -> None:
    """As long as the old one, by half hours later."""
    old = TimeWindow(local("09:00"), local("12:00"))

    assert window_for(old, local(start), 15 * MINUTE) == TimeWindow(*map(local, expected))


def test_a_short_window_still_holds_the_start() -> None:
    """Nobody comes before a promised window: of a short one the buffer is the first to go."""
    old = TimeWindow(local("09:00"), local("09:20"))

    found = window_for(old, local("10:07"), 15 * MINUTE)

    assert found == TimeWindow(local("10:00"), local("10:20"))
