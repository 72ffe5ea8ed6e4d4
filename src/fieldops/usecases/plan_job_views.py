"""What callers get to see of a plan job."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from fieldops.files.plan_mapping import read_route, route_from
from fieldops.store.tables import PlanJobRow
from fieldops.usecases.plan_views import PlanKpisView, RouteView, WithoutPlaceView
from fieldops.usecases.show_routes import kpis_of, route_views, seen_visits, without_place_views
from fieldops.usecases.work import Work

STATES: Final = ("queued", "running", "ready", "published", "failed", "canceled")
#: A job in one of these states changes no more by itself.
ENDED = frozenset({"ready", "published", "failed", "canceled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftView:
    """The plan a job has made, shown as the running one is."""

    routes: tuple[RouteView, ...]
    without_place: tuple[WithoutPlaceView, ...]
    kpis: PlanKpisView


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanJobView:
    """
    A solve of one date.

    Attributes
    ----------
    state
        ``queued``, ``running``, ``ready`` (its draft waits to be published), ``published``, ``failed``, ``canceled``.
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


def plan_job_view(work: Work, row: PlanJobRow, *, with_draft: bool = True) -> PlanJobView:
    """Make the view of a job; its draft is shown once it is complete, unless the view does without."""
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
        draft=_draft(work, row) if with_draft and row.state in {"ready", "published"} and row.kpis else None,
    )


def _draft(work: Work, row: PlanJobRow) -> DraftView:
    """Show the draft of a job."""
    drafted = {shift_id: route_from(read_route(route)) for shift_id, route in row.routes.items()}
    explained = {left["visit_id"]: left for left in row.unassigned}
    on_route = {stop.visit_id for route in drafted.values() for stop in route.stops}
    seen = seen_visits(work.session, on_route | explained.keys())
    routes = route_views(work.session, row.territory_id, row.date, drafted, seen)
    left_out = {visit_id: found for visit_id, found in seen.items() if visit_id in explained}
    without_place = without_place_views(left_out, explained)
    return DraftView(routes=routes, without_place=without_place, kpis=kpis_of(routes, without_place))
