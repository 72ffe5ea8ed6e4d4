"""From what a technician reports to the plan that keeps the promise: over HTTP, with everybody told once."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from api_client import client_for
from fieldops.store.database import Database
from fieldops.store.tables import (
    BookingRow,
    EtaRow,
    MessageRow,
    PromiseRow,
    StreamEventRow,
    TaskRow,
    TechnicianSkillRow,
    TerritoryRow,
    VisitProgressRow,
    VisitRow,
    WebhookRow,
)
from fieldops.usecases.ledger import promise_window
from fieldops.usecases.send_due import send_due
from fieldops.usecases.sweep_days import sweep_days
from fieldops.usecases.work import Work, transact
from replan_worlds import LateDay, late_day
from worlds import STAFF, TODAY, add_site, add_visit, local


def report(day: LateDay, kind: str, at: str, **more: Any) -> None:
    """Report one event."""
    body = {"id": f"ev-{kind}-{at}", "kind": kind, "occurred_at": local(at).isoformat(), **more}
    answer = client_for(day.ctx, STAFF).post("/v1/progress", json={"events": [body]})
    assert answer.status_code == 200, answer.text


def quiet_morning(database: Database, **live: Any) -> LateDay:
    """Make the day as it is before anything was reported, at 10:00."""
    day = late_day(database, **live)
    day.change(lambda session: session.delete(session.scalars(select(VisitProgressRow)).one()))
    return day


def test_an_extension_becomes_a_new_plan(database: Database) -> None:
    """Kim starts at 9:00 and asks for three hours more at 10:00; two seconds later Lee has the second visit."""
    day = quiet_morning(database)
    with database.writing() as session:
        session.add(
            WebhookRow(
                id="wh_1",
                url="https://example.com/hook",
                secret="",
                events=["plan.replanned"],
                failing_since=None,
                created_at=local("08:00"),
            )
        )
    report(day, "started", "09:00", visit_id=day.first)
    report(day, "extended", "10:00", visit_id=day.first, minutes=180)

    [replan_id] = day.start()
    found = day.run(replan_id)

    assert (found.state, found.why) == ("applied", ("at risk: second",))
    assert day.orders() == {day.kims: (day.first, day.third), day.lees: (day.second,)}
    live = client_for(day.ctx, STAFF).get(f"/v1/territories/{day.territory}/live/{TODAY.isoformat()}").json()
    assert live["plan"]["version"] == 2
    with database.reading() as session:
        eta = session.get_one(EtaRow, day.second)
        assert (eta.technician_id, eta.at_risk_since) == (day.lee, None)
        # Windows are what was promised; a replan moves people, not promises.
        assert session.scalars(select(PromiseRow.kind)).all().count("window") == 0
        [event] = session.scalars(select(MessageRow).where(MessageRow.kind == "plan.replanned"))
        assert event.channel == "webhook"
        told = [row.kind for row in session.scalars(select(StreamEventRow).order_by(StreamEventRow.id))]
        assert told.index("proposal") > told.index("replan")
        assert "eta" in told


def test_a_customer_hears_nothing_of_a_delay_that_was_mended(database: Database) -> None:
    """Between the event and the replan the second visit was expected after noon; nobody had to know."""
    day = quiet_morning(database)
    report(day, "started", "09:00", visit_id=day.first)
    report(day, "extended", "10:00", visit_id=day.first, minutes=180)
    [replan_id] = day.start()
    day.run(replan_id)
    day.clock.advance(timedelta(minutes=1))
    send_due(day.ctx, channel="email", worker="test")

    with database.reading() as session:
        kinds = {row.kind for row in session.scalars(select(MessageRow))}
    assert "delayed" not in kinds


def test_who_goes_home_sick_is_replaced(database: Database) -> None:
    """Kim's visits go to Lee, without anybody asking; the one that was being served is for a person."""
    day = quiet_morning(database, automatic_customers=9)
    report(day, "started", "09:00", visit_id=day.first)
    report(day, "technician_out", "10:00", technician_id=day.kim, reason="fever")

    [replan_id] = day.start()
    found = day.run(replan_id)

    assert (found.state, found.conflicts) == ("applied", ())
    assert set(day.orders()[day.lees]) >= {day.second, day.third}
    with database.reading() as session:
        [task] = session.scalars(select(TaskRow))
        assert (task.kind, task.visit_id, "Kim" in task.summary) == ("could_not_complete", day.first, True)


def test_what_nobody_finishes_is_given_up_at_the_end_of_the_day(database: Database) -> None:
    """Kim fell ill at work: the promise was kept, for it was begun in time, but the customer needs another time."""
    day = quiet_morning(database, automatic_customers=9)
    transact(day.ctx, STAFF, promise, day.first)
    report(day, "started", "09:00", visit_id=day.first)
    report(day, "technician_out", "10:00", technician_id=day.kim, reason="fever")
    day.clock.advance(timedelta(hours=10))

    sweep_days(day.ctx)

    with database.reading() as session:
        assert session.get_one(VisitRow, day.first).state == "failed"
        assert session.get_one(VisitProgressRow, day.first).phase == "failed"
        [line] = session.scalars(select(PromiseRow).where(PromiseRow.visit_id == day.first))
        assert (line.kind, line.outcome) == ("window", "kept")
        apologies = session.scalars(select(MessageRow).where(MessageRow.kind == "apology")).all()
        assert day.first in {row.data["visit_id"] for row in apologies}


def promise(work: Work, visit_id: str) -> None:
    """Tell the customer of a booked visit its window."""
    promise_window(work, work.session.scalars(select(BookingRow).where(BookingRow.visit_id == visit_id)).one())


def test_an_emergency_gets_a_place(database: Database) -> None:
    """A leak is reported, and Lee is free."""
    day = quiet_morning(database)
    with database.writing() as session:
        territory = session.get_one(TerritoryRow, day.territory)
        leak = add_visit(session, territory, site=add_site(session, km_north=4.0), name="leak")
    report(day, "emergency", "10:00", visit_id=leak.id)

    [replan_id] = day.start()

    assert day.run(replan_id).state == "applied"
    assert any(leak.id in order for order in day.orders().values())


def test_an_emergency_that_nobody_can_serve_is_somebodys_task(database: Database) -> None:
    """Nobody has the skill: the visit stays without a place, and a person hears of it."""
    day = quiet_morning(database)
    with database.writing() as session:
        for skill in session.scalars(select(TechnicianSkillRow).where(TechnicianSkillRow.skill == "gas")):
            session.delete(skill)
        territory = session.get_one(TerritoryRow, day.territory)
        leak = add_visit(session, territory, name="leak", required_skills={"gas": 1})
    report(day, "emergency", "10:00", visit_id=leak.id)
    [replan_id] = day.start()

    assert day.run(replan_id).state in {"nothing_better", "applied"}
    with database.reading() as session:
        assert session.get_one(VisitRow, leak.id).state == "open"
        [task] = session.scalars(select(TaskRow))
        assert (task.kind, task.visit_id) == ("no_place", leak.id)
