"""Forget what nobody needs any more. The ledger of promises and the audit are kept for good."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import CursorResult, Delete, Update, delete, func, or_, select, tuple_, update

from fieldops.domain.progress import EventKind
from fieldops.settings import Settings
from fieldops.store.tables import (
    BookingRow,
    EtaRow,
    ExecutorRow,
    GeocodeRow,
    HoldRow,
    IdempotencyRow,
    InboundMessageRow,
    LinkRow,
    MessageRow,
    OfferRow,
    PlanJobRow,
    ProgressEventRow,
    RefreshTokenRow,
    ReplanRow,
    StreamEventRow,
    WaitlistRow,
)
from fieldops.travel.geocoders import TABLE
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.context import Context
from fieldops.usecases.plan_job_views import ENDED
from fieldops.usecases.stream import KEPT
from fieldops.usecases.work import Work, transact

#: Rows deleted in one transaction: nobody waits long for the locks.
BATCH: Final = 2_000
#: Workers that ended are remembered for a day, so that operators can see them.
EXECUTORS_KEPT: Final = timedelta(days=1)

_Statement = Callable[[datetime], Delete | Update]


def forget_old(ctx: Context) -> dict[str, int]:
    """
    Delete what is older than the setting `retention_days`.

    Returns
    -------
    dict[str, int]
        Rows deleted (of messages: emptied) by table.

    Notes
    -----
    Holds that have ended, entries of the waitlist, links that open nothing any more, answers kept for repeated
    requests, plan jobs and replans that have ended with what they made, where technicians were seen, what geocoding
    services answered, expired logins, what people wrote; of messages only what they said, so that it stays known that
    they were sent. Offers go sooner, after `offer_days`. A hold that a booking names and an offer that somebody on the
    waitlist may still take up stay, and so do routes and versions of plans (but see `forget_versions`): they are what
    was driven.
    """
    forgotten = {}
    for name, statement, kept in _STATEMENTS:
        before = ctx.clock.now() - (kept(ctx.settings) if kept else timedelta(days=ctx.settings.retention_days))
        count = BATCH
        forgotten[name] = 0
        while count == BATCH:
            count = transact(ctx, SYSTEM, _run, statement(before))
            forgotten[name] += count
    return forgotten


def forget_streams(ctx: Context) -> int:
    """Delete what streams told more than some hours ago; return how many events."""
    forgotten, count = 0, BATCH
    while count == BATCH:
        count = transact(ctx, SYSTEM, _run, _stream_events(ctx.clock.now() - KEPT))
        forgotten += count
    return forgotten


def _run(work: Work, statement: Delete | Update) -> int:
    result: CursorResult[Any] = work.session.execute(  # type: ignore[assignment]
        statement, execution_options={"synchronize_session": False}
    )
    return result.rowcount


def _offers(before: datetime) -> Delete:
    waiting = select(WaitlistRow.offer_id).where(
        WaitlistRow.state.in_(("waiting", "offered")), WaitlistRow.offer_id.is_not(None)
    )
    old = select(OfferRow.id).where(OfferRow.made_at < before, OfferRow.expires_at < before)
    return delete(OfferRow).where(OfferRow.id.in_(old.where(OfferRow.id.not_in(waiting)).limit(BATCH)))


def _holds(before: datetime) -> Delete:
    named = select(BookingRow.hold_id).where(BookingRow.hold_id.is_not(None))
    old = select(HoldRow.id).where(HoldRow.state != "active", HoldRow.expires_at < before)
    return delete(HoldRow).where(HoldRow.id.in_(old.where(HoldRow.id.not_in(named)).limit(BATCH)))


def _idempotency_keys(before: datetime) -> Delete:
    old = select(IdempotencyRow.principal, IdempotencyRow.key).where(IdempotencyRow.created_at < before).limit(BATCH)
    return delete(IdempotencyRow).where(tuple_(IdempotencyRow.principal, IdempotencyRow.key).in_(old))


def _plan_jobs(before: datetime) -> Delete:
    old = select(PlanJobRow.id).where(PlanJobRow.state.in_(ENDED), PlanJobRow.finished_at < before)
    return delete(PlanJobRow).where(PlanJobRow.id.in_(old.limit(BATCH)))


def _replans(before: datetime) -> Delete:
    old = select(ReplanRow.id).where(ReplanRow.finished_at < before)
    return delete(ReplanRow).where(ReplanRow.id.in_(old.limit(BATCH)))


def _positions(before: datetime) -> Delete:
    """Forget where people were; what they did on their visits is history."""
    old = select(ProgressEventRow.id).where(
        ProgressEventRow.kind == EventKind.POSITION.value, ProgressEventRow.received_at < before
    )
    return delete(ProgressEventRow).where(ProgressEventRow.id.in_(old.limit(BATCH)))


def _etas(before: datetime) -> Delete:
    """Forget what was expected of visits that never came to an end."""
    old = select(EtaRow.visit_id).where(EtaRow.computed_at < before)
    return delete(EtaRow).where(EtaRow.visit_id.in_(old.limit(BATCH)))


def _geocodes(before: datetime) -> Delete:
    """Forget where a service said that addresses are: anybody may ask it. The table of public ones stays."""
    old = select(GeocodeRow.query, GeocodeRow.provider).where(
        GeocodeRow.found_at < before, GeocodeRow.provider != TABLE
    )
    return delete(GeocodeRow).where(tuple_(GeocodeRow.query, GeocodeRow.provider).in_(old.limit(BATCH)))


def _logins(before: datetime) -> Delete:
    old = select(RefreshTokenRow.token_hash).where(RefreshTokenRow.expires_at < before)
    return delete(RefreshTokenRow).where(RefreshTokenRow.token_hash.in_(old.limit(BATCH)))


def _messages(before: datetime) -> Update:
    old = (
        select(MessageRow.id)
        .where(MessageRow.state.in_(("sent", "skipped", "failed")), MessageRow.created_at < before)
        .where((MessageRow.body != "") | (MessageRow.title != ""))
    )
    return update(MessageRow).where(MessageRow.id.in_(old.limit(BATCH))).values(title="", body="")


def _inbound(before: datetime) -> Delete:
    """Forget what people wrote; what was a customer's is a note there."""
    old = select(InboundMessageRow.id).where(InboundMessageRow.at < before)
    return delete(InboundMessageRow).where(InboundMessageRow.id.in_(old.limit(BATCH)))


def _executors(before: datetime) -> Delete:
    old = select(ExecutorRow.id).where(ExecutorRow.state != "up", ExecutorRow.seen_at < before)
    return delete(ExecutorRow).where(ExecutorRow.id.in_(old.limit(BATCH)))


def _stream_events(before: datetime) -> Delete:
    """Forget by rising id, so that nothing is missing after the first event kept."""
    newest = select(func.max(StreamEventRow.id)).where(StreamEventRow.at < before).scalar_subquery()
    old = select(StreamEventRow.id).where(StreamEventRow.id <= newest).order_by(StreamEventRow.id)
    return delete(StreamEventRow).where(StreamEventRow.id.in_(old.limit(BATCH)))


def _waitlist(before: datetime) -> Delete:
    """Forget who wanted to come earlier, once that is settled or cannot be any more."""
    is_over = select(BookingRow.id).where(BookingRow.id == WaitlistRow.booking_id, BookingRow.window_end < before)
    is_closed = WaitlistRow.state.not_in(("waiting", "offered"))
    old = select(WaitlistRow.id).where(WaitlistRow.created_at < before, or_(is_closed, is_over.exists()))
    return delete(WaitlistRow).where(WaitlistRow.id.in_(old.limit(BATCH)))


def _links(before: datetime) -> Delete:
    """Forget links that open nothing any more; without its row a token is as good as revoked."""
    old = select(LinkRow.id).where(or_(LinkRow.expires_at < before, LinkRow.revoked_at < before))
    return delete(LinkRow).where(LinkRow.id.in_(old.limit(BATCH)))


#: Name, what to do, and how long it is kept when that is not `retention_days`. Offers come after those who wait.
_STATEMENTS: Final[tuple[tuple[str, _Statement, Callable[[Settings], timedelta] | None], ...]] = (
    ("waitlist", _waitlist, None),
    ("offers", _offers, lambda settings: timedelta(days=settings.offer_days)),
    ("holds", _holds, None),
    ("links", _links, None),
    ("idempotency_keys", _idempotency_keys, None),
    ("plan_jobs", _plan_jobs, None),
    ("replans", _replans, None),
    ("positions", _positions, None),
    ("etas", _etas, None),
    ("geocodes", _geocodes, None),
    ("refresh_tokens", _logins, None),
    ("messages", _messages, None),
    ("inbound_messages", _inbound, None),
    ("executors", _executors, lambda _: EXECUTORS_KEPT),
)
