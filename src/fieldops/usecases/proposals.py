"""Decide about the proposal of a replan: approve all of it or a part, reject it, or find that it comes too late."""

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import select

from fieldops.domain.live import PlanDiff
from fieldops.domain.value_faults import field_path, wrong
from fieldops.errors import InvalidInput, NotFound, PlanVersionStale, RulesBroken, WrongState
from fieldops.messaging.kinds import Event
from fieldops.store.day_plans import lock_plan
from fieldops.store.plan_routes import changed_shifts, current_routes
from fieldops.store.tables import EtaRow, PlanRow, ReplanRow
from fieldops.usecases.apply_orders import apply_orders
from fieldops.usecases.audit import record
from fieldops.usecases.make_proposal import proposed_orders
from fieldops.usecases.notify import emit
from fieldops.usecases.partial_moves import with_moves
from fieldops.usecases.replan_views import ReplanView, diff_from_json, replan_view
from fieldops.usecases.stream import announce, topic_of_board
from fieldops.usecases.want_replan import want_replan
from fieldops.usecases.work import Work

#: Who has decided when the policies of the territory did.
AUTOMATIC: Final = "automatic"
#: Why a replan is wished for after one that came too late.
TOO_LATE: Final = "a proposal came too late, and a promise is still at risk"


def approve_replan(work: Work, replan_id: str, visits: Sequence[str] | None = None) -> ReplanView:
    """
    Make a proposal the running plan.

    Parameters
    ----------
    visits
        The moves to be made; None = all.

    Returns
    -------
    ReplanView
        Of the applied replan; approving all of one that was applied changes nothing.

    Raises
    ------
    NotFound
        When there is no such replan.
    WrongState
        When it waits for no decision.
    InvalidInput
        When a visit named is none of the moves.
    PlanVersionStale
        When the day has gone on in a way that the proposal does not fit any more: see `mark_stale`.
    RulesBroken
        When the moves chosen break a rule without the others.
    """
    row, plan = _locked(work, replan_id)
    if row.state == "applied" and visits is None:
        return replan_view(row)
    _require_proposed(row)
    apply_proposal(work, row, plan, visits, decided_by=work.actor.id)
    return replan_view(row)


def reject_replan(work: Work, replan_id: str, reason: str = "") -> ReplanView:
    """
    Reject a proposal.

    Raises
    ------
    NotFound
        When there is no such replan.
    WrongState
        When it waits for no decision.
    """
    row, _ = _locked(work, replan_id)
    _require_proposed(row)
    row.state, row.decided_by, row.decided_at, row.error = "rejected", work.actor.id, work.now, reason or None
    record(work, "replan.rejected", "replan", row.id, reason=reason)
    tell_board(work, row)
    return replan_view(row)


def mark_stale(work: Work, replan_id: str, why: str) -> None:
    """Write down that a proposal came too late, and wish for another replan while a promise is still at risk."""
    row, _ = _locked(work, replan_id)
    if row.state == "proposed":
        end_as_stale(work, row, why)


def end_as_stale(work: Work, row: ReplanRow, why: str) -> None:
    """
    Write the same down; the plan is locked.

    Notes
    -----
    A replan that was itself wished for after one that came too late is not followed by another one: what comes too late
    again and again would be searched for ever. The next thing that happens wishes for one.
    """
    row.state, row.finished_at, row.error = "stale", row.finished_at or work.now, why
    record(work, "replan.stale", "replan", row.id, reason=why)
    tell_board(work, row)
    at_risk = select(EtaRow.visit_id).where(
        EtaRow.territory_id == row.territory_id, EtaRow.date == row.date, EtaRow.at_risk_since.is_not(None)
    )
    if TOO_LATE not in row.why and work.session.scalar(at_risk.limit(1)) is not None:
        want_replan(work, row.territory_id, row.date, TOO_LATE)


def apply_proposal(
    work: Work, row: ReplanRow, plan: PlanRow, visits: Collection[str] | None, *, decided_by: str
) -> None:
    """
    Apply a proposal to a plan that is locked; raises as `approve_replan` does.

    Notes
    -----
    A plan that has moved on is no obstacle while other shifts have changed than those of the proposal.
    """
    orders, diff = proposed_orders(row.routes), diff_from_json(row.diff)
    if row.base_version is None or plan.version != row.base_version:
        touched = changed_shifts(work.session, plan.id, row.base_version or 0) & orders.keys()
        if touched:
            details = {"version": plan.version, "made_from": row.base_version, "shifts": sorted(touched)}
            raise PlanVersionStale("the plan has changed since the proposal was made", details=details)
    accepted = None if visits is None else _accepted(diff, visits)
    if accepted is not None:
        running = {
            shift_id: tuple(stop.visit_id for stop in route.stops)
            for shift_id, route in current_routes(work.session, plan.id, list(orders)).items()
        }
        some = with_moves({shift_id: running.get(shift_id, ()) for shift_id in orders}, orders, accepted)
        orders = {shift_id: order for shift_id, order in some.items() if order != running.get(shift_id, ())}
    leaving = {move.visit_id for move in diff.moves if move.to_shift_id is None}
    conflicts = {conflict["visit_id"] for conflict in row.conflicts}
    try:
        applied = apply_orders(
            work, plan, orders, leaving=leaving, unpinned=conflicts if accepted is None else conflicts & accepted
        )
    except RulesBroken as broken:
        if accepted is not None:
            raise
        raise PlanVersionStale(f"the proposal does not fit any more: {broken}", details=broken.details) from broken
    row.state, row.applied_version, row.error = "applied", applied.version, None
    row.decided_by, row.decided_at = decided_by, work.now
    row.accepted = None if accepted is None else sorted(accepted)
    outcome = {"version": applied.version, "shifts": list(applied.shifts), "decided_by": decided_by}
    record(work, "plan.replanned", "plan", plan.id, replan_id=row.id, **outcome)
    data = {
        "plan_id": plan.id,
        "territory_id": plan.territory_id,
        "date": plan.date.isoformat(),
        "version": applied.version,
        "replan_id": row.id,
        "decided_by": decided_by,
    }
    emit(work, Event.PLAN_REPLANNED, plan.id, applied.version, data)
    tell_board(work, row)


def tell_board(work: Work, row: ReplanRow) -> None:
    """Say on the board of the day how a replan stands; the plan is locked."""
    news = {
        "replan_id": row.id,
        "kind": row.kind,
        "state": row.state,
        "customers": row.customers,
        "cost_change_cents": row.cost_change_cents,
        "churn": row.churn,
        "applied_version": row.applied_version,
    }
    kind = "proposal" if row.state in {"proposed", "applied", "rejected", "stale"} else "replan"
    announce(work, topic_of_board(row.territory_id, row.date), kind, news)


def _locked(work: Work, replan_id: str) -> tuple[ReplanRow, PlanRow]:
    """Return a replan and the plan of its day, both locked, the plan first."""
    known = work.session.get(ReplanRow, replan_id)
    if known is None:
        raise NotFound("replan", replan_id)
    plan = lock_plan(work.session, known.territory_id, known.date)
    return work.session.get_one(ReplanRow, replan_id, with_for_update=True, populate_existing=True), plan


def _require_proposed(row: ReplanRow) -> None:
    """Raise `WrongState` unless a replan waits for a decision."""
    if row.state != "proposed":
        raise WrongState(f"this replan is {row.state}, not proposed", details={"state": row.state})


def _accepted(diff: PlanDiff, visits: Collection[str]) -> set[str]:
    """Check the moves chosen."""
    moves = {move.visit_id for move in diff.moves}
    faults = [
        wrong(field_path("visits", i), visit_id, "the visit of one of the moves proposed")
        for i, visit_id in enumerate(visits)
        if visit_id not in moves
    ]
    if faults:
        raise InvalidInput(faults)
    return set(visits)
