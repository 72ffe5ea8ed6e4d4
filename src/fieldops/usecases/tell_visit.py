"""Leave a message about a visit on its day, and say so on the board and on the customer's page."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from fieldops.messaging.kinds import Kind
from fieldops.store.tables import BookingRow, CustomerRow, MessageRow, TerritoryRow
from fieldops.store.territories import policies_of
from fieldops.usecases.notify import allowed_from, leave
from fieldops.usecases.reach_customer import Reach, quiet_hours_of, ways_to_reach
from fieldops.usecases.stream import announce, topic_of_board, topic_of_visit
from fieldops.usecases.work import Work

#: News of a visit that is so near is not held back by quiet hours: whoever waits for somebody is awake.
NEAR: Final = timedelta(hours=2)


def tell_visit(
    work: Work,
    booking: BookingRow,
    kind: Kind,
    *,
    expires_at: datetime,
    near: datetime | None = None,
    due_at: datetime | None = None,
    subject_id: str | None = None,
    extra: Mapping[str, object] | None = None,
) -> MessageRow | None:
    """
    Leave a message of `fieldops.messaging.kinds.ON_THE_DAY` to the customer of a booking.

    Parameters
    ----------
    expires_at
        From when on it is pointless.
    near
        When the visit is expected; None = it is over.
    due_at
        Not before; None = now.
    subject_id
        None = the booking: then there is one of the kind for each of its versions.
    extra
        JSON for the text.

    Returns
    -------
    MessageRow | None
        Skipped already when the customer cannot be reached; None when the same was left before.

    Notes
    -----
    The caller holds the lock of the date's plan.
    """
    session = work.session
    customer = session.get_one(CustomerRow, booking.customer_id)
    territory = session.get_one(TerritoryRow, booking.territory_id)
    quiet = quiet_hours_of(customer, policies_of(territory), territory.time_zone)
    ways = ways_to_reach(session, customer, only_with_consent=kind is Kind.SURVEY)
    way = ways[0] if ways else Reach(customer.channel, "")
    wanted = due_at or work.now
    at_once = near is not None and near - wanted <= NEAR
    needed_by = near or expires_at
    message = leave(
        work,
        kind=kind,
        way=way,
        customer=customer,
        territory_id=booking.territory_id,
        subject_id=subject_id or booking.id,
        subject_version=booking.version,
        data={
            **(extra or {}),
            "booking_id": booking.id,
            "at_once": at_once,
            "needed_by": needed_by.isoformat(),
        },
        due_at=allowed_from(kind, way.channel, wanted, quiet, needed_by=needed_by, at_once=at_once),
        expires_at=expires_at,
    )
    if message is not None:
        data = {"visit_id": booking.visit_id, "message_id": message.id, "kind": kind.value, "state": message.state}
        announce(work, topic_of_board(booking.territory_id, booking.date), "message", data)
        announce(work, topic_of_visit(booking.visit_id), "message", {"kind": kind.value})
    return message
