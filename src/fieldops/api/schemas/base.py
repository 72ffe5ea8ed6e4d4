"""What all schemas share: strictness, instants with an offset, pages."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

#: Instants outside are typing errors, and near the ends of the calendar no zone can be applied any more.
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)

_EXAMPLE: Final = "2026-03-16T08:00:00-04:00"
#: Its form; the offset is asked for later, with a message of its own.
_RFC_3339: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)?", re.ASCII)


class Schema(BaseModel):
    """Base of everything that goes in or out: unknown fields are refused, views and rows can be read."""

    model_config = ConfigDict(extra="forbid", from_attributes=True, allow_inf_nan=False)


def _text_or_instant(value: Any) -> Any:
    """Refuse everything else: pydantic would read numbers, as texts too, as seconds since 1970."""
    if isinstance(value, datetime) or (isinstance(value, str) and _RFC_3339.fullmatch(value)):
        return value
    raise PydanticCustomError("instant", "an instant as text, such as {example}", {"example": _EXAMPLE})


def _aware(value: datetime) -> datetime:
    """Refuse an instant without offset, and one that cannot be meant."""
    if value.utcoffset() is None:
        raise PydanticCustomError("instant", "an instant with a UTC offset, such as {example}", {"example": _EXAMPLE})
    try:
        is_near = EARLIEST <= value < LATEST
    except OverflowError:
        is_near = False
    if not is_near:
        raise PydanticCustomError("instant", "an instant in the years 2000 to 2199")
    return value


#: An instant in RFC 3339 with an offset. Use it instead of ``datetime`` in every schema.
Instant = Annotated[
    datetime,
    BeforeValidator(_text_or_instant),
    AfterValidator(_aware),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": [_EXAMPLE]}),
]
#: A name as `fieldops.store.ids` makes them.
Id = Annotated[str, Field(min_length=1, max_length=64, examples=["bk_7h3k9c2m4p6r8t0w"])]

T = TypeVar("T")


class PageOf(Schema, Generic[T]):
    """A part of a list."""

    items: list[T]
    next: str | None = Field(description="Give it as `after` to read on; null at the end.", examples=["WyJia18xIl0"])
