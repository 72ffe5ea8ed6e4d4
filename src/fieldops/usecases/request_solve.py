"""Ask for a plan of one date: leave a job, look at it, call it off."""

from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import defer

from fieldops.domain.value_faults import wrong
from fieldops.errors import Fault, InvalidInput, NotFound, WrongState
from fieldops.store.day_plans import lock_plan
from fieldops.store.ids import new_id
from fieldops.store.tables import PlanJobRow, TerritoryRow
from fieldops.store.territories import find_territory, policies_of
from fieldops.usecases.audit import record
from fieldops.usecases.paging import Page, page_of, read_time_cursor, time_key
from fieldops.usecases.plan_job_views import ENDED, PlanJobView, plan_job_view
from fieldops.usecases.work import Work

#: Longest search budget of one date, seconds.
MOST_SECONDS: Final = 3_600
#: Dates further ahead than this are a slip of the pen.
MOST_DAYS_AHEAD: Final = 366
#: Name of the job and of its queue.
SOLVE: Final = "solve"
#: Reason of the jobs that are in no queue: the process that wrote one down runs it at once (`plan_day.plan_now`).
SEED: Final = "seed"


def request_solve(
    work: Work,
    territory_id: str,
    day: date,
    seconds: int | None = None,
    publishes: bool = False,
    *,
    reason: str = "requested",
    job_id: str | None = None,
) -> PlanJobView:
    """
    Ask for a plan of one date, which a worker makes.

    Parameters
    ----------
    seconds
        Search budget; None = that of the territory's policies.
    publishes
        Whether the plan is published as soon as it is made.
    reason
        ``requested`` or ``nightly``.
    job_id
        None = a new name.

    Returns
    -------
    PlanJobView
        A job for the same date that no worker has begun yet is not left twice: it takes over the longer budget, and
        publishes when either was to.

    Raises
    ------
    NotFound
        When there is no such territory.
    InvalidInput
        When the date has passed, or the budget makes no sense.
    """
    territory = _territory(work, territory_id, day, seconds)
    budget = policies_of(territory).plan_seconds if seconds is None else seconds
    # Two requests at the same time must see each other's job. One that is in no queue may never be run.
    lock_plan(work.session, territory_id, day)
    waiting = work.session.scalars(
        select(PlanJobRow)
        .where(PlanJobRow.territory_id == territory_id, PlanJobRow.date == day, PlanJobRow.reason != SEED)
        .where(PlanJobRow.state == "queued", PlanJobRow.attempts == 0, PlanJobRow.cancel_requested.is_(False))
        .with_for_update()
    ).first()
    if waiting is not None:
        waiting.seconds = max(waiting.seconds, budget)
        waiting.publishes = waiting.publishes or publishes
        return plan_job_view(work, waiting)
    job = new_plan_job(work, territory_id, day, budget, publishes, reason=reason, job_id=job_id)
    work.ctx.jobs.enqueue(work.session, SOLVE, job.id, job_id=job.id, partition=territory_id)
    return plan_job_view(work, job)


def new_plan_job(
    work: Work,
    territory_id: str,
    day: date,
    seconds: int,
    publishes: bool,
    *,
    reason: str,
    job_id: str | None = None,
) -> PlanJobRow:
    """Write a job down without leaving it in the queue."""
    job = PlanJobRow(
        id=job_id or new_id("jo"),
        territory_id=territory_id,
        date=day,
        state="queued",
        reason=reason,
        seconds=seconds,
        publishes=publishes,
        cancel_requested=False,
        base_version=None,
        published_version=None,
        progress={},
        attempts=0,
        run_id=None,
        routes={},
        visit_versions={},
        unassigned=[],
        kpis={},
        cost={},
        search={},
        error=None,
        requested_by=work.actor.id,
        requested_at=work.now,
        started_at=None,
        finished_at=None,
    )
    work.session.add(job)
    work.session.flush()
    record(work, "plan.solve_requested", "plan_job", job.id, territory_id=territory_id, date=day.isoformat())
    return job


def read_plan_job(work: Work, plan_job_id: str) -> PlanJobView:
    """
    Look at a job.

    Raises
    ------
    NotFound
        When there is no such job.
    """
    job = work.session.get(PlanJobRow, plan_job_id)
    if job is None:
        raise NotFound("plan job", plan_job_id)
    return plan_job_view(work, job)


def list_plan_jobs(
    work: Work,
    *,
    territory_id: str | None = None,
    day: date | None = None,
    state: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> Page[PlanJobView]:
    """
    List jobs without their drafts, newest first; of one territory, of one date, in one state.

    Raises
    ------
    NotFound
        When there is no such territory.
    InvalidInput
        When `after` is no cursor.
    """
    query = select(PlanJobRow).order_by(PlanJobRow.requested_at.desc(), PlanJobRow.id.desc()).limit(limit + 1)
    if territory_id is not None:
        find_territory(work.session, territory_id)
    for column, value in ((PlanJobRow.territory_id, territory_id), (PlanJobRow.date, day), (PlanJobRow.state, state)):
        if value is not None:
            query = query.where(column == value)
    if after is not None:
        at, name = read_time_cursor(after)
        earlier = and_(PlanJobRow.requested_at == at, PlanJobRow.id < name)
        query = query.where(or_(PlanJobRow.requested_at < at, earlier))
    # What a draft holds is long, and nobody reads it here.
    rows = work.session.scalars(query.options(defer(PlanJobRow.routes), defer(PlanJobRow.visit_versions))).all()

    def shown(row: PlanJobRow) -> PlanJobView:
        return plan_job_view(work, row, with_draft=False)

    return page_of(rows, limit, shown, lambda row: time_key(row.requested_at, row.id))


def cancel_solve(work: Work, plan_job_id: str) -> PlanJobView:
    """
    Call a job off: one that waits ends at once, one that runs within a second, and its draft is not kept.

    Raises
    ------
    NotFound
        When there is no such job.
    WrongState
        When it has ended. A job that was called off before may be called off again.
    """
    job = work.session.get(PlanJobRow, plan_job_id, with_for_update=True)
    if job is None:
        raise NotFound("plan job", plan_job_id)
    if job.state in ENDED and job.state != "canceled":
        raise WrongState(f"this plan job is {job.state}", details={"state": job.state})
    if job.cancel_requested:
        return plan_job_view(work, job)
    job.cancel_requested = True
    if job.state == "queued":
        # Its entry in the queue stays, and finds nothing to do.
        job.state, job.finished_at = "canceled", work.now
    record(work, "plan.solve_canceled", "plan_job", job.id)
    return plan_job_view(work, job)


def _territory(work: Work, territory_id: str, day: date, seconds: int | None) -> TerritoryRow:
    """Return the territory, and refuse a request that makes no sense."""
    territory = find_territory(work.session, territory_id)
    today = work.now.astimezone(ZoneInfo(territory.time_zone)).date()
    faults: list[Fault] = []
    if not today <= day <= today + timedelta(days=MOST_DAYS_AHEAD):
        expected = f"a date from today ({today.isoformat()}) to {MOST_DAYS_AHEAD} days ahead"
        faults.append(wrong("date", day.isoformat(), expected))
    if seconds is not None and not 1 <= seconds <= MOST_SECONDS:
        faults.append(wrong("seconds", seconds, f"a whole number from 1 to {MOST_SECONDS}"))
    if faults:
        raise InvalidInput(faults)
    return territory
