"""The outbox, for those who want to know what was said to whom, and what was not."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.exc import NoResultFound

from fieldops.errors import FieldopsError, NotFound, WrongState
from fieldops.messaging.kinds import Kind, State, Via
from fieldops.messaging.render import Text
from fieldops.store.tables import MessageAttemptRow, MessageRow
from fieldops.usecases.audit import record
from fieldops.usecases.message_text import event_text, opened_by, text_of, without_tokens
from fieldops.usecases.paging import Page, page_of, read_time_cursor, time_key
from fieldops.usecases.work import Work

#: Stands where the customer's own link will be.
_TOKEN_TO_COME = "#token=fol_..."


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """
    A message in the outbox.

    Attributes
    ----------
    recipient
        Address, number, or id of a webhook.
    title, body
        As it left; empty while it waits. The customer's link is cut short: it is a key.
    """

    id: str
    kind: str
    channel: str
    recipient: str
    customer_id: str | None
    territory_id: str | None
    subject_id: str
    subject_version: int
    language: str
    state: str
    title: str
    body: str
    due_at: datetime
    expires_at: datetime | None
    attempts: int
    sent_at: datetime | None
    provider_id: str | None
    note: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptView:
    """One try to deliver a message."""

    number: int
    at: datetime
    outcome: str
    detail: str
    duration_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDetail:
    """
    A message and its attempts.

    Attributes
    ----------
    is_preview
        The text is what would leave now: it is written when it leaves.
    """

    message: MessageView
    is_preview: bool
    attempts: tuple[AttemptView, ...]


def list_messages(
    work: Work,
    *,
    limit: int,
    after: str | None = None,
    state: str | None = None,
    channel: str | None = None,
    customer_id: str | None = None,
) -> Page[MessageView]:
    """List messages, the newest first."""
    query = select(MessageRow).order_by(MessageRow.created_at.desc(), MessageRow.id.desc()).limit(limit + 1)
    for column, wanted in (
        (MessageRow.state, state),
        (MessageRow.channel, channel),
        (MessageRow.customer_id, customer_id),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if after is not None:
        at, last_id = read_time_cursor(after)
        earlier = and_(MessageRow.created_at == at, MessageRow.id < last_id)
        query = query.where(or_(MessageRow.created_at < at, earlier))
    rows = work.session.scalars(query).all()
    return page_of(rows, limit, _view, lambda row: time_key(row.created_at, row.id))


def read_message(work: Work, message_id: str) -> MessageDetail:
    """
    Read a message with its attempts; one that waits is shown as it would leave now.

    Raises
    ------
    NotFound
    """
    message = _row(work, message_id)
    preview = _preview(work, message) if not message.body and message.state == State.DUE else None
    attempts = work.session.scalars(
        select(MessageAttemptRow).where(MessageAttemptRow.message_id == message_id).order_by(MessageAttemptRow.number)
    )
    return MessageDetail(
        message=_view(message, preview),
        is_preview=preview is not None,
        attempts=tuple(
            AttemptView(
                number=row.number, at=row.at, outcome=row.outcome, detail=row.detail, duration_ms=row.duration_ms
            )
            for row in attempts
        ),
    )


def retry_message(work: Work, message_id: str) -> MessageDetail:
    """
    Make a message due now that failed, was skipped or waits.

    Whether it is still true is asked again when it leaves; one that failed is tried like any other again.

    Raises
    ------
    NotFound
    WrongState
        When it was sent, or is being sent.
    """
    message = work.session.get(MessageRow, message_id, with_for_update=True)
    if message is None:
        raise NotFound("message", message_id)
    if message.state in {State.SENT, State.SENDING} or not message.recipient:
        state = message.state if message.recipient else "without a recipient"
        raise WrongState(f"the message is {state}", details={"message_id": message.id, "state": message.state})
    message.state, message.due_at, message.note = State.DUE.value, work.now, ""
    record(work, "message.retried", "message", message.id)
    work.session.flush()
    return read_message(work, message_id)


def _row(work: Work, message_id: str) -> MessageRow:
    message = work.session.get(MessageRow, message_id)
    if message is None:
        raise NotFound("message", message_id)
    return message


def _preview(work: Work, message: MessageRow) -> Text | None:
    """Write a message as it would leave now; None when what it speaks of cannot be read."""
    if message.channel == Via.WEBHOOK:
        return event_text(message)
    try:
        page = opened_by(Kind(message.kind))
        return text_of(work, message, link=f"{work.ctx.settings.public_url.rstrip('/')}/{page}{_TOKEN_TO_COME}")
    except (NoResultFound, FieldopsError):
        return None


def _view(row: MessageRow, preview: Text | None = None) -> MessageView:
    return MessageView(
        id=row.id,
        kind=row.kind,
        channel=row.channel,
        recipient=row.recipient,
        customer_id=row.customer_id,
        territory_id=row.territory_id,
        subject_id=row.subject_id,
        subject_version=row.subject_version,
        language=row.language,
        state=row.state,
        title=row.title if preview is None else preview.title,
        body=without_tokens(row.body if preview is None else preview.body),
        due_at=row.due_at,
        expires_at=row.expires_at,
        attempts=row.attempts,
        sent_at=row.sent_at,
        provider_id=row.provider_id,
        note=row.note,
        created_at=row.created_at,
    )
