"""Fit the geodesic power law to a road engine's answers between real places."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from fieldops.domain.problem import Place, TravelSource
from fieldops.travel.fit import TravelFit, fit_to_provider
from fieldops.travel.provider import TravelProvider

#: Places asked for at most: 160,000 pairs say all there is to say, and spare the server.
MAX_PLACES: Final = 400


def fit_travel(
    places: Sequence[Place],
    provider: TravelProvider,
    *,
    before: TravelSource | None = None,
    max_places: int = MAX_PLACES,
) -> TravelFit:
    """
    Fit coefficient, exponent and detour to what a provider says about these places.

    Parameters
    ----------
    places
        Those of a problem, or points read from a table. Of several at the same coordinates the first is taken; of more
        than `max_places`, that many spread evenly over their order.
    provider
        Knows roads; a geodesic one would only give its own parameters back.
    before
        The geodesic parameters in use, for comparison; the product's defaults when None.

    Raises
    ------
    InvalidInput, TravelUnavailable
        As the provider does, and when too few places are different.
    """
    first_at: dict[tuple[float, float], Place] = {}
    for place in places:
        first_at.setdefault((place.latitude, place.longitude), place)
    distinct = list(first_at.values())
    if len(distinct) > max_places:
        spread = np.linspace(0, len(distinct) - 1, max_places).round().astype(int)
        distinct = [distinct[pos] for pos in spread.tolist()]
    return fit_to_provider(distinct, provider, before or TravelSource())
