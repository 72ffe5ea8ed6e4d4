"""Running plans in the database and in memory: versions, copies of routes, boards that are never behind."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from booking_worlds import MORNING, NOON, TOMORROW, World, another_process, assert_sound, make_world
from fieldops.domain.plan import Route
from fieldops.domain.problem import TimeWindow, TravelSource
from fieldops.errors import NotFound, TravelUnavailable
from fieldops.store.database import Database
from fieldops.store.day_plans import load_day, lock_plan, lock_plans
from fieldops.store.day_visits import load_visits
from fieldops.store.plan_routes import changed_shifts, current_routes, plan_at, write_routes
from fieldops.store.tables import (
    AbsenceRow,
    BookingRow,
    PlanRow,
    PlanVersionRow,
    RouteRow,
    ShiftRow,
    TechnicianRow,
    TerritoryRow,
    VisitRow,
)
from fieldops.travel.provider import TravelProvider
from fieldops.usecases.board import Board
from fieldops.usecases.cancel_booking import cancel_booking
from fieldops.usecases.hold_window import hold_window
from fieldops.usecases.read_bookings import read_booking
from fieldops.usecases.release_hold import release_hold
from fieldops.usecases.work import Work, transact, view
from worlds import NOW, STAFF, SYSTEM, add_customer, add_shift, add_site, add_technician, local


def test_plan_is_made_once_and_locked_by_date(database: Database) -> None:
    """Two who plan a new date share one plan."""
    world = make_world(database)

    with database.writing() as session:
        first = lock_plan(session, world.territory.id, TOMORROW)
        both = lock_plans(session, world.territory.id, [TOMORROW, TOMORROW + timedelta(days=1), TOMORROW])

        assert both[TOMORROW] is first
        assert sorted(both) == [TOMORROW, TOMORROW + timedelta(days=1)]
        assert {plan.version for plan in both.values()} == {0}


def test_day_without_a_plan_has_shifts_and_no_visits(database: Database) -> None:
    """Quotes and solves begin somewhere."""
    world = make_world(database, technicians=2)

    with database.reading() as session:
        day = load_day(session, world.territory.id, TOMORROW)

        assert (day.plan_id, day.version) == (None, 0)
        assert day.orders == {shift.id: () for shift in world.shifts}
        assert [len(technician.shifts) for technician in day.problem.technicians] == [1, 1]
        assert day.problem.technicians[0].skills == {"gas": 2, "power": 2}
        # The depot alone.
        assert len(day.problem.places) == 1
        with pytest.raises(NotFound):
            load_day(session, "te_nowhere", TOMORROW)


def test_promised_visits_are_mandatory_with_their_window_as_a_hard_promise(database: Database) -> None:
    """What was promised binds every plan; what was merely wished before does not any more."""
    world = make_world(database)
    with database.writing() as session:
        customer = add_customer(session, known_technician_id=world.technicians[0].id)
    allowed = [[local("10:00", TOMORROW).isoformat(), local("12:00", TOMORROW).isoformat()]]
    held, booked = world.visit(customer=customer, windows=allowed), world.visit(release_at=NOW)
    world.hold(held, MORNING)
    world.book(booked, NOON)
    free = world.visit(windows=allowed, release_at=NOW)

    with database.reading() as session:
        visits, places = load_visits(session, [held.id, booked.id, free.id])

    for row, window in ((held, MORNING), (booked, NOON)):
        visit = visits[row.id]
        assert (visit.promised_window, visit.promise_is_hard, visit.mandatory) == (window, True, True)
        assert (visit.windows, visit.release) == ((), None)
    assert visits[held.id].preferred_technicians == {world.technicians[0].id}
    assert visits[free.id].windows == (MORNING,)
    assert (visits[free.id].promised_window, visits[free.id].release, visits[free.id].mandatory) == (None, NOW, False)
    assert {place.id for place in places.values()} == {held.site_id, booked.site_id, free.site_id}


def test_absent_removed_and_inactive_people_are_not_on_the_day(database: Database) -> None:
    """Nobody is promised who will not be there."""
    world = make_world(database, technicians=4)
    with database.writing() as session:
        absence = AbsenceRow(id="ab_1", technician_id=world.technicians[0].id, kind="sick", created_at=NOW)
        absence.starts_at, absence.ends_at = local("17:30", TOMORROW), local("23:00", TOMORROW)
        session.add(absence)
        session.get_one(ShiftRow, world.shifts[1].id).removed_at = NOW
        session.get_one(TechnicianRow, world.technicians[2].id).is_active = False

    with database.reading() as session:
        day = load_day(session, world.territory.id, TOMORROW)

    assert list(day.orders) == [world.shifts[3].id]


def test_night_shift_makes_the_horizon_longer(database: Database) -> None:
    """A shift that ends after midnight belongs to the date it began on."""
    world = make_world(database)
    with database.writing() as session:
        night = add_shift(session, world.technicians[0], day=TOMORROW, start="22:00", end="23:30")
        night.ends_at = night.hard_ends_at = local("04:00", TOMORROW + timedelta(days=1))

    with database.reading() as session:
        assert load_day(session, world.territory.id, TOMORROW).problem.num_days == 2


def test_change_closes_the_old_route_and_writes_a_new_one(database: Database) -> None:
    """History is kept: every version can be read as it was."""
    world = make_world(database, technicians=2)
    visits = [world.visit(duration_s=7_200) for _ in range(2)]
    first, second = (world.hold(visit, MORNING) for visit in visits)
    transact(world.ctx, STAFF, release_hold, first.id)

    with database.reading() as session:
        plan = session.scalars(select(PlanRow)).one()
        history = [
            {visit_id for route in plan_at(session, plan.id, version).values() for visit_id in _visits(route)}
            for version in range(4)
        ]
        # Both have one route at a time, and the second one's was never touched.
        versions = select(RouteRow.from_version, RouteRow.until_version).order_by(RouteRow.from_version)
        assert [tuple(row) for row in session.execute(versions)] == [(1, 3), (2, None)]
        reasons = session.scalars(select(PlanVersionRow.reason).order_by(PlanVersionRow.version)).all()

        assert history == [set(), {visits[0].id}, {visits[0].id, visits[1].id}, {visits[1].id}]
        assert reasons == ["hold", "hold", "release"]
        # Since version 1: one route came, one went. Since version 2: one went.
        assert len(changed_shifts(session, plan.id, 1)) == 2
        [gone] = changed_shifts(session, plan.id, 2)
        assert gone not in current_routes(session, plan.id)
        [left] = current_routes(session, plan.id).values()
        assert (left.technician_id, _visits(left)) == (second.technician_id, [visits[1].id])


def test_two_changes_never_make_the_same_version(database: Database) -> None:
    """The last word against a lost update, should a lock ever be forgotten."""
    world = make_world(database)
    world.hold(world.visit(), MORNING)

    def forgetful() -> None:
        with database.writing() as session:
            plan = session.scalars(select(PlanRow)).one()
            session.execute(update(PlanRow).values(version=0), execution_options={"synchronize_session": False})
            session.refresh(plan)
            write_routes(session, plan, {}, reason="shifts", actor="system", now=NOW)

    with pytest.raises(IntegrityError):
        forgetful()


def test_board_follows_changes_of_other_processes(database: Database) -> None:
    """What another process has sold is not offered."""
    world = make_world(database)
    other = another_process(world)
    visit = world.visit(duration_s=7_200)
    assert MORNING.earliest in _starts(other, visit)

    world.hold(world.visit(duration_s=7_200), MORNING)

    assert MORNING.earliest not in _starts(other, visit)


def test_board_reloads_only_the_shifts_that_changed(database: Database) -> None:
    """A hold on one of many routes costs the other processes one route."""
    world = make_world(database, technicians=3)
    other = another_process(world)
    world.hold(world.visit(), MORNING)
    before = _board(other)

    world.hold(world.visit(), NOON)
    after = _board(other)

    assert (before.version, after.version) == (1, 2)
    assert len(_objects(before) & _objects(after)) == 2
    assert _board(other) is after


def test_board_follows_its_own_changes_without_asking(database: Database) -> None:
    """Whoever made a change knows what the plan is now; it is what another process reads."""
    world = make_world(database, technicians=2)
    _board(world)
    offers = [world.offer(world.visit(), window) for window in (MORNING, NOON)]
    hold = transact(world.ctx, STAFF, hold_window, offers[0].id)
    kept = transact(world.ctx, STAFF, hold_window, offers[1].id)
    transact(world.ctx, STAFF, release_hold, hold.id)
    silent = replace(world, ctx=replace(world.ctx, travel=_no_travel))

    own, read = _board(silent), _board(another_process(world))

    assert (own.version, own.plan_id) == (read.version, read.plan_id) == (3, world.plan().id)
    for mine, theirs in zip(own.shifts, read.shifts, strict=True):
        assert mine.problem.visits == theirs.problem.visits
        assert set(mine.problem.places) == set(theirs.problem.places)
    assert kept.state == "active"


def test_visit_comes_off_the_plan_while_travel_times_cannot_be_had(database: Database) -> None:
    """A customer can cancel although the road engine is down; the other stop keeps its time."""
    world = make_world(database)
    first, second = world.book(world.visit(), MORNING), world.book(world.visit(), NOON)
    stuck = another_process(world)
    silent = replace(stuck, ctx=replace(stuck.ctx, travel=_no_travel))

    transact(silent.ctx, STAFF, cancel_booking, first.id, "")

    assert view(world.ctx, STAFF, read_booking, second.id).planned_start == second.planned_start
    assert_sound(world.ctx)
    with pytest.raises(TravelUnavailable):
        silent.quote(silent.visit())


@pytest.mark.parametrize("reason", ["shifts", "absence"])
def test_board_sees_people_come_and_go(database: Database, reason: str) -> None:
    """A shift that came or went is noticed by the version that was made for it."""
    world = make_world(database)
    world.hold(world.visit(), MORNING)
    assert len(_board(world).shifts) == 1
    with database.writing() as session:
        depot = add_site(session, kind="depot")
        add_shift(session, add_technician(session, world.territory), day=TOMORROW, base=depot)
        plan = lock_plan(session, world.territory.id, TOMORROW)
        write_routes(session, plan, {}, reason=reason, actor="system", now=NOW)

    assert len(_board(world).shifts) == 2


def test_board_follows_the_policies(database: Database) -> None:
    """A longer buffer counts at once."""
    world = make_world(database)
    _board(world)
    with database.writing() as session:
        session.get_one(TerritoryRow, world.territory.id).policies = {"buffer_minutes": 60}

    offer = world.offer(world.visit(), MORNING)

    # Of the two hours, sixty minutes are kept free: what starts at 10:00 may slip until 11:00.
    assert offer.slack_s == 3_600


def test_board_forgets_what_was_rolled_back(database: Database) -> None:
    """A change that never came to be leaves no trace in memory."""
    world = make_world(database)
    visit = world.visit(duration_s=7_200)
    offer = world.offer(visit, MORNING)

    def fails_at_the_end(work: Work) -> None:
        hold_window(work, offer.id)
        # The transaction sees its own change ...
        assert _board_in(work, world).version == 1
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        transact(world.ctx, STAFF, fails_at_the_end)

    # ... and nobody else ever does, not even when another change makes a version of the same number.
    assert _board(world).version == 0
    rival = world.visit(duration_s=7_200)
    hold = world.hold(rival, MORNING)
    assert _board(world).shifts[0].problem.visits[0].id == rival.id
    assert hold.state == "active"
    assert_sound(world.ctx)


def test_boards_of_past_dates_are_dropped(database: Database) -> None:
    """Memory does not grow with the years."""
    world = make_world(database, days=(TOMORROW, TOMORROW + timedelta(days=5)))
    first = _board(world)
    world.clock.advance(timedelta(days=4))

    _board(world, TOMORROW + timedelta(days=5))

    world.clock.advance(timedelta(days=-4))
    assert _board(world) is not first


def test_route_that_breaks_a_rule_takes_nobody_on(database: Database) -> None:
    """A visit that may start at no time of its date makes its route unquotable, not the whole quote."""
    world = make_world(database)
    stuck = world.visit()
    world.plan_open(stuck, shift=world.shifts[0])
    with database.writing() as session:
        row = session.get_one(VisitRow, stuck.id)
        row.windows = [[(NOW - timedelta(days=9)).isoformat(), (NOW - timedelta(days=8)).isoformat()]]

    board = _board(another_process(world))

    assert (len(board.shifts), board.quotable) == (1, ())


def test_stop_planned_into_the_buffer_stays_there(database: Database) -> None:
    """A solve may use the whole window; an insertion then makes that visit no later, and does not fail over it."""
    world = make_world(database)
    visit = world.visit_at(0.0)
    booking = world.book(visit, MORNING)
    with database.writing() as session:
        # Told 8:00 to 10:00, planned at 10:00: that is the end of the window, not a quarter of an hour before it.
        row = session.get_one(BookingRow, booking.id)
        row.window_start, row.window_end = local("08:00", TOMORROW), local("10:00", TOMORROW)
    fresh = another_process(world)

    [shift] = _board(fresh).shifts

    assert shift.running is not None
    assert shift.running.is_sound
    assert shift.problem.visits[0].windows == (TimeWindow(local("08:00", TOMORROW), local("10:00", TOMORROW)),)


def _visits(route: Route) -> list[str]:
    return [stop.visit_id for stop in route.stops]


def _objects(board: Board) -> set[int]:
    return {id(shift) for shift in board.shifts}


def _no_travel(_source: TravelSource) -> TravelProvider:
    raise TravelUnavailable


def _starts(world: World, visit: VisitRow) -> set[datetime]:
    return {offer.window_start for offer in world.quote(visit).offers}


def _board(world: World, day: date = TOMORROW) -> Board:
    return view(world.ctx, SYSTEM, lambda work: _board_in(work, world, day))


def _board_in(work: Work, world: World, day: date = TOMORROW) -> Board:
    territory = load_day(work.session, world.territory.id, day).territory
    [board] = work.ctx.boards.of(work, territory, [day])
    return board
