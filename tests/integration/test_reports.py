"""What those who run the company see of their days, their queues and their solver."""

import csv
import io
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any, Final

import pytest
from sqlalchemy.orm import Session

from api_client import client_for, on_both
from fieldops.store.tables import (
    BookingRow,
    ExecutorRow,
    MessageRow,
    PlanJobRow,
    PromiseRow,
    ReplanRow,
    SurveyRow,
    TerritoryRow,
    VisitProgressRow,
    VisitRow,
    WebhookRow,
)
from fieldops.usecases.actor import Scope
from fieldops.usecases.context import Context
from live_worlds import technician_actor
from running_day import book, put_on_route
from worlds import NOW, STAFF, TODAY, add_shift, add_technician, add_territory, add_visit, local

DAYS: Final = {"first_date": TODAY.isoformat(), "last_date": (TODAY + timedelta(days=1)).isoformat()}
TOMORROW: Final = TODAY + timedelta(days=1)
_NUMBERS: Final = count(1)


def _report(ctx: Context, territory: TerritoryRow, **params: Any) -> Any:
    query = {"territory_id": territory.id, **DAYS, **params}
    return client_for(ctx, STAFF).get("/v1/reports/operations", params=query)


def _promise(session: Session, booking: BookingRow, outcome: str | None, kind: str = "window") -> PromiseRow:
    row = PromiseRow(
        id=f"pr_{next(_NUMBERS)}",
        booking_id=booking.id,
        visit_id=booking.visit_id,
        customer_id=booking.customer_id,
        kind=kind,
        window_start=booking.window_start,
        window_end=booking.window_end,
        told_at=NOW,
        outcome=outcome,
        settled_at=None,
    )
    session.add(row)
    session.flush()
    return row


def _send(session: Session, subject_id: str, **changes: Any) -> None:
    facts: dict[str, Any] = {
        "id": f"ms_{next(_NUMBERS)}",
        "territory_id": None,
        "customer_id": None,
        "kind": "reminder",
        "channel": "email",
        "recipient": "pat@example.com",
        "subject_id": subject_id,
        "subject_version": 1,
        "language": "en",
        "data": {},
        "due_at": NOW,
        "expires_at": None,
        "state": "sent",
        "claimed_at": None,
        "claimed_by": None,
        "sent_at": NOW,
        "provider_id": None,
        "created_at": NOW,
    }
    session.add(MessageRow(**{**facts, **changes}))


def _went(
    session: Session, visit: VisitRow, technician_id: str, *, planned: str, arrived: str, day: date = TODAY, **more: Any
) -> None:
    """Say that a visit was planned to begin then and that it came so, with ten minutes of driving in either case."""
    arrived_at, planned_at = local(arrived, day), local(planned, day)
    facts: dict[str, Any] = {
        "visit_id": visit.id,
        "territory_id": visit.territory_id,
        "date": day,
        "technician_id": technician_id,
        "phase": "done",
        "travel_started_at": arrived_at - timedelta(minutes=10),
        "arrived_at": arrived_at,
        "started_at": arrived_at,
        "finished_at": arrived_at + timedelta(minutes=30),
        "expected_at": None,
        "planned_arrival_at": planned_at,
        "planned_start_at": planned_at,
        "planned_travel_s": 600,
        "planned_duration_s": 1_800,
        "anew_at": None,
    }
    session.add(VisitProgressRow(**{**facts, **more}))
    session.flush()


def _answer(session: Session, visit: VisitRow, booking: BookingRow, *, nps: int | None = None, csat: int = 4) -> None:
    row = SurveyRow(
        visit_id=visit.id, customer_id=booking.customer_id, technician_id=None, asked_at=NOW, answered_at=NOW,
        nps=nps, csat=csat, ces=None,
    )  # fmt: skip
    session.add(row)


def _replan(session: Session, territory: TerritoryRow, state: str, churn: int | None) -> None:
    row = ReplanRow(
        id=f"rp_{next(_NUMBERS)}", territory_id=territory.id, date=TODAY, kind="jeopardy", state=state, churn=churn,
        requested_by="system", requested_at=NOW - timedelta(minutes=2),
    )  # fmt: skip
    session.add(row)


@on_both
def test_a_day_is_told_in_figures_that_can_be_counted_by_hand(ctx: Context) -> None:
    """Everything on the ops page comes from here; each figure is worked out beside its row."""
    with ctx.database.writing() as session:
        territory = add_territory(session)
        kim = add_technician(session, territory)
        shift = add_shift(session, kim, start="08:00", end="12:00")
        visits = [add_visit(session, territory, name=name) for name in ("Repair", "Repair", "Check", "Check")]
        early, late, within, missed = visits
        bookings = [book(session, visit, "08:00", "10:00") for visit in visits]
        put_on_route(ctx, session, shift, visits[:3])
        _went(session, early, kim.id, planned="08:10", arrived="07:50")
        _went(session, late, kim.id, planned="09:00", arrived="10:20")
        _went(session, within, kim.id, planned="09:30", arrived="09:40", finished_at=local("12:40"))
        _went(session, missed, kim.id, planned="11:00", arrived="11:00", phase="failed", started_at=None)
        for booking, outcome in zip(bookings, ("kept", "broken", "kept", None), strict=True):
            _promise(session, booking, outcome)
        _promise(session, bookings[0], "changed")
        told = _promise(session, bookings[1], "broken", kind="eta")
        _send(session, bookings[0].id)
        _send(session, bookings[0].id, channel="sms", recipient="+12025550123")  # the same, by another channel
        _send(session, told.id, kind="delayed")
        _send(session, bookings[1].id, state="skipped")
        _send(session, bookings[1].id, channel="webhook", kind="booking.changed")
        _answer(session, early, bookings[0], nps=10, csat=5)
        _answer(session, late, bookings[1], nps=2)
        for state, churn in (("applied", 3), ("applied", 1), ("rejected", 9), ("running", None)):
            _replan(session, territory, state, churn)

    report = _report(ctx, territory).json()

    (day,) = report["days"]
    assert day == {**report["total"], "date": "2026-03-16"}
    expected = {
        "promises_made": 4, "promises_kept": 2, "promises_broken": 1, "promises_open": 1, "promises_changed": 1,
        "promises_canceled": 0, "kept_percent": 66.7, "times_told": 1, "times_kept": 0, "times_broken": 1,
        # The one that failed never began.
        "starts_early": 1, "starts_within": 1, "starts_late": 1, "adherence_percent": 33.3,
        # Kim's first visit was reached twenty minutes before it was planned.
        "first_arrivals": 1, "first_arrivals_on_time": 1, "first_arrival_percent": 100.0,
        "visits_done": 3, "visits_failed": 1, "technician_days": 1, "visits_per_technician_day": 3.0,
        "replans": 3, "replans_applied": 2, "visits_moved": 4, "moved_per_replan": 2.0,
        # Two messages for the four visits that ended.
        "messages_sent": 2, "messages_per_visit": 0.5,
        "surveys_asked": 2, "surveys_answered": 2, "nps": 0.0, "nps_answers": 2, "csat": 4.5, "csat_answers": 2,
        "ces": None, "ces_answers": 0, "planned_visits": 3,
    }  # fmt: skip
    assert {name: day[name] for name in expected} == expected
    # All visits are one kilometer from the depot, at the same place; the way home is planned after the last.
    assert day["distance_km"] == pytest.approx(2.8, abs=0.2)
    assert day["km_per_visit"] == pytest.approx(day["distance_km"] / 3, abs=0.02)
    # Work went on until 12:40, and home was as far as the way there: half of all travel.
    assert day["overtime_minutes"] == pytest.approx(40 + day["travel_minutes"] / 2, abs=0.1)
    assert day["planned_overtime_minutes"] == 0
    # Ten minutes early is in the bin up to a quarter of an hour, twenty late in the one from 15 to 30.
    histogram = {(row["from_minutes"], row["to_minutes"]): row["visits"] for row in report["histogram"]}
    assert {bounds: visits for bounds, visits in histogram.items() if visits} == {
        (-15, 0): 1, (0, 0): 1, (15, 30): 1,
    }  # fmt: skip


@on_both
def test_a_start_at_either_end_of_its_window_is_within(ctx: Context) -> None:
    """The promise reads "between 8 and 10", and both are part of it; a minute before and after are not."""
    starts = ("07:59", "08:00", "09:00", "10:00", "10:01")
    with ctx.database.writing() as session:
        territory = add_territory(session)
        kim = add_technician(session, territory)
        for start in starts:
            visit = add_visit(session, territory)
            book(session, visit, "08:00", "10:00")
            _went(session, visit, kim.id, planned=start, arrived=start)
        # Nothing was promised: nothing to keep.
        _went(session, add_visit(session, territory), kim.id, planned="11:00", arrived="12:00")

    total = _report(ctx, territory).json()["total"]

    assert (total["starts_early"], total["starts_within"], total["starts_late"]) == (1, 3, 1)


@on_both
def test_visits_are_compared_with_their_plan_by_type(ctx: Context) -> None:
    """Repairs that always take longer are planned too short; which ones shows here."""
    with ctx.database.writing() as session:
        territory = add_territory(session)
        kim = add_technician(session, territory)
        for minutes in (0, 10, 20):
            visit = add_visit(session, territory, name="Repair")
            # Arrives so much later than planned, and stays twice as much longer.
            arrived = local("09:00") + timedelta(minutes=minutes)
            _went(
                session, visit, kim.id, planned="09:00", arrived=f"09:{minutes:02}",
                finished_at=arrived + timedelta(minutes=30 + 2 * minutes),
            )  # fmt: skip
        check = add_visit(session, territory, name="=Check")
        _went(session, check, kim.id, planned="12:00", arrived="11:55", finished_at=None, phase="in_progress")

    report = _report(ctx, territory).json()
    table = list(csv.DictReader(io.StringIO(_report(ctx, territory, format="csv", table="types").text)))

    repair, other = report["types"]
    assert (repair["visit_type"], repair["visits"]) == ("Repair", 3)
    assert repair["arrival_minutes"] == {"count": 3, "p10": 2.0, "median": 10.0, "p90": 18.0}
    assert repair["duration_minutes"] == {"count": 3, "p10": 4.0, "median": 20.0, "p90": 36.0}
    assert repair["travel_minutes"] == {"count": 3, "p10": 0.0, "median": 0.0, "p90": 0.0}
    assert other["arrival_minutes"]["median"] == -5.0
    assert other["duration_minutes"] == {"count": 0, "p10": None, "median": None, "p90": None}
    assert report["all_types"]["arrival_minutes"]["count"] == 4
    # A spreadsheet computes what begins with "=": such a name is marked as text.
    assert [row["visit_type"] for row in table] == ["Repair", "'=Check"]
    assert (table[0]["duration_minutes.median"], table[1]["duration_minutes.median"]) == ("20.0", "")


@on_both
def test_days_come_one_by_one_and_as_a_table(ctx: Context) -> None:
    """A trend needs its days apart; another territory and other dates are not in them."""
    with ctx.database.writing() as session:
        territory, other = add_territory(session), add_territory(session, name="Baltimore")
        for where, day in ((territory, TODAY), (territory, TOMORROW), (territory, date(2026, 3, 18)), (other, TODAY)):
            visit = add_visit(session, where)
            _went(session, visit, add_technician(session, where).id, planned="09:00", arrived="09:00", day=day)

    report = _report(ctx, territory).json()
    answer = _report(ctx, territory, format="csv")

    assert [(day["date"], day["visits_done"]) for day in report["days"]] == [("2026-03-16", 1), ("2026-03-17", 1)]
    assert report["total"]["visits_done"] == 2
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="days-2026-03-16-2026-03-17.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["date"], row["visits_done"], row["nps"]) for row in rows] == [
        ("2026-03-16", "1", ""), ("2026-03-17", "1", ""), ("", "2", ""),
    ]  # fmt: skip
    histogram = list(csv.DictReader(io.StringIO(_report(ctx, territory, format="csv", table="histogram").text)))
    assert len(histogram) == len(report["histogram"])


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"first_date": "2026-03-17", "last_date": "2026-03-16"}, 422),
        ({"first_date": "2026-01-01", "last_date": "2026-04-03"}, 422),  # 93 days
        ({"first_date": "2026-01-01", "last_date": "2026-04-02"}, 200),
        ({"territory_id": "te_unknown"}, 404),
        ({"format": "xml"}, 422),
    ],
)
def test_a_report_is_about_days_that_are_there(ctx: Context, params: dict[str, str], status: int) -> None:
    """Ten years at once would be a way to stop the service."""
    with ctx.database.writing() as session:
        territory = add_territory(session)

    assert _report(ctx, territory, **params).status_code == status


def test_reports_are_for_those_who_plan(ctx: Context) -> None:
    """A technician sees his own day, not how his colleagues compare."""
    with ctx.database.writing() as session:
        territory = add_territory(session)
        kim = technician_actor(add_technician(session, territory))
    for path in ("operations", "queues", "benchmarks"):
        params = {"territory_id": territory.id, **DAYS}

        assert client_for(ctx, kim).get(f"/v1/reports/{path}", params=params).status_code == 403
        planner = replace(STAFF, scopes=frozenset({Scope.PLANS_READ}))
        assert client_for(ctx, planner).get(f"/v1/reports/{path}", params=params).status_code == 200


def _job(
    session: Session,
    territory: TerritoryRow,
    state: str,
    *,
    reason: str = "nightly",
    ago: timedelta,
    ended: timedelta | None = None,
) -> None:
    requested_at: datetime = NOW - ago
    row = PlanJobRow(
        id=f"jo_{next(_NUMBERS)}", territory_id=territory.id, date=TODAY, state=state, reason=reason, seconds=5,
        base_version=None, published_version=None, error=None, requested_by="system", requested_at=requested_at,
        started_at=None,
        finished_at=NOW - (ended or ago) if state in {"published", "failed", "ready"} else None,
    )  # fmt: skip
    session.add(row)


@on_both
def test_what_waits_and_who_works_is_on_one_page(ctx: Context) -> None:
    """The night that failed, the outbox that grows, the worker that is gone: seen before a customer calls."""
    hours = timedelta(hours=1)
    with ctx.database.writing() as session:
        territory = add_territory(session)
        for state in ("published", "published", "failed", "ready"):
            _job(session, territory, state, ago=8 * hours)
        _job(session, territory, "failed", ago=32 * hours)  # the night before the last one
        _job(session, territory, "failed", reason="requested", ago=26 * hours, ended=2 * hours)  # waited for a day
        _job(session, territory, "queued", reason="requested", ago=timedelta(minutes=3))
        _job(session, territory, "queued", reason="requested", ago=timedelta(minutes=2))
        _job(session, territory, "running", reason="requested", ago=timedelta(minutes=4))
        _replan(session, territory, "waiting", None)
        _send(session, "bk_1", state="due", due_at=NOW - timedelta(minutes=10))
        _send(session, "bk_2", state="due", due_at=NOW + hours)
        _send(session, "bk_3", state="sending", channel="sms")
        _send(session, "bk_4", state="failed", channel="sms")
        days_ago = NOW - timedelta(days=2)
        _send(session, "bk_6", state="failed", channel="sms", due_at=days_ago, claimed_at=NOW - hours)
        _send(session, "bk_7", state="failed", channel="sms", due_at=days_ago, claimed_at=days_ago)
        _send(session, "bk_5", state="sent")
        for name, silent_s, state in (("w1", 5, "up"), ("w2", 90, "up"), ("w3", 1, "stopped")):
            seen_at = NOW - timedelta(seconds=silent_s)
            session.add(ExecutorRow(id=name, host="here", started_at=NOW - hours, seen_at=seen_at, state=state))
        for name, is_enabled, failing in (("wh_1", True, None), ("wh_2", False, None), ("wh_3", True, NOW)):
            session.add(
                WebhookRow(
                    id=name, url="https://x.example.com/secret", secret="s", events=[], is_enabled=is_enabled,
                    failing_since=failing, created_at=NOW,
                )
            )  # fmt: skip

    answer = client_for(ctx, STAFF).get("/v1/reports/queues")
    report = answer.json()

    queues = {queue.pop("kind"): tuple(queue.values()) for queue in report["queues"]}
    # Waiting, later, running, failed in the last day, how long the oldest has been waiting.
    assert queues == {
        "plan.nightly": (0, 0, 0, 1, None),
        "plan.requested": (2, 0, 1, 1, 180.0),
        "replan.jeopardy": (1, 0, 0, 0, 120.0),
        "message.email": (1, 1, 0, 0, 600.0),
        "message.sms": (0, 0, 1, 2, None),
    }
    (night,) = report["nights"]
    assert {name: night[name] for name in ("published", "drafts", "failed", "unended")} == {
        "published": 2, "drafts": 1, "failed": 1, "unended": 0,
    }  # fmt: skip
    assert (report["outbox"], report["workers_alive"]) == (1, 1)
    assert [(worker["id"], worker["is_alive"]) for worker in report["workers"]] == [("w1", True), ("w2", False)]
    assert [webhook["id"] for webhook in report["webhooks"]] == ["wh_2", "wh_3"]
    assert "secret" not in answer.text
    rows = client_for(ctx, STAFF).get("/v1/reports/queues", params={"format": "csv"}).text.splitlines()
    assert rows[0] == "kind,waiting,later,running,failed,oldest_waiting_s"
    assert "plan.requested,2,0,1,1,180.0" in rows


def test_the_published_benchmarks_come_along(ctx: Context) -> None:
    """What is claimed of the solver can be looked up where it is used; runs of other kinds are not among them."""
    client = client_for(ctx, STAFF)

    tables = {table["name"]: table["runs"] for table in client.get("/v1/reports/benchmarks").json()["tables"]}
    text = client.get("/v1/reports/benchmarks", params={"format": "csv"}).text

    assert {"solomon-5s", "homberger-200-5s", "city-10s"} <= set(tables)
    assert "quote-endpoint" not in tables
    run = tables["solomon-5s"][0]
    assert (run["instance"], run["solver"], run["feasible"]) == ("C101", "fieldops", True)
    assert run["gap_pct"] == pytest.approx(0, abs=1)
    assert len(text.splitlines()) == 1 + sum(len(runs) for runs in tables.values())
