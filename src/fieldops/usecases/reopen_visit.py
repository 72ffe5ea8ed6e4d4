"""The end of a visit is taken back: it was tapped by mistake. The visit is again where it was, and so is its route."""

from contextlib import suppress
from dataclasses import replace
from datetime import date

from sqlalchemy import select

from fieldops.domain.plan import Route, Stop
from fieldops.domain.progress import VisitPhase
from fieldops.errors import Unavailable, UnreachablePlaces, WrongState
from fieldops.store.day_plans import lock_plan
from fieldops.store.plan_routes import current_routes, plan_at, write_routes
from fieldops.store.tables import BookingRow, PlanRow, RouteRow, ShiftRow, StopRow, VisitRow, WorkOrderRow
from fieldops.usecases.apply_orders import apply_orders
from fieldops.usecases.audit import record
from fieldops.usecases.place_visit import set_state
from fieldops.usecases.work import Work


def reopen_visit(work: Work, visit_id: str, day: date, ended: VisitPhase) -> None:
    """
    Undo what `fieldops.usecases.end_visit.end_visit` did, but for what belongs to others.

    Parameters
    ----------
    ended
        How it had ended.

    Raises
    ------
    WrongState
        When the visit, or its work order, was canceled since.

    Notes
    -----
    A visit that failed had left its route; it comes back to where it was there, if that shift is still worked. A hold
    that was released stays released, and whom the customer knows stays known. The caller holds the plan's lock.
    """
    visit = work.session.get_one(VisitRow, visit_id, populate_existing=True)
    order = work.session.get_one(WorkOrderRow, visit.work_order_id)
    if "canceled" in {visit.state, order.state}:
        details = {"visit_id": visit.id, "state": "canceled"}
        raise WrongState("the visit was canceled since: its end cannot be taken back", details=details)
    if visit.state in {"done", "failed"}:
        booked = select(BookingRow.id).where(BookingRow.visit_id == visit.id, BookingRow.state == "confirmed").limit(1)
        set_state(work, visit, "open" if work.session.scalar(booked) is None else "booked")
    record(work, "visit.reopened", "visit", visit.id, before=ended.value)
    if order.state == "closed":
        order.state = "open"
        record(work, "work_order.reopened", "work_order", order.id)
    work.session.flush()
    _put_back(work, visit, day)


def _put_back(work: Work, visit: VisitRow, day: date) -> None:
    """Put a visit back on the route it has left."""
    has_stop = select(StopRow.route_id).where(StopRow.visit_id == visit.id, StopRow.is_current)
    left = (
        select(RouteRow.shift_id, RouteRow.from_version)
        .join(StopRow, StopRow.route_id == RouteRow.id)
        .join(PlanRow, PlanRow.id == RouteRow.plan_id)
        .join(ShiftRow, ShiftRow.id == RouteRow.shift_id)
        .where(PlanRow.territory_id == visit.territory_id, PlanRow.date == day, ShiftRow.removed_at.is_(None))
        .where(StopRow.visit_id == visit.id, ~has_stop.exists())
        .order_by(RouteRow.from_version.desc())
        .limit(1)
    )
    found = work.session.execute(left).one_or_none()
    if found is None:
        return
    plan = lock_plan(work.session, visit.territory_id, day)
    before = plan_at(work.session, plan.id, found.from_version)[found.shift_id]
    running = current_routes(work.session, plan.id, [found.shift_id]).get(found.shift_id)
    route = _with_stop(before, running, visit.id)
    routes = {found.shift_id: route}
    write_routes(work.session, plan, routes, reason="reopen", actor=work.actor.id, now=work.now)
    # Without travel times the stops stand as they were planned; where everybody is expected follows from what happens.
    with suppress(Unavailable, UnreachablePlaces):
        apply_orders(work, plan, {found.shift_id: [stop.visit_id for stop in route.stops]})


def _with_stop(before: Route, running: Route | None, visit_id: str) -> Route:
    """Put the stop of a visit behind those that came before it, else before those behind it, on the route it was on."""
    ids = [stop.visit_id for stop in before.stops]
    place = ids.index(visit_id)
    stops: list[Stop] = [] if running is None else list(running.stops)
    earlier = [number for number, stop in enumerate(stops, start=1) if stop.visit_id in ids[:place]]
    later = [number for number, stop in enumerate(stops) if stop.visit_id in ids[place:]]
    stops.insert(max(earlier) if earlier else min(later, default=len(stops)), before.stops[place])
    return replace(running or before, stops=tuple(stops))
