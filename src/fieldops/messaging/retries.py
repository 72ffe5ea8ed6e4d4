"""How often a message is tried, and how long the pauses are."""

import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from fieldops.messaging.kinds import Kind

#: Attempts to reach a person; webhooks are tried until their endpoint is disabled or the event is three days old.
MAX_ATTEMPTS: Final[Mapping[str, int]] = {
    Kind.CONFIRMATION: 10,
    Kind.REMINDER: 6,
    Kind.CHANGE: 10,
    Kind.CANCELLATION: 10,
    Kind.EARLIER_SLOT: 4,
    Kind.ON_THE_WAY: 4,
    Kind.ARRIVING_SOON: 3,
    Kind.DELAYED: 6,
    Kind.SOONER: 6,
    Kind.DONE: 6,
    Kind.APOLOGY: 10,
    Kind.SURVEY: 6,
}
MAX_WEBHOOK_ATTEMPTS: Final = 84
FIRST_PAUSE_S: Final = 15
LONGEST_PAUSE_S: Final = 3_600
#: A server that asks for more patience than this is asked again all the same.
LONGEST_REQUESTED_PAUSE_S: Final = 6 * 3_600


def max_attempts(kind: str) -> int:
    """Return how often a message of a kind is tried; event names are those of webhooks."""
    return MAX_ATTEMPTS.get(kind, MAX_WEBHOOK_ATTEMPTS)


def pause_after(message_id: str, attempt: int, requested_s: int | None = None) -> timedelta:
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

    Returns
    -------
    timedelta
        Twice as long each time, between 15 s and an hour, give or take a quarter.
    """
    base = min(FIRST_PAUSE_S * 2 ** (attempt - 1), LONGEST_PAUSE_S)
    jittered = base * random.Random(f"{message_id}:{attempt}").uniform(0.75, 1.25)
    requested = min(requested_s or 0, LONGEST_REQUESTED_PAUSE_S)
    return timedelta(seconds=max(jittered, requested))
