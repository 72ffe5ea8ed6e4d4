"""Referee a database after a benchmark: what was promised is on the plan, once, and every route keeps every rule."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fieldops.settings import Settings
from fieldops.solver import Evaluator, check
from fieldops.solver.schedule import assemble
from fieldops.store.day_plans import load_day
from fieldops.store.plan_routes import current_routes
from fieldops.store.tables import BookingRow, HoldRow, PlanRow, PlanVersionRow, StopRow, VisitRow
from fieldops.usecases.context import Context
from fieldops.usecases.translate import to_instance
from fieldops.wiring import make_context


def referee(url: str) -> list[str]:
    """
    Look for everything that may not be.

    Returns
    -------
    list[str]
        A sentence per fault; empty when all is well.
    """
    ctx = make_context(Settings(_env_file=None, database_url=url))
    try:
        with ctx.database.reading() as session:
            return [*_promise_faults(session), *_version_faults(session), *_route_faults(ctx, session)]
    finally:
        ctx.database.close()


def count_stops(url: str) -> tuple[int, int]:
    """Count the visits that are held or booked, and the stops on current routes."""
    ctx = make_context(Settings(_env_file=None, database_url=url))
    try:
        with ctx.database.reading() as session:
            return len(_promised(session)), session.scalar(select(func.count()).where(StopRow.is_current)) or 0
    finally:
        ctx.database.close()


def _promised(session: Session) -> list[str]:
    """Return the visits of all active holds and confirmed bookings, one entry each."""
    held = session.scalars(select(HoldRow.visit_id).where(HoldRow.state == "active"))
    booked = session.scalars(select(BookingRow.visit_id).where(BookingRow.state == "confirmed"))
    return [*held, *booked]


def _promise_faults(session: Session) -> Iterator[str]:
    """Compare promises, stops and the states of visits: each visit once, or not at all."""
    promised = Counter(_promised(session))
    on_routes = Counter(session.scalars(select(StopRow.visit_id).where(StopRow.is_current)))
    states = set(session.scalars(select(VisitRow.id).where(VisitRow.state.in_(("held", "booked")))))
    yield from (f"{visit_id} is promised {times} times" for visit_id, times in promised.items() if times > 1)
    yield from (f"{visit_id} is on {times} current routes" for visit_id, times in on_routes.items() if times > 1)
    yield from (f"{visit_id} is promised and on no route" for visit_id in promised.keys() - on_routes.keys())
    yield from (f"{visit_id} is on a route and not promised" for visit_id in on_routes.keys() - promised.keys())
    yield from (f"the state of {visit_id} does not say what it is" for visit_id in states ^ promised.keys())


def _version_faults(session: Session) -> Iterator[str]:
    """Count the versions of each plan: none is missing."""
    for plan in session.scalars(select(PlanRow)):
        made = select(PlanVersionRow.version).where(PlanVersionRow.plan_id == plan.id).order_by(PlanVersionRow.version)
        if list(session.scalars(made)) != list(range(1, plan.version + 1)):
            yield f"the versions of plan {plan.id} have a gap"


def _route_faults(ctx: Context, session: Session) -> Iterator[str]:
    """Schedule every current route anew, with what is promised as hard windows, and have it checked."""
    for plan in session.scalars(select(PlanRow)):
        day = load_day(session, plan.territory_id, plan.date)
        stored = current_routes(session, plan.id)
        if set(stored) != {shift_id for shift_id, order in day.orders.items() if order}:
            yield f"{plan.id} has routes of shifts that are not there"
            continue
        problem = day.problem
        visits = {visit.id: visit for visit in problem.visits}
        translation = to_instance(problem, ctx.travel(problem.travel).matrix(problem.places))
        index = {visit.id: idx for idx, visit in enumerate(problem.visits)}
        evaluator = Evaluator(translation.instance)
        routes = []
        for shift_idx, (_, shift) in enumerate(translation.shifts):
            order = day.orders[shift.id]
            if not order:
                continue
            route = evaluator.route(shift_idx, [index[visit_id] for visit_id in order])
            if route is None:
                yield f"the route of {shift.id} breaks a rule"
                continue
            routes.append(route)
            for stop in stored[shift.id].stops:
                window = visits[stop.visit_id].promised_window
                if window is None or stop.start not in window or stop.lateness > timedelta():
                    yield f"{stop.visit_id} is not planned in its promised window"
        yield from (
            f"{plan.id}: {found.message}"
            for found in check(translation.instance, assemble(translation.instance, routes))
        )
