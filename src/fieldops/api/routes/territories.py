"""Territories."""

from typing import Annotated

from fastapi import APIRouter, Response

from fieldops.api.dependencies import Ctx, Key, Page, TerritoryId, answer, located, needs
from fieldops.api.problems import problems
from fieldops.api.schemas.base import PageOf
from fieldops.api.schemas.territories import TerritoryFields, TerritorySchema
from fieldops.errors import AlreadyThere, NotFound, WrongState
from fieldops.usecases import territories
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.work import transact, view

router = APIRouter(prefix="/territories", tags=["territories"])
Reader = Annotated[Actor, needs(Scope.PEOPLE_READ, Scope.PLANS_READ, Scope.BOOKINGS_READ, Scope.ADMIN)]
Admin = Annotated[Actor, needs(Scope.ADMIN)]


@router.get("", operation_id="list_territories", summary="List territories")
def list_territories(ctx: Ctx, actor: Reader, page: Page) -> PageOf[TerritorySchema]:
    """List territories, by id."""
    found = view(ctx, actor, territories.list_territories, limit=page.limit, after=page.after)
    return PageOf[TerritorySchema](items=[TerritorySchema.of(territory) for territory in found.items], next=found.next)


@router.post(
    "",
    operation_id="create_territory",
    summary="Add a territory",
    status_code=201,
    response_model=TerritorySchema,
    responses=problems(AlreadyThere),
)
def create_territory(ctx: Ctx, actor: Admin, key: Key, body: TerritoryFields) -> Response:
    """Add an area that is planned as one."""
    response = answer(ctx, actor, key, 201, TerritorySchema.of, territories.create_territory, body.territory())
    return located(response, "/v1/territories/{id}")


@router.get("/{territory_id}", operation_id="read_territory", summary="Read a territory", responses=problems(NotFound))
def read_territory(ctx: Ctx, actor: Reader, territory_id: TerritoryId) -> TerritorySchema:
    """Read a territory with its pattern of offered windows and its policies."""
    return TerritorySchema.of(view(ctx, actor, territories.read_territory, territory_id))


@router.put(
    "/{territory_id}",
    operation_id="replace_territory",
    summary="Change a territory",
    responses=problems(NotFound, AlreadyThere, WrongState),
)
def update_territory(ctx: Ctx, actor: Admin, territory_id: TerritoryId, body: TerritoryFields) -> TerritorySchema:
    """Replace everything about a territory but its id. What is offered and planned from now on follows it."""
    return TerritorySchema.of(transact(ctx, actor, territories.update_territory, body.territory(territory_id)))
