"""Show routes to people: with the names, addresses and promises of what they serve."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from fieldops.domain.plan import Route, Stop
from fieldops.store.tables import BookingRow, HoldRow, ShiftRow, SiteRow, TechnicianRow, VisitRow
from fieldops.usecases.plan_views import PlanKpisView, RouteView, StopView, WithoutPlaceView


@dataclass(frozen=True, slots=True)
class SeenVisit:
    """What is shown of a visit besides its stop."""

    visit: VisitRow
    site: SiteRow
    window_start: datetime | None
    window_end: datetime | None


def seen_visits(session: Session, visit_ids: Iterable[str]) -> dict[str, SeenVisit]:
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
        found[visit.id] = SeenVisit(visit, site, start, end)
    return found


def route_views(
    session: Session, territory_id: str, day: date, routes: Mapping[str, Route], seen: Mapping[str, SeenVisit]
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


def _route_view(shift: ShiftRow, name: str, route: Route | None, seen: Mapping[str, SeenVisit]) -> RouteView:
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


def _stop_view(stop: Stop, seen: SeenVisit) -> StopView:
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


def without_place_views(
    seen: Mapping[str, SeenVisit], explained: Mapping[str, Mapping[str, Any]]
) -> tuple[WithoutPlaceView, ...]:
    """
    Show visits on no route.

    Parameters
    ----------
    explained
        By visit id, as `PlanJobRow.unassigned` has them; those that are not in it have lost their place since.
    """
    return tuple(
        WithoutPlaceView(
            visit_id=visit_id,
            name=found.visit.name,
            is_promised=found.window_start is not None,
            window_start=found.window_start,
            window_end=found.window_end,
            reasons=tuple(explained.get(visit_id, {}).get("reasons", ())),
            repair=(explained.get(visit_id, {}).get("repair") or {}).get("description"),
        )
        for visit_id, found in sorted(seen.items())
    )


def kpis_of(routes: tuple[RouteView, ...], without: tuple[WithoutPlaceView, ...]) -> PlanKpisView:
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
