"""The street layer of maps: imported once by an operator, shown to everybody."""

import gzip
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select, union_all

from fieldops.domain.streets import Box, Point, StreetLine, box_around, select_streets
from fieldops.errors import Fault, InvalidInput
from fieldops.files.street_json import basemap_json
from fieldops.store.tables import BasemapRow, ShiftRow, SiteRow, VisitRow
from fieldops.store.territories import find_territory
from fieldops.usecases.audit import record
from fieldops.usecases.work import Work

#: So far around the places of a territory streets are kept, meters.
MARGIN_M: Final = 10_000.0
MAX_ATTRIBUTION: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class BasemapView:
    """
    The street layer of a territory.

    Attributes
    ----------
    content
        GeoJSON, compressed with gzip.
    content_hash
        Names the content.
    """

    content: bytes
    content_hash: str
    lines: int


def import_streets(work: Work, territory_id: str, streets: Sequence[StreetLine], attribution: str) -> BasemapView:
    """
    Make streets the ground of a territory's maps, in the place of those there were.

    Kept are those around the places where its technicians start and its visits are (of a territory without any: all),
    the main ones first, up to `fieldops.domain.streets.MOST_LINES`.

    Parameters
    ----------
    attribution
        Whom maps name as the source.

    Raises
    ------
    NotFound
        When there is no such territory.
    InvalidInput
        When none of the streets is near.
    """
    find_territory(work.session, territory_id, locks=True)
    if len(attribution) > MAX_ATTRIBUTION:
        expected = f"at most {MAX_ATTRIBUTION} characters"
        raise InvalidInput([Fault(path="attribution", found=f"{len(attribution)} characters", expected=expected)])
    chosen = select_streets(streets, _box_of(work, territory_id))
    if not chosen:
        near = "streets within 10 km of the territory's places"
        raise InvalidInput([Fault(path="features", found=f"{len(streets)} lines elsewhere", expected=near)])
    content = _compressed(basemap_json(chosen, attribution))
    row = work.session.get(BasemapRow, territory_id)
    if row is None:
        row = BasemapRow(territory_id=territory_id)
        work.session.add(row)
    row.content, row.content_hash = content, _hash(content)
    row.lines = len(chosen)
    record(work, "streets.imported", "territory", territory_id, lines=len(chosen), content=row.content_hash)
    return _view(row)


def read_basemap(work: Work, territory_id: str) -> BasemapView:
    """
    Return the street layer of a territory, one without streets where none were imported.

    Raises
    ------
    NotFound
        When there is no such territory.
    """
    row = work.session.get(BasemapRow, territory_id)
    if row is not None:
        return _view(row)
    find_territory(work.session, territory_id)
    return _EMPTY


def name_streets(work: Work) -> dict[str, str]:
    """Name the content of the street layer of each territory that has one."""
    rows = work.session.execute(select(BasemapRow.territory_id, BasemapRow.content_hash))
    return {territory_id: content_hash for territory_id, content_hash in rows}


def _view(row: BasemapRow) -> BasemapView:
    return BasemapView(content=row.content, content_hash=row.content_hash, lines=row.lines)


def _box_of(work: Work, territory_id: str) -> Box | None:
    """Return the part of the map where a territory's technicians start and its visits are; None = nowhere yet."""
    visited = select(VisitRow.site_id.label("site_id")).where(VisitRow.territory_id == territory_id)
    started = select(ShiftRow.start_place_id.label("site_id")).where(ShiftRow.territory_id == territory_id)
    places = union_all(visited, started).subquery()
    west, south, east, north = work.session.execute(
        select(
            func.min(SiteRow.longitude),
            func.min(SiteRow.latitude),
            func.max(SiteRow.longitude),
            func.max(SiteRow.latitude),
            # A place without an address is that of a forgotten draft, which is nowhere.
        ).where(SiteRow.id.in_(select(places.c.site_id)), SiteRow.address != "")
    ).one()
    if west is None:
        return None
    corners: list[Point] = [(west, south), (east, north)]
    return box_around(corners, MARGIN_M)


def _compressed(text: str) -> bytes:
    """Compress without the time of day: the same streets make the same content."""
    return gzip.compress(text.encode(), compresslevel=9, mtime=0)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


_NOTHING: Final = _compressed(basemap_json((), ""))
_EMPTY: Final = BasemapView(content=_NOTHING, content_hash=_hash(_NOTHING), lines=0)
