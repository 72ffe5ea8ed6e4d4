"""What callers get to see of a replan and of the proposal it made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import and_, or_, select

from fieldops.domain.live import Move, PlanDiff
from fieldops.errors import NotFound
from fieldops.store.tables import ReplanRow
from fieldops.store.territories import find_territory
from fieldops.usecases.paging import Page, page_of, read_time_cursor, time_key
from fieldops.usecases.work import Work

#: States of a replan that somebody is still working on.
UNENDED: Final = frozenset({"waiting", "running"})
STATES: Final = (
    "waiting",
    "running",
    "proposed",
    "nothing_better",
    "applied",
    "rejected",
    "stale",
    "canceled",
    "failed",
)
_INSTANTS: Final = ("from_start", "to_start")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplanView:
    """
    One replan of a day under way, and the proposal it made.

    Attributes
    ----------
    why
        What asked for it: sentences for people.
    scope
        What was asked: ``technicians``, ``shift_id``, ``visit_id``, ``most_moves``, ``seconds``.
    state
        One of `STATES`.
    progress
        ``elapsed_s``, ``iterations``, ``cost_cents``, ``unassigned`` of the best so far; None before the search.
    base_version, applied_version
        Version of the plan it was made from, and the one it has become.
    diff
        None as long as there is no proposal.
    conflicts
        Pins and edits by hand that could not be kept: objects with ``visit_id`` and ``message``.
    unassigned
        Visits that find no place: objects with ``visit_id``, ``kind``, ``reasons``, ``repair``.
    customers
        How many of them would have to be told something new.
    decided_by, accepted
        ``automatic`` or the actor; the visits of an approval in part, None = all.
    note
        Why it failed, is stale or was rejected.
    """

    id: str
    territory_id: str
    date: date
    kind: str
    why: Sequence[str]
    scope: Mapping[str, Any]
    state: str
    cancel_requested: bool
    attempts: int
    progress: Mapping[str, Any] | None
    base_version: int | None
    applied_version: int | None
    diff: PlanDiff | None
    conflicts: Sequence[Mapping[str, Any]]
    unassigned: Sequence[Mapping[str, Any]]
    customers: int
    cost_change_cents: int | None
    churn: int | None
    requested_by: str
    requested_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    accepted: Sequence[str] | None
    note: str | None


def replan_view(row: ReplanRow) -> ReplanView:
    """Make the view of a replan."""
    return ReplanView(
        id=row.id,
        territory_id=row.territory_id,
        date=row.date,
        kind=row.kind,
        why=tuple(row.why),
        scope=dict(row.scope),
        state=row.state,
        cancel_requested=row.cancel_requested,
        attempts=row.attempts,
        progress=row.progress or None,
        base_version=row.base_version,
        applied_version=row.applied_version,
        diff=diff_from_json(row.diff) if row.diff else None,
        conflicts=tuple(row.conflicts),
        unassigned=tuple(row.unassigned),
        customers=row.customers,
        cost_change_cents=row.cost_change_cents,
        churn=row.churn,
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        accepted=None if row.accepted is None else tuple(row.accepted),
        note=row.error,
    )


def read_replan(work: Work, replan_id: str) -> ReplanView:
    """
    Look at a replan.

    Raises
    ------
    NotFound
        When there is no such replan.
    """
    row = work.session.get(ReplanRow, replan_id)
    if row is None:
        raise NotFound("replan", replan_id)
    return replan_view(row)


def list_replans(
    work: Work, territory_id: str, day: date, *, state: str | None = None, limit: int, after: str | None = None
) -> Page[ReplanView]:
    """
    List the replans of a day, newest first.

    Raises
    ------
    NotFound
        When there is no such territory.
    """
    find_territory(work.session, territory_id)
    query = select(ReplanRow).where(ReplanRow.territory_id == territory_id, ReplanRow.date == day)
    if state is not None:
        query = query.where(ReplanRow.state == state)
    if after is not None:
        at, last_id = read_time_cursor(after)
        earlier = or_(ReplanRow.requested_at < at, and_(ReplanRow.requested_at == at, ReplanRow.id < last_id))
        query = query.where(earlier)
    rows = work.session.scalars(query.order_by(ReplanRow.requested_at.desc(), ReplanRow.id.desc()).limit(limit + 1))
    return page_of(rows.all(), limit, replan_view, lambda row: time_key(row.requested_at, row.id))


def diff_to_json(diff: PlanDiff) -> dict[str, Any]:
    """Write a difference of plans; instants as ISO texts."""
    moves = []
    for move in diff.moves:
        fields = {name: getattr(move, name) for name in Move.__dataclass_fields__}
        fields |= {name: None if fields[name] is None else fields[name].isoformat() for name in _INSTANTS}
        moves.append(fields)
    figures = {name: getattr(diff, name) for name in ("churn", "promises", "kept_before", "kept_after")}
    costs = {"cost_before": dict(diff.cost_before), "cost_after": dict(diff.cost_after)}
    return {"moves": moves, **costs, **figures}


def diff_from_json(document: Mapping[str, Any]) -> PlanDiff:
    """Read what `diff_to_json` has written."""
    moves = []
    for fields in document["moves"]:
        instants = {name: None if fields[name] is None else datetime.fromisoformat(fields[name]) for name in _INSTANTS}
        moves.append(Move(**{**fields, **instants}))
    return PlanDiff(**{**document, "moves": tuple(moves)})
