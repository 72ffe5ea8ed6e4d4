"""Replans of a day under way: ask for one, look at it, stop it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select

from fieldops.domain.value_faults import decimal_faults, field_path, whole_number_faults, wrong
from fieldops.errors import Fault, InvalidInput, NotFound, WrongState
from fieldops.store.day_plans import lock_plan
from fieldops.store.ids import new_id
from fieldops.store.tables import ReplanRow, ShiftRow, TechnicianRow, TerritoryRow, VisitRow
from fieldops.store.territories import find_territory
from fieldops.usecases.audit import record
from fieldops.usecases.replan_views import UNENDED, ReplanView, replan_view
from fieldops.usecases.work import Work

#: Name of the job and of its queue.
REPLAN: Final = "replan"
#: Longest search budget of a replan, seconds.
MOST_SECONDS: Final = 60.0
LEAST_SECONDS: Final = 0.1
#: Moves anybody may allow; more than there are visits means no limit.
MOST_MOVES: Final = 10_000

__all__ = ["REPLAN", "UNENDED", "ReplanKind", "ReplanScope", "cancel_replan", "leave_replan", "request_replan"]


class ReplanKind(StrEnum):
    """What a replan is to bring."""

    JEOPARDY = "jeopardy"
    IMPROVE = "improve"
    REBALANCE = "rebalance"
    EMPTY_ROUTE = "empty_route"
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplanScope:
    """
    What a replan may touch, and how much of it.

    Attributes
    ----------
    technicians
        ``rebalance``: whose visits are given out anew among them.
    shift_id
        ``empty_route``: whose visits others are to take.
    visit_id
        ``emergency``: the visit that is to find a place.
    most_moves
        Visits that may go to somebody else; None = as the territory says.
    seconds
        Search budget; None = as the territory says.
    """

    technicians: tuple[str, ...] = ()
    shift_id: str | None = None
    visit_id: str | None = None
    most_moves: int | None = None
    seconds: float | None = None


def request_replan(work: Work, territory_id: str, day: date, kind: ReplanKind, scope: ReplanScope) -> ReplanView:
    """
    Ask for a replan of today, which a worker makes; what it proposes waits for a decision.

    Raises
    ------
    NotFound
        When there is no such territory.
    InvalidInput
        When the kind does not go with what else is asked, or names what is not part of the day; with all faults.
    WrongState
        When one that was asked for is waiting already.
    """
    territory = find_territory(work.session, territory_id)
    faults = [*_date_faults(work, territory, day), *_scope_faults(work, territory_id, day, kind, scope)]
    if faults:
        raise InvalidInput(faults)
    # Two requests at the same time must see each other's replan.
    lock_plan(work.session, territory_id, day)
    # What nobody had to ask for is done soon, and is no reason to ask again later.
    waiting = (
        select(ReplanRow.id)
        .where(ReplanRow.territory_id == territory_id, ReplanRow.state == "waiting")
        .where(ReplanRow.kind != ReplanKind.JEOPARDY.value)
        .limit(1)
    )
    found = work.session.scalar(waiting)
    if found is not None:
        raise WrongState("a replan of this territory is waiting already", details={"state": "waiting", "id": found})
    return replan_view(leave_replan(work, territory_id, day, kind, scope=scope))


def leave_replan(
    work: Work,
    territory_id: str,
    day: date,
    kind: ReplanKind,
    *,
    why: Sequence[str] = (),
    scope: ReplanScope | None = None,
) -> ReplanRow:
    """Write a replan down and leave it in the queue: those of one territory run one after the other."""
    row = ReplanRow(
        id=new_id("rp"),
        territory_id=territory_id,
        date=day,
        kind=kind.value,
        why=list(why),
        scope={} if scope is None else _scope_json(scope),
        state="waiting",
        requested_by=work.actor.id,
        requested_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    record(work, "replan.requested", "replan", row.id, territory_id=territory_id, date=day.isoformat(), kind=row.kind)
    work.ctx.jobs.enqueue(work.session, REPLAN, row.id, job_id=row.id, partition=territory_id)
    return row


def cancel_replan(work: Work, replan_id: str) -> ReplanView:
    """
    Stop a replan: one that waits ends at once; of one that runs, the best found so far becomes the proposal.

    Raises
    ------
    NotFound
        When there is no such replan.
    WrongState
        When it has ended. A replan that was stopped before may be stopped again.
    """
    row = work.session.get(ReplanRow, replan_id, with_for_update=True)
    if row is None:
        raise NotFound("replan", replan_id)
    if row.cancel_requested:
        return replan_view(row)
    if row.state not in UNENDED:
        raise WrongState(f"this replan is {row.state}", details={"state": row.state})
    row.cancel_requested = True
    if row.state == "waiting":
        # Its entry in the queue stays, and finds nothing to do.
        row.state, row.finished_at = "canceled", work.now
    record(work, "replan.canceled", "replan", row.id)
    return replan_view(row)


def scope_of(row: ReplanRow) -> ReplanScope:
    """Read the scope of a replan."""
    return ReplanScope(**{**row.scope, "technicians": tuple(row.scope.get("technicians", ()))})


def _scope_json(scope: ReplanScope) -> dict[str, Any]:
    """Write down what was asked for, and nothing else."""
    asked = {
        "technicians": list(scope.technicians),
        "shift_id": scope.shift_id,
        "visit_id": scope.visit_id,
        "most_moves": scope.most_moves,
        "seconds": scope.seconds,
    }
    return {name: value for name, value in asked.items() if value not in (None, [])}


def _date_faults(work: Work, territory: TerritoryRow, day: date) -> list[Fault]:
    """Report a date that is not under way: only then there is something to be replanned."""
    today = work.now.astimezone(ZoneInfo(territory.time_zone)).date()
    # A night shift of yesterday may still be on the road.
    if today - timedelta(days=1) <= day <= today:
        return []
    expected = f"today, {today.isoformat()}, or yesterday for its night shifts; other dates are planned with solve"
    return [wrong("date", day.isoformat(), expected)]


def _scope_faults(work: Work, territory_id: str, day: date, kind: ReplanKind, scope: ReplanScope) -> list[Fault]:
    """Report what is missing for the kind, what does not go with it, and what is not part of the day."""
    faults: list[Fault] = []
    needed = {
        ReplanKind.REBALANCE: "technicians",
        ReplanKind.EMPTY_ROUTE: "shift_id",
        ReplanKind.EMERGENCY: "visit_id",
    }.get(kind)
    for name in ("technicians", "shift_id", "visit_id"):
        value = getattr(scope, name)
        if name == needed and not value:
            faults.append(wrong(name, value, f"a value, since the kind is {kind.value}"))
        elif name != needed and value:
            faults.append(wrong(name, value, f"nothing, since the kind is {kind.value}"))
    if needed == "technicians" and len(scope.technicians) == 1:
        faults.append(wrong("technicians", list(scope.technicians), "at least two technicians"))
    if kind is ReplanKind.JEOPARDY:
        faults.append(wrong("kind", kind.value, "improve, rebalance, empty_route or emergency"))
    faults += whole_number_faults("most_moves", scope.most_moves, 0, MOST_MOVES)
    if scope.seconds is not None:
        faults += decimal_faults("seconds", scope.seconds, LEAST_SECONDS, MOST_SECONDS, "seconds")
    return [*faults, *_unknown_faults(work, territory_id, day, scope)]


def _unknown_faults(work: Work, territory_id: str, day: date, scope: ReplanScope) -> list[Fault]:
    """Report technicians, shifts and visits that are not of this territory and day."""
    session, faults = work.session, []
    if scope.technicians:
        known = set(
            session.scalars(
                select(TechnicianRow.id)
                .join(ShiftRow, ShiftRow.technician_id == TechnicianRow.id)
                .where(ShiftRow.territory_id == territory_id, ShiftRow.date == day, ShiftRow.removed_at.is_(None))
                .where(TechnicianRow.id.in_(scope.technicians))
            )
        )
        for i, name in enumerate(scope.technicians):
            if name not in known:
                faults.append(wrong(field_path("technicians", i), name, "a technician with a shift on this date"))
    if scope.shift_id is not None:
        shift = session.get(ShiftRow, scope.shift_id)
        if shift is None or (shift.territory_id, shift.date, shift.removed_at) != (territory_id, day, None):
            faults.append(wrong("shift_id", scope.shift_id, "a shift of this territory and date"))
    if scope.visit_id is not None:
        visit = session.get(VisitRow, scope.visit_id)
        if visit is None or visit.territory_id != territory_id or visit.state not in {"open", "booked"}:
            faults.append(wrong("visit_id", scope.visit_id, "a visit of this territory that is open or booked"))
    return faults
