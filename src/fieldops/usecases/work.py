"""
The unit of work: one use case, one transaction, one commit.

A use case is a function whose first argument is a `Work`. It reads and changes through `Work.session` and never
commits; `transact` does, once, at the end, and tries again when the database asks for it. `answer_once` also keeps the
answer under the caller's Idempotency-Key, in the same transaction.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Concatenate, Final, Generic, ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from fieldops.errors import DatabaseBusy, KeyReused
from fieldops.store.database import is_retryable
from fieldops.store.tables import IdempotencyRow
from fieldops.usecases.actor import Actor
from fieldops.usecases.context import Context

#: Tries of one transaction, and the seconds before the second one; each further pause is twice as long.
TRIES: Final = 6
FIRST_PAUSE_S: Final = 0.01

Arguments = ParamSpec("Arguments")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """
    What a use case works with.

    Attributes
    ----------
    now
        The instant it happens; one and the same throughout.
    """

    ctx: Context
    session: Session
    actor: Actor
    now: datetime


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it left: status and JSON body. `is_replay` tells one that was given before."""

    status: int
    body: str
    is_replay: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt(Generic[T]):
    """
    What is needed to answer a request exactly once.

    Attributes
    ----------
    principal
        Whose key it is: keys of different callers never meet.
    key
        The Idempotency-Key; None = the caller did not give one, and nothing is kept.
    request_hash
        Of method, path and body.
    render
        Makes the answer of a result.
    """

    principal: str
    key: str | None
    request_hash: str
    render: Callable[[T], Reply]


def transact(
    ctx: Context,
    actor: Actor,
    use_case: Callable[Concatenate[Work, Arguments], T],
    *args: Arguments.args,
    **kwargs: Arguments.kwargs,
) -> T:
    """
    Run a use case that writes, and commit.

    Raises
    ------
    DatabaseBusy
        When the database asked to try again too often.
    """

    def once() -> T:
        with ctx.database.writing() as session:
            return use_case(Work(ctx=ctx, session=session, actor=actor, now=ctx.clock.now()), *args, **kwargs)

    return _until_done(once)


def view(
    ctx: Context,
    actor: Actor,
    use_case: Callable[Concatenate[Work, Arguments], T],
    *args: Arguments.args,
    **kwargs: Arguments.kwargs,
) -> T:
    """Run a use case that only reads."""
    with ctx.database.reading() as session:
        return use_case(Work(ctx=ctx, session=session, actor=actor, now=ctx.clock.now()), *args, **kwargs)


def answer_once(
    ctx: Context,
    actor: Actor,
    receipt: Receipt[T],
    use_case: Callable[Concatenate[Work, Arguments], T],
    *args: Arguments.args,
    **kwargs: Arguments.kwargs,
) -> Reply:
    """
    Run a use case that writes, and keep its answer; a repeated request gets the answer it got before.

    Raises
    ------
    KeyReused
        When the key came with another request.
    DatabaseBusy
        When the database asked to try again too often.

    Notes
    -----
    Only success is kept: a request that failed changed nothing and may be repeated with its key. The key is claimed
    before anything else happens, so that of two at the same time one waits for the other: it fails on the primary key,
    is rolled back, runs again and finds the answer. Otherwise it might find what the other one did, and call that a
    conflict.
    """

    def once() -> Reply:
        with ctx.database.writing() as session:
            work = Work(ctx=ctx, session=session, actor=actor, now=ctx.clock.now())
            if receipt.key is None:
                return receipt.render(use_case(work, *args, **kwargs))
            known = session.get(IdempotencyRow, (receipt.principal, receipt.key))
            if known is not None:
                return _replay(known, receipt.request_hash)
            kept = IdempotencyRow(
                principal=receipt.principal,
                key=receipt.key,
                request_hash=receipt.request_hash,
                status=0,
                body="",
                created_at=work.now,
            )
            session.add(kept)
            session.flush()
            reply = receipt.render(use_case(work, *args, **kwargs))
            kept.status, kept.body = reply.status, reply.body
            return reply

    return _until_done(once)


def _replay(known: IdempotencyRow, request_hash: str) -> Reply:
    """Give the earlier answer, if it was to the same request."""
    if known.request_hash != request_hash:
        raise KeyReused(details={"key": known.key})
    return Reply(known.status, known.body, is_replay=True)


def _until_done(once: Callable[[], T]) -> T:
    """Try a transaction until it is through, a bounded number of times."""
    pause = FIRST_PAUSE_S
    for left in reversed(range(TRIES)):
        try:
            return once()
        except DBAPIError as error:
            if not (is_retryable(error) or isinstance(error, IntegrityError)):
                raise
            if left == 0:
                if isinstance(error, IntegrityError):
                    raise
                raise DatabaseBusy from error
            time.sleep(pause)
            pause *= 2
    raise AssertionError("the last try returns or raises")
