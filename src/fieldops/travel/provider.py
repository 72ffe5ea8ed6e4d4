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


def require_coordinates(places: Sequence[Place]) -> None:
    """Raise `InvalidInput` with every place whose latitude or longitude is not a number in range."""
    faults = []
    for pos, place in enumerate(places):
        for name, value, bound in (("latitude", place.latitude, 90), ("longitude", place.longitude, 180)):
            if not (math.isfinite(value) and abs(value) <= bound):
                expected = f"degrees from -{bound} to {bound}"
                faults.append(Fault(path=f"places[{pos}].{name}", found=f"{value} ({place.id})", expected=expected))
    if faults:
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
        where = f"{place.id} ({place.latitude:.5f}, {place.longitude:.5f})"
        found = f"{where}: no way to {no_way_to[pos]} and from {no_way_from[pos]} of the other {others} places"
        faults.append(Fault(path=f"places[{pos}]", found=found, expected="a place that roads lead to and from"))
    in_pairs = missing & ~is_cut_off[:, None] & ~is_cut_off[None, :]
    for start, end in np.argwhere(in_pairs).tolist():
        found = f"no way from {places[start].id} to {places[end].id}"
        faults.append(Fault(path=f"places[{start}] -> places[{end}]", found=found, expected="a road between them"))
    raise UnreachablePlaces(limited(faults))


def limited(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """Keep the first `MAX_NAMED` faults and count the rest in one more."""
    if len(faults) <= MAX_NAMED:
        return tuple(faults)
    rest = Fault(path="places", found=f"{len(faults) - MAX_NAMED} more of these", expected=faults[-1].expected)
    return (*faults[:MAX_NAMED], rest)
