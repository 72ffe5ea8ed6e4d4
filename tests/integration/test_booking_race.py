"""Many at once for the same place: whoever wins, no plan is ever wrong."""

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TypeVar

from sqlalchemy import func, select

from booking_worlds import MORNING, TOMORROW, another_process, assert_sound, make_world
from fieldops.errors import Conflict, WindowTaken
from fieldops.store.database import Database
from fieldops.store.tables import HoldRow, MessageRow, VisitRow
from fieldops.usecases.booking_views import HoldView, OfferView
from fieldops.usecases.cancel_booking import cancel_booking
from fieldops.usecases.confirm_booking import confirm_booking
from fieldops.usecases.context import Context
from fieldops.usecases.expire_holds import expire_holds
from fieldops.usecases.hold_window import hold_window
from fieldops.usecases.quote_windows import fresh_offers, quote_windows
from fieldops.usecases.release_hold import release_hold
from fieldops.usecases.reschedule_booking import reschedule_booking
from fieldops.usecases.work import transact
from worlds import STAFF

T = TypeVar("T")


def at_once(*calls: Callable[[], T]) -> list[T | Conflict]:
    """Make calls in threads that all begin at the same time; give back results and conflicts in the order of calls."""
    barrier = Barrier(len(calls))

    def call(wanted: Callable[[], T]) -> T | Conflict:
        barrier.wait(timeout=30)
        try:
            return wanted()
        except Conflict as error:
            return error

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(call, calls))


def test_last_place_goes_to_exactly_one_of_two_threads(database: Database) -> None:
    """The other one hears at once that it is gone, and what else there is."""
    world = make_world(database)
    visits = [world.visit(duration_s=7_200) for _ in range(2)]
    offers = [world.offer(visit, MORNING) for visit in visits]
    contexts = [world.ctx, another_process(world).ctx]

    outcomes = at_once(*(_holding(ctx, offer) for ctx, offer in zip(contexts, offers, strict=True)))

    assert {type(outcome) for outcome in outcomes} == {HoldView, WindowTaken}
    loser = next(pos for pos, outcome in enumerate(outcomes) if isinstance(outcome, WindowTaken))
    fresh = fresh_offers(contexts[loser], STAFF, visits[loser].id)
    assert fresh != ()
    assert MORNING.earliest not in {offer.window_start for offer in fresh}
    assert_sound(world.ctx)


def test_one_visit_is_held_once_however_many_offers_are_taken_up_at_once(database: Database) -> None:
    """A customer with the page open on two devices has one hold in the end, on one route."""
    days = (TOMORROW, TOMORROW + timedelta(days=1))
    world = make_world(database, days=days)
    visit = world.visit()
    offers = world.quote(visit).offers

    outcomes = at_once(*(_holding(world.ctx, offers[pos]) for pos in (0, 5, 1, 6)))

    assert [type(outcome) for outcome in outcomes] == [HoldView] * 4
    with database.reading() as session:
        states = Counter(session.scalars(select(HoldRow.state)))
    assert states == {"active": 1, "released": 3}
    assert_sound(world.ctx)


def test_hold_is_confirmed_once_however_often_at_once(database: Database) -> None:
    """Two clicks, one booking, one message; another click when the hold would have run out changes nothing."""
    world = make_world(database)
    hold = world.hold(world.visit(), MORNING)

    def confirming() -> str:
        return transact(world.ctx, STAFF, confirm_booking, hold.id).id

    outcomes = at_once(*[confirming] * 4)
    world.clock.advance(timedelta(hours=1))
    outcomes.append(confirming())

    assert len({str(outcome) for outcome in outcomes}) == 1
    with database.reading() as session:
        assert session.scalar(select(func.count()).where(MessageRow.kind == "confirmation")) == 1
    assert_sound(world.ctx)


def test_hold_that_expires_while_it_is_confirmed_is_booked(database: Database) -> None:
    """The sweeper and the customer meet, and nobody else wants the place: it is booked, and on the plan."""
    world = make_world(database)
    hold = world.hold(world.visit(), MORNING)
    world.clock.advance(timedelta(minutes=10))

    at_once(
        lambda: transact(world.ctx, STAFF, expire_holds),
        lambda: transact(world.ctx, STAFF, confirm_booking, hold.id).version,
        lambda: transact(world.ctx, STAFF, expire_holds),
    )

    assert world.row(HoldRow, hold.id).state == "confirmed"
    assert_sound(world.ctx)


def test_plans_stay_sound_while_eight_threads_fight_for_one_date(database: Database) -> None:
    """Holds, bookings, moves and cancellations at once, from two processes: the referee agrees with all of it."""
    world = make_world(database, technicians=2)
    contexts = [world.ctx, another_process(world).ctx]
    visits = [[world.visit_at(0.5 * n - 2, duration_s=3_600) for n in range(4)] for _ in range(8)]

    outcomes = at_once(*(_rush(contexts[thread % 2], visits[thread], random.Random(thread)) for thread in range(8)))

    assert not [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
    # Two technicians serve eighteen hours at most, thirty-two are wanted.
    conflicts = sum(count["conflict"] for count in outcomes if isinstance(count, Counter))
    assert conflicts > 0
    booked = sum(count["booked"] for count in outcomes if isinstance(count, Counter))
    assert booked >= 8
    assert_sound(world.ctx)


def _holding(ctx: Context, offer: OfferView) -> Callable[[], HoldView]:
    return lambda: transact(ctx, STAFF, hold_window, offer.id)


def _rush(ctx: Context, visits: list[VisitRow], rng: random.Random) -> Callable[[], Counter[str]]:
    """Make one caller who books, moves and cancels."""

    def rush() -> Counter[str]:
        done: Counter[str] = Counter()
        for visit in visits:
            try:
                offers = transact(ctx, STAFF, quote_windows, visit.id).offers
                if not offers:
                    done["conflict"] += 1
                    continue
                hold = transact(ctx, STAFF, hold_window, rng.choice(offers).id)
                if rng.random() < 0.2:
                    transact(ctx, STAFF, release_hold, hold.id)
                    continue
                booking = transact(ctx, STAFF, confirm_booking, hold.id)
                if rng.random() < 0.5:
                    others = transact(ctx, STAFF, quote_windows, visit.id).offers
                    transact(ctx, STAFF, reschedule_booking, booking.id, rng.choice(others or offers).id)
                if rng.random() < 0.2:
                    transact(ctx, STAFF, cancel_booking, booking.id, "")
                done["booked"] += 1
            except Conflict:
                done["conflict"] += 1
        return done

    return rush
