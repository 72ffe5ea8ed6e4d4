"""How the service stands: what is waiting, and whether anybody works on it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import func, select

from fieldops.store.migrate import is_current
from fieldops.store.tables import ExecutorRow, HoldRow, MessageRow, PlanJobRow
from fieldops.usecases.context import Context
from fieldops.usecases.work import Work

#: A worker silent for longer is not there.
WORKER_SILENCE: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceState:
    """
    Counts at one instant.

    Attributes
    ----------
    due_messages
        Not sent although their time has come.
    worker_seen_s
        Seconds since the last sign of life of any worker; None = there never was one.
    """

    due_messages: int
    active_holds: int
    queued_jobs: int
    running_jobs: int
    workers_up: int
    worker_seen_s: float | None


def is_migrated(ctx: Context) -> bool:
    """Whether the database has all tables of this version, those of the job queue included."""
    return is_current(ctx.database) and ctx.jobs.has_tables(ctx.database)


def service_state(work: Work) -> ServiceState:
    """Count what is waiting."""
    due = select(func.count()).where(MessageRow.state == "due", MessageRow.due_at <= work.now)
    holds = select(func.count()).where(HoldRow.state == "active", HoldRow.expires_at > work.now)
    states = select(PlanJobRow.state, func.count()).where(PlanJobRow.state.in_(("queued", "running")))
    jobs = {state: count for state, count in work.session.execute(states.group_by(PlanJobRow.state))}
    seen = work.session.scalars(select(ExecutorRow.seen_at).where(ExecutorRow.state == "up")).all()
    ages_s = [max(0.0, (work.now - at).total_seconds()) for at in seen]
    return ServiceState(
        due_messages=work.session.scalar(due) or 0,
        active_holds=work.session.scalar(holds) or 0,
        queued_jobs=jobs.get("queued", 0),
        running_jobs=jobs.get("running", 0),
        workers_up=sum(age <= WORKER_SILENCE.total_seconds() for age in ages_s),
        worker_seen_s=min(ages_s, default=None),
    )
