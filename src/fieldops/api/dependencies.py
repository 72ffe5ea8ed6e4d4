"""What endpoints ask for in their parameters, and how they answer."""

import json
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, Concatenate, Final, ParamSpec, TypeVar

from fastapi import Depends, Header, Path, Query, Request, Response

from fieldops.api.schemas.base import Schema
from fieldops.api.security import Needs, NeedsOrLink, anonymous, uncounted
from fieldops.domain.value_faults import wrong
from fieldops.errors import InvalidInput
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.context import Context
from fieldops.usecases.links import LinkPurpose
from fieldops.usecases.work import Receipt, Reply, Work, answer_once

Arguments = ParamSpec("Arguments")
T = TypeVar("T")

KEY_PATTERN: Final = r"^[\x21-\x7e]{1,128}$"


# What waits for nothing is a coroutine: FastAPI hands every other dependency to a thread of its own.
async def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


Ctx = Annotated[Context, Depends(_context)]
#: In addresses.
TerritoryId = Annotated[str, Path(max_length=64, examples=["te_7h3k9c2m4p6r8t0w"])]
#: For operations that everybody may call; the caller is counted by address.
Anonymous = Annotated[Actor, Depends(anonymous)]
#: For operations that everybody may call who proves by a signature who he is.
Uncounted = Annotated[Actor, Depends(uncounted)]


def needs(*scopes: Scope, links: Collection[LinkPurpose] = ()) -> Any:
    """
    Ask for a caller who has any of these scopes: ``actor: Annotated[Actor, needs(Scope.BOOKINGS_READ)]``.

    Parameters
    ----------
    links
        Only for calendar files: also accept ``?token=`` with a link of these purposes. The endpoint still has to
        compare `Actor.technician_id`, or `Actor.work_order_id` and `Actor.booking_id`, with what is asked for.
    """
    return Depends(NeedsOrLink(*scopes, links=links) if links else Needs(*scopes))


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestKey:
    """The Idempotency-Key of a request (None = not given), and a hash of its method, address and body."""

    key: str | None
    request_hash: str


async def _request_key(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            pattern=KEY_PATTERN,
            description="Makes repeating the request harmless: the same key and body get the same answer, and nothing "
            "happens twice.",
            examples=["b3f1c9a2-7d4e-4f60-9a51-2c8e0d7b6f43"],
        ),
    ] = None,
) -> RequestKey:
    return RequestKey(key=idempotency_key, request_hash=request.state.request_hash)


Key = Annotated[RequestKey, Depends(_request_key)]


def answer(
    ctx: Context,
    actor: Actor,
    key: RequestKey,
    status: int,
    render: Callable[[T], Schema | None],
    use_case: Callable[Concatenate[Work, Arguments], T],
    *args: Arguments.args,
    **kwargs: Arguments.kwargs,
) -> Response:
    """
    Run a use case that writes and answer with what `render` makes of its result, once per Idempotency-Key.

    Parameters
    ----------
    status
        Of success.
    render
        Makes the schema; None = no body.
    """

    def rendered(result: T) -> Reply:
        schema = render(result)
        return Reply(status, "" if schema is None else schema.model_dump_json())

    receipt = Receipt(principal=actor.id, key=key.key, request_hash=key.request_hash, render=rendered)
    return replied(answer_once(ctx, actor, receipt, use_case, *args, **kwargs))


def answer_with_secret(
    ctx: Context,
    actor: Actor,
    key: RequestKey,
    status: int,
    render: Callable[[T], Schema],
    secret: frozenset[str],
    use_case: Callable[Concatenate[Work, Arguments], T],
    *args: Arguments.args,
    **kwargs: Arguments.kwargs,
) -> Response:
    """
    Do the same where the answer shows a secret: what is kept for repeated requests has null in its place.

    Parameters
    ----------
    secret
        Names of the fields that are shown once.
    """
    shown: list[Schema] = []

    def rendered(result: T) -> Reply:
        schema = render(result)
        shown[:] = [schema]
        return Reply(status, schema.model_copy(update=dict.fromkeys(secret)).model_dump_json())

    receipt = Receipt(principal=actor.id, key=key.key, request_hash=key.request_hash, render=rendered)
    reply = answer_once(ctx, actor, receipt, use_case, *args, **kwargs)
    return replied(reply if reply.is_replay else Reply(status, shown[0].model_dump_json()))


def replied(reply: Reply) -> Response:
    """Send a reply, and say when it was given before."""
    headers = {"Idempotent-Replayed": "true"} if reply.is_replay else {}
    return Response(reply.body, reply.status, headers, "application/json" if reply.body else None)


def located(response: Response, address: str) -> Response:
    """Say where what was made can be read: the fields in `address` (``/v1/bookings/{id}``) are those of the body."""
    response.headers["Location"] = address.format_map(json.loads(bytes(response.body)))
    return response


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which part of a list is asked for; `after` is a cursor of `fieldops.usecases.paging`."""

    limit: Annotated[int, Query(ge=1, le=200, description="How many at most.")] = 50
    after: Annotated[
        str | None, Query(max_length=1_000, description="`next` of the page before; nothing for the first.")
    ] = None


Page = Annotated[PageRequest, Depends()]


def etag(version: int, shown: bytes | None = None) -> str:
    """
    Write a version as an entity tag.

    Parameters
    ----------
    shown
        What is answered, when that may change without the version; None = it does not.
    """
    return f'"{version}"' if shown is None else f'"{version}.{sha256(shown).hexdigest()[:16]}"'


async def _if_match(
    if_match: Annotated[
        str | None,
        Header(
            alias="If-Match",
            max_length=100,
            description="ETag of what was read, or its version in quotes: only that version is changed.",
            examples=['"7"'],
        ),
    ] = None,
) -> int:
    found = re.fullmatch(r'"(\d{1,9})(?:\.[0-9a-f]{16})?"', if_match or "")
    if found is None:
        expected = 'the ETag of the version that was read, such as "7"'
        given = "nothing" if if_match is None else if_match
        raise InvalidInput([wrong("header.If-Match", given, expected)])
    return int(found[1])


#: The version that the header If-Match names; the header is required.
IfMatch = Annotated[int, Depends(_if_match)]
