"""What a change of shifts, absences or technicians does to the plans of the dates it touches."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, select

from fieldops.domain.plan import Route
from fieldops.domain.problem import TimeWindow
from fieldops.store.day_plans import load_day, lock_plans
from fieldops.store.plan_routes import current_routes, write_routes
from fieldops.store.tables import BookingRow, PlanRow, RouteRow, ShiftRow, StopRow, TerritoryRow, VisitRow
from fieldops.usecases.audit import record
from fieldops.usecases.keep_stops import keep_stops
from fieldops.usecases.let_hold_go import active_hold, end_hold, state_unplaced
from fieldops.usecases.people_views import LostPlace
from fieldops.usecases.place_visit import set_state
from fieldops.usecases.restaff_under_way import Restaffed, follow_up, is_reported, routes_by_report
from fieldops.usecases.seek_new_places import seek_new_places
from fieldops.usecases.staffing import today_in
from fieldops.usecases.work import Work

_DAY: Final = timedelta(days=1)


def restaff(
    work: Work, territory: TerritoryRow, changed: Mapping[date, Set[str]], *, reason: str
) -> tuple[LostPlace, ...]:
    """
    Carry a change of shifts over to the running plans.

    Parameters
    ----------
    changed
        Ids of shifts that came, went or are different now, by date; the rows say already how they are now. Dates that
        have passed are left as they are, but for a night shift of yesterday that still goes on.
    reason
        Of the new version of each plan: ``shifts`` or ``absence``.

    Returns
    -------
    tuple[LostPlace, ...]
        Visits that lost their place, by start. A booked one stays booked, somebody gets a task about it, and its date
        is planned anew at once (`seek_new_places`), today by the next replan. The hold of a held one ends, and
        confirming it looks for a place again.

    Notes
    -----
    Routes of shifts that are gone leave the plan, but for the stops that have begun: these are history. What has begun
    is known from reports where there are any, else from the plan. On those that are different, the visits that can
    still be served in their order stay; on a day under way all of them do, and a replan sees to the rest. Every plan
    gets a new version, also when no route changes: what can be offered does.
    """
    days = sorted(day for day, shift_ids in changed.items() if _goes_on(work, territory, day, shift_ids))
    if not days:
        return ()
    plans = lock_plans(work.session, territory.id, {*days, *_days_of_tasks(work, territory, days, changed)})
    lost: list[LostPlace] = []
    for day in days:
        lost += _restaff_day(work, territory, plans[day], changed[day], reason)
    lost.sort(key=lambda place: (place.start_at, place.visit_id))
    seek_new_places(work, territory, lost)
    return tuple(lost)


def _goes_on(work: Work, territory: TerritoryRow, day: date, shift_ids: Set[str]) -> bool:
    """Tell whether a date has not passed, or was yesterday and one of the shifts lasts until now."""
    today = today_in(work, territory)
    if day != today - _DAY:
        return day >= today
    lasting = select(ShiftRow.id).where(ShiftRow.id.in_(shift_ids), ShiftRow.hard_ends_at > work.now).limit(1)
    return work.session.scalar(lasting) is not None


def _days_of_tasks(
    work: Work, territory: TerritoryRow, days: Sequence[date], changed: Mapping[date, Set[str]]
) -> set[date]:
    """Name today, on whose board tasks are told, when on a date to come a booked visit may lose its place."""
    today = today_in(work, territory)
    shift_ids = [shift_id for day in days if day > today for shift_id in changed[day]]
    promised = (
        select(BookingRow.id)
        .join(StopRow, and_(StopRow.visit_id == BookingRow.visit_id, StopRow.is_current))
        .join(RouteRow, RouteRow.id == StopRow.route_id)
        .where(RouteRow.shift_id.in_(shift_ids), BookingRow.state == "confirmed")
        .limit(1)
    )
    return {today} if shift_ids and work.session.scalar(promised) is not None else set()


def _restaff_day(
    work: Work, territory: TerritoryRow, plan: PlanRow, shift_ids: Set[str], reason: str
) -> list[LostPlace]:
    """Carry a change over to the plan of one date, which is locked."""
    stored = {shift_id: route for shift_id, route in current_routes(work.session, plan.id).items() if route is not None}
    own = {shift_id: stored[shift_id] for shift_id in sorted(shift_ids & stored.keys())}
    was_reported = is_reported(work, plan)
    routes = routes_by_report(work, plan, own) if was_reported else _routes_by_plan(work, plan, shift_ids, own)
    staying = {stop.visit_id for route in routes.values() if route is not None for stop in route.stops}
    leaving = _stops_of(work, plan.id, routes)
    named = {row["visit_id"] for row in leaving}
    write_routes(work.session, plan, routes, reason=reason, actor=work.actor.id, now=work.now, leaving=named)
    lost = [_let_go(work, plan.date, row) for row in leaving if row["visit_id"] not in staying]
    if plan.date <= today_in(work, territory):
        has_begun = any(stop.start <= work.now for route in stored.values() for stop in route.stops)
        changed = Restaffed(reason=reason, routes=own, lost=lost, is_reported=was_reported)
        follow_up(work, plan, changed, is_live=was_reported or not has_begun)
    return lost


def _routes_by_plan(
    work: Work, plan: PlanRow, shift_ids: Set[str], stored: Mapping[str, Route]
) -> dict[str, Route | None]:
    """Schedule what can stay on a date of which nothing was reported: what has begun is known from the plan alone."""
    day = load_day(work.session, plan.territory_id, plan.date, shift_ids=shift_ids)
    past = {shift_id: _begun(route, work.now) for shift_id, route in stored.items()}
    started = {stop.visit_id: stop.start for route in past.values() if route is not None for stop in route.stops}
    visits = tuple(
        replace(visit, windows=(TimeWindow(started[visit.id], started[visit.id]),), release=None, promise_is_hard=False)
        if visit.id in started
        else replace(visit, release=work.now if visit.release is None else max(visit.release, work.now))
        for visit in day.problem.visits
    )
    kept = keep_stops(replace(day, problem=replace(day.problem, visits=visits)), work.ctx.travel(day.problem.travel))
    routes: dict[str, Route | None] = {}
    for shift_id, begun in past.items():
        route = kept.get(shift_id)
        served = set() if route is None else {stop.visit_id for stop in route.stops}
        # Whatever the shift is now, what has begun on it was served as planned.
        is_whole = begun is None or all(stop.visit_id in served for stop in begun.stops)
        routes[shift_id] = route if is_whole else begun
    return routes


def _begun(route: Route, now: datetime) -> Route | None:
    """Return the part of a route that has begun by the plan, or None."""
    stops = tuple(stop for stop in route.stops if stop.start <= now)
    if not stops:
        return None
    return route if stops == route.stops else replace(route, stops=stops, end=stops[-1].departure)


def _stops_of(work: Work, plan_id: str, shift_ids: Mapping[str, Any]) -> list[Mapping[Any, Any]]:
    """Read the running stops of some shifts, with what their visits were promised."""
    query = (
        select(StopRow.visit_id, StopRow.start_at, RouteRow.technician_id, BookingRow.id.label("booking_id"))
        .add_columns(BookingRow.window_start, BookingRow.window_end)
        .join(RouteRow, RouteRow.id == StopRow.route_id)
        .outerjoin(BookingRow, and_(BookingRow.visit_id == StopRow.visit_id, BookingRow.state == "confirmed"))
        .where(RouteRow.plan_id == plan_id, RouteRow.until_version.is_(None), RouteRow.shift_id.in_(list(shift_ids)))
        .order_by(StopRow.start_at, StopRow.visit_id)
    )
    return list(work.session.execute(query).mappings())


def _let_go(work: Work, day: date, row: Mapping[Any, Any]) -> LostPlace:
    """End the hold of a visit that has left the plan, and note that it needs a new place."""
    visit_id: str = row["visit_id"]
    start_at: datetime = row["start_at"]
    visit = work.session.get_one(VisitRow, visit_id, with_for_update=True)
    if visit.state == "held":
        hold = active_hold(work, visit_id)
        set_state(work, visit, state_unplaced(work, visit, hold))
        if hold is not None:
            end_hold(work, hold, state="expired")
    record(
        work,
        "visit.lost_place",
        "visit",
        visit_id,
        booking_id=row["booking_id"],
        technician_id=row["technician_id"],
        start_at=start_at.isoformat(),
    )
    return LostPlace(
        visit_id=visit_id,
        work_order_id=visit.work_order_id,
        date=day,
        technician_id=row["technician_id"],
        start_at=start_at,
        state=visit.state,
        booking_id=row["booking_id"],
        window_start=row["window_start"],
        window_end=row["window_end"],
    )
