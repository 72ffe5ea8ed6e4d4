"""Most versions of a plan come from people who only looked; once the date is over, they are forgotten."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking_worlds import MORNING, NOON, World, make_world
from fieldops.errors import NotFound
from fieldops.store.database import Database
from fieldops.store.tables import PlanVersionRow, RouteRow, StopRow
from fieldops.usecases.forget_versions import forget_versions
from fieldops.usecases.read_plan import read_plan
from fieldops.usecases.release_hold import release_hold
from fieldops.usecases.reschedule_booking import reschedule_booking
from fieldops.usecases.work import transact, view
from worlds import STAFF, TOMORROW


def _visits_at(world: World, version: int | None = None) -> list[str]:
    """Name the visits on the plan as it was at a version."""
    plan = view(world.ctx, STAFF, read_plan, world.territory.id, TOMORROW, version)
    return [stop.visit_id for route in plan.routes for stop in route.stops]


def _kept(database: Database) -> tuple[list[str], int, int]:
    """Give the reasons of the versions that are kept, and how many routes and stops."""
    with database.reading() as session:
        reasons = session.scalars(select(PlanVersionRow.reason).order_by(PlanVersionRow.version)).all()
        return (
            list(reasons),
            len(session.scalars(select(RouteRow.id)).all()),
            len(session.scalars(select(StopRow)).all()),
        )


def test_what_holds_did_is_forgotten_when_the_date_is_over(database: Database) -> None:
    """What was driven stays, and so does what people decided; not every window somebody looked at."""
    world = make_world(database)
    first, second = world.visit(), world.visit_at(2.0)
    booking = world.book(first, MORNING)
    transact(world.ctx, STAFF, reschedule_booking, booking.id, world.offer(first, NOON).id)
    transact(world.ctx, STAFF, release_hold, world.hold(second, MORNING).id)
    world.book(second, MORNING)
    assert _kept(database)[0] == ["hold", "reschedule", "hold", "release", "hold"]
    assert _visits_at(world, 3) == [second.id, first.id]

    still_near = forget_versions(world.ctx)
    world.clock.advance(timedelta(days=5))
    forgotten = forget_versions(world.ctx)

    assert (still_near, forgotten) == (0, 3)
    # The reschedule has one stop, the end two: each its own copy of the route.
    assert _kept(database) == (["reschedule", "hold"], 2, 3)
    assert _visits_at(world) == [second.id, first.id]
    assert _visits_at(world, 2) == [first.id]
    with pytest.raises(NotFound):
        _visits_at(world, 3)
    assert forget_versions(world.ctx) == 0
