"""Read the plan of a territory on a date: as it runs, as it was, and what changed it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from fieldops.domain.plan import Route, Stop
from fieldops.domain.value_faults import wrong
from fieldops.errors import InvalidInput, NotFound
from fieldops.store.plan_routes import plan_at
from fieldops.store.tables import (
    BookingRow,
    HoldRow,
    PlanJobRow,
    PlanRow,
    PlanVersionRow,
    ShiftRow,
    SiteRow,
    StopRow,
    TechnicianRow,
    TerritoryRow,
    VisitRow,
)
from fieldops.usecases.paging import Page, page_of, read_cursor
from fieldops.usecases.plan_views import (
    PlanKpisView,
    PlanVersionView,
    PlanView,
    RouteView,
    StopView,
    WithoutPlaceView,
)
from fieldops.usecases.work import Work


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is shown of a visit besides its stop."""

    visit: VisitRow
    site: SiteRow
    window_start: datetime | None
    window_end: datetime | None


def read_plan(work: Work, territory_id: str, day: date, version: int | None = None) -> PlanView:
    """
    Read a plan.

    Parameters
    ----------
    version
        None = the running one. Names, states and windows are those of now in any case.

    Returns
    -------
    PlanView
        At version 0, with shifts but without stops, when nothing was ever planned.

    Raises
    ------
    NotFound
        When there is no such territory, or no such version.
    """
    session = work.session
    territory = session.get(TerritoryRow, territory_id)
    if territory is None:
        raise NotFound("territory", territory_id)
    plan = session.scalars(
        select(PlanRow).where(PlanRow.territory_id == territory_id, PlanRow.date == day)
    ).one_or_none()
    newest = 0 if plan is None else plan.version
    shown = newest if version is None else version
    if not 0 <= shown <= newest:
        raise NotFound("version of this plan", str(shown))
    routes = {} if plan is None else plan_at(session, plan.id, shown)
    seen = _seen(session, {stop.visit_id for route in routes.values() for stop in route.stops})
    without = _without_place(session, territory_id, day, plan) if shown == newest else ()
    rows = _route_views(session, territory_id, day, routes, seen)
    return PlanView(
        territory_id=territory_id,
        date=day,
        time_zone=territory.time_zone,
        version=shown,
        running_version=newest,
        published_version=None if plan is None else plan.published_version,
        published_at=None if plan is None else plan.published_at,
        routes=rows,
        without_place=without,
        kpis=_kpis(rows, without),
    )


def plan_version(work: Work, territory_id: str, day: date) -> int:
    """
    Read the version of a running plan only: enough to tell whether somebody has seen it.

    Raises
    ------
    NotFound
        When there is no such territory.
    """
    if work.session.get(TerritoryRow, territory_id) is None:
        raise NotFound("territory", territory_id)
    of_day = (PlanRow.territory_id == territory_id) & (PlanRow.date == day)
    return work.session.scalar(select(PlanRow.version).where(of_day)) or 0


def plan_versions(
    work: Work, territory_id: str, day: date, limit: int = 50, after: str | None = None
) -> Page[PlanVersionView]:
    """
    List what has changed a plan, newest first.

    Raises
    ------
    NotFound
        When there is no such territory.
    InvalidInput
        When `after` is not a cursor.
    """
    if work.session.get(TerritoryRow, territory_id) is None:
        raise NotFound("territory", territory_id)
    query = (
        select(PlanVersionRow)
        .join(PlanRow, PlanRow.id == PlanVersionRow.plan_id)
        .where(PlanRow.territory_id == territory_id, PlanRow.date == day)
        .order_by(PlanVersionRow.version.desc())
        .limit(limit + 1)
    )
    if after is not None:
        (last,) = read_cursor(after, 1)
        query = query.where(PlanVersionRow.version < _version(last))
    rows = work.session.scalars(query).all()
    return page_of(rows, limit, _version_view, lambda row: (str(row.version),))


def _version(text: str) -> int:
    """Read the version in a cursor."""
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise InvalidInput([wrong("after", text, "`next` of an earlier page of the same list")])
    return int(text)


def _version_view(row: PlanVersionRow) -> PlanVersionView:
    return PlanVersionView(version=row.version, reason=row.reason, actor=row.actor, made_at=row.made_at)


def _seen(session: Session, visit_ids: Iterable[str]) -> dict[str, _Seen]:
    """Read visits with their sites and what is promised about them."""
    query = (
        select(VisitRow, SiteRow, BookingRow, HoldRow)
        .join(SiteRow, SiteRow.id == VisitRow.site_id)
        .outerjoin(BookingRow, and_(BookingRow.visit_id == VisitRow.id, BookingRow.state == "confirmed"))
        .outerjoin(HoldRow, and_(HoldRow.visit_id == VisitRow.id, HoldRow.state == "active"))
        .where(VisitRow.id.in_(list(visit_ids)))
    )
    found = {}
    for visit, site, booking, hold in session.execute(query):
        promise = booking or hold
        start, end = (None, None) if promise is None else (promise.window_start, promise.window_end)
        found[visit.id] = _Seen(visit, site, start, end)
    return found


def _route_views(
    session: Session, territory_id: str, day: date, routes: Mapping[str, Route], seen: Mapping[str, _Seen]
) -> tuple[RouteView, ...]:
    """Show every shift of the date that is still worked, and every route, by technician."""
    of_day = (ShiftRow.territory_id == territory_id) & (ShiftRow.date == day) & ShiftRow.removed_at.is_(None)
    query = (
        select(ShiftRow, TechnicianRow.name)
        .join(TechnicianRow, TechnicianRow.id == ShiftRow.technician_id)
        .where(or_(of_day, ShiftRow.id.in_(list(routes))))
        .order_by(TechnicianRow.name, ShiftRow.starts_at, ShiftRow.id)
    )
    return tuple(_route_view(shift, name, routes.get(shift.id), seen) for shift, name in session.execute(query))


def _route_view(shift: ShiftRow, name: str, route: Route | None, seen: Mapping[str, _Seen]) -> RouteView:
    """Show one shift."""
    figures: dict[str, Any] = dict.fromkeys(("travel_s", "travel_home_s", "distance_m", "work_s", "overtime_s"), 0)
    if route is not None:
        figures = {
            "travel_s": _seconds(route.travel),
            "travel_home_s": _seconds(route.travel_home),
            "distance_m": route.distance,
            "work_s": _seconds(route.work),
            "overtime_s": _seconds(route.overtime),
        }
    return RouteView(
        shift_id=shift.id,
        technician_id=shift.technician_id,
        technician_name=name,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        departure_at=None if route is None else route.departure,
        end_at=None if route is None else route.end,
        breaks=() if route is None else tuple(_break(taken) for taken in route.breaks),
        cost_cents={} if route is None else dict(route.cost),
        stops=() if route is None else tuple(_stop_view(stop, seen[stop.visit_id]) for stop in route.stops),
        **figures,
    )


def _break(taken: Any) -> dict[str, Any]:
    """Show one break."""
    return {name: getattr(taken, name) for name in ("name", "start", "end", "paid", "on_the_clock", "after_visits")}


def _stop_view(stop: Stop, seen: _Seen) -> StopView:
    """Show one stop."""
    return StopView(
        visit_id=stop.visit_id,
        work_order_id=seen.visit.work_order_id,
        name=seen.visit.name,
        state=seen.visit.state,
        address=seen.site.address,
        latitude=seen.site.latitude,
        longitude=seen.site.longitude,
        window_start=seen.window_start,
        window_end=seen.window_end,
        arrival_at=stop.arrival,
        start_at=stop.start,
        finish_at=stop.finish,
        departure_at=stop.departure,
        wait_s=_seconds(stop.wait),
        slack_s=_seconds(stop.slack),
        lateness_s=_seconds(stop.lateness),
        travel_s=_seconds(stop.travel),
        distance_m=stop.distance,
    )


def _without_place(
    session: Session, territory_id: str, day: date, plan: PlanRow | None
) -> tuple[WithoutPlaceView, ...]:
    """Show who waits for nobody: promised visits that have lost their place, and what the last solve left out."""
    explained: dict[str, dict[str, Any]] = {}
    if plan is not None and plan.published_version is not None:
        job = session.scalars(
            select(PlanJobRow)
            .where(PlanJobRow.territory_id == territory_id, PlanJobRow.date == day)
            .where(PlanJobRow.published_version == plan.published_version)
        ).first()
        explained = {} if job is None else {left["visit_id"]: left for left in job.unassigned}
    placed = select(StopRow.visit_id).where(StopRow.visit_id == VisitRow.id, StopRow.is_current).exists()
    promised = or_(
        VisitRow.id.in_(select(BookingRow.visit_id).where(_of(BookingRow, territory_id, day, "confirmed"))),
        VisitRow.id.in_(select(HoldRow.visit_id).where(_of(HoldRow, territory_id, day, "active"))),
    )
    left_out = and_(VisitRow.id.in_(list(explained)), VisitRow.state == "open")
    waiting = session.scalars(select(VisitRow.id).where(or_(promised, left_out), ~placed).order_by(VisitRow.id))
    seen = _seen(session, waiting)
    views = []
    for visit_id, found in sorted(seen.items()):
        left = explained.get(visit_id, {})
        views.append(
            WithoutPlaceView(
                visit_id=visit_id,
                name=found.visit.name,
                is_promised=found.window_start is not None,
                window_start=found.window_start,
                window_end=found.window_end,
                reasons=tuple(left.get("reasons", ())),
                repair=(left.get("repair") or {}).get("description"),
            )
        )
    return tuple(views)


def _of(table: Any, territory_id: str, day: date, state: str) -> Any:
    """Give the condition for promises of a date."""
    return and_(table.territory_id == territory_id, table.date == day, table.state == state)


def _kpis(routes: tuple[RouteView, ...], without: tuple[WithoutPlaceView, ...]) -> PlanKpisView:
    """Count the key figures."""
    stops = [stop for route in routes for stop in route.stops]
    promised = [stop for stop in stops if stop.window_end is not None]
    kept = [stop for stop in promised if stop.window_end is not None and stop.start_at <= stop.window_end]
    return PlanKpisView(
        assigned=len(stops),
        unassigned=len(without),
        promises=len(promised),
        promises_kept=len(kept),
        shifts=len(routes),
        shifts_used=sum(bool(route.stops) for route in routes),
        on_site_s=sum(_seconds(stop.finish_at - stop.start_at) for stop in stops),
        travel_s=sum(route.travel_s for route in routes),
        wait_s=sum(stop.wait_s for stop in stops),
        work_s=sum(route.work_s for route in routes),
        overtime_s=sum(route.overtime_s for route in routes),
        distance_m=sum(route.distance_m for route in routes),
        cost_cents=sum(sum(route.cost_cents.values()) for route in routes),
    )


def _seconds(duration: timedelta) -> int:
    """Count the whole seconds of a duration."""
    return duration // timedelta(seconds=1)
