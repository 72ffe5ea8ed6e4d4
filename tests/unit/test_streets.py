"""Streets on a map: which ones, how finely, and read from what others export."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from fieldops.domain.streets import Box, StreetClass, StreetLine, box_around, length_m, select_streets, simplified
from fieldops.errors import InvalidInput
from fieldops.files.street_json import basemap_json, load_streets


def _line(street_class: str, *points: tuple[float, float]) -> StreetLine:
    return StreetLine(street_class=StreetClass(street_class), points=points)


def _feature(coordinates: Any, *, kind: str = "LineString", **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}


def _write(path: Path, *features: Any) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def test_when_there_are_too_many_the_main_and_the_long_ones_stay() -> None:
    """A browser draws forty thousand lines; what is left out are driveways, not the way across town."""
    short = _line("minor", (0.0, 0.0), (0.001, 0.0))
    long = _line("minor", (0.0, 0.1), (0.1, 0.1))
    main = _line("primary", (0.0, 0.2), (0.001, 0.2))

    assert select_streets([short, long, main], None, most=2) == [main, long]


def test_a_line_keeps_its_way_with_fewer_points() -> None:
    """A bend of eleven meters is seen, one of a meter is not; at 60 degrees a degree of longitude is half as long."""
    # 0.0001 degrees of latitude are 11 m, 0.00001 are 1.1 m.
    bent = ((0.0, 0.0), (0.001, 0.0001), (0.002, 0.0))
    flat = ((0.0, 0.0), (0.001, 0.00001), (0.002, 0.0))
    # Sideways by 0.0001 degrees: 11 m at the equator, 5.6 m at 60 degrees, which is within the six allowed.
    south = ((0.0, 0.0), (0.0001, 0.001), (0.0, 0.002))
    north = tuple((x, 60.0 + y) for x, y in south)

    assert simplified(bent) == bent
    assert simplified(flat) == (flat[0], flat[2])
    assert len(simplified(south)) == 3
    assert len(simplified(north)) == 2


def test_what_shrinks_to_a_point_is_no_line() -> None:
    """Rounded to a meter, a driveway of half a meter has no length; a closed loop keeps its way around."""
    nothing = _line("minor", (0.0, 0.0), (0.000001, 0.0))
    loop = _line("minor", (0.0, 0.0), (0.001, 0.0), (0.001, 0.001), (0.0, 0.0))

    assert select_streets([nothing, loop], None) == [loop]
    assert length_m(((0.0, 0.0), (0.0, 1.0))) == pytest.approx(111_195)


def test_only_what_is_near_the_places_is_kept() -> None:
    """The file may be of a whole state: a map that shows all of it shows a blot."""
    box = box_around([(-77.0, 38.9), (-76.9, 39.0)], 10_000)
    near = _line("minor", (-77.1, 38.9), (-77.09, 38.9))
    far = _line("motorway", (-78.0, 38.9), (-77.9, 38.9))

    # Ten kilometers are 0.0899 degrees of latitude, and 0.0899 / cos(39) = 0.1157 of longitude.
    assert box.south == pytest.approx(38.9 - 0.0899, abs=1e-4)
    assert box.west == pytest.approx(-77.0 - 0.1157, abs=1e-4)
    assert select_streets([far, near], box) == [near]
    assert select_streets([far, near], Box(west=-180, south=-90, east=180, north=90)) == [far, near]


def test_streets_are_read_from_what_others_export(tmp_path: Path) -> None:
    """OpenStreetMap's classes under three names, the Census Bureau's under its own; the rest is nothing to drive on."""
    line = [[0, 0], [0.5, 1, 120.5]]
    path = _write(
        tmp_path / "streets.geojson",
        _feature(line, highway="motorway_link"),
        _feature([line, line], kind="MultiLineString", fclass="residential"),
        _feature(line, MTFCC="S1200", highway=None),
        _feature(line, highway="footway"),
        _feature(line, railway="rail"),
        _feature([0, 0], kind="Point", highway="primary"),
        {"type": "Feature", "properties": None, "geometry": None},
        "nonsense",
    )

    found = load_streets(path)

    assert [str(street.street_class) for street in found] == ["motorway", "minor", "minor", "secondary"]
    assert {street.points for street in found} == {((0.0, 0.0), (0.5, 1.0))}


@pytest.mark.parametrize(
    ("coordinates", "is_shown"),
    [
        ([[0, 0]], True),
        ([[0, 0], [181, 0]], True),
        ([[0, 0], [0, math.nan]], True),
        ([[0, 0], ["0", "1"]], True),
        ([[0, 0], [1]], True),
        ("a line", True),
        (None, True),
        ([[0, 0], [1, 1]], False),
    ],
)
def test_a_line_that_is_none_is_named(tmp_path: Path, coordinates: Any, is_shown: bool) -> None:
    """Streets in the sea, or in another country's grid, are found out here and not on the map."""
    path = _write(tmp_path / "streets.geojson", _feature([[0, 0], [1, 1]], highway="primary"))
    assert len(load_streets(path)) == 1
    path = _write(tmp_path / "streets.geojson", _feature(coordinates, highway="primary"))
    if not is_shown:
        assert len(load_streets(path)) == 1
        return

    with pytest.raises(InvalidInput) as raised:
        load_streets(path)

    assert [fault.path for fault in raised.value.faults] == ["features[0].geometry"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"features": 1}', '{"features": []}', "[" * 100_000])
def test_a_file_of_something_else_is_one_fault(tmp_path: Path, text: str) -> None:
    """Whatever was exported by mistake: one sentence that says what was expected."""
    path = tmp_path / "streets.geojson"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(InvalidInput) as raised:
        load_streets(path)

    assert [fault.path for fault in raised.value.faults] == [str(path)]


def test_a_basemap_has_one_feature_for_each_class() -> None:
    """One shape to draw for all motorways is a hundred times as quick as one for each of their bridges."""
    streets = [
        _line("minor", (0.0, 0.0), (0.5, 0.5)),
        _line("primary", (1.0, 1.0), (2.0, 2.0)),
        _line("minor", (3.0, 3.0), (4.0, 4.0)),
    ]

    found = json.loads(basemap_json(streets, "© Somebody"))

    assert found["attribution"] == "© Somebody"
    assert [(part["properties"]["class"], len(part["geometry"]["coordinates"])) for part in found["features"]] == [
        ("primary", 1),
        ("minor", 2),
    ]
    assert json.loads(basemap_json((), ""))["features"] == []
