"""Streets as the ground of a map: which of them, and how finely."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

#: Longitude and latitude, degrees WGS84: the order of GeoJSON.
Point = tuple[float, float]
#: More lines make browsers stutter.
MOST_LINES: Final = 40_000
#: A point that lies so near to the line without it is left out, meters.
TOLERANCE_M: Final = 6.0
#: About a meter.
DECIMALS: Final = 5
_METERS_PER_DEGREE: Final = 111_195.0


class StreetClass(StrEnum):
    """What a street is, from those that show first to those that are left out first."""

    MOTORWAY = "motorway"
    TRUNK = "trunk"
    PRIMARY = "primary"
    SECONDARY = "secondary"
    TERTIARY = "tertiary"
    MINOR = "minor"


RANKS: Final = {street_class: rank for rank, street_class in enumerate(StreetClass)}


@dataclass(frozen=True, slots=True, kw_only=True)
class StreetLine:
    """A piece of a street: two points or more."""

    street_class: StreetClass
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A part of the map, degrees WGS84; never across the 180th meridian."""

    west: float
    south: float
    east: float
    north: float

    def meets(self, points: Iterable[Point]) -> bool:
        """Whether any of some points lies in it."""
        return any(self.west <= x <= self.east and self.south <= y <= self.north for x, y in points)


def box_around(points: Sequence[Point], margin_m: float) -> Box:
    """Return the box of some points and what is so far around them."""
    south, north = min(y for _, y in points), max(y for _, y in points)
    up = margin_m / _METERS_PER_DEGREE
    across = up / max(0.05, math.cos(math.radians(max(abs(south), abs(north)))))
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    return Box(west=west - across, south=south - up, east=east + across, north=north + up)


def select_streets(lines: Iterable[StreetLine], within: Box | None, most: int = MOST_LINES) -> list[StreetLine]:
    """
    Choose what a map shows, simplified and rounded; main roads first, of equal ones the long ones.

    Parameters
    ----------
    within
        What lies outside of it is left out; None = nothing does.
    """
    near = [line for line in lines if within is None or within.meets(line.points)]
    near.sort(key=lambda line: (RANKS[line.street_class], -length_m(line.points)))
    chosen = []
    for line in near:
        points = rounded(simplified(line.points))
        if len(points) > 1:
            chosen.append(StreetLine(street_class=line.street_class, points=points))
            if len(chosen) == most:
                break
    return chosen


def length_m(points: Sequence[Point]) -> float:
    """Return about how long a line is, meters."""
    across = math.cos(math.radians(points[0][1]))
    steps = pairwise(points)
    return _METERS_PER_DEGREE * sum(math.hypot((x2 - x1) * across, y2 - y1) for (x1, y1), (x2, y2) in steps)


def rounded(points: Iterable[Point]) -> tuple[Point, ...]:
    """Round a line to `DECIMALS`, without repeating a point."""
    result: list[Point] = []
    for x, y in points:
        point = (round(x, DECIMALS), round(y, DECIMALS))
        if not result or point != result[-1]:
            result.append(point)
    return tuple(result)


def simplified(points: Sequence[Point], tolerance_m: float = TOLERANCE_M) -> tuple[Point, ...]:
    """Leave out the points without which a line goes almost the same way; its ends stay."""
    across = math.cos(math.radians(points[0][1]))
    flat = [(x * across * _METERS_PER_DEGREE, y * _METERS_PER_DEGREE) for x, y in points]
    kept = {0, len(points) - 1}
    spans = [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        far, distance = 0, tolerance_m
        for index in range(first + 1, last):
            off = _distance_m(flat[index], flat[first], flat[last])
            if off > distance:
                far, distance = index, off
        if far:
            kept.add(far)
            spans += [(first, far), (far, last)]
    return tuple(points[index] for index in sorted(kept))


def _distance_m(point: Point, start: Point, end: Point) -> float:
    """Return how far a point lies from a piece of a line, in the plane."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    square = dx * dx + dy * dy
    along = 0.0 if square == 0 else ((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / square
    along = min(1.0, max(0.0, along))
    return math.hypot(point[0] - start[0] - along * dx, point[1] - start[1] - along * dy)
