"""What follows on a day under way when a visit leaves its place there."""

from sqlalchemy import delete, select

from fieldops.store.tables import EtaRow, PlanRow, RouteRow, StopRow
from fieldops.usecases.look_after import look_after
from fieldops.usecases.place_visit import Locked
from fieldops.usecases.work import Work


def leave_day(work: Work, locked: Locked) -> None:
    """
    Expect nobody any more at a visit that has left its place, and look after those that were behind it.

    Parameters
    ----------
    locked
        As it was before the visit left its place; nothing happens on a day that is not under way.
    """
    work.session.flush()
    forgotten = work.session.execute(delete(EtaRow).where(EtaRow.visit_id == locked.visit.id).returning(EtaRow.date))
    if forgotten.first() is None or locked.stop is None:
        return
    day, shift_id = locked.stop
    there = (
        select(RouteRow.shift_id)
        .join(StopRow, StopRow.route_id == RouteRow.id)
        .join(PlanRow, PlanRow.id == RouteRow.plan_id)
        .where(StopRow.visit_id == locked.visit.id, StopRow.is_current, PlanRow.date == day)
    )
    look_after(work, locked.territory.id, day, {shift_id, *work.session.scalars(there)})
