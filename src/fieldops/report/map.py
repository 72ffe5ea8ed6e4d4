"""
Geometry of the route map: places projected onto a flat drawing. Pure: no words, no colors, no HTML.

The drawing is `WIDTH` units wide; y grows downwards. A city is small enough for a local equirectangular projection:
longitudes are shrunk by the cosine of the middle latitude.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from fieldops.domain.plan import Route
from fieldops.domain.problem import Place
from fieldops.report.lookup import Day, Lookup

WIDTH: Final = 1_000.0
#: Mean radius of the Earth.
_EARTH_RADIUS_M: Final = 6_371_008.8
_MARGIN: Final = 40.0
_MIN_EXTENT_M: Final = 1_000.0
_LEAST_HEIGHT_SHARE, _MOST_HEIGHT_SHARE = 0.75, 1.2
#: Longest scale bar, as a share of the drawing's width.
_SCALE_SHARE: Final = 0.25


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the drawing, units from the upper left corner."""

    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """
    How degrees become drawing units.

    Attributes
    ----------
    latitude, longitude
        Middle of the drawing, degrees.
    meters_per_unit
        Scale, the same in both directions.
    height
        Units; the width is `WIDTH`.
    """

    latitude: float
    longitude: float
    meters_per_unit: float
    height: float

    def point(self, place: Place) -> Point:
        """Return where a place lies."""
        east, north = _meters_from(place, self.latitude, self.longitude)
        return Point(
            round(WIDTH / 2 + east / self.meters_per_unit, 1),
            round(self.height / 2 - north / self.meters_per_unit, 1),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleBar:
    """A round length that fits into a quarter of the drawing."""

    meters: int
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteLine:
    """
    One route on the map.

    Attributes
    ----------
    line
        From the start place over all stops and the places of breaks to the end place.
    stops
        In serving order.
    base
        Start place, and the end place where it is another one.
    breaks
        Places of breaks.
    """

    route_pos: int
    route: Route
    line: tuple[Point, ...]
    stops: tuple[Point, ...]
    base: tuple[Point, ...]
    breaks: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteMap:
    """
    A day's routes on one drawing.

    Attributes
    ----------
    unassigned
        Visit id and place of the visits on no route that are shown on this day.
    """

    projection: Projection
    scale: ScaleBar
    routes: tuple[RouteLine, ...]
    unassigned: tuple[tuple[str, Point], ...]


def draw_map(day: Day, unassigned_ids: Iterable[str], lookup: Lookup) -> RouteMap:
    """Project a day's routes and the given visits that are on none; the day has at least one route."""
    shown = list(unassigned_ids)
    places = [place for _, route in day.routes for place in _places_of(route, lookup)]
    places += [lookup.places[lookup.visits[visit_id].place_id] for visit_id in shown]
    projection = fit(places)
    return RouteMap(
        projection=projection,
        scale=scale_bar(projection.meters_per_unit),
        routes=tuple(_route_line(route_pos, route, projection, lookup) for route_pos, route in day.routes),
        unassigned=tuple(
            (visit_id, projection.point(lookup.places[lookup.visits[visit_id].place_id])) for visit_id in shown
        ),
    )


def fit(places: Iterable[Place]) -> Projection:
    """Return the projection that shows all places as large as possible; at least one place is needed."""
    shown = list(places)
    anchor = shown[0]
    # Measured from a place, not from 0, so that an area astride the antimeridian stays together.
    easts = [_degrees_east(place.longitude, anchor.longitude) for place in shown]
    latitudes = [place.latitude for place in shown]
    latitude = (min(latitudes) + max(latitudes)) / 2
    longitude = anchor.longitude + (min(easts) + max(easts)) / 2
    offsets = [_meters_from(place, latitude, longitude) for place in shown]
    width_m = max(2 * max(abs(east) for east, _ in offsets), _MIN_EXTENT_M)
    height_m = max(2 * max(abs(north) for _, north in offsets), _MIN_EXTENT_M)
    usable = WIDTH - 2 * _MARGIN
    height = min(
        max(usable * height_m / width_m + 2 * _MARGIN, _LEAST_HEIGHT_SHARE * WIDTH), _MOST_HEIGHT_SHARE * WIDTH
    )
    return Projection(
        latitude=latitude,
        longitude=longitude,
        meters_per_unit=max(width_m / usable, height_m / (height - 2 * _MARGIN)),
        height=round(height, 1),
    )


def scale_bar(meters_per_unit: float) -> ScaleBar:
    """Return the longest bar of 1, 2 or 5 times a power of ten meters within a quarter of the width."""
    longest = WIDTH * _SCALE_SHARE * meters_per_unit
    power = 10 ** math.floor(math.log10(longest))
    meters = max(step * power for step in (1, 2, 5) if step * power <= longest)
    return ScaleBar(meters=round(meters), width=round(meters / meters_per_unit, 1))


def _route_line(route_pos: int, route: Route, projection: Projection, lookup: Lookup) -> RouteLine:
    """Project one route."""
    shift = lookup.shift_of(route)
    ends = dict.fromkeys(place_id for place_id in (shift.start_place_id, shift.end_place_id) if place_id is not None)
    return RouteLine(
        route_pos=route_pos,
        route=route,
        line=tuple(projection.point(place) for place in _places_of(route, lookup)),
        stops=tuple(projection.point(lookup.places[lookup.visits[stop.visit_id].place_id]) for stop in route.stops),
        base=tuple(projection.point(lookup.places[place_id]) for place_id in ends),
        breaks=tuple(
            projection.point(lookup.places[taken.place_id])
            for taken in route.breaks
            if taken.place_id is not None and taken.on_the_clock
        ),
    )


def _places_of(route: Route, lookup: Lookup) -> list[Place]:
    """Return the places a route passes, in order."""
    shift = lookup.shift_of(route)
    place_ids = [shift.start_place_id]
    for num_served in range(len(route.stops) + 1):
        if num_served > 0:
            place_ids.append(lookup.visits[route.stops[num_served - 1].visit_id].place_id)
        place_ids += [
            taken.place_id
            for taken in route.breaks
            if taken.place_id is not None and taken.on_the_clock and taken.after_visits == num_served
        ]
    if shift.end_place_id is not None:
        place_ids.append(shift.end_place_id)
    return [lookup.places[place_id] for place_id in place_ids]


def _meters_from(place: Place, latitude: float, longitude: float) -> tuple[float, float]:
    """Return how far east and north of a point a place lies, in meters."""
    east = math.radians(_degrees_east(place.longitude, longitude)) * math.cos(math.radians(latitude)) * _EARTH_RADIUS_M
    return east, math.radians(place.latitude - latitude) * _EARTH_RADIUS_M


def _degrees_east(longitude: float, origin: float) -> float:
    """Return the difference of two longitudes, -180 to 180."""
    return (longitude - origin + 180.0) % 360.0 - 180.0
