"""The present date is planned while it runs: what has begun, windows that are over, drafts that come too late."""

from datetime import timedelta
from typing import Any

import pytest

from fieldops.domain.plan import Plan
from fieldops.errors import PlanVersionStale, WrongState
from fieldops.store.database import Database
from fieldops.store.tables import ShiftRow, VisitRow
from fieldops.usecases.plan_job_views import PlanJobView
from fieldops.usecases.plan_problem import plan_problem
from fieldops.usecases.publish_plan import publish_plan
from fieldops.usecases.work import transact
from planned_dates import Names, add_date, book, running_orders, solved
from worlds import STAFF, TODAY, FakeClock, local, make_context


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Search for a twentieth of a second where a job says a second or two; days this small need no more."""

    def plan_quickly(*args: Any, **kwargs: Any) -> Plan:
        return plan_problem(*args, **{**kwargs, "seconds": 0.05})

    monkeypatch.setattr("fieldops.usecases.plan_day.plan_problem", plan_quickly)


def starts_of(job: PlanJobView) -> dict[str, Any]:
    """Return the starts of a draft by visit."""
    assert job.draft is not None
    return {stop.visit_id: stop.start_at for route in job.draft.routes for stop in route.stops}


def at_the_depot(database: Database, names: Names) -> None:
    """Let nobody drive, so that starts follow from durations alone."""
    with database.writing() as session:
        for visit_id in names.visits:
            session.get_one(VisitRow, visit_id).site_id = session.get_one(ShiftRow, names.shifts[0]).start_place_id


def test_visits_that_are_served_after_their_window_keep_their_place(database: Database) -> None:
    """A day that is late must still be publishable, and late customers must not be dropped from it."""
    clock = FakeClock(local("07:30"))
    ctx = make_context(database, clock=clock)
    names = add_date(database, visits=3, day=TODAY)
    at_the_depot(database, names)
    for visit_id in names.visits:
        book(database, visit_id, "08:00", "08:05", day=TODAY)
    planned = starts_of(solved(ctx, names, day=TODAY, publishes=True))
    # Half an hour each: 25 and 55 minutes after 8:05.
    assert sorted(planned.values()) == [local("08:00"), local("08:30"), local("09:00")]
    # At 8:20 all windows are over, one visit has begun; at 8:40 one has begun after its window.
    for clock_time in ("08:20", "08:40"):
        clock.advance(local(clock_time) - clock.now())
        job = solved(ctx, names, day=TODAY, publishes=True)
        assert (job.state, job.note) == ("published", None)
        assert starts_of(job) == planned


def test_a_booked_visit_without_place_whose_window_is_over_is_served_late(database: Database) -> None:
    """Whose technician fell sick in the morning is still waiting at ten."""
    ctx = make_context(database, clock=FakeClock(local("10:00")))
    names = add_date(database, visits=1, day=TODAY)
    at_the_depot(database, names)
    book(database, names.visits[0], "08:00", "09:00", day=TODAY)
    job = solved(ctx, names, day=TODAY, publishes=True)
    assert job.state == "published"
    # A second and a second of searching and ten around them: from 10:00:12 on, in the next whole second.
    assert starts_of(job) == {names.visits[0]: local("10:00") + timedelta(seconds=13)}


@pytest.mark.parametrize("begins_first", [False, True], ids=["planned", "begun"])
def test_a_visit_on_the_plan_that_contradicts_itself_does_not_keep_the_plan_from_being_published(
    database: Database, begins_first: bool
) -> None:
    """One visit that nobody can serve any more must not freeze the plan of a whole date; one being served stays."""
    clock = FakeClock(local("07:30"))
    ctx = make_context(database, clock=clock)
    names = add_date(database, visits=2, day=TODAY)
    planned = starts_of(solved(ctx, names, day=TODAY, publishes=True))
    first = min(planned, key=lambda visit_id: planned[visit_id])
    with database.writing() as session:
        visit = session.get_one(VisitRow, first)
        visit.pin = {"technician_id": "tn_gone"}
        visit.allowed_technicians = ["tn_gone"]
    if begins_first:
        clock.advance(planned[first] + timedelta(minutes=1) - clock.now())
    job = solved(ctx, names, day=TODAY, publishes=True)
    assert (job.state, job.note) == ("published", None)
    assert job.draft is not None
    gone = [] if begins_first else [first]
    assert [left.visit_id for left in job.draft.without_place] == gone
    assert set(running_orders(database, names, day=TODAY)[names.shifts[0]]) == set(names.visits) - set(gone)


def test_a_draft_of_a_date_that_has_passed_is_not_published(database: Database) -> None:
    """A tab left open over night must not rewrite what happened yesterday."""
    clock = FakeClock(local("12:00"))
    ctx = make_context(database, clock=clock)
    names = add_date(database, visits=1, day=TODAY)
    job = solved(ctx, names, day=TODAY)
    clock.advance(timedelta(hours=12))  # midnight
    with pytest.raises(WrongState, match="2026-03-16, has passed"):
        transact(ctx, STAFF, publish_plan, job.id, 0)


def test_a_draft_whose_stops_have_begun_since_comes_too_late(database: Database) -> None:
    """A draft looked at for long would send somebody off into the past."""
    clock = FakeClock(local("09:00"))
    ctx = make_context(database, clock=clock)
    names = add_date(database, visits=1, day=TODAY)
    job = solved(ctx, names, day=TODAY)
    start = starts_of(job)[names.visits[0]]
    clock.advance(start - clock.now())
    with pytest.raises(PlanVersionStale, match="comes too late") as stale:
        transact(ctx, STAFF, publish_plan, job.id, 0)
    assert stale.value.details == {"visits": [names.visits[0]]}
    clock.advance(timedelta(seconds=-1))
    assert transact(ctx, STAFF, publish_plan, job.id, 0).state == "published"


def test_a_draft_that_moves_what_has_begun_since_comes_too_late(database: Database) -> None:
    """Who has rung the bell by now must not be told that somebody else will come in the afternoon."""
    clock = FakeClock(local("07:00"))
    ctx = make_context(database, clock=clock)
    names = add_date(database, visits=1, day=TODAY)
    before = starts_of(solved(ctx, names, day=TODAY, publishes=True))[names.visits[0]]
    with database.writing() as session:
        session.get_one(VisitRow, names.visits[0]).pin = {"start": local("15:00").isoformat()}
    job = solved(ctx, names, day=TODAY)
    assert starts_of(job) == {names.visits[0]: local("15:00")}
    clock.advance(before - clock.now())
    with pytest.raises(PlanVersionStale, match="comes too late") as stale:
        transact(ctx, STAFF, publish_plan, job.id, 1)
    assert stale.value.details == {"visits": [names.visits[0]]}
    # What was done before the draft was made, and stays as it was, is no obstacle.
    again = solved(ctx, names, day=TODAY, publishes=True)
    assert (again.state, starts_of(again)) == ("published", {names.visits[0]: before})


def test_what_has_begun_and_cannot_be_planned_does_not_keep_a_draft_from_being_published(database: Database) -> None:
    """A begun visit that takes longer than its shift lasts is reported, and everybody else gets a plan."""
    clock = FakeClock(local("07:30"))
    ctx = make_context(database, clock=clock)
    names = add_date(database, visits=2, day=TODAY)
    planned = starts_of(solved(ctx, names, day=TODAY, publishes=True))
    first, second = sorted(planned, key=lambda visit_id: planned[visit_id])
    with database.writing() as session:
        session.get_one(VisitRow, first).duration_s = 12 * 3_600
    clock.advance(planned[first] + timedelta(minutes=1) - clock.now())
    job = solved(ctx, names, day=TODAY, publishes=True)
    assert (job.state, job.note) == ("published", None)
    assert starts_of(job).keys() == {second}
