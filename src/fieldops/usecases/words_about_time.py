"""When a customer heard what about the time of a visit, as the outbox has it."""

from datetime import datetime
from typing import Final

from sqlalchemy import ScalarSelect, func, select

from fieldops.messaging.kinds import Kind
from fieldops.store.tables import BookingRow, MessageRow

#: Messages that tell a time on the day.
TIMES: Final = (Kind.ON_THE_WAY, Kind.ARRIVING_SOON, Kind.DELAYED, Kind.SOONER, Kind.EXPECTED)


def told_at(*kinds: Kind) -> ScalarSelect[datetime]:
    """Ask, of the bookings of a query, when one of these was left last for the window that is booked now."""
    return (
        select(func.max(MessageRow.created_at))
        .where(MessageRow.customer_id == BookingRow.customer_id, MessageRow.subject_version == BookingRow.version)
        .where(MessageRow.kind.in_([kind.value for kind in kinds]))
        .where(MessageRow.data["booking_id"].as_string() == BookingRow.id)
        .correlate(BookingRow)
        .scalar_subquery()
    )
