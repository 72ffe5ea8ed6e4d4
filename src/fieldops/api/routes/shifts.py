"""Shifts: who works when."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from fieldops.api.dependencies import Ctx, Page, needs
from fieldops.api.problems import problems
from fieldops.api.schemas.base import PageOf
from fieldops.api.schemas.dates import Day
from fieldops.api.schemas.shifts import ShiftPatternSchema, ShiftsChanged, ShiftSchema
from fieldops.errors import NotFound
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.shifts import list_shifts, remove_shift, replace_shift
from fieldops.usecases.work import transact, view

router = APIRouter(prefix="/shifts", tags=["technicians"])

Writer = Annotated[Actor, needs(Scope.PEOPLE_WRITE)]
ShiftId = Annotated[str, Path(max_length=64, examples=["sh_7h3k9c2m4p6r8t0w"])]


@router.get("", operation_id="list_shifts", summary="List shifts")
def list_all(
    ctx: Ctx,
    actor: Annotated[Actor, needs(Scope.PEOPLE_READ)],
    page: Page,
    territory_id: Annotated[str | None, Query(max_length=64)] = None,
    technician_id: Annotated[str | None, Query(max_length=64)] = None,
    first_date: Annotated[Day | None, Query()] = None,
    last_date: Annotated[Day | None, Query()] = None,
) -> PageOf[ShiftSchema]:
    """List shifts, by date."""
    found = view(
        ctx,
        actor,
        list_shifts,
        limit=page.limit,
        after=page.after,
        territory_id=territory_id,
        technician_id=technician_id,
        first_date=first_date,
        last_date=last_date,
    )
    return PageOf[ShiftSchema].model_validate(found)


@router.put("/{shift_id}", operation_id="replace_shift", summary="Change a shift", responses=problems(NotFound))
def replace(ctx: Ctx, actor: Writer, shift_id: ShiftId, body: ShiftPatternSchema) -> ShiftsChanged:
    """
    Change times, places and caps of a shift.

    It stays on its date. Of its visits, those that can still be served in their order keep their place.
    """
    return ShiftsChanged.model_validate(transact(ctx, actor, replace_shift, shift_id, body.pattern()))


@router.delete("/{shift_id}", operation_id="remove_shift", summary="Take back a shift", responses=problems(NotFound))
def take_back(ctx: Ctx, actor: Writer, shift_id: ShiftId) -> ShiftsChanged:
    """
    Take back a shift.

    Its route leaves the running plan. Booked visits stay booked; the next plan finds them a new place.
    """
    return ShiftsChanged.model_validate(transact(ctx, actor, remove_shift, shift_id))
