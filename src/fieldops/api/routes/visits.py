"""Visits: the trips of a work order."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from fieldops.api.dependencies import Ctx, IfMatch, etag, needs
from fieldops.api.order_answers import visit_for
from fieldops.api.problems import problems
from fieldops.api.schemas.work_orders import CustomerVisit, VisitPatch, VisitSchema
from fieldops.errors import NotFound, TravelUnavailable, VersionStale, WrongState
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.edit_visit import edit_visit
from fieldops.usecases.read_work_order import read_visit
from fieldops.usecases.work import transact, view

router = APIRouter(prefix="/visits", tags=["work orders"])

VisitId = Annotated[str, Path(max_length=64, examples=["vi_7h3k9c2m4p6r8t0w"])]


@router.get("/{visit_id}", operation_id="read_visit", summary="Read a visit", responses=problems(NotFound))
def read(
    ctx: Ctx,
    actor: Annotated[Actor, needs(Scope.BOOKINGS_READ, Scope.OWN_BOOKING)],
    visit_id: VisitId,
    response: Response,
) -> VisitSchema | CustomerVisit:
    """Read a visit and what is promised about it; the header ETag is what a change of it has to name."""
    found = view(ctx, actor, read_visit, visit_id)
    response.headers["ETag"] = etag(found.version)
    return visit_for(actor)(found)


@router.patch(
    "/{visit_id}",
    operation_id="update_visit",
    summary="Change a visit",
    responses=problems(NotFound, VersionStale, WrongState, TravelUnavailable),
)
def edit(
    ctx: Ctx,
    actor: Annotated[Actor, needs(Scope.BOOKINGS_WRITE)],
    visit_id: VisitId,
    version: IfMatch,
    body: VisitPatch,
    response: Response,
) -> VisitSchema:
    """
    Change what is named of an open visit; the rest stays.

    The header If-Match names the version that was read. A visit that is held or booked is not changed: what was
    promised was promised for it as it is. An open one that is on a plan is taken off when the plan minds the change.
    """
    changed = transact(ctx, actor, edit_visit, visit_id, version, body.changes())
    response.headers["ETag"] = etag(changed.version)
    return VisitSchema.model_validate(changed)
