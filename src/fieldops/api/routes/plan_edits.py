"""Edits of plans by hand: try one out, make it, take it back; and where a visit could go."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from fieldops.api.dependencies import Ctx, IfMatch, Key, Page, TerritoryId, answer, located
from fieldops.api.problems import problems
from fieldops.api.routes.plans import LocalDate, Planner, Reader
from fieldops.api.schemas.base import PageOf
from fieldops.api.schemas.plan_edits import (
    EditRequest,
    PlacesSchema,
    PlanEditSchema,
    RankedPlaceSchema,
    ShiftWithoutPlaceSchema,
    WhatIfRequest,
    WhatIfSchema,
)
from fieldops.errors import NotFound, PlanVersionStale, RulesBroken, WrongState
from fieldops.usecases.edit_plan import edit_plan, try_edit
from fieldops.usecases.edit_views import PlacesView, PlanEditView
from fieldops.usecases.list_places import list_places
from fieldops.usecases.undo_edit import list_edits, undo_edit
from fieldops.usecases.work import view

router = APIRouter(prefix="/plans/{territory_id}/{date}", tags=["plans"])

EditId = Annotated[str, Path(max_length=64, examples=["pe_7h3k9c2m4p6r8t0w"])]
_SECOND = timedelta(seconds=1)


@router.post(
    "/what-if",
    operation_id="try_plan_edit",
    summary="Ask what an edit would do",
    responses=problems(NotFound, WrongState),
)
def what_if(ctx: Ctx, actor: Reader, territory_id: TerritoryId, date: LocalDate, body: WhatIfRequest) -> WhatIfSchema:
    """
    Ask what an edit by hand would do: exact times and costs of the routes it touches, and everything it would break.

    Changes nothing. Of a day under way it is about what is still ahead.
    """
    return WhatIfSchema.model_validate(view(ctx, actor, try_edit, territory_id, date, body.edit.edit()))


@router.post(
    "/edits",
    operation_id="edit_plan",
    summary="Change a plan by hand",
    status_code=201,
    response_model=PlanEditSchema,
    responses=problems(NotFound, WrongState, RulesBroken, PlanVersionStale),
)
def edit(
    ctx: Ctx,
    actor: Planner,
    key: Key,
    territory_id: TerritoryId,
    date: LocalDate,
    version: IfMatch,
    body: EditRequest,
) -> Response:
    """
    Change a plan by hand.

    If-Match is the ETag of the plan the caller has seen. An edit that breaks rules, or a promise that was kept, is
    refused with all of them in `details.violations`; with `force` and a reason it is done all the same. What was moved
    by hand stays where it was put: no optimizer takes it back.
    """
    made = answer(
        ctx,
        actor,
        key,
        201,
        _edit,
        edit_plan,
        territory_id,
        date,
        body.edit.edit(),
        base_version=version,
        force=body.force,
        reason=body.reason,
    )
    return located(made, f"/v1/plans/{territory_id}/{date.isoformat()}/edits")


@router.get("/edits", operation_id="list_plan_edits", summary="List the edits of a plan", responses=problems(NotFound))
def edits(ctx: Ctx, actor: Reader, territory_id: TerritoryId, date: LocalDate, page: Page) -> PageOf[PlanEditSchema]:
    """List what was changed by hand, newest first."""
    found = view(ctx, actor, list_edits, territory_id, date, page.limit, page.after)
    return PageOf[PlanEditSchema](items=[_edit(edit) for edit in found.items], next=found.next)


@router.post(
    "/edits/{edit_id}/undo",
    operation_id="undo_plan_edit",
    summary="Take an edit back",
    status_code=201,
    response_model=PlanEditSchema,
    responses=problems(NotFound, WrongState),
)
def undo(ctx: Ctx, actor: Planner, key: Key, territory_id: TerritoryId, date: LocalDate, edit_id: EditId) -> Response:
    """
    Take an edit back: orders, pins, times on site and breaks become what they were before it.

    Only while everything is as the edit has left it; otherwise `details` says what has changed. An undo is an edit, and
    can be taken back, too.
    """
    return answer(ctx, actor, key, 201, _edit, undo_edit, territory_id, date, edit_id)


@router.get(
    "/places",
    operation_id="list_places",
    summary="Rank the places of a visit",
    responses=problems(NotFound, WrongState),
)
def places(
    ctx: Ctx,
    actor: Reader,
    territory_id: TerritoryId,
    date: LocalDate,
    visit_id: Annotated[str, Query(max_length=64, examples=["vi_7h3k9c2m4p6r8t0w"])],
) -> PlacesSchema:
    """
    Rank where a visit could go: the best place on every shift, by what it would cost, and why others have none.

    Hard rules are kept; a promise that would be late counts as cost.
    """
    return _places(view(ctx, actor, list_places, territory_id, date, visit_id))


def _edit(found: PlanEditView) -> PlanEditSchema:
    """Make the schema of an edit."""
    return PlanEditSchema.model_validate(found)


def _places(found: PlacesView) -> PlacesSchema:
    """Make the schema of ranked places."""

    def ranked(place: Any) -> RankedPlaceSchema:
        return RankedPlaceSchema(
            technician_id=place.technician_id,
            shift_id=place.shift_id,
            position=place.position,
            cost_change_cents=place.cost_change,
            start_at=place.start,
            finish_at=place.finish,
            slack_s=place.slack // _SECOND,
            extra_travel_s=place.extra_travel // _SECOND,
        )

    return PlacesSchema(
        visit_id=found.visit_id,
        version=found.version,
        places=[ranked(place) for place in found.places],
        without=[ShiftWithoutPlaceSchema.model_validate(shift) for shift in found.without],
    )
