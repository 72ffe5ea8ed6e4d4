"""What is old is forgotten, but for the ledger and the audit; jobs that nobody will run say so."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from fieldops.store.database import Database
from fieldops.store.tables import (
    AuditRow,
    BookingRow,
    ExecutorRow,
    GeocodeRow,
    HoldRow,
    IdempotencyRow,
    LinkRow,
    MessageRow,
    OfferRow,
    PlanJobRow,
    PlanVersionRow,
    PromiseRow,
    WaitlistRow,
)
from fieldops.usecases import retention
from fieldops.usecases.request_solve import read_plan_job
from fieldops.usecases.retention import forget_old
from fieldops.usecases.settle_plan_jobs import fail_lost_plan_jobs, unended_plan_jobs
from fieldops.usecases.work import transact, view
from planned_dates import TOMORROW, add_date, book, change_job, leave_solve, solved
from worlds import NOW, STAFF, FakeClock, make_context

#: Kept for 90 days; offers for three.
OLD = NOW - timedelta(days=91)
RECENT = NOW - timedelta(days=89)


def add_history(database: Database, tag: str, at: datetime) -> None:
    """Add a booking with everything that led to it, and came of it, all at one time."""
    names = add_date(database, visits=1)
    booking_id = book(database, names.visits[0], "08:00", "10:00")
    window = {"window_start": at, "window_end": at}
    of_visit = {"visit_id": names.visits[0], "territory_id": names.territory, "date": at.date(), **window}
    best = {"rank": 1, "cost_cents": 0, "slack_s": 0, "technician_id": "tn_1", "shift_id": "sh_1", "plan_version": 0}
    with database.writing() as session:
        booking = session.get_one(BookingRow, booking_id)
        booking.hold_id = f"ho_{tag}_confirmed"
        for name in ("free", "waited_for"):
            session.add(OfferRow(id=f"of_{tag}_{name}", quote_id="qu_1", made_at=at, expires_at=at, **best, **of_visit))
        for state in ("expired", "confirmed"):
            hold = HoldRow(id=f"ho_{tag}_{state}", offer_id=None, state=state, made_at=at, expires_at=at, **of_visit)
            session.add(hold)
        session.add(
            WaitlistRow(
                id=f"wl_{tag}",
                booking_id=booking_id,
                territory_id=names.territory,
                not_before=at,
                consent_at=at,
                state="offered",
                offer_id=f"of_{tag}_waited_for",
                offer_expires_at=at,
                created_at=at,
            )
        )
        session.add(
            PromiseRow(
                id=f"pr_{tag}",
                booking_id=booking_id,
                visit_id=names.visits[0],
                customer_id=booking.customer_id,
                told_at=at,
                outcome="kept",
                settled_at=at,
                **window,
            )
        )
        session.add(
            MessageRow(
                id=f"ms_{tag}",
                territory_id=names.territory,
                customer_id=booking.customer_id,
                kind="confirmation",
                channel="email",
                recipient="pat@example.com",
                subject_id=booking_id,
                subject_version=1,
                language="en",
                data={},
                title="Your visit",
                body="Kim comes at ten",
                due_at=at,
                expires_at=None,
                state="sent",
                claimed_at=None,
                claimed_by=None,
                sent_at=at,
                provider_id="at-the-provider",
                created_at=at,
            )
        )
        session.add(
            IdempotencyRow(principal="user:us_1", key=tag, request_hash="", status=200, body="{}", created_at=at)
        )
        session.add(ExecutorRow(id=f"gone-{tag}", host="host", started_at=at, seen_at=at, state="reaped"))


def ids(database: Database, table: type) -> set[str]:
    """List the ids of a table's rows."""
    with database.reading() as session:
        return set(session.scalars(select(table.id)))  # type: ignore[attr-defined]


def test_what_is_old_is_forgotten_and_what_was_promised_is_not(database: Database) -> None:
    """Years of offers nobody took slow everything down; what became of promises is what we are measured by."""
    ctx = make_context(database)
    add_history(database, "old", OLD)
    add_history(database, "recent", RECENT)
    with database.writing() as session:
        for provider, at in (("table", OLD), ("nominatim", OLD), ("photon", RECENT)):
            row = GeocodeRow(query="1 main st", provider=provider, address="1 Main St", found_at=at)
            row.latitude, row.longitude = 38.9, -77.0
            session.add(row)
    promises, bookings = ids(database, PromiseRow), ids(database, BookingRow)
    forgotten = forget_old(ctx)
    assert forgotten == {
        "waitlist": 0,
        "offers": 2,
        "holds": 1,
        "links": 0,
        "idempotency_keys": 1,
        "plan_jobs": 0,
        "replans": 0,
        "positions": 0,
        "etas": 0,
        "geocodes": 1,
        "refresh_tokens": 0,
        "messages": 1,
        "inbound_messages": 0,
        "executors": 2,
    }
    # An offer that somebody on the waitlist may take up stays, and so does the hold a booking came from.
    assert ids(database, OfferRow) == {"of_old_waited_for", "of_recent_waited_for"}
    assert ids(database, HoldRow) == {"ho_old_confirmed", "ho_recent_expired", "ho_recent_confirmed"}
    assert (ids(database, PromiseRow), ids(database, BookingRow)) == (promises, bookings)
    with database.reading() as session:
        old, recent = session.get_one(MessageRow, "ms_old"), session.get_one(MessageRow, "ms_recent")
        assert (old.title, old.body, old.provider_id, old.sent_at) == ("", "", "at-the-provider", OLD)
        assert recent.body == "Kim comes at ten"
        assert session.scalars(select(IdempotencyRow.key)).all() == ["recent"]
        # The table is ours, and what everybody may look up.
        assert set(session.scalars(select(GeocodeRow.provider))) == {"table", "photon"}
    assert set(forget_old(ctx).values()) == {0}


def test_who_waits_no_more_and_what_opens_nothing_is_forgotten(database: Database) -> None:
    """Entries and links are only ever added; one that was used up serves nobody, and none in use may go."""
    ctx = make_context(database)
    for tag, at in (("left", OLD), ("past", OLD), ("waits", OLD), ("new", RECENT)):
        add_history(database, tag, at)
    with database.writing() as session:
        session.get_one(WaitlistRow, "wl_left").state = "left"
        session.get_one(WaitlistRow, "wl_new").state = "accepted"
        past = session.get_one(BookingRow, session.get_one(WaitlistRow, "wl_past").booking_id)
        past.window_start = past.window_end = OLD
        ends = {"expired": (OLD, None), "revoked": (NOW, OLD), "ended": (RECENT, RECENT), "open": (NOW, None)}
        for name, (expires_at, revoked_at) in ends.items():
            row = LinkRow(id=f"ln_{name}", purpose="customer", subject_id="wo_1", created_at=OLD, created_by="system")
            row.expires_at, row.revoked_at = expires_at, revoked_at
            session.add(row)

    forgotten = forget_old(ctx)

    assert (forgotten["waitlist"], forgotten["links"]) == (2, 2)
    assert ids(database, WaitlistRow) == {"wl_waits", "wl_new"}
    assert ids(database, LinkRow) == {"ln_ended", "ln_open"}
    # Nobody waits for the offers of the other two any more.
    assert ids(database, OfferRow) == {"of_waits_waited_for"}


def test_much_is_forgotten_in_small_steps(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction that deletes a year of rows would hold up everybody on SQLite."""
    monkeypatch.setattr(retention, "BATCH", 2)
    ctx = make_context(database)
    with database.writing() as session:
        for number in range(5):
            row = IdempotencyRow(principal="p", key=str(number), request_hash="", status=200, body="", created_at=OLD)
            session.add(row)
    assert forget_old(ctx)["idempotency_keys"] == 5


def test_plan_jobs_are_forgotten_with_their_drafts_and_versions_are_not(database: Database) -> None:
    """A draft of last year is of no use; what was driven, and who changed it, is."""
    clock = FakeClock()
    ctx = make_context(database, clock=clock)
    names = add_date(database)
    job = solved(ctx, names, publishes=True)
    assert job.state == "published"
    waiting = leave_solve(ctx, names)
    clock.advance(timedelta(days=91))
    assert forget_old(ctx)["plan_jobs"] == 1
    assert ids(database, PlanJobRow) == {waiting}
    with database.reading() as session:
        assert session.scalars(select(PlanVersionRow.reason)).all() == ["publish"]
        assert "plan.published" in set(session.scalars(select(AuditRow.action)))


def test_a_job_that_no_queue_knows_is_ended_with_a_reason(database: Database) -> None:
    """Nobody should watch a job that waits for ever because its queue was lost with a backup."""
    clock = FakeClock()
    ctx = make_context(database, clock=clock)
    names = add_date(database)
    lost = leave_solve(ctx, names)
    ended = leave_solve(ctx, names, day=TOMORROW + timedelta(days=1))
    assert view(ctx, STAFF, unended_plan_jobs) == ()
    clock.advance(timedelta(minutes=3))
    young = leave_solve(ctx, names, day=TOMORROW + timedelta(days=2))
    assert set(view(ctx, STAFF, unended_plan_jobs)) == {lost, ended}
    change_job(database, ended, state="ready")
    assert transact(ctx, STAFF, fail_lost_plan_jobs, {lost, ended}) == 1
    states = {name: view(ctx, STAFF, read_plan_job, name).state for name in (lost, ended, young)}
    assert states == {lost: "failed", ended: "ready", young: "queued"}
    assert "ask for another one" in (view(ctx, STAFF, read_plan_job, lost).note or "")
