"""Proof of who sent a request: our webhooks to others, and the SMS service's requests to us."""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from typing import Final

#: Headers of a webhook: instant of sending in Unix seconds, and the signature over it and the body.
TIMESTAMP_HEADER: Final = "Fieldops-Timestamp"
SIGNATURE_HEADER: Final = "Fieldops-Signature"
#: Id of the event for this endpoint, the same at every attempt, and the event's name.
ID_HEADER: Final = "Fieldops-Id"
EVENT_HEADER: Final = "Fieldops-Event"


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """Sign a webhook: ``v1=`` and the hexadecimal HMAC-SHA256 of ``timestamp.body``."""
    signed = f"{timestamp}.".encode() + body
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def sms_signature(token: str, url: str, form: Iterable[tuple[str, str]]) -> str:
    """
    Sign a request of the SMS service as Twilio does.

    Parameters
    ----------
    url
        Complete, with the query, as the service was told to call it.
    form
        Fields of the body; a field that is there twice with the same value counts once.

    Notes
    -----
    Base64 of the HMAC-SHA1 of the URL followed by name and value of every field, by rising name.
    """
    signed = url + "".join(name + value for name, value in sorted(set(form)))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def is_sms_signed(token: str, url: str, form: Iterable[tuple[str, str]], signature: str) -> bool:
    """Verify a request of the SMS service; without a token nothing is believed."""
    return bool(token) and hmac.compare_digest(sms_signature(token, url, form).encode(), signature.encode())
