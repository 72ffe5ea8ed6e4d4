"""The outbox."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from fieldops.api.dependencies import Ctx, Key, Page, answer, needs
from fieldops.api.problems import problems
from fieldops.api.schemas.base import PageOf
from fieldops.api.schemas.messages import Message, MessageWithAttempts
from fieldops.errors import NotFound, WrongState
from fieldops.messaging.kinds import State, Via
from fieldops.usecases import read_messages
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.work import view

router = APIRouter(prefix="/messages", tags=["messages"])
Reader = Annotated[Actor, needs(Scope.MESSAGES_READ)]
Writer = Annotated[Actor, needs(Scope.BOOKINGS_WRITE)]
MessageId = Annotated[str, Path(max_length=64)]


@router.get("", operation_id="list_messages", summary="List messages")
def list_messages(
    ctx: Ctx,
    actor: Reader,
    page: Page,
    state: Annotated[State | None, Query(description="Only those in this state.")] = None,
    channel: Annotated[Via | None, Query(description="Only those that go this way.")] = None,
    customer_id: Annotated[str | None, Query(max_length=64, description="Only those to this customer.")] = None,
) -> PageOf[Message]:
    """
    Read the outbox, the newest message first.

    Without a channel set up, messages stay in the state `due`, with the note `no channel configured`.
    """
    found = view(
        ctx,
        actor,
        read_messages.list_messages,
        limit=page.limit,
        after=page.after,
        state=state,
        channel=channel,
        customer_id=customer_id,
    )
    return PageOf[Message].model_validate(found)


@router.get("/{message_id}", operation_id="read_message", summary="Read a message", responses=problems(NotFound))
def read_message(ctx: Ctx, actor: Reader, message_id: MessageId) -> MessageWithAttempts:
    """Read a message and every attempt to deliver it. One that waits is shown as it would leave now."""
    return MessageWithAttempts.model_validate(view(ctx, actor, read_messages.read_message, message_id))


@router.post(
    "/{message_id}/retry",
    operation_id="retry_message",
    summary="Send a message again",
    status_code=202,
    response_model=MessageWithAttempts,
    responses=problems(NotFound, WrongState),
    dependencies=[needs(Scope.MESSAGES_READ)],  # besides the right to write: the answer shows what it says, and to whom
)
def retry_message(ctx: Ctx, actor: Writer, key: Key, message_id: MessageId) -> Response:
    """
    Make a message due that failed, was skipped or waits.

    Whether what it says is still true is asked again when it leaves. One that was sent is not sent twice. Needs
    `messages:read`, too: the answer shows the message.
    """
    return answer(ctx, actor, key, 202, MessageWithAttempts.model_validate, read_messages.retry_message, message_id)
