"""Travel times that somebody else has already computed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fieldops.domain.problem import Place
from fieldops.errors import Fault, InvalidInput
from fieldops.travel.provider import IntArray, TravelMatrix, TravelTable, limited


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MatrixTravel:
    """
    A given matrix, looked up by place id.

    Attributes
    ----------
    place_ids
        The place of each row and column.
    duration_s, distance_m
        Whole seconds and meters from row to column, shape ``(len(place_ids), len(place_ids))``.

    Raises
    ------
    InvalidInput
        When sizes do not match, an id is there twice, or a cell is negative or, on the diagonal, not 0.
    """

    place_ids: tuple[str, ...]
    duration_s: IntArray
    distance_m: IntArray

    def __post_init__(self) -> None:
        faults = [
            Fault(path="matrix.place_ids", found=f"{name!r} more than once", expected="every place once")
            for name, times in Counter(self.place_ids).items()
            if times > 1
        ]
        for name, cells in (("duration_s", self.duration_s), ("distance_m", self.distance_m)):
            faults += _cell_faults(name, cells, self.place_ids)
        if faults:
            raise InvalidInput(limited(faults))

    def matrix(self, places: Sequence[Place]) -> TravelMatrix:
        """Return the rows and columns of these places; raise `InvalidInput` with every place the matrix lacks."""
        table = self._cells(rows := self._rows(places, "places"), rows)
        return TravelMatrix(duration_s=table.duration_s, distance_m=table.distance_m, snap_m=(None,) * len(places))

    def between(self, origins: Sequence[Place], destinations: Sequence[Place]) -> TravelTable:
        """Return the rows of the origins and the columns of the destinations; raise as `matrix` does."""
        return self._cells(self._rows(origins, "origins"), self._rows(destinations, "destinations"))

    def _rows(self, places: Sequence[Place], path: str) -> NDArray[np.intp]:
        """Look up places by their id; raise `InvalidInput` with every place the matrix lacks."""
        row_of = {name: row for row, name in enumerate(self.place_ids)}
        faults = [
            Fault(path=f"{path}[{pos}].id", found=place.id, expected="a place of the travel matrix")
            for pos, place in enumerate(places)
            if place.id not in row_of
        ]
        if faults:
            raise InvalidInput(limited(faults))
        return np.array([row_of[place.id] for place in places], np.intp)

    def _cells(self, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> TravelTable:
        """Copy some rows and columns."""
        cells = np.ix_(rows, columns)
        return TravelTable(
            duration_s=np.ascontiguousarray(self.duration_s[cells], np.int32),
            distance_m=np.ascontiguousarray(self.distance_m[cells], np.int32),
        )


def _cell_faults(name: str, cells: IntArray, place_ids: tuple[str, ...]) -> list[Fault]:
    """Return what is wrong with one of the two arrays."""
    size = (len(place_ids), len(place_ids))
    if cells.shape != size:
        return [Fault(path=f"matrix.{name}", found=f"shape {cells.shape}", expected=f"shape {size}, one row per place")]
    is_wrong = cells < 0
    np.fill_diagonal(is_wrong, cells.diagonal() != 0)
    return [
        Fault(
            path=f"matrix.{name}[{place_ids[start]}, {place_ids[end]}]",
            found=str(cells[start, end]),
            expected="0" if start == end else "a number >= 0",
        )
        for start, end in np.argwhere(is_wrong)
    ]
