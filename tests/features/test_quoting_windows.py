"""What a quote lists: windows that can be kept, by what they cost, and why others cannot."""

from datetime import date, timedelta

import pytest

from booking_worlds import MORNING, NOON, TOMORROW, another_process, make_world, refusal_at
from fieldops.errors import WrongState
from fieldops.store.database import Database
from fieldops.store.tables import OfferRow
from fieldops.usecases.booking_views import OfferReason, RefusedReason
from worlds import NOW, TODAY, add_customer, add_shift, add_site, local


def test_quote_lists_every_window_of_the_pattern_with_its_cost(database: Database) -> None:
    """An empty day can keep every window, and says what each of them adds."""
    world = make_world(database)

    quote = world.quote(world.visit(), first_date=TOMORROW, num_days=1)

    # One kilometer there and one back: 2 x 180 s at 36 dollars an hour are 360 cents; 1.4 x 2 km at 30 cents are 84.
    assert [offer.cost_cents for offer in quote.offers] == [444] * 5
    assert [offer.window_start for offer in quote.offers] == [
        local(clock, TOMORROW) for clock in ("08:00", "10:00", "12:00", "14:00", "16:00")
    ]
    assert [offer.rank for offer in quote.offers] == [1, 2, 3, 4, 5]
    first = quote.offers[0]
    # The shift begins at 8:00, three minutes away.
    assert first.start == local("08:03", TOMORROW)
    assert first.technician_nearby
    assert first.reasons == (OfferReason.LEAST_COST, OfferReason.TECHNICIAN_NEARBY, OfferReason.EARLY)
    assert first.technicians[0].technician_id == world.technicians[0].id
    assert first.expires_at == NOW + timedelta(minutes=30)
    assert quote.refused == ()


def test_windows_within_the_notice_or_beyond_the_horizon_are_not_offered(database: Database) -> None:
    """It is 8:00: with two hours of notice the next window begins at 10:00, and the last date is in 13 days."""
    days = (TODAY, TODAY + timedelta(days=13), TODAY + timedelta(days=14))
    world = make_world(database, days=days)

    offered = {offer.window_start for offer in world.quote(world.visit()).offers}

    assert min(offered) == local("10:00")
    assert max(offered) == local("16:00", TODAY + timedelta(days=13))


def test_first_date_far_away_offers_nothing(database: Database) -> None:
    """A date beyond the calendar of the territory is no error, there is just nothing."""
    world = make_world(database)
    visit = world.visit()

    assert world.quote(visit, first_date=date(9999, 12, 31), num_days=14).offers == ()
    assert world.quote(visit, first_date=date(1, 1, 1), num_days=14).offers != ()


def test_hard_windows_and_release_cut_what_is_offered(database: Database) -> None:
    """Nobody is offered a time at which the visit is not allowed."""
    world = make_world(database)
    allowed = [[local("09:00", TOMORROW).isoformat(), local("13:00", TOMORROW).isoformat()]]
    visit = world.visit(windows=allowed, release_at=local("09:30", TOMORROW))

    windows = [(offer.window_start, offer.window_end) for offer in world.quote(visit).offers]

    assert sorted(windows) == [
        (local("09:30", TOMORROW), local("10:00", TOMORROW)),
        (local("10:00", TOMORROW), local("12:00", TOMORROW)),
        (local("12:00", TOMORROW), local("13:00", TOMORROW)),
    ]


def test_start_keeps_the_buffer_before_the_end_of_the_window(database: Database) -> None:
    """A visit is put a quarter of an hour before the end of its window at the latest."""
    # The shift begins at 9:44 and the customer lives one minute's walk away at the depot: 9:44 <= 9:45 fits...
    world = make_world(database, days=())
    with database.writing() as session:
        depot = add_site(session, kind="depot")
        shift = add_shift(session, world.technicians[0], day=TOMORROW, start="09:44", base=depot)
    visit = world.visit_at(0.0)

    assert local("08:00", TOMORROW) in {offer.window_start for offer in world.quote(visit).offers}

    # ... and from 9:46 on it does not, although the window ends at 10:00.
    with database.writing() as session:
        session.delete(shift)
        add_shift(session, world.technicians[0], day=TOMORROW, start="09:46", base=depot)
    later = another_process(world)

    assert local("08:00", TOMORROW) not in {offer.window_start for offer in later.quote(visit).offers}


def test_best_technician_comes_first_and_three_are_named(database: Database) -> None:
    """Who adds least to the plan serves; the customer's known technician is worth a detour of ten dollars."""
    world = make_world(database, technicians=4)
    stranger = world.visit()
    offers = world.quote(stranger).offers

    assert len(offers[0].technicians) == 3

    with database.writing() as session:
        customer = add_customer(session, known_technician_id=world.technicians[3].id)
    known = world.quote(world.visit(customer=customer)).offers[0]

    assert known.technicians[0].technician_id == world.technicians[3].id
    # Everybody else costs the ten dollars of another technician on top.
    assert [candidate.cost_cents for candidate in known.technicians] == [444, 1_444, 1_444]
    assert OfferReason.KNOWN_TECHNICIAN in known.reasons


def test_preferred_time_ranks_first(database: Database) -> None:
    """What the customer would like costs five dollars less."""
    world = make_world(database)
    preferred = [local("14:00", TOMORROW).isoformat(), local("15:30", TOMORROW).isoformat()]

    offers = world.quote(world.visit(preferred_window=preferred)).offers

    assert offers[0].window_start == local("14:00", TOMORROW)
    assert OfferReason.PREFERRED_TIME in offers[0].reasons
    assert [offer.cost_cents for offer in offers] == [444, 944, 944, 944, 944]


def test_cheaper_window_ranks_before_an_earlier_one(database: Database) -> None:
    """Next to a visit that is booked nobody drives twice."""
    world = make_world(database)
    world.book(world.visit(), NOON)

    offers = world.quote(world.visit()).offers

    # In any window before or after noon the technician has no need to go home in between: the neighbor adds nothing.
    assert {offer.cost_cents for offer in offers} == {0}
    far = another_process(world).quote(world.visit_at(-5.0)).offers
    assert len({offer.cost_cents for offer in far}) == 1


def test_reason_of_a_refused_window_is_what_came_closest(database: Database) -> None:
    """Staff can say why a window cannot be had."""
    world = make_world(database, days=(TOMORROW,))
    day_after = TOMORROW + timedelta(days=1)
    visit = world.visit(duration_s=7_200)
    assert refusal_at(world.quote(visit), local("10:00", day_after)) is RefusedReason.NO_SHIFTS

    world.book(world.visit(duration_s=7_200), MORNING)

    assert refusal_at(world.quote(visit), MORNING.earliest) is RefusedReason.FULL
    assert refusal_at(world.quote(world.visit(duration_s=36_000)), MORNING.earliest) is RefusedReason.OUTSIDE_SHIFTS
    skilled = world.visit(required_skills={"gas": 3})
    assert refusal_at(world.quote(skilled), MORNING.earliest) is RefusedReason.NO_SKILL
    picky = world.visit(forbidden_technicians=[world.technicians[0].id])
    assert refusal_at(world.quote(picky), MORNING.earliest) is RefusedReason.NOT_ALLOWED


def test_visit_that_is_done_or_canceled_is_not_quoted(database: Database) -> None:
    """There is nothing to book any more."""
    world = make_world(database)

    for state in ("done", "canceled"):
        with pytest.raises(WrongState):
            world.quote(world.visit(state=state))


def test_quote_of_a_booked_visit_leaves_itself_out_of_the_way(database: Database) -> None:
    """Moving a booking within its day must not fail because of the booking itself."""
    world = make_world(database)
    visit = world.visit(duration_s=7_200)
    world.book(visit, MORNING)

    windows = {offer.window_start for offer in world.quote(visit).offers}

    # Not its own one; at 16:00 there is no more time for two hours before 18:00, with the way home.
    assert windows == {local(clock, TOMORROW) for clock in ("08:00", "12:00", "14:00")}


def test_offers_of_a_quote_are_kept_with_what_they_were_made_from(database: Database) -> None:
    """What was offered can be looked up later: version of the plan, technician, cost."""
    world = make_world(database)
    world.book(world.visit(), NOON)
    offer = world.quote(world.visit()).offers[0]

    row = world.row(OfferRow, offer.id)

    assert (row.plan_version, row.rank, row.cost_cents) == (1, 1, offer.cost_cents)
    assert row.technician_id == world.technicians[0].id
