"""The unit of work on real databases: nothing lost between threads, retried when the database asks, all or nothing."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fieldops.store.database import Database
from fieldops.store.ids import new_id
from fieldops.store.tables import BookingRow, CustomerRow, PlanRow, PlanVersionRow, TerritoryRow, VisitRow
from fieldops.usecases.work import Work, transact, view
from worlds import (
    NOW,
    STAFF,
    SYSTEM,
    TODAY,
    add_customer,
    add_shift,
    add_technician,
    add_territory,
    add_visit,
    local,
    make_context,
)


def _add_plan(session: Session, territory: TerritoryRow, **changes: object) -> PlanRow:
    """Add a plan of today at version 0."""
    plan = PlanRow(**{"id": new_id("pl"), "territory_id": territory.id, "date": TODAY, "version": 0, **changes})
    session.add(plan)
    session.flush()
    return plan


def _booking(visit: VisitRow, customer: CustomerRow, **changes: object) -> BookingRow:
    """Make a confirmed booking of today's first window."""
    defaults = {
        "id": new_id("bk"),
        "visit_id": visit.id,
        "customer_id": customer.id,
        "territory_id": visit.territory_id,
        "hold_id": None,
        "date": TODAY,
        "window_start": local("08:00"),
        "window_end": local("10:00"),
        "confirmed_at": NOW,
        "changed_at": NOW,
        "canceled_at": None,
        "cancel_reason": None,
    }
    return BookingRow(**{**defaults, **changes})


def _locked(work: Work, plan_id: str) -> PlanRow:
    """Lock a plan and read what it is now."""
    return work.session.scalars(select(PlanRow).where(PlanRow.id == plan_id).with_for_update()).one()


def test_rows_of_a_world_come_back_as_they_were_written(database: Database) -> None:
    """Everything else is tested on these rows; instants must come back aware and equal on both databases."""
    ctx = make_context(database)
    with database.writing() as session:
        territory = add_territory(session)
        technician = add_technician(session, territory)
        shift = add_shift(session, technician)
        visit = add_visit(session, territory)

    with database.reading() as session:
        read = session.get(VisitRow, visit.id)
        assert read is not None
        assert (read.created_at, read.state, read.required_skills) == (NOW, "open", {})
    assert shift.starts_at.isoformat() == "2026-03-16T12:00:00+00:00"
    assert ctx.clock.now() == NOW


def test_no_raise_of_a_counter_is_lost_between_eight_threads(database: Database) -> None:
    """Versions of plans are raised like this; one lost update would be a double booking."""
    ctx = make_context(database)
    with database.writing() as session:
        plan_id = _add_plan(session, add_territory(session)).id
    start = Barrier(8)

    def raise_it(work: Work) -> None:
        _locked(work, plan_id).version += 1

    def raise_it_often() -> None:
        start.wait()
        for _ in range(15):
            transact(ctx, SYSTEM, raise_it)

    with ThreadPoolExecutor(8) as threads:
        for done in [threads.submit(raise_it_often) for _ in range(8)]:
            done.result()

    # 8 threads x 15 times
    assert view(ctx, SYSTEM, lambda work: work.session.get_one(PlanRow, plan_id).version) == 120


def test_a_deadlock_is_broken_by_trying_again(postgres_database: Database) -> None:
    """Lock order keeps deadlocks away, but code errs; the loser of one must run again, whole and unharmed."""
    ctx = make_context(postgres_database)
    with postgres_database.writing() as session:
        territory = add_territory(session)
        ids = [_add_plan(session, territory, date=TODAY.replace(day=day)).id for day in (16, 17)]
    both_hold_one = Barrier(2)
    tries: list[str] = []

    def raise_both(work: Work, first: str, second: str) -> None:
        is_first_try = tries.count(first) == 0
        tries.append(first)
        _locked(work, first).version += 1
        work.session.flush()
        if is_first_try:
            both_hold_one.wait(timeout=10)
        _locked(work, second).version += 1

    with ThreadPoolExecutor(2) as threads:
        done = [threads.submit(transact, ctx, SYSTEM, raise_both, first, second) for first, second in (ids, ids[::-1])]
        for each in done:
            each.result()

    # Both are through, and exactly one of the two had to try a second time.
    with postgres_database.reading() as session:
        assert [session.get_one(PlanRow, plan_id).version for plan_id in ids] == [2, 2]
    assert len(tries) == 3


def test_the_same_version_of_a_plan_is_not_written_twice(database: Database) -> None:
    """Code that forgets the lock must fail, not book a place twice: the version is the last word."""
    ctx = make_context(database)
    with database.writing() as session:
        plan_id = _add_plan(session, add_territory(session)).id

    def write_the_version_read_before(work: Work) -> None:
        work.session.add(PlanVersionRow(plan_id=plan_id, version=1, reason="hold", actor="system", made_at=work.now))

    transact(ctx, SYSTEM, write_the_version_read_before)

    with pytest.raises(IntegrityError):
        transact(ctx, SYSTEM, write_the_version_read_before)


def test_a_visit_is_booked_once(database: Database) -> None:
    """Two confirmed windows of one visit are two promises, one of which will be broken."""
    with database.writing() as session:
        customer = add_customer(session)
        visit = add_visit(session, add_territory(session), customer=customer)
        session.add(_booking(visit, customer))

    with pytest.raises(IntegrityError), database.writing() as session:
        session.add(_booking(visit, customer))


def test_a_visit_whose_booking_was_canceled_is_booked_again(database: Database) -> None:
    """The index is on confirmed bookings only, on both databases."""
    with database.writing() as session:
        customer = add_customer(session)
        visit = add_visit(session, add_territory(session), customer=customer)
        session.add_all([_booking(visit, customer, state=state) for state in ("canceled", "canceled", "confirmed")])

    with database.reading() as session:
        assert sorted(session.scalars(select(BookingRow.state))) == ["canceled", "canceled", "confirmed"]


def test_a_use_case_that_raises_leaves_nothing_behind(database: Database) -> None:
    """All or nothing is what a customer who saw an error relies on."""
    ctx = make_context(database)

    def half(work: Work) -> None:
        add_territory(work.session)
        raise ValueError("changed its mind")

    with pytest.raises(ValueError, match="changed its mind"):
        transact(ctx, STAFF, half)

    with database.reading() as session:
        assert session.scalars(select(TerritoryRow)).all() == []
