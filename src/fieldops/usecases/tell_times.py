"""
Tell customers of times: that somebody is on the way, close, later or sooner than was said.

When something is told is decided by `fieldops.domain.telling`. What is told is a line of the ledger, and stands in
`EtaRow` for the next decision.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import bindparam, func, select, update

from fieldops.domain.live import Eta
from fieldops.domain.live_policies import LivePolicies
from fieldops.domain.telling import decide, told_range
from fieldops.messaging.kinds import Kind
from fieldops.store.base import table_of
from fieldops.store.live_policies import live_policies_of
from fieldops.store.tables import EtaRow, TerritoryRow
from fieldops.usecases.expected_visits import ExpectedVisit, read_due, read_expected
from fieldops.usecases.give_up import give_up
from fieldops.usecases.positions import position_as_json
from fieldops.usecases.stream import announce, topic_of_visit
from fieldops.usecases.tell_time import tell_time
from fieldops.usecases.tell_visit import NEAR
from fieldops.usecases.tell_waiting import tell_waiting
from fieldops.usecases.work import Work

_ETAS: Final = table_of(EtaRow)
_WAITS: Final = update(_ETAS).where(_ETAS.c.visit_id == bindparam("which")).values(news_since=bindparam("since"))
_IS_SHOWN: Final = (
    update(_ETAS)
    .where(_ETAS.c.visit_id == bindparam("which"))
    .values(shown_earliest_at=bindparam("earliest"), shown_latest_at=bindparam("latest"))
)
_FIRST: Final = select(func.min(_ETAS.c.position)).where(
    _ETAS.c.shift_id == bindparam("shift_id"), _ETAS.c.date == bindparam("day")
)


def tell_times(work: Work, etas: Sequence[Eta]) -> int:
    """
    Tell the customers who have to hear of it what is expected of their visits now.

    Parameters
    ----------
    etas
        Those that have changed; they stand in the table already.

    Returns
    -------
    int
        How many messages were left.

    Notes
    -----
    Call it after every refresh, with the date's plan locked, and after `tell_phase` where an event brought it about.
    """
    if not etas:
        return 0
    work.session.flush()
    visits = read_expected(work, [eta.visit_id for eta in etas])
    _show(work, visits)
    return _tell_all(work, visits)


def tell_due(work: Work, territory_id: str, day: date) -> int:
    """
    Tell what has become due by the passing of time: somebody is close, or something has been news for long enough.

    This also looks after those whom nobody comes to, and at the end of the day gives their visits up.

    Returns
    -------
    int
        How many messages about times were left.

    Notes
    -----
    The caller holds the lock of the date's plan.
    """
    work.session.flush()
    give_up(work, territory_id, day)
    tell_waiting(work, territory_id, day)
    soon = work.now + _policies_of(work, territory_id).arriving_before
    return _tell_all(work, read_due(work, territory_id, day, soon=soon))


def tell_on_the_way(work: Work, visit_id: str, technician_id: str | None) -> bool:
    """Tell a customer that somebody is driving there, and when to expect whom; once."""
    work.session.flush()
    return any(tell_time(work, visit, Kind.ON_THE_WAY, technician_id) for visit in read_expected(work, [visit_id]))


def _tell_all(work: Work, visits: Sequence[ExpectedVisit]) -> int:
    """Decide about visits of one territory, and leave what is to be told."""
    if not visits:
        return 0
    policies = _policies_of(work, visits[0].territory_id)
    told, waiting = 0, []
    for visit in visits:
        decision = decide(visit.expected(is_next=_is_next(work, visit, policies)), visit.heard(), policies, work.now)
        if decision.news is not None:
            told += tell_time(work, visit, Kind(decision.news.value), visit.technician_id)
        elif decision.news_since != visit.news_since:
            waiting.append({"which": visit.visit_id, "since": decision.news_since})
    if waiting:
        work.session.execute(_WAITS, waiting)
    return told


def _is_next(work: Work, visit: ExpectedVisit, policies: LivePolicies) -> bool:
    """Tell whether nothing on the route is before a visit; asked only when it is close."""
    if visit.is_on_the_way or visit.arrival > work.now + policies.arriving_before:
        return False
    first = work.session.scalar(_FIRST, {"shift_id": visit.shift_id, "day": visit.date})
    return bool(first == visit.stop)


def _show(work: Work, visits: Iterable[ExpectedVisit]) -> None:
    """Say to whoever watches a visit what is expected, once that is shown, and where somebody is on the way."""
    shown: list[dict[str, Any]] = []
    for visit in visits:
        if visit.told_at is None and visit.arrival - work.now > NEAR:
            continue
        window = told_range(visit.expected(), visit.promised)
        if window == visit.shown and visit.position is None:
            continue
        data: dict[str, Any] = {"earliest": window.earliest.isoformat(), "latest": window.latest.isoformat()}
        data["position"] = None if visit.position is None else position_as_json(visit.position)
        announce(work, topic_of_visit(visit.visit_id), "eta", data)
        shown.append({"which": visit.visit_id, "earliest": window.earliest, "latest": window.latest})
    if shown:
        work.session.execute(_IS_SHOWN, shown)


def _policies_of(work: Work, territory_id: str) -> LivePolicies:
    """Return the live policies of a territory."""
    return live_policies_of(work.session.get_one(TerritoryRow, territory_id))
