"""Visits from a table: one record, one visit, each with its place and day."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from fieldops.domain.horizon import midnight
from fieldops.domain.problem import Pin, Place, TimeWindow, Visit
from fieldops.domain.value_faults import MAX_CENTS
from fieldops.errors import Fault
from fieldops.files.import_cells import CellReader, missing_columns
from fieldops.files.import_mapping import ImportMapping
from fieldops.files.tables import Table
from fieldops.units import Cents


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedVisit:
    """A visit with the day it belongs to (None = any) and the line it comes from."""

    visit: Visit
    day: date | None
    line: int


@dataclass(frozen=True, slots=True)
class Places:
    """The places met so far; records with the same coordinates and address, or the same place id, share one."""

    by_id: dict[str, Place] = field(default_factory=dict)
    ids: dict[tuple[float, float, str], str] = field(default_factory=dict)

    def add(self, latitude: float, longitude: float, address: str) -> str:
        """Give the id of the place, new or known."""
        key = (latitude, longitude, address)
        if key not in self.ids:
            number = len(self.ids) + 1
            while f"p{number:04}" in self.by_id:
                number += 1
            self.ids[key] = self.add_named(f"p{number:04}", latitude, longitude, address).id
        return self.ids[key]

    def add_named(self, place_id: str, latitude: float, longitude: float, address: str) -> Place:
        """Give the place of this id, which is the one of the first record that named it."""
        return self.by_id.setdefault(
            place_id, Place(id=place_id, latitude=latitude, longitude=longitude, address=address)
        )


def read_visits(
    table: Table, mapping: ImportMapping, places: Places, technicians: frozenset[str]
) -> tuple[list[ImportedVisit], list[Fault]]:
    """
    Read all visits of a table.

    Parameters
    ----------
    places
        Places met are added to it.
    technicians
        Ids of all technicians, those on faulty records too.

    Returns
    -------
    tuple[list[ImportedVisit], list[Fault]]
        The visits of records without faults, and all faults.
    """
    faults = list(missing_columns(table.name, table.columns, mapping.visits, ("id", "latitude", "longitude")))
    if faults:
        return [], [*faults, *table.faults]
    faults += table.faults
    visits: list[ImportedVisit] = []
    first_lines: dict[str, int] = {}
    for row in table.rows:
        cells = CellReader(table_name=table.name, row=row, table=mapping.visits, mapping=mapping)
        imported = _read_visit(cells, places)
        first_line = first_lines.setdefault(imported.visit.id, row.line)
        if imported.visit.id and first_line != row.line:
            cells.reject("id", imported.visit.id, f"an id used once; line {first_line} has it too")
        for name, ids in _technicians_named(imported.visit):
            for technician in sorted(ids):
                if technician not in technicians:
                    cells.reject(name, technician, "the id of a technician")
        faults += cells.faults
        if not cells.faults:
            visits.append(imported)
    return visits, faults


def _read_visit(cells: CellReader, places: Places) -> ImportedVisit:
    """Read one visit; where cells are faulty the result is a stand-in that nobody uses."""
    day = cells.day("date")
    allowed, pinned = cells.names("allowed_technicians"), cells.text("pin_technician")
    pin_start = cells.instant("pin_start", day)
    cost = cells.whole("unassigned_cost_cents", 0, MAX_CENTS)
    hard = _window(cells, "window", day)
    if hard is None and day is not None:
        hard = TimeWindow(*_whole_day(cells, day))
    visit = Visit(
        id=cells.required("id"),
        name=cells.text("name"),
        place_id=_place_id(cells, places),
        duration=_duration(cells),
        windows=() if hard is None else (hard,),
        promised_window=_window(cells, "promised", day),
        promise_is_hard=cells.flag("promise_is_hard", default=False),
        preferred_window=_window(cells, "preferred", day),
        release=cells.instant("release", day),
        due=cells.instant("due", day),
        required_skills=cells.levels("skills"),
        allowed_technicians=frozenset(allowed) if allowed else None,
        forbidden_technicians=frozenset(cells.names("forbidden_technicians")),
        preferred_technicians=frozenset(cells.names("preferred_technicians")),
        priority=cells.whole("priority", 1, 5) or 3,
        unassigned_cost=None if cost is None else Cents(cost),
        mandatory=cells.flag("mandatory", default=False),
        pin=Pin(technician_id=pinned or None, start=pin_start) if pinned or pin_start is not None else None,
    )
    return ImportedVisit(visit=visit, day=day, line=cells.row.line)


def _place_id(cells: CellReader, places: Places) -> str:
    latitude, longitude = cells.number("latitude", -90, 90), cells.number("longitude", -180, 180)
    for name, degrees, reach in (("latitude", latitude, 90), ("longitude", longitude, 180)):
        if degrees is None and not cells.text(name):
            cells.reject(name, "", f"degrees from -{reach} to {reach}")
    if latitude is None or longitude is None:
        return ""
    place_id, address = cells.text("place_id"), cells.text("address")
    if not place_id:
        return places.add(latitude, longitude, address)
    known = places.add_named(place_id, latitude, longitude, address)
    if (known.latitude, known.longitude) != (latitude, longitude):
        cells.reject("place_id", place_id, f"the coordinates of its first record, {known.latitude}, {known.longitude}")
    return place_id


def _duration(cells: CellReader) -> timedelta:
    before = len(cells.faults)
    seconds = cells.whole("duration_s", 1, 1_209_600)
    duration = cells.minutes("duration_min", may_be_zero=False) if seconds is None else timedelta(seconds=seconds)
    if duration is None and len(cells.faults) == before:
        cells.reject("duration_min", "", "a duration, in a column, by a value map or by default")
    return duration or timedelta(0)


def _window(cells: CellReader, kind: str, day: date | None) -> TimeWindow | None:
    """Read a window; a bound left out is that of the day."""
    earliest, latest = cells.instant(f"{kind}_earliest", day), cells.instant(f"{kind}_latest", day)
    if earliest is None and latest is None:
        return None
    if day is not None:
        first, last = _whole_day(cells, day)
        return TimeWindow(earliest or first, latest or last)
    for bound, value in (("earliest", earliest), ("latest", latest)):
        if value is None and not cells.text(f"{kind}_{bound}"):
            cells.reject(f"{kind}_{bound}", "", "both bounds of the window, or a date")
    return TimeWindow(earliest, latest) if earliest is not None and latest is not None else None


def _whole_day(cells: CellReader, day: date) -> tuple[datetime, datetime]:
    """Give the first and the last second of a day."""
    zone = cells.mapping.time_zone
    return midnight(day, zone), midnight(day + timedelta(days=1), zone) - timedelta(seconds=1)


def _technicians_named(visit: Visit) -> Iterator[tuple[str, frozenset[str]]]:
    yield "allowed_technicians", visit.allowed_technicians or frozenset()
    yield "forbidden_technicians", visit.forbidden_technicians
    yield "preferred_technicians", visit.preferred_technicians
    if visit.pin is not None and visit.pin.technician_id is not None:
        yield "pin_technician", frozenset({visit.pin.technician_id})
