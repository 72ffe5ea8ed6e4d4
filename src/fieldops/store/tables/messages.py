"""The outbox: messages to people and to other systems, and every attempt to deliver them."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from fieldops.store.base import Row

#: Of `MessageRow`: a customer got it. Queries say it in the same words to be served by the index.
TOLD: Final = text("state = 'sent' and channel <> 'webhook'")


class MessageRow(Row):
    """
    One message, written in the transaction of what it speaks of. The table is the queue.

    Attributes
    ----------
    kind
        One of `fieldops.messaging.kinds.Kind`, or an event name for webhooks.
    channel, recipient
        ``email``, ``sms`` or ``webhook``; address, number or endpoint id.
    subject_id, subject_version
        What it speaks of (a booking, a visit, an offer, a line of the ledger), and the booking's version. One message
        per subject, version, kind, channel and recipient.
    data
        What the template is filled with; rendered when sent, so that it is never stale.
    due_at, expires_at
        Not before, and pointless after.
    state
        ``due``, ``sending``, ``sent``, ``skipped``, ``failed``.
    claimed_at, claimed_by
        Lease of the worker that is sending it.
    """

    __tablename__ = "messages"
    __table_args__ = (
        Index("uq_messages_subject", "subject_id", "subject_version", "kind", "channel", "recipient", unique=True),
        Index("ix_messages_state_due_at", "state", "due_at"),
        Index("ix_messages_told", "subject_id", "subject_version", "kind", sqlite_where=TOLD, postgresql_where=TOLD),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    territory_id: Mapped[str | None]
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id"), index=True)
    kind: Mapped[str]
    channel: Mapped[str]
    recipient: Mapped[str]
    subject_id: Mapped[str]
    subject_version: Mapped[int]
    language: Mapped[str]
    data: Mapped[dict[str, Any]]
    title: Mapped[str] = mapped_column(default="")
    body: Mapped[str] = mapped_column(default="")
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(default="due")
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_at: Mapped[datetime | None]
    claimed_by: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    provider_id: Mapped[str | None] = mapped_column(index=True)
    note: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(index=True)


class InboundMessageRow(Row):
    """
    What somebody wrote to us.

    Attributes
    ----------
    channel
        As of `CustomerNoteRow`.
    heard
        What it was taken for: see `fieldops.usecases.inbound_messages.Heard`.
    customer_id
        Of the one customer who had the number, or whom it turned out to be from.
    settled_at, settled_by
        When somebody saw to it, and who.
    """

    __tablename__ = "inbound_messages"
    __table_args__ = (Index("ix_inbound_messages_at", "at"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]
    sender: Mapped[str]
    heard: Mapped[str] = mapped_column(default="unknown_sender", server_default="unknown_sender")
    text: Mapped[str]
    at: Mapped[datetime]
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None]


class MessageAttemptRow(Row):
    """One try to deliver a message."""

    __tablename__ = "message_attempts"
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    outcome: Mapped[str]  # delivered | retry | refused
    detail: Mapped[str]
    duration_ms: Mapped[int]


class WebhookRow(Row):
    """
    An endpoint of another system that wants to hear about events.

    Attributes
    ----------
    events
        Event names it wants; empty = all.
    failing_since
        First failure since the last success; after days of it the endpoint is disabled.
    """

    __tablename__ = "webhooks"
    id: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str]
    secret: Mapped[str]
    events: Mapped[list[str]]
    is_enabled: Mapped[bool] = mapped_column(default=True)
    failing_since: Mapped[datetime | None]
    created_at: Mapped[datetime]
