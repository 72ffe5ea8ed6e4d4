"""Whoever served a customer first is whom the customer knows, unless staff have said otherwise."""

from sqlalchemy import select, update

from fieldops.store.tables import CustomerRow, PlanRow, RouteRow, StopRow, VisitRow, WorkOrderRow
from fieldops.usecases.audit import record
from fieldops.usecases.heed_wishes import heed_wishes
from fieldops.usecases.work import Work


def learn_technician(work: Work, visit: VisitRow, technician_id: str) -> bool:
    """
    Remember who has served a customer, unless somebody is known already or staff want nobody to be.

    Returns
    -------
    bool
        Whether this was news.

    Notes
    -----
    One statement decides, so that what staff choose at the same moment wins. Plans of later dates heed it; on the day
    itself it changes nothing any more.
    """
    customer_id = work.session.get_one(WorkOrderRow, visit.work_order_id).customer_id
    changed = work.session.execute(
        update(CustomerRow)
        .where(CustomerRow.id == customer_id, CustomerRow.known_technician_id.is_(None))
        .where(CustomerRow.technician_is_chosen.is_(False), CustomerRow.erased_at.is_(None))
        .values(known_technician_id=technician_id)
        .returning(CustomerRow.id)
    )
    if changed.scalar() is None:
        return False
    record(work, "customer.technician_learned", "customer", customer_id, technician_id=technician_id, visit_id=visit.id)
    heed_wishes(work, _later_visits(work, visit, customer_id))
    return True


def _later_visits(work: Work, visit: VisitRow, customer_id: str) -> list[str]:
    """Name the customer's visits that are on plans of dates after that of a visit."""
    on_plans = (
        select(PlanRow.date)
        .join(RouteRow, RouteRow.plan_id == PlanRow.id)
        .join(StopRow, StopRow.route_id == RouteRow.id)
        .where(StopRow.is_current)
    )
    day = work.session.scalar(on_plans.where(StopRow.visit_id == visit.id))
    later = (
        on_plans.with_only_columns(StopRow.visit_id)
        .join(VisitRow, VisitRow.id == StopRow.visit_id)
        .join(WorkOrderRow, WorkOrderRow.id == VisitRow.work_order_id)
        .where(WorkOrderRow.customer_id == customer_id, VisitRow.id != visit.id)
    )
    if day is not None:
        later = later.where(PlanRow.date > day)
    return list(work.session.scalars(later))
