"""What is waiting to be done, what failed of late, and who works on it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from fieldops.store.tables import ExecutorRow, HoldRow, MessageRow, PlanJobRow, ReplanRow, TerritoryRow, WebhookRow
from fieldops.usecases.plan_nights import CATCH_UP
from fieldops.usecases.service_state import WORKER_SILENCE
from fieldops.usecases.work import Work

#: Failures are shown for so long.
RECENT: Final = timedelta(days=1)
#: The last night is looked for so far back, however late somebody looks on the day after.
NIGHT: Final = timedelta(hours=36)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFigures:
    """
    One kind of work.

    Attributes
    ----------
    kind
        ``plan`` and ``replan`` with what asked for it (``plan.nightly``), ``message`` with its channel
        (``message.email``).
    waiting
        Of messages only those whose time has come.
    later
        Messages whose time has not come yet.
    failed
        In the last day.
    oldest_waiting_s
        How long the one that waits longest has been waiting; None = none waits.
    """

    kind: str
    waiting: int
    later: int
    running: int
    failed: int
    oldest_waiting_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NightFigures:
    """How the last night's planning of a territory went: its jobs by what became of them."""

    territory_id: str
    territory: str
    requested_at: datetime
    finished_at: datetime | None
    published: int
    drafts: int
    failed: int
    unended: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerFigures:
    """A worker that has not stopped: it is alive when it gave a sign of life of late."""

    id: str
    host: str
    started_at: datetime
    seen_at: datetime
    is_alive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookFigures:
    """A webhook that fails, or was disabled because it failed for days or by hand."""

    id: str
    is_enabled: bool
    failing_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueReport:
    """
    How the work behind the service stands.

    Attributes
    ----------
    outbox
        Messages whose time has come and that are not sent.
    """

    at: datetime
    outbox: int
    active_holds: int
    workers_alive: int
    queues: tuple[QueueFigures, ...]
    nights: tuple[NightFigures, ...]
    workers: tuple[WorkerFigures, ...]
    webhooks: tuple[WebhookFigures, ...]


def report_queues(work: Work) -> QueueReport:
    """Look at everything that waits."""
    plans = _solves(work, "plan", PlanJobRow, PlanJobRow.reason, "queued")
    replans = _solves(work, "replan", ReplanRow, ReplanRow.kind, "waiting")
    queues = (*plans, *replans, *_messages(work))
    workers = _workers(work)
    holds = select(func.count()).where(HoldRow.state == "active", HoldRow.expires_at > work.now)
    return QueueReport(
        at=work.now,
        outbox=sum(queue.waiting for queue in queues if queue.kind.startswith("message.")),
        active_holds=work.session.scalar(holds) or 0,
        workers_alive=sum(worker.is_alive for worker in workers),
        queues=queues,
        nights=_nights(work),
        workers=workers,
        webhooks=_webhooks(work),
    )


def _solves(
    work: Work, prefix: str, job: type[PlanJobRow | ReplanRow], kind: InstrumentedAttribute[str], waiting: str
) -> tuple[QueueFigures, ...]:
    """Count plan jobs by what asked for them, or replans by their kind."""
    is_recent = job.finished_at > work.now - RECENT
    query = (
        select(
            kind,
            _count(job.state == waiting),
            _count(job.state == "running"),
            _count(and_(job.state == "failed", is_recent)),
            func.min(case((job.state == waiting, job.requested_at))),
        )
        .where(job.state.in_((waiting, "running")) | is_recent)
        .group_by(kind)
        .order_by(kind)
    )
    return tuple(
        _figures(work, f"{prefix}.{name}", found, 0, running, failed, oldest)
        for name, found, running, failed, oldest in work.session.execute(query)
    )


def _messages(work: Work) -> tuple[QueueFigures, ...]:
    """Count messages by channel."""
    message = MessageRow
    is_due = and_(message.state == "due", message.due_at <= work.now)
    # One that nobody took for days fails when it is tried; one that cannot be written is never tried.
    is_recent = or_(message.claimed_at > work.now - RECENT, message.due_at > work.now - RECENT)
    query = (
        select(
            message.channel,
            _count(is_due),
            _count(and_(message.state == "due", message.due_at > work.now)),
            _count(message.state == "sending"),
            _count(and_(message.state == "failed", is_recent)),
            func.min(case((is_due, message.due_at))),
        )
        .where(message.state.in_(("due", "sending")) | and_(message.state == "failed", is_recent))
        .group_by(message.channel)
        .order_by(message.channel)
    )
    return tuple(
        _figures(work, f"message.{channel}", waiting, later, running, failed, oldest)
        for channel, waiting, later, running, failed, oldest in work.session.execute(query)
    )


def _nights(work: Work) -> tuple[NightFigures, ...]:
    """Sum up the last night of each territory."""
    job = PlanJobRow
    query = (
        select(TerritoryRow.id, TerritoryRow.name, job.requested_at, job.finished_at, job.state)
        .join(job, job.territory_id == TerritoryRow.id)
        .where(job.reason == "nightly", job.requested_at > work.now - NIGHT)
        .order_by(TerritoryRow.name, TerritoryRow.id, job.requested_at.desc())
    )
    nights = []
    for (territory_id, name), found in groupby(work.session.execute(query), key=lambda row: (row.id, row.name)):
        jobs = list(found)
        newest = [row for row in jobs if row.requested_at > jobs[0].requested_at - CATCH_UP]
        states = Counter(row.state for row in newest)
        nights.append(
            NightFigures(
                territory_id=territory_id,
                territory=name,
                requested_at=newest[-1].requested_at,
                finished_at=max((row.finished_at for row in newest if row.finished_at is not None), default=None),
                published=states["published"],
                drafts=states["ready"],
                failed=states["failed"] + states["canceled"],
                unended=states["queued"] + states["running"],
            )
        )
    return tuple(nights)


def _workers(work: Work) -> tuple[WorkerFigures, ...]:
    """List the workers that have not said that they stop."""
    rows = work.session.scalars(
        select(ExecutorRow).where(ExecutorRow.state == "up").order_by(ExecutorRow.started_at, ExecutorRow.id)
    )
    return tuple(
        WorkerFigures(
            id=row.id,
            host=row.host,
            started_at=row.started_at,
            seen_at=row.seen_at,
            is_alive=work.now - row.seen_at <= WORKER_SILENCE,
        )
        for row in rows
    )


def _webhooks(work: Work) -> tuple[WebhookFigures, ...]:
    """List the webhooks that somebody should look at; where they are is for those who manage them."""
    rows = work.session.scalars(
        select(WebhookRow)
        .where(WebhookRow.failing_since.is_not(None) | WebhookRow.is_enabled.is_(False))
        .order_by(WebhookRow.id)
    )
    return tuple(WebhookFigures(id=row.id, is_enabled=row.is_enabled, failing_since=row.failing_since) for row in rows)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """Count the rows of a group for which something holds."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _figures(
    work: Work, kind: str, waiting: int, later: int, running: int, failed: int, oldest: datetime | None
) -> QueueFigures:
    """Make the figures of one kind of work."""
    waited_s = None if oldest is None else max(0.0, (work.now - oldest).total_seconds())
    return QueueFigures(
        kind=kind, waiting=waiting, later=later, running=running, failed=failed, oldest_waiting_s=waited_s
    )
