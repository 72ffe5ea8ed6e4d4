"""What people write to us."""

from typing import ClassVar

from pydantic import Field

from fieldops.api.schemas.base import Id, Instant, Schema
from fieldops.usecases.add_note import NoteChannel
from fieldops.usecases.inbound_messages import Heard


class NamedCustomerSchema(Schema):
    """A customer in a word."""

    id: Id = Field(examples=["cu_7h3k9c2m4p6r8t0w"])
    name: str = Field(examples=["Zoë Müller"])


class InboundMessage(Schema):
    """What somebody wrote to us."""

    id: Id = Field(examples=["im_7h3k9c2m4p6r8t0w"])
    channel: NoteChannel = Field(examples=["sms"])
    sender: str = Field(description="Number in E.164.", examples=["+12025550199"])
    heard: Heard = Field(
        description="What it was taken for: `note` = it stands on the timeline of everybody who had the number; "
        "`unknown_sender` = nobody had it; `stop` and `start` changed what may be sent there."
    )
    text: str = Field(examples=["Please come at 5, I moved to 12 Hill Street"])
    at: Instant
    customer_id: str | None = Field(
        description="Of the one customer who had the number, or whom it turned out to be from.",
        examples=["cu_7h3k9c2m4p6r8t0w"],
    )
    customers: list[NamedCustomerSchema] = Field(
        description="Whose it is, and who else has the number now; 20 at most, perhaps nobody."
    )
    settled_at: Instant | None = Field(description="When somebody saw to it.")
    settled_by: str | None = Field(examples=["us_7h3k9c2m4p6r8t0w"])


class InboundSettled(Schema):
    """What became of a message."""

    EXAMPLE: ClassVar = {"customer_id": "cu_7h3k9c2m4p6r8t0w"}

    customer_id: Id | None = Field(
        default=None,
        description="Whose it is: it becomes a note there, unless it is one. Without it, it stays as it is.",
        examples=["cu_7h3k9c2m4p6r8t0w"],
    )
