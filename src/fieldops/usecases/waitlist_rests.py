"""Who on the waitlist is left alone for now: in quiet hours, and after one question a day."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import and_, or_, select

from fieldops.domain.horizon import midnight
from fieldops.domain.policies import Policies
from fieldops.domain.problem import TimeWindow
from fieldops.messaging.kinds import Kind, State
from fieldops.store.tables import BookingRow, CustomerRow, MessageRow, WaitlistRow
from fieldops.usecases.reach_customer import quiet_hours_of
from fieldops.usecases.work import Work

#: Sent, about to be, or for nobody: then nothing else would be sent either.
_WAS_TOLD: Final = or_(
    MessageRow.state.in_((State.SENT.value, State.SENDING.value)),
    and_(MessageRow.state == State.SKIPPED.value, MessageRow.recipient == ""),
)


@dataclass(slots=True)
class Asked:
    """What the customer of an entry was asked so far, and when last."""

    windows: set[TimeWindow] = field(default_factory=set)
    last_at: datetime | None = None


def asked_so_far(work: Work, entries: Sequence[tuple[WaitlistRow, BookingRow]]) -> dict[str, Asked]:
    """
    Read what was asked of entries since they were made, by their ids.

    A window that could not be told because a channel was down is still news on another day.
    """
    found = {entry.id: Asked() for entry, _ in entries}
    if not entries:
        return found
    of_booking = {booking.id: entry for entry, booking in entries}
    rows = work.session.execute(
        select(MessageRow.data, MessageRow.created_at, _WAS_TOLD).where(
            MessageRow.customer_id.in_({booking.customer_id for _, booking in entries}),
            MessageRow.kind == Kind.EARLIER_SLOT.value,
            MessageRow.created_at >= min(entry.created_at for entry, _ in entries),
        )
    )
    for data, created_at, was_told in rows:
        entry = of_booking.get(data["booking_id"])
        if entry is None or created_at < entry.created_at:
            continue
        asked = found[entry.id]
        asked.last_at = max(created_at, asked.last_at or created_at)
        if was_told:
            asked.windows.add(
                TimeWindow(datetime.fromisoformat(data["window_start"]), datetime.fromisoformat(data["window_end"]))
            )
    return found


def rests_until(work: Work, booking: BookingRow, asked: Asked, policies: Policies, time_zone: str) -> datetime | None:
    """
    Return until when a customer is left alone; None = may be asked now.

    Nobody is asked in quiet hours, when the question would be over before it may leave, nor twice on one local date.
    """
    customer = work.session.get_one(CustomerRow, booking.customer_id)
    quiet = quiet_hours_of(customer, policies, time_zone)
    wanted = work.now
    if asked.last_at is not None:
        day = asked.last_at.astimezone(quiet.zone).date()
        wanted = max(wanted, midnight(day + timedelta(days=1), quiet.zone.key))
    allowed = quiet.next_allowed(wanted)
    return allowed if allowed > work.now.astimezone(UTC) else None
