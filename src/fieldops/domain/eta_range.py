"""
How much wider an ETA range is than what a simulation of the plan says, for plans change until somebody leaves.

The simulation knows how work and travel vary. It knows nothing of customers who do not open or call off, of urgent
work that is called in, and of the replans that follow: each of these has a visit come earlier or later than any
scenario of the plan as it stands. The longer it takes until then, the more of them there will be.
"""

from datetime import datetime, timedelta
from typing import Final

#: For each so long that is still to go, a range is so much wider on either side; what is farther off than the last
#: counts no more. Measured on simulated days (docs/decisions/0017-risk-by-scenarios.md); in steps, so that a range that
#: nothing has happened to stays as it is for a while.
STEP: Final = timedelta(minutes=20)
WIDER: Final = timedelta(minutes=3)
FARTHEST: Final = timedelta(hours=3)


def with_what_may_come(
    earliest: datetime, latest: datetime, *, arrival: datetime, now: datetime, begins: datetime, is_on_the_way: bool
) -> tuple[datetime, datetime]:
    """
    Widen a range that was simulated.

    Parameters
    ----------
    arrival
        The middle of what was simulated.
    begins
        When the technician's day does: nobody comes before.
    is_on_the_way
        Whether the technician is driving there: nothing comes between any more.

    Returns
    -------
    tuple[datetime, datetime]
        Holds the given one. Its begin is neither in the past nor before the day begins, unless the given one was.
    """
    if is_on_the_way or arrival <= now:
        return earliest, latest
    to_go = min(arrival - now, FARTHEST)
    margin = WIDER * ((to_go + STEP / 2) // STEP)
    return max(earliest - margin, min(earliest, max(now, begins))), latest + margin
