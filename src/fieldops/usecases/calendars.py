"""
Calendars as text: a technician's days, a customer's appointment (RFC 5545).

Calendars are copied to phones and to other companies' servers. They carry what is needed to be at the right place at
the right time: no names of customers, no phone numbers, no notes on how to get in.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from fieldops.domain.problem import TimeWindow

PRODUCT_ID: Final = "-//fieldops//calendar//EN"
#: How often a subscribed calendar asks again.
REFRESH: Final = timedelta(minutes=15)
#: Around the events, so that the zone's rules cover them all.
_ZONE_MARGIN: Final = timedelta(days=2)
_APPOINTMENT: Final = {"en": "Appointment: {summary}", "de": "Termin: {summary}"}
_ARRIVAL: Final = {
    "en": "The technician arrives between {earliest} and {latest}.",
    "de": "Die Technikerin oder der Techniker kommt zwischen {earliest} und {latest} Uhr.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry:
    """
    Something in a technician's calendar: a stop or a break.

    Attributes
    ----------
    uid
        The same for the same thing on the same shift, always.
    sequence
        Rises when the entry changes.
    is_tentative
        Held for a customer who is deciding.
    window
        What the customer was promised.
    note
        What is known of it on its day, perhaps empty.
    """

    uid: str
    sequence: int
    start: datetime
    end: datetime
    summary: str
    address: str = ""
    is_tentative: bool = False
    window: TimeWindow | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """
    A booking, as its customer needs it in a calendar.

    Attributes
    ----------
    version
        Of the booking; raised by every change of the window, and when it is canceled.
    changed_at
        When it got this version.
    language
        ``en`` or ``de``.
    """

    booking_id: str
    version: int
    changed_at: datetime
    is_canceled: bool
    window: TimeWindow
    summary: str
    address: str
    time_zone: str
    language: str = "en"


def technician_calendar(name: str, time_zone: str, entries: Iterable[CalendarEntry], now: datetime) -> bytes:
    """Write the calendar a technician's phone subscribes to."""
    zone = ZoneInfo(time_zone)
    calendar = _calendar()
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", time_zone)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", REFRESH, parameters={"VALUE": "DURATION"})
    for entry in entries:
        event = _event(entry.uid, entry.sequence, entry.start.astimezone(zone), entry.end.astimezone(zone), now)
        event.add("summary", entry.summary)
        event.add("status", "TENTATIVE" if entry.is_tentative else "CONFIRMED")
        if entry.address:
            event.add("location", entry.address)
        lines = [entry.note] if entry.note else []
        if entry.window is not None:
            lines.insert(0, f"Promised: {_clock(entry.window.earliest, zone)} to {_clock(entry.window.latest, zone)}")
        if lines:
            event.add("description", "\n".join(lines))
        calendar.add_component(event)
    return _written(calendar)


def appointment_calendar(appointment: Appointment) -> bytes:
    """
    Write a customer's appointment; a later version replaces the earlier one in the customer's calendar.

    Notes
    -----
    The sequence rises with the version of the booking (RFC 5545, section 3.8.7.4).
    """
    zone = ZoneInfo(appointment.time_zone)
    language = appointment.language if appointment.language in _APPOINTMENT else "en"
    window = appointment.window
    calendar = _calendar()
    calendar.add("method", "PUBLISH")
    event = _event(
        f"{appointment.booking_id}@fieldops",
        appointment.version - 1,
        window.earliest.astimezone(zone),
        window.latest.astimezone(zone),
        appointment.changed_at,
    )
    event.add("last-modified", appointment.changed_at)
    event.add("summary", _APPOINTMENT[language].format(summary=appointment.summary))
    event.add("status", "CANCELLED" if appointment.is_canceled else "CONFIRMED")
    event.add("location", appointment.address)
    times = {"earliest": _clock(window.earliest, zone), "latest": _clock(window.latest, zone)}
    event.add("description", _ARRIVAL[language].format(**times))
    calendar.add_component(event)
    return _written(calendar)


def _calendar() -> Calendar:
    """Begin a calendar."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT_ID)
    calendar.add("version", "2.0")
    return calendar


def _event(uid: str, sequence: int, start: datetime, end: datetime, stamped: datetime) -> Event:
    """Begin an event."""
    event = Event()
    event.add("uid", uid)
    event.add("sequence", sequence)
    event.add("dtstamp", stamped)
    event.add("dtstart", start)
    event.add("dtend", end)
    return event


def _written(calendar: Calendar) -> bytes:
    """Name the rules of the zones, and write."""
    starts = [event.DTSTART.date() for event in calendar.events if isinstance(event.DTSTART, datetime)]
    if starts:
        calendar.add_missing_timezones(first_date=min(starts) - _ZONE_MARGIN, last_date=max(starts) + _ZONE_MARGIN)
    text: bytes = calendar.to_ical()
    return text


def _clock(instant: datetime, zone: ZoneInfo) -> str:
    """Write what the wall clock shows."""
    return f"{instant.astimezone(zone):%H:%M}"
