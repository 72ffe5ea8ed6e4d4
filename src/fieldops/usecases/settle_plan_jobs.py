"""Plan jobs that nobody will ever run: find those that may be such, and say so about those that are."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from sqlalchemy import and_, or_, select

from fieldops.store.tables import PlanJobRow
from fieldops.usecases.request_solve import SEED
from fieldops.usecases.work import Work

#: A job this old is in the queue, or was; one of a seed never is, and its process needs some time.
OLD_AFTER: Final = timedelta(minutes=2)
SEED_OLD_AFTER: Final = timedelta(hours=2)


def unended_plan_jobs(work: Work) -> tuple[str, ...]:
    """Name the plan jobs that have not ended and were not left just now."""
    seed = PlanJobRow.reason == SEED
    old = or_(
        and_(~seed, PlanJobRow.requested_at < work.now - OLD_AFTER),
        PlanJobRow.requested_at < work.now - SEED_OLD_AFTER,
    )
    return tuple(work.session.scalars(select(PlanJobRow.id).where(PlanJobRow.state.in_(("queued", "running")), old)))


def fail_lost_plan_jobs(work: Work, plan_job_ids: Collection[str]) -> int:
    """
    End the jobs that are in no queue any more.

    Returns
    -------
    int
        How many of them had not ended by themselves in the meantime.
    """
    lost = work.session.scalars(
        select(PlanJobRow)
        .where(PlanJobRow.id.in_(plan_job_ids), PlanJobRow.state.in_(("queued", "running")))
        .with_for_update()
    ).all()
    for job in lost:
        job.state, job.finished_at = "failed", work.now
        job.error = "the job was lost: no worker has it; ask for another one"
    return len(lost)
