"""What the web front end is told."""

from pydantic import Field

from fieldops.api.schemas.base import Instant, Schema


class Tiles(Schema):
    """Where maps load their tiles from."""

    url: str = Field(description="With {z}, {x} and {y}.", examples=["https://tiles.example.com/{z}/{x}/{y}.png"])
    attribution: str = Field(description="Whom the map names as their source.")


class WebConfig(Schema):
    """What a page has to know before anybody has logged in."""

    version: str = Field(description="Of the service.", examples=["0.1.0"])
    tiles: Tiles | None = Field(description="Null: maps show the streets at `basemap`.")
    basemap: str = Field(
        description="Address of the streets of a territory.",
        examples=["/v1/territories/{territory_id}/basemap.geojson"],
    )
    now: Instant = Field(description="The present, as the service counts.")
    clock_speed: float = Field(
        description="Seconds of its clock in one of ours: 1, but for demonstrations.", examples=[1.0]
    )
    languages: list[str] = Field(description="In which customers are written to.", examples=[["de", "en"]])
