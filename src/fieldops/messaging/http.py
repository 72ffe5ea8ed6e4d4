"""What HTTP channels share: one bounded POST, and how long the other side wants us to wait."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx

from fieldops.messaging.channel import SEND_TIMEOUT_S

#: Longest answer read, in bytes; the rest is left.
LONGEST_ANSWER: Final = 16_384
DETAIL_LENGTH: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """
    What came back.

    Attributes
    ----------
    retry_after_s
        How long the other side asked us to wait, if it did.
    """

    status: int
    body: bytes
    retry_after_s: int | None

    def fields(self) -> Mapping[str, object]:
        """Read the fields of a JSON object; none when it is anything else."""
        try:
            content = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return content if isinstance(content, dict) else {}


class NoAnswer(Exception):
    """Nothing came back, or too late; the text says what happened."""


def post(url: str, **request: Any) -> Answer:
    """
    Post something, follow no redirect, and read a bounded answer.

    Parameters
    ----------
    request
        As for `httpx.AsyncClient.stream`.

    Raises
    ------
    NoAnswer
        When there is none within `SEND_TIMEOUT_S` of the beginning, however slowly it trickles in.
    """
    try:
        return asyncio.run(asyncio.wait_for(_post(url, request), SEND_TIMEOUT_S))
    except TimeoutError as error:
        raise NoAnswer(f"no answer within {SEND_TIMEOUT_S} s") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise NoAnswer((str(error) or type(error).__name__)[:DETAIL_LENGTH]) from error


async def _post(url: str, request: Mapping[str, Any]) -> Answer:
    """Post something; the caller bounds the time."""
    body = bytearray()
    async with (
        httpx.AsyncClient(timeout=SEND_TIMEOUT_S, trust_env=False) as client,
        client.stream("POST", url, **request) as answer,
    ):
        # Raw: what comes compressed stays so, and cannot unfold to gigabytes.
        async for chunk in answer.aiter_raw():
            body += chunk
            if len(body) >= LONGEST_ANSWER:
                break
    return Answer(status=answer.status_code, body=bytes(body[:LONGEST_ANSWER]), retry_after_s=_retry_after(answer))


def _retry_after(answer: httpx.Response) -> int | None:
    """Read how many seconds the header Retry-After asks for; it may be a number or a date."""
    value = answer.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return int(value[:9])
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return max(0, round((aware - datetime.now(UTC)).total_seconds()))
