"""A clock that begins at any instant and goes faster than ours; for demonstrations only."""

from datetime import datetime, timedelta
from threading import Lock
from time import monotonic, sleep
from typing import Final

#: So far the clock may be ahead of those who live by it; then it waits for them.
LEAD: Final = timedelta(minutes=2)


class FastClock:
    """
    A clock for a simulated day.

    Parameters
    ----------
    begin
        What it shows when it is made.
    speed
        Its seconds in one of ours, as long as the day keeps up with it.
    """

    def __init__(self, *, begin: datetime, speed: float) -> None:
        self.speed = speed
        self._shown, self._at = begin, monotonic()
        self._limit = begin + LEAD
        self._lock = Lock()

    def now(self) -> datetime:
        """Give the instant it shows; it never goes back."""
        with self._lock:
            at = monotonic()
            passed = timedelta(seconds=(at - self._at) * self.speed)
            self._shown, self._at = max(self._shown, min(self._shown + passed, self._limit)), at
            return self._shown

    def wait_until(self, at: datetime) -> None:
        """Wait until it shows an instant; until the next call it goes on from there by `LEAD` at most."""
        with self._lock:
            self._limit = max(self._limit, at + LEAD)
        while (left := at - self.now()) > timedelta(0):
            sleep(left / timedelta(seconds=1) / self.speed)
