"""
Work orders and visits.

Each comes twice: what staff and integrations see, and what a customer sees, who is told nothing of priorities, costs
and technicians.
"""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from fieldops.api.schemas.base import Id, Instant, Schema
from fieldops.api.schemas.customers import BookingSummarySchema, CustomerFields, Reference, SiteSchema
from fieldops.api.schemas.people import SkillName
from fieldops.domain.problem import TimeWindow
from fieldops.usecases.create_work_order import NewSite, NewWorkOrder
from fieldops.usecases.edit_visit import VisitChanges
from fieldops.usecases.visit_request import VisitRequest

Seconds = Annotated[int, Field(ge=1, le=1_209_600, description="Nominal time on site.", examples=[3_600])]
VisitName = Annotated[str, Field(max_length=200, examples=["Boiler repair"])]
Skills = Annotated[
    dict[SkillName, Annotated[int, Field(ge=1, le=100)]],
    Field(max_length=100, description="Skill name to least level.", examples=[{"gas": 2}]),
]
Priority = Annotated[int, Field(ge=1, le=5, description="1 (can wait) to 5 (urgent).")]
Amount = Annotated[int, Field(ge=0, le=1_000_000_000)]
Technicians = Annotated[list[Id], Field(max_length=200)]

_WINDOWS = "Hard windows for the start of service; none = any time."
_PREFERRED = "What the customer would like."
_RELEASE = "Service cannot start before."
_DUE = "The work should be finished by then."
_MANDATORY = "Must be served if at all possible."
_UNASSIGNED = "Cost of leaving it out of a plan; null = priority times the territory's rate."
_ALLOWED = "The only technicians who may come; null = everybody."


class WindowSchema(Schema):
    """A closed interval for the start of service."""

    earliest: Instant
    latest: Instant

    def window(self) -> TimeWindow:
        """Say it in the words of the domain."""
        return TimeWindow(self.earliest, self.latest)


Windows = Annotated[list[WindowSchema], Field(max_length=100, description=_WINDOWS)]


class VisitFields(Schema):
    """A visit that is asked for."""

    duration_s: Seconds
    name: VisitName = Field(default="", description="For people; the order's summary when empty.")
    required_skills: Skills = Field(default_factory=dict)
    windows: Windows = Field(default_factory=list)
    preferred_window: WindowSchema | None = Field(default=None, description=_PREFERRED)
    release_at: Instant | None = Field(default=None, description=_RELEASE)
    due_at: Instant | None = Field(default=None, description=_DUE)
    priority: Priority = 3
    is_mandatory: bool = Field(default=False, description=_MANDATORY)
    unassigned_cents: Amount | None = Field(default=None, description=_UNASSIGNED)
    allowed_technicians: Technicians | None = Field(default=None, description=_ALLOWED)
    forbidden_technicians: Technicians = Field(default_factory=list)
    preferred_technicians: Technicians = Field(default_factory=list)

    def visit(self) -> VisitRequest:
        """Say it in the words of the use cases."""
        return VisitRequest(**_values(self, type(self).model_fields.keys()))


class VisitPatch(Schema):
    """What is to be different about a visit; what is not named stays."""

    EXAMPLE: ClassVar = {"duration_s": 5400, "priority": 4}

    name: VisitName = Field(default_factory=str)
    duration_s: Seconds = Field(default_factory=int)
    required_skills: Skills = Field(default_factory=dict)
    windows: Windows = Field(default_factory=list)
    preferred_window: WindowSchema | None = Field(default_factory=lambda: None, description=_PREFERRED)
    release_at: Instant | None = Field(default_factory=lambda: None, description=_RELEASE)
    due_at: Instant | None = Field(default_factory=lambda: None, description=_DUE)
    priority: Priority = Field(default_factory=int)
    is_mandatory: bool = Field(default_factory=bool, description=_MANDATORY)
    unassigned_cents: Amount | None = Field(default_factory=lambda: None, description=_UNASSIGNED)
    allowed_technicians: Technicians | None = Field(default_factory=lambda: None, description=_ALLOWED)
    forbidden_technicians: Technicians = Field(default_factory=list)
    preferred_technicians: Technicians = Field(default_factory=list)

    def changes(self) -> VisitChanges:
        """Say it in the words of the use cases."""
        return VisitChanges(**_values(self, self.model_fields_set))


class SiteRequest(Schema):
    """An address; without coordinates it is looked up."""

    address: str = Field(min_length=1, max_length=500, examples=["1380 Quincy St NW, Washington, DC 20011"])
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)
    access_notes: str = Field(default="", max_length=2_000, examples=["Ring at the gate, code 17"])

    def site(self) -> NewSite:
        """Say it in the words of the use cases."""
        return NewSite(**self.model_dump())


class WorkOrderRequest(Schema):
    """What a customer asks for: a known or new customer, a known site or an address, and the visits it needs."""

    EXAMPLE: ClassVar = {
        "territory_id": "te_7h3k9c2m4p6r8t0w",
        "summary": "Boiler does not heat",
        "customer": {"name": "Zoë Müller", "contacts": [{"kind": "phone", "value": "(202) 555-0123"}]},
        "site": {"address": "1380 Quincy St NW, Washington, DC 20011", "access_notes": "Ring at the gate, code 17"},
        "visits": [{"duration_s": 3600, "required_skills": {"gas": 2}, "priority": 4}],
    }

    territory_id: Id = Field(examples=["te_7h3k9c2m4p6r8t0w"])
    summary: str = Field(min_length=1, max_length=500, examples=["Boiler does not heat"])
    reference: Reference | None = Field(default=None, description="What another system calls it.")
    customer_id: Id | None = Field(default=None, description="A known customer; or give `customer`.")
    customer: CustomerFields | None = None
    site_id: Id | None = Field(default=None, description="A site of that customer; or give `site`.")
    site: SiteRequest | None = None
    visits: list[VisitFields] = Field(min_length=1, max_length=20)

    def order(self) -> NewWorkOrder:
        """Say it in the words of the use cases."""
        return NewWorkOrder(
            territory_id=self.territory_id,
            summary=self.summary,
            reference=self.reference,
            customer_id=self.customer_id,
            customer=None if self.customer is None else self.customer.customer(),
            site_id=self.site_id,
            site=None if self.site is None else self.site.site(),
            visits=tuple(visit.visit() for visit in self.visits),
        )


class CancelOrderRequest(Schema):
    """Cancel a work order."""

    EXAMPLE: ClassVar = {"reason": "Boiler works again"}

    reason: str = Field(default="", max_length=500, description="Told to the customer where something was booked.")


class HoldSummarySchema(Schema):
    """A window that is reserved for a visit."""

    id: Id = Field(examples=["ho_7h3k9c2m4p6r8t0w"])
    window_start: Instant
    window_end: Instant
    expires_at: Instant


class CustomerVisit(Schema):
    """A visit, and what is promised about it."""

    id: Id = Field(examples=["vi_7h3k9c2m4p6r8t0w"])
    work_order_id: Id
    name: str
    state: str = Field(
        description="`draft`, `open`, `held`, `booked`, `done`, `failed` or `canceled`.", examples=["open"]
    )
    duration_s: int = Field(description="Nominal time on site.")
    windows: list[WindowSchema]
    preferred_window: WindowSchema | None
    hold: HoldSummarySchema | None = Field(description="Null when there is none, or it has expired.")
    booking: BookingSummarySchema | None


class VisitSchema(CustomerVisit):
    """A visit, with what planning minds."""

    territory_id: Id
    site_id: Id
    required_skills: dict[str, int]
    release_at: Instant | None
    due_at: Instant | None
    priority: int
    is_mandatory: bool
    unassigned_cents: int | None
    allowed_technicians: list[str] | None
    forbidden_technicians: list[str]
    preferred_technicians: list[str]
    version: int = Field(description="Raised by every change.")
    created_at: Instant


class AnsweredQuestionSchema(Schema):
    """A question of the booking page, and what the customer answered."""

    question: str = Field(examples=["What does it burn?"])
    answer: str = Field(examples=["Gas"])


class IntakeSchema(Schema):
    """What a customer said on the booking page."""

    service_id: Id = Field(examples=["sv_7h3k9c2m4p6r8t0w"])
    answers: list[AnsweredQuestionSchema]
    details: str
    note: str


class CustomerWorkOrder(Schema):
    """What the customer asked for."""

    id: Id = Field(examples=["wo_7h3k9c2m4p6r8t0w"])
    summary: str
    state: str = Field(
        description="`draft` (begun on the booking page, not confirmed), `open`, `closed` or `canceled`.",
        examples=["open"],
    )
    address: str
    visits: list[CustomerVisit]


class WorkOrderSchema(Schema):
    """What a customer asked for, with everything known about it."""

    id: Id = Field(examples=["wo_7h3k9c2m4p6r8t0w"])
    territory_id: Id
    customer_id: Id
    customer_name: str
    site: SiteSchema
    summary: str
    reference: str | None
    state: str = Field(
        description="`draft` (begun on the booking page, not confirmed), `open`, `closed` or `canceled`.",
        examples=["open"],
    )
    created_at: Instant
    created_by: str
    intake: IntakeSchema | None = Field(description="What was said on the booking page; null = it came another way.")
    visits: list[VisitSchema]


def _values(schema: VisitFields | VisitPatch, names: Any) -> dict[str, Any]:
    """Return some fields, lists as tuples and windows as the domain knows them."""
    values: dict[str, Any] = {name: getattr(schema, name) for name in names}
    if "windows" in values:
        values["windows"] = tuple(window.window() for window in schema.windows)
    if values.get("preferred_window") is not None:
        values["preferred_window"] = values["preferred_window"].window()
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
