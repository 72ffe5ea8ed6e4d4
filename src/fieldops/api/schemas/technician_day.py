"""A technician's day."""

from pydantic import Field

from fieldops.api.schemas.base import Id, Instant, Schema
from fieldops.api.schemas.dates import Day
from fieldops.api.schemas.live import VisitProgressSchema
from fieldops.domain.progress import VisitPhase


class DayPlaceSchema(Schema):
    """A point on the map."""

    address: str
    latitude: float
    longitude: float


class DayNoteSchema(Schema):
    """What somebody wrote down about the customer."""

    at: Instant
    channel: str
    text: str


class DayStopSchema(Schema):
    """A visit in its place."""

    position: int
    visit_id: Id
    work_order_id: Id
    name: str
    summary: str
    state: str = Field(description="`open`, `held` (a customer is deciding), `booked` or `done`.", examples=["booked"])
    place: DayPlaceSchema
    access_notes: str
    customer_name: str
    customer_phone: str | None
    window_start: Instant | None = Field(description="What the customer was promised; null = nothing.")
    window_end: Instant | None
    arrival_at: Instant
    phase: VisitPhase = Field(description="Where the visit stands.")
    eta: Instant = Field(description="When the service is expected to start; once it has started, when it did.")
    eta_earliest: Instant | None = Field(
        description="On a day under way, four arrivals of five are between this and `eta_latest`; null = as planned."
    )
    eta_latest: Instant | None
    finish_at: Instant
    departure_at: Instant
    travel_s: int = Field(description="From the stop before.")
    distance_m: int
    wait_s: int
    progress: VisitProgressSchema | None = Field(description="What was reported; null = nothing.")
    notes: list[DayNoteSchema] = Field(description="About the customer, the newest first.")


class DayBreakSchema(Schema):
    """A break as planned."""

    name: str
    start: Instant
    end: Instant
    paid: bool
    after_visits: int = Field(description="How many visits come before it.")


class DayShiftSchema(Schema):
    """A shift and its route."""

    shift_id: Id
    starts_at: Instant
    ends_at: Instant
    start_place: DayPlaceSchema
    end_place: DayPlaceSchema | None
    departure_at: Instant | None = Field(description="Null when nobody is served.")
    end_at: Instant | None
    travel_s: int
    travel_home_s: int
    distance_m: int
    stops: list[DayStopSchema]
    breaks: list[DayBreakSchema]


class TechnicianDaySchema(Schema):
    """A technician's day."""

    technician_id: Id
    technician_name: str
    date: Day
    time_zone: str = Field(examples=["America/New_York"])
    plan_version: int
    shifts: list[DayShiftSchema] = Field(description="By start; empty = a day off.")
