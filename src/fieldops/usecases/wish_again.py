"""Wish again for a replan that came to nothing: one fault must not end the replans of a territory for the day."""

from datetime import date, timedelta
from typing import Final

from sqlalchemy import or_, select

from fieldops.domain.progress import EventKind
from fieldops.store.tables import EtaRow, LiveDayRow, PlanRow, PlanVersionRow, ProgressEventRow, ReplanRow
from fieldops.usecases.live_reports import visits_without_place
from fieldops.usecases.run_replan import MOST_ATTEMPTS
from fieldops.usecases.want_replan import want_replan
from fieldops.usecases.work import Work

#: Pause after a replan that came to nothing; it doubles with every further one in a row.
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(minutes=16)
_CAME_TO_NOTHING: Final = frozenset({"failed", "stale"})
#: As many in a row make no longer pause.
_MOST_LOOKED_AT: Final = 6


def wish_again(work: Work, territory_id: str, day: date) -> None:
    """
    Wish again for a replan of a day whose last one failed or came too late, while there is something to be saved.

    Notes
    -----
    As the day stands it is tried once more; after that whenever something has changed: an event other than a position
    was reported, or the plan has another version. The caller holds the lock of the day's plan.
    """
    query = select(ReplanRow).where(ReplanRow.territory_id == territory_id, ReplanRow.date == day)
    newest_first = query.order_by(ReplanRow.requested_at.desc(), ReplanRow.id.desc()).limit(_MOST_LOOKED_AT)
    rows = work.session.scalars(newest_first).all()
    in_a_row = next((pos for pos, row in enumerate(rows) if row.state not in _CAME_TO_NOTHING), len(rows))
    if in_a_row == 0 or rows[0].finished_at is None:
        return
    pause = min(FIRST_PAUSE * 2 ** (in_a_row - 1), LONGEST_PAUSE)
    if rows[0].finished_at + pause > work.now:
        return
    # What has ended its processes again and again is not tried once more as it is.
    may_repeat = in_a_row == 1 and rows[0].attempts < MOST_ATTEMPTS
    if not may_repeat and not _has_changed(work, rows[0]):
        return
    wish = work.session.get(LiveDayRow, (territory_id, day))
    if wish is not None and wish.wanted_at is not None:
        return
    if _is_anything_at_stake(work, territory_id, day):
        want_replan(work, territory_id, day, "the last replan came to nothing")


def _has_changed(work: Work, row: ReplanRow) -> bool:
    """Tell whether anything has changed since a replan began that may let another one go better."""
    since = row.started_at or row.requested_at
    reported = select(ProgressEventRow.id).where(
        ProgressEventRow.territory_id == row.territory_id,
        ProgressEventRow.date == row.date,
        ProgressEventRow.kind != EventKind.POSITION.value,
        ProgressEventRow.received_at > since,
    )
    published = (
        select(PlanVersionRow.plan_id)
        .join(PlanRow, PlanRow.id == PlanVersionRow.plan_id)
        .where(PlanRow.territory_id == row.territory_id, PlanRow.date == row.date, PlanVersionRow.made_at > since)
    )
    return bool(work.session.scalar(select(or_(reported.exists(), published.exists()))))


def _is_anything_at_stake(work: Work, territory_id: str, day: date) -> bool:
    """Tell whether a promise is at risk, or a visit that belongs on this date has no place."""
    at_risk = select(EtaRow.visit_id).where(
        EtaRow.territory_id == territory_id, EtaRow.date == day, EtaRow.at_risk_since.is_not(None)
    )
    is_at_risk = work.session.scalar(at_risk.limit(1)) is not None
    return is_at_risk or bool(visits_without_place(work, territory_id, day))
