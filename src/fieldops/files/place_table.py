"""Reading points on the map from a table: places of which nothing but the coordinates is known."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from fieldops.domain.problem import Place
from fieldops.domain.value_faults import shown
from fieldops.errors import Fault, InvalidInput
from fieldops.files.tables import read_table

#: Accepted column names, in lower case.
_LATITUDE: Final = ("latitude", "lat")
_LONGITUDE: Final = ("longitude", "lon", "lng")


def load_places(path: Path) -> tuple[Place, ...]:
    """
    Read a CSV file with a header and the columns latitude (or lat) and longitude (or lon, lng).

    Returns
    -------
    tuple[Place, ...]
        In the order of the file. The id is the column ``id`` where there is one, else the line, ``line 17``. Other
        columns are not looked at.

    Raises
    ------
    InvalidInput
        When the file cannot be read or lacks a column, or with every cell that is no coordinate.
    """
    table = read_table(path)
    latitude, longitude = _column(table.columns, _LATITUDE), _column(table.columns, _LONGITUDE)
    if latitude is None or longitude is None:
        expected = f"columns named {' or '.join(_LATITUDE)}, and {' or '.join(_LONGITUDE)}"
        raise InvalidInput([Fault(path=f"{table.name}:1", found=shown(", ".join(table.columns)), expected=expected)])
    id_column = _column(table.columns, ("id",))
    places, faults = [], list(table.faults)
    for row in table.rows:
        degrees = {}
        for column, bound in ((latitude, 90), (longitude, 180)):
            degrees[column] = _number(row.cells[column])
            # Written so that NaN is out of range too.
            if not abs(degrees[column]) <= bound:
                path_of_cell, expected = f"{table.name}:{row.line}:{column}", f"degrees from -{bound} to {bound}"
                faults.append(Fault(path=path_of_cell, found=shown(row.cells[column]), expected=expected))
        name = (row.cells[id_column] if id_column else "") or f"line {row.line}"
        places.append(Place(id=name, latitude=degrees[latitude], longitude=degrees[longitude]))
    if faults:
        raise InvalidInput(faults)
    return tuple(places)


def _column(columns: Sequence[str], aliases: Sequence[str]) -> str | None:
    """Return the column whose name is one of these, whatever its capitals."""
    return next((name for alias in aliases for name in columns if name.lower() == alias), None)


def _number(text: str) -> float:
    """Return the number written there, NaN when there is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan
