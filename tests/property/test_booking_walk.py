"""Walk at random through quotes, holds, bookings, moves and time: what has to be so is so after every step."""

import random
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from booking_worlds import TOMORROW, World, another_process, assert_sound, make_world
from fieldops.domain.plan import Route
from fieldops.errors import Conflict, WindowTaken
from fieldops.store.database import Database
from fieldops.store.plan_routes import current_routes, plan_at
from fieldops.store.tables import BookingRow, HoldRow, PlanRow, VisitRow
from fieldops.usecases.booking_views import OfferView
from fieldops.usecases.cancel_booking import cancel_booking
from fieldops.usecases.confirm_booking import confirm_booking
from fieldops.usecases.expire_holds import expire_holds
from fieldops.usecases.hold_window import hold_window
from fieldops.usecases.quote_windows import quote_windows
from fieldops.usecases.release_hold import release_hold
from fieldops.usecases.reschedule_booking import reschedule_booking
from fieldops.usecases.work import transact
from worlds import STAFF

DAY_AFTER = TOMORROW + timedelta(days=1)
STEPS = 20


class Walk:
    """A walker, with the history of the plans as it was seen step by step."""

    def __init__(self, database: Database, seed: int) -> None:
        self.rng = random.Random(seed)
        self.world: World = make_world(database, technicians=2, days=(TOMORROW, DAY_AFTER))
        self.visits = [
            self.world.visit_at(
                self.rng.uniform(-4, 4),
                duration_s=self.rng.choice((1_800, 5_400, 9_000)),
                required_skills=self.rng.choice(({}, {"gas": 1}, {"power": 2})),
            )
            for _ in range(12)
        ]
        self.seen: dict[tuple[str, int], dict[str, Route]] = {}
        self.dates: dict[str, date] = {}

    def step(self) -> None:
        """Do something, and look at everything."""
        act = self.rng.choice(
            (self.hold, self.hold, self.hold, self.confirm, self.confirm, self.move, self.end, self.wait)
        )
        act()
        assert_sound(self.world.ctx)
        self.look()

    def hold(self) -> None:
        """Hold any window that is listed: as nothing happens in between, it can be had."""
        offer = self.any_offer(self.any_visit("open", "held"))
        if offer is not None:
            hold = transact(self.world.ctx, STAFF, hold_window, offer.id)

            # The hold is the insertion that was offered.
            assert (hold.planned_start, hold.technician_id) == (offer.start, offer.technicians[0].technician_id)

    def confirm(self) -> None:
        """Confirm a hold, in time or late; only a late one may be refused."""
        with self.world.ctx.database.reading() as session:
            holds = session.scalars(select(HoldRow).where(HoldRow.state.in_(("active", "expired")))).all()
        if not holds:
            return
        hold = self.rng.choice(holds)
        in_time = hold.state == "active"
        try:
            transact(self.world.ctx, STAFF, confirm_booking, hold.id)
        except Conflict:
            assert not in_time

    def move(self) -> None:
        """Move a booking to any window that is listed."""
        visit = self.any_visit("booked")
        offer = self.any_offer(visit)
        if visit is not None and offer is not None:
            moved = transact(self.world.ctx, STAFF, reschedule_booking, self.booking_of(visit).id, offer.id)

            assert moved.planned_start == offer.start

    def end(self) -> None:
        """Release a hold or cancel a booking."""
        visit = self.any_visit("held", "booked")
        if visit is None:
            return
        if visit.state == "booked":
            transact(self.world.ctx, STAFF, cancel_booking, self.booking_of(visit).id, "", reopens=True)
        else:
            with self.world.ctx.database.reading() as session:
                active = select(HoldRow.id).where(HoldRow.visit_id == visit.id, HoldRow.state == "active")
                hold_id = session.scalars(active).one()
            transact(self.world.ctx, STAFF, release_hold, hold_id)

    def wait(self) -> None:
        """Let time pass, and perhaps the sweeper run."""
        self.world.clock.advance(timedelta(minutes=self.rng.choice((1, 6, 11))))
        if self.rng.random() < 0.5:
            transact(self.world.ctx, STAFF, expire_holds)

    def any_visit(self, *states: str) -> VisitRow | None:
        """Pick a visit in one of some states."""
        ids = [visit.id for visit in self.visits]
        with self.world.ctx.database.reading() as session:
            found = session.scalars(
                select(VisitRow).where(VisitRow.id.in_(ids), VisitRow.state.in_(states)).order_by(VisitRow.created_at)
            ).all()
        return self.rng.choice(sorted(found, key=lambda visit: ids.index(visit.id))) if found else None

    def any_offer(self, visit: VisitRow | None) -> OfferView | None:
        """Pick an offer; one who has just looked at the database offers the same."""
        if visit is None:
            return None
        offers = self.world.quote(visit).offers
        fresh = transact(another_process(self.world).ctx, STAFF, quote_windows, visit.id).offers

        assert [_said(offer) for offer in offers] == [_said(offer) for offer in fresh]

        return self.rng.choice(offers) if offers else None

    def booking_of(self, visit: VisitRow) -> BookingRow:
        """Find the booking of a visit."""
        with self.world.ctx.database.reading() as session:
            of_visit = select(BookingRow).where(BookingRow.visit_id == visit.id, BookingRow.state == "confirmed")
            return session.scalars(of_visit).one()

    def look(self) -> None:
        """Remember the plans as they are, and see them as they were."""
        with self.world.ctx.database.reading() as session:
            for plan in session.scalars(select(PlanRow)).all():
                self.seen[plan.id, plan.version] = current_routes(session, plan.id)
            for (plan_id, version), routes in self.seen.items():
                assert plan_at(session, plan_id, version) == routes


def _said(offer: OfferView) -> tuple[object, ...]:
    """Tell what an offer says, without its names and times of making."""
    return offer.window_start, offer.window_end, offer.rank, offer.cost_cents, offer.slack_s, offer.technicians


@pytest.mark.parametrize("seed", [5, 7])
def test_plans_are_sound_whatever_customers_do(database: Database, seed: int) -> None:
    """Listed is holdable, stops are the held and booked visits, versions have no gap, and history stays as it was."""
    walk = Walk(database, seed)

    for _ in range(STEPS):
        walk.step()

    # A walk on which little happened would say little.
    assert len(walk.seen) >= STEPS // 2


def test_window_is_not_listed_when_nobody_can_keep_it(database: Database) -> None:
    """The other direction: what is not listed cannot be held with an offer from before it filled up."""
    world = make_world(database)
    late = world.visit(duration_s=9_000)
    old = world.quote(late).offers
    for visit in [world.visit(duration_s=9_000) for _ in range(2)]:
        transact(world.ctx, STAFF, hold_window, world.quote(visit).offers[0].id)
    listed = {offer.window_start for offer in world.quote(late).offers}

    gone = [offer for offer in old if offer.window_start not in listed]

    assert gone
    for offer in gone:
        with pytest.raises(WindowTaken):
            transact(world.ctx, STAFF, hold_window, offer.id)
