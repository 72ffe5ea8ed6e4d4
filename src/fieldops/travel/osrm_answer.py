"""Reading what an OSRM table service answered, trusting nothing about it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import httpx
import numpy as np

from fieldops.travel.provider import FloatArray

#: Largest duration or distance believed: what still fits the 32 bits of a matrix.
_LARGEST: Final = 2**31 - 1

#: Between neighbors on one piece of road, servers are known to answer distances a little below 0 (issue 5855 of the
#: osrm-backend project, open). Down to this many meters that is taken for what it is; below, the answer is nonsense.
LOWEST_DISTANCE_M: Final = -1_000.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """
    One answered block.

    Attributes
    ----------
    seconds, meters
        Shape ``(sources, destinations)``; NaN where there is no way. Meters below 0 mean: next door, not measured.
    snaps, destination_snaps
        Per source and per destination: meters to the road it was moved to, None when the server does not say.
    """

    seconds: FloatArray
    meters: FloatArray
    snaps: tuple[float | None, ...]
    destination_snaps: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An answer without a table: the server's own error code and message, or ours about what it sent."""

    code: str
    message: str


def read_table(response: httpx.Response, *, shape: tuple[int, int]) -> Table | Refusal:
    """Return the table of `shape` in the answer, or why there is none."""
    try:
        body = response.json()
    except ValueError:
        return _unusable(response)
    if not isinstance(body, dict) or not isinstance(code := body.get("code"), str):
        return _unusable(response)
    if code != "Ok":
        return Refusal(code=code, message=str(body.get("message", "no reason given")).rstrip("."))
    seconds = _cells(body.get("durations"), shape, lowest=0)
    if seconds is None:
        return _bad_table("durations", shape)
    meters = _cells(body.get("distances"), shape, lowest=LOWEST_DISTANCE_M)
    if meters is None:
        return _bad_table("distances", shape)
    return Table(
        seconds=seconds,
        meters=meters,
        snaps=_snaps(body.get("sources"), shape[0]),
        destination_snaps=_snaps(body.get("destinations"), shape[1]),
    )


def _unusable(response: httpx.Response) -> Refusal:
    """Say what came instead of an answer in OSRM's form."""
    start = " ".join(response.text[:80].split())
    return Refusal(code=f"HTTP {response.status_code}", message=f"not the answer of a table service: {start!r}")


def _bad_table(name: str, shape: tuple[int, int]) -> Refusal:
    """Say which table of an otherwise fine answer cannot be used."""
    message = f"'{name}' is not a table of {shape[0]} x {shape[1]} numbers from 0 to {_LARGEST}"
    return Refusal(code="BadTable", message=message)


def _cells(rows: object, shape: tuple[int, int], *, lowest: float) -> FloatArray | None:
    """Return rows of numbers and nulls as an array with NaN for null; None unless they are just that."""
    try:
        cells = np.array(rows, np.float64)
    except (TypeError, ValueError):
        return None
    is_possible = np.isnan(cells) | ((cells >= lowest) & (cells <= _LARGEST))
    return cells if cells.shape == shape and bool(is_possible.all()) else None


def _snaps(points: object, count: int) -> tuple[float | None, ...]:
    """Return the snapping distance of each source or destination; None for all of them unless each has one."""
    if not isinstance(points, Sequence) or len(points) != count:
        return (None,) * count
    said = [point.get("distance") if isinstance(point, dict) else None for point in points]
    return tuple(
        float(meters) if isinstance(meters, (int, float)) and math.isfinite(meters) else None for meters in said
    )
