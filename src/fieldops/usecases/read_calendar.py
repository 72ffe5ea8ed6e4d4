"""Read calendars: a technician's days, and the appointment of one booking."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select

from fieldops.domain.problem import TimeWindow
from fieldops.errors import NotFound
from fieldops.store.tables import (
    BookingRow,
    CustomerRow,
    PlanRow,
    RouteRow,
    SiteRow,
    TerritoryRow,
    VisitRow,
    WorkOrderRow,
)
from fieldops.usecases.calendars import Appointment, CalendarEntry, appointment_calendar, technician_calendar
from fieldops.usecases.read_bookings import find_booking
from fieldops.usecases.staffing import today_in
from fieldops.usecases.technician_day import own_technician, stop_rows
from fieldops.usecases.work import Work

#: Dates a subscribed calendar shows before and after today.
DAYS_BACK: Final = 7
DAYS_AHEAD: Final = 30


def read_technician_calendar(work: Work, technician_id: str) -> bytes:
    """
    Write the calendar a technician's phone subscribes to: last week and the next thirty days.

    Raises
    ------
    NotFound
        When there is no such technician, or the caller is another technician.

    Notes
    -----
    An entry is known by its visit and shift; its sequence is the version of the plan that last changed the route. It
    stands at its planned time; on a day under way it also says where the visit stands, and when to expect it.
    """
    technician, territory = own_technician(work, technician_id)
    today = today_in(work, territory)
    query = (
        select(RouteRow)
        .join(PlanRow, PlanRow.id == RouteRow.plan_id)
        .where(RouteRow.technician_id == technician_id, RouteRow.until_version.is_(None))
        .where(PlanRow.date.between(today - timedelta(days=DAYS_BACK), today + timedelta(days=DAYS_AHEAD)))
    )
    routes = work.session.scalars(query).all()
    entries = [*_stops(work, [route.id for route in routes], ZoneInfo(territory.time_zone))]
    for route in routes:
        entries += _breaks(route)
    entries.sort(key=lambda entry: (entry.start, entry.uid))
    return technician_calendar(technician.name, territory.time_zone, entries, work.now)


def read_booking_calendar(work: Work, booking_id: str) -> bytes:
    """
    Write the appointment of a booking for its customer's calendar.

    Raises
    ------
    NotFound
        When there is no such booking, or not for this caller.
    """
    if work.actor.booking_id not in {None, booking_id}:
        raise NotFound("booking", booking_id)
    booking, visit = find_booking(work, booking_id)
    customer = work.session.get_one(CustomerRow, booking.customer_id)
    return appointment_calendar(appointment_of(work, booking, visit, customer.language))


def appointment_of(work: Work, booking: BookingRow, visit: VisitRow, language: str) -> Appointment:
    """Collect what a calendar says about a booking."""
    return Appointment(
        booking_id=booking.id,
        version=booking.version,
        changed_at=booking.changed_at,
        is_canceled=booking.state == "canceled",
        window=TimeWindow(booking.window_start, booking.window_end),
        summary=work.session.get_one(WorkOrderRow, visit.work_order_id).summary,
        address=work.session.get_one(SiteRow, visit.site_id).address,
        time_zone=work.session.get_one(TerritoryRow, booking.territory_id).time_zone,
        language=language,
    )


def _stops(work: Work, route_ids: list[str], zone: ZoneInfo) -> Iterator[CalendarEntry]:
    """Enter the stops of routes."""
    for row in stop_rows(work, route_ids):
        is_promised = row["window_start"] is not None
        yield CalendarEntry(
            uid=f"{row['visit_id']}.{row['shift_id']}@fieldops",
            sequence=row["from_version"],
            start=row["start_at"],
            end=row["finish_at"],
            summary=row["visit_name"] or row["summary"],
            address=row["address"],
            is_tentative=row["state"] == "held",
            window=TimeWindow(row["window_start"], row["window_end"]) if is_promised else None,
            note=_note(row, zone),
        )


def _note(row: Mapping[Any, Any], zone: ZoneInfo) -> str:
    """Say where a visit stands on its day, and when it is expected."""
    words = [] if row["phase"] in {None, "planned"} else [row["phase"].replace("_", " ").capitalize()]
    if row["earliest_at"] is not None:
        span = " to ".join(f"{row[name].astimezone(zone):%H:%M}" for name in ("earliest_at", "latest_at"))
        words.append(f"expected {span}" if words else f"Expected {span}")
    return ", ".join(words)


def _breaks(route: RouteRow) -> Iterator[CalendarEntry]:
    """Enter the breaks of a route."""
    for number, taken in enumerate(route.breaks, start=1):
        yield CalendarEntry(
            uid=f"{route.shift_id}.break{number}@fieldops",
            sequence=route.from_version,
            start=datetime.fromisoformat(taken["start"]),
            end=datetime.fromisoformat(taken["end"]),
            summary=taken["name"] or "Break",
        )
