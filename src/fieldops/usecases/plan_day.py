"""
Plan one date: what a worker does with a plan job.

Every step bears being killed and begun again: a job is claimed under a new name each time (`PlanJobRow.run_id`), what
an earlier claim still writes is refused, and only publishing changes the plan, by compare-and-swap.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

import structlog
from sqlalchemy.exc import OperationalError

from fieldops.domain.plan import Plan, ReasonCode, UnassignedKind
from fieldops.domain.problem import Problem
from fieldops.errors import DatabaseBusy, FieldopsError, InternalError, PlanVersionStale, UnreachablePlaces
from fieldops.files.plan_mapping import document_of
from fieldops.store.ids import new_id
from fieldops.store.tables import PlanJobRow, TerritoryRow
from fieldops.store.territories import policies_of
from fieldops.usecases.actor import SYSTEM, Actor
from fieldops.usecases.context import Context
from fieldops.usecases.leave_out_unreachable import leave_out_unreachable
from fieldops.usecases.plan_job_views import PlanJobView
from fieldops.usecases.plan_problem import plan_problem
from fieldops.usecases.publish_plan import publish_draft
from fieldops.usecases.request_solve import SEED, new_plan_job, read_plan_job
from fieldops.usecases.solve_input import SolveInput, load_solve_input
from fieldops.usecases.solve_progress import Watch
from fieldops.usecases.work import Work, transact, view

#: Beginnings of one job before it is given up: something in it may be what ends the processes.
MOST_ATTEMPTS: Final = 20
#: Solves of a job that publishes itself while others keep changing the plan; all but the first one are short.
MOST_SOLVES: Final = 4
#: Share of the budget for each further solve, and its least, seconds: the draft before it is a good start.
AGAIN_SHARE: Final = 0.2
AGAIN_LEAST_S: Final = 1.0
#: How often visits without a road are sorted out of one solve; each time some twenty of them are named.
MOST_SORTINGS: Final = 50
#: Time for everything around a search: reading, travel times, refereeing, storing.
AROUND_S: Final = 10.0
#: Time for a person to look at a draft of the present date, seconds: what it changes begins no earlier.
LOOKED_AT_S: Final = 300.0

Orders = Mapping[str, tuple[str, ...]]

log = structlog.get_logger(__name__)


class Ended(StrEnum):
    """How a run of a job ended."""

    DONE = "done"
    PUT_BACK = "put_back"


def run_solve(ctx: Context, plan_job_id: str, should_stop: Callable[[], bool] = lambda: False) -> Ended:
    """
    Do a plan job: solve its date from the newest state, keep the draft, publish it where the job says so.

    Parameters
    ----------
    should_stop
        Asked several times a second; True = the process ends: the job is put back for another one.

    Returns
    -------
    Ended
        ``put_back`` when the job has to be run again, by somebody else.

    Raises
    ------
    DatabaseBusy, sqlalchemy.exc.OperationalError
        When the database does not answer; the job may be run again.

    Notes
    -----
    A job that has ended, that is not known or that was called off is no fault: there is nothing to do.
    """
    run = transact(ctx, SYSTEM, _begin, plan_job_id)
    if run is None:
        return Ended.DONE
    watch = Watch(ctx, plan_job_id, run, should_stop)
    try:
        return _solve_and_publish(ctx, plan_job_id, watch)
    except (DatabaseBusy, OperationalError):
        raise
    except Exception as error:
        log.error("plan_job.failed", plan_job_id=plan_job_id, error=repr(error), exc_info=True)
        known = isinstance(error, FieldopsError) and not isinstance(error, InternalError)
        transact(ctx, SYSTEM, _fail, plan_job_id, run, str(error) if known else f"fieldops failed: {error!r}")
        return Ended.DONE


def plan_now(
    ctx: Context,
    actor: Actor,
    territory_id: str,
    day: date,
    *,
    seconds: int | None = None,
    publishes: bool = True,
) -> PlanJobView:
    """Plan a date here and now, without a worker; raises as `run_solve` does."""
    job_id = transact(ctx, actor, _write_job, territory_id, day, seconds, publishes)
    run_solve(ctx, job_id)
    return view(ctx, actor, read_plan_job, job_id)


def _write_job(work: Work, territory_id: str, day: date, seconds: int | None, publishes: bool) -> str:
    budget = seconds or policies_of(work.session.get_one(TerritoryRow, territory_id)).plan_seconds
    return new_plan_job(work, territory_id, day, budget, publishes, reason=SEED).id


def _begin(work: Work, plan_job_id: str) -> str | None:
    """Claim a job under a new name; None when there is nothing to do."""
    job = work.session.get(PlanJobRow, plan_job_id, with_for_update=True)
    if job is None or job.state not in {"queued", "running"}:
        return None
    if job.cancel_requested:
        job.state, job.finished_at = "canceled", work.now
        return None
    if job.attempts >= MOST_ATTEMPTS:
        job.state, job.finished_at = "failed", work.now
        job.error = f"the process that solved it ended {job.attempts} times; it will not be tried again"
        return None
    job.state, job.attempts, job.run_id = "running", job.attempts + 1, new_id("rn")
    job.started_at = job.started_at or work.now
    return job.run_id


def _solve_and_publish(ctx: Context, plan_job_id: str, watch: Watch) -> Ended:
    """Solve, and again while others change the plan in the meantime."""
    job = view(ctx, SYSTEM, read_plan_job, plan_job_id)
    budget = float(job.seconds)
    orders: Orders | None = None
    for left in reversed(range(MOST_SOLVES)):
        given = view(ctx, SYSTEM, _read_together, job, _lead(job, budget))
        given, plan = _search_within_reach(ctx, given, budget, given.day.orders if orders is None else orders, watch)
        if watch.is_lost:
            return Ended.DONE
        if watch.is_canceled:
            transact(ctx, SYSTEM, _end_canceled, plan_job_id, watch.run)
            return Ended.DONE
        if watch.should_put_back:
            transact(ctx, SYSTEM, _put_back, plan_job_id, watch.run)
            return Ended.PUT_BACK
        try:
            transact(ctx, SYSTEM, _keep, plan_job_id, watch.run, given, plan, left == 0)
        except PlanVersionStale as stale:
            log.info("plan_job.stale", plan_job_id=plan_job_id, detail=str(stale))
            budget = _again(job.seconds)
            orders = _orders_of(plan)
        else:
            return Ended.DONE
    raise AssertionError("the last solve is kept unpublished when the plan is stale")


def _lead(job: PlanJobView, budget: float) -> timedelta:
    """Say how long it takes until a draft is published: two searches, and somebody's look where it has to wait."""
    searches = budget + _again(budget)
    return timedelta(seconds=searches + AROUND_S + (0 if job.publishes else LOOKED_AT_S))


def _again(budget: float) -> float:
    """Give the budget of a further search, seconds."""
    return max(AGAIN_LEAST_S, AGAIN_SHARE * budget)


def _read_together(work: Work, job: PlanJobView, lead: timedelta) -> SolveInput:
    """Read all of a date as it was at one instant."""
    if not work.ctx.database.is_sqlite:
        work.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    return load_solve_input(work, job.territory_id, job.date, lead)


def _search_within_reach(
    ctx: Context, given: SolveInput, seconds: float, orders: Orders, watch: Watch
) -> tuple[SolveInput, Plan]:
    """Search without the visits that no road leads to, which is known before the search begins."""
    for left in reversed(range(MOST_SORTINGS)):
        try:
            return given, _search(ctx, given, seconds, orders, watch)
        except UnreachablePlaces as error:
            if left == 0:
                raise
            log.warning("plan_job.unreachable_places", plan_id=given.day.plan_id, detail=str(error))
            given = leave_out_unreachable(given, error)
    raise AssertionError("the last search returns or raises")


def _search(ctx: Context, given: SolveInput, seconds: float, orders: Orders, watch: Watch) -> Plan:
    """
    Search for a plan.

    Notes
    -----
    First with all promises as hard rules. When a promised visit finds no place so, it is better served late than not at
    all: once more, with the promises of those visits alone as costs. And when a visit that has to be served finds none
    then because visits get the time that experience gives them, once more with the durations that they say: it was
    promised by these.
    """
    provider = (ctx.patient_travel or ctx.travel)(given.problem.travel)
    threads = ctx.settings.solve_threads

    def plan(problem: Problem, budget: float, warm_start: Orders) -> Plan:
        return plan_problem(
            problem,
            provider,
            seconds=budget,
            threads=threads,
            warm_start=warm_start,
            on_progress=watch.on_progress,
            should_stop=watch.should_stop,
        )

    best = plan(given.as_learned, seconds, orders)
    tried = [given.as_learned]
    for problem in (given.as_learned, given.problem):
        softer = _softened(problem, best)
        if softer in tried or not best.kpis.mandatory_unassigned or watch.should_stop():
            continue
        tried.append(softer)
        found = plan(softer, _again(seconds), _orders_of(best))
        best = found if found.kpis.mandatory_unassigned < best.kpis.mandatory_unassigned else best
    return best


def _softened(problem: Problem, plan: Plan) -> Problem:
    """Make costs of the promises to visits that a plan has no place for."""
    homeless = {left.visit_id for left in plan.unassigned}
    visits = tuple(
        replace(visit, promise_is_hard=False) if visit.id in homeless and visit.promise_is_hard else visit
        for visit in problem.visits
    )
    return replace(problem, visits=visits)


def _orders_of(plan: Plan) -> Orders:
    """Name the visits of every shift, in serving order."""
    return {route.shift_id: tuple(stop.visit_id for stop in route.stops) for route in plan.routes}


def _keep(work: Work, plan_job_id: str, run: str, given: SolveInput, plan: Plan, is_last_try: bool) -> None:
    """Keep the draft, and publish it in the same transaction where the job says so."""
    job = _own(work, plan_job_id, run)
    if job is None:
        return
    if job.cancel_requested:
        # Called off after the search looked for the last time.
        job.state, job.finished_at = "canceled", work.now
        return
    document = document_of(plan).model_dump(mode="json")
    impossible = [
        *(_left_out(visit_id) for visit_id in given.left_out),
        *(_left_out(visit_id, ReasonCode.TOO_FAR) for visit_id in given.unreachable),
    ]
    job.base_version = given.day.version
    job.visit_versions = dict(given.visit_versions)
    job.routes = {route["shift_id"]: route for route in document["routes"]}
    job.unassigned = [*document["unassigned"], *impossible]
    job.kpis, job.cost, job.search = document["kpis"], document["cost_cents"], document["search"]
    job.state, job.finished_at = "ready", work.now
    if not job.publishes:
        return
    try:
        publish_draft(work, job, given.day.version)
    except PlanVersionStale as stale:
        if not is_last_try:
            raise
        job.error = f"not published: {stale}; the plan kept changing during {MOST_SOLVES} solves"


def _left_out(visit_id: str, *reasons: ReasonCode) -> dict[str, Any]:
    """Write down a visit that could not even be looked at."""
    kind = UnassignedKind.IMPOSSIBLE_ALONE
    return {"visit_id": visit_id, "kind": kind.value, "reasons": [reason.value for reason in reasons], "repair": None}


def _fail(work: Work, plan_job_id: str, run: str, message: str) -> None:
    job = _own(work, plan_job_id, run)
    if job is not None:
        job.state, job.error, job.finished_at = "failed", message, work.now


def _end_canceled(work: Work, plan_job_id: str, run: str) -> None:
    job = _own(work, plan_job_id, run)
    if job is not None:
        job.state, job.finished_at = "canceled", work.now


def _put_back(work: Work, plan_job_id: str, run: str) -> None:
    """Let another process begin it; an orderly end does not count as an attempt."""
    job = _own(work, plan_job_id, run)
    if job is not None:
        job.state, job.run_id, job.attempts = "queued", None, job.attempts - 1


def _own(work: Work, plan_job_id: str, run: str) -> PlanJobRow | None:
    """Return the job, locked, unless another process has begun it since."""
    job = work.session.get(PlanJobRow, plan_job_id, with_for_update=True)
    return job if job is not None and job.run_id == run and job.state == "running" else None
