"""Events of a day on which a visit failed, that arrive when the visit has another date already."""

from datetime import date

import pytest
from sqlalchemy import select

from fieldops.domain.progress import VisitPhase
from fieldops.store.database import Database
from fieldops.store.tables import BookingRow, ProgressEventRow, PromiseRow, VisitProgressRow, VisitRow
from live_worlds import LiveWorld, make_live_world
from running_day import put_on_route
from worlds import TODAY, TOMORROW, add_shift, add_site, book_visit, local


@pytest.fixture
def world(database: Database) -> LiveWorld:
    """Make a day on which visit a fails at 8:30, and is booked again for tomorrow, 8:00 to 10:00."""
    world = make_live_world(database)
    world.report("travel_started", "a", at="08:05", id="ev_left")
    world.report("could_not_complete", "a", at="08:30", reason="no parts")
    with database.writing() as session:
        visit = session.get_one(VisitRow, world.ids["a"])
        session.get_one(BookingRow, f"bk_{visit.id}").state = "canceled"
        session.flush()
        book_visit(session, visit, local("08:00", TOMORROW), local("10:00", TOMORROW), id="bk_again")
        shift = add_shift(session, world.technician, day=TOMORROW, base=add_site(session, kind="depot"))
        put_on_route(world.ctx, session, shift, [visit])
    return world


def test_what_a_phone_kept_back_says_nothing_of_tomorrow(world: LiveWorld, database: Database) -> None:
    """The arrival at 8:20 was reported at 9:00: it is kept with its day, and tomorrow's visit is still to come."""
    world.clock_at("09:00")

    receipt = world.report("arrived", "a", at="08:20", id="ev_late")

    assert (receipt.is_ignored, receipt.phase) == (True, VisitPhase.FAILED)
    known = world.row(VisitProgressRow, world.ids["a"])
    assert (known.date, known.phase, known.arrived_at) == (TODAY, "failed", None)
    with database.reading() as session:
        days: list[date] = list(session.scalars(select(ProgressEventRow.date).where(ProgressEventRow.id == "ev_late")))
        assert days == [TODAY]
        tomorrow = select(PromiseRow.outcome).where(PromiseRow.booking_id == "bk_again")
        assert set(session.scalars(tomorrow)) <= {None}
    assert world.report("arrived", "a", at="08:20", id="ev_late").is_repeated
