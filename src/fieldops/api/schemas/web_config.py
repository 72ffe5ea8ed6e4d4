"""What the web front end is told."""

from pydantic import Field

from fieldops.api.schemas.base import Instant, Schema


class Tiles(Schema):
    """Where maps load their tiles from."""

    url: str = Field(description="With {z}, {x} and {y}.", examples=["https://tiles.example.com/{z}/{x}/{y}.png"])
    attribution: str = Field(description="Whom the map names as their source.")


class WebConfig(Schema):
    """What a page has to know before anybody has logged in."""

    tiles: Tiles | None = Field(description="Null: maps show the streets of the territory.")
    streets: dict[str, str] = Field(
        description="By id of the territory, of those that have streets: `content` of their address, which changes "
        "with the streets.",
        examples=[{"te_7h3k9c2m4p6r8t0w": "0f2a9c4b7d1e8f3a6c5b0d9e2f7a4c1b"}],
    )
    now: Instant = Field(description="The present, as the service counts.")
    clock_speed: float = Field(
        description="Seconds of its clock in one of ours: 1, but for demonstrations.", examples=[1.0]
    )
