"""What changes of people and wishes do to a day that is running."""

from datetime import timedelta

from sqlalchemy import select

from booking_worlds import MORNING, make_world
from fieldops.domain.problem import TimeWindow
from fieldops.store.database import Database
from fieldops.store.tables import PlanVersionRow, StopRow
from fieldops.usecases.absences import Period, add_absence
from fieldops.usecases.edit_visit import VisitChanges, edit_visit
from fieldops.usecases.update_customer import CustomerChanges, update_customer
from fieldops.usecases.work import transact
from worlds import STAFF, TODAY, add_customer, add_shift, local


def test_absence_in_the_middle_of_a_shift_leaves_what_has_begun(database: Database) -> None:
    """The technician who falls ill at ten was there at eight."""
    world = make_world(database, days=(TODAY,))
    noon = [[local("12:00").isoformat(), local("12:30").isoformat()]]
    begun, to_come = world.visit(), world.visit(windows=noon)
    world.plan_open(begun, to_come, shift=world.shifts[0])
    world.clock.advance(timedelta(hours=2))
    now = world.clock.now()

    period = Period(starts_at=now, ends_at=now + timedelta(hours=9))
    change = transact(world.ctx, STAFF, add_absence, world.technicians[0].id, "sick", period)

    assert [place.visit_id for place in change.lost] == [to_come.id]
    with database.reading() as session:
        assert list(session.scalars(select(StopRow.visit_id).where(StopRow.is_current))) == [begun.id]


def test_absence_reaches_the_night_shift_of_yesterday(sqlite_database: Database) -> None:
    """It belongs to yesterday's plan, and goes on until the morning."""
    world = make_world(sqlite_database, days=(), now=local("22:00"))
    with sqlite_database.writing() as session:
        end = local("06:00", TODAY + timedelta(days=1))
        shift = add_shift(session, world.technicians[0], start="22:00", ends_at=end, hard_ends_at=end)
    at_four = local("04:00", TODAY + timedelta(days=1))
    visit = world.visit(windows=[[at_four.isoformat(), (at_four + timedelta(hours=1)).isoformat()]])
    world.plan_open(visit, shift=shift)
    world.clock.advance(timedelta(hours=4))
    now = world.clock.now()

    period = Period(starts_at=now, ends_at=now + timedelta(hours=9))
    change = transact(world.ctx, STAFF, add_absence, world.technicians[0].id, "sick", period)

    assert [place.visit_id for place in change.lost] == [visit.id]


def test_new_wishes_of_a_planned_visit_are_read_anew(sqlite_database: Database) -> None:
    """Boards would go on counting with the old ones, in every process."""
    world = make_world(sqlite_database)
    with sqlite_database.writing() as session:
        customer = add_customer(session)
    visit = world.visit(customer=customer)
    world.plan_open(visit, shift=world.shifts[0])
    wish = TimeWindow(MORNING.earliest, MORNING.latest)

    transact(world.ctx, STAFF, edit_visit, visit.id, visit.version, VisitChanges(preferred_window=wish))
    known = CustomerChanges(known_technician_id=world.technicians[0].id)
    transact(world.ctx, STAFF, update_customer, customer.id, known)

    with sqlite_database.reading() as session:
        reasons = session.scalars(select(PlanVersionRow.reason).order_by(PlanVersionRow.version)).all()
    assert reasons == ["publish", "wishes", "wishes"]
