"""Between the plan document and the domain's plan, field by field."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from fieldops.domain.plan import (
    BreakTaken,
    Kpis,
    Plan,
    Repair,
    Route,
    SearchFacts,
    Stop,
    UnassignedVisit,
)
from fieldops.files.plan_schema import (
    PLAN_FORMAT,
    BreakTakenDocument,
    KpisDocument,
    PlanDocument,
    RepairDocument,
    RouteDocument,
    SearchFactsDocument,
    StopDocument,
    UnassignedVisitDocument,
)
from fieldops.files.schema_values import to_duration, to_instant, to_local, to_seconds
from fieldops.units import Meters


def plan_from(document: PlanDocument) -> Plan:
    """Build the domain's plan; its instants keep the offsets they were written with."""
    return Plan(
        problem_name=document.problem_name,
        time_zone=document.time_zone,
        routes=tuple(route_from(route) for route in document.routes),
        unassigned=tuple(
            UnassignedVisit(
                visit_id=visit.visit_id, kind=visit.kind, reasons=visit.reasons, repair=_repair_from(visit.repair)
            )
            for visit in document.unassigned
        ),
        cost=document.cost_cents,
        kpis=_kpis_from(document.kpis),
        search=_search_from(document.search),
    )


def read_route(json: Mapping[str, Any]) -> RouteDocument:
    """Read the document of one route, as `route_document` was dumped to JSON."""
    # Strictly, instants would have to be datetimes already.
    return RouteDocument.model_validate(json, strict=False)


def route_from(document: RouteDocument) -> Route:
    """Build one route; its instants keep the offsets they were written with."""
    return Route(
        technician_id=document.technician_id,
        shift_id=document.shift_id,
        departure=to_instant(document.departure),
        end=to_instant(document.end),
        stops=tuple(_stop_from(stop) for stop in document.stops),
        breaks=tuple(
            BreakTaken(
                name=pause.name,
                start=to_instant(pause.start),
                end=to_instant(pause.end),
                place_id=pause.place_id,
                paid=pause.paid,
                on_the_clock=pause.on_the_clock,
                after_visits=pause.after_visits,
            )
            for pause in document.breaks
        ),
        travel=to_duration(document.travel_s),
        travel_home=to_duration(document.travel_home_s),
        distance=Meters(document.distance_m),
        work=to_duration(document.work_s),
        overtime=to_duration(document.overtime_s),
        cost=document.cost_cents,
    )


def _stop_from(document: StopDocument) -> Stop:
    return Stop(
        visit_id=document.visit_id,
        arrival=to_instant(document.arrival),
        start=to_instant(document.start),
        finish=to_instant(document.finish),
        departure=to_instant(document.departure),
        wait=to_duration(document.wait_s),
        slack=to_duration(document.slack_s),
        lateness=to_duration(document.lateness_s),
        travel=to_duration(document.travel_s),
        distance=Meters(document.distance_m),
    )


def _repair_from(document: RepairDocument | None) -> Repair | None:
    if document is None:
        return None
    return Repair(
        description=document.description,
        technician_id=document.technician_id,
        shift_id=document.shift_id,
        start=to_instant(document.start),
        cost=document.cost_cents,
        extra_overtime=to_duration(document.extra_overtime_s),
        window_shift=to_duration(document.window_shift_s),
        missing_skills=document.missing_skills,
        displaces=document.displaces,
    )


def _kpis_from(document: KpisDocument) -> Kpis:
    return Kpis(
        visits=document.visits,
        assigned=document.assigned,
        unassigned=document.unassigned,
        mandatory_unassigned=document.mandatory_unassigned,
        served_priority=document.served_priority,
        total_priority=document.total_priority,
        promises=document.promises,
        promises_kept=document.promises_kept,
        shifts=document.shifts,
        shifts_used=document.shifts_used,
        on_site=to_duration(document.on_site_s),
        travel=to_duration(document.travel_s),
        wait=to_duration(document.wait_s),
        work=to_duration(document.work_s),
        overtime=to_duration(document.overtime_s),
        distance=Meters(document.distance_m),
        utilization=document.utilization,
        travel_share=document.travel_share,
        visits_per_shift=document.visits_per_shift,
    )


def _search_from(document: SearchFactsDocument) -> SearchFacts:
    return SearchFacts(
        termination=document.termination,
        seed=document.seed,
        threads=document.threads,
        seconds=document.seconds,
        iterations=document.iterations,
        first_plan_s=document.first_plan_s,
        recombinations=document.recombinations,
        recombination_gain=document.recombination_gain_cents,
        pool_size=document.pool_size,
        operators=document.operators,
    )


def document_of(plan: Plan) -> PlanDocument:
    """Build the document of a plan; its instants are in the plan's time zone."""
    zone = ZoneInfo(plan.time_zone)
    return PlanDocument(
        format=PLAN_FORMAT,
        problem_name=plan.problem_name,
        time_zone=plan.time_zone,
        total_cost_cents=plan.total_cost,
        cost_cents=dict(plan.cost),
        kpis=_kpis_document(plan.kpis),
        search=_search_document(plan.search),
        routes=tuple(route_document(route, zone) for route in plan.routes),
        unassigned=tuple(unassigned_document(visit, zone) for visit in plan.unassigned),
    )


def unassigned_document(visit: UnassignedVisit, zone: ZoneInfo) -> UnassignedVisitDocument:
    """Build the document of a visit on no route, its instants in a time zone."""
    return UnassignedVisitDocument(
        visit_id=visit.visit_id, kind=visit.kind, reasons=visit.reasons, repair=_repair_document(visit.repair, zone)
    )


def route_document(route: Route, zone: ZoneInfo) -> RouteDocument:
    """Build the document of one route, its instants in a time zone."""
    return RouteDocument(
        technician_id=route.technician_id,
        shift_id=route.shift_id,
        departure=to_local(route.departure, zone),
        end=to_local(route.end, zone),
        stops=tuple(_stop_document(stop, zone) for stop in route.stops),
        breaks=tuple(
            BreakTakenDocument(
                name=pause.name,
                start=to_local(pause.start, zone),
                end=to_local(pause.end, zone),
                place_id=pause.place_id,
                paid=pause.paid,
                on_the_clock=pause.on_the_clock,
                after_visits=pause.after_visits,
            )
            for pause in route.breaks
        ),
        travel_s=to_seconds(route.travel),
        travel_home_s=to_seconds(route.travel_home),
        distance_m=route.distance,
        work_s=to_seconds(route.work),
        overtime_s=to_seconds(route.overtime),
        cost_cents=dict(route.cost),
    )


def _stop_document(stop: Stop, zone: ZoneInfo) -> StopDocument:
    return StopDocument(
        visit_id=stop.visit_id,
        arrival=to_local(stop.arrival, zone),
        start=to_local(stop.start, zone),
        finish=to_local(stop.finish, zone),
        departure=to_local(stop.departure, zone),
        wait_s=to_seconds(stop.wait),
        slack_s=to_seconds(stop.slack),
        lateness_s=to_seconds(stop.lateness),
        travel_s=to_seconds(stop.travel),
        distance_m=stop.distance,
    )


def _repair_document(repair: Repair | None, zone: ZoneInfo) -> RepairDocument | None:
    if repair is None:
        return None
    return RepairDocument(
        description=repair.description,
        technician_id=repair.technician_id,
        shift_id=repair.shift_id,
        start=to_local(repair.start, zone),
        cost_cents=repair.cost,
        extra_overtime_s=to_seconds(repair.extra_overtime),
        window_shift_s=to_seconds(repair.window_shift),
        missing_skills=repair.missing_skills,
        displaces=repair.displaces,
    )


def _kpis_document(kpis: Kpis) -> KpisDocument:
    return KpisDocument(
        visits=kpis.visits,
        assigned=kpis.assigned,
        unassigned=kpis.unassigned,
        mandatory_unassigned=kpis.mandatory_unassigned,
        served_priority=kpis.served_priority,
        total_priority=kpis.total_priority,
        promises=kpis.promises,
        promises_kept=kpis.promises_kept,
        shifts=kpis.shifts,
        shifts_used=kpis.shifts_used,
        on_site_s=to_seconds(kpis.on_site),
        travel_s=to_seconds(kpis.travel),
        wait_s=to_seconds(kpis.wait),
        work_s=to_seconds(kpis.work),
        overtime_s=to_seconds(kpis.overtime),
        distance_m=kpis.distance,
        utilization=kpis.utilization,
        travel_share=kpis.travel_share,
        visits_per_shift=kpis.visits_per_shift,
    )


def _search_document(search: SearchFacts) -> SearchFactsDocument:
    return SearchFactsDocument(
        termination=search.termination,
        seed=search.seed,
        threads=search.threads,
        seconds=search.seconds,
        iterations=search.iterations,
        first_plan_s=search.first_plan_s,
        recombinations=search.recombinations,
        recombination_gain_cents=search.recombination_gain,
        pool_size=search.pool_size,
        operators=dict(search.operators),
    )
