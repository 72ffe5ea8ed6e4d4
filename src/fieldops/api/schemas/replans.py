"""Replans of a day under way, and the proposals they make."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from fieldops.api.schemas.base import Id, Instant, Schema
from fieldops.api.schemas.dates import Day
from fieldops.api.schemas.plans import ProgressSchema
from fieldops.usecases.replan_views import ReplanView
from fieldops.usecases.request_replan import ReplanScope

Kind = Literal["jeopardy", "improve", "rebalance", "empty_route", "emergency"]
State = Literal[
    "waiting", "running", "proposed", "nothing_better", "applied", "rejected", "stale", "canceled", "failed"
]
_CENTS = Field(description="Cost term to cents, of what is left of the day.", examples=[{"travel": 5230, "churn": 500}])
_VISIT = Field(examples=["vi_7h3k9c2m4p6r8t0w"])


class ReplanRequest(Schema):
    """Ask for a replan of a day under way."""

    EXAMPLE: ClassVar = {"territory_id": "te_7h3k9c2m4p6r8t0w", "date": "2026-03-16", "kind": "improve", "seconds": 5}

    territory_id: Id = Field(examples=["te_7h3k9c2m4p6r8t0w"])
    date: Day = Field(description="Today, as the territory counts; yesterday for its night shifts.")
    kind: Literal["improve", "rebalance", "empty_route", "emergency"] = Field(
        description="`improve`: the rest of the day. `rebalance`: among `technicians`. `empty_route`: others take what "
        "`shift_id` still has to do. `emergency`: find a place for `visit_id`."
    )
    technicians: list[Id] = Field(default_factory=list, max_length=500, description="`rebalance`: at least two.")
    shift_id: Id | None = Field(default=None, description="`empty_route`.", examples=["sh_7h3k9c2m4p6r8t0w"])
    visit_id: Id | None = Field(default=None, description="`emergency`.", examples=["vi_7h3k9c2m4p6r8t0w"])
    most_moves: int | None = Field(
        default=None,
        ge=0,
        le=10_000,
        description="Visits that may go to somebody else. As the territory says without it.",
    )
    seconds: float | None = Field(
        default=None, ge=0.1, le=60, description="Time to search. As the territory says without it."
    )

    def scope(self) -> ReplanScope:
        """Say what the replan may touch."""
        return ReplanScope(
            technicians=tuple(dict.fromkeys(self.technicians)),
            shift_id=self.shift_id,
            visit_id=self.visit_id,
            most_moves=self.most_moves,
            seconds=self.seconds,
        )


class ApprovalRequest(Schema):
    """Approve a proposal, or some of its moves."""

    EXAMPLE: ClassVar = {"visits": None}

    visits: list[Id] | None = Field(
        default=None,
        min_length=1,
        max_length=1_000,
        description="The moves to be made, by their visit; all others stay as they are. Null = all.",
        examples=[["vi_7h3k9c2m4p6r8t0w"]],
    )


class RejectionRequest(Schema):
    """Reject a proposal."""

    EXAMPLE: ClassVar = {"reason": "Kim knows this customer."}

    reason: str = Field(default="", max_length=500)


class ReplanScopeSchema(Schema):
    """What was asked for."""

    technicians: list[Id] = Field(default_factory=list)
    shift_id: Id | None = None
    visit_id: Id | None = None
    most_moves: int | None = None
    seconds: float | None = None


class MoveSchema(Schema):
    """One visit that the proposal puts somewhere else."""

    visit_id: Id = _VISIT
    from_technician_id: Id | None = Field(description="Null = it is on nobody's route.")
    to_technician_id: Id | None = Field(description="Null = it is left out.")
    from_shift_id: Id | None
    to_shift_id: Id | None
    from_start: Instant | None = Field(description="Start of service as it is expected without the change.")
    to_start: Instant | None
    tells_customer: bool = Field(description="Whether it changes something that the customer was told.")
    why: str = Field(examples=["the promise 10:00 to 12:00 would be missed by 25 min with Kim"])
    change: int = Field(
        description="Moves with the same number are one change: the routes they are about exchange visits.",
        examples=[1],
    )
    cost_change_cents: int = Field(
        description="Of that whole change; negative = cheaper. Those of all changes add up to that of the proposal.",
        examples=[-5000],
    )


class PlanDiffSchema(Schema):
    """What would be different."""

    moves: list[MoveSchema]
    cost_before: dict[str, int] = _CENTS
    cost_after: dict[str, int] = _CENTS
    churn: int = Field(description="Visits that somebody else would serve, or nobody.")
    promises: int
    kept_before: int = Field(description="Promises expected to be kept without the change,")
    kept_after: int = Field(description="and with it.")


class ConflictSchema(Schema):
    """A pin or an edit by hand that the proposal does not keep."""

    visit_id: Id = _VISIT
    message: str = Field(examples=["pinned to Kim, who is out"])


class ReplanSchema(Schema):
    """A replan of a day under way, with the proposal it made."""

    id: Id = Field(examples=["rp_7h3k9c2m4p6r8t0w"])
    territory_id: Id = Field(examples=["te_7h3k9c2m4p6r8t0w"])
    date: Day
    kind: Kind = Field(description="`jeopardy`: something happened, and nobody had to ask.")
    why: list[str] = Field(description="What asked for it.")
    scope: ReplanScopeSchema
    state: State = Field(
        description="`proposed` waits for a decision; `nothing_better` found no plan worth a change; `stale`: the day "
        "went on in a way that the proposal does not fit any more, or a newer proposal took its place."
    )
    cancel_requested: bool
    attempts: int = Field(description="How often a worker began it; more than 1 after a crash.")
    progress: ProgressSchema | None = Field(description="Null before the search begins.")
    base_version: int | None = Field(description="Version of the plan the proposal was made from.")
    applied_version: int | None = Field(description="Version of the plan it has become.")
    diff: PlanDiffSchema | None = Field(description="Null as long as there is no proposal.")
    conflicts: list[ConflictSchema]
    unassigned: list[dict[str, Any]] = Field(description="Visits that would find no place, with the reasons.")
    customers: int = Field(description="How many would have to be told something new.")
    cost_change_cents: int | None = Field(description="Of what is left of the day; negative = cheaper.")
    churn: int | None
    requested_by: str
    requested_at: Instant
    started_at: Instant | None
    finished_at: Instant | None
    decided_by: str | None = Field(description="`automatic`, or who approved or rejected it.")
    decided_at: Instant | None
    accepted: list[Id] | None = Field(description="Visits of an approval in part; null = all.")
    note: str | None = Field(description="Why it failed, is stale or was rejected.")

    @classmethod
    def of(cls, found: ReplanView) -> "ReplanSchema":
        """Show a replan."""
        return cls.model_validate(found)
