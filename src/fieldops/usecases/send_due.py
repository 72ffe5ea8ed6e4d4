"""Send what is due: the worker's side of the outbox."""

import time
from collections import Counter
from collections.abc import Collection
from typing import Final

import structlog
from sqlalchemy import or_, select, update

from fieldops.messaging.channel import Delivery, Outcome
from fieldops.messaging.kinds import State, Via
from fieldops.store.tables import MessageRow
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.claim_message import Claim, claim_message
from fieldops.usecases.context import Context
from fieldops.usecases.record_delivery import is_lost, record_delivery, take_back_lost
from fieldops.usecases.work import Work, transact, view

log = structlog.get_logger(__name__)

#: No new message is begun after so many seconds: whoever calls this has other things to do, too.
BUDGET_S: Final = 5.0
#: So many failures in a row, and a channel (or an endpoint of a webhook) is left alone until the next call.
ENOUGH_FAILURES: Final = 3
#: After so many messages it is looked for those that others have left behind: a backlog must not keep them waiting.
TAKE_BACK_EVERY: Final = 10
UNSENDABLE: Final = "no channel configured"


def send_due(ctx: Context, *, channel: str | None = None, worker: str = "worker", limit: int = 100) -> int:
    """
    Send the messages that are due, one after the other.

    Parameters
    ----------
    channel
        The only one to send by, so that one that hangs never delays the others; None = all.
    worker
        Who sends; any number of workers may do so at the same time.
    limit
        How many messages are settled at most.

    Returns
    -------
    int
        How many were taken from the outbox: sent, failed, skipped or told to wait.

    Notes
    -----
    Three short transactions surround an attempt: one takes the message and renders it, none is open while it is handed
    over, one writes down the outcome.
    """
    channels = frozenset(ctx.channels)
    if not view(ctx, SYSTEM, has_something_to_do, channels, channel):
        return 0
    transact(ctx, SYSTEM, mark_unsendable, channels)
    stop_at = time.monotonic() + BUDGET_S
    mine = channels if channel is None else channels & {channel}
    failures: Counter[str] = Counter()
    for settled in range(limit):
        if settled % TAKE_BACK_EVERY == 0:
            transact(ctx, SYSTEM, take_back_lost)
        tired = {name for name, count in failures.items() if count >= ENOUGH_FAILURES}
        claim = None
        if time.monotonic() < stop_at:
            claim = transact(ctx, SYSTEM, claim_message, worker, channels=mine - tired, resting=tired)
        if claim is None:
            return settled
        if claim.outgoing is None:
            continue
        delivery = _send(ctx, claim, worker)
        whose = claim.recipient if claim.channel == Via.WEBHOOK else claim.channel
        failures[whose] = failures[whose] + 1 if delivery.outcome is Outcome.RETRY else 0
    return limit


def has_something_to_do(work: Work, channels: Collection[str], channel: str | None = None) -> bool:
    """Tell whether a message can be sent, has to be taken back or has nobody to send it; a cheap look, no lock."""
    is_due = (MessageRow.state == State.DUE.value) & (MessageRow.due_at <= work.now)
    if channel is not None:
        is_due &= MessageRow.channel == channel
    is_news = MessageRow.channel.in_(channels) | (MessageRow.note != UNSENDABLE) | (MessageRow.expires_at <= work.now)
    query = select(MessageRow.id).where(or_(is_due & is_news, is_lost(work.now))).limit(1)
    return work.session.scalar(query) is not None


def mark_unsendable(work: Work, channels: Collection[str]) -> None:
    """Say in the outbox why messages stay there: nobody has set up their channel; too late, they are skipped."""
    unsendable = (
        MessageRow.state == State.DUE.value,
        MessageRow.due_at <= work.now,
        MessageRow.channel.not_in(channels),
    )
    over = update(MessageRow).where(*unsendable, MessageRow.expires_at <= work.now)
    work.session.execute(over.values(state=State.SKIPPED.value, note=UNSENDABLE))
    work.session.execute(update(MessageRow).where(*unsendable, MessageRow.note != UNSENDABLE).values(note=UNSENDABLE))


def _send(ctx: Context, claim: Claim, worker: str) -> Delivery:
    """Hand a claimed message over, outside of any transaction, and write down what became of it."""
    assert claim.outgoing is not None, "only what is rendered can be sent"
    began = time.monotonic()
    try:
        delivery = ctx.channels[claim.channel].send(claim.outgoing)
    except Exception as error:
        delivery = Delivery(outcome=Outcome.RETRY, detail=f"{type(error).__name__}: {error}"[:200])
    duration_ms = round((time.monotonic() - began) * 1_000)
    transact(ctx, SYSTEM, record_delivery, claim, worker, delivery, duration_ms)
    if delivery.outcome is not Outcome.DELIVERED:
        # What the other side says may name the recipient: it stands in the outbox, here only its number.
        log.warning(
            "message.not_delivered",
            message_id=claim.message_id,
            channel=claim.channel,
            attempt=claim.attempt,
            outcome=delivery.outcome.value,
            code=delivery.detail[:3] if delivery.detail[:3].isdigit() else None,
        )
    return delivery
