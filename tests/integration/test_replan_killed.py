"""Workers that are killed in the middle of a replan: nothing is lost, and nothing is published twice."""

import signal
from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from test_worker_processes import eventually, first_line, now_context, owner_of, process

from fieldops.store.database import Database
from fieldops.store.day_plans import load_day, lock_plan
from fieldops.store.tables import AuditRow, ExecutorRow, LiveDayRow, PlanVersionRow, ReplanRow
from fieldops.usecases.context import Context
from fieldops.usecases.want_replan import want_replan
from fieldops.usecases.work import Work, transact
from replan_worlds import add_progress
from running_day import put_on_route
from worlds import STAFF, add_shift, add_site, add_technician, add_territory, add_visit, book_visit


def test_a_replan_whose_worker_is_killed_is_done_by_another_one_once(jobs_database: Database) -> None:
    """A promise is in jeopardy, and the machine that is about to save it loses power."""
    ctx = now_context(jobs_database)
    territory_id = late_now(ctx)
    day = noon_date(ctx)
    with process(jobs_database, "worker") as one, process(jobs_database, "worker") as two:
        workers = {first_line(worker).split()[1]: worker for worker in (one, two)}
        transact(ctx, STAFF, wish, territory_id)
        eventually(lambda: has_progress(jobs_database))
        replan_id = only(jobs_database).id
        victim = owner_of(jobs_database, replan_id)
        workers[victim].send_signal(signal.SIGKILL)
        workers[victim].wait()
        # Kim calls again while nobody is replanning; eight seconds of silence pass at once.
        transact(ctx, STAFF, wish, territory_id)
        with jobs_database.writing() as session:
            session.get_one(ExecutorRow, victim).seen_at -= timedelta(seconds=9)

        eventually(lambda: len(ended(jobs_database)) == 2)

        first, second = ended(jobs_database)
        assert (first.id, first.state, first.attempts) == (replan_id, "applied", 2)
        assert (second.state, second.attempts) == ("nothing_better", 1)
    with jobs_database.reading() as session:
        versions = session.scalars(select(PlanVersionRow.reason).order_by(PlanVersionRow.version)).all()
        assert versions == ["hold", "replan"]
        assert len(session.scalars(select(AuditRow).where(AuditRow.action == "plan.replanned")).all()) == 1
        assert session.scalars(select(LiveDayRow.wanted_at)).one() is None
        orders = load_day(session, territory_id, day).orders
        assert sorted(len(order) for order in orders.values()) == [1, 1]


def late_now(ctx: Context) -> str:
    """
    Make a day that is in trouble at this instant, and return its territory.

    Kim began the first visit of two hours an hour and a half ago, and needs an hour more: an hour and a half from now
    on. The second has to begin within forty minutes. Lee has nothing to do.
    """
    now, day, zone = ctx.clock.now().replace(microsecond=0), noon_date(ctx), noon_zone(ctx)
    hours = {
        "date": day,
        "starts_at": now - timedelta(hours=3),
        "ends_at": now + timedelta(hours=5),
        "hard_ends_at": now + timedelta(hours=6),
    }
    policies = {"replan_for_s": 1, "replan_after_s": 0, "freeze_minutes": 0}
    with ctx.database.writing() as session:
        territory = add_territory(session, time_zone=zone, live_policies=policies, policies={"plan_at": "00:00"})
        depot = add_site(session, kind="depot")
        kim, lee = (add_technician(session, territory, name=name) for name in ("Kim", "Lee"))
        kims, _ = (add_shift(session, person, base=depot, **hours) for person in (kim, lee))
        first, second = (
            add_visit(session, territory, site=add_site(session, km_north=km), duration_s=seconds)
            for km, seconds in ((1.0, 2 * 3_600), (2.0, 1_800))
        )
        book_visit(session, first, now - timedelta(hours=3), now, date=day)
        book_visit(session, second, now + timedelta(minutes=10), now + timedelta(minutes=40), date=day)
        put_on_route(ctx, session, kims, [first, second])
        started = now - timedelta(minutes=90)
        hour = timedelta(hours=1)
        add_progress(session, first, kim.id, phase="in_progress", started=started, extension=hour, day=day)
        return territory.id


def noon_zone(ctx: Context) -> str:
    """Name a time zone in which it is about noon, so that the day around this instant is one date."""
    # The sign in these names is the other way round: Etc/GMT+4 is four hours behind.
    return f"Etc/GMT{ctx.clock.now().astimezone(UTC).hour - 12:+d}"


def noon_date(ctx: Context) -> date:
    """Give the date there."""
    return ctx.clock.now().astimezone(ZoneInfo(noon_zone(ctx))).date()


def wish(work: Work, territory_id: str) -> None:
    """Wish for a replan, as an event does."""
    day = noon_date(work.ctx)
    lock_plan(work.session, territory_id, day)
    want_replan(work, territory_id, day, "Kim takes longer")


def only(database: Database) -> ReplanRow:
    """Read the only replan there is."""
    with database.reading() as session:
        return session.scalars(select(ReplanRow)).one()


def has_progress(database: Database) -> bool:
    """Whether somebody is replanning, and has found something."""
    with database.reading() as session:
        return any(row.state == "running" and row.progress for row in session.scalars(select(ReplanRow)))


def ended(database: Database) -> list[ReplanRow]:
    """Read the replans that have ended, in their order."""
    with database.reading() as session:
        rows = session.scalars(select(ReplanRow).order_by(ReplanRow.requested_at)).all()
        return [row for row in rows if row.finished_at is not None]
