"""A day under way: report what happens, and see how it stands."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Response

from fieldops.api.dependencies import Ctx, Key, TerritoryId, answer, needs
from fieldops.api.problems import problems
from fieldops.api.schemas.dates import Day
from fieldops.api.schemas.live import EventReceipts, LiveBoardSchema, NewEvents
from fieldops.errors import EventDiffers, NotFound, WrongState
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.progress_events import EventReceipt
from fieldops.usecases.read_live import read_live
from fieldops.usecases.record_progress import record_events
from fieldops.usecases.work import view

router = APIRouter(tags=["live"])


@router.post(
    "/progress",
    operation_id="report_progress",
    summary="Report what happens",
    response_model=EventReceipts,
    responses=problems(NotFound, WrongState, EventDiffers),
)
def report(
    ctx: Ctx, actor: Annotated[Actor, needs(Scope.OWN_DAY, Scope.PLANS_WRITE)], key: Key, body: NewEvents
) -> Response:
    """
    Report what happens on a day under way: all events or none.

    Late, repeated and out of order is fine: an event is known by its id, and what a visit's events mean is read in the
    order in which they occurred. ETAs are fresh when the answer comes. Technicians report of their own visits and of
    themselves; the rest is for dispatchers. An end that was reported by mistake is taken back by `reopened`. Customers
    hear what they have to, and a replan begins where it helps.
    """

    def receipts(found: Sequence[EventReceipt]) -> EventReceipts:
        return EventReceipts.model_validate({"receipts": list(found)})

    return answer(ctx, actor, key, 200, receipts, record_events, [event.event() for event in body.events])


@router.get(
    "/territories/{territory_id}/live/{date}",
    operation_id="read_live_board",
    summary="See a day under way",
    responses=problems(NotFound),
)
def live(
    ctx: Ctx,
    actor: Annotated[Actor, needs(Scope.PLANS_READ)],
    territory_id: TerritoryId,
    date: Annotated[Day, Path(description="Local date of the territory.")],
) -> LiveBoardSchema:
    """
    See a day under way: the running plan, where visits and technicians stand, what is expected, and who has no place.

    What changes afterwards is told by `GET /v1/streams/board`.
    """
    return LiveBoardSchema.model_validate(view(ctx, actor, read_live, territory_id, date))
