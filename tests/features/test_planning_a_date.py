"""A plan job solves one date from the newest state; its draft becomes the plan only if nothing has changed."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from fieldops.errors import PlanVersionStale, WrongState
from fieldops.store.database import Database
from fieldops.store.day_plans import lock_plan
from fieldops.store.plan_routes import plan_at, write_routes
from fieldops.store.tables import (
    AuditRow,
    PlanJobRow,
    PlanRow,
    PlanVersionRow,
    ShiftRow,
    StreamEventRow,
    TerritoryRow,
    VisitRow,
)
from fieldops.usecases import solve_input
from fieldops.usecases.context import Context
from fieldops.usecases.plan_day import plan_now
from fieldops.usecases.publish_plan import publish_plan
from fieldops.usecases.work import transact
from planned_dates import (
    TOMORROW,
    add_date,
    book,
    book_in,
    change_job,
    during_the_solve,
    running_orders,
    search_quickly,
    solved,
)
from worlds import NOW, STAFF, TODAY, FakeClock, add_visit, local, make_context


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    search_quickly(monkeypatch)


def raise_version(database: Database, territory_id: str) -> None:
    """Change something about the date's plan, as a hold or an absence does."""
    with database.writing() as session:
        plan = lock_plan(session, territory_id, TOMORROW)
        write_routes(session, plan, {}, reason="shifts", actor="user:us_other", now=NOW)


def test_a_job_makes_a_draft_that_is_published_when_somebody_says_so(database: Database) -> None:
    """A dispatcher looks at a plan before the technicians get it."""
    ctx = make_context(database)
    names = add_date(database)
    job = solved(ctx, names)
    assert (job.state, job.base_version, job.attempts) == ("ready", 0, 1)
    assert job.draft is not None
    assert job.draft.kpis.assigned == 2
    assert running_orders(database, names) == {names.shifts[0]: ()}

    published = transact(ctx, STAFF, publish_plan, job.id, 0)
    assert (published.state, published.published_version) == ("published", 1)
    assert set(running_orders(database, names)[names.shifts[0]]) == set(names.visits)
    with database.reading() as session:
        plan = session.scalars(select(PlanRow)).one()
        assert (plan.version, plan.published_version) == (1, 1)
        assert session.get_one(PlanVersionRow, (plan.id, 1)).reason == "publish"
        assert "plan.published" in set(session.scalars(select(AuditRow.action)))
        # What was drafted is what is on the plan, to the second and the cent.
        stored = plan_at(session, plan.id, 1)[names.shifts[0]]
        drafted = job.draft.routes[0]
        assert [stop.start for stop in stored.stops] == [stop.start_at for stop in drafted.stops]
        assert dict(stored.cost) == drafted.cost_cents
        # Whoever is looking at the date sees it at once.
        said = {row.topic.split(":")[0]: row.data for row in session.scalars(select(StreamEventRow))}
        assert {topic: (data["version"], data["reason"]) for topic, data in said.items()} == {
            "board": (1, "publish"),
            "technician": (1, "publish"),
        }


def test_a_published_job_may_be_published_again_and_a_failed_one_may_not(database: Database) -> None:
    """A repeated click must not make another version."""
    ctx = make_context(database)
    names = add_date(database)
    job = solved(ctx, names, publishes=True)
    assert transact(ctx, STAFF, publish_plan, job.id, 7).published_version == 1
    change_job(database, job.id, state="failed")
    with pytest.raises(WrongState, match="failed, not ready"):
        transact(ctx, STAFF, publish_plan, job.id, 1)


def test_a_draft_of_an_old_version_is_refused(database: Database) -> None:
    """What was held or changed since must not be undone by publishing."""
    ctx = make_context(database)
    names = add_date(database)
    job = solved(ctx, names)
    raise_version(database, names.territory)
    with pytest.raises(PlanVersionStale, match="version 1 by now") as stale:
        transact(ctx, STAFF, publish_plan, job.id, 1)
    assert stale.value.details == {"version": 1, "made_from": 0, "expected": 1}
    assert running_orders(database, names) == {names.shifts[0]: ()}


def test_a_draft_with_a_visit_that_has_changed_is_refused(database: Database) -> None:
    """An open visit may be edited or canceled, or find a place on another date, without this date's plan noticing."""
    ctx = make_context(database)
    names = add_date(database)
    job = solved(ctx, names)
    with database.writing() as session:
        session.get_one(VisitRow, names.visits[0]).state = "canceled"
        session.get_one(VisitRow, names.visits[1]).version += 1
    with pytest.raises(PlanVersionStale) as stale:
        transact(ctx, STAFF, publish_plan, job.id, 0)
    assert stale.value.details["visits"] == sorted(names.visits)


def test_a_visit_is_planned_on_one_date_only(database: Database) -> None:
    """Two nights' jobs look at the same open visits."""
    ctx = make_context(database)
    names = add_date(database, visits=1)
    day_after = TOMORROW + timedelta(days=1)
    with database.writing() as session:
        shift = session.get_one(ShiftRow, names.shifts[0])
        values = {column.name: getattr(shift, column.name) for column in ShiftRow.__table__.columns}
        values |= {"id": "sh_after", "date": day_after}
        values |= {name: values[name] + timedelta(days=1) for name in ("starts_at", "ends_at", "hard_ends_at")}
        session.add(ShiftRow(**values))
    other = solved(ctx, names, day=day_after)
    first = solved(ctx, names, publishes=True)
    assert first.state == "published"
    with pytest.raises(PlanVersionStale) as stale:
        transact(ctx, STAFF, publish_plan, other.id, 0)
    assert stale.value.details["visits"] == [names.visits[0]]
    again = solved(ctx, names, day=day_after).draft
    assert again is not None
    assert again.kpis.assigned == 0


def test_a_booking_made_during_a_solve_survives_publishing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Customers book at any minute; a night's plan must not lose one of them."""
    ctx = make_context(database)
    names = add_date(database)
    booked: list[str] = []

    def book_a_third() -> None:
        with database.writing() as session:
            plan = lock_plan(session, names.territory, TOMORROW)
            territory = session.get_one(TerritoryRow, names.territory)
            visit = add_visit(session, territory)
            book_in(session, visit.id, "10:00", "12:00")
            write_routes(session, plan, {}, reason="hold", actor="link:ln_other", now=NOW)
            booked.append(visit.id)

    during_the_solve(monkeypatch, book_a_third)
    job = solved(ctx, names, publishes=True)
    # Version 1 is the booking's; the first draft was made from version 0, the second one from 1.
    assert (job.state, job.base_version, job.published_version) == ("published", 1, 2)
    order = running_orders(database, names)[names.shifts[0]]
    assert set(order) == {*names.visits, *booked}


def test_a_plan_that_never_stands_still_is_kept_as_a_draft(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job must end; a dispatcher sees why it did not publish."""
    ctx = make_context(database)
    names = add_date(database)
    real = solve_input.load_solve_input

    def moved_at_once(*args: Any, **kwargs: Any) -> Any:
        given = real(*args, **kwargs)
        args[0].session.rollback()
        raise_version(database, names.territory)
        return given

    monkeypatch.setattr("fieldops.usecases.plan_day.load_solve_input", moved_at_once)
    job = solved(ctx, names, publishes=True)
    assert job.state == "ready"
    assert job.note is not None
    assert "kept changing during 4 solves" in job.note


def test_a_booked_visit_keeps_its_window(database: Database) -> None:
    """A promise is a hard rule of every plan."""
    ctx = make_context(database)
    names = add_date(database, visits=3)
    book(database, names.visits[1], "14:00", "16:00")
    job = solved(ctx, names, publishes=True)
    assert job.draft is not None
    starts = {stop.visit_id: stop.start_at for route in job.draft.routes for stop in route.stops}
    assert local("14:00", TOMORROW) <= starts[names.visits[1]] <= local("15:45", TOMORROW)
    assert len(starts) == 3


def test_a_promise_that_cannot_be_kept_is_kept_late_rather_than_not_at_all(database: Database) -> None:
    """When somebody is sick, a customer who waits is better served late."""
    ctx = make_context(database)
    names = add_date(database, visits=3)
    # Three visits of half an hour, all promised to start from 8:00 to 8:05: Kim can start one of them then.
    for visit_id in names.visits:
        book(database, visit_id, "08:00", "08:05")
    with database.writing() as session:
        for visit_id in names.visits:
            session.get_one(VisitRow, visit_id).site_id = session.get_one(ShiftRow, names.shifts[0]).start_place_id
    job = solved(ctx, names, publishes=True)
    assert job.draft is not None
    assert job.draft.kpis.assigned == 3
    late = [stop.lateness_s for route in job.draft.routes for stop in route.stops]
    # At the depot without travel: starts 8:00, 8:30, 9:00, so 25 and 55 minutes after 8:05.
    assert late == [0, 25 * 60, 55 * 60]


def test_a_visit_that_cannot_be_planned_does_not_keep_the_others_from_it(database: Database) -> None:
    """One contradiction among hundreds of visits must not cost a whole territory its plan."""
    ctx = make_context(database)
    names = add_date(database, visits=3)
    with database.writing() as session:
        pinned = session.get_one(VisitRow, names.visits[0])
        pinned.pin = {"technician_id": "tn_gone"}
        pinned.is_mandatory = True
        wishes = session.get_one(VisitRow, names.visits[1])
        wishes.preferred_technicians = ["tn_gone"]
        wishes.windows = [
            [local("09:00").isoformat(), local("10:00").isoformat()],
            [local("13:00", TOMORROW).isoformat(), local("14:00", TOMORROW).isoformat()],
        ]
        elsewhere = session.get_one(VisitRow, names.visits[2])
        elsewhere.release_at = local("08:00", TOMORROW + timedelta(days=1))
    job = solved(ctx, names, publishes=True)
    assert running_orders(database, names)[names.shifts[0]] == (names.visits[1],)
    assert job.draft is not None
    assert [left.visit_id for left in job.draft.without_place] == [names.visits[0]]


def test_what_has_begun_today_stays_where_it_is(database: Database) -> None:
    """A plan made at ten must not send anybody back to eight, or another technician to a visit that is being served."""
    clock = FakeClock()
    ctx = make_context(database, clock=clock)
    names = add_date(database, visits=3, day=TODAY)
    job = solved(ctx, names, day=TODAY, publishes=True)
    assert job.draft is not None
    before = {stop.visit_id: stop.start_at for route in job.draft.routes for stop in route.stops}
    first = min(before, key=lambda visit_id: before[visit_id])
    now = before[first] + timedelta(minutes=1)
    clock.advance(now - clock.now())
    again = solved(ctx, names, day=TODAY, publishes=True)
    assert again.draft is not None
    after = {stop.visit_id: stop.start_at for route in again.draft.routes for stop in route.stops}
    assert after.keys() == before.keys()
    assert after[first] == before[first]
    assert all(start > now for visit_id, start in after.items() if visit_id != first)


def test_a_date_is_planned_without_a_worker(database: Database) -> None:
    """Loading the sample city must not need a second process."""
    ctx = make_context(database)
    names = add_date(database)
    job = plan_now(ctx, STAFF, names.territory, TOMORROW, seconds=1)
    assert (job.state, job.reason) == ("published", "seed")
    assert ctx.jobs.left == []  # type: ignore[attr-defined]


def test_a_date_without_anything_to_plan_is_planned(database: Database) -> None:
    """A Sunday is a plan, too: an empty one."""
    ctx: Context = make_context(database)
    names = add_date(database, technicians=0, visits=0)
    job = solved(ctx, names, publishes=True)
    assert job.state == "published"
    with database.reading() as session:
        assert session.scalars(select(PlanJobRow.published_version)).one() == 1
