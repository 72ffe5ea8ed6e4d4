"""How the service stands: what is waiting, and whether anybody works on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import and_, func, or_, select

from fieldops.messaging.kinds import State, Via
from fieldops.store.migrate import is_current
from fieldops.store.tables import ExecutorRow, HoldRow, MessageAttemptRow, MessageRow, PlanJobRow
from fieldops.usecases.claim_message import RESTS
from fieldops.usecases.context import Context
from fieldops.usecases.send_due import UNSENDABLE
from fieldops.usecases.work import Work

#: A worker silent for longer is not there.
WORKER_SILENCE: Final = timedelta(seconds=30)


#: Failures are counted for so long.
RECENT: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelState:
    """
    How messages leave on one channel that somebody has set up.

    Attributes
    ----------
    failing
        Tried in vain, and to be tried again.
    failed
        Given up in the last day: refused for good, too late by now, or gone another way.
    oldest_s
        How long the oldest message has been trying to leave, from its first attempt or, when there was none, from when
        its time came; None = none waits.
    """

    failing: int
    failed: int
    oldest_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceState:
    """
    Counts at one instant.

    Attributes
    ----------
    due_messages
        Not sent although their time has come; those of channels that nobody has set up are not counted.
    failed_jobs
        Plan jobs that failed in the last day, by what asked for them.
    worker_seen_s
        Seconds since the last sign of life of any worker; None = there never was one.
    """

    due_messages: int
    channels: Mapping[str, ChannelState]
    active_holds: int
    queued_jobs: int
    running_jobs: int
    failed_jobs: Mapping[str, int]
    workers_up: int
    worker_seen_s: float | None


def is_migrated(ctx: Context) -> bool:
    """Whether the database has all tables of this version, those of the job queue included."""
    return is_current(ctx.database) and ctx.jobs.has_tables(ctx.database)


def service_state(work: Work) -> ServiceState:
    """Count what is waiting."""
    due = select(func.count()).where(
        MessageRow.state == State.DUE.value, MessageRow.due_at <= work.now, MessageRow.note != UNSENDABLE
    )
    holds = select(func.count()).where(HoldRow.state == "active", HoldRow.expires_at > work.now)
    states = select(PlanJobRow.state, func.count()).where(PlanJobRow.state.in_(("queued", "running")))
    jobs = {state: count for state, count in work.session.execute(states.group_by(PlanJobRow.state))}
    failed_jobs = (
        select(PlanJobRow.reason, func.count())
        .where(PlanJobRow.state == "failed", PlanJobRow.finished_at > work.now - RECENT)
        .group_by(PlanJobRow.reason)
    )
    ages_s = _silences_s(work)
    return ServiceState(
        due_messages=work.session.scalar(due) or 0,
        channels={via.value: _channel(work, via) for via in Via},
        active_holds=work.session.scalar(holds) or 0,
        queued_jobs=jobs.get("queued", 0),
        running_jobs=jobs.get("running", 0),
        failed_jobs={"nightly": 0, **{reason: count for reason, count in work.session.execute(failed_jobs)}},
        workers_up=sum(age <= WORKER_SILENCE.total_seconds() for age in ages_s),
        worker_seen_s=min(ages_s, default=None),
    )


def has_worker(work: Work) -> bool:
    """Tell whether a worker gave a sign of life of late."""
    return any(age <= WORKER_SILENCE.total_seconds() for age in _silences_s(work))


def _silences_s(work: Work) -> list[float]:
    """List how long ago each worker gave its last sign of life, in seconds."""
    seen = work.session.scalars(select(ExecutorRow.seen_at).where(ExecutorRow.state == "up"))
    return [max(0.0, (work.now - at).total_seconds()) for at in seen]


def _channel(work: Work, via: Via) -> ChannelState:
    """Count what does not leave on a channel."""
    message, first = MessageRow, MessageAttemptRow
    mine = (message.channel == via.value, message.note.not_in((UNSENDABLE, RESTS)))
    is_tried = and_(message.attempts > 0, message.state.in_((State.DUE.value, State.SENDING.value)))
    is_due = and_(message.state == State.DUE.value, message.due_at <= work.now)
    failing = select(func.count()).where(*mine, is_tried, message.state == State.DUE.value)
    failed = select(func.count()).where(
        message.channel == via.value,
        message.state == State.FAILED.value,
        or_(message.claimed_at > work.now - RECENT, message.due_at > work.now - RECENT),
    )
    since = (
        select(func.min(func.coalesce(first.at, message.due_at)))
        .select_from(message)
        .join(first, and_(first.message_id == message.id, first.number == 1), isouter=True)
        .where(*mine, or_(is_tried, is_due))
    )
    oldest = work.session.scalar(since)
    return ChannelState(
        failing=work.session.scalar(failing) or 0,
        failed=work.session.scalar(failed) or 0,
        oldest_s=None if oldest is None else max(0.0, (work.now - oldest).total_seconds()),
    )
