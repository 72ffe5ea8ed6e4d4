"""Look after a day under way: refresh what is expected, tell who has to hear of it, want a replan where one helps."""

from collections.abc import Callable, Collection
from datetime import date
from typing import Final

from sqlalchemy import select

from fieldops.store.tables import TerritoryRow, VisitRow
from fieldops.usecases.refresh_etas import Refreshed, refresh
from fieldops.usecases.tell_times import tell_times
from fieldops.usecases.want_replan import want_replan
from fieldops.usecases.work import Work

#: Visits named in the reason of one replan.
_NAMED: Final = 3


def look_after(
    work: Work,
    territory_id: str,
    day: date,
    shift_ids: Collection[str] | None = None,
    *,
    then: Callable[[], object] = lambda: None,
    tells_shifts: bool = False,
) -> Refreshed:
    """
    Refresh the ETAs of a day under way, and do what follows from them.

    Parameters
    ----------
    shift_ids
        The only shifts touched; None = all of the date.
    then
        Done once the ETAs are fresh, before customers are told of times.
    tells_shifts
        As of `refresh`: something was reported of these shifts.

    Notes
    -----
    The caller holds the lock of the date's plan.
    """
    work.session.flush()
    # Whoever asks for the territory's policies from now on finds it in the session, which keeps nothing by itself.
    _territory = work.session.get(TerritoryRow, territory_id)
    refreshed = Refreshed()
    if shift_ids is None or shift_ids:
        refreshed = refresh(work, territory_id, day, shift_ids, tells_shifts=tells_shifts)
    then()
    tell_times(work, refreshed.changed)
    if refreshed.endangered:
        want_replan(work, territory_id, day, _why(work, refreshed.endangered))
    return refreshed


def _why(work: Work, endangered: Collection[str]) -> str:
    """Say in one sentence whose promises are in jeopardy."""
    names = list(work.session.scalars(select(VisitRow.name).where(VisitRow.id.in_(list(endangered)[:_NAMED]))))
    rest = len(endangered) - len(names)
    listed = ", ".join(sorted(name or "a visit" for name in names)) + (f" and {rest} more" if rest > 0 else "")
    return f"at risk: {listed}"
