"""What a day under way teaches about itself: on a slow day everybody is slow, and no single event says so."""

from datetime import date

from sqlalchemy import select

from fieldops.domain.factors import NOMINAL_PERMILLE, travel_of_day
from fieldops.store.tables import LiveDayRow, VisitProgressRow
from fieldops.usecases.work import Work


def learn_day(work: Work, territory_id: str, day: date) -> None:
    """
    Compare the drives of a day with the plan, and expect the rest of its travel to go like that.

    Notes
    -----
    What was reported of the traffic counts for more. The caller holds the lock of the date's plan.
    """
    row = work.session.get(LiveDayRow, (territory_id, day))
    if row is not None and row.reported_permille is not None:
        return
    progress = VisitProgressRow
    drives = work.session.execute(
        select(progress.travel_started_at, progress.arrived_at, progress.planned_travel_s)
        .where(progress.territory_id == territory_id, progress.date == day)
        .where(progress.arrived_at.is_not(None))
    )
    permille = travel_of_day(
        ((arrived - left).total_seconds(), planned)
        for left, arrived, planned in drives
        if left is not None and arrived is not None and planned is not None
    )
    if row is None:
        if permille == NOMINAL_PERMILLE:
            return
        row = LiveDayRow(territory_id=territory_id, date=day, wanted_why=[])
        row.wanted_at = row.wanted_since = row.reported_permille = None
        work.session.add(row)
    row.travel_permille = permille
    work.session.flush()
