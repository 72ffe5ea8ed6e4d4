"""Who is asked from the waitlist, and after what."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select

from booking_worlds import MORNING, TOMORROW, World, make_world
from fieldops.domain.problem import Place, TimeWindow, TravelSource
from fieldops.errors import Fault, UnreachablePlaces
from fieldops.store.database import Database
from fieldops.store.tables import WaitlistRow
from fieldops.travel.provider import TravelMatrix, TravelProvider, TravelTable
from fieldops.usecases import waitlist
from fieldops.usecases.booking_views import BookingView
from fieldops.usecases.cancel_booking import cancel_booking
from fieldops.usecases.read_bookings import read_booking
from fieldops.usecases.waitlist import join_waitlist, sweep_waitlist
from fieldops.usecases.work import transact, view
from worlds import STAFF, SYSTEM, local

DAY_AFTER = TOMORROW + timedelta(days=1)
LATER = TimeWindow(local("10:00", DAY_AFTER), local("12:00", DAY_AFTER))
EARLY = TimeWindow(local("08:00", TOMORROW), local("10:00", TOMORROW))
#: 9 h 42 min: nothing else fits into the day.
WHOLE_DAY_S = 34_920


@dataclass(frozen=True)
class _NoWay:
    """Finds no way to one place."""

    inner: TravelProvider
    place_id: str

    def matrix(self, places: Sequence[Place]) -> TravelMatrix:
        """Answer as the real one does."""
        return self.inner.matrix(places)

    def between(self, origins: Sequence[Place], destinations: Sequence[Place]) -> TravelTable:
        """Answer unless it is about the place."""
        if self.place_id in {place.id for place in (*origins, *destinations)}:
            raise UnreachablePlaces([Fault(path="places", found=self.place_id, expected="a place with a way to it")])
        return self.inner.between(origins, destinations)


def test_one_who_cannot_be_quoted_holds_nobody_up(sqlite_database: Database) -> None:
    """A place without a way to it is that customer's problem; canceling must work for everybody else."""
    world = make_world(sqlite_database, days=(TOMORROW, DAY_AFTER))
    blocking = world.book(world.visit(duration_s=WHOLE_DAY_S), EARLY)
    lost = world.visit_at(1.0)
    first, second = world.book(lost, LATER), world.book(world.visit_at(2.0), LATER)
    _wait(world, first, MORNING.earliest)
    world.clock.advance(timedelta(seconds=1))
    _wait(world, second, MORNING.earliest)
    travel = world.ctx.travel

    def no_way(source: TravelSource) -> TravelProvider:
        return _NoWay(travel(source), lost.site_id)

    transact(replace(world.ctx, travel=no_way), STAFF, cancel_booking, blocking.id, "")

    assert [_state(world, first), _state(world, second)] == ["waiting", "offered"]


def test_an_offer_to_the_waitlist_lasts_as_long_as_the_territory_says(sqlite_database: Database) -> None:
    """Whoever is asked in the street needs longer than whoever looks at windows on a page."""
    policies = {"offer_minutes": 20, "waitlist_offer_minutes": 90}
    world = make_world(sqlite_database, days=(TOMORROW, DAY_AFTER), policies=policies)
    blocking = world.book(world.visit(duration_s=WHOLE_DAY_S), EARLY)
    visit = world.visit_at(1.0)
    waiting = world.book(visit, LATER)
    _wait(world, waiting, MORNING.earliest)

    transact(world.ctx, STAFF, cancel_booking, blocking.id, "")

    with sqlite_database.reading() as session:
        (entry,) = session.scalars(select(WaitlistRow))
    assert entry.offer_expires_at == world.clock.now() + timedelta(minutes=90)
    assert world.quote(visit).expires_at == world.clock.now() + timedelta(minutes=20)


def test_those_who_cannot_come_that_day_stand_in_nobodys_way(sqlite_database: Database) -> None:
    """Only a few are looked at when room frees; they must be those who could take it."""
    world = make_world(sqlite_database, days=(TOMORROW, DAY_AFTER))
    blocking = world.book(world.visit(duration_s=WHOLE_DAY_S), EARLY)
    bookings = [world.book(world.visit_at(1.0, duration_s=300), LATER) for _ in range(waitlist.MAX_LOOKED_AT + 1)]
    for booking in bookings[:-1]:
        _wait(world, booking, local("08:00", DAY_AFTER))
    world.clock.advance(timedelta(seconds=1))
    _wait(world, bookings[-1], MORNING.earliest)

    transact(world.ctx, STAFF, cancel_booking, blocking.id, "")

    assert _state(world, bookings[-1]) == "offered"


def test_room_that_was_freed_in_passing_is_found_by_the_sweep(sqlite_database: Database) -> None:
    """A quote lets an expired hold go, and asks nobody; the sweep does, once."""
    world = make_world(sqlite_database, days=(TOMORROW, DAY_AFTER))
    waiting = world.book(world.visit(), LATER)
    world.hold(world.visit(duration_s=WHOLE_DAY_S), EARLY)
    _wait(world, waiting, MORNING.earliest)
    transact(world.ctx, SYSTEM, sweep_waitlist)
    # A hold takes room; nothing was freed so far.
    assert _state(world, waiting) == "waiting"
    world.clock.advance(timedelta(minutes=10))
    world.quote(world.visit())
    assert _state(world, waiting) == "waiting"

    transact(world.ctx, SYSTEM, sweep_waitlist)

    assert _state(world, waiting) == "offered"
    plan = world.plan()
    assert plan.waitlist_version == plan.version


def _wait(world: World, booking: BookingView, not_before: datetime) -> None:
    """Put a booking on the waitlist."""
    transact(world.ctx, STAFF, join_waitlist, booking.id, not_before, consent=True)


def _state(world: World, booking: BookingView) -> str:
    """Return the state of a booking's entry."""
    entry = view(world.ctx, STAFF, read_booking, booking.id).waitlist
    assert entry is not None
    return entry.state
