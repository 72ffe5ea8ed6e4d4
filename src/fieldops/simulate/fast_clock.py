"""A clock that begins at any instant and goes faster than ours; for demonstrations only."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic, sleep


@dataclass(frozen=True, slots=True, kw_only=True)
class FastClock:
    """
    A clock for a simulated day.

    Attributes
    ----------
    begin
        What it shows when it is made.
    speed
        Its seconds in one of ours.
    made
        When it was, by our own clock.
    """

    begin: datetime
    speed: float
    made: float = field(default_factory=monotonic)

    def now(self) -> datetime:
        """Give the instant it shows, in whole milliseconds."""
        passed_ms = int((monotonic() - self.made) * self.speed * 1_000)
        return self.begin + timedelta(milliseconds=passed_ms)

    def wait_until(self, at: datetime) -> None:
        """Wait until it shows an instant."""
        sleep(max(0.0, (at - self.now()) / timedelta(seconds=1) / self.speed))
