"""Territories plan their next days at night, by their own clocks."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from fieldops.domain.policies import Policies
from fieldops.store.database import Database
from fieldops.store.tables import PlanJobRow
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.plan_nights import hour_of, night_job_id, plan_nights
from fieldops.usecases.request_solve import read_plan_job
from fieldops.usecases.work import view
from planned_dates import TOMORROW, change_job
from worlds import TODAY, FakeClock, add_shift, add_technician, add_territory, local, make_context

NEW_YORK = ZoneInfo("America/New_York")


def test_each_territory_plans_its_next_days_at_its_own_hour(database: Database) -> None:
    """Two in the morning in New York is three hours earlier in Los Angeles."""
    # Tuesday, 6:00 UTC: 2:00 in New York (UTC - 4), 23:00 on Monday in Los Angeles (UTC - 7).
    clock = FakeClock(datetime(2026, 3, 17, 6, 0, tzinfo=UTC))
    ctx = make_context(database, clock=clock)
    with database.writing() as session:
        east = add_territory(session, policies={"plan_days_ahead": 2, "plan_seconds": 7, "publishes": False})
        west = add_territory(session, time_zone="America/Los_Angeles", policies={"plan_days_ahead": 1})
    assert plan_nights(ctx) == 2
    with database.reading() as session:
        jobs = session.scalars(select(PlanJobRow).order_by(PlanJobRow.date)).all()
        assert [(job.territory_id, job.date, job.seconds, job.publishes, job.reason) for job in jobs] == [
            (east.id, date(2026, 3, 17), 7, False, "nightly"),
            (east.id, date(2026, 3, 18), 7, False, "nightly"),
        ]
    clock.advance(timedelta(hours=3))
    assert plan_nights(ctx) == 1
    night = night_job_id(west.id, date(2026, 3, 17), date(2026, 3, 17))
    assert view(ctx, SYSTEM, read_plan_job, night).publishes is True


def test_a_night_is_planned_once_however_often_workers_look(database: Database) -> None:
    """Ten workers look every half a minute."""
    clock = FakeClock(local("02:00", TOMORROW))
    ctx = make_context(database, clock=clock)
    with database.writing() as session:
        add_territory(session)
    assert plan_nights(ctx) == 3
    job_ids = [left.job_id for left in ctx.jobs.left]  # type: ignore[attr-defined]
    assert plan_nights(ctx) == 0
    for job_id in job_ids:
        change_job(database, job_id, state="published")
    clock.advance(timedelta(hours=1))
    assert plan_nights(ctx) == 0
    clock.advance(timedelta(days=1))
    assert plan_nights(ctx) == 3
    assert len({left.job_id for left in ctx.jobs.left}) == 6  # type: ignore[attr-defined]


def test_a_night_without_workers_is_caught_up_with_in_the_morning_and_not_at_noon(database: Database) -> None:
    """A plan that technicians have set out on is not made anew because a server was rebooted."""
    clock = FakeClock(local("07:59", TOMORROW))
    ctx = make_context(database, clock=clock)
    with database.writing() as session:
        early = add_territory(session, policies={"plan_days_ahead": 1})
        add_territory(session, policies={"plan_days_ahead": 1, "plan_at": "01:30"})
    # 2:00 is 5:59 ago, 1:30 is 6:29 ago.
    assert plan_nights(ctx) == 1
    assert [left.partition for left in ctx.jobs.left] == [early.id]  # type: ignore[attr-defined]


def test_the_day_that_is_about_to_begin_is_planned_until_somebody_has_set_out(database: Database) -> None:
    """What was booked yesterday for today is on today's plan; who is on the way by then keeps the way."""
    clock = FakeClock(local("02:00", TOMORROW))
    ctx = make_context(database, clock=clock)
    with database.writing() as session:
        late, early = add_territory(session), add_territory(session)
        for territory, begins in ((late, "08:00"), (early, "01:30")):
            technician = add_technician(session, territory)
            add_shift(session, technician, day=TOMORROW, start=begins, end="12:00")

    # Three dates and two: 1:30 is over.
    assert plan_nights(ctx) == 5

    with database.reading() as session:
        jobs = session.scalars(select(PlanJobRow).where(PlanJobRow.date == TOMORROW)).all()
        assert [job.territory_id for job in jobs] == [late.id]


def test_an_hour_before_midnight_belongs_to_the_night_it_begins(database: Database) -> None:
    """At one in the morning the jobs of 23:30 may still have to be left, under the name of the evening."""
    clock = FakeClock(local("01:00", TOMORROW))
    ctx = make_context(database, clock=clock)
    with database.writing() as session:
        territory = add_territory(session, policies={"plan_days_ahead": 2, "plan_at": "23:30"})
    # The evening's first date ahead is tomorrow, which is today by now: a date that may still be planned.
    assert plan_nights(ctx) == 2
    names = {left.job_id for left in ctx.jobs.left}  # type: ignore[attr-defined]
    assert names == {night_job_id(territory.id, TODAY, TOMORROW + timedelta(days=ahead)) for ahead in (0, 1)}


@pytest.mark.parametrize(
    ("night", "hour", "expected"),
    [
        # 2:00 does not exist on 8 March: with the offset from before (UTC - 5) it is 7:00 UTC, 3:00 by the new time.
        (date(2026, 3, 8), "02:00", datetime(2026, 3, 8, 7, 0, tzinfo=UTC)),
        # 1:30 comes twice on 1 November; first with summer time, UTC - 4.
        (date(2026, 11, 1), "01:30", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
    ],
)
def test_the_hour_of_a_night_with_a_clock_change_comes_once(night: date, hour: str, expected: datetime) -> None:
    """A night that lacks its hour must be planned, one that has it twice must not be planned twice."""
    hour_at = datetime.strptime(hour, "%H:%M").time()
    assert hour_of(night, Policies(plan_at=hour_at), NEW_YORK) == expected


def test_a_night_with_two_such_hours_is_planned_once(database: Database) -> None:
    """The clock is set back after the jobs were left."""
    clock = FakeClock(datetime(2026, 11, 1, 5, 30, tzinfo=UTC))
    ctx = make_context(database, clock=clock)
    with database.writing() as session:
        add_territory(session, policies={"plan_at": "01:30", "plan_days_ahead": 1})
    assert plan_nights(ctx) == 1
    clock.advance(timedelta(hours=1))
    assert plan_nights(ctx) == 0


def test_a_territory_that_cannot_be_read_keeps_no_other_from_being_planned(database: Database) -> None:
    """Somebody has edited a row by hand."""
    ctx = make_context(database, clock=FakeClock(local("02:00", TOMORROW)))
    with database.writing() as session:
        add_territory(session, policies={"plan_days_ahead": "many"})
        add_territory(session, policies={"plan_days_ahead": 1})
    assert plan_nights(ctx) == 1
