"""Reading a table of known addresses."""

import math
from pathlib import Path
from typing import Final

from fieldops.domain.spelling import address_key
from fieldops.domain.value_faults import shown
from fieldops.errors import Fault, InvalidInput
from fieldops.files.tables import read_table

_COLUMNS: Final = ("address", "latitude", "longitude")
_MAX_ADDRESSES: Final = 1_000_000


def load_addresses(path: Path) -> tuple[tuple[str, float, float], ...]:
    """
    Read a CSV file with the columns address, latitude and longitude; others are not looked at.

    Returns
    -------
    tuple[tuple[str, float, float], ...]
        Address, latitude and longitude (degrees WGS84), in the order of the file.

    Raises
    ------
    InvalidInput
        When the file cannot be read or lacks a column, or with every cell that is wrong and every address that comes
        again, in whatever spelling, with another place.
    """
    table = read_table(path, _MAX_ADDRESSES)
    missing = [name for name in _COLUMNS if name not in table.columns]
    if missing:
        expected = f"a column named {' and one named '.join(missing)}"
        raise InvalidInput([Fault(path=f"{table.name}:1", found=shown(", ".join(table.columns)), expected=expected)])
    faults = list(table.faults)
    found: list[tuple[str, float, float]] = []
    first: dict[str, tuple[int, tuple[float, float]]] = {}
    for row in table.rows:
        address, place = row.cells["address"], (_number(row.cells["latitude"]), _number(row.cells["longitude"]))
        key = address_key(address)
        if not key:
            faults.append(Fault(path=f"{table.name}:{row.line}:address", found=shown(address), expected="an address"))
        for column, value, bound in zip(_COLUMNS[1:], place, (90, 180), strict=True):
            # Written so that NaN is out of range too.
            if not abs(value) <= bound:
                expected = f"degrees from -{bound} to {bound}"
                cell = f"{table.name}:{row.line}:{column}"
                faults.append(Fault(path=cell, found=shown(row.cells[column]), expected=expected))
        line, earlier = first.setdefault(key, (row.line, place))
        if line != row.line and earlier != place:
            expected = f"the place it has in line {line}"
            faults.append(Fault(path=f"{table.name}:{row.line}:address", found=shown(address), expected=expected))
        found.append((address, *place))
    if faults:
        raise InvalidInput(faults)
    return tuple(found)


def _number(text: str) -> float:
    """Return the number written there, NaN when there is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan
