"""Time passes without events: who should have left by now, and has not, is later than was expected."""

from datetime import UTC, date, timedelta
from typing import Final

import structlog
from sqlalchemy import or_, select

from fieldops.errors import FieldopsError
from fieldops.store.day_plans import lock_plan
from fieldops.store.tables import PlanRow, ShiftRow, TechnicianStateRow, VisitProgressRow
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.ask_whether_done import ask_whether_done
from fieldops.usecases.context import Context
from fieldops.usecases.learn_day import learn_day
from fieldops.usecases.look_after import look_after
from fieldops.usecases.tell_times import tell_due
from fieldops.usecases.wish_again import wish_again
from fieldops.usecases.work import Work, transact, view

#: A day is looked after from so long before its first shift until so long after its last one.
BEFORE: Final = timedelta(minutes=30)
AFTER: Final = timedelta(hours=2)
_DAY: Final = timedelta(days=1)

log = structlog.get_logger(__name__)


def sweep_days(ctx: Context) -> int:
    """
    Look after all days under way.

    Returns
    -------
    int
        How many there are. A day on which nobody has reported anything is not under way: where nobody reports, silence
        says nothing.
    """
    days = view(ctx, SYSTEM, days_under_way)
    for territory_id, day in days:
        try:
            transact(ctx, SYSTEM, look_after_day, territory_id, day)
        except Exception as error:
            # The days of the others go on, whatever it is.
            is_known = isinstance(error, FieldopsError)
            log.warning(
                "day.not_looked_after",
                territory_id=territory_id,
                date=str(day),
                error=repr(error),
                exc_info=not is_known,
            )
    return len(days)


def days_under_way(work: Work) -> list[tuple[str, date]]:
    """List territories and dates of which something was reported, while shifts go on there."""
    today = work.now.astimezone(UTC).date()
    progress = select(VisitProgressRow.visit_id).where(
        VisitProgressRow.territory_id == PlanRow.territory_id, VisitProgressRow.date == PlanRow.date
    )
    states = select(TechnicianStateRow.technician_id).where(
        TechnicianStateRow.territory_id == PlanRow.territory_id, TechnicianStateRow.date == PlanRow.date
    )
    shifts = select(ShiftRow.id).where(
        ShiftRow.territory_id == PlanRow.territory_id,
        ShiftRow.date == PlanRow.date,
        ShiftRow.starts_at <= work.now + BEFORE,
        ShiftRow.hard_ends_at >= work.now - AFTER,
    )
    found = work.session.execute(
        select(PlanRow.territory_id, PlanRow.date)
        .where(PlanRow.date.between(today - _DAY, today + _DAY), shifts.exists())
        .where(or_(progress.exists(), states.exists()))
        .order_by(PlanRow.territory_id, PlanRow.date)
    )
    return [(territory_id, day) for territory_id, day in found]


def look_after_day(work: Work, territory_id: str, day: date) -> None:
    """Learn from a day so far, refresh what is expected, wish again for a failed replan, tell and ask what is due."""
    lock_plan(work.session, territory_id, day)
    learn_day(work, territory_id, day)
    look_after(work, territory_id, day)
    wish_again(work, territory_id, day)
    tell_due(work, territory_id, day)
    ask_whether_done(work, territory_id, day)
