"""Addresses and places."""

from typing import ClassVar

from pydantic import Field

from fieldops.api.schemas.base import Schema


class AddressRequest(Schema):
    """An address to be found."""

    EXAMPLE: ClassVar = {"address": "1380 Quincy St NW, Washington, DC 20011"}

    address: str = Field(min_length=1, max_length=500, examples=["1380 Quincy St NW, Washington, DC 20011"])


class LocatedSchema(Schema):
    """An address found."""

    address: str = Field(
        description="As the geocoder writes it.", examples=["1380 Quincy Street Northwest, Washington, DC 20011"]
    )
    latitude: float = Field(description="Degrees, WGS84.", examples=[38.937613])
    longitude: float = Field(examples=[-77.032111])
    geocoded_by: str = Field(description="Name of the geocoder.", examples=["table"])
