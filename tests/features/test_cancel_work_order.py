"""Canceling a work order: whatever was promised about it ends, and its places on the plans are free again."""

import pytest
from sqlalchemy import func, select

from fieldops.errors import NotFound, WrongState
from fieldops.store.database import Database
from fieldops.store.tables import BookingRow, HoldRow, MessageRow, PromiseRow, StopRow, VisitRow, WorkOrderRow
from fieldops.usecases.cancel_work_order import cancel_work_order
from fieldops.usecases.confirm_booking import confirm_booking
from fieldops.usecases.context import Context
from fieldops.usecases.edit_visit import VisitChanges, edit_visit
from fieldops.usecases.hold_window import hold_window
from fieldops.usecases.place_visit import lock_for, put_on_plan
from fieldops.usecases.quote_windows import quote_windows
from fieldops.usecases.visit_request import window_of
from fieldops.usecases.work import Work, transact
from worlds import (
    STAFF,
    TODAY,
    add_shift,
    add_technician,
    add_territory,
    add_visit,
    add_work_order,
    local,
    make_context,
)

AFTERNOON = [local("13:00").isoformat(), local("16:00").isoformat()]


@pytest.fixture
def ctx(database: Database) -> Context:
    """Give a world with one work order of four visits, and a technician who works today."""
    with database.writing() as session:
        territory = add_territory(session)
        add_shift(session, add_technician(session, territory))
        order = add_work_order(session, territory, id="wo_1")
        for name in ("booked", "held", "planned", "done"):
            add_visit(session, territory, id=f"vi_{name}", work_order=order)
        session.get_one(VisitRow, "vi_done").state = "done"
    return make_context(database)


def _hold(ctx: Context, visit_id: str) -> str:
    """Hold the best window there is for a visit."""
    quote = transact(ctx, STAFF, quote_windows, visit_id)
    return transact(ctx, STAFF, hold_window, quote.offers[0].id).id


def _plan(ctx: Context, visit_id: str) -> None:
    """Put a visit on the plan without a promise, as the nightly planning does."""

    def put(work: Work) -> None:
        put_on_plan(work, lock_for(work, visit_id, [TODAY]), TODAY, window_of(AFTERNOON), reason="publish")

    transact(ctx, STAFF, put)


def _num_stops(ctx: Context) -> int:
    """Count the places that are taken."""
    with ctx.database.reading() as session:
        return session.scalar(select(func.count()).select_from(StopRow).where(StopRow.is_current)) or 0


def test_everything_promised_about_an_order_ends_with_it(ctx: Context) -> None:
    """Nobody may ring at the door of a customer who called it off, and nobody is told what was never promised."""
    transact(ctx, STAFF, confirm_booking, _hold(ctx, "vi_booked"))
    _hold(ctx, "vi_held")
    _plan(ctx, "vi_planned")
    assert _num_stops(ctx) == 3
    canceled = transact(ctx, STAFF, cancel_work_order, "wo_1", "Moved away")
    again = transact(ctx, STAFF, cancel_work_order, "wo_1", "Moved away")

    assert again == canceled
    assert canceled.state == "canceled"
    assert {visit.id: visit.state for visit in canceled.visits} == {
        "vi_booked": "canceled",
        "vi_held": "canceled",
        "vi_planned": "canceled",
        "vi_done": "done",
    }
    assert _num_stops(ctx) == 0
    with ctx.database.reading() as session:
        assert session.scalars(select(HoldRow.state).order_by(HoldRow.state)).all() == ["confirmed", "released"]
        assert session.execute(select(BookingRow.state, BookingRow.cancel_reason)).all() == [("canceled", "Moved away")]
        assert session.scalars(select(PromiseRow.outcome)).all() == ["canceled"]
        told = set(session.scalars(select(MessageRow.kind).where(MessageRow.state == "due")))
        assert "cancellation" in told
        assert "reminder" not in told


def test_a_closed_order_is_not_canceled(ctx: Context) -> None:
    """What is done and billed is history."""
    with ctx.database.writing() as session:
        session.get_one(WorkOrderRow, "wo_1").state = "closed"
    with pytest.raises(WrongState, match="closed"):
        transact(ctx, STAFF, cancel_work_order, "wo_1")
    with pytest.raises(NotFound):
        transact(ctx, STAFF, cancel_work_order, "wo_x")


def test_an_edit_the_plan_minds_takes_the_visit_off(ctx: Context) -> None:
    """Half an hour more on site would make everybody after it late; another priority changes nobody's day."""
    _plan(ctx, "vi_planned")
    version = transact(ctx, STAFF, edit_visit, "vi_planned", 1, VisitChanges(priority=5)).version
    assert _num_stops(ctx) == 1
    transact(ctx, STAFF, edit_visit, "vi_planned", version, VisitChanges(duration_s=7_200))

    assert _num_stops(ctx) == 0
