"""From an offer to a booking: what is listed can be held, and what is held can be confirmed."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking_worlds import MORNING, NOON, TOMORROW, assert_sound, make_world
from fieldops.domain.problem import TimeWindow
from fieldops.errors import HoldExpired, NotFound, OfferExpired, WindowTaken, WrongState
from fieldops.store.database import Database
from fieldops.store.tables import AuditRow, HoldRow, MessageRow, PromiseRow, VisitRow
from fieldops.usecases.confirm_booking import confirm_booking
from fieldops.usecases.expire_holds import expire_holds
from fieldops.usecases.hold_window import hold_window
from fieldops.usecases.quote_windows import fresh_offers, quote_windows
from fieldops.usecases.read_bookings import list_bookings, read_booking, read_hold
from fieldops.usecases.release_hold import release_hold
from fieldops.usecases.work import transact, view
from worlds import NOW, STAFF, customer_of, local


def test_hold_puts_the_visit_on_the_plan(database: Database) -> None:
    """Nobody else gets the place meanwhile."""
    world = make_world(database)
    visit = world.visit()

    hold = world.hold(visit, MORNING)

    assert hold.state == "active"
    assert hold.seconds_left == 600
    assert hold.planned_start == local("10:00", TOMORROW)
    assert hold.technician_id == world.technicians[0].id
    assert world.row(VisitRow, visit.id).state == "held"
    assert world.plan().version == 1
    assert_sound(world.ctx)


def test_same_offer_held_twice_is_one_hold(database: Database) -> None:
    """A client that repeats itself does no harm."""
    world = make_world(database)
    offer = world.offer(world.visit(), MORNING)
    first = transact(world.ctx, STAFF, hold_window, offer.id)
    world.clock.advance(timedelta(minutes=1))

    second = transact(world.ctx, STAFF, hold_window, offer.id)

    assert (second.id, second.seconds_left) == (first.id, 540)
    assert world.plan().version == 1


def test_second_hold_of_a_visit_releases_the_first(database: Database) -> None:
    """A customer who changes her mind holds one window, on another date, too."""
    day_after = TOMORROW + timedelta(days=1)
    world = make_world(database, days=(TOMORROW, day_after))
    visit = world.visit(duration_s=7_200)
    first = world.hold(visit, MORNING)
    same_day = world.hold(visit, NOON)
    assert world.row(HoldRow, first.id).state == "released"
    assert_sound(world.ctx)

    other_day = world.hold(visit, TimeWindow(local("10:00", day_after), local("12:00", day_after)))

    assert world.row(HoldRow, same_day.id).state == "released"
    assert view(world.ctx, STAFF, read_hold, other_day.id).planned_start == local("10:00", day_after)
    assert_sound(world.ctx)
    assert world.hold(world.visit(duration_s=7_200), MORNING).state == "active"


def test_offer_expires(database: Database) -> None:
    """An old offer is not kept; a fresh one is one call away."""
    world = make_world(database)
    visit = world.visit()
    offer = world.offer(visit, MORNING)
    world.clock.advance(timedelta(minutes=30))

    with pytest.raises(OfferExpired) as caught:
        transact(world.ctx, STAFF, hold_window, offer.id)

    assert caught.value.details["visit_id"] == visit.id
    assert len(fresh_offers(world.ctx, STAFF, visit.id)) == 5


def test_offer_is_void_once_the_visit_allows_other_times_only(database: Database) -> None:
    """A visit that was edited after the quote is never put where it may not be."""
    world = make_world(database)
    visit = world.visit()
    offer = world.offer(visit, MORNING)
    with database.writing() as session:
        session.get_one(VisitRow, visit.id).release_at = local("11:00", TOMORROW)

    with pytest.raises(OfferExpired):
        transact(world.ctx, STAFF, hold_window, offer.id)


def test_last_place_goes_to_one_and_the_other_gets_fresh_offers(database: Database) -> None:
    """Two hours fit into a window once; what else there is comes with the refusal."""
    world = make_world(database)
    first, second = world.visit(duration_s=7_200), world.visit(duration_s=7_200)
    offers = world.offer(first, MORNING), world.offer(second, MORNING)
    transact(world.ctx, STAFF, hold_window, offers[0].id)

    with pytest.raises(WindowTaken):
        transact(world.ctx, STAFF, hold_window, offers[1].id)

    fresh = fresh_offers(world.ctx, STAFF, second.id)
    # Two hours fit at 8:00 no more: 8:03 + 2 h is 10:03, and the other one starts at 10:00... or later, by 11:45.
    assert MORNING.earliest not in {offer.window_start for offer in fresh}
    assert transact(world.ctx, STAFF, hold_window, fresh[0].id).state == "active"
    assert_sound(world.ctx)


def test_promise_kept_with_its_buffer_when_others_come_before(database: Database) -> None:
    """An insertion before a booked visit moves it within its window, never into its last quarter of an hour."""
    world = make_world(database)
    booking = world.book(world.visit_at(0.0), MORNING)
    # From 8:00 on 3 h 44 min end at 11:44, one minute before the booked one has to start; 3 h 46 min are too long.
    early = TimeWindow(local("08:00", TOMORROW), local("10:00", TOMORROW))
    starts = {offer.window_start for offer in world.quote(world.visit_at(0.0, duration_s=13_560)).offers}
    assert early.earliest not in starts

    world.book(world.visit_at(0.0, duration_s=13_440), early)

    moved = view(world.ctx, STAFF, read_booking, booking.id)
    assert moved.planned_start == local("11:44", TOMORROW)
    assert_sound(world.ctx)


def test_hold_that_is_over_makes_room_without_a_sweeper(database: Database) -> None:
    """Whoever asks next gets the place, whether or not a worker is running."""
    world = make_world(database)
    sleeper, other = world.visit(duration_s=7_200), world.visit(duration_s=7_200)
    hold = world.hold(sleeper, MORNING)
    world.clock.advance(timedelta(minutes=10))

    assert world.hold(other, MORNING).state == "active"
    assert view(world.ctx, STAFF, read_hold, hold.id).state == "expired"
    assert world.row(VisitRow, sleeper.id).state == "open"
    assert_sound(world.ctx)


def test_sweeper_lets_holds_expire(database: Database) -> None:
    """The plan shows no visit that nobody holds."""
    world = make_world(database)
    hold = world.hold(world.visit(), MORNING)
    booked = world.book(world.visit(), MORNING)
    assert transact(world.ctx, STAFF, expire_holds) == 0
    world.clock.advance(timedelta(minutes=10))

    assert transact(world.ctx, STAFF, expire_holds) == 1

    assert world.row(HoldRow, hold.id).state == "expired"
    assert view(world.ctx, STAFF, read_booking, booked.id).planned_start is not None
    assert transact(world.ctx, STAFF, expire_holds) == 0
    assert_sound(world.ctx)


def test_release_gives_the_place_back(database: Database) -> None:
    """Who does not want the window after all need not let it run out."""
    world = make_world(database)
    visit = world.visit(duration_s=7_200)
    hold = world.hold(visit, MORNING)

    released = transact(world.ctx, STAFF, release_hold, hold.id)

    assert (released.state, released.seconds_left, released.planned_start) == ("released", 0, None)
    assert transact(world.ctx, STAFF, release_hold, hold.id).state == "released"
    assert world.row(VisitRow, visit.id).state == "open"
    assert_sound(world.ctx)
    with pytest.raises(WrongState):
        transact(world.ctx, STAFF, confirm_booking, hold.id)
    booking = world.book(visit, MORNING)
    with pytest.raises(WrongState):
        transact(world.ctx, STAFF, release_hold, str(booking.hold_id))


def test_confirmed_hold_is_a_booking_and_a_promise(database: Database) -> None:
    """The promise is in the ledger, the message in the outbox, the deed in the audit."""
    world = make_world(database)
    visit = world.visit()
    hold = world.hold(visit, MORNING)

    booking = transact(world.ctx, STAFF, confirm_booking, hold.id)

    assert (booking.window_start, booking.window_end) == (MORNING.earliest, MORNING.latest)
    assert (booking.state, booking.version, booking.hold_id) == ("confirmed", 1, hold.id)
    assert world.row(VisitRow, visit.id).state == "booked"
    with database.reading() as session:
        promise = session.scalars(select(PromiseRow)).one()
        assert (promise.window_start, promise.window_end, promise.outcome) == (*_pair(MORNING), None)
        kinds = set(session.scalars(select(MessageRow.kind).where(MessageRow.subject_id == booking.id)))
        assert "confirmation" in kinds
        actions = list(session.scalars(select(AuditRow.action).order_by(AuditRow.id)))
        assert actions == ["hold.made", "booking.confirmed"]
    # The stop was there since the hold.
    assert world.plan().version == 1
    assert_sound(world.ctx)


@pytest.mark.parametrize("swept", [False, True])
def test_hold_confirmed_late_is_booked_while_the_window_can_be_kept(database: Database, swept: bool) -> None:
    """A slow customer loses nothing as long as nobody else was faster."""
    world = make_world(database)
    hold = world.hold(world.visit(duration_s=7_200), MORNING)
    world.clock.advance(timedelta(minutes=11))
    if swept:
        transact(world.ctx, STAFF, expire_holds)

    booking = transact(world.ctx, STAFF, confirm_booking, hold.id)

    assert booking.planned_start == local("10:00", TOMORROW)
    assert world.row(HoldRow, hold.id).state == "confirmed"
    assert_sound(world.ctx)


def test_hold_confirmed_too_late_is_refused(database: Database) -> None:
    """When somebody else has the place by now, nothing is promised that cannot be kept."""
    world = make_world(database)
    visit = world.visit(duration_s=7_200)
    hold = world.hold(visit, MORNING)
    world.clock.advance(timedelta(minutes=11))
    world.book(world.visit(duration_s=7_200), MORNING)

    with pytest.raises(HoldExpired):
        transact(world.ctx, STAFF, confirm_booking, hold.id)

    assert world.row(VisitRow, visit.id).state == "open"
    assert fresh_offers(world.ctx, STAFF, visit.id) != ()
    assert_sound(world.ctx)


def test_late_hold_is_not_confirmed_over_a_newer_one(database: Database) -> None:
    """A visit has one window at a time."""
    world = make_world(database)
    visit = world.visit()
    old = world.hold(visit, MORNING)
    world.clock.advance(timedelta(minutes=11))
    transact(world.ctx, STAFF, expire_holds)
    new = world.hold(visit, NOON)

    with pytest.raises(WrongState):
        transact(world.ctx, STAFF, confirm_booking, old.id)

    assert transact(world.ctx, STAFF, confirm_booking, new.id).window_start == NOON.earliest
    assert_sound(world.ctx)


def test_hold_of_a_window_that_has_begun_is_not_confirmed(database: Database) -> None:
    """Nobody is promised the past."""
    world = make_world(database)
    hold = world.hold(world.visit(), MORNING)
    world.clock.advance(MORNING.earliest - NOW)

    with pytest.raises(HoldExpired):
        transact(world.ctx, STAFF, confirm_booking, hold.id)


def test_open_visit_on_a_plan_moves_to_where_it_is_held(database: Database) -> None:
    """A flexible visit that the night put somewhere is on one route only after its customer called."""
    day_after = TOMORROW + timedelta(days=1)
    world = make_world(database, days=(TOMORROW, day_after))
    visit = world.visit()
    world.plan_open(visit, shift=world.shifts[0])

    world.hold(visit, TimeWindow(local("10:00", day_after), local("12:00", day_after)))

    assert_sound(world.ctx)
    assert world.plan(TOMORROW).version == 2
    assert world.plan(day_after).version == 1


def test_customer_reaches_only_the_own_visit(database: Database) -> None:
    """Another one's link does not even learn that there is something."""
    world = make_world(database)
    mine, other = world.visit(), world.visit()
    me, stranger = customer_of(mine.work_order_id), customer_of(other.work_order_id)
    offer = world.quote(mine, actor=me).offers[0]

    with pytest.raises(NotFound):
        transact(world.ctx, stranger, quote_windows, mine.id)
    with pytest.raises(NotFound) as caught:
        transact(world.ctx, stranger, hold_window, offer.id)
    assert caught.value.details == {"kind": "offer", "name": offer.id}
    hold = transact(world.ctx, me, hold_window, offer.id)
    for use_case in (read_hold, release_hold, confirm_booking):
        with pytest.raises(NotFound):
            transact(world.ctx, stranger, use_case, hold.id)
    booking = transact(world.ctx, me, confirm_booking, hold.id)
    with pytest.raises(NotFound):
        view(world.ctx, stranger, read_booking, booking.id)
    with pytest.raises(NotFound):
        transact(world.ctx, me, hold_window, "of_nothing")


def test_booked_visit_is_not_held(database: Database) -> None:
    """A booking moves as one step; a second hold would leave two promises."""
    world = make_world(database)
    visit = world.visit()
    offer = world.offer(visit, NOON)
    world.book(visit, MORNING)

    with pytest.raises(WrongState, match="reschedule"):
        transact(world.ctx, STAFF, hold_window, offer.id)


def test_bookings_are_listed_by_window_in_pages(database: Database) -> None:
    """A dispatcher sees a day in its order, and every booking once."""
    world = make_world(database, technicians=2)
    booked = [world.book(world.visit(), window) for window in (NOON, MORNING, MORNING)]

    first = view(world.ctx, STAFF, list_bookings, territory_id=world.territory.id, day=TOMORROW, limit=2)
    rest = view(world.ctx, STAFF, list_bookings, state="confirmed", limit=2, after=first.next)

    assert [item.window_start for item in (*first.items, *rest.items)] == [
        MORNING.earliest,
        MORNING.earliest,
        NOON.earliest,
    ]
    assert {item.id for item in (*first.items, *rest.items)} == {booking.id for booking in booked}
    assert rest.next is None
    assert view(world.ctx, STAFF, list_bookings, customer_id="cu_nobody").items == ()


def _pair(window: TimeWindow) -> tuple[object, object]:
    return window.earliest, window.latest
