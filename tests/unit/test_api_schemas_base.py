"""What all schemas share: instants, strictness, request faults."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any

import pytest
from pydantic import Field, ValidationError

from fieldops.api.dependencies import etag
from fieldops.api.request_faults import MOST_FAULTS, request_faults
from fieldops.api.schemas.base import Instant, Schema


class _Visit(Schema):
    """A schema like those of the API."""

    at: Instant
    weight: float = 0.0
    count: Annotated[int, Field(ge=0)] | None = None
    is_open: bool = False
    levels: dict[str, int] = Field(default_factory=dict)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-16T08:00:00-04:00", datetime(2026, 3, 16, 12, tzinfo=UTC)),
        ("2026-03-16T12:00:00Z", datetime(2026, 3, 16, 12, tzinfo=UTC)),
        ("2199-12-31T23:59:59Z", datetime(2199, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_an_instant_with_an_offset_is_read(text: str, expected: datetime) -> None:
    """RFC 3339, whatever the offset."""
    assert _Visit.model_validate({"at": text}).at == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("2026-03-16T08:00:00", "UTC offset", id="no offset"),
        pytest.param("2026-03-16", "instant", id="a date"),
        pytest.param(1_773_660_000, "as text", id="a number"),
        pytest.param("1773660000", "as text", id="a number as text"),
        pytest.param("0001-01-01T00:00:00+14:00", "2000 to 2199", id="before the calendar begins"),
        pytest.param("9999-12-31T23:59:59-14:00", "2000 to 2199", id="after it ends"),
        pytest.param("noon", "instant", id="words"),
        pytest.param(None, "as text", id="null"),
    ],
)
def test_other_values_are_no_instants(value: Any, expected: str) -> None:
    """A local time of nowhere, or a number somebody meant in milliseconds, must not be guessed at."""
    with pytest.raises(ValidationError) as raised:
        _Visit.model_validate({"at": value})

    (entry,) = raised.value.errors()
    (fault,) = request_faults([{**entry, "loc": ("body", *entry["loc"])}])
    assert fault.path == "at"
    assert expected in fault.expected


def test_a_naive_instant_of_our_own_is_refused_too() -> None:
    """What goes out is as aware as what comes in."""
    eastern = timezone(-timedelta(hours=4))

    assert _Visit(at=datetime(2026, 3, 16, 8, tzinfo=eastern)).model_dump_json() == (
        '{"at":"2026-03-16T08:00:00-04:00","weight":0.0,"count":null,"is_open":false,"levels":{}}'
    )
    with pytest.raises(ValidationError):
        _Visit(at=datetime(2026, 3, 16, 8))


@pytest.mark.parametrize("weight", [float("nan"), float("inf")])
def test_numbers_are_finite(weight: float) -> None:
    """JSON has no infinity, but Python's parser reads one."""
    with pytest.raises(ValidationError):
        _Visit.model_validate({"at": "2026-03-16T12:00:00Z", "weight": weight})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("count", "7"),
        ("count", True),
        ("count", 7.5),
        ("weight", "7.5"),
        ("weight", False),
        ("is_open", 1),
        ("is_open", "yes"),
        ("levels", {"gas": "2"}),
        ("levels", {"gas": True}),
    ],
)
def test_values_of_another_type_are_refused(field: str, value: Any) -> None:
    """A client that sends false for a price has a mistake that should show, not a price of nothing."""
    with pytest.raises(ValidationError) as raised:
        _Visit.model_validate({"at": "2026-03-16T12:00:00Z", field: value})

    assert raised.value.errors()[0]["loc"][0] == field


def test_a_whole_number_may_be_written_with_a_point() -> None:
    """To JSON 7.0 is an integer; some languages write it so. Whole numbers are numbers, too."""
    visit = _Visit.model_validate({"at": "2026-03-16T12:00:00Z", "count": 7.0, "weight": 7})

    assert (visit.count, visit.weight) == (7, 7.0)
    assert isinstance(visit.count, int)


def test_very_many_faults_are_counted() -> None:
    """The answer to a large wrong body is not larger than the body."""
    entry = {"type": "int_type", "input": "x", "msg": "Input should be a valid integer"}
    faults = request_faults([{**entry, "loc": ("body", "visits", index)} for index in range(MOST_FAULTS + 7)])

    assert len(faults) == MOST_FAULTS + 1
    assert (faults[0].path, faults[-1].found) == ("visits[0]", "7 more faults")


def test_a_version_is_a_strong_entity_tag() -> None:
    """As RFC 9110 writes it: in double quotes."""
    assert etag(7) == '"7"'
