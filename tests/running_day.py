"""Rows of a day that runs: visits booked, held and on routes, without the use cases that bring them there."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy.orm import Session

from fieldops.store.day_plans import load_day, lock_plan
from fieldops.store.day_visits import load_visits
from fieldops.store.plan_routes import write_routes
from fieldops.store.tables import BookingRow, HoldRow, ShiftRow, VisitRow
from fieldops.usecases.context import Context
from fieldops.usecases.schedule_route import schedule_route
from worlds import NOW, TODAY, book_visit, local


def book(session: Session, visit: VisitRow, start: str, end: str, day: date = TODAY) -> BookingRow:
    """Say that a visit is booked for a local window."""
    return book_visit(session, visit, local(start, day), local(end, day), id=f"bk_{visit.id}", date=day)


def hold(session: Session, visit: VisitRow, start: str, end: str) -> HoldRow:
    """Say that a visit is held for ten minutes, for a local window of today."""
    visit.state = "held"
    row = HoldRow(
        id=f"ho_{visit.id}",
        visit_id=visit.id,
        territory_id=visit.territory_id,
        date=TODAY,
        window_start=local(start),
        window_end=local(end),
        made_at=NOW,
        expires_at=NOW + timedelta(minutes=10),
    )
    session.add(row)
    session.flush()
    return row


def put_on_route(ctx: Context, session: Session, shift: ShiftRow, visits: Sequence[VisitRow]) -> None:
    """Make a running route of these visits in this order; they must fit."""
    day = load_day(session, shift.territory_id, shift.date, shift_ids=[shift.id])
    loaded, places = load_visits(session, [visit.id for visit in visits])
    problem = replace(
        day.problem,
        visits=tuple(loaded[visit.id] for visit in visits),
        places=tuple({place.id: place for place in (*day.problem.places, *places.values())}.values()),
    )
    route = schedule_route(problem, ctx.travel(problem.travel).matrix(problem.places))
    assert route is not None, "the visits fit into the shift"
    plan = lock_plan(session, shift.territory_id, shift.date)
    write_routes(session, plan, {shift.id: route}, reason="hold", actor="test", now=NOW)
