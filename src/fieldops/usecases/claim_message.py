"""Take the next message that is due: decide whether it is still to be sent, and put a name on it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from fieldops.messaging.channel import Outgoing
from fieldops.messaging.kinds import ON_THE_DAY, Event, Kind, State, Via
from fieldops.messaging.retries import pause_after
from fieldops.store.tables import (
    BookingRow,
    CustomerRow,
    MessageRow,
    OfferRow,
    TerritoryRow,
    VisitRow,
    WaitlistRow,
    WebhookRow,
)
from fieldops.store.territories import policies_of
from fieldops.usecases.message_text import (
    attachments_of,
    event_text,
    is_over,
    left_of,
    link_for,
    reply_address,
    text_of,
    without_tokens,
)
from fieldops.usecases.notify import allowed_from, needed_by
from fieldops.usecases.reach_customer import Reach, can_be_reached, quiet_hours_of
from fieldops.usecases.readdress_message import readdress_message
from fieldops.usecases.unsubscribe import unsubscribe_url
from fieldops.usecases.why_outdated import why_outdated
from fieldops.usecases.work import Work

log = structlog.get_logger(__name__)

RESTS: Final = "waits for the end of quiet hours"
#: Kinds that make a reminder superfluous when they left late.
_TELL_THE_WINDOW: Final = (Kind.CONFIRMATION.value, Kind.CHANGE.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """
    A message taken from the outbox.

    Attributes
    ----------
    attempt
        Its number; with it the outcome is recorded.
    outgoing
        None when it turned out that nothing is to be sent now.
    """

    message_id: str
    channel: str
    recipient: str
    attempt: int
    outgoing: Outgoing | None


@dataclass(frozen=True, slots=True)
class Skip:
    """Not to be sent at all, and why."""

    note: str
    tries_elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Not to be sent before an instant, and why."""

    until: datetime
    note: str


def claim_message(work: Work, worker: str, *, channels: Collection[str], resting: Collection[str] = ()) -> Claim | None:
    """
    Take the message that is due longest, or none.

    Parameters
    ----------
    channels
        Those that can send.
    resting
        Recipients to be left alone for now.

    Notes
    -----
    Two workers never get the same row: PostgreSQL skips rows that another transaction has locked, SQLite has one
    writer. The row is marked as being sent in this transaction, before anything leaves the house.
    """
    wanted = select(MessageRow).where(
        MessageRow.state == State.DUE.value, MessageRow.due_at <= work.now, MessageRow.channel.in_(channels)
    )
    if resting:
        wanted = wanted.where(MessageRow.recipient.not_in(resting))
    message = work.session.scalars(
        wanted.order_by(MessageRow.due_at, MessageRow.id).limit(1).with_for_update(skip_locked=True)
    ).first()
    if message is None:
        return None
    try:
        outgoing = _take(work, message, worker)
    except DBAPIError:
        raise
    except Exception as error:
        outgoing = None
        _put_off(work, message, error)
    return Claim(
        message_id=message.id,
        channel=message.channel,
        recipient=message.recipient,
        attempt=message.attempts,
        outgoing=outgoing,
    )


def _take(work: Work, message: MessageRow, worker: str) -> Outgoing | None:
    """Decide about a message, and render it when it is to be sent."""
    verdict = _event_verdict(work, message) if message.channel == Via.WEBHOOK else _verdict(work, message)
    if isinstance(verdict, Skip):
        _skip(work, message, verdict)
        return None
    if isinstance(verdict, Wait):
        message.due_at, message.note = verdict.until, verdict.note
        return None
    outgoing = _event(work, message) if message.channel == Via.WEBHOOK else _outgoing(work, message)
    message.attempts += 1
    message.state, message.claimed_at, message.claimed_by = State.SENDING.value, work.now, worker
    message.note = ""
    return outgoing


def _put_off(work: Work, message: MessageRow, error: Exception) -> None:
    """Try later to write a message; the fault is ours, and mended by the next release or by whoever reads the log."""
    log.error("message.cannot_be_written", message_id=message.id, kind=message.kind, error=repr(error), exc_info=True)
    message.attempts += 1
    message.note = f"cannot be written: {type(error).__name__}: {error}"[:500]
    message.due_at = work.now + pause_after(message.id, message.attempts, left=left_of(message, work.now))


def _skip(work: Work, message: MessageRow, verdict: Skip) -> None:
    """Settle a message that is not to be sent; one that was tried in vain until it was too late has failed."""
    has_failed = message.attempts > 0 and is_over(message, work.now)
    message.state = State.FAILED.value if has_failed else State.SKIPPED.value
    if has_failed:
        log.warning(
            "message.failed", message_id=message.id, channel=message.channel, kind=message.kind, why="too late by now"
        )
    message.note = f"{verdict.note}; last attempt: {message.note}" if has_failed and message.note else verdict.note
    if verdict.tries_elsewhere:
        readdress_message(work, message)


def _event_verdict(work: Work, message: MessageRow) -> Skip | None:
    """Judge an event for a webhook."""
    webhook = work.session.get(WebhookRow, message.recipient)
    if webhook is None:
        return Skip("the webhook is gone")
    if not webhook.is_enabled and message.kind != Event.TEST:
        return Skip("the webhook is disabled")
    return Skip("too old") if is_over(message, work.now) else None


def _verdict(work: Work, message: MessageRow) -> Skip | Wait | None:
    """Judge a message to a customer by what it speaks of, as that is now."""
    if is_over(message, work.now):
        return Skip("too late to be of use")
    kind = Kind(message.kind)
    booking = work.session.get(BookingRow, message.data["booking_id"])
    if booking is None:
        return Skip("the booking is gone")
    outdated = _outdated(work, message, kind, booking)
    if outdated:
        return Skip(outdated)
    if not can_be_reached(work.session, booking.customer_id, Reach(message.channel, message.recipient)):
        return Skip("the recipient said stop, or is the customer's no more", tries_elsewhere=True)
    territory = work.session.get_one(TerritoryRow, booking.territory_id)
    policies = policies_of(territory)
    if kind is Kind.REMINDER and _was_told_late(work, booking, booking.window_start - policies.reminder_before):
        return Skip("the window was told less than this long before")
    customer = work.session.get_one(CustomerRow, booking.customer_id)
    allowed = allowed_from(
        kind,
        message.channel,
        work.now,
        quiet_hours_of(customer, policies, territory.time_zone),
        needed_by=needed_by(work, kind, booking, message.data),
        at_once=bool(message.data.get("at_once")),
    )
    return Wait(allowed, RESTS) if allowed > work.now else None


def _outdated(work: Work, message: MessageRow, kind: Kind, booking: BookingRow) -> str:
    """Say why a message is not true any more; empty when it is."""
    if kind is Kind.CANCELLATION:
        return "" if booking.state == "canceled" else "the booking is not canceled"
    if booking.state != "confirmed":
        return "the booking is canceled"
    if booking.version != message.subject_version:
        return f"the booking has changed: it is at version {booking.version}"
    if kind in ON_THE_DAY:
        return why_outdated(work, message, kind, booking)
    if work.session.get_one(VisitRow, booking.visit_id).state in {"done", "canceled"}:
        return "the visit is done or canceled"
    if kind is Kind.EARLIER_SLOT and not _is_open(work, booking, str(message.data.get("offer_id"))):
        return "the offer is not open any more"
    return ""


def _is_open(work: Work, booking: BookingRow, offer_id: str) -> bool:
    """Tell whether an earlier slot is still offered to a customer who agreed to be asked."""
    entry = work.session.scalar(
        select(WaitlistRow.id).where(
            WaitlistRow.booking_id == booking.id, WaitlistRow.state == "offered", WaitlistRow.offer_id == offer_id
        )
    )
    return entry is not None and work.session.get(OfferRow, offer_id) is not None


def _was_told_late(work: Work, booking: BookingRow, since: datetime) -> bool:
    """Tell whether a confirmation or change of this window left after an instant: that was reminder enough."""
    told = work.session.scalar(
        select(MessageRow.id).where(
            MessageRow.subject_id == booking.id,
            MessageRow.subject_version == booking.version,
            MessageRow.kind.in_(_TELL_THE_WINDOW),
            MessageRow.sent_at > since,
        )
    )
    return told is not None


def _outgoing(work: Work, message: MessageRow) -> Outgoing:
    """Render a message to a customer, and keep what it says; not the key in it, which would stand in every backup."""
    text = text_of(work, message, link=link_for(work, message))
    message.title, message.body = text.title, without_tokens(text.body)
    return Outgoing(
        id=message.id,
        recipient=message.recipient,
        title=text.title,
        body=text.body,
        reply_to=reply_address(work, message),
        unsubscribe_url=unsubscribe_url(work.ctx.settings, message.id) if message.channel == Via.EMAIL else None,
        attachments=attachments_of(work, message),
    )


def _event(work: Work, message: MessageRow) -> Outgoing:
    """Write an event, and keep what it says."""
    webhook = work.session.get_one(WebhookRow, message.recipient)
    text = event_text(message)
    message.title, message.body = text.title, text.body
    return Outgoing(id=message.id, recipient=webhook.url, title=text.title, body=text.body, secret=webhook.secret)
