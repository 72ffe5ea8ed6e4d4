"""
Replan a day under way: what a worker does with a replan.

Every step bears being killed and begun again: a replan is claimed under a new name each time (`ReplanRow.run_id`), what
an earlier claim still writes is refused, and the plan changes in the transaction that says that it was applied.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from fieldops.domain.plan import Route, UnassignedVisit
from fieldops.errors import DatabaseBusy, FieldopsError, InternalError, InvalidInput, PlanVersionStale, WrongState
from fieldops.store.day_plans import lock_plan
from fieldops.store.ids import new_id
from fieldops.store.live_policies import live_policies_of
from fieldops.store.tables import PlanRow, ReplanRow, TerritoryRow, VisitRow
from fieldops.travel.provider import TravelMatrix, slowed
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.context import Context
from fieldops.usecases.leave_out_of_replan import leave_out_of_replan, unreachable_visits
from fieldops.usecases.make_proposal import Proposal, make_proposal, proposal_columns, unassigned_columns
from fieldops.usecases.plan_day import Ended
from fieldops.usecases.proposals import AUTOMATIC, apply_proposal, end_as_stale, tell_board
from fieldops.usecases.replan_input import ReplanInput, read_replan_input, with_margins, without_pins
from fieldops.usecases.replan_remaining import Replanned, replan_remaining
from fieldops.usecases.replan_views import diff_to_json
from fieldops.usecases.request_replan import UNENDED, ReplanKind
from fieldops.usecases.solve_progress import Watch
from fieldops.usecases.task_codes import TaskCode
from fieldops.usecases.tasks import TaskKind, open_task
from fieldops.usecases.try_routes import try_routes
from fieldops.usecases.work import Work, transact, view

#: Searches of a replan that publishes itself while others keep changing the plan.
MOST_SEARCHES: Final = 3
#: Beginnings of one replan before it is given up: something in it may be what ends the processes.
MOST_ATTEMPTS: Final = 10
#: How often what nothing can be computed for is sorted out of one replan; each time some twenty places are named.
MOST_SORTINGS: Final = 20
#: Share of the budget of a further search, for visits whose pins nobody could keep.
AGAIN_SHARE: Final = 0.5

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What a search has found; no proposal = nothing better."""

    given: ReplanInput
    proposal: Proposal | None
    unassigned: tuple[UnassignedVisit, ...]


def run_replan(ctx: Context, replan_id: str, should_stop: Callable[[], bool] = lambda: False) -> Ended:
    """
    Do a replan: search from the newest state, keep the proposal, apply it where the territory's policies say so.

    Parameters
    ----------
    should_stop
        Asked several times a second; True = the process ends: the replan is put back for another one.

    Returns
    -------
    Ended
        ``put_back`` when the replan has to be run again, by somebody else.

    Raises
    ------
    DatabaseBusy, sqlalchemy.exc.OperationalError
        When the database does not answer; the replan may be run again.

    Notes
    -----
    A replan that has ended or is not known is no fault: there is nothing to do.
    """
    run = transact(ctx, SYSTEM, _begin, replan_id)
    if run is None:
        return Ended.DONE
    watch = Watch(ctx, replan_id, run, should_stop, ReplanRow)
    try:
        return _search_and_keep(ctx, replan_id, watch)
    except (DatabaseBusy, OperationalError):
        raise
    except Exception as error:
        log.error("replan.failed", replan_id=replan_id, error=repr(error), exc_info=True)
        known = isinstance(error, FieldopsError) and not isinstance(error, InternalError)
        transact(ctx, SYSTEM, _fail, replan_id, run, str(error) if known else f"fieldops failed: {error!r}")
        return Ended.DONE


def _begin(work: Work, replan_id: str) -> str | None:
    """Claim a replan under a new name; None when there is nothing to do."""
    known = work.session.get(ReplanRow, replan_id)
    if known is None:
        return None
    row, _ = _locked(work, known)
    if row.state not in UNENDED:
        return None
    if row.attempts >= MOST_ATTEMPTS:
        row.state, row.finished_at = "failed", work.now
        row.error = f"the process that replanned ended {row.attempts} times; it will not be tried again"
        return None
    # The queue runs the replans of a territory one after the other: another one that is still called running is lost.
    work.session.execute(
        update(ReplanRow)
        .where(ReplanRow.territory_id == row.territory_id, ReplanRow.state == "running", ReplanRow.id != row.id)
        .values(state="failed", finished_at=work.now, error="the replan was lost: no worker has it")
    )
    row.state, row.attempts, row.run_id = "running", row.attempts + 1, new_id("rn")
    row.started_at = row.started_at or work.now
    tell_board(work, row)
    return row.run_id


def _search_and_keep(ctx: Context, replan_id: str, watch: Watch) -> Ended:
    """Search, and again while others change the plan in the meantime."""
    for left in reversed(range(MOST_SEARCHES)):
        given = view(ctx, SYSTEM, _read_together, replan_id)
        outcome = _search(ctx, given, watch)
        if watch.is_lost:
            return Ended.DONE
        if watch.should_put_back:
            transact(ctx, SYSTEM, _put_back, replan_id, watch.run)
            return Ended.PUT_BACK
        try:
            transact(ctx, SYSTEM, _keep, replan_id, watch.run, outcome)
        except PlanVersionStale as stale:
            log.info("replan.stale", replan_id=replan_id, detail=str(stale))
            if left == 0:
                transact(ctx, SYSTEM, _end_stale, replan_id, watch.run, str(stale))
        else:
            return Ended.DONE
    return Ended.DONE


def _read_together(work: Work, replan_id: str) -> ReplanInput:
    """Read all of a day as it was at one instant."""
    if not work.ctx.database.is_sqlite:
        work.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    return read_replan_input(work, replan_id)


def _search(ctx: Context, given: ReplanInput, watch: Watch) -> _Outcome:
    """
    Search for something better.

    Notes
    -----
    A pinned visit that finds no place is better served by somebody else than not at all: once more, without the pins of
    those visits alone; a person is told of each.
    """
    given, travel, expected = _within_reach(ctx, given)
    given = with_margins(given, expected)
    found = _replan(ctx, given, travel, given.seconds, watch)
    homeless = frozenset(left.visit_id for left in found.unassigned)
    pinned = frozenset(
        visit.id for visit in given.searched.problem.visits if visit.pin is not None and visit.id in homeless
    )
    if pinned and not watch.should_stop():
        given = without_pins(given, pinned)
        found = _replan(ctx, given, travel, AGAIN_SHARE * given.seconds, watch)
    unassigned = (*found.unassigned, *unreachable_visits(given))
    proposal = make_proposal(given, travel, expected, found.orders, unassigned)
    return _Outcome(given=given, proposal=proposal, unassigned=unassigned)


def _within_reach(ctx: Context, given: ReplanInput) -> tuple[ReplanInput, TravelMatrix, tuple[Route, ...]]:
    """
    Leave out what nothing can be computed for; give the travel as it goes now, and the routes as expected so.

    Raises
    ------
    WrongState
        When nothing can be computed for the shift that others are to take over from.
    """
    if given.scope.shift_id in given.aside:
        raise WrongState("it cannot be computed what is left of this shift", details={"shift_id": given.scope.shift_id})
    provider = (ctx.patient_travel or ctx.travel)(given.remaining.problem.travel)
    for left in reversed(range(MOST_SORTINGS)):
        problem = given.remaining.problem
        try:
            travel = slowed(provider.matrix(problem.places), given.live.state.travel_permille)
            return given, travel, try_routes(problem, travel, given.remaining.orders).routes
        except InvalidInput as error:
            if left == 0:
                raise
            given = leave_out_of_replan(given, error)
    raise AssertionError("the last try returns or raises")


def _replan(ctx: Context, given: ReplanInput, travel: TravelMatrix, seconds: float, watch: Watch) -> Replanned:
    """Run one search."""
    return replan_remaining(
        given.searched,
        travel,
        seconds=seconds,
        threads=ctx.settings.solve_threads,
        most_moved=given.most_moved,
        on_progress=watch.on_progress,
        should_stop=watch.should_stop,
    )


def _keep(work: Work, replan_id: str, run: str, outcome: _Outcome) -> None:
    """Keep the proposal, and apply it in the same transaction where the policies say so."""
    own = _own(work, replan_id, run)
    if own is None:
        return
    row, plan = own
    given, proposal = outcome.given, outcome.proposal
    row.base_version, row.finished_at = given.live.day.version, work.now
    _tell_homeless(work, given, outcome)
    if proposal is None:
        row.state = "nothing_better"
        row.unassigned = unassigned_columns(_homeless(given, outcome), ZoneInfo(given.live.day.problem.time_zone))
        tell_board(work, row)
        return
    zone = ZoneInfo(given.live.day.problem.time_zone)
    for name, value in proposal_columns(proposal, zone).items():
        setattr(row, name, value)
    row.diff = diff_to_json(proposal.diff)
    row.state = "proposed"
    _supersede(work, row)
    territory = work.session.get_one(TerritoryRow, row.territory_id)
    policies = live_policies_of(territory)
    is_within = (
        row.kind == ReplanKind.JEOPARDY.value
        and policies.is_automatic
        and not row.cancel_requested
        and not proposal.conflicts
        and not proposal.drops
        and proposal.diff.cost_change <= policies.automatic_cost
        and proposal.customers <= policies.automatic_customers
    )
    if is_within:
        apply_proposal(work, row, plan, None, decided_by=AUTOMATIC)
    else:
        tell_board(work, row)


def _homeless(given: ReplanInput, outcome: _Outcome) -> list[UnassignedVisit]:
    """List the visits without a place that find none."""
    placed = {visit_id for order in given.live.day.orders.values() for visit_id in order}
    return [left for left in outcome.unassigned if left.visit_id not in placed]


def _tell_homeless(work: Work, given: ReplanInput, outcome: _Outcome) -> None:
    """Give somebody a task for everything without a place that finds none, and for visits that no road leads to."""
    for left in _homeless(given, outcome):
        visit = work.session.get_one(VisitRow, left.visit_id)
        facts = {"visit": visit.name or visit.id}
        if left.visit_id in given.unreachable:
            open_task(work, TaskKind.NO_PLACE, visit, TaskCode.UNREACHABLE, facts)
            continue
        if left.repair is not None:
            facts["repair"] = left.repair.description
        open_task(work, TaskKind.NO_PLACE, visit, TaskCode.FOUND_NO_PLACE, facts)
    placed = {visit_id for order in given.live.day.orders.values() for visit_id in order}
    for visit_id in placed.intersection(given.unreachable):
        visit = work.session.get_one(VisitRow, visit_id)
        facts = {"visit": visit.name or visit.id}
        open_task(work, TaskKind.NO_PLACE, visit, TaskCode.UNREACHABLE_ON_ROUTE, facts)


def _supersede(work: Work, row: ReplanRow) -> None:
    """End the older proposals for the day: this one knows more."""
    older = work.session.scalars(
        select(ReplanRow)
        .where(ReplanRow.territory_id == row.territory_id, ReplanRow.date == row.date, ReplanRow.id != row.id)
        .where(ReplanRow.state == "proposed")
        .with_for_update()
    )
    for other in older:
        other.state, other.error = "stale", f"a newer proposal took its place: {row.id}"
        tell_board(work, other)


def _fail(work: Work, replan_id: str, run: str, message: str) -> None:
    own = _own(work, replan_id, run)
    if own is not None:
        row, _ = own
        row.state, row.error, row.finished_at = "failed", message, work.now
        tell_board(work, row)


def _end_stale(work: Work, replan_id: str, run: str, why: str) -> None:
    own = _own(work, replan_id, run)
    if own is not None:
        end_as_stale(work, own[0], why)


def _put_back(work: Work, replan_id: str, run: str) -> None:
    """Let another process begin it; an orderly end does not count as an attempt."""
    own = _own(work, replan_id, run)
    if own is not None:
        row, _ = own
        row.state, row.run_id, row.attempts = "waiting", None, row.attempts - 1


def _own(work: Work, replan_id: str, run: str) -> tuple[ReplanRow, PlanRow] | None:
    """Return the replan and the plan, locked, unless another process has begun it since."""
    row, plan = _locked(work, work.session.get_one(ReplanRow, replan_id))
    return (row, plan) if row.run_id == run and row.state == "running" else None


def _locked(work: Work, known: ReplanRow) -> tuple[ReplanRow, PlanRow]:
    """Lock the plan of a replan's day, then the replan."""
    plan = lock_plan(work.session, known.territory_id, known.date)
    return work.session.get_one(ReplanRow, known.id, with_for_update=True, populate_existing=True), plan
