"""From the live document to the domain's report of a day, field by field."""

from fieldops.domain.day_report import DayReport, Position, TechnicianReport, VisitReport
from fieldops.domain.problem import TimeWindow, Told
from fieldops.files.live_schema import (
    LiveDocument,
    LiveTechnicianDocument,
    LiveVisitDocument,
    PositionDocument,
    ToldDocument,
)
from fieldops.files.schema_values import to_duration, to_instant


def report_from(document: LiveDocument) -> DayReport:
    """Build the domain's report; its instants keep the offsets they were written with."""
    return DayReport(
        now=to_instant(document.now),
        freeze=to_duration(document.freeze_s),
        travel_permille=document.travel_permille,
        technicians=tuple(_technician_from(technician) for technician in document.technicians),
        visits=tuple(_visit_from(visit) for visit in document.visits),
    )


def _technician_from(document: LiveTechnicianDocument) -> TechnicianReport:
    return TechnicianReport(
        technician_id=document.technician_id,
        late=to_duration(document.late_s),
        out_since=to_instant(document.out_since),
        position=_position_from(document.position),
    )


def _position_from(document: PositionDocument | None) -> Position | None:
    if document is None:
        return None
    return Position(latitude=document.latitude, longitude=document.longitude, seen_at=to_instant(document.seen_at))


def _visit_from(document: LiveVisitDocument) -> VisitReport:
    return VisitReport(
        visit_id=document.visit_id,
        technician_id=document.technician_id,
        travel_started_at=to_instant(document.travel_started_at),
        arrived_at=to_instant(document.arrived_at),
        started_at=to_instant(document.started_at),
        finished_at=to_instant(document.finished_at),
        outcome=document.outcome,
        extension=to_duration(document.extended_s),
        duration=to_duration(document.duration_s),
        told=_told_from(document.told),
    )


def _told_from(document: ToldDocument | None) -> Told | None:
    if document is None:
        return None
    window = document.window
    return Told(
        technician_id=document.technician_id,
        window=None if window is None else TimeWindow(to_instant(window.earliest), to_instant(window.latest)),
    )
