"""Where in the tables a fault of an imported problem comes from."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from fieldops.errors import Fault
from fieldops.files.import_cells import column_of
from fieldops.files.import_mapping import ImportMapping, TableMapping
from fieldops.files.tables import Table

_PATH: Final = re.compile(r"(visits|technicians)\[(\d+)\](?:\.shifts\[(\d+)\])?\.?(.*)", re.DOTALL)
#: Beginning of a path inside an entry, and the import's field for it.
_FIELDS: Final = {
    "windows[0].latest": "window_latest",
    "windows[0]": "window_earliest",
    "promised_window.latest": "promised_latest",
    "promised_window": "promised_earliest",
    "preferred_window.latest": "preferred_latest",
    "preferred_window": "preferred_earliest",
    "pin.start": "pin_start",
    "pin.technician_id": "pin_technician",
    "required_skills": "skills",
    "skills": "skills",
    "duration_s": "duration_min",
    "breaks[0].latest_start": "break_latest",
    "breaks[0].duration_s": "break_min",
    "breaks[0]": "break_earliest",
    "max_travel_s": "max_travel_min",
    "max_work_s": "max_work_min",
}
#: Fields that cannot be judged while some technicians or shifts could not be read.
_ABOUT_PEOPLE: Final = ("pin.technician_id", "allowed_", "forbidden_", "preferred_technicians")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """
    The lines a problem's entries come from; 0 = made up.

    Attributes
    ----------
    visits, technicians
        One line for each entry of the problem.
    shifts
        For each technician, one line for each shift.
    """

    visits: tuple[int, ...]
    technicians: tuple[int, ...]
    shifts: tuple[tuple[int, ...], ...]


def located(
    faults: Iterable[Fault], origin: Origin, tables: dict[str, Table], mapping: ImportMapping, *, all_people: bool
) -> Iterator[Fault]:
    """
    Move faults of a problem to the cells they come from.

    Parameters
    ----------
    faults
        With paths of the problem document.
    tables
        Those read, by kind: ``visits``, ``technicians``, ``shifts``.
    all_people
        Whether all technicians and shifts could be read; if not, faults about who serves a visit are left out.
    """
    for fault in faults:
        match = _PATH.fullmatch(fault.path)
        if match is None:
            yield fault
            continue
        kind, position, shift, tail = match[1], int(match[2]), match[3], match[4]
        if kind == "visits" and not all_people and tail.startswith(_ABOUT_PEOPLE):
            continue
        if shift is not None:
            kind, line = "shifts", origin.shifts[position][int(shift)]
        else:
            line = (origin.visits if kind == "visits" else origin.technicians)[position]
        path = f"day.{_field(tail)}" if line == 0 else _cell_path(tables[kind], line, getattr(mapping, kind), tail)
        yield Fault(path=path, found=fault.found, expected=fault.expected)


def _cell_path(table: Table, line: int, mapping: TableMapping, tail: str) -> str:
    if not tail:
        return f"{table.name}:{line}"
    name = _field(tail)
    column = column_of(mapping, name)
    return f"{table.name}:{line}:{column if column in table.columns else name}"


def _field(tail: str) -> str:
    return next((name for start, name in _FIELDS.items() if tail.startswith(start)), tail)
