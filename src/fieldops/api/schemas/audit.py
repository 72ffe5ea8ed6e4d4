"""The audit."""

from typing import Any

from pydantic import Field

from fieldops.api.schemas.base import Instant, Schema


class AuditLine(Schema):
    """One thing somebody did."""

    id: int
    at: Instant
    actor: str = Field(examples=["user:us_7h3k9c2m4p6r8t0w"])
    action: str = Field(examples=["booking.confirmed"])
    subject_kind: str = Field(examples=["booking"])
    subject_id: str
    detail: dict[str, Any]
    request_id: str | None
