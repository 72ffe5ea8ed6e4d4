"""Addresses."""

from typing import Annotated

from fastapi import APIRouter

from fieldops.api.dependencies import Ctx, needs
from fieldops.api.problems import problems
from fieldops.api.schemas.addresses import AddressRequest, LocatedSchema
from fieldops.errors import AddressNotFound, GeocoderUnavailable
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.locate_address import locate_address

router = APIRouter(prefix="/addresses", tags=["customers"])


@router.post(
    "/locate",
    operation_id="locate_address",
    summary="Find an address",
    responses=problems(AddressNotFound, GeocoderUnavailable),
)
def locate(
    ctx: Ctx, actor: Annotated[Actor, needs(Scope.CUSTOMERS_WRITE, Scope.BOOKINGS_WRITE)], body: AddressRequest
) -> LocatedSchema:
    """
    Find where an address is.

    Addresses known already and earlier answers of the geocoder come first; only then the geocoder is asked. Nothing is
    changed that a caller could see, so no Idempotency-Key is needed.
    """
    return LocatedSchema.model_validate(locate_address(ctx, actor, body.address))
