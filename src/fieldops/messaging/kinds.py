"""What messages are about, where they go, and what becomes of them."""

from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What a message to a customer is about."""

    CONFIRMATION = "confirmation"
    REMINDER = "reminder"
    CHANGE = "change"
    CANCELLATION = "cancellation"
    EARLIER_SLOT = "earlier_slot"
    ON_THE_WAY = "on_the_way"
    ARRIVING_SOON = "arriving_soon"
    DELAYED = "delayed"
    SOONER = "sooner"
    UNCERTAIN = "uncertain"
    EXPECTED = "expected"
    DONE = "done"
    APOLOGY = "apology"
    SURVEY = "survey"


#: Messages of the day itself; what they say of times is what was told, and stays so until another one is left.
ON_THE_DAY: Final = frozenset(
    {
        Kind.ON_THE_WAY,
        Kind.ARRIVING_SOON,
        Kind.DELAYED,
        Kind.SOONER,
        Kind.UNCERTAIN,
        Kind.EXPECTED,
        Kind.DONE,
        Kind.APOLOGY,
        Kind.SURVEY,
    }
)


class Event(StrEnum):
    """What other systems are told through webhooks."""

    BOOKING_CONFIRMED = "booking.confirmed"
    BOOKING_CHANGED = "booking.changed"
    BOOKING_CANCELED = "booking.canceled"
    PLAN_PUBLISHED = "plan.published"
    PLAN_REPLANNED = "plan.replanned"
    TEST = "webhook.test"


class Via(StrEnum):
    """Names of the channels."""

    EMAIL = "email"
    SMS = "sms"
    WEBHOOK = "webhook"


class State(StrEnum):
    """Of a message in the outbox."""

    DUE = "due"
    SENDING = "sending"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"
