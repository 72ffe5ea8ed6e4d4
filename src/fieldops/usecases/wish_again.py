"""
Wish again for a replan of a day on which something is still at stake: what had no remedy then may have one by now.

One fault must not end the replans of a territory for the day, and a promise that nobody could save at ten may be saved
at eleven, when somebody is done early.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import or_, select

from fieldops.domain.progress import FINAL_PHASES, EventKind
from fieldops.store.tables import EtaRow, LiveDayRow, PlanRow, PlanVersionRow, ProgressEventRow, ReplanRow
from fieldops.store.tables import VisitProgressRow as Progress
from fieldops.usecases.live_reports import visits_without_place
from fieldops.usecases.run_replan import MOST_ATTEMPTS
from fieldops.usecases.want_replan import want_replan
from fieldops.usecases.work import Work

#: Pause after a replan; it doubles with every further one in a row that left something at stake.
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(minutes=16)
#: So much time come free at one visit ends the pause.
MUCH: Final = timedelta(minutes=30)
_CAME_TO_NOTHING: Final = frozenset({"failed", "stale"})
_OVER: Final = _CAME_TO_NOTHING | {"nothing_better", "applied", "rejected"}
#: As many in a row make no longer pause.
_MOST_LOOKED_AT: Final = 6
#: Replans requested longer ago say nothing about how promising another one is.
_RECENT: Final = timedelta(hours=1)
#: What may leave a technician with nothing to do.
FREEING: Final = frozenset({EventKind.DONE, EventKind.CANCELED, EventKind.NO_SHOW, EventKind.COULD_NOT_COMPLETE})


def wish_again(work: Work, territory_id: str, day: date) -> None:
    """
    Wish again for a replan of a day while a promise is at risk, or a visit that belongs there has no place.

    Notes
    -----
    After a replan that failed or came too late once more as the day stands; after that, and after any other one, when
    something has changed: an event other than a position was reported, or the plan has another version. The first time
    after a minute, later after longer ones; at once when somebody has much time now who had none. The caller holds the
    lock of the day's plan.
    """
    row = ReplanRow
    # Without the routes and differences of proposals, which are long.
    facts = select(row.state, row.requested_at, row.started_at, row.finished_at, row.decided_at, row.attempts)
    newest_first = facts.order_by(row.requested_at.desc(), row.id.desc()).limit(_MOST_LOOKED_AT)
    rows = work.session.execute(newest_first.where(row.territory_id == territory_id, row.date == day)).all()
    if not rows or rows[0].state not in _OVER or rows[0].finished_at is None:
        return
    wish = work.session.get(LiveDayRow, (territory_id, day))
    if wish is not None and wish.wanted_at is not None:
        return
    why = _why_again(work, territory_id, day, rows)
    if why is not None and _is_anything_at_stake(work, territory_id, day):
        want_replan(work, territory_id, day, why)


def _why_again(work: Work, territory_id: str, day: date, rows: Sequence[Any]) -> str | None:
    """
    Say why another replan may go better than the last ones; None = there is no reason to think so.

    Parameters
    ----------
    rows
        Of the last replans, the newest first.
    """
    last = rows[0]
    ended_at = max(filter(None, (last.finished_at, last.decided_at)))
    # What an applied one has changed itself is nothing new.
    since = last.started_at or last.requested_at
    since = ended_at if last.decided_at is not None else since
    failures = _in_a_row([row.state in _CAME_TO_NOTHING for row in rows])
    tries = failures or _in_a_row([row.state in _OVER and row.requested_at > work.now - _RECENT for row in rows])
    is_over = ended_at + min(FIRST_PAUSE * 2 ** (max(tries, 1) - 1), LONGEST_PAUSE) <= work.now
    # What has ended its processes again and again is not tried once more as it is.
    if is_over and failures == 1 and last.attempts < MOST_ATTEMPTS:
        return "the last replan came to nothing"
    if not failures and _freed(work, territory_id, day, since) >= MUCH:
        return "somebody has time now, and a promise is still at risk"
    if is_over and _has_changed(work, territory_id, day, since):
        return "the last replan came to nothing" if failures else "a promise is still at risk"
    return None


def _in_a_row(are: Sequence[bool]) -> int:
    """Count how many at the beginning are."""
    return next((pos for pos, is_one in enumerate(are) if not is_one), len(are))


def _has_changed(work: Work, territory_id: str, day: date, since: datetime) -> bool:
    """Tell whether anything has changed since an instant that may let another replan go better."""
    reported = select(ProgressEventRow.id).where(
        ProgressEventRow.territory_id == territory_id,
        ProgressEventRow.date == day,
        ProgressEventRow.kind != EventKind.POSITION.value,
        ProgressEventRow.received_at > since,
    )
    published = (
        select(PlanVersionRow.plan_id)
        .join(PlanRow, PlanRow.id == PlanVersionRow.plan_id)
        .where(PlanRow.territory_id == territory_id, PlanRow.date == day, PlanVersionRow.made_at > since)
    )
    return bool(work.session.scalar(select(or_(reported.exists(), published.exists()))))


def _freed(work: Work, territory_id: str, day: date, since: datetime) -> timedelta:
    """Give the most time that came free at one visit which was reported over since an instant."""
    reported = (
        select(ProgressEventRow.id)
        .where(ProgressEventRow.visit_id == Progress.visit_id, ProgressEventRow.date == Progress.date)
        .where(ProgressEventRow.kind.in_(FREEING), ProgressEventRow.received_at > since)
    )
    query = select(
        *(Progress.travel_started_at, Progress.arrived_at, Progress.started_at, Progress.finished_at),
        *(Progress.planned_travel_s, Progress.planned_duration_s, Progress.extension_s),
    ).where(
        Progress.territory_id == territory_id,
        Progress.date == day,
        Progress.phase.in_([phase.value for phase in FINAL_PHASES]),
        reported.exists(),
    )
    most = timedelta(0)
    for one in work.session.execute(query):
        begun_at = one.started_at or one.arrived_at or one.travel_started_at or one.finished_at
        on_the_way = 0 if one.started_at or one.arrived_at else one.planned_travel_s or 0
        planned = timedelta(seconds=on_the_way + (one.planned_duration_s or 0) + one.extension_s)
        if one.finished_at is not None and begun_at is not None:
            most = max(most, planned - (one.finished_at - begun_at))
    return most


def _is_anything_at_stake(work: Work, territory_id: str, day: date) -> bool:
    """Tell whether a promise is at risk, or a visit that belongs on this date has no place."""
    at_risk = select(EtaRow.visit_id).where(
        EtaRow.territory_id == territory_id, EtaRow.date == day, EtaRow.at_risk_since.is_not(None)
    )
    is_at_risk = work.session.scalar(at_risk.limit(1)) is not None
    return is_at_risk or bool(visits_without_place(work, territory_id, day))
