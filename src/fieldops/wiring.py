"""The composition root: the only module that names concrete adapters."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fieldops.domain.problem import Place, TravelSource
from fieldops.errors import Fault, InvalidInput
from fieldops.files.matrix import load_matrix
from fieldops.travel.geodesic import GeodesicTravel
from fieldops.travel.matrix import MatrixTravel
from fieldops.travel.osrm import OsrmTravel
from fieldops.travel.provider import TravelMatrix, TravelProvider, TravelTable


def travel_provider(source: TravelSource, *, base_dir: Path) -> TravelProvider:
    """
    Return the provider a problem asks for.

    Parameters
    ----------
    base_dir
        Folder of the problem file: a matrix path is relative to it.

    Raises
    ------
    InvalidInput
        When the kind is unknown, or what the kind needs is missing or wrong.
    """
    match source.kind:
        case "geodesic":
            return GeodesicTravel(coefficient_s=source.coefficient_s, exponent=source.exponent, detour=source.detour)
        case "matrix":
            path = _needed("matrix_path", source.matrix_path, "the path of a matrix file, since travel.kind is matrix")
            return _MatrixFile(path=base_dir / path)
        case "osrm":
            return OsrmTravel(
                url=_needed("url", source.url, "the address of an OSRM server, since travel.kind is osrm")
            )
        case other:
            expected = "geodesic, matrix or osrm"
            raise InvalidInput([Fault(path="travel.kind", found=repr(other), expected=expected)])


@dataclass(frozen=True, slots=True, kw_only=True)
class _MatrixFile:
    """A matrix file, read when the places are known: it must have a row for each of them."""

    path: Path

    def matrix(self, places: Sequence[Place]) -> TravelMatrix:
        """Read the file for these places."""
        return self._travel(places).matrix(places)

    def between(self, origins: Sequence[Place], destinations: Sequence[Place]) -> TravelTable:
        """Read the file for these places."""
        return self._travel([*origins, *destinations]).between(origins, destinations)

    def _travel(self, places: Sequence[Place]) -> MatrixTravel:
        """Read the file, which has to have these places and no others."""
        place_ids = tuple(dict.fromkeys(place.id for place in places))
        duration_s, distance_m = load_matrix(self.path, place_ids)
        return MatrixTravel(place_ids=place_ids, duration_s=duration_s, distance_m=distance_m)


def _needed(name: str, value: str | None, expected: str) -> str:
    """Return a value the kind cannot do without, or raise."""
    if not value:
        raise InvalidInput([Fault(path=f"travel.{name}", found="nothing", expected=expected)])
    return value
