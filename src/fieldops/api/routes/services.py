"""The catalog of a territory: what can be booked there."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from fieldops.api.dependencies import Ctx, Key, TerritoryId, answer, needs
from fieldops.api.problems import problems
from fieldops.api.schemas.services import ServiceFields, ServiceList, ServiceSchema
from fieldops.errors import NotFound
from fieldops.usecases import services
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.work import transact, view

router = APIRouter(prefix="/territories/{territory_id}/services", tags=["territories"])
Reader = Annotated[Actor, needs(Scope.BOOKINGS_READ, Scope.BOOKINGS_WRITE)]
Writer = Annotated[Actor, needs(Scope.BOOKINGS_WRITE)]
ServiceId = Annotated[str, Path(max_length=64, examples=["sv_7h3k9c2m4p6r8t0w"])]


@router.get("", operation_id="list_services", summary="List services", responses=problems(NotFound))
def list_all(ctx: Ctx, actor: Reader, territory_id: TerritoryId) -> ServiceList:
    """List the services of a territory in the order in which they are shown, those that are not on offer too."""
    found = view(ctx, actor, services.list_services, territory_id)
    return ServiceList(items=[ServiceSchema.model_validate(service) for service in found])


@router.post(
    "",
    operation_id="create_service",
    summary="Add a service",
    status_code=201,
    response_model=ServiceSchema,
    responses=problems(NotFound),
)
def create(ctx: Ctx, actor: Writer, key: Key, territory_id: TerritoryId, body: ServiceFields) -> Response:
    """Add something that can be booked; a public one is on the booking page at once."""
    render = ServiceSchema.model_validate
    return answer(ctx, actor, key, 201, render, services.create_service, body.service(territory_id))


@router.put("/{service_id}", operation_id="replace_service", summary="Change a service", responses=problems(NotFound))
def replace(
    ctx: Ctx, actor: Writer, territory_id: TerritoryId, service_id: ServiceId, body: ServiceFields
) -> ServiceSchema:
    """Replace everything about a service but its id. What was requested before stays as it was asked for."""
    wanted = body.service(territory_id, service_id)
    return ServiceSchema.model_validate(transact(ctx, actor, services.replace_service, wanted))


@router.delete(
    "/{service_id}", operation_id="deactivate_service", summary="Take a service off", responses=problems(NotFound)
)
def deactivate(ctx: Ctx, actor: Writer, territory_id: TerritoryId, service_id: ServiceId) -> ServiceSchema:
    """Offer a service no more; it stays in the catalog, and can be put on offer again."""
    return ServiceSchema.model_validate(transact(ctx, actor, services.deactivate_service, territory_id, service_id))
