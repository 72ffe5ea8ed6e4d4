"""How the columns of somebody's tables are to be understood: the mapping file of an import."""

import json
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, PlainValidator, ValidationError

from fieldops.domain.faults import is_time_zone
from fieldops.domain.value_faults import shorten, wrong
from fieldops.errors import Fault, InvalidInput
from fieldops.files.reading import read_text, unusable
from fieldops.files.schema_faults import schema_faults
from fieldops.files.schema_types import Document


def _constant(value: object) -> str | int | float | bool:
    if not isinstance(value, str | int | float | bool):
        raise ValueError("text, a number, true or false")
    return value


Constant = Annotated[str | int | float | bool, PlainValidator(_constant)]

#: Fields of a visit a column, a default or a value map can be given for.
VISIT_FIELDS: Final = (
    *("id", "name", "date", "place_id", "address", "latitude", "longitude", "duration_min", "duration_s"),
    *("window_earliest", "window_latest", "promised_earliest", "promised_latest"),
    *("preferred_earliest", "preferred_latest", "release", "due", "skills", "priority", "unassigned_cost_cents"),
    *("mandatory", "promise_is_hard", "allowed_technicians", "forbidden_technicians", "preferred_technicians"),
    *("pin_technician", "pin_start"),
)
TECHNICIAN_FIELDS: Final = (
    *("id", "name", "skills", "duration_permille", "work_rate_cents", "overtime_rate_cents"),
    *("latitude", "longitude", "address"),
)
SHIFT_FIELDS: Final = (
    *("id", "technician", "date", "start", "end", "hard_end", "overtime_min", "ends_open"),
    *("break_earliest", "break_latest", "break_min", "break_paid", "max_visits", "max_travel_min", "max_work_min"),
)


class TableMapping(Document):
    """How one table is to be understood. A column with the very name of a field needs no mention."""

    columns: dict[str, str] = Field(default_factory=dict)
    """Field to column name."""
    values: dict[str, dict[str, Constant]] = Field(default_factory=dict)
    """Field to a map from cell text to value; the text ``*`` stands for all others."""
    defaults: dict[str, Constant] = Field(default_factory=dict)
    """Field to the value used where the column is missing or the cell empty."""


class DayPattern(Document):
    """A usual working day, for technicians no shifts are given for. Times are clock times such as 08:00."""

    start: str = "08:00"
    """Start of the shift."""
    end: str = "16:30"
    """Regular end."""
    overtime_min: int = 60
    """Overtime allowed after it, minutes."""
    break_earliest: str | None = "11:30"
    """Earliest start of the break; null = no break."""
    break_latest: str = "13:00"
    """Latest start of the break."""
    break_min: int = 30
    """Length of the break, minutes."""
    break_paid: bool = False
    """Whether it counts as work time."""


class ImportMapping(Document):
    """How tables of visits, technicians and shifts become a problem."""

    name: str = "import"
    """Name of the problem; the date is added to it when days are planned one by one."""
    time_zone: str = "UTC"
    """IANA name; times without an offset are in it."""
    date_format: str | None = None
    """How dates are written, as for strptime, such as %m/%d/%Y; null = 2026-03-16."""
    time_format: str | None = None
    """How clock times are written, as for strptime, such as %I:%M %p; null = 08:00 or 08:00:00."""
    datetime_format: str | None = None
    """How date and time in one cell are written; null = ISO 8601, with or without offset."""
    first_date: date | None = None
    """First day of the horizon where no table names a date."""
    visits: TableMapping = Field(default_factory=TableMapping)
    """Table of visits."""
    technicians: TableMapping = Field(default_factory=TableMapping)
    """Table of technicians."""
    shifts: TableMapping = Field(default_factory=TableMapping)
    """Table of shifts."""
    day: DayPattern = Field(default_factory=DayPattern)
    """Working day of technicians no shifts are given for."""


_FIELDS: Final = {"visits": VISIT_FIELDS, "technicians": TECHNICIAN_FIELDS, "shifts": SHIFT_FIELDS}


def read_mapping(path: Path) -> ImportMapping:
    """
    Read a mapping file, TOML (``.toml``) or JSON (any other name).

    Raises
    ------
    InvalidInput
        With every fault.
    """
    text = read_text(path)
    # A file in TOML knows dates of its own; JSON has them as text.
    try:
        raw = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except (ValueError, RecursionError) as error:
        raise unusable(path, f"text that cannot be read: {shorten(str(error))}", "a mapping in TOML or JSON") from error
    try:
        mapping = ImportMapping.model_validate_json(json.dumps(raw, default=str))
    except ValidationError as error:
        raise InvalidInput(_prefixed(path.name, schema_faults(error))) from error
    faults = _field_faults(mapping)
    if faults:
        raise InvalidInput(_prefixed(path.name, faults))
    return mapping


def with_columns(mapping: ImportMapping, pairs: Iterable[str]) -> ImportMapping:
    """
    Change single columns of a mapping.

    Parameters
    ----------
    pairs
        ``field=column`` for visits, ``technicians.field=column`` and ``shifts.field=column`` for the others.

    Raises
    ------
    InvalidInput
        When a pair has another form or names no field.
    """
    faults: list[Fault] = []
    for pair in pairs:
        field, equals, column = (part.strip() for part in pair.partition("="))
        table, dot, name = field.rpartition(".")
        table = table if dot else "visits"
        if not equals or not column or table not in _FIELDS:
            faults.append(wrong("--map", pair, "field=column, technicians.field=column or shifts.field=column"))
            continue
        old: TableMapping = getattr(mapping, table)
        changed = old.model_copy(update={"columns": {**old.columns, name: column}})
        mapping = mapping.model_copy(update={table: changed})
    faults += _field_faults(mapping)
    if faults:
        raise InvalidInput(faults)
    return mapping


def _field_faults(mapping: ImportMapping) -> list[Fault]:
    faults = []
    if not is_time_zone(mapping.time_zone):
        faults.append(wrong("time_zone", mapping.time_zone, "an IANA time zone, such as America/New_York"))
    for table, fields in _FIELDS.items():
        said: TableMapping = getattr(mapping, table)
        kinds: dict[str, Mapping[str, object]] = {
            "columns": said.columns,
            "values": said.values,
            "defaults": said.defaults,
        }
        for kind, entries in kinds.items():
            for name in entries:
                if name not in fields:
                    expected = f"one of {', '.join(fields)}"
                    faults.append(wrong(f"{table}.{kind}.{shorten(name)}", name, expected))
    return faults


def _prefixed(name: str, faults: Iterable[Fault]) -> list[Fault]:
    return [Fault(path=f"{name}:{fault.path}", found=fault.found, expected=fault.expected) for fault in faults]
