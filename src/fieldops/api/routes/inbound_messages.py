"""What people write to us."""

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


@router.get("", operation_id="list_inbound_messages", summary="List what people wrote")
def list_all(
    ctx: Ctx,
    actor: Reader,
    page: Page,
    is_settled: Annotated[bool | None, Query(description="Both without it.")] = None,
    customer_id: Annotated[str | None, Query(max_length=64, description="From this customer's numbers.")] = None,
) -> PageOf[InboundMessage]:
    """
    List the text messages that came in, the oldest first: of customers and of people unknown.

    What customers write is a note on their timeline, too. STOP and START need nobody to see to them.
    """
    found = view(
        ctx,
        actor,
        list_inbound,
        is_settled=is_settled,
        customer_id=customer_id,
        limit=page.limit,
        after=page.after,
    )
    return PageOf[InboundMessage].model_validate(found)


@router.post(
    "/{inbound_id}/settle",
    operation_id="settle_inbound_message",
    summary="Settle a message",
    response_model=InboundMessage,
    responses=problems(NotFound, WrongState),
)
def settle(ctx: Ctx, actor: Writer, key: Key, inbound_id: InboundId, body: InboundSettled) -> Response:
    """Say that a message was seen to and, on request, whose it is: it becomes a note of that customer."""
    return answer(ctx, actor, key, 200, InboundMessage.model_validate, settle_inbound, inbound_id, body.customer_id)
