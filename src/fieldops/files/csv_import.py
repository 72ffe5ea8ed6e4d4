"""From tables of visits, technicians and shifts to problems; every faulty cell of every record is reported at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from statistics import fmean
from typing import Final

from fieldops.domain.faults import MAX_DAYS, problem_faults
from fieldops.domain.problem import Place, Problem
from fieldops.domain.value_faults import decimal_faults, whole_number_faults
from fieldops.errors import Fault, InvalidInput
from fieldops.files.import_cells import column_of
from fieldops.files.import_mapping import ImportMapping
from fieldops.files.import_origin import Origin, located
from fieldops.files.import_people import (
    OFFICE_ID,
    ImportedShift,
    ImportedTechnician,
    make_shifts,
    make_technicians,
    pattern_faults,
    read_shifts,
    read_technicians,
)
from fieldops.files.import_visits import ImportedVisit, Places, read_visits
from fieldops.files.tables import Table, read_table

_MOST_TECHNICIANS: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Import:
    """What was read from the tables, before it is cut into problems."""

    mapping: ImportMapping
    tables: dict[str, Table]
    visits: Sequence[ImportedVisit]
    technicians: Sequence[ImportedTechnician]
    shifts: Sequence[ImportedShift]
    places: dict[str, Place]
    all_people: bool


def import_problem(
    visits_csv: Path,
    technicians_csv: Path | None = None,
    shifts_csv: Path | None = None,
    mapping: ImportMapping | None = None,
    *,
    split_by_day: bool = False,
    num_technicians: int | None = None,
    office: tuple[float, float] | None = None,
) -> list[Problem]:
    """
    Build problems from tables.

    Parameters
    ----------
    visits_csv
        One record a visit; fields as in docs/import.md.
    technicians_csv
        One record a technician; None to make up `num_technicians` who are all alike and have every skill.
    shifts_csv
        One record a shift; None to give everybody the mapping's usual working day, every day.
    mapping
        How the tables are to be understood; None = the columns are named as the fields.
    split_by_day
        One problem for each day that has visits, instead of one for the whole horizon.
    num_technicians
        How many technicians to make up.
    office
        Latitude and longitude (degrees) where technicians without a home start and end their days; None = the mean
        of the visits' coordinates.

    Returns
    -------
    list[Problem]
        One, or one a day in the order of the days.

    Raises
    ------
    InvalidInput
        With every fault of every record (``visits.csv:17:latitude``).
    """
    mapping = mapping or ImportMapping()
    faults = list(_option_faults(technicians_csv, shifts_csv, num_technicians, office, mapping))
    tables: dict[str, Table] = {}
    for kind, path in (("visits", visits_csv), ("technicians", technicians_csv), ("shifts", shifts_csv)):
        if path is not None:
            try:
                tables[kind] = read_table(path)
            except InvalidInput as error:
                faults += error.faults
    if faults:
        raise InvalidInput(faults)
    imported, faults = _read(tables, mapping, num_technicians, office)
    days = _days(imported, split_by_day)
    faults += _day_faults(imported, days, split_by_day)
    problems: list[Problem] = []
    for group in [[day] for day in days] if split_by_day else [days]:
        # Without days to plan, or with more than one problem can hold, there is nothing to judge.
        if 0 < len(group) <= MAX_DAYS:
            problem, origin = _problem(imported, group, split_by_day)
            problems.append(problem)
            faults += located(problem_faults(problem), origin, tables, mapping, all_people=imported.all_people)
    if faults:
        raise InvalidInput(_in_order(faults, tables))
    return problems


def _option_faults(
    technicians_csv: Path | None,
    shifts_csv: Path | None,
    num_technicians: int | None,
    office: tuple[float, float] | None,
    mapping: ImportMapping,
) -> Iterator[Fault]:
    if (technicians_csv is None) == (num_technicians is None):
        found = "neither" if num_technicians is None else "both"
        yield Fault(path="technicians", found=found, expected="a table of technicians or a number of them to make up")
    if shifts_csv is not None and technicians_csv is None:
        yield Fault(path="shifts", found="a table of shifts alone", expected="a table of technicians along with it")
    yield from whole_number_faults("number of technicians", num_technicians, 1, _MOST_TECHNICIANS)
    if office is not None:
        yield from decimal_faults("office latitude", office[0], -90, 90, "degrees")
        yield from decimal_faults("office longitude", office[1], -180, 180, "degrees")
    if shifts_csv is None:
        yield from pattern_faults(mapping)


def _read(
    tables: dict[str, Table], mapping: ImportMapping, num_technicians: int | None, office: tuple[float, float] | None
) -> tuple[_Import, list[Fault]]:
    """Read all records; the import holds those without faults."""
    places = Places()
    people_faults: list[Fault] = []
    if num_technicians is None:
        technicians, people_faults = read_technicians(tables["technicians"], mapping)
        id_column = column_of(mapping.technicians, "id")
        known = frozenset(row.cells.get(id_column, "") for row in tables["technicians"].rows)
    else:
        technicians = make_technicians(num_technicians, {})
        known = frozenset(person.technician.id for person in technicians)
    visits, faults = read_visits(tables["visits"], mapping, places, known)
    if num_technicians is not None:
        technicians = make_technicians(num_technicians, _highest_levels(visits))
    shifts: list[ImportedShift] = []
    if "shifts" in tables:
        shifts, shift_faults = read_shifts(tables["shifts"], mapping, technicians, known)
        people_faults = [*people_faults, *shift_faults]
    homes = {person.home.id: person.home for person in technicians if person.home is not None}
    imported = _Import(
        mapping=mapping,
        tables=tables,
        visits=visits,
        technicians=technicians,
        shifts=shifts,
        places={OFFICE_ID: _office(list(places.by_id.values()), office), **homes, **places.by_id},
        all_people=not people_faults,
    )
    return imported, [*faults, *people_faults]


def _office(places: Sequence[Place], office: tuple[float, float] | None) -> Place:
    latitude, longitude = office or (
        round(fmean(place.latitude for place in places), 6) if places else 0.0,
        round(fmean(place.longitude for place in places), 6) if places else 0.0,
    )
    return Place(id=OFFICE_ID, latitude=latitude, longitude=longitude)


def _highest_levels(visits: Sequence[ImportedVisit]) -> dict[str, int]:
    levels: dict[str, int] = {}
    for imported in visits:
        for skill, level in imported.visit.required_skills.items():
            levels[skill] = max(level, levels.get(skill, 1))
    return levels


def _days(imported: _Import, split_by_day: bool) -> list[date]:
    """List the days to plan: those with visits, or all from the first to the last that any record names."""
    named = {visit.day for visit in imported.visits if visit.day is not None}
    if split_by_day:
        return sorted(named)
    named |= {shift.day for shift in imported.shifts}
    for visit in imported.visits:
        windows = (*visit.visit.windows, visit.visit.promised_window, visit.visit.preferred_window)
        named |= {bound.date() for window in windows if window for bound in (window.earliest, window.latest)}
    first = imported.mapping.first_date or min(named, default=None)
    if first is None:
        return []
    return [first + timedelta(days=k) for k in range((max(named, default=first) - first).days + 1)]


def _day_faults(imported: _Import, days: Sequence[date], split_by_day: bool) -> Iterator[Fault]:
    table = imported.tables["visits"]
    if not table.rows and not table.faults:
        yield Fault(path=table.name, found="no records", expected="at least one visit")
    elif split_by_day:
        for visit in imported.visits:
            if visit.day is None:
                column = column_of(imported.mapping.visits, "date")
                expected = "a date, as every day becomes a problem of its own"
                yield Fault(path=f"{table.name}:{visit.line}:{column}", found="nothing", expected=expected)
    elif imported.visits and not days:
        yield Fault(path=table.name, found="no dates", expected="dates in the tables, or first_date in the mapping")
    elif len(days) > MAX_DAYS:
        found = f"{len(days)} days, {days[0]} to {days[-1]}"
        yield Fault(path=table.name, found=found, expected=f"at most {MAX_DAYS} days, or a problem for each day")


def _problem(imported: _Import, days: Sequence[date], split_by_day: bool) -> tuple[Problem, Origin]:
    """Build the problem of some days, and tell where its entries come from."""
    visits = [visit for visit in imported.visits if not split_by_day or visit.day == days[0]]
    shifts: dict[str, list[ImportedShift]] = {person.technician.id: [] for person in imported.technicians}
    made_up = make_shifts(imported.technicians, days, imported.mapping) if "shifts" not in imported.tables else ()
    for shift in (*imported.shifts, *made_up):
        if not split_by_day or shift.day == days[0]:
            shifts[shift.technician_id].append(shift)
    technicians = tuple(
        replace(person.technician, shifts=tuple(shift.shift for shift in shifts[person.technician.id]))
        for person in imported.technicians
    )
    used = {visit.visit.place_id for visit in visits}
    used |= {shift.start_place_id for technician in technicians for shift in technician.shifts}
    skills = {skill for visit in imported.visits for skill in visit.visit.required_skills}
    skills |= {skill for technician in technicians for skill in technician.skills}
    problem = Problem(
        name=f"{imported.mapping.name} {days[0]}" if split_by_day else imported.mapping.name,
        time_zone=imported.mapping.time_zone,
        first_date=days[0],
        num_days=len(days),
        skills=tuple(sorted(skills)),
        places=tuple(place for place in imported.places.values() if place.id in used),
        technicians=technicians,
        visits=tuple(visit.visit for visit in visits),
    )
    origin = Origin(
        visits=tuple(visit.line for visit in visits),
        technicians=tuple(person.line for person in imported.technicians),
        shifts=tuple(tuple(shift.line for shift in shifts[technician.id]) for technician in technicians),
    )
    return problem, origin


def _in_order(faults: Sequence[Fault], tables: dict[str, Table]) -> list[Fault]:
    """Sort faults as the cells stand in the tables, and tell one of the usual working day once, not for all days."""
    told: dict[str, Fault] = {}
    for fault in faults:
        told.setdefault(fault.path if fault.path.startswith("day.") else str(fault), fault)
    return sorted(told.values(), key=lambda fault: _position(fault.path, list(tables.values())))


def _position(path: str, tables: Sequence[Table]) -> tuple[int, int, int]:
    for i, table in enumerate(tables):
        line, _, column = path.removeprefix(f"{table.name}:").partition(":")
        if path.startswith(f"{table.name}:") and line.isdigit():
            return i, int(line), table.columns.index(column) if column in table.columns else len(table.columns)
    return len(tables), 0, 0
