"""Read work orders and visits: staff all of them, a customer with a link the one it is for."""

from sqlalchemy import and_, or_, select

from fieldops.errors import NotFound
from fieldops.store.tables import CustomerRow, VisitRow, WorkOrderRow
from fieldops.usecases.access import require_own
from fieldops.usecases.paging import Page, page_of, read_time_cursor, time_key
from fieldops.usecases.work import Work
from fieldops.usecases.work_order_views import VisitView, WorkOrderView, visit_views, work_order_views


def read_work_order(work: Work, work_order_id: str) -> WorkOrderView:
    """
    Read a work order.

    Raises
    ------
    NotFound
        When there is none, or not for this caller.
    """
    require_own(work, work_order_id)
    row = work.session.get(WorkOrderRow, work_order_id)
    if row is None:
        raise NotFound("work order", work_order_id)
    return work_order_views(work.session, [row], work.now)[0]


def read_visit(work: Work, visit_id: str) -> VisitView:
    """
    Read a visit.

    Raises
    ------
    NotFound
        When there is none, or not for this caller.
    """
    row = work.session.get(VisitRow, visit_id)
    if row is None:
        raise NotFound("visit", visit_id)
    require_own(work, row.work_order_id, kind="visit", name=visit_id)
    return visit_views(work.session, [row], work.now)[0]


def list_work_orders(
    work: Work,
    *,
    state: str | None = None,
    territory_id: str | None = None,
    customer_id: str | None = None,
    reference: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> Page[WorkOrderView]:
    """
    List work orders, the newest first; without what somebody is still about to book.

    Parameters
    ----------
    state, territory_id, customer_id, reference
        Only those with it; None = all.
    after
        Cursor of an earlier page.

    Raises
    ------
    InvalidInput
        When the cursor is none.
    """
    query = (
        select(WorkOrderRow)
        .join(CustomerRow, CustomerRow.id == WorkOrderRow.customer_id)
        .where(CustomerRow.is_draft.is_(False))
        .order_by(WorkOrderRow.created_at.desc(), WorkOrderRow.id.desc())
        .limit(limit + 1)
    )
    for column, value in (
        (WorkOrderRow.state, state),
        (WorkOrderRow.territory_id, territory_id),
        (WorkOrderRow.customer_id, customer_id),
        (WorkOrderRow.reference, reference),
    ):
        if value is not None:
            query = query.where(column == value)
    if after is not None:
        at, last_id = read_time_cursor(after)
        same_instant = and_(WorkOrderRow.created_at == at, WorkOrderRow.id < last_id)
        query = query.where(or_(WorkOrderRow.created_at < at, same_instant))
    rows = work.session.scalars(query).all()
    views = {view.id: view for view in work_order_views(work.session, rows[:limit], work.now)}
    return page_of(rows, limit, lambda row: views[row.id], lambda row: time_key(row.created_at, row.id))
