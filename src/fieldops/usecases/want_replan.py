"""
Ask for a replan of a day under way, and begin it once nothing more comes: ten events in a second are one replan.

What is wanted is a mark on the day, set in the transaction of what asks for it. A worker's sweep finds the mark, and
makes a replan of it when it has rested long enough; who takes the mark is decided by compare-and-swap.
"""

from datetime import date, datetime
from typing import Final

from sqlalchemy import select

from fieldops.store.live_policies import live_policies_of
from fieldops.store.tables import LiveDayRow, ReplanRow, TerritoryRow
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.context import Context
from fieldops.usecases.request_replan import UNENDED, ReplanKind, cancel_replan, leave_replan
from fieldops.usecases.work import Work, transact, view

#: Reasons kept of one wish; the first ones say enough.
MOST_REASONS: Final = 20


def want_replan(work: Work, territory_id: str, day: date, why: str) -> None:
    """
    Wish for a replan of a day.

    Parameters
    ----------
    why
        For people: one sentence.

    Notes
    -----
    The caller holds the lock of the day's plan. The mark is read anew and locked: a sweep, which does not wait for that
    lock, may have taken it since, and a wish added to a mark that is taken would be nobody's.
    """
    work.session.flush()
    row = work.session.get(LiveDayRow, (territory_id, day), with_for_update=True, populate_existing=True)
    if row is None:
        row = LiveDayRow(territory_id=territory_id, date=day, travel_permille=1_000, wanted_why=[])
        row.wanted_since = row.wanted_at = None
        work.session.add(row)
    if row.wanted_at is None or row.wanted_since is None:
        row.wanted_since, row.wanted_why = work.now, []
    row.wanted_at = work.now
    if why not in row.wanted_why and len(row.wanted_why) < MOST_REASONS:
        row.wanted_why = [*row.wanted_why, why]


def start_wanted_replans(ctx: Context) -> int:
    """
    Begin the replans that have been wanted for long enough.

    Returns
    -------
    int
        How many this call has begun. A wish that comes while its territory is being replanned waits for that; what a
        person has asked for ends with the best it has found by then.
    """
    wanted = view(ctx, SYSTEM, _wanted)
    return sum(transact(ctx, SYSTEM, _start, *wish) for wish in wanted)


def _wanted(work: Work) -> list[tuple[str, date, datetime]]:
    """List the wishes that have waited long enough: territory, date, and when the wishing began."""
    rows = work.session.execute(
        select(LiveDayRow, TerritoryRow)
        .join(TerritoryRow, TerritoryRow.id == LiveDayRow.territory_id)
        .where(LiveDayRow.wanted_at.is_not(None))
        .order_by(LiveDayRow.wanted_since)
    ).all()
    found: list[tuple[str, date, datetime]] = []
    for row, territory in rows:
        policies = live_policies_of(territory)
        if row.wanted_at is None or row.wanted_since is None:
            continue
        if row.wanted_at + policies.replan_after <= work.now or row.wanted_since + policies.replan_within <= work.now:
            found.append((row.territory_id, row.date, row.wanted_since))
    return found


def _start(work: Work, territory_id: str, day: date, since: datetime) -> bool:
    """Make a replan of a wish, unless another process has, or the territory is busy with one."""
    query = select(ReplanRow).where(ReplanRow.territory_id == territory_id, ReplanRow.state.in_(UNENDED))
    busy = work.session.scalars(query.order_by(ReplanRow.id)).all()
    for replan in busy:
        _hurry(work, replan)
    if busy:
        return False
    row = work.session.get(LiveDayRow, (territory_id, day), with_for_update=True)
    # A wish that was added meanwhile is part of this one; what was wished since another process took it is not.
    if row is None or row.wanted_since != since:
        return False
    why = list(row.wanted_why)
    row.wanted_at = row.wanted_since = None
    row.wanted_why = []
    leave_replan(work, territory_id, day, ReplanKind.JEOPARDY, why=why)
    return True


def _hurry(work: Work, replan: ReplanRow) -> None:
    """End a search that a person has asked for once it has had the time of any other: promises do not wait for it."""
    if replan.kind == ReplanKind.JEOPARDY.value or replan.started_at is None or replan.cancel_requested:
        return
    policies = live_policies_of(work.session.get_one(TerritoryRow, replan.territory_id))
    if replan.started_at + policies.replan_for > work.now:
        return
    row = work.session.get_one(ReplanRow, replan.id, with_for_update=True, populate_existing=True)
    if row.state == "running":
        cancel_replan(work, row.id)
