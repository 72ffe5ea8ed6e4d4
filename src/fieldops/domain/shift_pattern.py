"""A shift as people say it, in wall-clock times, and the working period it is on a given date."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from fieldops.domain.problem import Break, Shift

#: Most dates one pattern is laid on at a time: a quarter of a year.
MAX_DAYS: Final = 92
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakPattern:
    """
    A pause, in local wall-clock time; a time before the shift's start is on the next morning.

    Attributes
    ----------
    earliest_start, latest_start
        Closed interval for its start.
    place_id
        Where a fixed break takes place; None = wherever the technician is.
    paid
        Whether it counts as work time.
    """

    earliest_start: time
    latest_start: time
    duration: timedelta
    place_id: str | None = None
    paid: bool = True
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftPattern:
    """
    A working period, in local wall-clock time.

    Attributes
    ----------
    start, end
        Regular period; an end that is not after the start is on the next morning.
    overtime
        Allowed at most, after the end.
    start_place_id, end_place_id
        Where the day starts and ends; no end place = at the last visit.
    max_visits, max_travel, max_work
        Caps; None = no cap.
    """

    start: time
    end: time
    overtime: timedelta
    start_place_id: str
    end_place_id: str | None
    breaks: tuple[BreakPattern, ...] = ()
    max_visits: int | None = None
    max_travel: timedelta | None = None
    max_work: timedelta | None = None


def dates_between(first: date, last: date, weekdays: frozenset[int]) -> Iterator[date]:
    """Yield the dates from first to last, both included, that fall on these weekdays (0 = Monday)."""
    for days in range((last - first).days + 1):
        day = first + timedelta(days=days)
        if day.weekday() in weekdays:
            yield day


def shift_on(pattern: ShiftPattern, shift_id: str, day: date, zone: ZoneInfo) -> Shift:
    """
    Lay a pattern on a date, as UTC instants.

    Notes
    -----
    A wall-clock time that the date's clock change skips is read with the offset from before it (RFC 5545, section
    3.3.5), one that comes twice is its first occurrence. Overtime and breaks are true durations.
    """
    end_day = day if pattern.end > pattern.start else day + _DAY
    end = _instant(end_day, pattern.end, zone)
    return Shift(
        id=shift_id,
        start=_instant(day, pattern.start, zone),
        end=end,
        hard_end=end + pattern.overtime,
        start_place_id=pattern.start_place_id,
        end_place_id=pattern.end_place_id,
        breaks=tuple(_break_on(pause, pattern.start, day, zone) for pause in pattern.breaks),
        max_visits=pattern.max_visits,
        max_travel=pattern.max_travel,
        max_work=pattern.max_work,
    )


def _break_on(pause: BreakPattern, shift_start: time, day: date, zone: ZoneInfo) -> Break:
    """Lay a break on the date of its shift, or on the morning after."""

    def instant(clock: time) -> datetime:
        return _instant(day if clock >= shift_start else day + _DAY, clock, zone)

    return Break(
        earliest_start=instant(pause.earliest_start),
        latest_start=instant(pause.latest_start),
        duration=pause.duration,
        place_id=pause.place_id,
        paid=pause.paid,
        name=pause.name,
    )


def _instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """Read a wall clock."""
    return datetime.combine(day, clock, zone).astimezone(UTC)
