"""When a message cannot reach a customer one way: try the next."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import select

from fieldops.messaging.kinds import Kind
from fieldops.store.tables import BookingRow, CustomerRow, MessageRow, TerritoryRow
from fieldops.store.territories import policies_of
from fieldops.usecases.message_text import is_over
from fieldops.usecases.notify import allowed_from, leave, needed_by
from fieldops.usecases.reach_customer import Reach, quiet_hours_of, ways_to_reach
from fieldops.usecases.work import Work

#: Of what is kept with a message, what another recipient must not share.
_OWN: Final = frozenset({"link_id"})


def readdress_message(work: Work, message: MessageRow, *, channels: Collection[str] | None = None) -> MessageRow | None:
    """
    Leave a message again for a contact point of the customer that was not tried yet.

    Parameters
    ----------
    channels
        The only ones to think of; None = all, also those that nobody has set up yet.

    Returns
    -------
    MessageRow | None
        None when there is no other way, or it is too late.
    """
    booking = work.session.get(BookingRow, message.data["booking_id"])
    if booking is None or is_over(message, work.now):
        return None
    customer = work.session.get_one(CustomerRow, booking.customer_id)
    territory = work.session.get_one(TerritoryRow, booking.territory_id)
    same = work.session.execute(
        select(MessageRow.channel, MessageRow.recipient).where(
            MessageRow.subject_id == message.subject_id,
            MessageRow.subject_version == message.subject_version,
            MessageRow.kind == message.kind,
        )
    )
    ways = ways_to_reach(
        work.session,
        customer,
        tried={Reach(channel, recipient) for channel, recipient in same},
        only_with_consent=message.kind == Kind.SURVEY,
    )
    ways = [way for way in ways if channels is None or way.channel in channels]
    if not ways:
        return None
    kind = Kind(message.kind)
    quiet = quiet_hours_of(customer, policies_of(territory), territory.time_zone)
    at_once = bool(message.data.get("at_once"))
    return leave(
        work,
        kind=kind,
        way=ways[0],
        customer=customer,
        territory_id=message.territory_id,
        subject_id=message.subject_id,
        subject_version=message.subject_version,
        data={name: value for name, value in message.data.items() if name not in _OWN},
        due_at=allowed_from(
            kind,
            ways[0].channel,
            work.now,
            quiet,
            needed_by=needed_by(work, kind, booking, message.data),
            at_once=at_once,
        ),
        expires_at=message.expires_at,
    )
