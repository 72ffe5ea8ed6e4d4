"""Forget what holds did to plans of past dates: most versions of a plan are somebody who looked at a window."""

from datetime import UTC, date, timedelta
from typing import Final

from sqlalchemy import and_, delete, exists, or_, select

from fieldops.store.tables import PlanEditRow, PlanRow, PlanVersionRow, RouteRow, StopRow
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.context import Context
from fieldops.usecases.work import Work, transact

#: Plans looked through in one transaction.
PLANS: Final = 20
_PASSING: Final = ("hold", "release")


def forget_versions(ctx: Context) -> int:
    """
    Delete what holds did to plans whose date is longer past than the setting `offer_days`; return how many versions.

    Notes
    -----
    The version a plan has in the end stays, the one that was published, and those an edit began or ended with; so do
    the routes that any of these had.
    """
    forgotten, plans = 0, PLANS
    before = ctx.clock.now().astimezone(UTC).date() - timedelta(days=ctx.settings.offer_days)
    while plans == PLANS:
        plans, versions = transact(ctx, SYSTEM, _forget, before)
        forgotten += versions
    return forgotten


def _forget(work: Work, before: date) -> tuple[int, int]:
    """Look through some plans; return how many, and how many versions were deleted."""
    session, version = work.session, PlanVersionRow
    is_of_edit = exists().where(
        PlanEditRow.plan_id == version.plan_id,
        or_(PlanEditRow.from_version == version.version, PlanEditRow.to_version == version.version),
    )
    is_passing = and_(
        version.plan_id == PlanRow.id,
        version.reason.in_(_PASSING),
        version.version < PlanRow.version,
        or_(PlanRow.published_version.is_(None), version.version != PlanRow.published_version),
        ~is_of_edit,
    )
    plans = session.scalars(
        select(PlanRow.id)
        .where(PlanRow.date < before, exists().where(is_passing))
        .order_by(PlanRow.id)
        .limit(PLANS)
        .with_for_update(skip_locked=True)
    ).all()
    forgotten = 0
    for plan_id in plans:
        passing = session.scalars(
            select(version.version).join(PlanRow, is_passing).where(version.plan_id == plan_id)
        ).all()
        session.execute(delete(version).where(version.plan_id == plan_id, version.version.in_(passing)))
        forgotten += len(passing)
        _forget_routes(work, plan_id)
    return len(plans), forgotten


def _forget_routes(work: Work, plan_id: str) -> None:
    """Delete the routes of a plan that none of its versions has any more."""
    version = PlanVersionRow
    is_shown = exists().where(
        version.plan_id == RouteRow.plan_id,
        version.version >= RouteRow.from_version,
        version.version < RouteRow.until_version,
    )
    routes = work.session.scalars(
        select(RouteRow.id).where(RouteRow.plan_id == plan_id, RouteRow.until_version.is_not(None), ~is_shown)
    ).all()
    work.session.execute(delete(StopRow).where(StopRow.route_id.in_(routes)))
    work.session.execute(delete(RouteRow).where(RouteRow.id.in_(routes)))
