"""Nobody has time when a customer wants it: somebody calls, once something can be had."""

from sqlalchemy import select

from fieldops.errors import NotFound, WrongState
from fieldops.store.tables import CustomerRow, VisitRow, WorkOrderRow
from fieldops.usecases.open_draft import open_draft
from fieldops.usecases.place_visit import set_state
from fieldops.usecases.task_codes import TaskCode
from fieldops.usecases.tasks import TaskKind, TaskView, open_task
from fieldops.usecases.work import Work


def ask_for_call(work: Work) -> TaskView:
    """
    Keep the request that the caller's link is for, and leave it to somebody to find a time and to call.

    Returns
    -------
    TaskView
        The same one however often it is asked for while it is open.

    Raises
    ------
    NotFound
        When the caller has no link.
    WrongState
        When it is booked, done or canceled.
    InvalidInput
        When nobody knows yet who asks, or how to be reached.
    """
    order_id = work.actor.work_order_id
    order = None if order_id is None else work.session.get(WorkOrderRow, order_id, with_for_update=True)
    if order is None:
        raise NotFound("work order", order_id or "of this link")
    open_draft(work, order)
    [visit] = work.session.scalars(select(VisitRow).where(VisitRow.work_order_id == order.id).limit(1))
    name = work.session.get_one(CustomerRow, order.customer_id).name
    facts = {"customer": name, "order": order.summary}
    task = open_task(work, TaskKind.NO_TIME, visit, TaskCode.NO_FREE_TIME, facts)
    # Locked with the plan of today: whoever holds a window has the visit locked, too.
    visit = work.session.get_one(VisitRow, visit.id, with_for_update=True, populate_existing=True)
    if visit.state not in {"draft", "open", "held"}:
        details = {"visit_id": visit.id, "state": visit.state}
        raise WrongState(f"the visit is {visit.state}: write a note, or call", details=details)
    if visit.state == "draft":
        set_state(work, visit, "open")
    return task
