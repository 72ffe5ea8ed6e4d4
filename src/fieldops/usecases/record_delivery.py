"""Write down what became of an attempt, and what follows from it."""

from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import ColumnElement, and_, or_, select, update

from fieldops.messaging.channel import SEND_TIMEOUT_S, Delivery, Outcome
from fieldops.messaging.kinds import State, Via
from fieldops.messaging.retries import pause_after, should_go_elsewhere
from fieldops.store.tables import ExecutorRow, MessageAttemptRow, MessageRow, WebhookRow
from fieldops.usecases.audit import record
from fieldops.usecases.claim_message import Claim
from fieldops.usecases.contact_points import ContactKind
from fieldops.usecases.message_text import left_of
from fieldops.usecases.reach_customer import KIND_OF
from fieldops.usecases.readdress_message import readdress_message
from fieldops.usecases.set_consent import Consent, set_consent_everywhere
from fieldops.usecases.work import Work

log = structlog.get_logger(__name__)

#: How long a worker may keep a message before another one takes it: nobody is still sending it by then.
LEASE: Final = timedelta(seconds=SEND_TIMEOUT_S + 10)
#: The same of a worker that is known to have ended: an attempt it has begun is over by then.
LEASE_OF_THE_ENDED: Final = timedelta(seconds=SEND_TIMEOUT_S)
#: How long an endpoint may fail before it is disabled.
FAILS_AT_MOST: Final = timedelta(days=3)
#: So many attempts are repeated at once when their worker has ended; later ones pause like any that failed.
LOST_AT_ONCE: Final = 3
LOST: Final = "its worker ended without telling the outcome; this attempt may have arrived"


def record_delivery(work: Work, claim: Claim, worker: str, delivery: Delivery, duration_ms: int) -> None:
    """
    Write down the outcome of an attempt.

    Notes
    -----
    A worker whose lease ran out changes nothing but the list of attempts, with one exception: what was delivered is
    sent, whoever says so, and is not tried again.
    """
    message = work.session.get(MessageRow, claim.message_id, with_for_update=True)
    if message is None:
        return
    _add_attempt(work, message, claim.attempt, delivery, duration_ms)
    is_ours = (message.state, message.claimed_by, message.attempts) == (State.SENDING.value, worker, claim.attempt)
    if delivery.outcome is Outcome.DELIVERED and (is_ours or message.state in {State.SENDING, State.DUE}):
        message.state, message.sent_at, message.note = State.SENT.value, work.now, ""
        message.provider_id = delivery.provider_id or message.provider_id
    elif is_ours:
        _settle_failure(work, message, delivery)
    if message.channel == Via.WEBHOOK:
        _judge_webhook(work, message, delivery)


def is_lost(now: datetime) -> ColumnElement[bool]:
    """Give the condition for messages whose worker has ended, or is silent, and will not tell the outcome any more."""
    ended = select(ExecutorRow.id).where(ExecutorRow.state != "up")
    return and_(
        MessageRow.state == State.SENDING.value,
        or_(
            MessageRow.claimed_at <= now - LEASE,
            and_(MessageRow.claimed_at <= now - LEASE_OF_THE_ENDED, MessageRow.claimed_by.in_(ended)),
        ),
    )


def take_back_lost(work: Work) -> int:
    """
    Make messages due again whose worker did not tell the outcome in time, and count them.

    This is the one case in which something can be sent twice: the worker ended between handing a message over and
    writing that down. It keeps its id, by which mail servers and SMS services may recognize it, and its place among
    those that are due.
    """
    lost = work.session.scalars(
        select(MessageRow).where(is_lost(work.now)).with_for_update(skip_locked=True, of=MessageRow)
    ).all()
    for message in lost:
        unknown = Delivery(outcome=Outcome.RETRY, detail=LOST)
        waited = work.now - (message.claimed_at or work.now)
        _add_attempt(work, message, message.attempts, unknown, round(waited / timedelta(milliseconds=1)))
        if message.attempts >= LOST_AT_ONCE:
            # Perhaps it is what ends the workers: it must not end them one after the other.
            _settle_failure(work, message, unknown)
        else:
            message.state, message.note = State.DUE.value, LOST
    return len(lost)


def _add_attempt(work: Work, message: MessageRow, number: int, delivery: Delivery, duration_ms: int) -> None:
    """Add an attempt; one that was given up for lost gets its real outcome."""
    work.session.merge(
        MessageAttemptRow(
            message_id=message.id,
            number=number,
            at=message.claimed_at or work.now,
            outcome=delivery.outcome.value,
            detail=delivery.detail,
            duration_ms=duration_ms,
        )
    )


def _settle_failure(work: Work, message: MessageRow, delivery: Delivery) -> None:
    """
    Try again later, until it is too late; or give up and try to reach the customer another way.

    What may work later is given up only for another way: a service that is down for hours loses nothing.
    """
    message.note = delivery.detail
    if delivery.outcome is Outcome.RETRY:
        if should_go_elsewhere(message.kind, message.attempts) and _goes_elsewhere(work, message):
            _give_up(message, "went another way")
        else:
            message.state = State.DUE.value
            message.due_at = work.now + pause_after(
                message.id, message.attempts, delivery.retry_after_s, left=left_of(message, work.now)
            )
        return
    _give_up(message, "refused")
    if message.channel == Via.WEBHOOK:
        return
    if delivery.is_stopped:
        kind = ContactKind(KIND_OF[Via(message.channel)])
        set_consent_everywhere(work, kind, message.recipient, Consent.STOPPED)
    readdress_message(work, message)


def _give_up(message: MessageRow, why: str) -> None:
    """Try a message no more; it stays in the outbox as one that failed."""
    message.state = State.FAILED.value
    log.warning("message.failed", message_id=message.id, channel=message.channel, kind=message.kind, why=why)


def _goes_elsewhere(work: Work, message: MessageRow) -> bool:
    """Leave a message again for another way that somebody has set up, if there is one."""
    return readdress_message(work, message, channels=frozenset(work.ctx.channels)) is not None


def _judge_webhook(work: Work, message: MessageRow, delivery: Delivery) -> None:
    """Remember since when an endpoint fails; let its other events wait with this one, and disable it after days."""
    webhook = work.session.get(WebhookRow, message.recipient, with_for_update=True)
    if webhook is None:
        return
    if delivery.outcome is Outcome.DELIVERED:
        webhook.failing_since = None
        return
    webhook.failing_since = webhook.failing_since or work.now
    others = (
        MessageRow.channel == Via.WEBHOOK.value,
        MessageRow.recipient == webhook.id,
        MessageRow.state == State.DUE.value,
    )
    if webhook.is_enabled and work.now - webhook.failing_since >= FAILS_AT_MOST:
        webhook.is_enabled = False
        record(work, "webhook.disabled", "webhook", webhook.id, failing_since=webhook.failing_since.isoformat())
        work.session.flush()
        work.session.execute(
            update(MessageRow).where(*others).values(state=State.SKIPPED.value, note="the webhook is disabled")
        )
    elif message.state == State.DUE:
        work.session.flush()
        work.session.execute(
            update(MessageRow).where(*others, MessageRow.due_at < message.due_at).values(due_at=message.due_at)
        )
