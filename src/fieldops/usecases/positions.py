"""Where a technician is, as the customer may know it: on the way there, and nowhere else."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

#: Of degrees: a thousandth is about a hundred meters, enough for a map and too little for a front door.
_DECIMALS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionView:
    """Where a technician was seen last, on the way to this customer."""

    latitude: float
    longitude: float
    seen_at: datetime


def position_since(left_at: datetime | None, known: Any) -> PositionView | None:
    """
    Return about where a technician was seen since setting out; where they were before is nobody's business.

    Parameters
    ----------
    known
        Has ``latitude``, ``longitude`` and ``seen_at``, as `TechnicianStateRow`; None = nothing is known.
    """
    if left_at is None or known is None or known.seen_at is None or known.seen_at < left_at:
        return None
    if known.latitude is None or known.longitude is None:
        return None
    return PositionView(
        latitude=round(known.latitude, _DECIMALS), longitude=round(known.longitude, _DECIMALS), seen_at=known.seen_at
    )


def position_as_json(position: PositionView) -> dict[str, object]:
    """Write a position as the stream of a visit shows it."""
    return {
        "latitude": position.latitude,
        "longitude": position.longitude,
        "seen_at": position.seen_at.isoformat(),
    }
