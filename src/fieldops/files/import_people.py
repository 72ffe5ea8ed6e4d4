"""Technicians and shifts: from tables, or made up by number from a usual working day."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from fieldops.domain.problem import Break, Place, Shift, Technician
from fieldops.domain.value_faults import MAX_CENTS, wrong
from fieldops.errors import Fault
from fieldops.files.import_cells import CellReader, local_instant, missing_columns, read_clock
from fieldops.files.import_mapping import DayPattern, ImportMapping
from fieldops.files.tables import Table
from fieldops.units import Cents

OFFICE_ID: Final = "office"
_DEFAULTS: Final = Technician(id="")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedTechnician:
    """A technician without shifts, the home (None = works from the office), and the line it comes from."""

    technician: Technician
    home: Place | None
    line: int

    @property
    def base_id(self) -> str:
        """Id of the place where the days start and end."""
        return OFFICE_ID if self.home is None else self.home.id


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedShift:
    """A shift, whose it is, on which day, and the line it comes from (0 = made up)."""

    technician_id: str
    shift: Shift
    day: date
    line: int = 0


def read_technicians(table: Table, mapping: ImportMapping) -> tuple[list[ImportedTechnician], list[Fault]]:
    """Read the technicians of records without faults, and all faults."""
    faults = [*missing_columns(table.name, table.columns, mapping.technicians, ("id",)), *table.faults]
    technicians: list[ImportedTechnician] = []
    first_lines: dict[str, int] = {}
    for row in table.rows:
        cells = CellReader(table_name=table.name, row=row, table=mapping.technicians, mapping=mapping)
        name = cells.required("id")
        first_line = first_lines.setdefault(name, row.line)
        if name and first_line != row.line:
            cells.reject("id", name, f"an id used once; line {first_line} has it too")
        home = _home(cells, name)
        work_rate = cells.whole("work_rate_cents", 0, MAX_CENTS)
        overtime_rate = cells.whole("overtime_rate_cents", 0, MAX_CENTS)
        technician = Technician(
            id=name,
            name=cells.text("name"),
            skills=cells.levels("skills"),
            duration_permille=cells.whole("duration_permille", 100, 10_000) or _DEFAULTS.duration_permille,
            work_rate=_DEFAULTS.work_rate if work_rate is None else Cents(work_rate),
            overtime_rate=_DEFAULTS.overtime_rate if overtime_rate is None else Cents(overtime_rate),
        )
        faults += cells.faults
        if not cells.faults:
            technicians.append(ImportedTechnician(technician=technician, home=home, line=row.line))
    return technicians, faults


def _home(cells: CellReader, technician_id: str) -> Place | None:
    latitude, longitude = cells.number("latitude", -90, 90), cells.number("longitude", -180, 180)
    if bool(cells.text("latitude")) != bool(cells.text("longitude")):
        empty = "longitude" if cells.text("latitude") else "latitude"
        cells.reject(empty, "", "both coordinates, or neither to start at the office")
    if latitude is None or longitude is None:
        return None
    return Place(id=f"home-{technician_id}", latitude=latitude, longitude=longitude, address=cells.text("address"))


def read_shifts(
    table: Table, mapping: ImportMapping, technicians: Sequence[ImportedTechnician], known_ids: frozenset[str]
) -> tuple[list[ImportedShift], list[Fault]]:
    """
    Read the shifts of records without faults, and all faults.

    Parameters
    ----------
    technicians
        Those without faults; shifts of others are read for their faults only.
    known_ids
        Ids of all technicians, those on faulty records too.
    """
    faults = [*missing_columns(table.name, table.columns, mapping.shifts, ("technician", "start", "end"))]
    if faults:
        return [], [*faults, *table.faults]
    faults += table.faults
    bases = {imported.technician.id: imported.base_id for imported in technicians}
    shifts: list[ImportedShift] = []
    for row in table.rows:
        cells = CellReader(table_name=table.name, row=row, table=mapping.shifts, mapping=mapping)
        technician_id = cells.required("technician")
        if technician_id and technician_id not in known_ids:
            cells.reject("technician", technician_id, "the id of a technician")
        imported = _read_shift(cells, technician_id, bases.get(technician_id, OFFICE_ID))
        faults += cells.faults
        if imported is not None and not cells.faults and technician_id in bases:
            shifts.append(imported)
    return _named(shifts), faults


def _named(shifts: Sequence[ImportedShift]) -> list[ImportedShift]:
    """Name shifts without an id after technician and day, and number those that would get the same name."""
    named: list[ImportedShift] = []
    used = Counter(imported.shift.id for imported in shifts if imported.shift.id)
    for imported in shifts:
        if not imported.shift.id:
            name = f"{imported.technician_id}-{imported.day}"
            used[name] += 1
            shift_id = name if used[name] == 1 else f"{name}-{used[name]}"
            imported = replace(imported, shift=replace(imported.shift, id=shift_id))
        named.append(imported)
    return named


def _read_shift(cells: CellReader, technician_id: str, base_id: str) -> ImportedShift | None:
    day = cells.day("date")
    start, end = cells.instant("start", day), cells.instant("end", day)
    for name, value in (("start", start), ("end", end)):
        if value is None and not cells.text(name):
            cells.reject(name, "", "a time")
    hard_end, overtime = cells.instant("hard_end", day), cells.minutes("overtime_min")
    breaks = _breaks(cells, day)
    ends_open = cells.flag("ends_open", default=False)
    max_visits = cells.whole("max_visits", 0, 10_000)
    max_travel, max_work = cells.minutes("max_travel_min"), cells.minutes("max_work_min")
    if start is None or end is None:
        return None
    day = day or start.date()
    shift = Shift(
        id=cells.text("id"),
        start=start,
        end=end,
        hard_end=hard_end or end + (overtime or timedelta(0)),
        start_place_id=base_id,
        end_place_id=None if ends_open else base_id,
        breaks=breaks,
        max_visits=max_visits,
        max_travel=max_travel,
        max_work=max_work,
    )
    return ImportedShift(technician_id=technician_id, shift=shift, day=day, line=cells.row.line)


def _breaks(cells: CellReader, day: date | None) -> tuple[Break, ...]:
    earliest, latest = cells.instant("break_earliest", day), cells.instant("break_latest", day)
    duration = cells.minutes("break_min", may_be_zero=False)
    paid = cells.flag("break_paid", default=False)
    if earliest is None and latest is None and duration is None:
        return ()
    for name, value in (("break_earliest", earliest), ("break_min", duration)):
        if value is None and not cells.text(name):
            cells.reject(name, "", "earliest start and minutes of the break, or neither")
    if earliest is None or duration is None:
        return ()
    return (Break(earliest_start=earliest, latest_start=latest or earliest, duration=duration, paid=paid),)


def make_technicians(count: int, skills: Mapping[str, int]) -> list[ImportedTechnician]:
    """Make up technicians who are all alike: T01, T02, ... with every skill at the highest level asked for."""
    width = max(2, len(str(count)))
    return [
        ImportedTechnician(technician=Technician(id=f"T{i:0{width}}", skills=dict(skills)), home=None, line=0)
        for i in range(1, count + 1)
    ]


def make_shifts(
    technicians: Sequence[ImportedTechnician], days: Sequence[date], mapping: ImportMapping
) -> Iterator[ImportedShift]:
    """Give every technician the usual working day on each of the days."""
    for day in days:
        model = _pattern_shift(day, mapping)
        for imported in technicians:
            technician_id, base_id = imported.technician.id, imported.base_id
            shift = replace(model, id=f"{technician_id}-{day}", start_place_id=base_id, end_place_id=base_id)
            yield ImportedShift(technician_id=technician_id, shift=shift, day=day)


def pattern_faults(mapping: ImportMapping) -> Iterator[Fault]:
    """Report what is wrong with the usual working day."""
    pattern = mapping.day
    for name in ("start", "end", "break_earliest", "break_latest"):
        text = getattr(pattern, name)
        if text is not None and _clock(text) is None:
            yield wrong(f"day.{name}", text, "a clock time such as 08:00")
    for name, least in (("overtime_min", 0), ("break_min", 1)):
        minutes = getattr(pattern, name)
        if not least <= minutes <= 24 * 60:
            yield wrong(f"day.{name}", minutes, f"minutes from {least} to {24 * 60}")


def _clock(text: str) -> timedelta | None:
    return read_clock(text, ImportMapping())


def _pattern_shift(day: date, mapping: ImportMapping) -> Shift:
    pattern: DayPattern = mapping.day

    def at(text: str) -> datetime:
        clock = _clock(text)
        assert clock is not None, "the pattern is judged before it is used"
        return local_instant(day, clock, mapping.time_zone)

    end = at(pattern.end)
    breaks: tuple[Break, ...] = ()
    if pattern.break_earliest is not None:
        pause = Break(
            earliest_start=at(pattern.break_earliest),
            latest_start=at(pattern.break_latest),
            duration=timedelta(minutes=pattern.break_min),
            paid=pattern.break_paid,
        )
        breaks = (pause,)
    return Shift(
        id="",
        start=at(pattern.start),
        end=end,
        hard_end=end + timedelta(minutes=pattern.overtime_min),
        start_place_id=OFFICE_ID,
        end_place_id=OFFICE_ID,
        breaks=breaks,
    )
