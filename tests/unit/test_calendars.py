"""What calendars say, read back with a parser."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from fieldops.domain.problem import TimeWindow
from fieldops.usecases.calendars import Appointment, CalendarEntry, appointment_calendar, technician_calendar

NOW = datetime(2026, 3, 16, 12, tzinfo=UTC)


def _appointment(**changes: Any) -> Appointment:
    defaults: dict[str, Any] = {
        "booking_id": "bk_1",
        "version": 1,
        "changed_at": NOW,
        "is_canceled": False,
        "window": TimeWindow(NOW, NOW + timedelta(hours=2)),
        "summary": "Boiler; heating, gas\nsecond line",
        "address": "1 Main Street, Washington",
        "time_zone": "America/New_York",
    }
    return Appointment(**{**defaults, **changes})


def _entry(**changes: Any) -> CalendarEntry:
    defaults: dict[str, Any] = {
        "uid": "vi_1.sh_1@fieldops",
        "sequence": 4,
        "start": NOW,
        "end": NOW + timedelta(minutes=30),
        "summary": "Boiler inspection",
    }
    return CalendarEntry(**{**defaults, **changes})


def test_appointment_names_window_place_and_zone() -> None:
    """The customer's phone should show the promised window, also when it is abroad."""
    text = appointment_calendar(_appointment())
    calendar = Calendar.from_ical(text)
    (event,) = calendar.events

    assert calendar["METHOD"] == "PUBLISH"
    assert [zone.tz_name for zone in calendar.timezones] == ["America/New_York"]
    assert (event.start, event.end) == (NOW, NOW + timedelta(hours=2))
    assert b"DTSTART;TZID=America/New_York:20260316T080000" in text
    assert event["SUMMARY"] == "Appointment: Boiler; heating, gas\nsecond line"
    assert event["DESCRIPTION"] == "The technician arrives between 08:00 and 10:00."
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == ("bk_1@fieldops", 0, "CONFIRMED")


def test_later_versions_replace_earlier_ones() -> None:
    """A calendar takes over a change only if the UID is the same and the sequence higher."""
    versions = [
        _appointment(),
        _appointment(version=2),
        _appointment(version=3),
        _appointment(version=4, is_canceled=True),
    ]
    events = [Calendar.from_ical(appointment_calendar(each)).events[0] for each in versions]

    assert {event["UID"] for event in events} == {"bk_1@fieldops"}
    assert [event["SEQUENCE"] for event in events] == [0, 1, 2, 3]
    assert [event["STATUS"] for event in events] == ["CONFIRMED", "CONFIRMED", "CONFIRMED", "CANCELLED"]


@pytest.mark.parametrize(("language", "begin"), [("de", "Termin: "), ("en", "Appointment: "), ("fr", "Appointment: ")])
def test_appointment_is_in_the_customers_language(language: str, begin: str) -> None:
    """A language without templates falls back to English instead of failing."""
    event = Calendar.from_ical(appointment_calendar(_appointment(language=language))).events[0]

    assert event["SUMMARY"].startswith(begin)


def test_user_data_cannot_add_lines_to_a_calendar() -> None:
    """A summary with line breaks must not end up as properties of its own."""
    text = appointment_calendar(_appointment(summary="x\r\nATTENDEE:mailto:eve@example.com\r\nEND:VEVENT"))

    assert len(Calendar.from_ical(text).events) == 1
    assert not any(line.startswith((b"ATTENDEE", b"END:VEVENT\r\nATT")) for line in text.splitlines())


def test_technicians_calendar_shows_stops_in_the_local_zone() -> None:
    """A stop held for a customer who is still deciding is tentative; what was promised stands beside it."""
    entries = [
        _entry(address="1 Main Street", window=TimeWindow(NOW, NOW + timedelta(hours=2))),
        _entry(uid="vi_2.sh_1@fieldops", start=NOW + timedelta(hours=1), is_tentative=True),
    ]
    calendar = Calendar.from_ical(technician_calendar("Kim", "America/New_York", entries, NOW))
    first, second = calendar.events

    assert calendar["X-WR-CALNAME"] == "Kim"
    assert (first.start, first["LOCATION"], first["STATUS"]) == (NOW, "1 Main Street", "CONFIRMED")
    assert first["DESCRIPTION"] == "Promised: 08:00 to 10:00"
    assert (first["SEQUENCE"], second["STATUS"]) == (4, "TENTATIVE")


def test_calendar_without_entries_is_a_calendar() -> None:
    """A technician on vacation still has a calendar that can be subscribed to."""
    calendar = Calendar.from_ical(technician_calendar("Kim", "America/New_York", [], NOW))

    assert list(calendar.events) == []


def test_calendar_of_a_clock_change_keeps_instants() -> None:
    """1:30 comes twice on 2026-11-01 in New York; an event an hour later must not be read as the same instant."""
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    entries = [_entry(start=first, end=first + timedelta(hours=2)), _entry(start=first + timedelta(hours=2))]
    calendar = Calendar.from_ical(technician_calendar("Kim", "America/New_York", entries, NOW))

    assert [event.start.astimezone(UTC) for event in calendar.events] == [first, first + timedelta(hours=2)]
    assert calendar.events[0].end.astimezone(UTC) == first + timedelta(hours=2)
