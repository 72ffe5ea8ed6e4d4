"""Single cells of a table, read as text, numbers, times or lists; what cannot be read becomes a fault."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from fieldops.domain.faults import FIRST_DATE, LAST_DATE
from fieldops.domain.horizon import with_fixed_offset
from fieldops.domain.value_faults import shown
from fieldops.errors import Fault
from fieldops.files.import_mapping import ImportMapping, TableMapping
from fieldops.files.tables import Row

_TRUE: Final = frozenset({"true", "yes", "y", "1"})
_FALSE: Final = frozenset({"false", "no", "n", "0"})
_SEPARATORS: Final = re.compile(r"[;,|]")
_LEVEL: Final = re.compile(r"[1-9][0-9]?|100")
_CLOCK: Final = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class CellReader:
    """
    The cells of one record, understood by a mapping.

    Attributes
    ----------
    table_name
        File name, for fault paths.
    row
        The record.
    table
        How the table is to be understood.
    mapping
        How times are written, and in which zone.
    faults
        Filled as cells are read.
    """

    table_name: str
    row: Row
    table: TableMapping
    mapping: ImportMapping
    faults: list[Fault] = field(default_factory=list)

    def text(self, name: str) -> str:
        """Read a cell as text: through the value map if there is one, the default where it is empty."""
        cell = self.row.cells.get(column_of(self.table, name), "")
        values = self.table.values.get(name)
        if cell and values is not None:
            value = values.get(cell, values.get("*"))
            if value is None:
                self.reject(name, cell, f"one of {', '.join(map(repr, values))}")
                return ""
            return _constant_text(value)
        if cell:
            return cell
        default = self.table.defaults.get(name)
        return "" if default is None else _constant_text(default)

    def required(self, name: str) -> str:
        """Read a cell that must say something; a fault and an empty text when it does not."""
        before = len(self.faults)
        text = self.text(name)
        if not text and len(self.faults) == before:
            self.reject(name, "", "a value")
        return text

    def number(self, name: str, least: float, most: float) -> float | None:
        """Read a number within ``[least, most]``; None when the cell is empty or faulty."""
        text = self.text(name)
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            self.reject(name, text, f"a number from {least:g} to {most:g}")
            return None
        return value

    def whole(self, name: str, least: int, most: int) -> int | None:
        """Read a whole number within ``[least, most]``; None when the cell is empty or faulty."""
        text = self.text(name)
        if not text:
            return None
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if not least <= value <= most:
            self.reject(name, text, f"a whole number from {least} to {most}")
            return None
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """Read yes or no."""
        text = self.text(name).lower()
        if text and text not in _TRUE | _FALSE:
            self.reject(name, text, "yes, no, true, false, 1 or 0")
        return text in _TRUE if text else default

    def minutes(self, name: str, *, may_be_zero: bool = True) -> timedelta | None:
        """Read minutes, up to 14 days; None when the cell is empty or faulty."""
        value = self.number(name, 0, 14 * 24 * 60)
        if value is None:
            return None
        duration = timedelta(seconds=round(value * 60))
        if not duration and not may_be_zero:
            self.reject(name, self.text(name), "more than 0 minutes")
            return None
        return duration

    def names(self, name: str) -> tuple[str, ...]:
        """Read a list of names, separated by semicolons, commas or bars."""
        return tuple(part.strip() for part in _SEPARATORS.split(self.text(name)) if part.strip())

    def levels(self, name: str) -> dict[str, int]:
        """Read skills with levels, such as ``hvac:2; gas``; a skill without a level has level 1."""
        levels: dict[str, int] = {}
        for part in self.names(name):
            skill, colon, level = (piece.strip() for piece in part.partition(":"))
            if not skill or (colon and not _LEVEL.fullmatch(level)):
                self.reject(name, part, "a skill with a level from 1 to 100, such as hvac:2")
            else:
                levels[skill] = max(int(level or 1), levels.get(skill, 1))
        return levels

    def day(self, name: str) -> date | None:
        """Read a date; None when the cell is empty or faulty."""
        text = self.text(name)
        if not text:
            return None
        form = self.mapping.date_format
        try:
            value = datetime.strptime(text, form).date() if form else date.fromisoformat(text)
        except ValueError:
            self.reject(name, text, f"a date written like {form or '2026-03-16'}")
            return None
        if not FIRST_DATE <= value <= LAST_DATE:
            self.reject(name, text, f"a date from {FIRST_DATE} to {LAST_DATE}")
            return None
        return value

    def instant(self, name: str, day: date | None) -> datetime | None:
        """Read an instant, or a clock time of the record's date; None when the cell is empty or faulty."""
        text = self.text(name)
        if not text:
            return None
        clock = read_clock(text, self.mapping)
        if clock is not None:
            if day is None:
                self.reject(name, text, "a date beside the clock time")
                return None
            return local_instant(day, clock, self.mapping.time_zone)
        form = self.mapping.datetime_format
        try:
            value = datetime.strptime(text, form) if form else datetime.fromisoformat(text)
            return with_fixed_offset(
                value.replace(tzinfo=ZoneInfo(self.mapping.time_zone)) if value.tzinfo is None else value
            )
        except (ValueError, OverflowError):
            clock_form = self.mapping.time_format or "08:00"
            self.reject(name, text, f"a time written like {clock_form} or {form or '2026-03-16T08:00'}")
            return None

    def reject(self, name: str, found: str, expected: str) -> None:
        """Note a fault in a cell."""
        text = shown(found) if found else "nothing"
        self.faults.append(Fault(path=self.path(name), found=text, expected=expected))

    def path(self, name: str) -> str:
        """Write where the cell of a field stands; under the field's name when the table has no such column."""
        column = column_of(self.table, name)
        return f"{self.table_name}:{self.row.line}:{column if column in self.row.cells else name}"


def column_of(table: TableMapping, name: str) -> str:
    """Give the column for a field: the one mapped, else the one of the same name."""
    return table.columns.get(name, name)


def missing_columns(
    table_name: str, columns: tuple[str, ...], table: TableMapping, needed: tuple[str, ...]
) -> Iterator[Fault]:
    """Report mapped columns the table does not have, and needed fields that have neither column nor default."""
    for name, column in table.columns.items():
        if column not in columns:
            yield Fault(path=f"{table_name}:1:{column}", found="nothing", expected=f"a column {column!r} for {name}")
    for name in needed:
        if name not in table.columns and name not in columns and name not in table.defaults:
            expected = f"a column {name!r}, or a mapping or default for it"
            yield Fault(path=f"{table_name}:1:{name}", found="nothing", expected=expected)


def read_clock(text: str, mapping: ImportMapping) -> timedelta | None:
    """Read a clock time as time since midnight, 24:00 included; None when it is none."""
    if mapping.time_format is not None:
        try:
            read = datetime.strptime(text, mapping.time_format)
        except ValueError:
            return None
        return timedelta(hours=read.hour, minutes=read.minute, seconds=read.second)
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    clock = timedelta(hours=int(match[1]), minutes=int(match[2]), seconds=int(match[3] or 0))
    return clock if clock <= timedelta(days=1) else None


def local_instant(day: date, clock: timedelta, time_zone: str) -> datetime:
    """Give a clock reading on a day as an instant with a fixed offset."""
    reading = datetime.combine(day, time(0)) + clock
    return with_fixed_offset(reading.replace(tzinfo=ZoneInfo(time_zone)))


def _constant_text(value: str | int | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
