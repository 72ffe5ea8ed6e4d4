"""Building blocks of the document models: strict JSON types, with limits that the JSON schema states for readers.

Limits of business rules are only *stated* here; `domain.faults` judges them, so that all faults come at once.
"""

from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, WithJsonSchema

from fieldops.units import Cents

#: Seconds beyond this cannot even be turned into durations; no document means them.
_MOST: Final = 10**12
#: Most entries of one list: more is not a planning problem but junk.
MOST_ENTRIES: Final = 50_000


class Document(BaseModel):
    """Base of all document models: nothing is guessed, converted or ignored."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False, use_attribute_docstrings=True
    )


def _is_representable(instant: datetime) -> datetime:
    try:
        instant.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("an instant between the years 1 and 9999 in UTC") from error
    return instant


Instant = Annotated[AwareDatetime, AfterValidator(_is_representable)]
"""ISO 8601 with a UTC offset."""

_BOUNDED = Field(ge=-_MOST, le=_MOST)


def _whole(minimum: int, maximum: int | None = None) -> WithJsonSchema:
    limits = {"minimum": minimum} if maximum is None else {"minimum": minimum, "maximum": maximum}
    return WithJsonSchema({"type": "integer", **limits})


Count = Annotated[int, _whole(0)]
PositiveSeconds = Annotated[int, _BOUNDED, _whole(1, 1_209_600)]
Seconds = Annotated[int, _BOUNDED, _whole(0, 1_209_600)]
LongSeconds = Annotated[int, _BOUNDED, _whole(0)]
AnySeconds = Annotated[int, _BOUNDED, WithJsonSchema({"type": "integer"})]
Money = Annotated[Cents, _whole(0, 10**9)]
MoneyPerPriority = Annotated[Cents, _whole(0, 10**9 // 5)]
AnyMoney = Annotated[Cents, WithJsonSchema({"type": "integer"})]
DayCount = Annotated[int, _whole(1, 14)]
Priority = Annotated[int, _whole(1, 5)]
SkillLevel = Annotated[int, _whole(1, 100)]
Permille = Annotated[int, _whole(100, 10_000)]
Latitude = Annotated[float, WithJsonSchema({"type": "number", "minimum": -90, "maximum": 90})]
Longitude = Annotated[float, WithJsonSchema({"type": "number", "minimum": -180, "maximum": 180})]
