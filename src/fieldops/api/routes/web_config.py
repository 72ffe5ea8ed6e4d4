"""What the pages of the web front end have to know before anybody logs in, and what their maps stand on."""

import gzip
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from fieldops.api.conditional import accepts_gzip, is_known
from fieldops.api.dependencies import Anonymous, Ctx, TerritoryId
from fieldops.api.problems import problems
from fieldops.api.schemas.web_config import Tiles, WebConfig
from fieldops.errors import NotFound
from fieldops.usecases.basemaps import name_streets, read_basemap
from fieldops.usecases.work import view

router = APIRouter(tags=["web front end"])

_ASK_AGAIN: Final = "public, no-cache"
_FOR_GOOD: Final = "public, max-age=31536000, immutable"


@router.get("/ui-config", operation_id="read_web_config", summary="What pages have to know")
def read_config(ctx: Ctx, nobody: Anonymous, response: Response) -> WebConfig:
    """Tell what a page needs before it can show anything."""
    response.headers["Cache-Control"] = "no-store"
    settings = ctx.settings
    tiles = None
    if settings.tiles_url is not None:
        tiles = Tiles(url=settings.tiles_url, attribution=settings.tiles_attribution)
    return WebConfig(
        tiles=tiles,
        streets=view(ctx, nobody, name_streets),
        now=ctx.clock.now(),
        clock_speed=ctx.clock.speed,
    )


@router.get(
    "/territories/{territory_id}/basemap.geojson",
    operation_id="read_basemap",
    summary="The streets under a map",
    response_class=Response,
    responses={
        200: {
            "description": "A FeatureCollection with one MultiLineString for each class of streets; `attribution` is "
            "whom the map has to name.",
            "content": {"application/geo+json": {"schema": {"type": "object"}}},
        },
        304: {"description": "The streets are those that the caller has."},
        **problems(NotFound),
    },
)
def read_streets(
    request: Request,
    ctx: Ctx,
    nobody: Anonymous,
    territory_id: TerritoryId,
    content: Annotated[
        str | None,
        Query(
            max_length=64, description="As in `streets` of `GET /v1/ui-config`: then the answer may be kept for good."
        ),
    ] = None,
) -> Response:
    """
    Read the streets of a territory's map as GeoJSON: at most 40,000 lines, those people drive on.

    A territory whose streets nobody has imported (`fieldops streets import`) has none: a collection without features.
    """
    found = view(ctx, nobody, read_basemap, territory_id)
    is_packed = accepts_gzip(request.headers.get("accept-encoding", ""))
    tag = f'"{found.content_hash}"' if is_packed else f'"{found.content_hash}-plain"'
    headers = {
        "Cache-Control": _FOR_GOOD if content == found.content_hash else _ASK_AGAIN,
        "ETag": tag,
        "Vary": "Accept-Encoding",
    }
    if is_known(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    if not is_packed:
        return Response(gzip.decompress(found.content), headers=headers, media_type="application/geo+json")
    headers["Content-Encoding"] = "gzip"
    return Response(found.content, headers=headers, media_type="application/geo+json")
