"""Tasks: what a person has to do about a customer."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response

from fieldops.api.dependencies import Ctx, Key, Page, answer, needs
from fieldops.api.problems import problems
from fieldops.api.schemas.base import PageOf
from fieldops.api.schemas.tracking import TaskDoneRequest, TaskPatch, TaskSchema
from fieldops.errors import NotFound
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.tasks import change_task, finish_task, list_tasks
from fieldops.usecases.work import transact, view

router = APIRouter(prefix="/tasks", tags=["tasks"])

Reader = Annotated[Actor, needs(Scope.CUSTOMERS_READ)]
Writer = Annotated[Actor, needs(Scope.CUSTOMERS_WRITE)]
TaskId = Annotated[str, Path(max_length=64, examples=["ta_7h3k9c2m4p6r8t0w"])]


@router.get("", operation_id="list_tasks", summary="List tasks")
def list_all(
    ctx: Ctx,
    actor: Reader,
    page: Page,
    state: Annotated[Literal["open", "done"] | None, Query(description="Both without it.")] = None,
    territory_id: Annotated[str | None, Query(max_length=64)] = None,
    owner: Annotated[str | None, Query(max_length=64, description="Only those of this user.")] = None,
    customer_id: Annotated[str | None, Query(max_length=64)] = None,
) -> PageOf[TaskSchema]:
    """List what people have to do about customers, the one due first first."""
    found = view(
        ctx,
        actor,
        list_tasks,
        territory_id=territory_id,
        state=state,
        owner=owner,
        customer_id=customer_id,
        limit=page.limit,
        after=page.after,
    )
    return PageOf[TaskSchema].model_validate(found)


@router.post(
    "/{task_id}/done",
    operation_id="finish_task",
    summary="Finish a task",
    response_model=TaskSchema,
    responses=problems(NotFound),
)
def finish(ctx: Ctx, actor: Writer, key: Key, task_id: TaskId, body: TaskDoneRequest) -> Response:
    """Say that a task is done, perhaps with what came of it; one that is done stays as it is."""
    return answer(ctx, actor, key, 200, TaskSchema.model_validate, finish_task, task_id, body.note)


@router.patch("/{task_id}", operation_id="change_task", summary="Change a task", responses=problems(NotFound))
def change(ctx: Ctx, actor: Writer, task_id: TaskId, body: TaskPatch) -> TaskSchema:
    """Give a task to somebody, set another time, or note something; what is not named stays."""
    return TaskSchema.model_validate(transact(ctx, actor, change_task, task_id, body.changes()))
