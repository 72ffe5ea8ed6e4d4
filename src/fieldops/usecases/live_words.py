"""What streams and the board say about a day under way, as JSON: one form for both, so that one replaces the other."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fieldops.domain.progress import VisitProgress
from fieldops.domain.shift_facts import TechnicianState
from fieldops.usecases.live_shift import LiveShift


def eta_as_json(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Write what is expected of a visit, from the columns of its row."""
    return {
        "visit_id": row["visit_id"],
        "shift_id": row["shift_id"],
        "technician_id": row["technician_id"],
        "position": row["position"],
        "arrival_at": _written(row["arrival_at"]),
        "earliest_at": _written(row["earliest_at"]),
        "latest_at": _written(row["latest_at"]),
        "finish_at": _written(row["finish_at"]),
        "kept_permille": row["kept_permille"],
        "is_at_risk": row["at_risk_since"] is not None,
    }


def progress_as_json(progress: VisitProgress) -> dict[str, Any]:
    """Write where a visit stands."""
    return {
        "visit_id": progress.visit_id,
        "phase": progress.phase.value,
        "technician_id": progress.technician_id,
        "travel_started_at": _written(progress.travel_started_at),
        "arrived_at": _written(progress.arrived_at),
        "started_at": _written(progress.started_at),
        "finished_at": _written(progress.finished_at),
        "extension_s": int(progress.extension.total_seconds()),
        "expected_at": _written(progress.expected_at),
        "reason": progress.reason,
    }


def technician_as_json(state: TechnicianState) -> dict[str, Any]:
    """Write where a technician was seen, and whether they are out."""
    return {
        "technician_id": state.technician_id,
        "out_since": _written(state.out_since),
        "out_reason": state.out_reason,
        "latitude": None if state.place is None else state.place.latitude,
        "longitude": None if state.place is None else state.place.longitude,
        "seen_at": _written(state.seen_at),
    }


def shift_as_json(shift: LiveShift) -> dict[str, Any]:
    """Write where a technician is expected to be free next; null = the shift has not begun."""
    underway = shift.where.underway
    return {
        "shift_id": shift.facts.shift.id,
        "technician_id": shift.facts.technician.id,
        "next_visit_id": shift.where.next_id,
        "ready_at": None if underway is None else _written(underway.ready_at),
        "latitude": None if underway is None else underway.place.latitude,
        "longitude": None if underway is None else underway.place.longitude,
        "is_out": underway is not None and underway.is_out,
    }


def _written(instant: datetime | None) -> str | None:
    """Write an instant in UTC."""
    return None if instant is None else instant.astimezone(UTC).isoformat()
