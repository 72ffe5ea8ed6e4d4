"""Endpoints of other systems: where to tell what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select

from fieldops.domain.value_faults import wrong
from fieldops.errors import Fault, InternalError, InvalidInput, NotFound
from fieldops.messaging.kinds import Event
from fieldops.messaging.webhook import url_faults
from fieldops.store.ids import new_id
from fieldops.store.tables import MessageRow, WebhookRow
from fieldops.usecases.audit import record
from fieldops.usecases.notify import tell_webhook
from fieldops.usecases.paging import Page, page_by_id
from fieldops.usecases.read_messages import MessageDetail, read_message
from fieldops.usecases.secrets_shown_once import new_secret
from fieldops.usecases.work import Work

SECRET_PREFIX: Final = "whsec_"
#: Events one can ask for; the test is sent to whom it was asked for.
EVENTS: Final = tuple(event.value for event in Event if event is not Event.TEST)
MAX_URL: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookView:
    """
    An endpoint.

    Attributes
    ----------
    events
        Those it wants; none = all.
    failing_since
        First failure since the last success; after three days it is disabled.
    secret
        Verifies what it gets, when it was just made; None ever after.
    """

    id: str
    url: str
    events: tuple[str, ...]
    is_enabled: bool
    failing_since: datetime | None
    created_at: datetime
    secret: str | None = None


def register_webhook(work: Work, *, url: str, events: Sequence[str] = ()) -> WebhookView:
    """
    Tell an endpoint of events from now on.

    Raises
    ------
    InvalidInput
        With all faults.
    """
    _check(work, url, events)
    row = WebhookRow(
        id=new_id("wh"),
        url=url,
        secret=new_secret(SECRET_PREFIX),
        events=sorted(set(events)),
        failing_since=None,
        created_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    record(work, "webhook.registered", "webhook", row.id, events=row.events)
    return _view(row, row.secret)


def update_webhook(
    work: Work,
    webhook_id: str,
    *,
    url: str | None = None,
    events: Sequence[str] | None = None,
    is_enabled: bool | None = None,
) -> WebhookView:
    """
    Change an endpoint; None leaves as it is. Enabling it again forgives its failures.

    Raises
    ------
    NotFound
    InvalidInput
        With all faults.
    """
    row = _row(work, webhook_id)
    _check(work, row.url if url is None else url, row.events if events is None else events)
    row.url = row.url if url is None else url
    row.events = row.events if events is None else sorted(set(events))
    if is_enabled is not None:
        row.is_enabled = is_enabled
        row.failing_since = None if is_enabled else row.failing_since
    record(work, "webhook.updated", "webhook", row.id, events=row.events, is_enabled=row.is_enabled)
    return _view(row)


def delete_webhook(work: Work, webhook_id: str) -> None:
    """
    Tell an endpoint nothing more; what waits for it is skipped.

    Raises
    ------
    NotFound
    """
    row = _row(work, webhook_id)
    work.session.delete(row)
    record(work, "webhook.deleted", "webhook", webhook_id)


def read_webhook(work: Work, webhook_id: str) -> WebhookView:
    """
    Read an endpoint; its secret is not shown again.

    Raises
    ------
    NotFound
    """
    return _view(_row(work, webhook_id, locks=False))


def list_webhooks(work: Work, *, limit: int, after: str | None = None) -> Page[WebhookView]:
    """List endpoints by their id."""
    return page_by_id(work.session, select(WebhookRow), WebhookRow.id, _view, limit, after)


def send_test_webhook(work: Work, webhook_id: str) -> MessageDetail:
    """
    Leave an event ``webhook.test`` for an endpoint, also for a disabled one.

    Raises
    ------
    NotFound
    """
    row = _row(work, webhook_id)
    earlier = (
        select(func.count())
        .select_from(MessageRow)
        .where(MessageRow.subject_id == row.id, MessageRow.kind == Event.TEST.value)
    )
    number = (work.session.scalar(earlier) or 0) + 1
    message = tell_webhook(work, row, Event.TEST.value, row.id, number, {"text": "It works."})
    if message is None:
        raise InternalError("the number of a test was taken")
    return read_message(work, message.id)


def _check(work: Work, url: str, events: Sequence[str]) -> None:
    """Raise all that is wrong with an endpoint."""
    faults: list[Fault] = url_faults(url, allow_private=work.ctx.settings.webhooks_allow_private)
    if len(url) > MAX_URL:
        faults = [wrong("url", url, f"an address of at most {MAX_URL:,} characters")]
    faults += [
        wrong(f"events[{index}]", event, f"one of {', '.join(EVENTS)}")
        for index, event in enumerate(events)
        if event not in EVENTS
    ]
    if faults:
        raise InvalidInput(faults)


def _row(work: Work, webhook_id: str, *, locks: bool = True) -> WebhookRow:
    row = work.session.get(WebhookRow, webhook_id, with_for_update=locks)
    if row is None:
        raise NotFound("webhook", webhook_id)
    return row


def _view(row: WebhookRow, secret: str | None = None) -> WebhookView:
    return WebhookView(
        id=row.id,
        url=row.url,
        events=tuple(row.events),
        is_enabled=row.is_enabled,
        failing_since=row.failing_since,
        created_at=row.created_at,
        secret=secret,
    )
