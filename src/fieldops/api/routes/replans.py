"""Replans of a day under way: ask for one, watch it, decide about what it proposes."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from fieldops.api.dependencies import Ctx, Key, Page, RequestKey, answer, located, needs
from fieldops.api.problems import problems
from fieldops.api.schemas.base import Id, PageOf
from fieldops.api.schemas.dates import Day
from fieldops.api.schemas.replans import ApprovalRequest, RejectionRequest, ReplanRequest, ReplanSchema, State
from fieldops.errors import NotFound, PlanVersionStale, RulesBroken, WrongState
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.context import Context
from fieldops.usecases.proposals import approve_replan, mark_stale, reject_replan
from fieldops.usecases.replan_views import list_replans, read_replan
from fieldops.usecases.request_replan import ReplanKind, cancel_replan, request_replan
from fieldops.usecases.work import transact, view

router = APIRouter(prefix="/replans", tags=["replans"])
Reader = Annotated[Actor, needs(Scope.PLANS_READ)]
Planner = Annotated[Actor, needs(Scope.PLANS_WRITE)]
ReplanId = Annotated[str, Path(max_length=64, examples=["rp_7h3k9c2m4p6r8t0w"])]


@router.get("", operation_id="list_replans", summary="List replans", responses=problems(NotFound))
def list_all(
    ctx: Ctx,
    actor: Reader,
    page: Page,
    territory_id: Annotated[Id, Query(examples=["te_7h3k9c2m4p6r8t0w"])],
    date: Annotated[Day, Query(description="Local date of the territory.")],
    state: Annotated[State | None, Query(description="Only those in this state.")] = None,
) -> PageOf[ReplanSchema]:
    """List the replans of a day, newest first, each with its proposal."""
    found = view(ctx, actor, list_replans, territory_id, date, state=state, limit=page.limit, after=page.after)
    return PageOf[ReplanSchema](items=[ReplanSchema.of(replan) for replan in found.items], next=found.next)


@router.post(
    "",
    operation_id="request_replan",
    summary="Have a day replanned",
    status_code=202,
    response_model=ReplanSchema,
    responses=problems(NotFound, WrongState),
)
def request(ctx: Ctx, actor: Planner, key: Key, body: ReplanRequest) -> Response:
    """
    Leave a replan of the rest of a day under way; a worker begins it within a second when it is free.

    What it proposes waits for a decision, whatever the territory's policies say. What technicians are driving to, are
    serving or begin soon does not move; pins and edits by hand are kept, or reported as conflicts.
    """
    kind = ReplanKind(body.kind)
    made = answer(
        ctx, actor, key, 202, ReplanSchema.of, request_replan, body.territory_id, body.date, kind, body.scope()
    )
    return located(made, "/v1/replans/{id}")


@router.get("/{replan_id}", operation_id="read_replan", summary="Look at a replan", responses=problems(NotFound))
def read(ctx: Ctx, actor: Reader, replan_id: ReplanId) -> ReplanSchema:
    """Look at a replan: how far it is, and what it proposes."""
    return ReplanSchema.of(view(ctx, actor, read_replan, replan_id))


@router.post(
    "/{replan_id}/cancel",
    operation_id="cancel_replan",
    summary="Stop a replan",
    response_model=ReplanSchema,
    responses=problems(NotFound, WrongState),
)
def cancel(ctx: Ctx, actor: Planner, key: Key, replan_id: ReplanId) -> Response:
    """Stop a replan: one that waits ends at once; of one that runs, the best found so far becomes the proposal."""
    return answer(ctx, actor, key, 200, ReplanSchema.of, cancel_replan, replan_id)


@router.post(
    "/{replan_id}/approve",
    operation_id="approve_replan",
    summary="Approve a proposal",
    response_model=ReplanSchema,
    responses=problems(NotFound, WrongState, PlanVersionStale, RulesBroken),
)
def approve(ctx: Ctx, actor: Planner, key: Key, replan_id: ReplanId, body: ApprovalRequest) -> Response:
    """
    Make a proposal the running plan, or only some of its moves; the times are computed anew for this instant.

    When the day has gone on in a way that the proposal does not fit any more, nothing changes and the answer is 412:
    the replan is `stale` then. Moves that break a rule without the others are refused with everything they break.
    """
    return _decide(ctx, actor, key, replan_id, body)


@router.post(
    "/{replan_id}/reject",
    operation_id="reject_replan",
    summary="Reject a proposal",
    response_model=ReplanSchema,
    responses=problems(NotFound, WrongState),
)
def reject(ctx: Ctx, actor: Planner, key: Key, replan_id: ReplanId, body: RejectionRequest) -> Response:
    """Reject a proposal: the plan stays as it is."""
    return answer(ctx, actor, key, 200, ReplanSchema.of, reject_replan, replan_id, body.reason)


def _decide(ctx: Context, actor: Actor, key: RequestKey, replan_id: str, body: ApprovalRequest) -> Response:
    """Approve; a proposal that comes too late is marked as such, although the request fails."""
    try:
        return answer(ctx, actor, key, 200, ReplanSchema.of, approve_replan, replan_id, body.visits)
    except PlanVersionStale as stale:
        transact(ctx, actor, mark_stale, replan_id, str(stale))
        raise
