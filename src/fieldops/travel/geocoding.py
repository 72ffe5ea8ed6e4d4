"""From an address to a place on the map."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """An address found: as the geocoder writes it, with degrees WGS84."""

    address: str
    latitude: float
    longitude: float


class Geocoder(Protocol):
    """
    Something that knows where addresses are.

    Attributes
    ----------
    name
        Under which its answers are kept.
    """

    name: str

    def locate(self, address: str) -> Located | None:
        """
        Find an address, or return None when it is not known.

        Raises
        ------
        GeocoderUnavailable
            When it cannot be asked.
        """
        ...
