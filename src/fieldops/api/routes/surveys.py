"""What customers say of visits."""

from typing import Annotated

from fastapi import APIRouter, Query

from fieldops.api.dependencies import Ctx, Page, needs
from fieldops.api.schemas.base import PageOf
from fieldops.api.schemas.tracking import SurveyAveragesSchema, SurveySchema, SurveySumsSchema
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.surveys import list_surveys, survey_averages
from fieldops.usecases.work import view

router = APIRouter(prefix="/surveys", tags=["surveys"])

Reader = Annotated[Actor, needs(Scope.CUSTOMERS_READ)]
TerritoryId = Annotated[str | None, Query(max_length=64, description="Only visits in it.")]
TechnicianId = Annotated[str | None, Query(max_length=64, description="Only visits this technician came to.")]


@router.get("", operation_id="list_surveys", summary="List surveys")
def list_all(
    ctx: Ctx,
    actor: Reader,
    page: Page,
    territory_id: TerritoryId = None,
    technician_id: TechnicianId = None,
    customer_id: Annotated[str | None, Query(max_length=64, description="Only those of this customer.")] = None,
    only_answered: Annotated[bool, Query(description="Leave out those without an answer.")] = False,
) -> PageOf[SurveySchema]:
    """List what customers were asked and said, the one asked last first."""
    found = view(
        ctx,
        actor,
        list_surveys,
        territory_id=territory_id,
        technician_id=technician_id,
        customer_id=customer_id,
        only_answered=only_answered,
        limit=page.limit,
        after=page.after,
    )
    return PageOf[SurveySchema].model_validate(found)


@router.get("/averages", operation_id="sum_up_surveys", summary="Sum up surveys")
def averages(
    ctx: Ctx, actor: Reader, territory_id: TerritoryId = None, technician_id: TechnicianId = None
) -> SurveySumsSchema:
    """Sum up what customers say, by technician and type of visit."""
    found = view(ctx, actor, survey_averages, territory_id=territory_id, technician_id=technician_id)
    return SurveySumsSchema(items=[SurveyAveragesSchema.model_validate(row) for row in found])
