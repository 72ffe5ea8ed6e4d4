"""Local dates and wall-clock times as text."""

import re
from datetime import date
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

_EXAMPLE: Final = "2026-03-16"
_WRITTEN: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_FIRST_YEAR: Final = 2000
_LAST_YEAR: Final = 2199


def _as_written(value: Any) -> Any:
    """Refuse numbers and instants: pydantic would read them as dates."""
    if type(value) is date or (isinstance(value, str) and _WRITTEN.fullmatch(value)):
        return value
    raise PydanticCustomError("day", "a date as text, such as {example}", {"example": _EXAMPLE})


def _near(value: date) -> date:
    """Refuse dates that cannot be meant, and near which no time zone can be applied."""
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise PydanticCustomError("day", "a date in the years 2000 to 2199")
    return value


#: A local date of a territory. Use it instead of ``date`` in every schema and parameter.
Day = Annotated[
    date,
    BeforeValidator(_as_written),
    AfterValidator(_near),
    WithJsonSchema({"type": "string", "format": "date", "examples": [_EXAMPLE]}),
]
#: 0 = Monday.
Weekday = Annotated[int, Field(ge=0, le=6)]
