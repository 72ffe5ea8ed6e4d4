"""What a territory has decided about offering, holding and planning."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from fieldops.domain.problem import TimeWindow


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """
    The rules of one territory.

    Attributes
    ----------
    hold_duration
        How long a window is held for a customer who is deciding.
    hold_most
        The longest a window is held when the customer asks for more time, counted from when it was held.
    offer_duration
        How long an offer can be taken up.
    waitlist_offer
        How long an earlier window that somebody on the waitlist was asked about can be taken up.
    notice
        Least time between now and the start of a window offered.
    horizon_days
        Days offered, counted from today, 1 to 14.
    buffer
        Time kept free before the end of a promised window: a visit is put where it starts that much earlier.
    nearby
        A technician with at most this extra travel for a visit is *nearby*.
    reach
        Customers book for themselves what is at most this travel away from where some technician starts.
    plan_at
        Local time of the nightly planning of the next days. Before noon these begin with the day that is about to
        begin, later with the next one.
    plan_days_ahead
        How many days the nightly planning covers.
    plan_seconds
        Search budget of one date in seconds.
    publishes
        Whether the nightly plan is published without a dispatcher.
    reminder_before
        How long before the window a reminder is sent.
    quiet_from, quiet_until
        No message to a person leaves in this local period; it may span midnight.
    contact
        What messages give as the company's name, phone number and address to reply to.
    """

    hold_duration: timedelta = timedelta(minutes=10)
    hold_most: timedelta = timedelta(minutes=30)
    offer_duration: timedelta = timedelta(minutes=30)
    waitlist_offer: timedelta = timedelta(minutes=30)
    notice: timedelta = timedelta(hours=2)
    horizon_days: int = 14
    buffer: timedelta = timedelta(minutes=15)
    nearby: timedelta = timedelta(minutes=10)
    reach: timedelta = timedelta(minutes=60)
    plan_at: time = time(2, 0)
    plan_days_ahead: int = 3
    plan_seconds: int = 20
    publishes: bool = True
    reminder_before: timedelta = timedelta(hours=24)
    quiet_from: time = time(20, 0)
    quiet_until: time = time(8, 0)
    contact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedWindow:
    """
    An arrival window offered on some weekdays, in local wall-clock time.

    Attributes
    ----------
    weekdays
        0 = Monday to 6 = Sunday.
    start, end
        Closed interval for the start of service; `end` is later on the same date.
    """

    weekdays: frozenset[int]
    start: time
    end: time


def windows_on(pattern: tuple[OfferedWindow, ...], day: date, zone: ZoneInfo) -> Iterator[TimeWindow]:
    """
    Yield the windows of one date as UTC instants, in the order of the pattern.

    A wall-clock time that the date's clock change skips is read with the offset from before it (RFC 5545, section
    3.3.5), one that comes twice is its first occurrence. A window that thereby loses its length is not offered.
    """
    for offered in pattern:
        if day.weekday() not in offered.weekdays:
            continue
        earliest = datetime.combine(day, offered.start, zone).astimezone(UTC)
        latest = datetime.combine(day, offered.end, zone).astimezone(UTC)
        if earliest < latest:
            yield TimeWindow(earliest, latest)
