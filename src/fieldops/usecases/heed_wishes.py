"""Have running plans heed that a visit on them, or its customer, would like something else now."""

from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, date, timedelta

from sqlalchemy import select

from fieldops.store.day_plans import lock_plans
from fieldops.store.plan_routes import write_routes
from fieldops.store.tables import PlanRow, RouteRow, StopRow
from fieldops.usecases.work import Work


def heed_wishes(work: Work, visit_ids: Collection[str]) -> None:
    """
    Give every plan of today or later that has one of some visits a new version; its routes stay.

    Notes
    -----
    Boards of other processes notice versions only: without a new one they would go on counting with the old wishes.
    """
    days: dict[str, set[date]] = defaultdict(set)
    planned = (
        select(PlanRow.territory_id, PlanRow.date)
        .join(RouteRow, RouteRow.plan_id == PlanRow.id)
        .join(StopRow, StopRow.route_id == RouteRow.id)
        .where(StopRow.visit_id.in_(visit_ids), StopRow.is_current)
        # A day earlier than in UTC it may still be.
        .where(PlanRow.date >= work.now.astimezone(UTC).date() - timedelta(days=1))
    )
    for territory_id, day in work.session.execute(planned):
        days[territory_id].add(day)
    for territory_id in sorted(days):
        for plan in lock_plans(work.session, territory_id, days[territory_id]).values():
            write_routes(work.session, plan, {}, reason="wishes", actor=work.actor.id, now=work.now)
