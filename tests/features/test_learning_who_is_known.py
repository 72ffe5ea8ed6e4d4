"""Whom a customer knows: whoever came first, unless staff have said something else."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from api_client import client_for
from booking_worlds import MORNING, World, make_world
from fieldops.domain.problem import TimeWindow
from fieldops.domain.progress import EventKind, ProgressEvent
from fieldops.store.database import Database
from fieldops.store.ids import new_id
from fieldops.store.tables import AuditRow, CustomerRow, TechnicianRow, VisitRow
from fieldops.usecases.booking_views import OfferReason
from fieldops.usecases.record_progress import record_events
from fieldops.usecases.work import transact
from worlds import STAFF, TOMORROW, add_customer, add_work_order, local

DAY_AFTER = TOMORROW + timedelta(days=1)
LATER = TimeWindow(local("10:00", DAY_AFTER), local("12:00", DAY_AFTER))


def _visits(world: World, count: int, **customer: object) -> list[VisitRow]:
    """Add visits of one customer."""
    with world.ctx.database.writing() as session:
        order = add_work_order(session, world.territory, customer=add_customer(session, **customer))
    return [world.visit(work_order=order) for _ in range(count)]


def _serve(world: World, visit: VisitRow, technician: TechnicianRow, at: datetime) -> None:
    """Report a visit as done at an instant."""
    world.clock.advance(at - world.clock.now())
    event = ProgressEvent(
        id=new_id("ev"), kind=EventKind.DONE, occurred_at=at, technician_id=technician.id, visit_id=visit.id
    )
    transact(world.ctx, STAFF, record_events, [event])


def _customer(database: Database) -> CustomerRow:
    """Read the one customer who matters."""
    with database.reading() as session:
        return session.scalars(select(CustomerRow).where(CustomerRow.name == "Pat")).one()


def test_who_came_first_is_known_and_preferred(database: Database) -> None:
    """A customer need not ask for the technician again: the next windows speak of the one who was there."""
    world = make_world(database, technicians=2, days=(TOMORROW, DAY_AFTER))
    first, planned, asked = _visits(world, 3, name="Pat")
    world.book(planned, LATER)
    world.book(first, MORNING)
    version = world.plan(DAY_AFTER).version

    _serve(world, first, world.technicians[1], MORNING.latest)

    assert _customer(database).known_technician_id == world.technicians[1].id
    # Boards read the later date anew: its visit prefers somebody now.
    assert world.plan(DAY_AFTER).version == version + 1
    known = [offer for offer in world.quote(asked).offers if OfferReason.KNOWN_TECHNICIAN in offer.reasons]
    assert {offer.technicians[0].technician_id for offer in known} == {world.technicians[1].id}
    with database.reading() as session:
        (line,) = session.scalars(select(AuditRow).where(AuditRow.action == "customer.technician_learned"))
    assert line.detail == {"technician_id": world.technicians[1].id, "visit_id": first.id}


def test_who_comes_later_changes_nothing(sqlite_database: Database) -> None:
    """Somebody who stands in once is not whom the customer knows."""
    world = make_world(sqlite_database, technicians=2, days=(TOMORROW, DAY_AFTER))
    first, second = _visits(world, 2, name="Pat")
    world.book(first, MORNING)
    world.book(second, LATER)

    _serve(world, first, world.technicians[0], MORNING.latest)
    _serve(world, second, world.technicians[1], LATER.latest)

    assert _customer(sqlite_database).known_technician_id == world.technicians[0].id


@pytest.mark.parametrize("choice", ["another", "nobody"])
def test_what_staff_say_stands(sqlite_database: Database, choice: str) -> None:
    """The customer asked for somebody, or never to see one again; no visit overrules that."""
    world = make_world(sqlite_database, technicians=2, days=(TOMORROW, DAY_AFTER))
    (visit,) = _visits(world, 1, name="Pat")
    world.book(visit, MORNING)
    chosen = world.technicians[0].id if choice == "another" else None
    path = f"/v1/customers/{_customer(sqlite_database).id}"
    said = client_for(world.ctx, STAFF).patch(path, json={"known_technician_id": chosen})
    assert said.status_code == 200

    _serve(world, visit, world.technicians[1], MORNING.latest)

    assert _customer(sqlite_database).known_technician_id == chosen
