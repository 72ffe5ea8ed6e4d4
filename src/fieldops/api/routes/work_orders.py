"""Work orders: what customers asked for."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response

from fieldops.api.dependencies import Ctx, Key, Page, answer, located, needs
from fieldops.api.order_answers import order_for
from fieldops.api.problems import problems
from fieldops.api.schemas.base import PageOf
from fieldops.api.schemas.work_orders import (
    CancelOrderRequest,
    CustomerWorkOrder,
    WorkOrderRequest,
    WorkOrderSchema,
)
from fieldops.errors import (
    AddressNotFound,
    AlreadyThere,
    GeocoderUnavailable,
    NotFound,
    TravelUnavailable,
    WrongState,
)
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.cancel_work_order import cancel_work_order
from fieldops.usecases.create_work_order import create_work_order, look_up_site
from fieldops.usecases.read_work_order import list_work_orders, read_work_order
from fieldops.usecases.work import view

router = APIRouter(prefix="/work-orders", tags=["work orders"])

Writer = Annotated[Actor, needs(Scope.BOOKINGS_WRITE)]
WorkOrderId = Annotated[str, Path(max_length=64, examples=["wo_7h3k9c2m4p6r8t0w"])]


@router.post(
    "",
    operation_id="create_work_order",
    summary="Take down a work order",
    status_code=201,
    response_model=WorkOrderSchema,
    responses=problems(AddressNotFound, AlreadyThere, GeocoderUnavailable),
)
def create(ctx: Ctx, actor: Writer, key: Key, body: WorkOrderRequest) -> Response:
    """
    Take down what a customer asks for, in one call: a known or new customer, a known site or an address, and visits.

    An address without coordinates is looked up. When a new customer's contact point belongs to somebody already,
    `details.customer_ids` of the answer says to whom. Next, ask for a quote of a visit.
    """
    request = body.order()
    looked_up = look_up_site(ctx, actor, request)
    made = answer(ctx, actor, key, 201, WorkOrderSchema.model_validate, create_work_order, request, looked_up)
    return located(made, "/v1/work-orders/{id}")


@router.get("", operation_id="list_work_orders", summary="List work orders")
def list_all(
    ctx: Ctx,
    actor: Annotated[Actor, needs(Scope.BOOKINGS_READ)],
    page: Page,
    state: Annotated[Literal["open", "closed", "canceled"] | None, Query()] = None,
    territory_id: Annotated[str | None, Query(max_length=64)] = None,
    customer_id: Annotated[str | None, Query(max_length=64)] = None,
    reference: Annotated[str | None, Query(max_length=100, description="What another system calls it.")] = None,
) -> PageOf[WorkOrderSchema]:
    """List work orders, the newest first."""
    found = view(
        ctx,
        actor,
        list_work_orders,
        state=state,
        territory_id=territory_id,
        customer_id=customer_id,
        reference=reference,
        limit=page.limit,
        after=page.after,
    )
    return PageOf[WorkOrderSchema].model_validate(found)


@router.get(
    "/{work_order_id}", operation_id="read_work_order", summary="Read a work order", responses=problems(NotFound)
)
def read(
    ctx: Ctx, actor: Annotated[Actor, needs(Scope.BOOKINGS_READ, Scope.OWN_BOOKING)], work_order_id: WorkOrderId
) -> WorkOrderSchema | CustomerWorkOrder:
    """Read a work order with its visits; a customer with a link reads the one it is for."""
    return order_for(actor)(view(ctx, actor, read_work_order, work_order_id))


@router.post(
    "/{work_order_id}/cancel",
    operation_id="cancel_work_order",
    summary="Cancel a work order",
    response_model=WorkOrderSchema,
    responses=problems(NotFound, WrongState, TravelUnavailable),
)
def cancel(ctx: Ctx, actor: Writer, key: Key, work_order_id: WorkOrderId, body: CancelOrderRequest) -> Response:
    """
    Cancel a work order: its bookings are canceled, its holds released, its visits taken off the plans.

    Visits that are done stay done. One that is canceled stays as it is.
    """
    render = WorkOrderSchema.model_validate
    return answer(ctx, actor, key, 200, render, cancel_work_order, work_order_id, body.reason)
