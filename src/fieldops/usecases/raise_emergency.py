"""An emergency on a day under way: an open visit becomes the most urgent there is, and asks for a place at once."""

from typing import Final

from fieldops.domain.progress import ProgressEvent
from fieldops.errors import WrongState
from fieldops.store.tables import VisitRow, WorkOrderRow
from fieldops.usecases.work import Work

#: The highest there is.
URGENT: Final = 5


def raise_emergency(work: Work, event: ProgressEvent) -> str:
    """
    Make a visit urgent.

    Returns
    -------
    str
        Why a replan is wanted: one sentence.

    Raises
    ------
    WrongState
        When the visit is held, booked or over: it has a place, or needs none.
    """
    visit = work.session.get_one(VisitRow, event.visit_id, populate_existing=True)
    if visit.state != "open":
        details = {"visit_id": visit.id, "state": visit.state}
        raise WrongState(f"the visit {visit.id} is {visit.state}; an emergency is open", details=details)
    if visit.priority != URGENT:
        visit.priority = URGENT
        visit.version += 1
    visit.is_mandatory = True
    name = visit.name or work.session.get_one(WorkOrderRow, visit.work_order_id).summary
    return f"emergency: {name}" + (f", {event.reason}" if event.reason else "")
