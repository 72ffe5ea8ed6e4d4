"""What people write whom nobody is known by."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from fieldops.api.dependencies import Ctx, Key, Page, answer, needs
from fieldops.api.problems import problems
from fieldops.api.schemas.base import PageOf
from fieldops.api.schemas.inbound_messages import InboundMessage, InboundSettled
from fieldops.errors import NotFound, WrongState
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.inbound_messages import list_inbound, settle_inbound
from fieldops.usecases.work import view

router = APIRouter(prefix="/inbound-messages", tags=["messages"])
Reader = Annotated[Actor, needs(Scope.CUSTOMERS_READ)]
Writer = Annotated[Actor, needs(Scope.CUSTOMERS_WRITE)]
InboundId = Annotated[str, Path(max_length=64, examples=["im_7h3k9c2m4p6r8t0w"])]


@router.get("", operation_id="list_inbound_messages", summary="List messages of people unknown")
def list_all(
    ctx: Ctx,
    actor: Reader,
    page: Page,
    is_settled: Annotated[bool | None, Query(description="Both without it.")] = None,
) -> PageOf[InboundMessage]:
    """
    List what came in from numbers that no customer has, the oldest first.

    What customers write who are known is a note on their timeline instead.
    """
    found = view(ctx, actor, list_inbound, is_settled=is_settled, limit=page.limit, after=page.after)
    return PageOf[InboundMessage].model_validate(found)


@router.post(
    "/{inbound_id}/settle",
    operation_id="settle_inbound_message",
    summary="Settle a message of somebody unknown",
    response_model=InboundMessage,
    responses=problems(NotFound, WrongState),
)
def settle(ctx: Ctx, actor: Writer, key: Key, inbound_id: InboundId, body: InboundSettled) -> Response:
    """Say that a message was seen to, and whose it turned out to be: it becomes a note of that customer."""
    return answer(ctx, actor, key, 200, InboundMessage.model_validate, settle_inbound, inbound_id, body.customer_id)
