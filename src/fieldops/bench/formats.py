"""The files of the suites as they are: what each says, in its own units; all faults of a file are reported at once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from fieldops.errors import Fault, InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class VrptwNode:
    """The depot or a customer of a classic VRPTW file: whole numbers, distances and times in one unit."""

    number: int
    x: int
    y: int
    demand: int
    ready: int
    due: int
    service: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VrptwFile:
    """
    A classic VRPTW file (Solomon, Gehring and Homberger).

    Attributes
    ----------
    depot
        Its ready and due times bound leaving and coming back.
    customers
        Customer number i stands at position i - 1.
    """

    name: str
    num_vehicles: int
    capacity: int
    depot: VrptwNode
    customers: tuple[VrptwNode, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CityLunch:
    """A lunch: seconds it lasts, and the closed interval for its start in seconds of the day."""

    duration: int
    earliest_start: int
    latest_start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CityTechnician:
    """A technician of a city file: home in degrees (latitude, longitude), shift in seconds of the day."""

    id: str
    home: tuple[float, float]
    shift: tuple[int, int]
    skills: frozenset[str]
    lunch: CityLunch


@dataclass(frozen=True, slots=True, kw_only=True)
class CityVisit:
    """A visit of a city file: place in degrees, duration in seconds, window for its start in seconds of the day."""

    id: str
    location: tuple[float, float]
    duration: int
    window: tuple[int, int]
    priority: int
    skills: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CityDay:
    """One generated day: who works, and what could be done."""

    name: str
    technicians: tuple[CityTechnician, ...]
    visits: tuple[CityVisit, ...]


_CITY_DAY: Final = TypeAdapter(CityDay)
_NODE_COLUMNS: Final = 7
_WHOLE_NUMBER: Final = re.compile(r"-?[0-9]+")


def read_vrptw(path: Path) -> VrptwFile:
    """
    Read a classic VRPTW file.

    Raises
    ------
    InvalidInput
        With every line that is not what the format says.
    """
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    faults: list[Fault] = []
    fleet = list(_numbers(path, lines, after="VEHICLE", columns=2, faults=faults))
    nodes = [
        VrptwNode(number=row[0], x=row[1], y=row[2], demand=row[3], ready=row[4], due=row[5], service=row[6])
        for row in _numbers(path, lines, after="CUSTOMER", columns=_NODE_COLUMNS, faults=faults)
    ]
    if not faults and len(fleet) != 1:
        faults.append(
            Fault(path=path.name, found=f"{len(fleet)} fleet lines", expected="one line of vehicle count and capacity")
        )
    if not faults and [node.number for node in nodes] != list(range(len(nodes))):
        faults.append(
            Fault(path=path.name, found="other customer numbers", expected="0 (the depot), 1, 2, ... in order")
        )
    if not faults and not nodes:
        faults.append(Fault(path=path.name, found="no node", expected="the depot and the customers"))
    if faults:
        raise InvalidInput(faults)
    return VrptwFile(
        name=path.stem, num_vehicles=fleet[0][0], capacity=fleet[0][1], depot=nodes[0], customers=tuple(nodes[1:])
    )


def _numbers(path: Path, lines: list[str], *, after: str, columns: int, faults: list[Fault]) -> Iterator[list[int]]:
    """Yield the rows of whole numbers of the section that starts with the word `after`, skipping its column names."""
    headings = [number for number, line in enumerate(lines) if line.strip() == after]
    if not headings:
        faults.append(Fault(path=path.name, found="no such line", expected=f"a line {after}"))
        return
    for number, line in enumerate(lines[headings[0] + 2 :], start=headings[0] + 3):
        words = line.split()
        if len(words) == 1 and words[0].isalpha():
            return
        if not words:
            continue
        if len(words) != columns or not all(map(_WHOLE_NUMBER.fullmatch, words)):
            found = line.strip()[:60]
            faults.append(Fault(path=f"{path.name}:{number}", found=found, expected=f"{columns} whole numbers"))
            continue
        yield [int(word) for word in words]


def read_city(path: Path) -> CityDay:
    """
    Read a city file.

    Raises
    ------
    InvalidInput
        With every field that is not what the format says, or a lunch that does not fit into its shift wherever it
        starts (the suite's rules would not say what happens then).
    """
    try:
        day = _CITY_DAY.validate_json(path.read_bytes())
    except ValidationError as error:
        raise InvalidInput(
            [_fault(path, fault["loc"], fault["input"], fault["msg"]) for fault in error.errors()]
        ) from error
    faults = [
        _fault(path, ("technicians", position, "lunch"), technician.lunch, "a lunch inside the shift")
        for position, technician in enumerate(day.technicians)
        if technician.lunch.earliest_start < technician.shift[0]
        or technician.lunch.latest_start + technician.lunch.duration > technician.shift[1]
    ]
    if faults:
        raise InvalidInput(faults)
    return day


def _fault(path: Path, location: tuple[str | int, ...], found: object, expected: str) -> Fault:
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).removeprefix(".")
    return Fault(path=f"{path.name}:{where}", found=repr(found)[:60], expected=expected)
