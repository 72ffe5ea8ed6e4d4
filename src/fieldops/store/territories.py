"""Territories in the database: what the JSON in their rows means."""

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from typing import Any, Final, TypeVar

from fieldops.domain.policies import OfferedWindow, Policies
from fieldops.domain.problem import CostRates, TravelSource
from fieldops.domain.territory import Territory
from fieldops.domain.territory_faults import territory_faults
from fieldops.domain.value_faults import field_path, wrong
from fieldops.errors import Fault, InvalidInput
from fieldops.store.tables import TerritoryRow
from fieldops.units import Cents

#: JSON name to field, by the form of the value.
_MINUTES: Final = {
    "hold_minutes": "hold_duration",
    "offer_minutes": "offer_duration",
    "notice_minutes": "notice",
    "buffer_minutes": "buffer",
    "nearby_minutes": "nearby",
    "reminder_minutes": "reminder_before",
}
_TIMES: Final = ("plan_at", "quiet_from", "quiet_until")
_COUNTS: Final = ("horizon_days", "plan_days_ahead", "plan_seconds")
_RATES: Final = {f"{name}_cents": name for name in CostRates.__dataclass_fields__}
_TRAVEL: Final = tuple(TravelSource.__dataclass_fields__)
_CLOCK: Final = "a local time, such as 08:00"

T = TypeVar("T")


def territory_of(row: TerritoryRow) -> Territory:
    """
    Read a territory.

    Raises
    ------
    InvalidInput
        When somebody has written something else into the row than `write_territory` does; with all faults of the part.
    """
    return Territory(
        id=row.id,
        name=row.name,
        time_zone=row.time_zone,
        offered_windows=windows_from_json(row.offered_windows),
        policies=policies_of(row),
        skills=tuple(row.skills),
        rates=_read("rates", row.rates, {key: (name, _cents) for key, name in _RATES.items()}, CostRates),
        travel=_read("travel", row.travel, {name: (name, _as_it_is) for name in _TRAVEL}, TravelSource),
    )


def policies_of(row: TerritoryRow) -> Policies:
    """Read a territory's policies only; raises as `territory_of` does."""
    return policies_from_json(row.policies)


def write_territory(row: TerritoryRow, territory: Territory) -> None:
    """
    Write everything but id and date of creation into a row.

    Raises
    ------
    InvalidInput
        When the territory has faults; with all of them. The row is as it was.
    """
    faults = territory_faults(territory)
    if faults:
        raise InvalidInput(faults)
    row.name = territory.name
    row.time_zone = territory.time_zone
    row.offered_windows = windows_to_json(territory.offered_windows)
    row.policies = policies_to_json(territory.policies)
    row.skills = list(territory.skills)
    row.rates = {key: getattr(territory.rates, name) for key, name in _RATES.items()}
    row.travel = {name: getattr(territory.travel, name) for name in _TRAVEL}


def new_territory_row(territory: Territory, *, created_at: datetime) -> TerritoryRow:
    """Make the row of a new territory; raises as `write_territory` does."""
    row = TerritoryRow(id=territory.id, created_at=created_at)
    write_territory(row, territory)
    return row


def policies_from_json(document: Mapping[str, Any]) -> Policies:
    """
    Read policies; what is not said is as the product has it.

    Raises
    ------
    InvalidInput
        For unknown names and values of another form, all at once. Ranges are judged by `territory_faults`.
    """
    forms: dict[str, tuple[str, Callable[[Any], object]]] = {
        **{key: (name, _minutes) for key, name in _MINUTES.items()},
        **{name: (name, _clock) for name in _TIMES},
        **{name: (name, _count) for name in _COUNTS},
        "publishes": ("publishes", _flag),
        "contact": ("contact", _text),
    }
    return _read("policies", document, forms, Policies)


def policies_to_json(policies: Policies) -> dict[str, Any]:
    """Write policies: durations in minutes, local times as ``HH:MM``."""
    return {
        **{key: getattr(policies, name) // timedelta(minutes=1) for key, name in _MINUTES.items()},
        **{name: f"{getattr(policies, name):%H:%M}" for name in _TIMES},
        **{name: getattr(policies, name) for name in _COUNTS},
        "publishes": policies.publishes,
        "contact": policies.contact,
    }


def windows_from_json(documents: list[dict[str, Any]]) -> tuple[OfferedWindow, ...]:
    """Read a pattern of offered windows; raises as `policies_from_json` does."""
    forms = {"weekdays": ("weekdays", _weekdays), "start": ("start", _clock), "end": ("end", _clock)}
    faults: list[Fault] = []
    windows = []
    for i, document in enumerate(documents):
        path = field_path("offered_windows", i)
        values, found = _values(path, document, forms)
        faults += found
        faults += [wrong(f"{path}.{key}", None, "a value") for key in forms if key not in document]
        if not faults:
            windows.append(OfferedWindow(**values))
    if faults:
        raise InvalidInput(faults)
    return tuple(windows)


def windows_to_json(pattern: tuple[OfferedWindow, ...]) -> list[dict[str, Any]]:
    """Write a pattern of offered windows."""
    return [
        {"weekdays": sorted(window.weekdays), "start": f"{window.start:%H:%M}", "end": f"{window.end:%H:%M}"}
        for window in pattern
    ]


def _read(
    path: str, document: Mapping[str, Any], forms: Mapping[str, tuple[str, Callable[[Any], object]]], kind: type[T]
) -> T:
    """Make an object of a JSON object, or raise with all that is wrong."""
    values, faults = _values(path, document, forms)
    if faults:
        raise InvalidInput(faults)
    return kind(**values)


def _values(
    path: str, document: Mapping[str, Any], forms: Mapping[str, tuple[str, Callable[[Any], object]]]
) -> tuple[dict[str, Any], list[Fault]]:
    """Read the values of a JSON object and list those that have another form."""
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for key, value in document.items():
        if key not in forms:
            faults.append(wrong(field_path(path, key), value, f"one of {', '.join(forms)}"))
            continue
        name, read = forms[key]
        try:
            values[name] = read(value)
        except ValueError as error:
            faults.append(wrong(field_path(path, key), value, str(error)))
    return values, faults


def _minutes(value: Any) -> timedelta:
    return timedelta(minutes=_count(value))


def _count(value: Any) -> int:
    # Larger ones have no place in a duration; a bool is an int to Python only.
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 10**9:
        raise ValueError("a whole number")
    return value


def _cents(value: Any) -> Cents:
    return Cents(_count(value))


def _clock(value: Any) -> time:
    try:
        return time.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(_CLOCK) from None


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("text")
    return value


def _weekdays(value: Any) -> frozenset[int]:
    if not isinstance(value, list):
        raise ValueError("a list of weekdays from 0 (Monday) to 6 (Sunday)")
    return frozenset(_count(weekday) for weekday in value)


def _as_it_is(value: Any) -> Any:
    return value
