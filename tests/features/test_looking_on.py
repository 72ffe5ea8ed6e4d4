"""A demonstration lets those who look on take part: there is something to book, and time to decide."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from fieldops.simulate.patience import give_time
from fieldops.store.database import Database
from fieldops.store.tables import ShiftRow, TerritoryRow
from fieldops.store.territories import policies_of
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.work import transact
from simulated_days import open_database, planned_town
from worlds import add_territory, make_context


@pytest.mark.parametrize(("speed", "minutes"), [(1, (10, 30, 30)), (20, (200, 600, 600)), (600, (1_440, 1_440, 1_440))])
def test_holds_last_ten_minutes_of_those_who_look_on(
    sqlite_database: Database, speed: float, minutes: tuple[int, int, int]
) -> None:
    """Ten minutes of a clock that goes twenty times as fast are thirty seconds in which to read and confirm."""
    with sqlite_database.writing() as session:
        territory_id = add_territory(session).id

    transact(make_context(sqlite_database), SYSTEM, give_time, territory_id, speed)

    with sqlite_database.reading() as session:
        policies = policies_of(session.get_one(TerritoryRow, territory_id))
    lasting = (policies.hold_duration, policies.hold_most, policies.offer_duration)
    assert lasting == tuple(timedelta(minutes=number) for number in minutes)


def test_two_weeks_can_be_booked() -> None:
    """A problem of one day would leave customers nothing but that day and the rest of its week."""
    with planned_town() as planned:
        ctx = open_database(f"sqlite:///{planned.path}")
        try:
            with ctx.database.reading() as session:
                dates = session.scalars(select(ShiftRow.date).distinct().order_by(ShiftRow.date)).all()
        finally:
            ctx.database.close()

    # Mondays to Fridays of two weeks, the first of them a Monday.
    assert [(day - planned.day).days for day in dates] == [0, 1, 2, 3, 4, 7, 8, 9, 10, 11]
