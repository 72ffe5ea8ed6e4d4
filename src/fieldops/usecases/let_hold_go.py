"""End a hold without a booking: its visit comes off the plan."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm.attributes import set_committed_value

from fieldops.store.base import table_of
from fieldops.store.day_plans import lock_plans
from fieldops.store.prepared import Prepared
from fieldops.store.tables import HoldRow, VisitRow, WorkOrderRow
from fieldops.usecases.audit import record
from fieldops.usecases.place_visit import Locked, free_visit, lock_for
from fieldops.usecases.work import Work

_OVERDUE: Final = Prepared(
    select(HoldRow)
    .where(HoldRow.state == "active", HoldRow.expires_at <= bindparam("now"))
    .where(HoldRow.territory_id == bindparam("territory_id"), HoldRow.date.in_(bindparam("days", expanding=True)))
    .order_by(HoldRow.date, HoldRow.id)
)
_SET_STATE: Final = Prepared(
    update(table_of(HoldRow)).where(table_of(HoldRow).c.id == bindparam("of_hold")).values(state=bindparam("to_state"))
)
_SET_EXPIRY: Final = Prepared(
    update(table_of(HoldRow)).where(table_of(HoldRow).c.id == bindparam("of_hold")).values(expires_at=bindparam("to"))
)
_ACTIVE: Final = Prepared(select(HoldRow).where(HoldRow.visit_id == bindparam("visit_id"), HoldRow.state == "active"))


def let_hold_go(work: Work, locked: Locked, hold: HoldRow, *, state: str) -> date | None:
    """
    End an active hold.

    Parameters
    ----------
    state
        ``released`` or ``expired``.

    Returns
    -------
    date | None
        The date that has room now.
    """
    end_hold(work, hold, state=state)
    return free_visit(work, locked, state=state_unplaced(work, locked.visit, hold), reason="release")


def state_unplaced(work: Work, visit: VisitRow, hold: HoldRow | None = None) -> str:
    """
    Return the state of a visit that nothing is promised about any more: that of a draft is one again.

    Parameters
    ----------
    hold
        What it had; one that was another try leaves the visit failed, as it was.
    """
    if hold is not None and hold.is_another_try:
        return "failed"
    order = work.session.get(WorkOrderRow, visit.work_order_id)
    return "draft" if order is not None and order.state == "draft" else "open"


def end_hold(work: Work, hold: HoldRow, *, state: str) -> None:
    """End an active hold whose visit leaves its place by another way, or has left it."""
    _SET_STATE.run(work.session, {"of_hold": hold.id, "to_state": state})
    set_committed_value(hold, "state", state)
    record(work, f"hold.{state}", "hold", hold.id, visit_id=hold.visit_id)


def set_expiry(work: Work, hold: HoldRow, expires_at: datetime) -> None:
    """Change when an active hold expires."""
    _SET_EXPIRY.run(work.session, {"of_hold": hold.id, "to": expires_at})
    set_committed_value(hold, "expires_at", expires_at)


def expire_on(work: Work, territory_id: str, days: Iterable[date]) -> set[date]:
    """
    Let go the holds on some dates whose time is over.

    Returns
    -------
    set[date]
        The dates that have room now.
    """
    holds = overdue_holds(work, territory_id, days)
    if holds:
        lock_plans(work.session, territory_id, {hold.date for hold in holds})
    freed = {expire_hold(work, hold) for hold in holds}
    return {day for day in freed if day is not None}


def overdue_holds(work: Work, territory_id: str, days: Iterable[date]) -> list[HoldRow]:
    """Find the active holds on some dates whose time is over."""
    over = {"now": work.now, "territory_id": territory_id, "days": list(days)}
    return [hold for (hold,) in _OVERDUE.rows(work.session, over)]


def expire_hold(work: Work, hold: HoldRow) -> date | None:
    """Let one hold go, if its time is still over once nobody else can change it; returns the date that has room now."""
    locked = lock_for(work, hold.visit_id, [hold.date])
    work.session.refresh(hold)
    if hold.state != "active" or hold.expires_at > work.now:
        return None
    return let_hold_go(work, locked, hold, state="expired")


def active_hold(work: Work, visit_id: str) -> HoldRow | None:
    """Return the hold a visit has, its time perhaps over."""
    hold: HoldRow | None = _ACTIVE.scalar(work.session, {"visit_id": visit_id})
    return hold
