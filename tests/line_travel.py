"""Travel times for tests that can be computed by heart."""

from collections.abc import Sequence

import numpy as np

from fieldops.domain.problem import Place
from fieldops.travel.provider import TravelMatrix, TravelTable


class LineTravel:
    """Places in a row: the way to the next one takes 600 s, back to the one before 900 s, and is 5 km either way."""

    def matrix(self, places: Sequence[Place]) -> TravelMatrix:
        """Return the travel between places whose order is their order in the row."""
        number = np.arange(len(places))
        steps = number[None, :] - number[:, None]
        return TravelMatrix(
            duration_s=np.where(steps > 0, 600 * steps, -900 * steps).astype(np.int32),
            distance_m=(5_000 * np.abs(steps)).astype(np.int32),
            snap_m=(None,) * len(places),
        )

    def between(self, origins: Sequence[Place], destinations: Sequence[Place]) -> TravelTable:
        """Return the travel between places whose order, origins first, is their order in the row."""
        whole = self.matrix([*origins, *destinations])
        cells = np.s_[: len(origins), len(origins) :]
        return TravelTable(duration_s=whole.duration_s[cells], distance_m=whole.distance_m[cells])
