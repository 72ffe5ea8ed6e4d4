"""Moving and cancelling bookings, and the waitlist for an earlier window."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking_worlds import MORNING, NOON, TOMORROW, World, another_process, assert_sound, make_world
from fieldops.domain.problem import TimeWindow
from fieldops.errors import InvalidInput, NotFound, OfferExpired, WindowTaken, WrongState
from fieldops.store.database import Database
from fieldops.store.tables import (
    MessageRow,
    PromiseRow,
    ShiftRow,
    StreamEventRow,
    VisitRow,
    WaitlistRow,
    WebhookRow,
)
from fieldops.usecases.booking_views import BookingView, WaitlistView
from fieldops.usecases.cancel_booking import cancel_booking
from fieldops.usecases.confirm_booking import confirm_booking
from fieldops.usecases.expire_holds import expire_holds
from fieldops.usecases.read_bookings import read_booking
from fieldops.usecases.release_hold import release_hold
from fieldops.usecases.reschedule_booking import reschedule_booking
from fieldops.usecases.stream import topic_of_board, topic_of_technician
from fieldops.usecases.waitlist import join_waitlist, leave_waitlist, sweep_waitlist
from fieldops.usecases.work import transact, view
from worlds import NOW, STAFF, customer_of, local

DAY_AFTER = TOMORROW + timedelta(days=1)
LATER = TimeWindow(local("10:00", DAY_AFTER), local("12:00", DAY_AFTER))


@pytest.mark.parametrize("target", [NOON, LATER])
def test_booking_moves_in_one_step(database: Database, target: TimeWindow) -> None:
    """Same booking, new window; the ledger keeps the old promise, and the old place is free."""
    world = make_world(database, days=(TOMORROW, DAY_AFTER))
    visit = world.visit(duration_s=7_200)
    booking = world.book(visit, MORNING)
    world.clock.advance(timedelta(minutes=5))

    moved = transact(world.ctx, STAFF, reschedule_booking, booking.id, world.offer(visit, target).id)

    assert (moved.id, moved.version, moved.state) == (booking.id, 2, "confirmed")
    assert (moved.window_start, moved.planned_start) == (target.earliest, target.earliest)
    with database.reading() as session:
        lines = session.scalars(select(PromiseRow).order_by(PromiseRow.told_at)).all()
        assert [(line.window_start, line.outcome) for line in lines] == [
            (MORNING.earliest, "changed"),
            (target.earliest, None),
        ]
        kinds = set(session.scalars(select(MessageRow.kind).where(MessageRow.subject_version == 2)))
        assert "change" in kinds
    assert_sound(world.ctx)
    assert world.hold(world.visit(duration_s=7_200), MORNING).state == "active"


def test_boards_and_technicians_hear_of_bookings_at_once(database: Database) -> None:
    """Of the two dates, as the plan of each changes; of a hold, which is no promise yet, nobody hears."""
    world = make_world(database, days=(TOMORROW, DAY_AFTER))
    visit = world.visit()
    technician = world.technicians[0].id

    hold = world.hold(visit, MORNING)
    assert _said(database) == []
    booking = transact(world.ctx, STAFF, confirm_booking, hold.id)
    transact(world.ctx, STAFF, reschedule_booking, booking.id, world.offer(visit, LATER).id)
    transact(world.ctx, STAFF, cancel_booking, booking.id, "sold the boiler")

    told = [
        # The hold was version 1.
        (TOMORROW, 1, "confirm"),
        (TOMORROW, 2, "reschedule"),
        (DAY_AFTER, 1, "reschedule"),
        (DAY_AFTER, 2, "cancel"),
    ]
    assert _said(database) == [
        (topic, version, reason)
        for day, version, reason in told
        for topic in (topic_of_board(world.territory.id, day), topic_of_technician(technician, day))
    ]


def _said(database: Database) -> list[tuple[str, int, str]]:
    """List what was said of plans: topic, version and reason."""
    plans = select(StreamEventRow).where(StreamEventRow.kind == "plan").order_by(StreamEventRow.id)
    with database.reading() as session:
        return [(row.topic, row.data["version"], row.data["reason"]) for row in session.scalars(plans)]


def test_move_within_a_route_is_one_version(database: Database) -> None:
    """Taking off and putting on again is one change of the plan."""
    world = make_world(database)
    visit = world.visit()
    booking = world.book(visit, MORNING)

    transact(world.ctx, STAFF, reschedule_booking, booking.id, world.offer(visit, NOON).id)

    assert world.plan().version == 2


def test_move_to_the_window_it_has_changes_nothing(database: Database) -> None:
    """A repeated click is no second change, and no second message."""
    world = make_world(database)
    visit = world.visit()
    booking = world.book(visit, MORNING)
    offer = world.offer(visit, NOON)

    first = transact(world.ctx, STAFF, reschedule_booking, booking.id, offer.id)

    assert transact(world.ctx, STAFF, reschedule_booking, booking.id, offer.id) == first


def test_booking_stays_when_the_new_window_is_taken(database: Database) -> None:
    """Nobody loses the old window over a new one that somebody else got."""
    world = make_world(database, days=(TOMORROW, DAY_AFTER))
    visit = world.visit(duration_s=7_200)
    booking = world.book(visit, MORNING)
    offer = world.offer(visit, LATER)
    world.book(world.visit(duration_s=7_200), LATER)

    with pytest.raises(WindowTaken):
        transact(world.ctx, STAFF, reschedule_booking, booking.id, offer.id)

    assert view(world.ctx, STAFF, read_booking, booking.id) == booking
    assert_sound(world.ctx)


def test_booking_does_not_move_once_its_window_has_begun(database: Database) -> None:
    """The technician is on the way."""
    world = make_world(database, days=(TOMORROW, DAY_AFTER))
    visit = world.visit()
    booking = world.book(visit, MORNING)
    world.clock.advance(MORNING.earliest - NOW - timedelta(minutes=10))
    offer = world.offer(visit, LATER)
    world.clock.advance(timedelta(minutes=10))

    with pytest.raises(WrongState, match="begun"):
        transact(world.ctx, STAFF, reschedule_booking, booking.id, offer.id)
    with pytest.raises(WrongState, match="begun"):
        world.quote(visit)


def test_booking_moves_only_by_an_offer_for_its_own_visit_that_is_still_good(database: Database) -> None:
    """An offer is no voucher."""
    world = make_world(database)
    visit = world.visit()
    booking = world.book(visit, MORNING)
    foreign, old = world.offer(world.visit(), NOON), world.offer(visit, NOON)
    world.clock.advance(timedelta(minutes=30))

    with pytest.raises(NotFound):
        transact(world.ctx, STAFF, reschedule_booking, booking.id, foreign.id)
    with pytest.raises(OfferExpired):
        transact(world.ctx, STAFF, reschedule_booking, booking.id, old.id)
    stranger = customer_of(world.visit().work_order_id)
    with pytest.raises(NotFound):
        transact(world.ctx, stranger, reschedule_booking, booking.id, old.id)


def test_canceled_booking_leaves_the_plan_and_the_ledger_says_so(database: Database) -> None:
    """The place is free, the promise is off, customer and other systems are told, once."""
    world = make_world(database)
    with database.writing() as session:
        session.add(WebhookRow(id="wh_crm", url="https://crm.example.com", secret="s" * 32, events=[], created_at=NOW))
    visit = world.visit(duration_s=7_200)
    booking = world.book(visit, MORNING)

    canceled = transact(world.ctx, STAFF, cancel_booking, booking.id, "sold the house")
    again = transact(world.ctx, STAFF, cancel_booking, booking.id, "another reason")

    assert again == canceled
    assert (canceled.state, canceled.cancel_reason, canceled.planned_start) == ("canceled", "sold the house", None)
    assert world.row(VisitRow, visit.id).state == "canceled"
    with database.reading() as session:
        assert session.scalars(select(PromiseRow)).one().outcome == "canceled"
        told = select(MessageRow.kind).where(MessageRow.channel == "webhook").order_by(MessageRow.created_at)
        assert set(session.scalars(told)) == {"booking.confirmed", "booking.canceled"}
        to_customer = select(MessageRow.kind).where(MessageRow.kind == "cancellation")
        assert session.scalars(to_customer).all() == ["cancellation"]
    assert_sound(world.ctx)
    assert world.hold(world.visit(duration_s=7_200), MORNING).state == "active"


def test_visit_that_is_still_wanted_can_be_booked_again(database: Database) -> None:
    """A canceled booking need not be the end of the work order."""
    world = make_world(database)
    visit = world.visit()
    booking = world.book(visit, MORNING)

    transact(world.ctx, STAFF, cancel_booking, booking.id, "technician fell ill", reopens=True)

    assert world.row(VisitRow, visit.id).state == "open"
    second = world.book(visit, NOON)
    assert second.id != booking.id
    assert_sound(world.ctx)
    with pytest.raises(WrongState):
        transact(world.ctx, STAFF, reschedule_booking, booking.id, world.offer(visit, MORNING).id)


def test_customer_cancels_before_the_window_begins_staff_also_after(database: Database) -> None:
    """Nobody cancels over a link while the technician stands at the door; staff record what happened."""
    world = make_world(database)
    visit = world.visit()
    booking = world.book(visit, MORNING)
    world.clock.advance(MORNING.earliest - NOW)

    with pytest.raises(WrongState, match="call"):
        transact(world.ctx, customer_of(visit.work_order_id), cancel_booking, booking.id, "")

    assert transact(world.ctx, STAFF, cancel_booking, booking.id, "nobody at home").state == "canceled"


def test_booking_is_canceled_although_its_route_breaks_a_rule(database: Database) -> None:
    """A shift that was cut short must not keep a customer from cancelling; the other stop keeps its time."""
    world = make_world(database)
    first, second = world.book(world.visit(), MORNING), world.book(world.visit(), NOON)
    third = world.book(world.visit(), NOON)
    before = view(world.ctx, STAFF, read_booking, second.id)
    with database.writing() as session:
        # From now on the shift ends at 11:00: nobody could serve at noon.
        shift = session.get_one(ShiftRow, world.shifts[0].id)
        shift.ends_at = shift.hard_ends_at = local("11:00", TOMORROW)
    fresh = another_process(world)

    transact(fresh.ctx, STAFF, cancel_booking, first.id, "")
    after = view(fresh.ctx, STAFF, read_booking, second.id)
    transact(fresh.ctx, STAFF, cancel_booking, second.id, "")
    transact(fresh.ctx, STAFF, cancel_booking, third.id, "")

    assert after.planned_start == before.planned_start
    assert world.plan().version == 6
    assert_sound(world.ctx)


def test_waitlist_needs_consent_and_a_time_before_the_booking(database: Database) -> None:
    """Nobody is asked who did not agree to it, and every fault is named at once."""
    world = make_world(database)
    booking = world.book(world.visit(), NOON)

    with pytest.raises(InvalidInput) as caught:
        transact(world.ctx, STAFF, join_waitlist, booking.id, NOON.earliest, consent=False)

    assert [fault.path for fault in caught.value.faults] == ["consent", "not_before"]


def test_waitlist_is_joined_once_changed_and_left(database: Database) -> None:
    """One entry per booking; leaving it ends it."""
    world = make_world(database)
    visit = world.visit()
    booking = world.book(visit, NOON)
    first = transact(world.ctx, STAFF, join_waitlist, booking.id, NOW, consent=True)
    second = transact(world.ctx, STAFF, join_waitlist, booking.id, MORNING.earliest, consent=True)

    assert (second.id, second.not_before) == (first.id, MORNING.earliest)
    assert view(world.ctx, STAFF, read_booking, booking.id).waitlist == second
    with pytest.raises(NotFound):
        transact(world.ctx, customer_of("wo_other"), leave_waitlist, booking.id)
    assert transact(world.ctx, customer_of(visit.work_order_id), leave_waitlist, booking.id).state == "left"
    assert view(world.ctx, STAFF, read_booking, booking.id).waitlist is None
    with pytest.raises(NotFound):
        transact(world.ctx, STAFF, leave_waitlist, booking.id)
    transact(world.ctx, STAFF, cancel_booking, booking.id, "")
    with pytest.raises(WrongState):
        transact(world.ctx, STAFF, join_waitlist, booking.id, NOW, consent=True)


@pytest.mark.parametrize("freed_by", ["cancel", "release", "expiry", "move"])
def test_room_that_frees_is_offered_to_the_waitlist(database: Database, freed_by: str) -> None:
    """Whatever frees the morning, the customer who waits for it is asked, with an offer that can be taken up."""
    world = make_world(database, days=(TOMORROW, DAY_AFTER, DAY_AFTER + timedelta(days=1)))
    # 9 h 42 min fill the day from 8:00 to 17:42, with the way there and back.
    long = {"duration_s": 34_920}
    in_the_way = world.visit(**long)
    early = TimeWindow(local("08:00", TOMORROW), local("10:00", TOMORROW))
    hold = world.hold(in_the_way, early)
    waiting = world.book(world.visit(duration_s=7_200), LATER)
    transact(world.ctx, STAFF, join_waitlist, waiting.id, MORNING.earliest, consent=True)
    assert _entry(world, waiting).state == "waiting"

    match freed_by:
        case "cancel":
            blocking = transact(world.ctx, STAFF, confirm_booking, hold.id)
            transact(world.ctx, STAFF, cancel_booking, blocking.id, "")
        case "release":
            transact(world.ctx, STAFF, release_hold, hold.id)
        case "expiry":
            world.clock.advance(timedelta(minutes=10))
            transact(world.ctx, STAFF, expire_holds)
        case "move":
            blocking = transact(world.ctx, STAFF, confirm_booking, hold.id)
            later = TimeWindow(early.earliest + timedelta(days=2), early.latest + timedelta(days=2))
            transact(world.ctx, STAFF, reschedule_booking, blocking.id, world.offer(in_the_way, later).id)

    entry = _entry(world, waiting)
    assert entry.state == "offered"
    # Not before 10:00, as the customer said; of windows that cost the same, the first.
    assert entry.offer_window_start == MORNING.earliest
    with database.reading() as session:
        message = session.scalars(select(MessageRow).where(MessageRow.kind == "earlier_slot")).one()
        assert message.data["offer_id"] == entry.offer_id
    moved = transact(world.ctx, STAFF, reschedule_booking, waiting.id, str(entry.offer_id))
    assert (moved.window_start, moved.waitlist) == (MORNING.earliest, None)
    assert world.row(WaitlistRow, entry.id).state == "accepted"
    assert_sound(world.ctx)


def test_one_is_asked_at_a_time_and_then_the_next(database: Database) -> None:
    """One free place is not promised around; who does not answer is not asked about the same window again."""
    world = make_world(database, technicians=1, days=(TOMORROW, DAY_AFTER))
    long = world.book(world.visit(duration_s=34_920), TimeWindow(local("08:00", TOMORROW), local("10:00", TOMORROW)))
    waiting = [world.book(world.visit(duration_s=5_400), window) for window in (LATER, LATER)]
    for booking in waiting:
        transact(world.ctx, STAFF, join_waitlist, booking.id, local("16:00", TOMORROW), consent=True)
        world.clock.advance(timedelta(seconds=1))

    transact(world.ctx, STAFF, cancel_booking, long.id, "")
    states = [_entry(world, booking).state for booking in waiting]
    world.clock.advance(timedelta(minutes=30))
    swept = transact(world.ctx, STAFF, sweep_waitlist)

    assert states == ["offered", "waiting"]
    assert swept == 1
    assert [_entry(world, booking).state for booking in waiting] == ["waiting", "offered"]
    world.clock.advance(timedelta(minutes=30))
    transact(world.ctx, STAFF, sweep_waitlist)
    # Only 16:00 to 18:00 is late enough for both, and both have been asked about it.
    assert [_entry(world, booking).state for booking in waiting] == ["waiting", "waiting"]


def test_waiting_booking_that_moves_or_ends_is_asked_no_more(database: Database) -> None:
    """A canceled booking leaves the list; one that moved as early as it could is content."""
    world = make_world(database, days=(TOMORROW, DAY_AFTER))
    visit = world.visit()
    gone, content = world.book(world.visit(), LATER), world.book(visit, LATER)
    for booking in (gone, content):
        transact(world.ctx, STAFF, join_waitlist, booking.id, MORNING.earliest, consent=True)
    transact(world.ctx, STAFF, cancel_booking, gone.id, "")
    transact(world.ctx, STAFF, reschedule_booking, content.id, world.offer(visit, MORNING).id)

    with database.reading() as session:
        entries = select(WaitlistRow.state).order_by(WaitlistRow.state)
        assert session.scalars(entries).all() == ["accepted", "left"]


def _entry(world: World, booking: BookingView) -> WaitlistView:
    entry = view(world.ctx, STAFF, read_booking, booking.id).waitlist
    assert entry is not None
    return entry
