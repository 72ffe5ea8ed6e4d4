"""The ground of maps: what an operator imports, everybody who looks at a map is sent once."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner

from api_client import client_for, on_both
from fieldops.cli import app
from fieldops.domain.streets import StreetClass, StreetLine
from fieldops.errors import InvalidInput, NotFound
from fieldops.store.database import Database
from fieldops.store.tables import AuditRow, TerritoryRow
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.basemaps import import_streets
from fieldops.usecases.context import Context
from fieldops.usecases.work import transact
from worlds import add_site, add_territory, add_visit, make_context

PLAIN: Final = {"Accept-Encoding": "identity"}
#: Beside the place where sites of tests are, and on the other side of the country.
NEAR: Final = ((-77.03, 38.9), (-77.02, 38.91))
FAR: Final = ((-122.4, 37.7), (-122.3, 37.8))


def _street(points: tuple[tuple[float, float], ...] = NEAR, street_class: str = "primary") -> StreetLine:
    return StreetLine(street_class=StreetClass(street_class), points=points)


def _territory(ctx: Context) -> TerritoryRow:
    with ctx.database.writing() as session:
        territory = add_territory(session)
        add_visit(session, territory, site=add_site(session, latitude=38.9, longitude=-77.03))
    return territory


def _address(territory: TerritoryRow) -> str:
    return f"/v1/territories/{territory.id}/basemap.geojson"


@on_both
def test_what_was_imported_is_what_maps_show(ctx: Context) -> None:
    """Without an account: customers see where their technician is, and streets are no secret."""
    territory = _territory(ctx)
    client = client_for(ctx)
    before = client.get(_address(territory))

    transact(ctx, SYSTEM, import_streets, territory.id, [_street(), _street(FAR)], "© Somebody")
    after = client.get(_address(territory))
    plain = client.get(_address(territory), headers=PLAIN)

    assert (before.status_code, before.json()["features"]) == (200, [])
    assert after.headers["Content-Type"] == "application/geo+json"
    assert (after.headers["Content-Encoding"], "Content-Encoding" in plain.headers) == ("gzip", False)
    assert after.json() == plain.json()
    assert after.json()["attribution"] == "© Somebody"
    (feature,) = after.json()["features"]
    assert feature["geometry"]["coordinates"] == [[list(point) for point in NEAR]]
    assert before.headers["ETag"] != after.headers["ETag"] != plain.headers["ETag"]
    with ctx.database.reading() as session:
        assert session.query(AuditRow.detail).filter(AuditRow.action == "streets.imported").one()[0]["lines"] == 1


@on_both
def test_a_map_that_has_not_changed_is_not_sent_again(ctx: Context) -> None:
    """A megabyte for each look at the board would be most of what the service sends."""
    territory = _territory(ctx)
    transact(ctx, SYSTEM, import_streets, territory.id, [_street()], "")
    client = client_for(ctx)
    first = client.get(_address(territory))

    known = client.get(_address(territory), headers={"If-None-Match": first.headers["ETag"]})
    before = client.get("/v1/ui-config").json()["streets"]
    named = client.get(_address(territory), params={"content": before[territory.id]})
    transact(ctx, SYSTEM, import_streets, territory.id, [_street(street_class="minor")], "")
    changed = client.get(_address(territory), headers={"If-None-Match": first.headers["ETag"]})
    outdated = client.get(_address(territory), params={"content": before[territory.id]})
    after = client.get("/v1/ui-config").json()["streets"]

    assert (first.status_code, first.headers["Cache-Control"]) == (200, "public, no-cache")
    assert (known.status_code, known.content) == (304, b"")
    assert named.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert (changed.status_code, changed.json()["features"][0]["properties"]) == (200, {"class": "minor"})
    # Pages name other streets by another address, and so show them at once.
    assert (before.keys(), before == after) == ({territory.id}, False)
    assert outdated.headers["Cache-Control"] == "public, no-cache"


@on_both
def test_a_forgotten_draft_is_nowhere(ctx: Context) -> None:
    """Its place stands at 0, 0: half of the ocean and what lies beside it would be the ground of a city's maps."""
    territory = _territory(ctx)
    with ctx.database.writing() as session:
        add_visit(session, territory, state="canceled", site=add_site(session, address="", latitude=0, longitude=0))

    between = ((-30.0, 20.0), (-30.1, 20.1))
    kept = transact(ctx, SYSTEM, import_streets, territory.id, [_street(), _street(between)], "")

    assert kept.lines == 1


def test_streets_of_somewhere_else_are_refused(ctx: Context) -> None:
    """The wrong file would leave a map without a ground, and nobody would know why."""
    territory = _territory(ctx)

    with pytest.raises(InvalidInput) as raised:
        transact(ctx, SYSTEM, import_streets, territory.id, [_street(FAR)], "")
    with pytest.raises(NotFound):
        transact(ctx, SYSTEM, import_streets, "te_unknown", [_street()], "")
    with pytest.raises(InvalidInput):
        transact(ctx, SYSTEM, import_streets, territory.id, [_street()], "x" * 201)

    assert [fault.path for fault in raised.value.faults] == ["features"]
    assert client_for(ctx).get("/v1/territories/te_unknown/basemap.geojson").status_code == 404


def test_the_command_imports_a_file(sqlite_jobs_database: Database, tmp_path: Path) -> None:
    """The whole way once, as an operator goes it; a territory without any visits takes what there is."""
    ctx = make_context(sqlite_jobs_database)
    with ctx.database.writing() as session:
        territory = add_territory(session)
    path = tmp_path / "streets.geojson"
    geometry = {"type": "LineString", "coordinates": [list(point) for point in FAR]}
    feature: dict[str, Any] = {"type": "Feature", "properties": {"highway": "primary"}, "geometry": geometry}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    url = f"sqlite:///{sqlite_jobs_database.url.database}"

    done = CliRunner().invoke(
        app, ["streets", "import", territory.id, str(path), "--attribution", "© Us", "--database-url", url]
    )

    assert (done.exit_code, "1 of 1 lines" in done.output) == (0, True), done.output
    assert client_for(ctx).get(_address(territory), headers=PLAIN).json()["attribution"] == "© Us"


def test_pages_are_told_what_they_have_to_know(sqlite_database: Database) -> None:
    """Which tiles, which streets, what time it is: nothing of that is built into a page."""
    plain = client_for(make_context(sqlite_database)).get("/v1/ui-config")
    tiles = {"tiles_url": "https://tiles.example.com/{z}/{x}/{y}.png", "tiles_attribution": "© Tiles"}
    tiled = client_for(make_context(sqlite_database, **tiles)).get("/v1/ui-config")

    assert (plain.json()["tiles"], plain.json()["streets"]) == (None, {})
    # The clock of pages goes by it; that of tests stands still.
    assert (plain.json()["now"], plain.json()["clock_speed"]) == ("2026-03-16T12:00:00Z", 0.0)
    assert plain.headers["Cache-Control"] == "no-store"
    assert tiled.json()["tiles"] == {"url": tiles["tiles_url"], "attribution": "© Tiles"}
