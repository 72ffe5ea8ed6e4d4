"""What all schemas share: strictness, instants with an offset, pages."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Generic, TypeVar, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError
from pydantic_core.core_schema import no_info_before_validator_function

#: Instants outside are typing errors, and near the ends of the calendar no zone can be applied any more.
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)

_EXAMPLE: Final = "2026-03-16T08:00:00-04:00"
#: Its form; the offset is asked for later, with a message of its own.
_RFC_3339: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)?", re.ASCII)


def _number(value: Any) -> Any:
    """Refuse what is no number."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise PydanticKnownError("int_type")


def _make_exact(node: Any) -> None:
    """Change a core schema in place: numbers are made of numbers only, true and false of nothing else."""
    match node:
        case {"type": "float" | "bool"}:
            node["strict"] = True
        case {"type": "int"}:
            # Not strict: to JSON 7.0 is a whole number, too.
            exact = no_info_before_validator_function(_number, cast("CoreSchema", {**node}))
            node.clear()
            node.update(exact)
        case {"function": {"function": function}} if function is _number:
            pass
        case dict():
            for item in node.values():
                _make_exact(item)
        case list() | tuple():
            for item in node:
                _make_exact(item)


def _add_example(schema: dict[str, Any], model: type[BaseModel]) -> None:
    """Show the example of a model; not that of the model it is made from."""
    if "EXAMPLE" in vars(model):
        schema["examples"] = [vars(model)["EXAMPLE"]]


class Schema(BaseModel):
    """
    Base of everything that goes in or out: unknown fields are refused, views and rows can be read.

    A schema of what goes in has an ``EXAMPLE``, as JSON.
    """

    model_config = ConfigDict(extra="forbid", from_attributes=True, allow_inf_nan=False, json_schema_extra=_add_example)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Take JSON's types at their word: pydantic would read "7" and false as numbers, too, and 1 as true."""
        schema = handler(source)
        _make_exact(schema)
        return schema


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
