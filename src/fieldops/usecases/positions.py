"""Where a technician is, as the customer may know it: on the way there, and nowhere else."""

from dataclasses import dataclass
from datetime import datetime

from fieldops.domain.progress import VisitPhase
from fieldops.store.tables import TechnicianStateRow, VisitProgressRow


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionView:
    """Where a technician was seen last, on the way to this customer."""

    latitude: float
    longitude: float
    seen_at: datetime


def position_on_the_way(progress: VisitProgressRow, known: TechnicianStateRow | None) -> PositionView | None:
    """Return where whoever drives to a visit was seen since setting out; before that it is nobody's business."""
    left_at = progress.travel_started_at
    if progress.phase != VisitPhase.TRAVELING or left_at is None or known is None:
        return None
    if known.seen_at is None or known.latitude is None or known.longitude is None or known.seen_at < left_at:
        return None
    return PositionView(latitude=known.latitude, longitude=known.longitude, seen_at=known.seen_at)


def position_as_json(position: PositionView) -> dict[str, object]:
    """Write a position as the stream of a visit shows it."""
    return {
        "latitude": position.latitude,
        "longitude": position.longitude,
        "seen_at": position.seen_at.isoformat(),
    }
