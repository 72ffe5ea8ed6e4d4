"""Between the problem document and the domain's problem, field by field."""

from zoneinfo import ZoneInfo

from fieldops.domain.problem import (
    Break,
    CostRates,
    Pin,
    Place,
    Problem,
    Shift,
    Technician,
    TimeWindow,
    TravelSource,
    Visit,
)
from fieldops.files.problem_schema import (
    PROBLEM_FORMAT,
    BreakDocument,
    CostRatesDocument,
    PinDocument,
    PlaceDocument,
    ProblemDocument,
    ShiftDocument,
    TechnicianDocument,
    TimeWindowDocument,
    TravelSourceDocument,
    VisitDocument,
)
from fieldops.files.schema_values import to_duration, to_instant, to_local, to_seconds


def problem_from(document: ProblemDocument) -> Problem:
    """Build the domain's problem; its instants keep the offsets they were written with."""
    rates, travel = document.rates, document.travel
    return Problem(
        name=document.name,
        time_zone=document.time_zone,
        first_date=document.first_date,
        num_days=document.num_days,
        skills=document.skills,
        places=tuple(place_from(place) for place in document.places),
        technicians=tuple(_technician_from(technician) for technician in document.technicians),
        visits=tuple(visit_from(visit) for visit in document.visits),
        rates=CostRates(
            travel_per_hour=rates.travel_per_hour_cents,
            travel_per_km=rates.travel_per_km_cents,
            shift_used=rates.shift_used_cents,
            lateness_per_minute=rates.lateness_per_minute_cents,
            sla_per_hour=rates.sla_per_hour_cents,
            preferred_window_missed=rates.preferred_window_missed_cents,
            other_technician=rates.other_technician_cents,
            told_technician_changed=rates.told_technician_changed_cents,
            told_time_changed=rates.told_time_changed_cents,
            unassigned_per_priority=rates.unassigned_per_priority_cents,
        ),
        travel=TravelSource(
            kind=travel.kind,
            coefficient_s=travel.coefficient_s,
            exponent=travel.exponent,
            detour=travel.detour,
            matrix_path=travel.matrix_path,
            url=travel.url,
        ),
    )


def place_from(document: PlaceDocument) -> Place:
    """Build the domain's place."""
    return Place(id=document.id, latitude=document.latitude, longitude=document.longitude, address=document.address)


def _technician_from(document: TechnicianDocument) -> Technician:
    return Technician(
        id=document.id,
        name=document.name,
        skills=document.skills,
        duration_permille=document.duration_permille,
        work_rate=document.work_rate_cents,
        overtime_rate=document.overtime_rate_cents,
        shifts=tuple(_shift_from(shift) for shift in document.shifts),
    )


def _shift_from(document: ShiftDocument) -> Shift:
    return Shift(
        id=document.id,
        start=to_instant(document.start),
        end=to_instant(document.end),
        hard_end=to_instant(document.hard_end),
        start_place_id=document.start_place_id,
        end_place_id=document.end_place_id,
        breaks=tuple(
            Break(
                earliest_start=to_instant(pause.earliest_start),
                latest_start=to_instant(pause.latest_start),
                duration=to_duration(pause.duration_s),
                place_id=pause.place_id,
                paid=pause.paid,
                name=pause.name,
            )
            for pause in document.breaks
        ),
        max_visits=document.max_visits,
        max_travel=to_duration(document.max_travel_s),
        max_work=to_duration(document.max_work_s),
    )


def visit_from(document: VisitDocument) -> Visit:
    """Build the domain's visit; its instants keep the offsets they were written with."""
    pin, allowed = document.pin, document.allowed_technicians
    return Visit(
        id=document.id,
        place_id=document.place_id,
        duration=to_duration(document.duration_s),
        name=document.name,
        windows=tuple(
            TimeWindow(to_instant(window.earliest), to_instant(window.latest)) for window in document.windows
        ),
        promised_window=_window_from(document.promised_window),
        promise_is_hard=document.promise_is_hard,
        preferred_window=_window_from(document.preferred_window),
        release=to_instant(document.release),
        due=to_instant(document.due),
        required_skills=document.required_skills,
        allowed_technicians=None if allowed is None else frozenset(allowed),
        forbidden_technicians=frozenset(document.forbidden_technicians),
        preferred_technicians=frozenset(document.preferred_technicians),
        priority=document.priority,
        unassigned_cost=document.unassigned_cost_cents,
        mandatory=document.mandatory,
        pin=None
        if pin is None
        else Pin(technician_id=pin.technician_id, sequence=pin.sequence, start=to_instant(pin.start)),
    )


def _window_from(document: TimeWindowDocument | None) -> TimeWindow | None:
    return None if document is None else TimeWindow(to_instant(document.earliest), to_instant(document.latest))


def document_of(problem: Problem) -> ProblemDocument:
    """Build the document of a problem without faults; its instants are in the problem's time zone."""
    zone = ZoneInfo(problem.time_zone)
    rates, travel = problem.rates, problem.travel
    return ProblemDocument(
        format=PROBLEM_FORMAT,
        name=problem.name,
        time_zone=problem.time_zone,
        first_date=problem.first_date,
        num_days=problem.num_days,
        skills=problem.skills,
        places=tuple(
            PlaceDocument(id=place.id, latitude=place.latitude, longitude=place.longitude, address=place.address)
            for place in problem.places
        ),
        technicians=tuple(_technician_document(technician, zone) for technician in problem.technicians),
        visits=tuple(_visit_document(visit, zone) for visit in problem.visits),
        rates=CostRatesDocument(
            travel_per_hour_cents=rates.travel_per_hour,
            travel_per_km_cents=rates.travel_per_km,
            shift_used_cents=rates.shift_used,
            lateness_per_minute_cents=rates.lateness_per_minute,
            sla_per_hour_cents=rates.sla_per_hour,
            preferred_window_missed_cents=rates.preferred_window_missed,
            other_technician_cents=rates.other_technician,
            told_technician_changed_cents=rates.told_technician_changed,
            told_time_changed_cents=rates.told_time_changed,
            unassigned_per_priority_cents=rates.unassigned_per_priority,
        ),
        travel=TravelSourceDocument(
            kind=travel.kind,
            coefficient_s=travel.coefficient_s,
            exponent=travel.exponent,
            detour=travel.detour,
            matrix_path=travel.matrix_path,
            url=travel.url,
        ),
    )


def _technician_document(technician: Technician, zone: ZoneInfo) -> TechnicianDocument:
    return TechnicianDocument(
        id=technician.id,
        name=technician.name,
        skills=dict(technician.skills),
        duration_permille=technician.duration_permille,
        work_rate_cents=technician.work_rate,
        overtime_rate_cents=technician.overtime_rate,
        shifts=tuple(_shift_document(shift, zone) for shift in technician.shifts),
    )


def _shift_document(shift: Shift, zone: ZoneInfo) -> ShiftDocument:
    return ShiftDocument(
        id=shift.id,
        start=to_local(shift.start, zone),
        end=to_local(shift.end, zone),
        hard_end=to_local(shift.hard_end, zone),
        start_place_id=shift.start_place_id,
        end_place_id=shift.end_place_id,
        breaks=tuple(
            BreakDocument(
                earliest_start=to_local(pause.earliest_start, zone),
                latest_start=to_local(pause.latest_start, zone),
                duration_s=to_seconds(pause.duration),
                place_id=pause.place_id,
                paid=pause.paid,
                name=pause.name,
            )
            for pause in shift.breaks
        ),
        max_visits=shift.max_visits,
        max_travel_s=to_seconds(shift.max_travel),
        max_work_s=to_seconds(shift.max_work),
    )


def _visit_document(visit: Visit, zone: ZoneInfo) -> VisitDocument:
    allowed, pin = visit.allowed_technicians, visit.pin
    return VisitDocument(
        id=visit.id,
        place_id=visit.place_id,
        duration_s=to_seconds(visit.duration),
        name=visit.name,
        windows=tuple(_window_document(window, zone) for window in visit.windows),
        promised_window=None if visit.promised_window is None else _window_document(visit.promised_window, zone),
        promise_is_hard=visit.promise_is_hard,
        preferred_window=None if visit.preferred_window is None else _window_document(visit.preferred_window, zone),
        release=to_local(visit.release, zone),
        due=to_local(visit.due, zone),
        required_skills=dict(visit.required_skills),
        allowed_technicians=None if allowed is None else tuple(sorted(allowed)),
        forbidden_technicians=tuple(sorted(visit.forbidden_technicians)),
        preferred_technicians=tuple(sorted(visit.preferred_technicians)),
        priority=visit.priority,
        unassigned_cost_cents=visit.unassigned_cost,
        mandatory=visit.mandatory,
        pin=None
        if pin is None
        else PinDocument(technician_id=pin.technician_id, sequence=pin.sequence, start=to_local(pin.start, zone)),
    )


def _window_document(window: TimeWindow, zone: ZoneInfo) -> TimeWindowDocument:
    return TimeWindowDocument(earliest=to_local(window.earliest, zone), latest=to_local(window.latest, zone))
