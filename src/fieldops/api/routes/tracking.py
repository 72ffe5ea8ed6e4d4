"""The customer's page on the day: where the visit stands, a note, and how it was."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from fieldops.api.dependencies import Ctx, Key, answer, needs
from fieldops.api.problems import problems
from fieldops.api.schemas.tracking import (
    AnswersRequest,
    OwnNoteRequest,
    OwnNoteSchema,
    OwnSurveySchema,
    TrackSchema,
)
from fieldops.errors import NotFound, WrongState
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.add_note import NoteView
from fieldops.usecases.add_own_note import add_own_note
from fieldops.usecases.surveys import answer_survey, read_own_survey
from fieldops.usecases.track_visit import track_visit
from fieldops.usecases.work import view

router = APIRouter(tags=["tracking"])

Own = Annotated[Actor, needs(Scope.OWN_BOOKING)]
VisitId = Annotated[
    str | None,
    Query(
        max_length=64,
        description="Which visit of the link's work order; the one that is next or was last without it.",
        examples=["vi_7h3k9c2m4p6r8t0w"],
    ),
]


@router.get("/track", operation_id="track_visit", summary="See where a visit stands", responses=problems(NotFound))
def track(ctx: Ctx, actor: Own, visit_id: VisitId = None) -> TrackSchema:
    """
    See where a visit stands, with the customer's link.

    What the customer may know, and nothing more: when somebody is expected is shown from two hours before on, or once
    a time was told, and where the technician is only on the way to this customer.
    """
    return TrackSchema.model_validate(view(ctx, actor, track_visit, visit_id))


@router.post(
    "/track/notes",
    operation_id="add_own_note",
    summary="Write a note about a visit",
    status_code=201,
    response_model=OwnNoteSchema,
    responses=problems(NotFound, WrongState),
)
def write_note(ctx: Ctx, actor: Own, key: Key, body: OwnNoteRequest) -> Response:
    """Write something that whoever comes should know, with the customer's link. Dispatchers see it at once."""
    return answer(ctx, actor, key, 201, _own_note, add_own_note, body.text, body.visit_id)


@router.get("/survey", operation_id="read_own_survey", summary="Read the survey", responses=problems(NotFound))
def read_survey(ctx: Ctx, actor: Own, visit_id: VisitId = None) -> OwnSurveySchema:
    """Read the survey about a visit that is done, with the customer's link."""
    return OwnSurveySchema.model_validate(view(ctx, actor, read_own_survey, visit_id))


@router.post(
    "/survey",
    operation_id="answer_survey",
    summary="Answer the survey",
    response_model=OwnSurveySchema,
    responses=problems(NotFound, WrongState),
)
def answer_questions(ctx: Ctx, actor: Own, key: Key, body: AnswersRequest) -> Response:
    """
    Say how a visit was, with the customer's link.

    Each visit is answered once; within 24 hours a later answer replaces the one before.
    """
    render = OwnSurveySchema.model_validate
    return answer(ctx, actor, key, 200, render, answer_survey, body.answers(), body.visit_id)


def _own_note(note: NoteView) -> OwnNoteSchema:
    """Show a note to whoever wrote it."""
    return OwnNoteSchema(id=note.id, at=note.at, text=note.text)
