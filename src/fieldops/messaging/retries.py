"""When a message is tried again, and when another way to the customer is tried instead."""

import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from fieldops.messaging.kinds import Kind

#: Attempts one way before another one is tried, where the customer has another. A message that has no other way is
#: tried until it is too late: what is down for hours loses nothing.
ATTEMPTS_ONE_WAY: Final[Mapping[str, int]] = {
    Kind.CONFIRMATION: 10,
    Kind.REMINDER: 6,
    Kind.CHANGE: 10,
    Kind.CANCELLATION: 10,
    Kind.EARLIER_SLOT: 4,
    Kind.ON_THE_WAY: 4,
    Kind.ARRIVING_SOON: 3,
    Kind.DELAYED: 6,
    Kind.SOONER: 6,
    Kind.UNCERTAIN: 6,
    Kind.EXPECTED: 6,
    Kind.DONE: 6,
    Kind.APOLOGY: 10,
    Kind.SURVEY: 6,
}
FIRST_PAUSE_S: Final = 15
LONGEST_PAUSE_S: Final = 3_600
#: A server that asks for more patience than this is asked again all the same.
LONGEST_REQUESTED_PAUSE_S: Final = 6 * 3_600


def should_go_elsewhere(kind: str, attempts: int) -> bool:
    """Tell whether a message was tried one way often enough; an event for another system has one way only."""
    return kind in ATTEMPTS_ONE_WAY and attempts >= ATTEMPTS_ONE_WAY[kind]


def pause_after(
    message_id: str, attempt: int, requested_s: int | None = None, left: timedelta | None = None
) -> timedelta:
    """
    Return how long to wait before the next attempt.

    Parameters
    ----------
    message_id
        Seeds the jitter: messages that failed together come back apart, and one message always alike.
    attempt
        Number of the attempt that failed, from 1.
    requested_s
        What the other side asked for, in seconds; never waited less, up to `LONGEST_REQUESTED_PAUSE_S`.
    left
        How long the message is still of use; None = for ever.

    Returns
    -------
    timedelta
        Twice as long each time, between 15 s and an hour, give or take a quarter; no longer than half of what is left,
        so that nothing becomes pointless in a pause.
    """
    base = min(FIRST_PAUSE_S * 2 ** min(attempt - 1, 10), LONGEST_PAUSE_S)
    jittered = base * random.Random(f"{message_id}:{attempt}").uniform(0.75, 1.25)
    if left is not None:
        jittered = min(jittered, max(left.total_seconds() / 2, FIRST_PAUSE_S))
    requested = min(requested_s or 0, LONGEST_REQUESTED_PAUSE_S)
    return timedelta(seconds=max(jittered, requested))
