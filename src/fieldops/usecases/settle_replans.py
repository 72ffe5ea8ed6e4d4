"""Replans that nobody will ever run: find those that may be such, and say so about those that are."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from sqlalchemy import select

from fieldops.store.day_plans import lock_plan
from fieldops.store.tables import ReplanRow
from fieldops.usecases.replan_views import UNENDED
from fieldops.usecases.request_replan import ReplanKind
from fieldops.usecases.want_replan import want_replan
from fieldops.usecases.work import Work

#: A replan this old is in the queue, or was.
OLD_AFTER: Final = timedelta(minutes=2)


def unended_replans(work: Work) -> tuple[str, ...]:
    """Name the replans that have not ended and were not left just now."""
    old = ReplanRow.requested_at < work.now - OLD_AFTER
    return tuple(work.session.scalars(select(ReplanRow.id).where(ReplanRow.state.in_(UNENDED), old)))


def fail_lost_replans(work: Work, replan_ids: Collection[str]) -> int:
    """
    End the replans that are in no queue any more; what nobody had to ask for is wished for again.

    Returns
    -------
    int
        How many of them had not ended by themselves in the meantime.
    """
    count = 0
    for replan_id in sorted(replan_ids):
        known = work.session.get_one(ReplanRow, replan_id)
        lock_plan(work.session, known.territory_id, known.date)
        row = work.session.get_one(ReplanRow, replan_id, with_for_update=True, populate_existing=True)
        if row.state not in UNENDED:
            continue
        count += 1
        row.state, row.finished_at = "failed", work.now
        row.error = "the replan was lost: no worker has it; ask for another one"
        if row.kind == ReplanKind.JEOPARDY.value:
            want_replan(work, row.territory_id, row.date, "a replan was lost")
    return count
