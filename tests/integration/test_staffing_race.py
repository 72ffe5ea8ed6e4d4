"""Booking while rosters change: neither may undo or overlook what the other one did."""

from concurrent.futures import ThreadPoolExecutor
from datetime import time, timedelta

from sqlalchemy import select

from booking_worlds import TOMORROW, World, make_world
from fieldops.domain.shift_pattern import ShiftPattern
from fieldops.errors import Conflict
from fieldops.store.database import Database
from fieldops.store.day_plans import load_day
from fieldops.store.plan_routes import current_routes
from fieldops.store.tables import BookingRow, HoldRow, PlanRow, PlanVersionRow, StopRow, VisitRow
from fieldops.usecases.absences import Period, add_absence, remove_absence
from fieldops.usecases.confirm_booking import confirm_booking
from fieldops.usecases.hold_window import hold_window
from fieldops.usecases.keep_stops import keep_stops
from fieldops.usecases.quote_windows import quote_windows
from fieldops.usecases.shifts import replace_shift
from fieldops.usecases.work import transact
from worlds import STAFF

ROUNDS = 6


def _book(world: World, visits: list[VisitRow]) -> int:
    """Quote, hold and confirm one visit after the other; how many bookings came of it."""
    booked = 0
    for visit in visits:
        offers = transact(world.ctx, STAFF, quote_windows, visit.id).offers
        try:
            hold = transact(world.ctx, STAFF, hold_window, offers[0].id)
            transact(world.ctx, STAFF, confirm_booking, hold.id)
        except (Conflict, IndexError):
            continue
        booked += 1
    return booked


def _come_and_go(world: World) -> int:
    """Be sick and well again, and change the hours of the other technician."""
    sick, other = world.technicians[0], world.shifts[1]
    lost = 0
    for number in range(ROUNDS):
        gone = transact(world.ctx, STAFF, add_absence, sick.id, "sick", Period(first_date=TOMORROW, last_date=TOMORROW))
        pattern = ShiftPattern(
            start=time(8),
            end=time(17 if number % 2 else 15),
            overtime=timedelta(0),
            start_place_id=other.start_place_id,
            end_place_id=other.end_place_id,
        )
        lost += len(gone.lost) + len(transact(world.ctx, STAFF, replace_shift, other.id, pattern).lost)
        transact(world.ctx, STAFF, remove_absence, sick.id, gone.absence.id)
    return lost


def test_booking_while_rosters_change_leaves_every_plan_sound(database: Database) -> None:
    """Two book, one changes the roster: every route is as its shift is now, and nobody is on two routes."""
    world = make_world(database, technicians=2)
    visits = [[world.visit() for _ in range(8)] for _ in range(2)]
    with ThreadPoolExecutor(3) as threads:
        roster = threads.submit(_come_and_go, world)
        bookers = [threads.submit(_book, world, own) for own in visits]
        roster.result()
        booked = sum(booker.result() for booker in bookers)

    assert booked > 0
    with database.reading() as session:
        (plan,) = session.scalars(select(PlanRow).where(PlanRow.date == TOMORROW))
        reasons = session.scalars(select(PlanVersionRow.reason).where(PlanVersionRow.plan_id == plan.id)).all()
        assert len(reasons) == plan.version
        # Each round: away, other hours, back.
        assert len([reason for reason in reasons if reason in {"absence", "shifts"}]) == 3 * ROUNDS
        day = load_day(session, plan.territory_id, plan.date)
        routes = current_routes(session, plan.id)
        assert set(routes) <= set(day.orders)
        kept = keep_stops(day, world.ctx.travel(day.problem.travel))
        assert {shift_id: [stop.visit_id for stop in route.stops] for shift_id, route in kept.items()} == {
            shift_id: list(order) for shift_id, order in day.orders.items() if order
        }
        on_routes = list(session.scalars(select(StopRow.visit_id).where(StopRow.is_current)))
        promised = set(session.scalars(select(BookingRow.visit_id).where(BookingRow.state == "confirmed")))
        held = set(session.scalars(select(HoldRow.visit_id).where(HoldRow.state == "active")))
        assert len(on_routes) == len(set(on_routes))
        assert held <= set(on_routes) <= promised | held
        assert len(promised) == booked
