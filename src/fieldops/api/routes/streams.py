"""Streams: what changes on a board, a technician's day or a visit, as it changes."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Request
from sse_starlette.sse import EventSourceResponse

from fieldops.api.dependencies import Ctx, needs
from fieldops.api.problems import problems
from fieldops.api.routes.tracking import VisitId
from fieldops.api.schemas.dates import Day
from fieldops.api.schemas.live import LiveBoardSchema
from fieldops.api.schemas.technician_day import TechnicianDaySchema
from fieldops.api.schemas.tracking import TrackSchema
from fieldops.api.streaming import stream_response
from fieldops.errors import NotFound
from fieldops.usecases.actor import Actor, Scope
from fieldops.usecases.watch import watch_board, watch_technician, watch_visit
from fieldops.usecases.work import view

router = APIRouter(prefix="/streams", tags=["streams"])

LARGEST_ID: Final = 2**53 - 1
_KINDS: Final = ("eta", "progress", "plan", "proposal", "replan", "technician", "message", "task")

LastEventId = Annotated[
    int | None,
    Header(alias="Last-Event-ID", ge=0, le=LARGEST_ID, description="Id of the last event heard; browsers send it."),
]
After = Annotated[
    int | None, Query(ge=0, le=LARGEST_ID, description="The same, for programs that do not send the header.")
]


def _documented(snapshot: str, *kinds: str) -> dict[int | str, dict[str, Any]]:
    """Describe a stream whose snapshot has a schema of this name, and on which events of these kinds follow."""
    where = {"type": "string", "description": "Where the stream goes on after an interruption."}
    retry = {"type": "integer", "description": "What a client waits before it connects again, milliseconds."}
    json = {"type": "string", "contentMediaType": "application/json"}
    known = {**json, "contentSchema": {"$ref": f"#/components/schemas/{snapshot}"}}

    def event(names: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
        properties = {"id": where, "event": names, "data": data, "retry": retry}
        return {"type": "object", "required": ["event", "data"], "properties": properties}

    item = {"oneOf": [event({"const": "snapshot"}, known), event({"enum": [*kinds, "reset"]}, json)]}
    description = "An event `snapshot` with everything as it is now, then one event for each change."
    return {200: {"description": description, "content": {"text/event-stream": {"itemSchema": item}}}}


@router.get(
    "/board",
    operation_id="watch_board",
    summary="Watch a board",
    response_class=EventSourceResponse,
    responses={**_documented("LiveBoardSchema", *_KINDS), **problems(NotFound)},
)
def board(
    request: Request,
    ctx: Ctx,
    actor: Annotated[Actor, needs(Scope.PLANS_READ)],
    territory_id: Annotated[str, Query(max_length=64, examples=["te_7h3k9c2m4p6r8t0w"])],
    date: Annotated[Day, Query(description="Local date of the territory.")],
    last_event_id: LastEventId = None,
    after: After = None,
) -> EventSourceResponse:
    """
    Watch a territory's date as server-sent events.

    First `snapshot`, as `GET /v1/territories/{id}/live/{date}` has it; then `eta`, `progress`, `plan`, `proposal`,
    `replan`, `technician`, `message` and `task` as they happen. Events say how things are now: hearing one twice does
    no harm. Who comes back with the id of the last event heard goes on where it was; after some hours there is a new
    snapshot instead. `reset` says that the stream ends and the client should come back.
    """
    known = last_event_id if after is None else after
    start = view(ctx, actor, watch_board, territory_id, date, known)
    snapshot = None if start.snapshot is None else LiveBoardSchema.model_validate(start.snapshot)
    return stream_response(request, actor, start.topic, start.after, snapshot)


@router.get(
    "/technician",
    operation_id="watch_technician",
    summary="Watch a technician's day",
    response_class=EventSourceResponse,
    responses={**_documented("TechnicianDaySchema", *_KINDS), **problems(NotFound)},
)
def technician(
    request: Request,
    ctx: Ctx,
    actor: Annotated[Actor, needs(Scope.OWN_DAY, Scope.PLANS_READ)],
    technician_id: Annotated[
        str | None, Query(max_length=64, description="The caller without it.", examples=["tn_7h3k9c2m4p6r8t0w"])
    ] = None,
    date: Annotated[Day | None, Query(description="Local date of the territory; today without it.")] = None,
    last_event_id: LastEventId = None,
    after: After = None,
) -> EventSourceResponse:
    """
    Watch a technician's day as server-sent events.

    First `snapshot`, the day as `GET /v1/technicians/{id}/day` has it; then what changes, as on a board. Technicians
    watch their own day only; everybody else needs `customers:read` besides `plans:read`.
    """
    known = last_event_id if after is None else after
    start = view(ctx, actor, watch_technician, technician_id, date, known)
    snapshot = None if start.snapshot is None else TechnicianDaySchema.model_validate(start.snapshot)
    return stream_response(request, actor, start.topic, start.after, snapshot)


@router.get(
    "/visit",
    operation_id="watch_visit",
    summary="Watch a visit",
    response_class=EventSourceResponse,
    responses={**_documented("TrackSchema", "eta", "progress", "message"), **problems(NotFound)},
)
def visit(
    request: Request,
    ctx: Ctx,
    actor: Annotated[Actor, needs(Scope.OWN_BOOKING, Scope.BOOKINGS_READ)],
    visit_id: VisitId = None,
    last_event_id: LastEventId = None,
    after: After = None,
) -> EventSourceResponse:
    """
    Watch a visit as server-sent events: what its customer may know, with the customer's link.

    First `snapshot`, as `GET /v1/track` has it; then `progress`, `eta` and `message` as they happen.
    """
    known = last_event_id if after is None else after
    start = view(ctx, actor, watch_visit, visit_id, known)
    snapshot = None if start.snapshot is None else TrackSchema.model_validate(start.snapshot)
    return stream_response(request, actor, start.topic, start.after, snapshot)
