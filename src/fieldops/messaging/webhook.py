"""Events to other systems: signed, to public addresses only, one bounded POST without redirects."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import httpx

from fieldops.errors import Fault
from fieldops.messaging.channel import Delivery, Outcome, Outgoing
from fieldops.messaging.http import DETAIL_LENGTH, Answer, NoAnswer, post
from fieldops.messaging.public_address import NotPublic, resolve
from fieldops.messaging.signatures import EVENT_HEADER, ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, sign

_PORTS: Final = {"https": 443, "http": 80}
_GONE: Final = 410
#: Beyond this the lease of the message could run out before the answer is there.
LONGEST_LOOKUP_S: Final = 5


def _unix_time() -> int:
    return int(time.time())


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookChannel:
    """
    Sends events.

    Attributes
    ----------
    allow_private
        Whether addresses of private networks, and addresses without TLS, are called.
    clock
        Unix seconds for the signature.
    """

    allow_private: bool = False
    clock: Callable[[], int] = _unix_time

    def send(self, message: Outgoing) -> Delivery:
        """Post an event; any 2xx answer will do, 410 is final, everything else is worth another try."""
        faults = url_faults(message.recipient, allow_private=self.allow_private)
        if faults:
            return Delivery(outcome=Outcome.REFUSED, detail=str(faults[0]))
        url = httpx.URL(message.recipient)
        # As names travel: letters outside of ASCII are spelled in ASCII (IDNA).
        host, port = url.raw_host.decode("ascii"), url.port or _PORTS[url.scheme]
        began = time.monotonic()
        try:
            address = resolve(host, port, allow_private=self.allow_private)
        except NotPublic as error:
            return Delivery(outcome=Outcome.REFUSED, detail=str(error))
        except (OSError, UnicodeError) as error:
            return Delivery(outcome=Outcome.RETRY, detail=f"{host}: {error}"[:DETAIL_LENGTH])
        if time.monotonic() - began > LONGEST_LOOKUP_S:
            return Delivery(outcome=Outcome.RETRY, detail=f"{host}: looking up its address took too long")
        # The connection goes to the address that was checked; the name is still asked for, and proven by TLS.
        pinned = url.copy_with(host=str(address))
        try:
            answer = post(
                str(pinned),
                content=message.body.encode(),
                headers=self._headers(message, url.netloc.decode("ascii")),
                extensions={"sni_hostname": host},
            )
        except NoAnswer as error:
            return Delivery(outcome=Outcome.RETRY, detail=str(error))
        return _judged(answer)

    def _headers(self, message: Outgoing, host: str) -> dict[str, str]:
        now = self.clock()
        return {
            "Host": host,
            "Content-Type": "application/json",
            "User-Agent": "fieldops",
            ID_HEADER: message.id,
            EVENT_HEADER: message.title,
            TIMESTAMP_HEADER: str(now),
            SIGNATURE_HEADER: sign(message.secret or "", now, message.body.encode()),
        }


def url_faults(url: str, *, allow_private: bool) -> list[Fault]:
    """List what is wrong with the address of an endpoint, as far as that can be seen without calling it."""
    expected = "an https address such as https://example.com/hooks"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        httpx.URL(url)
    except (ValueError, httpx.InvalidURL):
        host, port = None, None
    schemes = {"https", "http"} if allow_private else {"https"}
    if not host or port == 0 or parts.scheme not in schemes or not url.isprintable() or " " in url:
        return [Fault(path="url", found=url[:100], expected=expected)]
    if parts.username is not None or parts.password is not None or parts.fragment:
        return [Fault(path="url", found="an address with a password or fragment", expected=expected)]
    return []


def _judged(answer: Answer) -> Delivery:
    """Judge an answer of the endpoint."""
    detail = f"{answer.status} {answer.body.decode(errors='replace')}"[:DETAIL_LENGTH]
    if 200 <= answer.status < 300:
        return Delivery(outcome=Outcome.DELIVERED, detail=str(answer.status))
    if answer.status == _GONE:
        return Delivery(outcome=Outcome.REFUSED, detail=detail)
    return Delivery(outcome=Outcome.RETRY, detail=detail, retry_after_s=answer.retry_after_s)
