"""Show routes to people: with the names, addresses and promises of what they serve."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from fieldops.domain.plan import Route, Stop
from fieldops.store.day_visits import BY_EDIT, OFF
from fieldops.store.tables import (
    BookingRow,
    CustomerRow,
    HoldRow,
    ShiftRow,
    SiteRow,
    TechnicianRow,
    TechnicianSkillRow,
    VisitRow,
    WorkOrderRow,
)
from fieldops.usecases.plan_views import PinView, PlanKpisView, RepairView, RouteView, StopView, WithoutPlaceView


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenVisit:
    """What is shown of a visit besides its stop."""

    visit: VisitRow
    site: SiteRow
    customer_id: str
    customer_name: str
    window_start: datetime | None
    window_end: datetime | None

    def shown(self) -> dict[str, Any]:
        """Give the fields of `ShownVisitView`."""
        return {
            "visit_id": self.visit.id,
            "work_order_id": self.visit.work_order_id,
            "name": self.visit.name,
            "customer_id": self.customer_id,
            "customer_name": self.customer_name,
            "state": self.visit.state,
            "address": self.site.address,
            "latitude": self.site.latitude,
            "longitude": self.site.longitude,
            "duration_s": self.visit.duration_s,
            "required_skills": self.visit.required_skills,
            "priority": self.visit.priority,
            "pin": pin_view(self.visit.pin),
            "window_start": self.window_start,
            "window_end": self.window_end,
        }


def pin_view(pin: Mapping[str, Any]) -> PinView | None:
    """Show a pin, as `VisitRow` keeps it."""
    if not pin:
        return None
    return PinView(
        technician="technician_id" in pin,
        sequence="sequence" in pin,
        start="start" in pin,
        off=date.fromisoformat(pin[OFF]) if OFF in pin else None,
        edit_id=pin.get(BY_EDIT),
    )


def seen_visits(session: Session, visit_ids: Iterable[str]) -> dict[str, SeenVisit]:
    """Read visits with their sites, their customers and what is promised about them."""
    query = (
        select(VisitRow, SiteRow, CustomerRow.id, CustomerRow.name, BookingRow, HoldRow)
        .join(SiteRow, SiteRow.id == VisitRow.site_id)
        .join(WorkOrderRow, WorkOrderRow.id == VisitRow.work_order_id)
        .join(CustomerRow, CustomerRow.id == WorkOrderRow.customer_id)
        .outerjoin(BookingRow, and_(BookingRow.visit_id == VisitRow.id, BookingRow.state == "confirmed"))
        .outerjoin(HoldRow, and_(HoldRow.visit_id == VisitRow.id, HoldRow.state == "active"))
        .where(VisitRow.id.in_(list(visit_ids)))
    )
    found = {}
    for visit, site, customer_id, customer_name, booking, hold in session.execute(query):
        promise = booking or hold
        found[visit.id] = SeenVisit(
            visit=visit,
            site=site,
            customer_id=customer_id,
            customer_name=customer_name,
            window_start=None if promise is None else promise.window_start,
            window_end=None if promise is None else promise.window_end,
        )
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
    shifts = session.execute(query).all()
    skills = _skills(session, {shift.technician_id for shift, _ in shifts})
    return tuple(
        _route_view(shift, name, skills.get(shift.technician_id, {}), routes.get(shift.id), seen)
        for shift, name in shifts
    )


def _skills(session: Session, technician_ids: Iterable[str]) -> dict[str, dict[str, int]]:
    """Read what technicians can do, by technician."""
    found: dict[str, dict[str, int]] = {}
    held = select(TechnicianSkillRow).where(TechnicianSkillRow.technician_id.in_(list(technician_ids)))
    for row in session.scalars(held.order_by(TechnicianSkillRow.skill)):
        found.setdefault(row.technician_id, {})[row.skill] = row.level
    return found


def _route_view(
    shift: ShiftRow, name: str, skills: Mapping[str, int], route: Route | None, seen: Mapping[str, SeenVisit]
) -> RouteView:
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
        skills=skills,
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
        **seen.shown(),
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
            **found.shown(),
            is_promised=found.window_start is not None,
            due_at=found.visit.due_at,
            reasons=tuple(explained.get(visit_id, {}).get("reasons", ())),
            repair=(explained.get(visit_id, {}).get("repair") or {}).get("description"),
            repair_facts=_repair_view(found.visit, explained.get(visit_id, {}).get("repair")),
        )
        for visit_id, found in sorted(seen.items())
    )


def _repair_view(visit: VisitRow, repair: Mapping[str, Any] | None) -> RepairView | None:
    """Show a repair, as a plan document has it."""
    if repair is None:
        return None
    technician_id, allowed = repair["technician_id"], visit.allowed_technicians
    return RepairView(
        technician_id=technician_id,
        shift_id=repair["shift_id"],
        start_at=datetime.fromisoformat(repair["start"]),
        extra_overtime_s=repair.get("extra_overtime_s", 0),
        window_shift_s=repair.get("window_shift_s", 0),
        needs_permission=technician_id in visit.forbidden_technicians
        or (allowed is not None and technician_id not in allowed),
        missing_skills=tuple(repair.get("missing_skills", ())),
        displaces=tuple(repair.get("displaces", ())),
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
