"""The live document, format ``fieldops-live/1``: how a day under way differs from its plan so far."""

from typing import Final, Literal

from pydantic import Field

from fieldops.domain.day_report import Outcome
from fieldops.files.problem_schema import TimeWindowDocument
from fieldops.files.schema_types import (
    MOST_ENTRIES,
    Document,
    Instant,
    Latitude,
    Longitude,
    Permille,
    PositiveSeconds,
    Seconds,
)

LIVE_FORMAT: Final = "fieldops-live/1"


class PositionDocument(Document):
    """Where somebody was seen."""

    latitude: Latitude
    """Degrees, WGS84."""
    longitude: Longitude
    """Degrees, WGS84."""
    seen_at: Instant
    """When that was."""


class LiveTechnicianDocument(Document):
    """A technician whose day is not as planned."""

    technician_id: str
    """Which technician of the problem."""
    late_s: Seconds = 0
    """The visit the plan has now, or has had last, takes so much longer than planned, seconds."""
    out_since: Instant | None = None
    """Sick or without a vehicle from then on; null = is not."""
    position: PositionDocument | None = None
    """The newest position, when it says more than the plan; null = none."""


class ToldDocument(Document):
    """What a customer was told."""

    technician_id: str | None = None
    """Who was said to come; null = nobody was named."""
    window: TimeWindowDocument | None = None
    """In which the service was said to start; null = nothing was said."""


class LiveVisitDocument(Document):
    """A visit that did not go as planned so far, or about which something was said."""

    visit_id: str
    """Which visit of the problem."""
    technician_id: str | None = None
    """Who is or was there; null = whose route it is on."""
    travel_started_at: Instant | None = None
    """When somebody set out for it."""
    arrived_at: Instant | None = None
    """When somebody was there."""
    started_at: Instant | None = None
    """When its service began."""
    finished_at: Instant | None = None
    """When it was over."""
    outcome: Outcome | None = None
    """How it ended; null = it has not, or it is done when it is finished."""
    extended_s: Seconds = 0
    """Time on site asked for beyond the plan, seconds."""
    duration_s: PositiveSeconds | None = None
    """Nominal time on site, seconds, where it is not what the problem says."""
    told: ToldDocument | None = None
    """What its customer was told; null = nothing."""


class LiveDocument(Document):
    """A day under way: whoever and whatever is not mentioned is where the plan has it now."""

    format: Literal["fieldops-live/1"]
    """Which kind of document this is."""
    now: Instant
    """The instant it speaks of."""
    freeze_s: Seconds = 900
    """Visits that begin so soon are not moved any more, seconds."""
    travel_permille: Permille = 1_000
    """What a nominal 1,000 seconds of driving take now."""
    technicians: tuple[LiveTechnicianDocument, ...] = Field(default=(), max_length=MOST_ENTRIES)
    """Those whose day is not as planned."""
    visits: tuple[LiveVisitDocument, ...] = Field(default=(), max_length=MOST_ENTRIES)
    """Those that did not go as planned, or about which something was said."""
