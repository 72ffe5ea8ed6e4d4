"""Plans of territories, and the jobs that make them."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from fieldops.api.schemas.base import Id, Instant, Schema
from fieldops.api.schemas.dates import Day

_CENTS = Field(description="Cost term to cents.", examples=[{"travel": 5230, "overtime": 0}])


class SolveRequest(Schema):
    """Ask for a plan of one date."""

    EXAMPLE: ClassVar = {"seconds": 20, "publishes": False}

    seconds: int | None = Field(
        default=None,
        ge=1,
        le=3_600,
        description="Time to search. The territory's own budget without it.",
        examples=[20],
    )
    publishes: bool = Field(default=False, description="Publish the plan as soon as it is made.")


class ProgressSchema(Schema):
    """The best plan so far."""

    elapsed_s: float
    iterations: int
    cost_cents: int
    unassigned: int = Field(description="Visits it leaves out.")


class PinSchema(Schema):
    """What a person has fixed about a visit."""

    technician: bool = Field(description="Who serves it.")
    sequence: bool = Field(description="Its place among the visits of the route that are fixed so.")
    start: bool = Field(description="The start of its service.")
    off: Day | None = Field(description="The date whose plan it stays off.")
    edit_id: Id | None = Field(
        description="The edit of a plan it comes from; null = set on purpose, and stays until somebody lifts it."
    )


class ShownVisitSchema(Schema):
    """A visit, as plans show it."""

    visit_id: Id = Field(examples=["vi_7h3k9c2m4p6r8t0w"])
    work_order_id: Id = Field(examples=["wo_7h3k9c2m4p6r8t0w"])
    name: str
    customer_id: Id = Field(examples=["cu_7h3k9c2m4p6r8t0w"])
    customer_name: str
    state: Literal["open", "held", "booked", "done", "failed", "canceled"]
    address: str
    latitude: float
    longitude: float
    duration_s: int = Field(description="Nominal time on site.")
    required_skills: dict[str, int] = Field(description="Skill name to least level.", examples=[{"gas": 2}])
    priority: int = Field(description="1 (can wait) to 5 (urgent).")
    pin: PinSchema | None = Field(description="Null = free.")
    window_start: Instant | None = Field(description="What is promised or held; null = nothing.")
    window_end: Instant | None


class PlanStopSchema(ShownVisitSchema):
    """A visit's place in a route."""

    arrival_at: Instant
    start_at: Instant
    finish_at: Instant
    departure_at: Instant
    wait_s: int
    slack_s: int = Field(description="How far the start could slip without breaking a hard rule later in the route.")
    lateness_s: int
    travel_s: int = Field(description="From the stop before.")
    distance_m: int


class PlanRouteSchema(Schema):
    """One shift and what it does."""

    shift_id: Id = Field(examples=["sh_7h3k9c2m4p6r8t0w"])
    technician_id: Id = Field(examples=["tn_7h3k9c2m4p6r8t0w"])
    technician_name: str
    skills: dict[str, int] = Field(description="Of the technician: name to level.", examples=[{"gas": 3}])
    starts_at: Instant
    ends_at: Instant
    departure_at: Instant | None = Field(description="Null when the shift serves nobody.")
    end_at: Instant | None
    travel_s: int
    travel_home_s: int
    distance_m: int
    work_s: int
    overtime_s: int
    breaks: list[dict[str, Any]]
    cost_cents: dict[str, int] = _CENTS
    stops: list[PlanStopSchema]


class RepairSchema(Schema):
    """A change that would get a visit served."""

    technician_id: Id = Field(description="Who would serve it.", examples=["tn_7h3k9c2m4p6r8t0w"])
    shift_id: Id = Field(examples=["sh_7h3k9c2m4p6r8t0w"])
    start_at: Instant = Field(description="When.")
    extra_overtime_s: int = Field(description="How much more overtime would have to be allowed.", examples=[1200])
    window_shift_s: int = Field(
        description="How far the start would be from the visit's window; negative = before it.", examples=[0]
    )
    needs_permission: bool = Field(description="Whether the technician may not serve the visit as things are.")
    missing_skills: list[str] = Field(description="What it would have to be done without.", examples=[["gas"]])
    displaces: list[Id] = Field(description="Visits that would be left out instead.")


class WithoutPlaceSchema(ShownVisitSchema):
    """A visit that belongs on the date and is on no route."""

    is_promised: bool = Field(description="A customer waits for it.")
    due_at: Instant | None = Field(description="When the work should be finished.")
    reasons: list[str] = Field(examples=[["shifts_full"]])
    repair: str | None = Field(
        description="What would get it served.", examples=["fits at 14:10 with Kim if 20 min more overtime is allowed"]
    )
    repair_facts: RepairSchema | None = Field(description="The same in parts, to say it in any language.")


class PlanKpisSchema(Schema):
    """The plan in a few figures; each is defined in docs/glossary.md."""

    assigned: int
    unassigned: int
    promises: int
    promises_kept: int
    shifts: int
    shifts_used: int
    on_site_s: int
    travel_s: int
    wait_s: int
    work_s: int
    overtime_s: int
    distance_m: int
    cost_cents: int


class DraftSchema(Schema):
    """The plan a job has made."""

    routes: list[PlanRouteSchema]
    without_place: list[WithoutPlaceSchema]
    kpis: PlanKpisSchema


JobState = Literal["queued", "running", "ready", "published", "failed", "canceled"]


class PlanJobSchema(Schema):
    """A solve of one date."""

    id: Id = Field(examples=["jo_7h3k9c2m4p6r8t0w"])
    territory_id: Id = Field(examples=["te_7h3k9c2m4p6r8t0w"])
    date: Day
    state: JobState = Field(
        description="`ready`: the draft waits to be published. The last four are final, but for publishing."
    )
    reason: Literal["requested", "nightly", "seed"]
    seconds: int = Field(description="Time to search.")
    publishes: bool
    cancel_requested: bool
    base_version: int | None = Field(description="Version of the plan the draft was made from: If-Match to publish it.")
    published_version: int | None
    progress: ProgressSchema | None = Field(description="Null before the search begins.")
    attempts: int = Field(description="How often a worker began it; more than 1 after a crash.")
    note: str | None = Field(description="Why it failed, or why it did not publish its draft.")
    requested_by: str
    requested_at: Instant
    started_at: Instant | None
    finished_at: Instant | None
    draft: DraftSchema | None = Field(description="Once the job is ready or published; in lists always null.")


class PlanSchema(Schema):
    """The plan of a territory on a date."""

    territory_id: Id = Field(examples=["te_7h3k9c2m4p6r8t0w"])
    date: Day
    time_zone: str = Field(examples=["America/New_York"])
    version: int = Field(description="The one shown.")
    running_version: int = Field(description="The newest one.")
    published_version: int | None = Field(description="The last one made by a solve.")
    published_at: Instant | None
    routes: list[PlanRouteSchema]
    without_place: list[WithoutPlaceSchema] = Field(description="Empty for earlier versions.")
    kpis: PlanKpisSchema


class PlanVersionSchema(Schema):
    """Why a plan changed."""

    version: int
    reason: str = Field(examples=["hold"])
    actor: str = Field(examples=["user:us_7h3k9c2m4p6r8t0w"])
    made_at: Instant
