"""Addresses for those who run the service: is it alive, is it ready, how does it do."""

from typing import Literal

import structlog
from fastapi import APIRouter, Request, Response
from pydantic import Field
from sqlalchemy.exc import SQLAlchemyError

from fieldops.api.dependencies import Ctx
from fieldops.api.schemas.base import Schema
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.service_state import has_worker, is_migrated
from fieldops.usecases.work import view

log = structlog.get_logger("fieldops.api")

router = APIRouter(tags=["operations"])


class Health(Schema):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Readiness(Schema):
    """Whether requests can be served, and what is missing."""

    is_ready: bool
    database: bool = Field(description="Answers.")
    migrated: bool = Field(description="Has the tables of this version.")
    worker: bool = Field(description="A worker gave a sign of life within half a minute; not needed to be ready.")


@router.get("/healthz", operation_id="read_health", summary="Is the process alive?")
def healthz() -> Health:
    """Answer without looking at anything: for whatever restarts processes that hang."""
    return Health()


@router.get(
    "/readyz", operation_id="read_readiness", summary="Can requests be served?", responses={503: {"model": Readiness}}
)
def readyz(ctx: Ctx, response: Response) -> Readiness:
    """
    Look at the database and its tables; 503 when one of them is missing.

    Whether a worker is there is told, too, but requests can be served without: bookings wait for nobody, messages do.
    """
    found = {"database": False, "migrated": False, "worker": False}
    try:
        found["migrated"] = is_migrated(ctx)
        found["database"] = True
        if found["migrated"]:
            found["worker"] = view(ctx, SYSTEM, has_worker)
    except SQLAlchemyError as error:
        log.warning("not_ready", cause=type(error).__name__)
    is_ready = found["database"] and found["migrated"]
    response.status_code = 200 if is_ready else 503
    return Readiness(is_ready=is_ready, **found)


@router.get("/metrics", operation_id="read_metrics", summary="Figures for Prometheus", response_class=Response)
def metrics(request: Request) -> Response:
    """Requests by operation and status, and how long messages, holds and jobs have been waiting."""
    return Response(request.app.state.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")
