"""Every night, each territory plans its next days: leave the jobs when its local hour has come."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import select

from fieldops.domain.policies import Policies
from fieldops.errors import FieldopsError
from fieldops.store.tables import PlanJobRow, ShiftRow, TerritoryRow
from fieldops.store.territories import policies_of
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.context import Context
from fieldops.usecases.request_solve import request_solve
from fieldops.usecases.work import Work, transact, view

#: When no worker was up at the hour, the night's jobs are still left so much later; then the night has passed.
CATCH_UP: Final = timedelta(hours=6)

#: Whoever plans before it plans the day that is about to begin, too.
NOON: Final = time(12)

log = structlog.get_logger(__name__)


def plan_nights(ctx: Context) -> int:
    """
    Leave the jobs of every territory whose hour has come.

    Returns
    -------
    int
        Jobs left now.

    Notes
    -----
    May be called at any time and by any number of workers: a job is named after its territory, night and date, and a
    name that is known is not left again. On the night a clock change skips the hour, it is read with the offset from
    before the change; one that comes twice is its first occurrence. A date on which somebody has begun
    to work is left alone: nobody who has set out gets another plan because a worker was late.
    """
    left = 0
    for territory_id, night, policies in view(ctx, SYSTEM, _nights):
        first = 0 if policies.plan_at < NOON else 1
        days = [night + timedelta(days=first + ahead) for ahead in range(policies.plan_days_ahead)]
        names = {night_job_id(territory_id, night, day): day for day in days}
        known = view(ctx, SYSTEM, _known, tuple(names))
        for job_id, day in names.items():
            if job_id not in known:
                left += transact(ctx, SYSTEM, _leave, territory_id, job_id, day, policies)
    return left


def night_job_id(territory_id: str, night: date, day: date) -> str:
    """Name the job that plans a date in a night (the local date on which that night's hour falls)."""
    return f"jo_{territory_id.removeprefix('te_')}_{night:%Y%m%d}_{day:%Y%m%d}"


def hour_of(night: date, policies: Policies, zone: ZoneInfo) -> datetime:
    """Give the instant at which a night's planning begins."""
    return datetime.combine(night, policies.plan_at, zone).astimezone(UTC)


def _nights(work: Work) -> list[tuple[str, date, Policies]]:
    """List the territories whose hour has come, with the night it belongs to."""
    return list(_due(work))


def _due(work: Work) -> Iterator[tuple[str, date, Policies]]:
    for territory in work.session.scalars(select(TerritoryRow).order_by(TerritoryRow.id)):
        try:
            policies = policies_of(territory)
        except FieldopsError as error:
            # One territory that somebody has spoiled by hand must not keep the others from being planned.
            log.error("plan_nights.unreadable_territory", territory_id=territory.id, error=str(error))
            continue
        zone = ZoneInfo(territory.time_zone)
        today = work.now.astimezone(zone).date()
        for night in (today - timedelta(days=1), today):
            if timedelta(0) <= work.now - hour_of(night, policies, zone) < CATCH_UP:
                yield territory.id, night, policies


def _known(work: Work, job_ids: tuple[str, ...]) -> frozenset[str]:
    """Pick the jobs that were left before."""
    return frozenset(work.session.scalars(select(PlanJobRow.id).where(PlanJobRow.id.in_(job_ids))))


def _leave(work: Work, territory_id: str, job_id: str, day: date, policies: Policies) -> bool:
    """Leave one job, unless another worker was faster, or the date has begun."""
    if work.session.get(PlanJobRow, job_id) is not None or _has_begun(work, territory_id, day):
        return False
    made = request_solve(
        work, territory_id, day, policies.plan_seconds, policies.publishes, reason="nightly", job_id=job_id
    )
    return made.id == job_id


def _has_begun(work: Work, territory_id: str, day: date) -> bool:
    """Tell whether a shift of a date has begun."""
    begun = select(ShiftRow.id).where(
        ShiftRow.territory_id == territory_id,
        ShiftRow.date == day,
        ShiftRow.removed_at.is_(None),
        ShiftRow.starts_at <= work.now,
    )
    return work.session.scalar(begun.limit(1)) is not None
