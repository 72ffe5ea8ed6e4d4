"""Somebody who is driving to a customer breaks down: the visit is still to come, for whoever takes it over."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from api_client import client_for
from fieldops.domain.progress import EventKind, ProgressEvent, VisitPhase, progress_of
from fieldops.store.database import Database
from fieldops.store.tables import EtaRow, MessageRow, ShiftRow, TechnicianRow, TerritoryRow, VisitProgressRow
from live_worlds import technician_actor
from replan_worlds import LateDay, late_day
from running_day import book, put_on_route
from worlds import STAFF, add_site, add_visit, local


@pytest.fixture
def day(database: Database) -> LateDay:
    """Give the day at 10:00: Kim is done with the first visit and drives to the second; Lee is free since 9:30."""
    day = late_day(database, automatic_customers=9)
    with database.writing() as session:
        session.delete(session.scalars(select(VisitProgressRow)).one())
        early = add_visit(session, session.get_one(TerritoryRow, day.territory), site=add_site(session, km_north=1.5))
        book(session, early, "08:00", "10:00")
        put_on_route(day.ctx, session, session.get_one(ShiftRow, day.lees), [early])
    for visit_id in (early.id, day.first):
        report(day, "started", "09:00", visit_id=visit_id)
        report(day, "done", "09:30", visit_id=visit_id)
    report(day, "travel_started", "10:00", visit_id=day.second)
    return day


def report(day: LateDay, kind: str, at: str, *, by: str | None = None, **more: Any) -> dict[str, Any]:
    """Report something, as a dispatcher or as a technician."""
    actor = STAFF
    if by is not None:
        with day.ctx.database.reading() as session:
            actor = technician_actor(session.get_one(TechnicianRow, by))
    occurred = local(at)
    if day.clock.now() < occurred:
        day.clock.advance(occurred - day.clock.now())
    body = {"id": f"ev-{kind}-{at}-{more.get('visit_id')}", "kind": kind, "occurred_at": occurred.isoformat(), **more}
    answer = client_for(day.ctx, actor).post("/v1/progress", json={"events": [body]})
    assert answer.status_code == 200, answer.text
    receipt: dict[str, Any] = answer.json()["receipts"][0]
    return receipt


def break_down(day: LateDay) -> None:
    """Let Kim's car break down at 10:02, and the replan give the rest to Lee."""
    report(day, "vehicle_down", "10:02", technician_id=day.kim, reason="engine")
    for replan_id in day.start():
        day.run(replan_id)
    assert {day.second, day.third} <= set(day.orders()[day.lees])


def test_whoever_takes_over_is_expected_there(day: LateDay) -> None:
    """What nobody is driving to any more is ahead of Lee, who has a time for it before the visit after it."""
    break_down(day)

    with day.ctx.database.reading() as session:
        second, third = (session.get_one(EtaRow, visit_id) for visit_id in (day.second, day.third))
        assert session.get_one(VisitProgressRow, day.second).phase == "planned"
        assert (second.technician_id, second.at_risk_since) == (day.lee, None)
        # Half an hour is planned on site.
        assert third.arrival_at - second.arrival_at > timedelta(minutes=20)


def test_the_customer_hears_of_whoever_comes_instead(day: LateDay) -> None:
    """Kim was announced; Lee is too, once, by a phone that knows nothing of Kim."""
    break_down(day)

    receipts = [report(day, "travel_started", at, by=day.lee, visit_id=day.second) for at in ("10:05", "10:06")]

    assert [(receipt["is_ignored"], receipt["phase"]) for receipt in receipts] == [
        (False, "traveling"),
        (True, "traveling"),
    ]
    with day.ctx.database.reading() as session:
        progress = session.get_one(VisitProgressRow, day.second)
        assert (progress.technician_id, progress.travel_started_at) == (day.lee, local("10:05"))
        query = select(MessageRow).where(MessageRow.kind == "on_the_way").order_by(MessageRow.created_at)
        told = [(row.data["technician_id"], row.state) for row in session.scalars(query)]
    # What was left for Kim has not gone out yet, and does not any more.
    assert told == [(day.kim, "skipped"), (day.lee, "due")]


def test_who_had_arrived_before_the_breakdown_is_there(day: LateDay) -> None:
    """A phone that was silent says at 10:05 that Kim arrived at 10:01: nobody has to come instead."""
    break_down(day)

    late = report(day, "arrived", "10:01", by=day.kim, visit_id=day.second)

    assert (late["is_ignored"], late["phase"]) == (False, "arrived")


KIM, LEE = "tn_kim", "tn_lee"


def happened(*said: tuple[str, str, str]) -> list[ProgressEvent]:
    """Make events of kind, local time and technician."""
    return [
        ProgressEvent(
            id=f"ev{pos}",
            kind=EventKind(kind),
            occurred_at=local(at),
            technician_id=who,
            visit_id="v" if kind not in {"technician_out", "vehicle_down"} else None,
        )
        for pos, (kind, at, who) in enumerate(said)
    ]


@pytest.mark.parametrize(
    ("said", "phase", "who"),
    [
        ([("travel_started", "10:00", KIM), ("technician_out", "10:02", KIM)], "planned", None),
        ([("travel_started", "10:00", KIM), ("technician_out", "10:02", LEE)], "traveling", KIM),
        ([("technician_out", "09:00", KIM), ("travel_started", "10:00", KIM)], "traveling", KIM),
        ([("arrived", "10:00", KIM), ("technician_out", "10:02", KIM)], "arrived", KIM),
        ([("travel_started", "10:00", KIM), ("travel_started", "10:05", LEE)], "traveling", LEE),
    ],
    ids=["goes out", "another one does", "was out before", "is there", "another one takes over"],
)
def test_a_visit_that_nobody_drives_to_any_more_is_still_to_come(
    said: list[tuple[str, str, str]], phase: str, who: str | None
) -> None:
    """Whatever order events arrive in: only whoever was on the way, and goes out then, does not come."""
    for events in (happened(*said), happened(*said)[::-1]):
        progress = progress_of("v", events)
        assert (progress.phase, progress.technician_id) == (VisitPhase(phase), who)
