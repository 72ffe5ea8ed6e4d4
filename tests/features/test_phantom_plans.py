"""A board that was made of what never came to be must not cost anybody a place."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import select

from booking_worlds import MORNING, NOON, TOMORROW, another_process, assert_sound, make_world
from fieldops.domain.problem import Place, TravelSource
from fieldops.errors import InternalError, TravelUnavailable
from fieldops.store.database import Database
from fieldops.store.day_plans import lock_plan
from fieldops.store.plan_routes import write_routes
from fieldops.store.tables import StopRow
from fieldops.travel.provider import TravelMatrix, TravelProvider, TravelTable
from fieldops.usecases.confirm_booking import confirm_booking
from fieldops.usecases.hold_window import hold_window
from fieldops.usecases.work import transact
from worlds import NOW, STAFF


@dataclass(frozen=True)
class _Broken:
    """Knows the travel of routes, and fails for whoever would come in between."""

    inner: TravelProvider

    def matrix(self, places: Sequence[Place]) -> TravelMatrix:
        """Answer as the real one does."""
        return self.inner.matrix(places)

    def between(self, origins: Sequence[Place], destinations: Sequence[Place]) -> TravelTable:  # noqa: ARG002
        """Answer nothing."""
        raise TravelUnavailable("the travel service does not answer")


def test_plan_that_was_rolled_back_leaves_no_board_behind(database: Database) -> None:
    """Its empty board would otherwise be taken for the plan that somebody else makes, and lose the visits on it."""
    here = make_world(database)
    there = another_process(here)
    booked, other = here.visit_at(1.0), here.visit_at(2.0)
    offers = here.offer(booked, MORNING), here.offer(other, MORNING)
    travel = there.ctx.travel

    def broken(source: TravelSource) -> TravelProvider:
        return _Broken(travel(source))

    with pytest.raises(TravelUnavailable):
        transact(replace(there.ctx, travel=broken), STAFF, hold_window, offers[1].id)
    hold = transact(here.ctx, STAFF, hold_window, offers[0].id)
    transact(here.ctx, STAFF, confirm_booking, hold.id)
    transact(there.ctx, STAFF, hold_window, offers[1].id)

    with database.reading() as session:
        on_plan = set(session.scalars(select(StopRow.visit_id).where(StopRow.is_current)))

    assert on_plan == {booked.id, other.id}

    assert_sound(here.ctx)


def test_routes_that_lack_a_visit_of_the_plan_are_not_written(database: Database) -> None:
    """Whatever is wrong with what a route was made of: a booked visit does not vanish over it."""
    world = make_world(database)
    visit = world.visit()
    world.book(visit, NOON)

    def empty_route(leaving: Collection[str] = ()) -> int:
        with database.writing() as session:
            plan = lock_plan(session, world.territory.id, TOMORROW)
            route = {world.shifts[0].id: None}
            return write_routes(session, plan, route, reason="cancel", actor=STAFF.id, now=NOW, leaving=leaving)

    with pytest.raises(InternalError, match="lack visits"):
        empty_route()
    with database.reading() as session:
        assert list(session.scalars(select(StopRow.visit_id).where(StopRow.is_current))) == [visit.id]

    # The refused change made no version; who says that the visit leaves may write its route without it.
    assert empty_route([visit.id]) == 2
