"""The outbox, and the endpoints of other systems."""

from typing import Annotated, ClassVar

from pydantic import Field

from fieldops.api.schemas.base import Id, Instant, Schema
from fieldops.messaging.channel import Outcome
from fieldops.messaging.kinds import State, Via
from fieldops.usecases.webhooks import EVENTS, MAX_URL

_EXAMPLE_URL = "https://example.com/hooks/fieldops"
#: Judged with the rest of the endpoint, so that all its faults are told at once.
EventName = Annotated[str, Field(max_length=64, examples=["booking.confirmed"], json_schema_extra={"enum": [*EVENTS]})]
Url = Annotated[str, Field(min_length=1, max_length=MAX_URL, examples=[_EXAMPLE_URL])]


class Message(Schema):
    """A message to a customer, or an event for another system."""

    id: Id = Field(examples=["ms_7h3k9c2m4p6r8t0w"])
    kind: str = Field(
        description="What it is about (see docs/messages.md), such as `confirmation` or `delayed`, or an event name.",
        examples=["confirmation"],
    )
    channel: Via = Field(examples=["email"])
    recipient: str = Field(
        description="Address, number, or id of a webhook; empty: the customer cannot be reached.",
        examples=["pat@example.com"],
    )
    customer_id: str | None = Field(examples=["cu_7h3k9c2m4p6r8t0w"])
    territory_id: str | None = Field(examples=["te_7h3k9c2m4p6r8t0w"])
    subject_id: str = Field(description="What it speaks of, such as a booking.", examples=["bk_7h3k9c2m4p6r8t0w"])
    subject_version: int
    language: str = Field(examples=["en"])
    state: State = Field(examples=["sent"])
    title: str = Field(examples=["Your appointment on Thursday, March 19, 2026 is confirmed"])
    body: str = Field(description="As it left; the customer's link is cut short. Empty while it waits.")
    due_at: Instant
    expires_at: Instant | None = Field(description="Pointless from then on.")
    attempts: int
    sent_at: Instant | None
    provider_id: str | None = Field(description="What the provider calls it.")
    note: str = Field(description="Why it is in this state.", examples=["no channel configured"])
    created_at: Instant


class Attempt(Schema):
    """One try to deliver a message."""

    number: int = Field(examples=[1])
    at: Instant
    outcome: Outcome = Field(examples=["retry"])
    detail: str = Field(examples=["451 try again later"])
    duration_ms: int = Field(examples=[112])


class MessageWithAttempts(Schema):
    """A message and what became of it."""

    message: Message
    is_preview: bool = Field(description="The text is what would leave now: it is written when it leaves.")
    attempts: list[Attempt]


class NewWebhook(Schema):
    """An endpoint to be."""

    EXAMPLE: ClassVar = {"url": _EXAMPLE_URL, "events": ["booking.confirmed", "booking.changed"]}

    url: Url = Field(description="https, on the open internet, without a password in it.")
    events: list[EventName] = Field(
        default=[],
        max_length=len(EVENTS),
        description=f"Of {', '.join(f'`{event}`' for event in EVENTS)}; none = all.",
        examples=[["booking.confirmed", "booking.changed"]],
    )


class WebhookChange(Schema):
    """What to change about an endpoint; what is left out stays as it is."""

    EXAMPLE: ClassVar = {"events": ["booking.confirmed"], "is_enabled": True}

    url: Url | None = None
    events: list[EventName] | None = Field(default=None, max_length=len(EVENTS), examples=[["booking.confirmed"]])
    is_enabled: bool | None = Field(default=None, description="Enabling it again forgives its failures.")


class Webhook(Schema):
    """An endpoint of another system. `secret` is there once, in the answer that made it."""

    id: Id = Field(examples=["wh_7h3k9c2m4p6r8t0w"])
    url: str = Field(examples=[_EXAMPLE_URL])
    events: list[str] = Field(examples=[["booking.confirmed"]])
    is_enabled: bool
    failing_since: Instant | None = Field(description="After three days of failure it is disabled.")
    created_at: Instant
    secret: str | None = Field(default=None, examples=["whsec_Yx3a9B..."])
