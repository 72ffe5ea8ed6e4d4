"""A customer who hears of a delay, or whose visit failed, takes another window by the link in the message."""

import re
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import select
from starlette.testclient import TestClient

from api_client import client_for
from booking_worlds import MORNING, World, make_world
from fieldops.domain.problem import TimeWindow
from fieldops.domain.progress import EventKind, ProgressEvent
from fieldops.store.database import Database
from fieldops.store.day_plans import lock_plan
from fieldops.store.ids import new_id
from fieldops.store.tables import (
    BookingRow,
    EtaRow,
    MessageRow,
    PlanRow,
    PromiseRow,
    RouteRow,
    StopRow,
    VisitProgressRow,
    VisitRow,
)
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.booking_views import BookingView
from fieldops.usecases.give_up import give_up
from fieldops.usecases.links import LinkPurpose, issue_link
from fieldops.usecases.place_visit import lock_for, take_off_plan
from fieldops.usecases.record_progress import record_events
from fieldops.usecases.send_due import send_due
from fieldops.usecases.tell_times import tell_due
from fieldops.usecases.work import Work, transact
from message_worlds import Told
from worlds import STAFF, TODAY, TOMORROW, local

LATE_MORNING = TimeWindow(local("10:00"), local("12:00"))


def _day(database: Database) -> tuple[World, Told, BookingView, BookingView]:
    """Make a day on which Kim has two visits, each of half an hour, promised for 10:00 to 12:00."""
    told = Told()
    world = make_world(database, days=(TODAY, TOMORROW))
    world = replace(world, ctx=replace(world.ctx, channels=told.channels()))
    first = world.book(world.visit(), LATE_MORNING)
    second = world.book(world.visit(), LATE_MORNING)
    send_due(world.ctx)
    told.email.sent.clear()
    return world, told, first, second


def _at(world: World, clock: str) -> None:
    """Let it be a local time of today."""
    world.clock.advance(local(clock) - world.clock.now())


def _report(world: World, booking: BookingView, kind: EventKind, **more: Any) -> None:
    """Report something that happens now."""
    event = ProgressEvent(id=new_id("ev"), kind=kind, visit_id=booking.visit_id, occurred_at=world.clock.now(), **more)
    transact(world.ctx, STAFF, record_events, [event])


def _link_in(world: World, told: Told, title: str) -> TestClient:
    """Open the link of the mail with a title."""
    mail = next(mail for mail in told.email.sent if mail.title == title)
    found = re.search(r"#token=(\S+)", mail.body)
    assert found is not None, mail.body
    return client_for(world.ctx, found[1])


def _takes(client: TestClient, booking: BookingView, window: TimeWindow) -> Any:
    """Quote and take a window."""
    quote = client.post("/v1/quotes", json={"visit_id": booking.visit_id})
    assert quote.status_code == 201, quote.text
    start = window.earliest.isoformat().replace("+00:00", "Z")
    offer = next(offer for offer in quote.json()["offers"] if offer["window_start"] == start)
    return client.post(f"/v1/bookings/{booking.id}/reschedule", json={"offer_id": offer["id"]})


def _days_of(world: World, booking: BookingView) -> list[date]:
    """List the dates on whose running plans a visit is."""
    query = (
        select(PlanRow.date)
        .join(RouteRow, RouteRow.plan_id == PlanRow.id)
        .join(StopRow, StopRow.route_id == RouteRow.id)
        .where(StopRow.visit_id == booking.visit_id, StopRow.is_current)
    )
    with world.ctx.database.reading() as session:
        return list(session.scalars(query))


def _ledger(world: World, booking: BookingView) -> list[tuple[str, str | None]]:
    """List what was promised, and what became of it."""
    query = select(PromiseRow).where(PromiseRow.booking_id == booking.id)
    with world.ctx.database.reading() as session:
        lines = session.scalars(query.order_by(PromiseRow.told_at, PromiseRow.kind.desc())).all()
        return [(line.kind, line.outcome) for line in lines]


def test_who_hears_of_a_delay_takes_tomorrow_instead(database: Database) -> None:
    """The first visit takes three hours; the second customer is told, and is off the route two clicks later."""
    world, told, first, second = _day(database)
    _at(world, "10:00")
    _report(world, first, EventKind.STARTED)
    _at(world, "10:20")
    # Half an hour and 150 minutes: until 13:00, an hour after the second window.
    _report(world, first, EventKind.EXTENDED, minutes=150)
    _at(world, "10:20:06")
    assert transact(world.ctx, SYSTEM, tell_due, world.territory.id, TODAY) == 1
    send_due(world.ctx)
    client = _link_in(world, told, "We are running late for your appointment today")
    page = client.get("/v1/track").json()
    assert (page["state"], page["visit_id"], page["stops_before"]) == ("delayed", second.visit_id, 1)
    assert "reschedule" in page["actions"]

    _at(world, "10:21")
    moved = _takes(client, second, MORNING)

    assert (moved.status_code, moved.json()["date"]) == (200, TOMORROW.isoformat())
    assert _ledger(world, second) == [("window", "changed"), ("eta", "changed"), ("window", None)]
    with world.ctx.database.reading() as session:
        assert session.get(EtaRow, second.visit_id) is None
        pending = session.scalars(
            select(MessageRow.kind).where(MessageRow.state == "due", MessageRow.due_at <= local("10:21"))
        )
        assert list(pending) == ["change"]
    assert _days_of(world, second) == [TOMORROW]
    send_due(world.ctx)
    assert told.email.sent[-1].title == "Your appointment has moved to Tuesday, March 17, 2026"
    assert client.get("/v1/track").json()["state"] == "booked"


def test_who_somebody_is_about_to_visit_calls_instead(database: Database) -> None:
    """At 10:20 Kim is expected in ten minutes: too late to send her away by a click."""
    world, _, first, second = _day(database)
    _at(world, "10:00")
    _report(world, first, EventKind.STARTED)
    _at(world, "10:20")
    _report(world, first, EventKind.EXTENDED, minutes=1)
    with world.ctx.database.reading() as session:
        row = session.get_one(EtaRow, second.visit_id)
        assert row.arrival_at <= local("10:35")  # the stops that begin within a quarter of an hour stay
    answer = client_for(world.ctx, STAFF).post("/v1/quotes", json={"visit_id": second.visit_id})

    assert (answer.status_code, answer.json()["detail"]) == (409, "somebody is about to come")


def test_a_window_that_has_begun_can_be_moved_while_nobody_is_near(database: Database) -> None:
    """By the clock it is too late at 10:20; by what is known of the day it is not."""
    world, _, first, second = _day(database)
    _at(world, "10:00")
    _report(world, first, EventKind.STARTED)
    _at(world, "10:20")
    _report(world, first, EventKind.EXTENDED, minutes=60)
    moved = _takes(client_for(world.ctx, STAFF), second, MORNING)

    assert moved.status_code == 200, moved.text
    assert _ledger(world, second) == [("window", "changed"), ("window", None)]


def test_nobody_calls_off_by_a_click_who_is_driven_to(database: Database) -> None:
    """Kim is on the way: whoever does not need her any more calls, so that she hears of it."""
    world, _, first, second = _day(database)
    _at(world, "09:45")
    _report(world, first, EventKind.TRAVEL_STARTED)
    order_id = world.row(VisitRow, first.visit_id).work_order_id
    client = client_for(world.ctx, transact(world.ctx, SYSTEM, issue_link, LinkPurpose.CUSTOMER, order_id).token)
    refused = client.post(f"/v1/bookings/{first.id}/cancel", json={"reason": "works again"})

    assert (refused.status_code, refused.json()["detail"]) == (409, "somebody is on the way: please call")
    assert client.get("/v1/track").json()["actions"] == ["note"]
    by_staff = client_for(world.ctx, STAFF).post(f"/v1/bookings/{first.id}/cancel", json={"reason": "called"})
    assert (by_staff.status_code, "report the event" in by_staff.json()["detail"]) == (409, True)
    # Staff report it, and the next customer is expected sooner at once: not after half an hour at the first.
    assert world.row(EtaRow, second.visit_id).arrival_at > local("10:15")
    _report(world, first, EventKind.CANCELED, reason="called")
    assert world.row(BookingRow, first.id).state == "canceled"
    assert world.row(EtaRow, second.visit_id).arrival_at < local("10:05")


def test_a_visit_that_failed_gets_another_day_and_goes_on_there(database: Database) -> None:
    """The wrong part today, the right one tomorrow: one booking, two promises, and tomorrow counts by itself."""
    world, told, first, _ = _day(database)
    _at(world, "10:30")
    _report(world, first, EventKind.STARTED)
    _at(world, "10:45")
    _report(world, first, EventKind.COULD_NOT_COMPLETE, reason="wrong part")
    send_due(world.ctx)
    client = _link_in(world, told, "We are sorry about your appointment")
    page = client.get("/v1/track").json()
    assert (page["state"], page["actions"]) == ("failed", ["reschedule", "cancel", "note"])

    moved = _takes(client, first, MORNING)

    assert moved.status_code == 200, moved.text
    assert _ledger(world, first) == [("window", "kept"), ("window", None)]
    assert client.get("/v1/track").json()["state"] == "booked"
    assert world.row(VisitRow, first.visit_id).state == "booked"
    assert _days_of(world, first) == [TOMORROW]

    world.clock.advance(MORNING.earliest - world.clock.now())
    _report(world, first, EventKind.STARTED)
    assert world.row(VisitProgressRow, first.visit_id).phase == "in_progress"
    assert _ledger(world, first) == [("window", "kept"), ("window", "kept")]
    assert world.row(BookingRow, first.id).version == 2


def test_a_visit_nobody_could_come_to_is_given_up_at_the_end_of_the_day(database: Database) -> None:
    """It fell off the plan, and nobody found room: the promise is broken, and the customer may choose again."""
    world, told, first, second = _day(database)
    _at(world, "10:00")
    _report(world, first, EventKind.STARTED)
    transact(world.ctx, SYSTEM, _fall_off_plan, second.visit_id)
    _at(world, "17:59")
    assert _gives_up(world) == 0  # until 18:00 somebody may still go there
    _at(world, "18:00")

    assert _gives_up(world) == 1
    assert _gives_up(world) == 0
    assert world.row(VisitRow, second.visit_id).state == "failed"
    assert world.row(VisitRow, first.visit_id).state == "booked"  # who works may just not have reported the end
    assert _ledger(world, second) == [("window", "broken")]
    send_due(world.ctx)
    moved = _takes(_link_in(world, told, "We are sorry about your appointment"), second, MORNING)
    assert moved.status_code == 200, moved.text
    tasks = client_for(world.ctx, STAFF).get("/v1/tasks", params={"state": "open"}).json()["items"]
    assert [task["kind"] for task in tasks] == ["could_not_complete"]


def _gives_up(world: World) -> int:
    """Look after today."""

    def locked(work: Work) -> int:
        lock_plan(work.session, world.territory.id, TODAY)
        return give_up(work, world.territory.id, TODAY)

    return transact(world.ctx, SYSTEM, locked)


def _fall_off_plan(work: Work, visit_id: str) -> None:
    """Take a booked visit off the plan, as a replan does that has no room."""
    take_off_plan(work, lock_for(work, visit_id, [TODAY]), reason="replan")
