"""A day under way: what is reported, and how it stands."""

from typing import ClassVar

from pydantic import Field

from fieldops.api.schemas.base import Id, Instant, Schema
from fieldops.api.schemas.plans import PlanSchema
from fieldops.domain.progress import EventKind, ProgressEvent, VisitPhase
from fieldops.usecases.progress_events import LEAST_PERMILLE, MOST_MINUTES, MOST_PERMILLE

#: Events in one request.
MOST_EVENTS = 200


class NewEvent(Schema):
    """One thing that was reported."""

    EXAMPLE: ClassVar = {
        "id": "b3f1c9a2-7d4e-4f60-9a51-2c8e0d7b6f43",
        "kind": "started",
        "occurred_at": "2026-03-16T08:05:00-04:00",
        "visit_id": "vi_7h3k9c2m4p6r8t0w",
    }

    id: Id = Field(
        description="Given by whoever reports; the same event may be sent as often as wanted.",
        examples=["b3f1c9a2-7d4e-4f60-9a51-2c8e0d7b6f43"],
    )
    kind: EventKind = Field(
        description="About a visit: `travel_started`, `arrived`, `started`, `extended`, `delayed`, `done`, "
        "`could_not_complete` (with a reason), `no_show` (by technicians once they have arrived), "
        "`reopened` (takes back the end of a visit that is done or has failed; by technicians within twelve hours, and "
        "only what they reported; otherwise it is kept and ignored); by dispatchers `canceled`, `emergency`. "
        "About a technician: `position`, `technician_out`, `vehicle_down`, `technician_back`. "
        "About a territory, by dispatchers: `traffic`."
    )
    occurred_at: Instant = Field(description="When it happened; at most two minutes ahead, at most a week ago.")
    technician_id: Id | None = Field(
        default=None,
        description="Who; technicians leave it out. Without it, dispatchers report for whoever has the visit.",
        examples=["tn_7h3k9c2m4p6r8t0w"],
    )
    visit_id: Id | None = Field(default=None, examples=["vi_7h3k9c2m4p6r8t0w"])
    territory_id: Id | None = Field(default=None, description="`traffic`: where.", examples=["te_7h3k9c2m4p6r8t0w"])
    minutes: int = Field(
        default=0, ge=0, le=MOST_MINUTES, description="`extended`: how many more than said before.", examples=[30]
    )
    expected_at: Instant | None = Field(
        default=None,
        description="`delayed`: when the technician expects to be there.",
        examples=["2026-03-16T10:25:00-04:00"],
    )
    reason: str = Field(default="", max_length=500, description="For people.", examples=["a part is missing"])
    latitude: float | None = Field(default=None, ge=-90, le=90, description="`position`: degrees, WGS84.")
    longitude: float | None = Field(default=None, ge=-180, le=180, description="`position`: degrees, WGS84.")
    permille: int | None = Field(
        default=None,
        ge=LEAST_PERMILLE,
        le=MOST_PERMILLE,
        description="`traffic`: what a nominal 1,000 seconds of travel take from then on.",
        examples=[1_300],
    )

    def event(self) -> ProgressEvent:
        """Make the event."""
        return ProgressEvent(**self.model_dump())


class NewEvents(Schema):
    """Events of any kinds, in any order."""

    EXAMPLE: ClassVar = {
        "events": [
            NewEvent.EXAMPLE,
            {
                "id": "5d0c1f7e-90ab-4c1e-8a44-71b2f3a9c6d8",
                "kind": "reopened",
                "occurred_at": "2026-03-16T08:31:00-04:00",
                "visit_id": "vi_2m4p6r8t0w7h3k9c",
                "reason": "tapped by mistake",
            },
        ]
    }

    events: list[NewEvent] = Field(min_length=1, max_length=MOST_EVENTS)


class EventReceiptSchema(Schema):
    """What became of an event."""

    id: str
    is_repeated: bool = Field(description="It was known already.")
    is_ignored: bool = Field(description="It came when it meant nothing (done before done); it is kept all the same.")
    visit_id: Id | None
    phase: VisitPhase | None = Field(description="Of the visit, as it is now.")


class EventReceipts(Schema):
    """What became of events, in their order."""

    receipts: list[EventReceiptSchema]


class EtaSchema(Schema):
    """When a technician is expected at a visit."""

    visit_id: Id
    shift_id: Id
    technician_id: Id
    position: int = Field(description="In the running route, from 0.")
    arrival_at: Instant = Field(description="The middle of what may happen.")
    earliest_at: Instant = Field(description="Four arrivals of five are between this and `latest_at`.")
    latest_at: Instant
    finish_at: Instant
    kept_permille: int | None = Field(description="How likely the promise is kept; null = nothing is promised.")
    is_at_risk: bool


class VisitProgressSchema(Schema):
    """Where a visit stands."""

    visit_id: Id
    phase: VisitPhase
    technician_id: Id | None = Field(description="Who reported the last step.")
    travel_started_at: Instant | None
    arrived_at: Instant | None
    started_at: Instant | None
    finished_at: Instant | None
    extension_s: int = Field(description="Asked for beyond the plan.")
    expected_at: Instant | None = Field(
        description="Not there before, as the technician says; null = nothing was said."
    )
    reason: str


class TechnicianStateSchema(Schema):
    """What is known of a technician beyond the plan."""

    technician_id: Id
    out_since: Instant | None = Field(description="Sick, or without a vehicle; null = is not.")
    out_reason: str
    latitude: float | None
    longitude: float | None
    seen_at: Instant | None


class LiveShiftSchema(Schema):
    """Where a technician is expected to be free next."""

    shift_id: Id
    technician_id: Id
    next_visit_id: Id | None = Field(description="The visit driven to.")
    ready_at: Instant | None = Field(description="Null = the shift has not begun.")
    latitude: float | None
    longitude: float | None
    is_out: bool


class LiveBoardSchema(Schema):
    """A day under way. Its lists have the form of the events of the board's stream, which replace them by id."""

    now: Instant
    stream_id: int = Field(description="Where the board's stream goes on: give it as `after`.")
    plan: PlanSchema
    etas: list[EtaSchema]
    progress: list[VisitProgressSchema]
    technicians: list[TechnicianStateSchema]
    shifts: list[LiveShiftSchema]
    cut_off: dict[Id, str] = Field(
        description="By shift: which place of its route no road leads to any more. It is not among `shifts`."
    )
    travel_permille: int = Field(description="What a nominal 1,000 seconds of travel take now.")
    is_replan_wanted: bool
    proposals: list[Id] = Field(description="Replans whose proposals wait for a decision.")
