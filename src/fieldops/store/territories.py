"""Territories in the database: what the JSON in their rows means."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from sqlalchemy.orm import Session

from fieldops.domain.policies import OfferedWindow, Policies
from fieldops.domain.problem import CostRates, TravelSource
from fieldops.domain.territory import Territory
from fieldops.domain.territory_faults import territory_faults
from fieldops.domain.value_faults import field_path, wrong
from fieldops.errors import Fault, InvalidInput, NotFound
from fieldops.store.json_fields import (
    Forms,
    a_count,
    as_it_is,
    cents,
    clock,
    flag,
    minutes,
    read_object,
    read_values,
    text,
)
from fieldops.store.live_policies import live_policies_from_json, live_policies_to_json
from fieldops.store.tables import TerritoryRow

#: JSON name to field, by the form of the value.
_MINUTES: Final = {
    "hold_minutes": "hold_duration",
    "hold_most_minutes": "hold_most",
    "offer_minutes": "offer_duration",
    "waitlist_offer_minutes": "waitlist_offer",
    "notice_minutes": "notice",
    "buffer_minutes": "buffer",
    "nearby_minutes": "nearby",
    "reach_minutes": "reach",
    "reminder_minutes": "reminder_before",
}
_TIMES: Final = ("plan_at", "quiet_from", "quiet_until")
_COUNTS: Final = ("horizon_days", "plan_days_ahead", "plan_seconds")
_RATES: Final = {f"{name}_cents": name for name in CostRates.__dataclass_fields__}
_TRAVEL: Final = tuple(TravelSource.__dataclass_fields__)
#: Columns that hold JSON.
_JSON: Final = ("offered_windows", "policies", "live_policies", "skills", "rates", "travel")


def find_territory(session: Session, territory_id: str, *, locks: bool = False) -> TerritoryRow:
    """
    Return a territory's row, on request locked.

    Raises
    ------
    NotFound
        When there is no such territory.
    """
    row = session.get(TerritoryRow, territory_id, with_for_update=locks or None)
    if row is None:
        raise NotFound("territory", territory_id)
    return row


def territory_of(row: TerritoryRow) -> Territory:
    """
    Read a territory.

    Raises
    ------
    InvalidInput
        When somebody has written something else into the row than `write_territory` does; with all faults of the part.
    """
    return _territory_of(row.id, row.name, row.time_zone, json.dumps([getattr(row, name) for name in _JSON]))


# Everybody who plans or books reads a territory, and nobody writes one twice a day.
@lru_cache(maxsize=256)
def _territory_of(territory_id: str, name: str, time_zone: str, documents: str) -> Territory:
    """Make a territory of what its row says: a pure function of it, so that what is remembered cannot be outdated."""
    said = dict(zip(_JSON, json.loads(documents), strict=True))
    return Territory(
        id=territory_id,
        name=name,
        time_zone=time_zone,
        offered_windows=windows_from_json(said["offered_windows"]),
        policies=policies_from_json(said["policies"]),
        live=live_policies_from_json(said["live_policies"]),
        skills=tuple(said["skills"]),
        rates=read_object("rates", said["rates"], {key: (name, cents) for key, name in _RATES.items()}, CostRates),
        travel=read_object("travel", said["travel"], {name: (name, as_it_is) for name in _TRAVEL}, TravelSource),
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
    row.live_policies = live_policies_to_json(territory.live)
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
    forms: Forms = {
        **{key: (name, minutes) for key, name in _MINUTES.items()},
        **{name: (name, clock) for name in _TIMES},
        **{name: (name, a_count) for name in _COUNTS},
        "publishes": ("publishes", flag),
        "contact": ("contact", text),
    }
    return read_object("policies", document, forms, Policies)


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
    forms: Forms = {"weekdays": ("weekdays", _weekdays), "start": ("start", clock), "end": ("end", clock)}
    faults: list[Fault] = []
    windows = []
    for i, document in enumerate(documents):
        path = field_path("offered_windows", i)
        values, found = read_values(path, document, forms)
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


def _weekdays(value: Any) -> frozenset[int]:
    if not isinstance(value, list):
        raise ValueError("a list of weekdays from 0 (Monday) to 6 (Sunday)")
    return frozenset(a_count(weekday) for weekday in value)
