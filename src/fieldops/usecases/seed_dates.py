"""Moving a problem to other dates, so that a sample made once is about today whenever it is loaded."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from fieldops.domain.problem import TimeWindow

_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedDates:
    """
    Where each date of a problem has gone: its days follow each other on Mondays to Fridays.

    Attributes
    ----------
    first_date
        First date of the problem.
    days
        The date that each of its days has become.
    """

    first_date: date
    days: tuple[date, ...]
    zone: ZoneInfo

    def of(self, day: date) -> date:
        """Return the date that has become of one; dates around the problem stay as far from it as they were."""
        pos = (day - self.first_date).days
        if pos < 0:
            return self.days[0] + pos * _DAY
        if pos >= len(self.days):
            return self.days[-1] + (pos - len(self.days) + 1) * _DAY
        return self.days[pos]

    def local_date(self, instant: datetime) -> date:
        """Return the date an instant is on."""
        return instant.astimezone(self.zone).date()

    def instant(self, instant: datetime, *, to: date | None = None, since: date | None = None) -> datetime:
        """
        Move an instant, which keeps its local wall-clock time.

        Parameters
        ----------
        to, since
            Of the thing it belongs to: the date it goes to and the one it began on, so that a night shift stays in one
            piece. By default both are the instant's own.
        """
        local = instant.astimezone(self.zone)
        begun = local.date() if since is None else since
        gone_to = self.of(begun) if to is None else to
        moved = datetime.combine(local.date() + (gone_to - begun), local.time(), self.zone)
        return moved.astimezone(UTC)

    def window(self, window: TimeWindow) -> TimeWindow:
        """Move a window in one piece."""
        since = self.local_date(window.earliest)
        return TimeWindow(self.instant(window.earliest, since=since), self.instant(window.latest, since=since))


def weekdays_from(first: date) -> Iterator[date]:
    """Yield all Mondays to Fridays from a date on."""
    day = first
    while True:
        if day.weekday() < _SATURDAY:
            yield day
        day += _DAY


def moved_dates(first_date: date, num_days: int, time_zone: str, *, to: date) -> MovedDates:
    """Move the days of a problem to the Mondays to Fridays from a date on."""
    return MovedDates(first_date=first_date, days=tuple(islice(weekdays_from(to), num_days)), zone=ZoneInfo(time_zone))
