"""Forget what somebody without an account has begun to book and not booked."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, exists, select, update

from fieldops.store.tables import (
    ContactPointRow,
    CustomerNoteRow,
    CustomerRow,
    HoldRow,
    IdempotencyRow,
    LinkRow,
    OfferRow,
    SiteRow,
    StopRow,
    VisitRow,
    WorkOrderRow,
)
from fieldops.usecases.actor import ANONYMOUS, SYSTEM
from fieldops.usecases.context import Context
from fieldops.usecases.work import Work, transact

#: Drafts forgotten in one transaction.
BATCH: Final = 200


def forget_drafts(ctx: Context) -> int:
    """
    Delete drafts older than the setting `draft_hours`; return how many.

    Notes
    -----
    One that holds a window goes when the hold has ended. Of one that has held a window, versions of plans still name
    the visit: it stays, canceled, and everything that was said about person and place is gone.
    """
    transact(ctx, SYSTEM, _forget_answers, ctx.clock.now() - timedelta(hours=ctx.settings.draft_hours))
    forgotten, count = 0, BATCH
    while count == BATCH:
        count = transact(ctx, SYSTEM, _forget, ctx.clock.now() - timedelta(hours=ctx.settings.draft_hours))
        forgotten += count
    return forgotten


def _forget_answers(work: Work, before: datetime) -> None:
    """Forget the answers kept for repeated requests of people without an account: addresses stand in them."""
    work.session.execute(
        delete(IdempotencyRow).where(
            IdempotencyRow.created_at < before, IdempotencyRow.principal.startswith(f"{ANONYMOUS.id}:")
        )
    )


def _forget(work: Work, before: datetime) -> int:
    """Forget the oldest ones."""
    session = work.session
    holding = exists().where(
        HoldRow.visit_id == VisitRow.id, VisitRow.work_order_id == WorkOrderRow.id, HoldRow.state == "active"
    )
    # One that staff have canceled meanwhile is a draft all the same.
    found = session.execute(
        select(WorkOrderRow.id, WorkOrderRow.customer_id, WorkOrderRow.site_id)
        .where(WorkOrderRow.unbooked_since < before, ~holding)
        .order_by(WorkOrderRow.unbooked_since, WorkOrderRow.id)
        .limit(BATCH)
        .with_for_update(of=WorkOrderRow, skip_locked=True)
    ).all()
    if not found:
        return 0
    count = len(found)
    of_orders = select(VisitRow.id).where(VisitRow.work_order_id.in_([row[0] for row in found])).order_by(VisitRow.id)
    # Whoever holds a window locks the visit first: after this nobody can any more.
    locked = session.scalars(of_orders.with_for_update()).all()
    busy = set(
        session.scalars(
            select(VisitRow.work_order_id)
            .join(HoldRow, HoldRow.visit_id == VisitRow.id)
            .where(VisitRow.id.in_(locked), HoldRow.state == "active")
        )
    )
    found = [row for row in found if row[0] not in busy]
    orders = [order_id for order_id, _, _ in found]
    visits = session.scalars(select(VisitRow.id).where(VisitRow.work_order_id.in_(orders))).all()
    planned = set(session.scalars(select(StopRow.visit_id).where(StopRow.visit_id.in_(visits))))
    kept = set(session.scalars(select(VisitRow.work_order_id).where(VisitRow.id.in_(planned))))
    session.execute(delete(LinkRow).where(LinkRow.subject_id.in_(orders)))
    session.execute(delete(OfferRow).where(OfferRow.visit_id.in_(visits)))
    customers = [customer_id for _, customer_id, _ in found]
    session.execute(delete(ContactPointRow).where(ContactPointRow.customer_id.in_(customers)))
    session.execute(delete(CustomerNoteRow).where(CustomerNoteRow.customer_id.in_(customers)))
    _blank(work, [row for row in found if row[0] in kept])
    _delete(work, [row for row in found if row[0] not in kept])
    return count


def _blank(work: Work, rows: list[tuple[str, str, str]]) -> None:
    """Take out of drafts what was said about person and place."""
    session = work.session
    orders, customers, sites = ([row[i] for row in rows] for i in range(3))
    session.execute(
        update(SiteRow)
        .where(SiteRow.id.in_(sites))
        .values(address="", address_key="", access_notes="", latitude=0.0, longitude=0.0)
    )
    session.execute(update(CustomerRow).where(CustomerRow.id.in_(customers)).values(name="", name_key=""))
    session.execute(
        update(WorkOrderRow)
        .where(WorkOrderRow.id.in_(orders))
        .values(state="canceled", summary="", intake=None, unbooked_since=None)
    )
    session.execute(
        update(VisitRow)
        .where(VisitRow.work_order_id.in_(orders))
        .values(state="canceled", version=VisitRow.version + 1)
    )


def _delete(work: Work, rows: list[tuple[str, str, str]]) -> None:
    """Delete drafts that no plan has ever named."""
    session = work.session
    orders, customers, sites = ([row[i] for row in rows] for i in range(3))
    visits = select(VisitRow.id).where(VisitRow.work_order_id.in_(orders))
    session.execute(delete(HoldRow).where(HoldRow.visit_id.in_(visits)))
    session.execute(delete(VisitRow).where(VisitRow.work_order_id.in_(orders)))
    session.execute(delete(WorkOrderRow).where(WorkOrderRow.id.in_(orders)))
    session.execute(delete(SiteRow).where(SiteRow.id.in_(sites)))
    session.execute(delete(CustomerRow).where(CustomerRow.id.in_(customers)))
