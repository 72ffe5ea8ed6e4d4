"""When nobody wants to hear from us: a daily period in local wall-clock time, which may span midnight."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

#: A reminder moved ahead of a quiet period leaves this much before it, so that a late worker still makes it.
LEAD: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """
    A daily quiet period.

    Attributes
    ----------
    begins, ends
        Local wall-clock times; quiet from `begins` on, no longer at `ends`. Equal = never quiet.
    zone
        Where they are read.

    Notes
    -----
    A wall-clock time that a clock change skips is read with the offset from before it, one that comes twice is its
    first occurrence: the period is an hour shorter or longer on those nights, and `ends` keeps its name on the clock.
    """

    begins: time
    ends: time
    zone: ZoneInfo

    def period_around(self, instant: datetime) -> tuple[datetime, datetime] | None:
        """Return the quiet period an instant lies in, as UTC instants; None when it may be spoken."""
        if self.begins == self.ends:
            return None
        today = instant.astimezone(self.zone).date()
        for day in (today - timedelta(days=1), today):
            start, end = self._period_from(day)
            if start <= instant < end:
                return start, end
        return None

    def next_allowed(self, instant: datetime) -> datetime:
        """Return the first instant from this one on that is not quiet, in UTC."""
        period = self.period_around(instant)
        return instant.astimezone(UTC) if period is None else period[1]

    def last_allowed(self, instant: datetime) -> datetime:
        """Return this instant, or `LEAD` before the quiet period it lies in, in UTC."""
        period = self.period_around(instant)
        return instant.astimezone(UTC) if period is None else period[0] - LEAD

    def _period_from(self, day: date) -> tuple[datetime, datetime]:
        """Return the period that begins on a local date, as UTC instants."""
        end_day = day if self.begins < self.ends else day + timedelta(days=1)
        start = datetime.combine(day, self.begins, self.zone).astimezone(UTC)
        end = datetime.combine(end_day, self.ends, self.zone).astimezone(UTC)
        return start, end


def reminder_at(window_start: datetime, now: datetime, before: timedelta, quiet: QuietHours) -> datetime | None:
    """
    Return when a reminder should leave.

    Parameters
    ----------
    before
        How long before the window it is wanted.

    Returns
    -------
    datetime | None
        `before` the window; at the end of the quiet period that instant lies in, or, when the window begins by then,
        ahead of that period. None when it is too late for a reminder: what was sent just now reminds well enough.
    """
    # In UTC: arithmetic in a zone is that of the wall clock, an hour off when it changes.
    wanted = window_start.astimezone(UTC) - before
    if wanted <= now:
        return None
    at = quiet.next_allowed(wanted)
    if at >= window_start:
        at = quiet.last_allowed(wanted)
    return at if at > now else None
