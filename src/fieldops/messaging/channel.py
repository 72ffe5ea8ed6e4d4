"""What a channel promises: one message out, one outcome back."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

#: No attempt takes longer than this, in seconds: every channel gives up by then.
SEND_TIMEOUT_S: Final = 10


class Outcome(StrEnum):
    """What became of one attempt."""

    DELIVERED = "delivered"
    RETRY = "retry"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """
    A message ready to leave.

    Attributes
    ----------
    id
        Given to the provider, where it can take one, so that sending twice is seen there.
    title, body
        Rendered; a text message has no title. For a webhook `title` is the event name and `body` is JSON.
    reply_to
        For e-mail: where answers go.
    unsubscribe_url
        For e-mail: where a POST stops everything to the recipient.
    secret
        For webhooks: signs the body.
    attachments
        For e-mail: file name, content type and content of each.
    """

    id: str
    recipient: str
    title: str
    body: str
    reply_to: str | None = None
    unsubscribe_url: str | None = None
    secret: str | None = None
    attachments: tuple[tuple[str, str, bytes], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """
    The outcome of an attempt.

    Attributes
    ----------
    provider_id
        What the provider calls the message.
    retry_after_s
        How long the provider asked us to wait.
    is_stopped
        Whether it was refused because the recipient told the provider to stop.
    """

    outcome: Outcome
    detail: str = ""
    provider_id: str | None = None
    retry_after_s: int | None = None
    is_stopped: bool = False


class Channel(Protocol):
    """A way out of the house. Never raises for what the other side does."""

    def send(self, message: Outgoing) -> Delivery:
        """Try once."""
        ...
