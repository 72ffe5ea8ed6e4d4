"""Technicians, absences and bases."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from fieldops.api.schemas.base import Id, Instant, Schema
from fieldops.api.schemas.dates import Day
from fieldops.usecases.absences import Period
from fieldops.usecases.bases import BaseKind
from fieldops.usecases.technicians import TechnicianFacts

Cents = Annotated[int, Field(ge=0, le=1_000_000_000)]
SkillName = Annotated[str, Field(min_length=1, max_length=100)]


class TechnicianFields(Schema):
    """What is known about a technician."""

    EXAMPLE: ClassVar = {
        "name": "Kim Lee",
        "phone": "+12025550147",
        "skills": {"gas": 2},
        "work_rate_cents": 4500,
    }

    name: str = Field(min_length=1, max_length=200, examples=["Kim Lee"])
    phone: str | None = Field(default=None, max_length=50, examples=["+12025550147"])
    email: str | None = Field(default=None, max_length=320, examples=["kim@example.com"])
    skills: dict[SkillName, Annotated[int, Field(ge=1, le=100)]] = Field(
        default_factory=dict, max_length=1_000, description="Skill name to level held.", examples=[{"gas": 2}]
    )
    duration_permille: int = Field(
        default=1_000, ge=100, le=10_000, description="Personal pace: time taken for a nominal 1,000 s of service."
    )
    work_rate_cents: Cents = Field(default=0, description="An hour; 0 for a salary.")
    overtime_rate_cents: Cents = Field(default=6_000, description="An hour.")
    is_active: bool = Field(default=True, description="Whether visits are planned for this person.")

    def facts(self) -> TechnicianFacts:
        """Say it in the words of the use cases."""
        return TechnicianFacts(**self.model_dump())


class NewTechnician(TechnicianFields):
    """A technician to be added."""

    EXAMPLE: ClassVar = {
        "territory_id": "te_7h3k9c2m4p6r8t0w",
        "name": "Kim Lee",
        "phone": "+12025550147",
        "skills": {"gas": 2},
        "work_rate_cents": 4500,
    }

    territory_id: Id = Field(examples=["te_7h3k9c2m4p6r8t0w"])


class TechnicianSchema(TechnicianFields):
    """A person who serves visits."""

    id: Id = Field(examples=["tn_7h3k9c2m4p6r8t0w"])
    territory_id: Id


class LostPlaceSchema(Schema):
    """
    A visit that had a place on a plan and needs a new one. A booked one stays booked: its window is at risk until the
    next plan finds it a place. The hold of a held one has ended.
    """

    visit_id: Id
    work_order_id: Id
    date: Day
    technician_id: Id = Field(description="Who would have come.")
    start_at: Instant = Field(description="When that would have been.")
    state: str = Field(description="`booked` or `open`.", examples=["booked"])
    booking_id: Id | None
    window_start: Instant | None = Field(description="What the customer was promised; null = nothing.")
    window_end: Instant | None


class TechnicianChanged(Schema):
    """A technician as changed."""

    technician: TechnicianSchema
    lost: list[LostPlaceSchema] = Field(description="Visits that lost their place by it.")


class NewAbsence(Schema):
    """A period in which a technician does not work: instants, or whole local dates of the territory."""

    EXAMPLE: ClassVar = {"kind": "vacation", "first_date": "2026-07-06", "last_date": "2026-07-17"}

    kind: Literal["sick", "vacation", "training", "other"]
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    first_date: Day | None = Field(default=None, description="Whole dates instead of instants, both included.")
    last_date: Day | None = None
    note: str = Field(default="", max_length=1_000)

    @model_validator(mode="after")
    def _one_kind_of_period(self) -> Self:
        given = {
            name for name in ("starts_at", "ends_at", "first_date", "last_date") if getattr(self, name) is not None
        }
        if given not in ({"starts_at", "ends_at"}, {"first_date", "last_date"}):
            raise ValueError("starts_at and ends_at, or first_date and last_date")
        return self

    def period(self) -> Period:
        """Say it in the words of the use cases."""
        return Period(
            starts_at=self.starts_at, ends_at=self.ends_at, first_date=self.first_date, last_date=self.last_date
        )


class AbsenceSchema(Schema):
    """A period in which a technician does not work."""

    id: Id = Field(examples=["ab_7h3k9c2m4p6r8t0w"])
    technician_id: Id
    kind: str
    starts_at: Instant
    ends_at: Instant
    note: str


class AbsenceChanged(Schema):
    """An absence that came or went."""

    absence: AbsenceSchema
    lost: list[LostPlaceSchema] = Field(description="Visits that lost their place by it.")


class Absences(Schema):
    """The absences of a technician that are not over."""

    items: list[AbsenceSchema]


class NewBase(Schema):
    """A depot or home; without coordinates the address is looked up."""

    EXAMPLE: ClassVar = {
        "kind": "depot",
        "address": "1200 G Street NW, Washington, DC 20005",
        "latitude": 38.8984,
        "longitude": -77.0283,
    }

    kind: BaseKind
    address: str = Field(min_length=1, max_length=500, examples=["1200 G Street NW, Washington, DC 20005"])
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)
    access_notes: str = Field(default="", max_length=2_000)

    @model_validator(mode="after")
    def _whole_coordinates(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("latitude and longitude, or neither")
        return self


class BaseSchema(Schema):
    """A place where shifts start and end."""

    id: Id = Field(examples=["si_7h3k9c2m4p6r8t0w"])
    kind: str
    address: str
    latitude: float
    longitude: float
    access_notes: str
