"""What callers get to see of a plan job."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from fieldops.files.plan_schema import KpisDocument, RouteDocument, UnassignedVisitDocument
from fieldops.store.tables import PlanJobRow

#: A job in one of these states changes no more by itself.
ENDED = frozenset({"ready", "published", "failed", "cancelled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftView:
    """
    The plan a job has made, as in a plan document.

    Attributes
    ----------
    cost_cents
        Term name to cents.
    """

    routes: tuple[RouteDocument, ...]
    unassigned: tuple[UnassignedVisitDocument, ...]
    kpis: KpisDocument
    cost_cents: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanJobView:
    """
    A solve of one date.

    Attributes
    ----------
    state
        ``queued``, ``running``, ``ready`` (its draft waits to be published), ``published``, ``failed``, ``cancelled``.
    seconds
        Search budget.
    base_version
        Version of the plan the draft was made from.
    progress
        ``elapsed_s``, ``iterations``, ``cost_cents``, ``unassigned`` of the best plan so far; None before the search.
    attempts
        How often a worker began it; more than 1 after a crash.
    note
        Why it failed, or why its draft was not published.
    """

    id: str
    territory_id: str
    date: date
    state: str
    reason: str
    seconds: int
    publishes: bool
    cancel_requested: bool
    base_version: int | None
    published_version: int | None
    progress: Mapping[str, Any] | None
    attempts: int
    note: str | None
    requested_by: str
    requested_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    draft: DraftView | None


def plan_job_view(row: PlanJobRow) -> PlanJobView:
    """Make the view of a job; its draft is shown once it is complete."""
    return PlanJobView(
        id=row.id,
        territory_id=row.territory_id,
        date=row.date,
        state=row.state,
        reason=row.reason,
        seconds=row.seconds,
        publishes=row.publishes,
        cancel_requested=row.cancel_requested,
        base_version=row.base_version,
        published_version=row.published_version,
        progress=row.progress or None,
        attempts=row.attempts,
        note=row.error,
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        draft=_draft(row) if row.state in {"ready", "published"} and row.kpis else None,
    )


def _draft(row: PlanJobRow) -> DraftView:
    """Read the draft of a job."""
    return DraftView(
        routes=tuple(RouteDocument.model_validate(route, strict=False) for route in row.routes.values()),
        unassigned=tuple(UnassignedVisitDocument.model_validate(left, strict=False) for left in row.unassigned),
        kpis=KpisDocument.model_validate(row.kpis, strict=False),
        cost_cents=row.cost,
    )
