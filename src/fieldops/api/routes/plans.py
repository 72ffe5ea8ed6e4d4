"""Plans: read one as it runs or as it was, have another one made, publish it."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Path, Query, Response
from sse_starlette.sse import EventSourceResponse
from starlette.concurrency import run_in_threadpool

from fieldops.api.conditional import is_known
from fieldops.api.dependencies import Ctx, IfMatch, Key, Page, TerritoryId, answer, etag, located, needs
from fieldops.api.problems import problems
from fieldops.api.schemas.base import Id, PageOf
from fieldops.api.schemas.dates import Day
from fieldops.api.schemas.plans import JobState, PlanJobSchema, PlanSchema, PlanVersionSchema, SolveRequest
from fieldops.errors import NotFound, PlanVersionStale, WrongState
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.context import Context
from fieldops.usecases.plan_job_views import ENDED, PlanJobView
from fieldops.usecases.publish_plan import publish_plan
from fieldops.usecases.read_plan import plan_versions, read_plan
from fieldops.usecases.request_solve import cancel_solve, list_plan_jobs, read_plan_job, request_solve
from fieldops.usecases.work import view

#: How often a stream of events looks at its job, and how long it lasts at most, seconds; clients connect again.
LOOK_EVERY_S: Final = 0.5
STREAM_S: Final = 30.0
#: What a client waits before it connects again, milliseconds.
RETRY_MS: Final = 1_000

router = APIRouter(tags=["plans"])

Reader = Annotated[Actor, needs(Scope.PLANS_READ)]
Planner = Annotated[Actor, needs(Scope.PLANS_WRITE)]
JobId = Annotated[str, Path(max_length=64, examples=["jo_7h3k9c2m4p6r8t0w"])]
LocalDate = Annotated[Day, Path(description="Local date of the territory.")]

_EVENT: Final = {
    "type": "object",
    "required": ["event", "data"],
    "properties": {
        "event": {"const": "job"},
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {"$ref": "#/components/schemas/PlanJobSchema"},
        },
        "retry": {"type": "integer", "description": "What a client waits before it connects again, milliseconds."},
    },
}
_EVENTS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Events `job`, each with a plan job without its draft.",
        "content": {"text/event-stream": {"itemSchema": _EVENT}},
    }
}


@router.get(
    "/plans/{territory_id}/{date}",
    operation_id="read_plan",
    summary="Read a plan",
    response_model=PlanSchema,
    responses={304: {"description": "Nothing differs from what If-None-Match names."}, **problems(NotFound)},
)
def read(
    ctx: Ctx,
    actor: Reader,
    territory_id: TerritoryId,
    date: LocalDate,
    version: Annotated[
        int | None, Query(ge=0, le=999_999_999, description="An earlier version; the running one without it.")
    ] = None,
    if_none_match: Annotated[
        str | None,
        Header(
            alias="If-None-Match",
            max_length=200,
            description="ETag of what is known already.",
            examples=['"7.9f86d081884c7d65"'],
        ),
    ] = None,
) -> Response:
    """
    Read the plan of a territory on a date: every shift with its stops, who has no place, and the key figures.

    The version changes with every route, not with what else is shown: names, states and windows are those of now, also
    in earlier versions. The ETag is of all of it, and begins with the version: what is changed with it as If-Match is
    refused when a route has changed, and not because a customer has confirmed.
    """
    found = view(ctx, actor, read_plan, territory_id, date, version)
    body = PlanSchema.model_validate(found).model_dump_json(by_alias=True).encode()
    tag = etag(found.version, body)
    if if_none_match is not None and is_known(if_none_match, tag):
        return Response(status_code=304, headers={"ETag": tag})
    return Response(body, media_type="application/json", headers={"ETag": tag})


@router.get(
    "/plans/{territory_id}/{date}/versions",
    operation_id="list_plan_versions",
    summary="List what changed a plan",
    responses=problems(NotFound),
)
def versions(
    ctx: Ctx, actor: Reader, territory_id: TerritoryId, date: LocalDate, page: Page
) -> PageOf[PlanVersionSchema]:
    """List the versions of a plan, newest first, each with who made it and why."""
    found = view(ctx, actor, plan_versions, territory_id, date, page.limit, page.after)
    return PageOf[PlanVersionSchema].model_validate(found)


@router.post(
    "/plans/{territory_id}/{date}/solve",
    operation_id="request_solve",
    summary="Have a plan made",
    status_code=202,
    response_model=PlanJobSchema,
    responses=problems(NotFound),
)
def solve(
    ctx: Ctx, actor: Planner, key: Key, territory_id: TerritoryId, date: LocalDate, body: SolveRequest
) -> Response:
    """
    Leave a job that plans the date from its newest state; a worker begins it within a second when it is free.

    A job for the same date that has not begun yet is answered instead of a second one.
    """
    made = answer(ctx, actor, key, 202, _job, request_solve, territory_id, date, body.seconds, body.publishes)
    return located(made, "/v1/plan-jobs/{id}")


@router.get("/plan-jobs", operation_id="list_plan_jobs", summary="List plan jobs", responses=problems(NotFound))
def list_jobs(
    ctx: Ctx,
    actor: Reader,
    page: Page,
    territory_id: Annotated[Id | None, Query(description="Only of this territory.")] = None,
    date: Annotated[Day | None, Query(description="Only of this local date.")] = None,
    state: Annotated[JobState | None, Query(description="Only those in this state.")] = None,
) -> PageOf[PlanJobSchema]:
    """
    List plan jobs, newest first, without their drafts.

    With `state=ready` these are the drafts that wait to be published: made on request, or at night in a territory that
    does not publish by itself. To look into one, read the job.
    """
    found = view(
        ctx,
        actor,
        list_plan_jobs,
        territory_id=territory_id,
        day=date,
        state=state,
        limit=page.limit,
        after=page.after,
    )
    return PageOf[PlanJobSchema](items=[_job(job) for job in found.items], next=found.next)


@router.get(
    "/plan-jobs/{job_id}", operation_id="read_plan_job", summary="Look at a plan job", responses=problems(NotFound)
)
def read_job(ctx: Ctx, actor: Reader, job_id: JobId) -> PlanJobSchema:
    """Look at a job: how far it is, and the draft it has made."""
    return _job(view(ctx, actor, read_plan_job, job_id))


@router.get(
    "/plan-jobs/{job_id}/events",
    operation_id="watch_plan_job",
    summary="Watch a plan job",
    response_class=EventSourceResponse,
    responses={**_EVENTS, **problems(NotFound)},
)
def watch_job(ctx: Ctx, actor: Reader, job_id: JobId) -> EventSourceResponse:
    """
    Watch a job as server-sent events: its state now, then whenever it changes, at most twice a second, to its end.

    A stream lasts half a minute at most; clients that follow the standard connect again by themselves.
    """
    now = view(ctx, actor, read_plan_job, job_id)
    return EventSourceResponse(_events(ctx, actor, now), ping=10)


@router.post(
    "/plan-jobs/{job_id}/cancel",
    operation_id="cancel_plan_job",
    summary="Call a plan job off",
    response_model=PlanJobSchema,
    responses=problems(NotFound, WrongState),
)
def cancel(ctx: Ctx, actor: Planner, key: Key, job_id: JobId) -> Response:
    """Call a job off: one that waits ends at once, one that runs within a second; its draft is not kept."""
    return answer(ctx, actor, key, 200, _job, cancel_solve, job_id)


@router.post(
    "/plan-jobs/{job_id}/publish",
    operation_id="publish_plan",
    summary="Publish a draft",
    response_model=PlanJobSchema,
    responses=problems(NotFound, WrongState, PlanVersionStale),
)
def publish(ctx: Ctx, actor: Planner, key: Key, job_id: JobId, version: IfMatch) -> Response:
    """
    Make the draft of a job the running plan.

    If-Match is the ETag of the plan the caller has seen. When the plan has changed since, or since the draft was made,
    nothing happens and the answer is 412: have another plan made.
    """
    return answer(ctx, actor, key, 200, _job, publish_plan, job_id, version)


def _job(found: PlanJobView) -> PlanJobSchema:
    """Make the schema of a job."""
    return PlanJobSchema.model_validate(found)


async def _events(ctx: Context, actor: Actor, job: PlanJobView) -> AsyncIterator[dict[str, Any]]:
    """Tell about a job until it has ended, or the stream has lasted long enough."""
    until = time.monotonic() + STREAM_S
    told = ""
    while True:
        news = _job(job).model_copy(update={"draft": None}).model_dump_json()
        if news != told:
            told = news
            yield {"event": "job", "data": news, "retry": RETRY_MS}
        if job.state in ENDED or time.monotonic() > until:
            return
        await asyncio.sleep(LOOK_EVERY_S)
        job = await run_in_threadpool(view, ctx, actor, read_plan_job, job.id)
