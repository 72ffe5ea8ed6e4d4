"""What people write whom nobody is known by."""

from typing import ClassVar

from pydantic import Field

from fieldops.api.schemas.base import Id, Instant, Schema
from fieldops.usecases.add_note import NoteChannel


class InboundMessage(Schema):
    """A message from a number that no customer has."""

    id: Id = Field(examples=["im_7h3k9c2m4p6r8t0w"])
    channel: NoteChannel = Field(examples=["sms"])
    sender: str = Field(description="Number in E.164.", examples=["+12025550199"])
    text: str = Field(examples=["Please come at 5, I moved to 12 Hill Street"])
    at: Instant
    customer_id: str | None = Field(description="Whose it turned out to be.", examples=["cu_7h3k9c2m4p6r8t0w"])
    settled_at: Instant | None = Field(description="When somebody saw to it.")
    settled_by: str | None = Field(examples=["us_7h3k9c2m4p6r8t0w"])


class InboundSettled(Schema):
    """What became of a message."""

    EXAMPLE: ClassVar = {"customer_id": "cu_7h3k9c2m4p6r8t0w"}

    customer_id: Id | None = Field(
        default=None,
        description="Whose it is: it becomes a note there. Without it, it is nobody's.",
        examples=["cu_7h3k9c2m4p6r8t0w"],
    )
