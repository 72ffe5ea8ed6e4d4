"""What a travel-time provider promises, and the checks every provider shares."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fieldops.domain.problem import Place
from fieldops.errors import Fault, InvalidInput, UnreachablePlaces

IntArray = NDArray[np.int32]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

#: Unreachable places and pairs named in one error; the rest is counted.
MAX_NAMED = 20


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TravelMatrix:
    """
    Travel between all pairs of places.

    Attributes
    ----------
    duration_s, distance_m
        Whole seconds and meters from place i to place j, int32, shape ``(n, n)``, directed, 0 on the diagonal.
    snap_m
        Per place: meters from the place to the road it was moved to, or None where the provider knows no roads.
    """

    duration_s: IntArray
    distance_m: IntArray
    snap_m: tuple[int | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TravelTable:
    """
    Travel from some places to others.

    Attributes
    ----------
    duration_s, distance_m
        Whole seconds and meters from origin i to destination j, int32, shape ``(origins, destinations)``.
    """

    duration_s: IntArray
    distance_m: IntArray


class TravelProvider(Protocol):
    """Something that knows how long it takes to drive between places."""

    def matrix(self, places: Sequence[Place]) -> TravelMatrix:
        """
        Return durations and distances between all pairs of places, in their order.

        Raises
        ------
        InvalidInput
            When coordinates are no coordinates.
        UnreachablePlaces
            When there is no way between some of them; it is never reported as 0.
        TravelUnavailable
            When the provider cannot be asked, or does not answer with travel times.
        """
        ...

    def between(self, origins: Sequence[Place], destinations: Sequence[Place]) -> TravelTable:
        """
        Return durations and distances from each origin to each destination, in their orders.

        Between the same places the answer is that of `matrix`, and it raises the same errors.
        """
        ...


class SameBothWays:
    """Base of providers by whose reckoning the way back always is the way there."""

    __slots__ = ()


def there_and_back(provider: TravelProvider, places: Sequence[Place], place: Place) -> tuple[TravelTable, TravelTable]:
    """
    Return the travel from many places to one, and from that one to them.

    Raises
    ------
    InvalidInput, UnreachablePlaces, TravelUnavailable
        As the provider does.
    """
    there = provider.between(places, [place])
    if not isinstance(provider, SameBothWays):
        return there, provider.between([place], places)
    return there, TravelTable(duration_s=there.duration_s.T, distance_m=there.distance_m.T)


def slowed(travel: TravelMatrix, permille: int) -> TravelMatrix:
    """Scale the durations of a matrix, rounded half up: what a nominal 1,000 seconds of travel take now."""
    if permille == 1_000:
        return travel
    seconds = (travel.duration_s.astype(np.int64) * permille + 500) // 1_000
    return TravelMatrix(
        duration_s=np.ascontiguousarray(seconds, np.int32), distance_m=travel.distance_m, snap_m=travel.snap_m
    )


def require_coordinates(places: Sequence[Place], *, path: str = "places") -> tuple[FloatArray, FloatArray]:
    """
    Raise `InvalidInput` with every place whose latitude or longitude is not a number in range.

    Parameters
    ----------
    path
        What the sequence is called in the faults.

    Returns
    -------
    tuple[FloatArray, FloatArray]
        Latitudes and longitudes, degrees.
    """
    latitudes = np.array([place.latitude for place in places], np.float64)
    longitudes = np.array([place.longitude for place in places], np.float64)
    # Not a number is not within the bounds either.
    is_fine = (np.abs(latitudes) <= 90) & (np.abs(longitudes) <= 180)
    if is_fine.all():
        return latitudes, longitudes
    faults = []
    for pos in np.flatnonzero(~is_fine).tolist():
        place = places[pos]
        for name, value, bound in (("latitude", place.latitude, 90), ("longitude", place.longitude, 180)):
            if not (math.isfinite(value) and abs(value) <= bound):
                expected = f"degrees from -{bound} to {bound}"
                faults.append(Fault(path=f"{path}[{pos}].{name}", found=f"{value} ({place.id})", expected=expected))
    raise InvalidInput(faults)


def require_reachable(places: Sequence[Place], missing: BoolArray) -> None:
    """
    Raise `UnreachablePlaces` unless there is a way between all pairs.

    Parameters
    ----------
    missing
        Shape ``(n, n)``: whether there is no way from i to j; the diagonal does not matter.

    Notes
    -----
    A place cut off from more than half of the others is named once, and not again in each of its pairs: what has to be
    corrected is the place.
    """
    missing = missing & ~np.eye(len(places), dtype=bool)
    if not missing.any():
        return
    others = len(places) - 1
    no_way_to, no_way_from = missing.sum(axis=1), missing.sum(axis=0)
    is_cut_off = no_way_to + no_way_from > others
    faults = []
    for pos in np.flatnonzero(is_cut_off).tolist():
        place = places[pos]
        ways = f"no way to {no_way_to[pos]} and from {no_way_from[pos]}"
        found = f"{_where(place)}: {ways} of the other {others} places"
        faults.append(Fault(path=f"places[{pos}]", found=found, expected="a place that roads lead to and from"))
    in_pairs = missing & ~is_cut_off[:, None] & ~is_cut_off[None, :]
    for start, end in np.argwhere(in_pairs).tolist():
        found = f"no way from {places[start].id} to {places[end].id}"
        faults.append(Fault(path=f"places[{start}] -> places[{end}]", found=found, expected="a road between them"))
    raise UnreachablePlaces(limited(faults))


def require_ways(origins: Sequence[Place], destinations: Sequence[Place], missing: BoolArray) -> None:
    """
    Raise `UnreachablePlaces` unless there is a way from every origin to every destination.

    Parameters
    ----------
    missing
        Shape ``(origins, destinations)``: whether there is no way from i to j.

    Notes
    -----
    A place cut off from more than half of the other side is named once, and not again in each of its pairs.
    """
    if not missing.any():
        return
    faults = []
    leads_nowhere = 2 * missing.sum(axis=1) > len(destinations)
    is_out_of_reach = 2 * missing.sum(axis=0) > len(origins)
    # With a single place on the other side every pair would count as a place of its own.
    if len(destinations) == 1:
        leads_nowhere[:] = False
    if len(origins) == 1:
        is_out_of_reach[:] = False
    for pos in np.flatnonzero(leads_nowhere).tolist():
        found = f"{_where(origins[pos])}: no way to {missing[pos].sum()} of {len(destinations)} destinations"
        faults.append(Fault(path=f"origins[{pos}]", found=found, expected="a place that roads lead from"))
    for pos in np.flatnonzero(is_out_of_reach).tolist():
        found = f"{_where(destinations[pos])}: no way from {missing[:, pos].sum()} of {len(origins)} origins"
        faults.append(Fault(path=f"destinations[{pos}]", found=found, expected="a place that roads lead to"))
    for start, end in np.argwhere(missing & ~leads_nowhere[:, None] & ~is_out_of_reach).tolist():
        found = f"no way from {origins[start].id} to {destinations[end].id}"
        faults.append(Fault(path=f"origins[{start}] -> destinations[{end}]", found=found, expected="a road"))
    raise UnreachablePlaces(limited(faults))


def _where(place: Place) -> str:
    """Name a place with its coordinates."""
    return f"{place.id} ({place.latitude:.5f}, {place.longitude:.5f})"


def limited(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """Keep the first `MAX_NAMED` faults and count the rest in one more."""
    if len(faults) <= MAX_NAMED:
        return tuple(faults)
    rest = Fault(path="places", found=f"{len(faults) - MAX_NAMED} more of these", expected=faults[-1].expected)
    return (*faults[:MAX_NAMED], rest)
