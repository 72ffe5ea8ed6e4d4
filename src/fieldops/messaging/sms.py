"""Text messages through an HTTP service that speaks like Twilio."""

from dataclasses import dataclass
from typing import Final

from fieldops.messaging.channel import Delivery, Outcome, Outgoing
from fieldops.messaging.http import DETAIL_LENGTH, Answer, NoAnswer, post

#: Statuses that tell of our own access or of the service's day, not of this message.
_WORTH_ANOTHER_TRY: Final = frozenset({401, 403, 404, 408, 429})

#: Twilio's error code for a recipient who said STOP.
STOPPED_CODE: Final = 21610


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsChannel:
    """
    Sends text messages.

    Attributes
    ----------
    url
        Of the service, such as ``https://api.twilio.com``; version, account and ``Messages.json`` are put after it.
    account, token
        Name and password.
    sender
        Number or name the message comes from.
    receipts_url
        Where the service tells what became of a message; our message id is put after it.
    """

    url: str
    account: str
    token: str
    sender: str
    receipts_url: str

    def send(self, message: Outgoing) -> Delivery:
        """Post a message; 429 and 5xx are worth another try, what is wrong with the message itself is final."""
        form = {
            "To": message.recipient,
            "From": self.sender,
            "Body": message.body,
            "StatusCallback": f"{self.receipts_url}?message={message.id}",
        }
        address = f"{self.url.rstrip('/')}/2010-04-01/Accounts/{self.account}/Messages.json"
        # Services that know one of these headers do not send a repeated request twice; others ignore them.
        headers = {"Idempotency-Key": message.id, "I-Twilio-Idempotency-Token": message.id}
        try:
            answer = post(address, data=form, auth=(self.account, self.token), headers=headers)
        except NoAnswer as error:
            return Delivery(outcome=Outcome.RETRY, detail=str(error))
        return _judged(answer)


def _judged(answer: Answer) -> Delivery:
    """Judge an answer of the service."""
    content = answer.fields()
    status = answer.status
    if 200 <= status < 300:
        sid = content.get("sid")
        return Delivery(
            outcome=Outcome.DELIVERED,
            detail=f"{status} {content.get('status', '')}".strip()[:DETAIL_LENGTH],
            provider_id=sid[:DETAIL_LENGTH] if isinstance(sid, str) else None,
        )
    parts = (status, content.get("code"), content.get("message"))
    detail = " ".join(str(part) for part in parts if part is not None)[:DETAIL_LENGTH]
    if status in _WORTH_ANOTHER_TRY or status >= 500 or status < 400:
        return Delivery(outcome=Outcome.RETRY, detail=detail, retry_after_s=answer.retry_after_s)
    return Delivery(outcome=Outcome.REFUSED, detail=detail, is_stopped=content.get("code") == STOPPED_CODE)
