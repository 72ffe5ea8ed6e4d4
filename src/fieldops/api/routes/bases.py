"""Bases: depots and homes, where shifts start and end."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from fieldops.api.dependencies import Ctx, Key, Page, answer, located, needs
from fieldops.api.problems import problems
from fieldops.api.schemas.base import PageOf
from fieldops.api.schemas.people import BaseSchema, NewBase
from fieldops.errors import AddressNotFound, GeocoderUnavailable, NotFound
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.bases import BaseKind, create_base, list_bases, read_base
from fieldops.usecases.locate_address import LocatedAddress, Lookup, look_up
from fieldops.usecases.work import view

router = APIRouter(prefix="/bases", tags=["technicians"])

Reader = Annotated[Actor, needs(Scope.PEOPLE_READ)]


@router.post(
    "",
    operation_id="create_base",
    summary="Add a depot or home",
    status_code=201,
    response_model=BaseSchema,
    responses=problems(AddressNotFound, GeocoderUnavailable),
)
def create(ctx: Ctx, actor: Annotated[Actor, needs(Scope.PEOPLE_WRITE)], key: Key, body: NewBase) -> Response:
    """
    Add a depot or home.

    Without coordinates the address is looked up.
    """
    if body.latitude is None or body.longitude is None:
        # A failure is told by the use case, so that a repeated request gets the answer it got before.
        found = look_up(ctx, actor, body.address)
    else:
        given = LocatedAddress(
            address=body.address, latitude=body.latitude, longitude=body.longitude, geocoded_by="given"
        )
        found = Lookup(located=given)
    made = answer(
        ctx, actor, key, 201, BaseSchema.model_validate, create_base, body.kind, body.address, found, body.access_notes
    )
    return located(made, "/v1/bases/{id}")


@router.get("", operation_id="list_bases", summary="List depots and homes")
def list_all(
    ctx: Ctx, actor: Reader, page: Page, kind: Annotated[BaseKind | None, Query()] = None
) -> PageOf[BaseSchema]:
    """List depots and homes."""
    found = view(ctx, actor, list_bases, limit=page.limit, after=page.after, kind=kind)
    return PageOf[BaseSchema].model_validate(found)


@router.get("/{base_id}", operation_id="read_base", summary="Read a depot or home", responses=problems(NotFound))
def read(ctx: Ctx, actor: Reader, base_id: Annotated[str, Path(max_length=64)]) -> BaseSchema:
    """Read a depot or home."""
    return BaseSchema.model_validate(view(ctx, actor, read_base, base_id))
