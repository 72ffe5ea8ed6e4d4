"""What customers see of their visit, and say about it; and what staff have to do then."""

from typing import Annotated, ClassVar

from pydantic import Field

from fieldops.api.schemas.base import LATEST, Id, Instant, Schema
from fieldops.messaging.tracking import TrackState
from fieldops.usecases.survey_rules import LONGEST_COMMENT, Answers
from fieldops.usecases.task_codes import TaskCode
from fieldops.usecases.tasks import TaskChanges, TaskKind
from fieldops.usecases.track_visit import SurveyState, TrackAction

_VISIT = Field(default=None, description="Which visit of the work order; null = the one that is next or was last.")
Recommends = Annotated[int, Field(ge=0, le=10, description="Would recommend us: 0 to 10.", examples=[9])]
Satisfied = Annotated[int, Field(ge=1, le=5, description="How satisfied: 1 (not at all) to 5 (very).", examples=[5])]
Easy = Annotated[int, Field(ge=1, le=5, description="How easy it was: 1 (very hard) to 5 (very easy).", examples=[4])]


class PositionSchema(Schema):
    """Where the technician was seen last, to about a hundred meters."""

    latitude: float = Field(examples=[38.9])
    longitude: float = Field(examples=[-77.03])
    seen_at: Instant


class TrackSiteSchema(Schema):
    """Where the customer is."""

    address: str = Field(examples=["1380 Quincy St NW, Washington, DC 20011"])
    latitude: float = Field(examples=[38.937613])
    longitude: float = Field(examples=[-77.032111])


class TrackSchema(Schema):
    """Where a visit stands, as its customer sees it."""

    visit_id: Id = Field(examples=["vi_7h3k9c2m4p6r8t0w"])
    booking_id: Id = Field(examples=["bk_7h3k9c2m4p6r8t0w"])
    work_order_id: Id = Field(examples=["wo_7h3k9c2m4p6r8t0w"])
    territory_id: Id = Field(description="Its streets are what a map stands on.", examples=["te_7h3k9c2m4p6r8t0w"])
    summary: str = Field(description="What is asked for.", examples=["Boiler inspection"])
    site: TrackSiteSchema
    state: TrackState = Field(examples=["on_the_way"])
    is_late: bool = Field(
        description="Whether somebody is still to come, later than the booked window says.", examples=[False]
    )
    sentence: str = Field(
        description="The same in the customer's language.",
        examples=["Kim is on the way to you and will arrive between 10:40 AM and 11:00 AM."],
    )
    language: str = Field(examples=["en"])
    time_zone: str = Field(examples=["America/New_York"])
    contact: str = Field(description="The company's line.", examples=["Acme Service, +1 202 555 0100"])
    window_start: Instant = Field(description="The booked window.")
    window_end: Instant
    expected_earliest: Instant | None = Field(
        description="Range of arrival: from two hours before, or once a time was told. Null = within the window."
    )
    expected_latest: Instant | None
    technician: str | None = Field(description="First name of who comes.", examples=["Kim"])
    position: PositionSchema | None = Field(description="Only while somebody is on the way to this customer.")
    stops_before: int | None = Field(description="Visits before this one; null = not to be told yet.", examples=[1])
    actions: list[TrackAction] = Field(description="What can be done now.", examples=[["reschedule", "note"]])
    survey: SurveyState = Field(description="`none`, `open` or `answered`.", examples=["none"])
    calendar_url: str | None = Field(
        description="Address of the appointment's calendar file; it opens nothing else.",
        examples=["https://service.example.com/v1/bookings/bk_7h3k9c2m4p6r8t0w/calendar.ics?token=fol_appointment.Wy"],
    )
    updated_at: Instant = Field(description="When anything of this was last heard, computed or changed.")


class OwnNoteRequest(Schema):
    """What a customer wants us to know."""

    EXAMPLE: ClassVar = {"text": "Please ring at the back door."}

    text: str = Field(min_length=1, max_length=2_000, examples=["Please ring at the back door."])
    visit_id: Id | None = _VISIT


class OwnNoteSchema(Schema):
    """A note that was taken down."""

    id: Id = Field(examples=["no_7h3k9c2m4p6r8t0w"])
    at: Instant
    text: str


class AnswersRequest(Schema):
    """The answers of a survey; at least one of the questions has one."""

    EXAMPLE: ClassVar = {"nps": 9, "csat": 5, "ces": 4, "comment": "Quick and friendly."}

    nps: Recommends | None = None
    csat: Satisfied | None = None
    ces: Easy | None = None
    comment: str = Field(default="", max_length=LONGEST_COMMENT, examples=["Quick and friendly."])
    visit_id: Id | None = _VISIT

    def answers(self) -> Answers:
        """Say it in the words of the use cases."""
        return Answers(nps=self.nps, csat=self.csat, ces=self.ces, comment=self.comment)


class OwnSurveySchema(Schema):
    """A survey as its customer sees it."""

    visit_id: Id = Field(examples=["vi_7h3k9c2m4p6r8t0w"])
    summary: str = Field(description="What was done.", examples=["Boiler inspection"])
    technician: str | None = Field(description="First name of who came.", examples=["Kim"])
    asked_at: Instant
    answered_at: Instant | None
    can_answer: bool = Field(description="Whether it can be answered, or the answer be corrected, now.")
    nps: int | None
    csat: int | None
    ces: int | None
    comment: str


class SurveySchema(Schema):
    """A survey as staff see it."""

    visit_id: Id = Field(examples=["vi_7h3k9c2m4p6r8t0w"])
    customer_id: Id
    technician_id: Id | None
    territory_id: Id
    visit_type: str = Field(description="The visit's name.", examples=["Boiler inspection"])
    asked_at: Instant
    answered_at: Instant | None
    nps: int | None
    csat: int | None
    ces: int | None
    comment: str


class SurveyAveragesSchema(Schema):
    """What the customers of one technician and type of visit say."""

    technician_id: Id | None
    visit_type: str = Field(examples=["Boiler inspection"])
    asked: int
    answered: int
    nps: float | None = Field(description="Promoters (9, 10) less detractors (0 to 6) in percent.", examples=[66.7])
    csat: float | None = Field(description="Mean, 1 to 5.", examples=[4.5])
    ces: float | None = Field(description="Mean, 1 to 5.", examples=[4.0])


class SurveySumsSchema(Schema):
    """What customers say, by technician and type of visit."""

    items: list[SurveyAveragesSchema]


class TaskSchema(Schema):
    """Something a person has to do about a customer."""

    id: Id = Field(examples=["ta_7h3k9c2m4p6r8t0w"])
    territory_id: Id
    kind: TaskKind = Field(examples=["broken_promise"])
    code: TaskCode | None = Field(
        description="What happened; null = only `summary` says it, of tasks opened by former versions.",
        examples=["nobody_comes"],
    )
    facts: dict[str, str] = Field(
        description="What a sentence about it names: `visit`, `technician`, `date`, `customer`, `order`, `scores`, and "
        "people's own words: `why`, `reason`, `comment`, `repair`.",
        examples=[{"visit": "Boiler inspection", "date": "2026-03-17", "technician": "Kim Kaiser"}],
    )
    visit_id: Id
    customer_id: Id
    summary: str = Field(
        description="The sentence in English.", examples=["We came later than promised: call the customer."]
    )
    credit_cents: int = Field(description="What the customer was told to get.", examples=[0])
    state: str = Field(description="`open` or `done`.", examples=["open"])
    owner: Id | None = Field(description="A user; null = nobody dispatches.", examples=["us_7h3k9c2m4p6r8t0w"])
    due_at: Instant
    created_at: Instant
    done_at: Instant | None
    done_by: str | None = Field(examples=["user:us_7h3k9c2m4p6r8t0w"])
    note: str


class TaskDoneRequest(Schema):
    """Say that a task is done."""

    EXAMPLE: ClassVar = {"note": "Called; all is well."}

    note: str | None = Field(default=None, max_length=10_000, examples=["Called; all is well."])


class TaskPatch(Schema):
    """What is to be different; what is not named stays."""

    EXAMPLE: ClassVar = {"note": "Tried to call at noon."}

    owner: Id | None = Field(default_factory=lambda: None, description="A user; null = nobody.")
    due_at: Instant = Field(default_factory=lambda: LATEST)
    note: str = Field(default_factory=str, max_length=10_000)

    def changes(self) -> TaskChanges:
        """Say it in the words of the use cases."""
        return TaskChanges(**self.model_dump(exclude_unset=True))
