"""A visit that failed in the morning gets another window of the same day, and goes on there from the beginning."""

from datetime import datetime, timedelta
from typing import Any

from api_client import client_for
from booking_worlds import World, make_world
from fieldops.domain.problem import TimeWindow
from fieldops.domain.progress import EventKind, ProgressEvent, VisitPhase
from fieldops.store.database import Database
from fieldops.store.ids import new_id
from fieldops.store.tables import EtaRow, VisitProgressRow, VisitRow
from fieldops.usecases.booking_views import BookingView
from fieldops.usecases.progress_events import EventReceipt
from fieldops.usecases.record_progress import record_events
from fieldops.usecases.work import transact
from worlds import STAFF, TODAY, TOMORROW, local


def _report(world: World, booking: BookingView, kind: EventKind, at: str, **more: Any) -> EventReceipt:
    """Report something at a local time of today, when it happens."""
    world.clock.advance(local(at) - world.clock.now())
    event = ProgressEvent(id=new_id("ev"), kind=kind, visit_id=booking.visit_id, occurred_at=local(at), **more)
    [receipt] = transact(world.ctx, STAFF, record_events, [event])
    return receipt


def test_a_visit_that_failed_is_tried_again_in_the_afternoon(database: Database) -> None:
    """The wrong part at 10:45, the right one from 14:00 on: what happened in the morning does not count again."""
    world = make_world(database, days=(TODAY, TOMORROW))
    booking = world.book(world.visit(), TimeWindow(local("10:00"), local("12:00")))
    _report(world, booking, EventKind.STARTED, "10:30")
    _report(world, booking, EventKind.COULD_NOT_COMPLETE, "10:45", reason="wrong part")
    client = client_for(world.ctx, STAFF)
    quote = client.post("/v1/quotes", json={"visit_id": booking.visit_id})
    assert quote.status_code == 201, quote.text
    offers = [
        offer for offer in quote.json()["offers"] if datetime.fromisoformat(offer["window_start"]) >= local("14:00")
    ]
    assert datetime.fromisoformat(offers[0]["window_start"]) == local("14:00")
    moved = client.post(f"/v1/bookings/{booking.id}/reschedule", json={"offer_id": offers[0]["id"]})
    assert (moved.status_code, moved.json()["date"]) == (200, TODAY.isoformat())
    assert client.get(f"/v1/bookings/{booking.id}").json()["state"] == "confirmed"
    # What a phone has kept back of the morning stays a thing of the morning.
    late = ProgressEvent(id="ev_late", kind=EventKind.ARRIVED, visit_id=booking.visit_id, occurred_at=local("10:29"))
    [receipt] = transact(world.ctx, STAFF, record_events, [late])
    assert (receipt.is_ignored, receipt.phase) == (True, VisitPhase.PLANNED)
    # Expected is the middle of simulated arrivals: about when the window opens, not hours after it.
    assert abs(world.row(EtaRow, booking.visit_id).arrival_at - local("14:00")) < timedelta(minutes=5)

    receipt = _report(world, booking, EventKind.STARTED, "14:00")

    assert not receipt.is_ignored
    assert world.row(VisitProgressRow, booking.visit_id).phase == "in_progress"
    _report(world, booking, EventKind.DONE, "14:30")
    assert world.row(VisitRow, booking.visit_id).state == "done"
