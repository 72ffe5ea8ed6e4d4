"""
Leave messages in the outbox, in the transaction of what they speak of.

Nothing is sent here: rows of the table `messages` are, by `fieldops.usecases.send_due`. Which message leaves when, to
whom and why not is told in docs/messages.md.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import select, update

from fieldops.domain.policies import Policies
from fieldops.domain.problem import TimeWindow
from fieldops.messaging.kinds import Kind, State, Via
from fieldops.messaging.quiet_hours import QuietHours, reminder_at
from fieldops.store.ids import new_id
from fieldops.store.tables import (
    BookingRow,
    CustomerRow,
    MessageRow,
    OfferRow,
    PromiseRow,
    TerritoryRow,
    WaitlistRow,
    WebhookRow,
)
from fieldops.store.territories import policies_of
from fieldops.usecases.actor import Role
from fieldops.usecases.reach_customer import Reach, quiet_hours_of, ways_to_reach
from fieldops.usecases.work import Work

#: How long an event is worth telling to another system; longer than an endpoint may fail before it is disabled.
WEBHOOK_LIFE: Final = timedelta(days=3, hours=1)
NOBODY: Final = "no contact point that may be used"
#: Why a message was skipped that speaks of what may still come, and is left anew then.
NOT_SO_YET: Final = "the end of the visit was taken back"


def notify_customer(work: Work, booking: BookingRow, kind: str, *, extra: Mapping[str, object] | None = None) -> None:
    """
    Leave a message to the customer of a booking, and the reminder that goes with a new window.

    Parameters
    ----------
    booking
        As it is after the change the message speaks of, version included.
    kind
        One of `Kind`. A confirmation and a change bring a reminder along and replace what older versions wanted to
        say; a cancellation replaces everything else about the booking. A change reads the window it replaces from the
        ledger, where it must be settled by then.
    extra
        JSON. ``earlier_slot`` needs ``offer_id``, the offer that can be taken up, and is left only for a booking on the
        waitlist; ``cancellation`` may have ``reason``, told to the customer.

    Notes
    -----
    Without a contact point that may be used the message is kept all the same, skipped, so that somebody can call.
    The same message about the same version is left once, however often this is called.
    """
    wanted = Kind(kind)
    session = work.session
    session.flush()
    customer = session.get_one(CustomerRow, booking.customer_id)
    territory = session.get_one(TerritoryRow, booking.territory_id)
    policies = policies_of(territory)
    quiet = quiet_hours_of(customer, policies, territory.time_zone)
    data = {**(extra or {}), "booking_id": booking.id, "at_once": work.actor.role is Role.CUSTOMER}
    _replace_older(work, booking, wanted)
    if wanted is Kind.REMINDER:
        _leave_reminder(work, booking, customer, policies, quiet)
        return
    if wanted is Kind.EARLIER_SLOT and not _may_be_asked(work, booking):
        return
    subject_id = str(data["offer_id"]) if wanted is Kind.EARLIER_SLOT else booking.id
    way = _first_way(work, customer)
    leave(
        work,
        kind=wanted,
        way=way,
        customer=customer,
        territory_id=booking.territory_id,
        subject_id=subject_id,
        subject_version=booking.version,
        data=data,
        due_at=allowed_from(
            wanted,
            way.channel,
            work.now,
            quiet,
            needed_by=needed_by(work, wanted, booking),
            at_once=bool(data["at_once"]),
        ),
        expires_at=_expiry(work, wanted, booking, data),
    )
    if wanted in {Kind.CONFIRMATION, Kind.CHANGE}:
        _leave_reminder(work, booking, customer, policies, quiet)


def emit(work: Work, event: str, subject_id: str, subject_version: int, data: Mapping[str, object]) -> None:
    """
    Tell an event to every webhook that wants to hear of it.

    Parameters
    ----------
    event
        One of `fieldops.messaging.kinds.Event`.
    data
        JSON, told as it is; together with the event's name and the instant it happened.
    """
    work.session.flush()
    for webhook in work.session.scalars(select(WebhookRow).where(WebhookRow.is_enabled).order_by(WebhookRow.id)):
        if not webhook.events or event in webhook.events:
            tell_webhook(work, webhook, event, subject_id, subject_version, data)


def tell_webhook(
    work: Work, webhook: WebhookRow, event: str, subject_id: str, subject_version: int, data: Mapping[str, object]
) -> MessageRow | None:
    """Leave an event for one webhook; None when it has been told of it before."""
    return _leave(
        work,
        kind=event,
        way=Reach(Via.WEBHOOK.value, webhook.id),
        customer_id=None,
        language="en",
        territory_id=None,
        subject_id=subject_id,
        subject_version=subject_version,
        data={"event": event, "occurred_at": work.now.isoformat(), "data": dict(data)},
        due_at=work.now,
        expires_at=work.now + WEBHOOK_LIFE,
    )


def allowed_from(
    kind: Kind, channel: str, instant: datetime, quiet: QuietHours, *, needed_by: datetime, at_once: bool
) -> datetime:
    """
    Return when a message may leave that could leave at `instant`.

    A reminder, an earlier slot and a survey wait for the end of the quiet hours on every channel, everything else only
    as a text message. Two exceptions: what answers the customer's own action or is about a visit within the next two
    hours leaves `at_once`, and so does news of the booking that is needed before the quiet hours end.
    """
    unasked = kind in {Kind.REMINDER, Kind.EARLIER_SLOT, Kind.SURVEY}
    if not unasked and (at_once or channel != Via.SMS):
        return instant
    allowed = quiet.next_allowed(instant)
    return instant if not unasked and allowed >= needed_by else allowed


def needed_by(work: Work, kind: Kind, booking: BookingRow, data: Mapping[str, Any] = MappingProxyType({})) -> datetime:
    """
    Return when news of a booking has to be there: its window begins, or the one before a change.

    Parameters
    ----------
    data
        Of a message that was left; on the day itself it says so in ``needed_by``.
    """
    if "needed_by" in data:
        return datetime.fromisoformat(data["needed_by"])
    old = replaced_window(work, booking) if kind is Kind.CHANGE else None
    return booking.window_start if old is None else min(booking.window_start, old.earliest)


def replaced_window(work: Work, booking: BookingRow) -> TimeWindow | None:
    """Return the window a booking had before its last change, from the ledger."""
    row = work.session.scalar(
        select(PromiseRow)
        .where(PromiseRow.booking_id == booking.id, PromiseRow.outcome == "changed", PromiseRow.kind == "window")
        .order_by(PromiseRow.settled_at.desc(), PromiseRow.told_at.desc())
        .limit(1)
    )
    return None if row is None else TimeWindow(row.window_start, row.window_end)


def leave(work: Work, *, kind: Kind, way: Reach, customer: CustomerRow, **columns: Any) -> MessageRow | None:
    """
    Leave a message to a customer.

    Returns
    -------
    MessageRow | None
        None when the same was left before, unless that was taken back because it was not so yet (`NOT_SO_YET`). Without
        a recipient it is skipped at once.
    """
    message = _leave(work, kind=kind.value, way=way, customer_id=customer.id, language=customer.language, **columns)
    if message is not None and not way.recipient:
        message.state, message.note = State.SKIPPED.value, NOBODY
    return message


def _leave(
    work: Work, *, kind: str, way: Reach, subject_id: str, subject_version: int, **columns: Any
) -> MessageRow | None:
    """Add a row, unless there is one about the same."""
    known = work.session.execute(
        select(MessageRow.id, MessageRow.state, MessageRow.note).where(
            MessageRow.subject_id == subject_id,
            MessageRow.subject_version == subject_version,
            MessageRow.kind == kind,
            MessageRow.channel == way.channel,
            MessageRow.recipient == way.recipient,
        )
    ).one_or_none()
    if known is not None and (known.state, known.note) == (State.SKIPPED.value, NOT_SO_YET):
        again = work.session.get_one(MessageRow, known.id, populate_existing=True)
        for name, value in {**columns, "state": State.DUE.value, "note": "", "created_at": work.now}.items():
            setattr(again, name, value)
        work.session.flush()
        return again
    if known is not None:
        return None
    message = MessageRow(
        id=new_id("ms"),
        kind=kind,
        channel=way.channel,
        recipient=way.recipient,
        subject_id=subject_id,
        subject_version=subject_version,
        created_at=work.now,
        **columns,
    )
    work.session.add(message)
    work.session.flush()
    return message


def _leave_reminder(
    work: Work, booking: BookingRow, customer: CustomerRow, policies: Policies, quiet: QuietHours
) -> None:
    """Leave the reminder of a booking, if there is time for one."""
    due_at = reminder_at(booking.window_start, work.now, policies.reminder_before, quiet)
    way = _first_way(work, customer)
    if due_at is None or not way.recipient:
        return
    leave(
        work,
        kind=Kind.REMINDER,
        way=way,
        customer=customer,
        territory_id=booking.territory_id,
        subject_id=booking.id,
        subject_version=booking.version,
        data={"booking_id": booking.id, "at_once": False},
        due_at=due_at,
        expires_at=booking.window_start,
    )


def _replace_older(work: Work, booking: BookingRow, kind: Kind) -> None:
    """Take back what has not left yet and is true no more."""
    outdated = MessageRow.subject_version < booking.version
    if kind is Kind.CANCELLATION:
        outdated = MessageRow.kind != Kind.CANCELLATION.value
    work.session.execute(
        update(MessageRow)
        .where(
            MessageRow.subject_id == booking.id,
            MessageRow.channel != Via.WEBHOOK.value,
            MessageRow.state == State.DUE.value,
            outdated,
        )
        .values(state=State.SKIPPED.value, note=f"replaced by a {kind.value}")
    )


def _may_be_asked(work: Work, booking: BookingRow) -> bool:
    """Tell whether the customer agreed to be asked for an earlier slot."""
    entry = work.session.scalar(
        select(WaitlistRow.id).where(
            WaitlistRow.booking_id == booking.id, WaitlistRow.state.in_(("waiting", "offered"))
        )
    )
    return entry is not None


def _expiry(work: Work, kind: Kind, booking: BookingRow, data: Mapping[str, object]) -> datetime:
    """
    Return from when on a message is pointless.

    The window begins, or the offer has expired; that nobody comes is worth knowing until the end of the window.
    """
    if kind is Kind.EARLIER_SLOT:
        return work.session.get_one(OfferRow, data["offer_id"]).expires_at
    return booking.window_end if kind is Kind.CANCELLATION else booking.window_start


def _first_way(work: Work, customer: CustomerRow) -> Reach:
    """Return the best way to reach a customer; one without a recipient when there is none."""
    ways = ways_to_reach(work.session, customer)
    return ways[0] if ways else Reach(customer.channel, "")
