"""Bodies and addresses before anything reads them: not too large, and text that databases can store."""

import asyncio
import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from starlette.types import Message, Receive, Scope

from fieldops.api.request_faults import discreet
from fieldops.domain.value_faults import field_path
from fieldops.errors import Fault, InvalidInput, TooLarge, TooSlow

_EXPECTED: Final = "text without NUL characters and without halves of surrogate pairs"
#: How such characters look in JSON; what looks like them is looked at.
_SUSPICIOUS: Final = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])|\x00|\xed[\xa0-\xbf]")
#: How long a body may take to arrive, seconds; a megabyte over a poor connection takes less.
BODY_LIMIT_S: Final = 30.0
#: Nesting that no schema of ours comes near to.
MAX_DEPTH: Final = 50


class Disconnected(Exception):
    """The client went away before it had sent its body."""


def is_storable(text: str) -> bool:
    """Whether a text can be stored: PostgreSQL refuses NUL, and UTF-8 has no half surrogates."""
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """
    Read a whole body, whether its length was announced or not.

    Parameters
    ----------
    limit
        Bytes accepted.

    Raises
    ------
    TooLarge
        As soon as there are more; the rest is not read.
    TooSlow
    Disconnected
    """
    announced = dict(scope["headers"]).get(b"content-length", b"")
    if announced.isdigit() and int(announced[:20]) > limit:
        raise _too_large(limit)
    try:
        async with asyncio.timeout(BODY_LIMIT_S):
            return await _received(receive, limit)
    except TimeoutError:
        raise TooSlow(f"the body took longer than {BODY_LIMIT_S:g} s") from None


async def _received(receive: Receive, limit: int) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        body += message.get("body", b"")
        if len(body) > limit:
            raise _too_large(limit)
        if not message.get("more_body", False):
            return bytes(body)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"the body has more than the {limit} bytes accepted", details={"limit_bytes": limit})


def replayed(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives the body once, and then what really comes (the disconnect)."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def _receive() -> Message:
        return waiting.pop() if waiting else await receive()

    return _receive


def request_hash(scope: Scope, body: bytes, key: bytes) -> str:
    """
    Return what two equal requests share: a keyed hash of method, address and body.

    Without the key nobody can try out passwords on what is stored of a request that set one.
    """
    head = f"{scope['method']} {scope['path']}?".encode() + scope["query_string"] + b"\n"
    return hmac.new(key, head + body, hashlib.sha256).hexdigest()


def check_text(scope: Scope, body: bytes) -> None:
    """
    Refuse a request with text that cannot be stored, wherever it stands.

    Raises
    ------
    InvalidInput
    """
    faults = list(_address_faults(scope["raw_path"] or b"", scope["query_string"]))
    if b"%00" in body and b"x-www-form-urlencoded" in dict(scope["headers"]).get(b"content-type", b""):
        faults.append(Fault(path="body", found="%00", expected=_EXPECTED))
    elif _SUSPICIOUS.search(body):
        faults += _body_faults(body)
    if faults:
        raise InvalidInput([discreet(fault) for fault in faults])


def _address_faults(path: bytes, query: bytes) -> Iterator[Fault]:
    """Look at the path as a whole and at each parameter of the query."""
    if not _is_storable_address(path):
        yield Fault(path="path", found=_shown_bytes(path), expected=_EXPECTED)
    for part in query.split(b"&"):
        if not _is_storable_address(part):
            name, _, value = part.partition(b"=")
            yield Fault(path=f"query.{name[:60].decode('latin-1')}", found=_shown_bytes(value), expected=_EXPECTED)


def _shown_bytes(raw: bytes) -> str:
    return repr(raw[:60].decode("latin-1"))


def _is_storable_address(raw: bytes) -> bool:
    try:
        return b"\0" not in unquote_to_bytes(raw.replace(b"+", b" ")) and is_storable(unquote_to_bytes(raw).decode())
    except UnicodeDecodeError:
        return False


def _body_faults(body: bytes) -> list[Fault]:
    """Look for the texts; a body that is no JSON is left to those who read it."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return [Fault(path="body", found="a NUL byte", expected=_EXPECTED)] if b"\0" in body else []
    return list(_faults_in(document, "", 0))


def _faults_in(value: Any, path: str, depth: int) -> Iterator[Fault]:
    if depth > MAX_DEPTH:
        return
    match value:
        case str() if not is_storable(value):
            yield Fault(path=path or "body", found=ascii(value)[:60], expected=_EXPECTED)
        case list():
            for index, item in enumerate(value):
                yield from _faults_in(item, field_path(path, index), depth + 1)
        case dict():
            for name, item in value.items():
                if not is_storable(name):
                    yield Fault(path=path or "body", found=ascii(name)[:60], expected=_EXPECTED)
                else:
                    yield from _faults_in(item, field_path(path, name), depth + 1)
