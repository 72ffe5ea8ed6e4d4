"""Reports for those who run the company and the service."""

from pydantic import Field

from fieldops.api.schemas.base import Instant, Schema
from fieldops.api.schemas.dates import Day


class DayFiguresSchema(Schema):
    """A day in figures; ratios are null where there is nothing to divide by."""

    date: Day | None = Field(description="Null: all days together.")
    promises_made: int = Field(description="Windows promised for the day that stood in the end.")
    promises_kept: int
    promises_broken: int
    promises_open: int = Field(description="Of which it is not known yet.")
    promises_changed: int = Field(description="Replaced by another window.")
    promises_canceled: int
    kept_percent: float | None = Field(description="Kept of those that were kept or broken.")
    times_told: int = Field(description="Times of arrival told on the day that stood in the end.")
    times_kept: int
    times_broken: int
    starts_early: int = Field(description="Starts of service before the promised window.")
    starts_within: int
    starts_late: int
    adherence_percent: float | None = Field(description="Starts within the promised window, of all those promised one.")
    first_arrivals: int = Field(description="First visits of technicians' days with a known plan and arrival.")
    first_arrivals_on_time: int = Field(description="Reached no later than planned and the tolerance of the territory.")
    first_arrival_percent: float | None
    visits_done: int
    visits_failed: int
    technician_days: int = Field(description="Technicians who were at a visit, summed over the days.")
    visits_per_technician_day: float | None = Field(description="Visits done.")
    overtime_minutes: float = Field(description="After the ends of shifts, as reported, expected ways home included.")
    planned_overtime_minutes: float = Field(description="The same as the plan had it in the end.")
    travel_minutes: float = Field(description="As the plan had it in the end, ways home included.")
    distance_km: float
    planned_visits: int
    travel_minutes_per_visit: float | None
    km_per_visit: float | None
    replans: int = Field(description="That have ended.")
    replans_applied: int
    visits_moved: int = Field(description="By applied replans: another technician, date or promised window.")
    moved_per_replan: float | None
    messages_sent: int = Field(description="To customers; what goes to one of them by two channels counts once.")
    messages_per_visit: float | None = Field(description="Per visit done or failed.")
    surveys_asked: int
    surveys_answered: int
    nps: float | None = Field(description="Promoters less detractors in percent of the answers, -100 to 100.")
    nps_answers: int
    csat: float | None = Field(description="Mean, 1 to 5.")
    csat_answers: int
    ces: float | None = Field(description="Mean, 1 to 5.")
    ces_answers: int


class BinSchema(Schema):
    """
    Starts of service by minutes to the promised window.

    Negative = early, null = no bound, 0 to 0 = within the window.
    """

    from_minutes: int | None
    to_minutes: int | None
    visits: int


class SpreadSchema(Schema):
    """So many values, and below what one of ten, half and nine of ten of them are."""

    count: int
    p10: float | None
    median: float | None
    p90: float | None


class TypeFiguresSchema(Schema):
    """How visits of one type went against their plan, in minutes: positive = later or longer than planned."""

    visit_type: str | None = Field(description="Null: all types, or all those that are not told apart.")
    visits: int
    arrival_minutes: SpreadSchema
    duration_minutes: SpreadSchema
    travel_minutes: SpreadSchema


class OperationsSchema(Schema):
    """How a territory's days went."""

    territory_id: str
    first_date: Day
    last_date: Day
    total: DayFiguresSchema
    days: list[DayFiguresSchema] = Field(description="Those on which anything was counted, in order.")
    histogram: list[BinSchema]
    all_types: TypeFiguresSchema
    types: list[TypeFiguresSchema] = Field(description="The 40 most frequent, then the others together.")


class QueueSchema(Schema):
    """One kind of work behind the service."""

    kind: str = Field(examples=["plan.nightly", "replan.jeopardy", "message.email"])
    waiting: int
    later: int = Field(description="Messages whose time has not come.")
    running: int
    failed: int = Field(description="In the last day.")
    oldest_waiting_s: float | None = Field(description="Null: nothing waits.")


class NightSchema(Schema):
    """How a territory's planning went in the last night, by what became of its plan jobs."""

    territory_id: str
    territory: str
    requested_at: Instant
    finished_at: Instant | None
    published: int
    drafts: int = Field(description="Ready, and not published.")
    failed: int = Field(description="Or canceled.")
    unended: int


class WorkerSchema(Schema):
    """A worker that has not said that it stops."""

    id: str
    host: str
    started_at: Instant
    seen_at: Instant
    is_alive: bool = Field(description="Gave a sign of life within half a minute.")


class WebhookStateSchema(Schema):
    """A webhook that fails or is disabled."""

    id: str
    is_enabled: bool
    failing_since: Instant | None


class QueuesSchema(Schema):
    """How the work behind the service stands."""

    at: Instant
    outbox: int = Field(description="Messages whose time has come and that are not sent.")
    active_holds: int
    workers_alive: int
    queues: list[QueueSchema]
    nights: list[NightSchema]
    workers: list[WorkerSchema]
    webhooks: list[WebhookStateSchema]


class BenchmarkRunSchema(Schema):
    """One run of a solver on an instance."""

    suite: str = Field(examples=["solomon"])
    instance: str = Field(examples=["R101"])
    solver: str = Field(examples=["fieldops"])
    seed: int
    budget_s: float
    threads: int
    wall_s: float | None
    objective: float | None = Field(description="Cost of the plan in the suite's unit.")
    reference: float | None = Field(description="What the objective is measured against.")
    gap_pct: float | None = Field(description="How far the objective is from it, percent.")
    unassigned: int | None
    feasible: bool = Field(description="Whether every referee agrees that no rule is broken.")


class BenchmarkTableSchema(Schema):
    """The runs of one published benchmark."""

    name: str = Field(examples=["solomon-5s"])
    runs: list[BenchmarkRunSchema]


class BenchmarksSchema(Schema):
    """What this version's solver was measured to do."""

    tables: list[BenchmarkTableSchema]
