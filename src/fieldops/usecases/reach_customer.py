"""Where a customer can be reached, and by which zone the customer sleeps."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.domain.policies import Policies
from fieldops.messaging.kinds import Via
from fieldops.messaging.quiet_hours import QuietHours
from fieldops.store.tables import ContactPointRow, CustomerRow

#: Kind of contact point to the channel that reaches it.
CHANNEL_OF: Final = {"phone": Via.SMS, "email": Via.EMAIL}
KIND_OF: Final = {channel: kind for kind, channel in CHANNEL_OF.items()}


@dataclass(frozen=True, slots=True)
class Reach:
    """One way to a customer."""

    channel: str
    recipient: str


def ways_to_reach(
    session: Session, customer: CustomerRow, *, tried: Collection[Reach] = (), only_with_consent: bool = False
) -> list[Reach]:
    """
    List the ways to reach a customer, the best one first.

    Parameters
    ----------
    tried
        Left out.
    only_with_consent
        Whether contact points where the customer never agreed to messages are left out, too.

    Notes
    -----
    Stopped contact points are left out, and those tried before. The preferred channel comes first; within a channel the
    contact point that agreed to messages last.
    """
    points = session.scalars(
        select(ContactPointRow).where(ContactPointRow.customer_id == customer.id, ContactPointRow.stopped_at.is_(None))
    )
    ranked = sorted(
        (point for point in points if point.consent_at is not None or not only_with_consent),
        key=lambda point: (
            CHANNEL_OF[point.kind] != customer.channel,
            0.0 if point.consent_at is None else -point.consent_at.timestamp(),
            point.id,
        ),
    )
    ways = [Reach(CHANNEL_OF[point.kind].value, point.value) for point in ranked]
    return [way for way in ways if way not in tried]


def can_be_reached(session: Session, customer_id: str, way: Reach) -> bool:
    """Tell whether a contact point is still the customer's, and not stopped."""
    found = session.scalar(
        select(ContactPointRow.id).where(
            ContactPointRow.customer_id == customer_id,
            ContactPointRow.kind == KIND_OF[Via(way.channel)],
            ContactPointRow.value == way.recipient,
            ContactPointRow.stopped_at.is_(None),
        )
    )
    return found is not None


def quiet_hours_of(customer: CustomerRow, policies: Policies, time_zone: str) -> QuietHours:
    """Return the quiet hours of a customer: the territory's, in the customer's own zone where that is known."""
    zone = ZoneInfo(customer.time_zone or time_zone)
    return QuietHours(begins=policies.quiet_from, ends=policies.quiet_until, zone=zone)
