"""What messages are about, where they go, and what becomes of them."""

from enum import StrEnum


class Kind(StrEnum):
    """What a message to a customer is about."""

    CONFIRMATION = "confirmation"
    REMINDER = "reminder"
    CHANGE = "change"
    CANCELLATION = "cancellation"
    EARLIER_SLOT = "earlier_slot"


class Event(StrEnum):
    """What other systems are told through webhooks."""

    BOOKING_CONFIRMED = "booking.confirmed"
    BOOKING_CHANGED = "booking.changed"
    BOOKING_CANCELED = "booking.canceled"
    PLAN_PUBLISHED = "plan.published"
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
