"""Streets as GeoJSON: reading what others export, writing what a map shows."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from fieldops.domain.streets import Point, StreetClass, StreetLine
from fieldops.domain.value_faults import shorten, shown
from fieldops.errors import Fault, InvalidInput
from fieldops.files.reading import read_text, unusable

#: Classes of OpenStreetMap's key ``highway`` and of the Census Bureau's MTFCC that people drive on.
CLASSES: Final[Mapping[str, StreetClass]] = {
    **{street_class.value: street_class for street_class in StreetClass if street_class is not StreetClass.MINOR},
    **dict.fromkeys(("residential", "unclassified", "living_street", "road", "S1400"), StreetClass.MINOR),
    "S1100": StreetClass.MOTORWAY,
    "S1200": StreetClass.SECONDARY,
}
#: Where exports have the class.
_KEYS: Final = ("highway", "fclass", "class", "MTFCC")
#: Largest file read: a big city has a tenth of it.
MAX_BYTES: Final = 512 * 2**20
#: Who sees the first faults knows what is wrong.
_MOST_FAULTS: Final = 20


def load_streets(path: Path) -> list[StreetLine]:
    """
    Read the streets of a GeoJSON file: lines with one of the properties ``highway``, ``fclass``, ``class``, ``MTFCC``.

    Whatever is no line or nothing to drive on is left out.

    Raises
    ------
    InvalidInput
        When the file cannot be read, has lines that are none, or no street at all.
    """
    try:
        document = json.loads(read_text(path, MAX_BYTES))
    except (ValueError, RecursionError) as error:
        raise unusable(path, f"text that is not JSON: {shorten(str(error))}", "GeoJSON") from error
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise unusable(path, "no features", "a GeoJSON FeatureCollection")
    faults: list[Fault] = []
    lines: list[StreetLine] = []
    for index, feature in enumerate(features):
        for street_class, points in _lines(feature):
            read = _points(points)
            if read is not None:
                lines.append(StreetLine(street_class=street_class, points=read))
            elif len(faults) < _MOST_FAULTS:
                expected = "two positions or more, longitude and latitude in degrees"
                faults.append(Fault(path=f"features[{index}].geometry", found=shown(points), expected=expected))
    if not lines and not faults:
        raise unusable(path, "no street", f"lines with one of the properties {', '.join(_KEYS)}: highway=residential")
    if faults:
        raise InvalidInput(faults)
    return lines


def basemap_json(streets: Sequence[StreetLine], attribution: str) -> str:
    """Write streets for a map: one feature for each class that there is, and whom the map names as their source."""
    lines: dict[StreetClass, list[Sequence[Point]]] = {}
    for street in streets:
        lines.setdefault(street.street_class, []).append(street.points)
    features = [
        {
            "type": "Feature",
            "properties": {"class": street_class.value},
            "geometry": {"type": "MultiLineString", "coordinates": lines[street_class]},
        }
        for street_class in StreetClass
        if street_class in lines
    ]
    document = {"type": "FeatureCollection", "attribution": attribution, "features": features}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _lines(feature: Any) -> Iterator[tuple[StreetClass, Any]]:
    """List the lines of a feature that is a street, unread."""
    if not isinstance(feature, dict) or not isinstance(feature.get("geometry"), dict):
        return
    properties = feature.get("properties") or {}
    named = [properties.get(key) for key in _KEYS] if isinstance(properties, dict) else []
    classes = [CLASSES.get(name.removesuffix("_link")) for name in named if isinstance(name, str)]
    street_class = next((found for found in classes if found is not None), None)
    geometry = feature["geometry"]
    if street_class is None:
        return
    if geometry.get("type") == "LineString":
        yield street_class, geometry.get("coordinates")
    elif geometry.get("type") == "MultiLineString" and isinstance(geometry.get("coordinates"), list):
        for points in geometry["coordinates"]:
            yield street_class, points


def _points(positions: Any) -> tuple[Point, ...] | None:
    """Read the positions of a line; heights are left out. None = it is none."""
    if not isinstance(positions, list) or len(positions) < 2:
        return None
    points = []
    for position in positions:
        match position:
            case [int() | float() as x, int() | float() as y, *_] if _is_place(x, y):
                points.append((float(x), float(y)))
            case _:
                return None
    return tuple(points)


def _is_place(longitude: float, latitude: float) -> bool:
    # Written so that NaN is out of range too.
    return math.fabs(longitude) <= 180 and math.fabs(latitude) <= 90
