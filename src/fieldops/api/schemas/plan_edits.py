"""Edits of plans by hand: what can be asked for, what it would do, what was done."""

from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from fieldops.api.schemas.base import Id, Instant, Schema
from fieldops.domain.edits import AddBreak, Duration, Edit, Lock, Move, Swap, Unassign
from fieldops.domain.problem import Break

_VISIT: Any = Field(examples=["vi_7h3k9c2m4p6r8t0w"])
_SHIFT: Any = Field(examples=["sh_7h3k9c2m4p6r8t0w"])


class MoveEdit(Schema):
    """Put a visit into a route, wherever it is now. It then stays with that technician, whatever is optimized."""

    kind: Literal["move"]
    visit_id: Id = _VISIT
    shift_id: Id = _SHIFT
    position: int | None = Field(
        default=None,
        ge=0,
        le=1_000,
        description="How many of the route's other visits (of a day under way: of those ahead) come before it; it "
        "keeps its place among visits that were placed so. Null = where it fits best.",
    )

    def edit(self) -> Edit:
        """Make the edit."""
        return Move(visit_id=self.visit_id, shift_id=self.shift_id, position=self.position)


class SwapEdit(Schema):
    """Let two visits change places, on one route or between two."""

    kind: Literal["swap"]
    visit_id: Id = _VISIT
    other_visit_id: Id = _VISIT

    def edit(self) -> Edit:
        """Make the edit."""
        return Swap(visit_id=self.visit_id, other_visit_id=self.other_visit_id)


class UnassignEdit(Schema):
    """Take a visit off its route. It stays off that date until it is moved back or the customer takes another time."""

    kind: Literal["unassign"]
    visit_id: Id = _VISIT

    def edit(self) -> Edit:
        """Make the edit."""
        return Unassign(visit_id=self.visit_id)


class LockEdit(Schema):
    """Fix a visit where the plan has it."""

    kind: Literal["lock"]
    visit_id: Id = _VISIT
    technician: bool = Field(default=True, description="Who serves it.")
    sequence: bool = Field(default=False, description="Its place among the visits of the route that are fixed so.")
    start: bool = Field(default=False, description="The start of its service.")

    def edit(self) -> Edit:
        """Make the edit."""
        return Lock(visit_id=self.visit_id, technician=self.technician, sequence=self.sequence, start=self.start)


class UnlockEdit(Schema):
    """Set a visit free: nothing about it is fixed any more."""

    kind: Literal["unlock"]
    visit_id: Id = _VISIT

    def edit(self) -> Edit:
        """Make the edit."""
        return Lock(visit_id=self.visit_id, technician=False)


class DurationEdit(Schema):
    """Let a visit take another time on site."""

    kind: Literal["duration"]
    visit_id: Id = _VISIT
    minutes: int = Field(ge=1, le=1_440, description="By a technician of ordinary pace.", examples=[45])

    def edit(self) -> Edit:
        """Make the edit."""
        return Duration(visit_id=self.visit_id, duration=timedelta(minutes=self.minutes))


class AddBreakEdit(Schema):
    """Give a shift one more break."""

    kind: Literal["add_break"]
    shift_id: Id = _SHIFT
    earliest_start: Instant
    latest_start: Instant
    minutes: int = Field(ge=1, le=720, examples=[30])
    name: str = Field(default="", max_length=100, examples=["dentist"])
    paid: bool = True

    def edit(self) -> Edit:
        """Make the edit; problems know whole seconds only."""
        pause = Break(
            earliest_start=self.earliest_start.replace(microsecond=0),
            latest_start=self.latest_start.replace(microsecond=0),
            duration=timedelta(minutes=self.minutes),
            name=self.name,
            paid=self.paid,
        )
        return AddBreak(shift_id=self.shift_id, pause=pause)


AnyEdit = Annotated[
    MoveEdit | SwapEdit | UnassignEdit | LockEdit | UnlockEdit | DurationEdit | AddBreakEdit,
    Field(discriminator="kind"),
]
_MOVE: dict[str, Any] = {"kind": "move", "visit_id": "vi_7h3k9c2m4p6r8t0w", "shift_id": "sh_7h3k9c2m4p6r8t0w"}


class WhatIfRequest(Schema):
    """Ask what an edit would do."""

    EXAMPLE: ClassVar = {"edit": {**_MOVE, "position": 0}}

    edit: AnyEdit


class EditRequest(Schema):
    """Change a plan by hand."""

    EXAMPLE: ClassVar = {"edit": {**_MOVE, "position": 0}, "force": False, "reason": ""}

    edit: AnyEdit
    force: bool = Field(default=False, description="Do it although it breaks rules; needs a reason.")
    reason: str = Field(default="", max_length=500, examples=["The customer has agreed on the phone."])


class PlanViolationSchema(Schema):
    """Something that an edit breaks."""

    code: str = Field(description="A hard rule (docs/solver.md), or `promise`: one that was kept.", examples=["window"])
    message: str = Field(description="For people.", examples=["Boiler starts at 12:40, 40 min outside its windows"])
    amount: int = Field(description="By how much: seconds, visits, levels or ranks; 0 when it cannot be measured.")
    technician_id: Id | None
    shift_id: Id | None
    visit_id: Id | None


class NewViolationSchema(PlanViolationSchema):
    """Something that an edit would break."""

    is_new: bool = Field(description="Whether it was not broken before, or less. Only what is new has to be forced.")


class TimedStopSchema(Schema):
    """A stop and its times."""

    visit_id: Id
    arrival_at: Instant
    start_at: Instant
    finish_at: Instant
    lateness_s: int


class RouteChangeSchema(Schema):
    """One route, before and after; of a day under way what is ahead of it."""

    technician_id: Id
    shift_id: Id
    before: list[TimedStopSchema]
    after: list[TimedStopSchema]


class WhatIfSchema(Schema):
    """What an edit would do."""

    version: int = Field(description="Of the plan it was tried on: make its ETag of it to do it.")
    needs_force: bool
    violations: list[NewViolationSchema]
    at_risk: list[Id] = Field(description="Visits whose promise would be kept with hardly anything to spare.")
    cost_change_cents: int
    cost_cents: dict[str, int] = Field(description="Cost term to cents more than before.", examples=[{"travel": 230}])
    overtime_change_s: int
    travel_change_s: int
    routes: list[RouteChangeSchema]


class PlanEditSchema(Schema):
    """An edit that was made."""

    id: Id = Field(examples=["pe_7h3k9c2m4p6r8t0w"])
    kind: Literal["move", "swap", "unassign", "lock", "unlock", "duration", "add_break", "undo"]
    request: dict[str, Any] = Field(description="What was asked for.")
    reason: str
    is_forced: bool
    violations: list[PlanViolationSchema] = Field(description="What it broke all the same.")
    from_version: int
    to_version: int
    actor: str
    made_at: Instant
    undone_by: Id | None = Field(description="The edit that took it back.")


class RankedPlaceSchema(Schema):
    """The best place of a visit on one shift's route."""

    technician_id: Id
    shift_id: Id
    position: int = Field(description="How many of the route's other visits come before it.")
    cost_change_cents: int = Field(description="What the whole plan costs more than now; negative = less.")
    start_at: Instant
    finish_at: Instant
    slack_s: int = Field(description="How far the start could slip without breaking a hard rule.")
    extra_travel_s: int


class ShiftWithoutPlaceSchema(Schema):
    """A shift that cannot take the visit, and why."""

    technician_id: Id
    shift_id: Id
    reason: str = Field(examples=["skill"])


class PlacesSchema(Schema):
    """Where a visit could go, best first, and where it could not."""

    visit_id: Id
    version: int = Field(description="Of the plan.")
    places: list[RankedPlaceSchema]
    without: list[ShiftWithoutPlaceSchema]
