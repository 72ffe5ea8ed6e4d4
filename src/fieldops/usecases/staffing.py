"""Which shifts are still to come, and what date it is where they are."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select

from fieldops.store.tables import ShiftRow, TerritoryRow
from fieldops.usecases.work import Work

_DAY: Final = timedelta(days=1)


def shifts_to_come(
    work: Work, territory: TerritoryRow, technician_id: str, *conditions: ColumnElement[bool]
) -> dict[date, set[str]]:
    """List the shifts of a technician that are not over and were not taken back, by date."""
    query = select(ShiftRow.date, ShiftRow.id).where(
        ShiftRow.technician_id == technician_id,
        ShiftRow.territory_id == territory.id,
        ShiftRow.date >= today_in(work, territory) - _DAY,
        ShiftRow.hard_ends_at > work.now,
        ShiftRow.removed_at.is_(None),
        *conditions,
    )
    dates: dict[date, set[str]] = defaultdict(set)
    for day, shift_id in work.session.execute(query):
        dates[day].add(shift_id)
    return dates


def today_in(work: Work, territory: TerritoryRow) -> date:
    """Return the local date."""
    return work.now.astimezone(ZoneInfo(territory.time_zone)).date()
