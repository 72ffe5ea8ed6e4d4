"""An edit by hand that breaks a promise of a date to come: its customer is told at once, not on that day."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select

from fieldops.domain.problem import TimeWindow
from fieldops.store.tables import BookingRow, VisitRow
from fieldops.usecases.audit import record
from fieldops.usecases.ledger import promise_window, settle_promises, tell_systems
from fieldops.usecases.notify import notify_customer
from fieldops.usecases.task_codes import TaskCode
from fieldops.usecases.tasks import TaskKind, open_task
from fieldops.usecases.what_if import WhatIf
from fieldops.usecases.work import Work

#: Windows begin on the half hour, as far as the old one did.
_STEP: Final = timedelta(minutes=30)


def move_broken_promises(work: Work, found: WhatIf, buffer: timedelta) -> dict[str, Any]:
    """
    Give the customers whose promises an edit breaks the windows that can be kept, and tell them.

    Parameters
    ----------
    buffer
        Time to spare before the end of the new window.

    Returns
    -------
    dict[str, Any]
        What `move_back` needs; JSON.

    Notes
    -----
    Call it before the edit is written, with the date's plan locked. One message each, a change of the window, with the
    link by which another one can be chosen. Where nobody would come any more there is no window to be told: somebody
    gets a task.
    """
    broken = [promise for promise in found.promises if promise.breaks]
    starts = {
        stop.visit_id: stop.start for change in found.routes if change.after is not None for stop in change.after.stops
    }
    moved: dict[str, Any] = {}
    for booking in _bookings(work, (promise.visit_id for promise in broken)):
        start = starts.get(booking.visit_id)
        if start is None:
            visit = work.session.get_one(VisitRow, booking.visit_id)
            facts = {"visit": visit.name or visit.id, "date": booking.date.isoformat()}
            open_task(work, TaskKind.NO_PLACE, visit, TaskCode.TAKEN_OFF, facts)
            continue
        old = TimeWindow(booking.window_start, booking.window_end)
        _move(work, booking, window_for(old, start, buffer))
        moved[booking.id] = _written(old, booking)
    return moved


def move_back(work: Work, windows: Mapping[str, Any]) -> dict[str, Any]:
    """
    Give customers back the windows they had before an edit, unless they have taken another one since, and tell them.

    Returns
    -------
    dict[str, Any]
        What it takes to do so once more, the other way round.
    """
    moved: dict[str, Any] = {}
    for booking_id, was in sorted(windows.items()):
        booking = work.session.get_one(BookingRow, booking_id, with_for_update=True, populate_existing=True)
        if booking.state != "confirmed" or booking.version != was["version"]:
            continue
        old = TimeWindow(booking.window_start, booking.window_end)
        start, end = (datetime.fromisoformat(was[name]) for name in ("window_start", "window_end"))
        _move(work, booking, TimeWindow(start, end))
        moved[booking_id] = _written(old, booking)
    return moved


def window_for(old: TimeWindow, start: datetime, buffer: timedelta) -> TimeWindow:
    """Give the first window as long as the old one, by half hours later, in which a start has the buffer to spare."""
    width = old.latest - old.earliest
    step = min(_STEP, width) or _STEP
    needed = -(-(start + buffer - old.latest) // step)
    most = (start - old.earliest) // step
    later = step * max(0, min(needed, most))
    return TimeWindow(old.earliest + later, old.latest + later)


def _bookings(work: Work, visit_ids: Iterable[str]) -> list[BookingRow]:
    """Read the bookings of visits, for change."""
    query = select(BookingRow).where(BookingRow.visit_id.in_(sorted(visit_ids)), BookingRow.state == "confirmed")
    return list(work.session.scalars(query.order_by(BookingRow.id).with_for_update()))


def _move(work: Work, booking: BookingRow, window: TimeWindow) -> None:
    """Give a booking another window of the same date."""
    settle_promises(work, booking, "changed")
    booking.window_start, booking.window_end = window.earliest, window.latest
    booking.version += 1
    booking.changed_at = work.now
    promise_window(work, booking)
    record(work, "booking.changed", "booking", booking.id, version=booking.version, by="edit")
    work.session.flush()
    notify_customer(work, booking, "change")
    tell_systems(work, "booking.changed", booking)


def _written(old: TimeWindow, booking: BookingRow) -> dict[str, Any]:
    """Write down the window a booking had, and its version now."""
    return {
        "window_start": old.earliest.isoformat(),
        "window_end": old.latest.isoformat(),
        "version": booking.version,
    }
