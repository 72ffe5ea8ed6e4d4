"""The plan of a date gives visits the time that their type has taken on days before."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from fieldops.domain.plan import Plan
from fieldops.store.database import Database
from fieldops.store.plan_routes import current_routes
from fieldops.store.tables import LearnedFactorRow, PlanRow, VisitRow
from fieldops.usecases.plan_problem import plan_problem
from planned_dates import Names, add_date, book, solved
from worlds import NOW, TODAY, TOMORROW, make_context


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Search for a twentieth of a second; days this small need no more."""

    def plan_quickly(*args: Any, seconds: float, **kwargs: Any) -> Plan:
        assert seconds <= 1
        return plan_problem(*args, seconds=0.05, **kwargs)

    monkeypatch.setattr("fieldops.usecases.plan_day.plan_problem", plan_quickly)


@pytest.mark.parametrize(("permille", "minutes"), [(1_500, [30, 45]), (800, [30, 30])])
def test_work_that_takes_longer_gets_more_time(database: Database, permille: int, minutes: list[int]) -> None:
    """Boiler repairs take half as long again; where they took less, the promised times still have to fit."""
    ctx = make_context(database)
    names = add_date(database)
    learned(database, names, permille)

    job = solved(ctx, names, publishes=True)

    assert job.state == "published"
    assert planned(database, names) == [timedelta(minutes=some) for some in minutes]


def test_a_promise_that_fits_only_as_it_was_made_keeps_its_place(sqlite_database: Database) -> None:
    """Both visits were booked by the times they say, four hours each: with eight for one, the other had no place."""
    ctx = make_context(sqlite_database)
    names = add_date(sqlite_database)
    learned(sqlite_database, names, 2_000)
    with sqlite_database.writing() as session:
        for visit_id in names.visits:
            session.get_one(VisitRow, visit_id).duration_s = 4 * 3_600
    for visit_id in names.visits:
        book(sqlite_database, visit_id, "08:00", "17:00")

    job = solved(ctx, names, publishes=True)

    assert job.state == "published"
    assert planned(sqlite_database, names) == [timedelta(hours=4)] * 2


def test_the_present_date_is_planned_as_it_was(sqlite_database: Database) -> None:
    """What has begun stays where it is, with the times it was planned with; replans know better by then."""
    ctx = make_context(sqlite_database)
    names = add_date(sqlite_database, day=TODAY)
    learned(sqlite_database, names, 1_500)

    solved(ctx, names, day=TODAY, publishes=True)

    assert planned(sqlite_database, names, TODAY) == [timedelta(minutes=30)] * 2


def planned(database: Database, names: Names, day: date = TOMORROW) -> list[timedelta]:
    """Say how long the visits of a date are planned to take, the shortest first."""
    with database.reading() as session:
        query = select(PlanRow.id).where(PlanRow.territory_id == names.territory, PlanRow.date == day)
        routes = current_routes(session, session.scalars(query).one())
    return sorted(stop.finish - stop.start for route in routes.values() for stop in route.stops)


def learned(database: Database, names: Names, permille: int) -> None:
    """Say how long the first visit's type has taken on days before."""
    with database.writing() as session:
        session.get_one(VisitRow, names.visits[0]).name = "Boiler repair"
        row = LearnedFactorRow(territory_id=names.territory, kind="duration", key="boiler repair", permille=permille)
        row.spread_permille, row.count, row.learned_at = 500, 100, NOW
        session.add(row)
