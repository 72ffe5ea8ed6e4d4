"""Make the draft of a plan job the running plan, if that has not changed in the meantime."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from fieldops.domain.plan import Route
from fieldops.errors import NotFound, PlanVersionStale, WrongState
from fieldops.files.plan_mapping import read_route, route_from
from fieldops.store.day_plans import lock_plans
from fieldops.store.plan_routes import current_routes, write_routes
from fieldops.store.tables import PlanJobRow, PlanRow, StopRow, TerritoryRow, VisitRow
from fieldops.usecases.audit import record
from fieldops.usecases.notify import emit
from fieldops.usecases.plan_job_views import PlanJobView, plan_job_view
from fieldops.usecases.seek_new_places import days_to_lock, finish_found
from fieldops.usecases.tell_plan import tell_plan
from fieldops.usecases.work import Work

#: States of visits that may be on a plan.
_PLANNABLE = frozenset({"open", "held", "booked"})


def publish_plan(work: Work, plan_job_id: str, expected_version: int) -> PlanJobView:
    """
    Publish the draft of a job.

    Parameters
    ----------
    expected_version
        Version of the running plan that the caller has seen.

    Returns
    -------
    PlanJobView
        Of the published job; publishing it again changes nothing.

    Raises
    ------
    NotFound
        When there is no such job.
    WrongState
        When the job has no draft to publish, or its date has passed.
    PlanVersionStale
        When the running plan is not the one the draft was made from, or not the one the caller has seen, or a visit
        of the draft has changed since, or the draft comes too late: it changes what has begun by now.
    """
    job = work.session.get(PlanJobRow, plan_job_id, with_for_update=True)
    if job is None:
        raise NotFound("plan job", plan_job_id)
    if job.state == "published":
        return plan_job_view(work, job)
    if job.state != "ready":
        raise WrongState(f"this plan job is {job.state}, not ready", details={"state": job.state})
    publish_draft(work, job, expected_version)
    return plan_job_view(work, job)


def publish_draft(work: Work, job: PlanJobRow, expected_version: int) -> None:
    """
    Publish the draft of a job that is locked, whatever its state; raises as `publish_plan` does.

    Notes
    -----
    A compare-and-swap under the plan's lock: only routes that changed are written. What a draft rests on besides the
    plan's version (visits of its own, and those of no plan that it places) is compared by the visits' versions.
    """
    session = work.session
    today = work.now.astimezone(ZoneInfo(session.get_one(TerritoryRow, job.territory_id).time_zone)).date()
    if job.date < today:
        raise WrongState(f"the date of this plan job, {job.date.isoformat()}, has passed", details={"state": job.state})
    plan = lock_plans(session, job.territory_id, days_to_lock(work, job))[job.date]
    if not plan.version == job.base_version == expected_version:
        details = {"version": plan.version, "made_from": job.base_version, "expected": expected_version}
        raise PlanVersionStale(f"the plan is at version {plan.version} by now", details=details)
    running = {
        shift_id: route
        for shift_id, route in current_routes(session, plan.id).items()
        if not _is_history(route, job, work.now)
    }
    draft = {shift_id: route_from(read_route(route)) for shift_id, route in job.routes.items()}
    changed = _changed_visits(work, job, running, draft)
    if changed:
        stale: dict[str, object] = {"version": plan.version, "visits": sorted(changed)}
        raise PlanVersionStale("visits of the draft have changed since it was made", details=stale)
    routes = {
        shift_id: draft.get(shift_id)
        for shift_id in running.keys() | draft.keys()
        if running.get(shift_id) != draft.get(shift_id)
    }
    if job.date == today:
        _require_untouched_past(
            work.now, job.started_at, [running.get(shift_id) for shift_id in routes], routes.values()
        )
    on_plan, drafted = _visits_of(running), _visits_of(draft)
    version = write_routes(
        session,
        plan,
        dict(sorted(routes.items())),
        reason="publish",
        actor=work.actor.id,
        now=work.now,
        leaving=on_plan,
    )
    finish_found(work, drafted - on_plan)
    plan.published_version, plan.published_at = version, work.now
    job.state, job.published_version, job.finished_at, job.error = "published", version, work.now, None
    record(work, "plan.published", "plan", plan.id, version=version, plan_job_id=job.id, routes_changed=len(routes))
    data = {
        "plan_id": plan.id,
        "territory_id": plan.territory_id,
        "date": plan.date.isoformat(),
        "version": version,
        "plan_job_id": job.id,
    }
    emit(work, "plan.published", plan.id, version, data)
    _tell(work, plan, [routes, {shift_id: running.get(shift_id) for shift_id in routes}])


def _tell(work: Work, plan: PlanRow, changed: Sequence[Mapping[str, Route | None]]) -> None:
    """Tell the board and the technicians, who may be looking at this date; `changed`: the routes now, and before."""
    tell_plan(
        work,
        plan,
        version=plan.version,
        reason="publish",
        shift_ids={shift_id for routes in changed for shift_id in routes},
        technician_ids={route.technician_id for routes in changed for route in routes.values() if route is not None},
    )


def _visits_of(routes: Mapping[str, Route]) -> set[str]:
    """Name the visits of some routes."""
    return {stop.visit_id for route in routes.values() for stop in route.stops}


def _is_history(route: Route | None, job: PlanJobRow, now: datetime) -> bool:
    """Tell whether all of a route has begun and the solve knew nothing of it: what a shift did that was then lost."""
    if route is None:
        return False
    return all(stop.start <= now and stop.visit_id not in job.visit_versions for stop in route.stops)


def _changed_visits(
    work: Work,
    job: PlanJobRow,
    running: Mapping[str, Route],
    draft: Mapping[str, Route],
) -> set[str]:
    """Find visits that the draft places and that are not what they were, and visits that it knows nothing of."""
    on_plan, drafted = _visits_of(running), _visits_of(draft)
    now = {
        visit.id: visit.version
        for visit in work.session.execute(
            select(VisitRow.id, VisitRow.version)
            .where(VisitRow.id.in_(drafted), VisitRow.state.in_(_PLANNABLE))
            .with_for_update()
        )
    }
    changed = {visit_id for visit_id in drafted if now.get(visit_id) != job.visit_versions.get(visit_id)}
    elsewhere = work.session.scalars(
        select(StopRow.visit_id).where(StopRow.visit_id.in_(drafted - on_plan), StopRow.is_current)
    )
    return changed | set(elsewhere) | (on_plan - job.visit_versions.keys())


def _require_untouched_past(
    now: datetime, drafting_since: datetime | None, before: Iterable[Route | None], after: Iterable[Route | None]
) -> None:
    """
    Raise `PlanVersionStale` when changed routes move, give away or invent what has begun.

    Parameters
    ----------
    drafting_since
        When the job was begun. What had begun by then was fixed in the draft; if it is missing there, nobody could
        serve it any more, and the draft says so.
    """
    begun, drafted = _stops_until(now, before), _stops_until(now, after)
    dropped = {
        visit_id
        for visit_id, (_, start) in begun.items()
        if visit_id not in drafted and drafting_since is not None and start <= drafting_since
    }
    touched = {
        visit_id
        for visit_id in (begun.keys() | drafted.keys()) - dropped
        if begun.get(visit_id) != drafted.get(visit_id)
    }
    if touched:
        stale: dict[str, object] = {"visits": sorted(touched)}
        raise PlanVersionStale("the draft comes too late: it changes visits that have begun by now", details=stale)


def _stops_until(now: datetime, routes: Iterable[Route | None]) -> dict[str, tuple[str, datetime]]:
    """Return shift and start of every stop that has begun, by visit."""
    return {
        stop.visit_id: (route.shift_id, stop.start)
        for route in routes
        if route is not None
        for stop in route.stops
        if stop.start <= now
    }
