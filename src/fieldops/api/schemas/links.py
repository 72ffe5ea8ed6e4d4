"""Links for people without an account."""

from typing import ClassVar, Literal

from pydantic import Field

from fieldops.api.schemas.base import Id, Instant, Schema
from fieldops.usecases.links import LinkPurpose

#: Those that are made on their own.
Purpose = Literal[LinkPurpose.CUSTOMER, LinkPurpose.CALENDAR]


class NewLink(Schema):
    """A link to be."""

    EXAMPLE: ClassVar = {"purpose": "customer", "subject_id": "wo_7h3k9c2m4p6r8t0w", "days": 30}

    purpose: Purpose = Field(examples=["customer"])
    subject_id: Id = Field(
        description="The work order (`customer`) or the technician (`calendar`) it opens.",
        examples=["wo_7h3k9c2m4p6r8t0w"],
    )
    days: int | None = Field(default=None, ge=1, le=730, description="How long it lasts; else as the settings say.")


class Link(Schema):
    """A link. `token` and `url` are there once, in the answer that made it."""

    id: Id
    purpose: Purpose
    subject_id: str
    token: str | None = None
    url: str | None = None
    created_at: Instant
    expires_at: Instant
    revoked_at: Instant | None
