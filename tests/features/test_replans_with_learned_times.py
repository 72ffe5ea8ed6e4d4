"""Replans reckon with what days before have taught, and with what ETAs know and searches do not."""

from datetime import datetime, timedelta

from sqlalchemy import select

from fieldops.store.database import Database
from fieldops.store.plan_routes import current_routes
from fieldops.store.tables import LearnedFactorRow, PlanRow
from fieldops.usecases.replan_input import read_replan_input, with_margins
from fieldops.usecases.try_routes import try_routes
from fieldops.usecases.work import Work, view
from replan_worlds import LateDay, expected_second, late_day, moves
from worlds import NOW, STAFF, local


def test_whoever_takes_over_works_at_their_own_pace(database: Database) -> None:
    """Lee takes half as long again as planned, and the work half as long, too: 30 minutes are 67 and a half."""
    day = late_day(database)
    learned(day, "technician", day.lee, 1_500)
    learned(day, "duration", "second", 1_500)

    found = day.replan()

    assert moves(found)[day.second] == (day.kim, day.lee)
    with database.reading() as session:
        plan_id = session.scalars(select(PlanRow.id)).one()
        [stop] = current_routes(session, plan_id)[day.lees].stops
    assert stop.finish - stop.start == timedelta(minutes=67, seconds=30)


def test_what_a_search_expects_too_soon_is_part_of_the_margin(sqlite_database: Database) -> None:
    """All travel takes longer at noon: half of the arrivals are later than the search thinks, one of ten 40 minutes."""
    day = late_day(sqlite_database)
    day.take_longer(timedelta(hours=2, minutes=25))
    eta = expected_second(day, "11:50", "12:18", "12:38", "12:48", kept_permille=300, at_risk_since=local("10:00"))
    day.change(lambda session: session.add(eta))
    day.wish()
    [replan_id] = day.start()

    start, margin = view(day.ctx, STAFF, second_of, replan_id, day.second)

    # Ready at 11:55, and there by way of a kilometer.
    assert local("11:55") < start < local("12:00")
    assert margin == local("12:38") - start


def second_of(work: Work, replan_id: str, visit_id: str) -> tuple[datetime, timedelta]:
    """Give when a search expects the start of a visit, and how long before the end of its window that is late."""
    given = read_replan_input(work, replan_id)
    problem = given.remaining.problem
    expected = try_routes(
        problem, work.ctx.travel(problem.travel).matrix(problem.places), given.remaining.orders
    ).routes
    [stop] = [stop for route in expected for stop in route.stops if stop.visit_id == visit_id]
    return stop.start, with_margins(given, expected).margins[visit_id]


def learned(day: LateDay, kind: str, key: str, permille: int) -> None:
    """Say what days before have taught."""
    row = LearnedFactorRow(territory_id=day.territory, kind=kind, key=key, permille=permille)
    row.spread_permille, row.count, row.learned_at = 200, 100, NOW
    day.change(lambda session: session.add(row))
