"""Somebody will be absent: who is booked for that day gets a new place before the day comes, or a call."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from fieldops.store.database import Database
from fieldops.store.tables import PlanJobRow, RouteRow, StopRow, TaskRow
from fieldops.usecases.absences import Period, add_absence
from fieldops.usecases.context import Context
from fieldops.usecases.plan_day import run_solve
from fieldops.usecases.work import transact
from planned_dates import TOMORROW, Names, add_date, book, running_orders, search_quickly, solved
from worlds import STAFF, make_context


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Search for a moment; days this small need no more."""
    search_quickly(monkeypatch)


def planned(ctx: Context, database: Database, *, technicians: int, publishes: bool = True) -> Names:
    """Plan tomorrow with one visit that is promised to a customer, and an open one."""
    names = add_date(database, technicians=technicians, visits=2, publishes=publishes)
    book(database, names.visits[0], "10:00", "12:00")
    assert solved(ctx, names, publishes=True).state == "published"
    return names


def take_off(ctx: Context, database: Database, names: Names) -> str:
    """Note that whoever would come to the customer is on vacation tomorrow; return who that is."""
    with database.reading() as session:
        serving = select(RouteRow.technician_id).join(StopRow, StopRow.route_id == RouteRow.id)
        who = session.scalars(serving.where(StopRow.visit_id == names.visits[0], StopRow.is_current)).one()
    transact(ctx, STAFF, add_absence, who, "vacation", Period(first_date=TOMORROW, last_date=TOMORROW))
    return who


def tasks(database: Database) -> list[tuple[str, str, str]]:
    """List what has to be done about whom, and whether it is done."""
    with database.reading() as session:
        return [(row.kind, row.visit_id, row.state) for row in session.scalars(select(TaskRow))]


def jobs_left(database: Database) -> list[PlanJobRow]:
    """List the jobs that no worker has begun."""
    with database.reading() as session:
        return list(session.scalars(select(PlanJobRow).where(PlanJobRow.state == "queued")))


def test_a_customer_gets_another_technician_at_once(database: Database) -> None:
    """Until the next night somebody might have to be found by telephone who had a place all along."""
    ctx = make_context(database)
    names = planned(ctx, database, technicians=2)

    take_off(ctx, database, names)

    assert tasks(database) == [("no_place", names.visits[0], "open")]
    [job] = jobs_left(database)
    assert (job.date, job.publishes) == (TOMORROW, True)
    assert ctx.jobs.left[-1].argument == job.id  # type: ignore[attr-defined]
    run_solve(ctx, job.id)
    assert names.visits[0] in {name for order in running_orders(database, names).values() for name in order}
    assert tasks(database) == [("no_place", names.visits[0], "done")]


def test_a_customer_whom_nobody_can_serve_is_left_to_a_person_in_time(sqlite_database: Database) -> None:
    """A place that is missing on the morning itself is missed at the door; today there is time to call."""
    ctx = make_context(sqlite_database)
    names = planned(ctx, sqlite_database, technicians=1)

    take_off(ctx, sqlite_database, names)
    [job] = jobs_left(sqlite_database)
    run_solve(ctx, job.id)

    # The visit that nobody has promised may as well be served on another date.
    assert tasks(sqlite_database) == [("no_place", names.visits[0], "open")]
    with sqlite_database.reading() as session:
        task = session.scalars(select(TaskRow)).one()
        assert "has lost its place on 2026-03-17: Kim 0 does not come" in task.summary
        assert task.due_at <= task.created_at + timedelta(days=1)


def test_a_territory_that_publishes_by_hand_gets_a_draft(sqlite_database: Database) -> None:
    """Who wants to look at every plan wants to look at this one; the task stays until it is published."""
    ctx = make_context(sqlite_database)
    names = planned(ctx, sqlite_database, technicians=2, publishes=False)

    take_off(ctx, sqlite_database, names)
    [job] = jobs_left(sqlite_database)
    run_solve(ctx, job.id)

    assert not job.publishes
    assert tasks(sqlite_database) == [("no_place", names.visits[0], "open")]
