"""Begin to watch: how a board, a technician's day or a visit stands now, and from which event on changes follow."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final, Generic, TypeVar

from fieldops.errors import NotFound
from fieldops.store.stream_events import is_kept_from, last_event_id
from fieldops.store.tables import TechnicianRow, TerritoryRow, VisitRow
from fieldops.store.territories import find_territory
from fieldops.usecases.access import require_own
from fieldops.usecases.read_live import LiveBoard, read_live
from fieldops.usecases.staffing import today_in
from fieldops.usecases.stream import KEPT, topic_of_board, topic_of_technician, topic_of_visit
from fieldops.usecases.technician_day import read_day
from fieldops.usecases.technician_day_views import TechnicianDay
from fieldops.usecases.track_visit import TrackView, find_tracked, track_visit
from fieldops.usecases.work import Work

#: Who comes back to an id this close to being forgotten gets a snapshot.
MARGIN: Final = timedelta(minutes=10)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamStart(Generic[T]):
    """
    Where a stream begins.

    Attributes
    ----------
    after
        What has this id or a lower one is in the snapshot, or was heard before.
    snapshot
        None when the listener goes on where it was.
    """

    topic: str
    after: int
    snapshot: T | None


def watch_board(work: Work, territory_id: str, day: date, after: int | None = None) -> StreamStart[LiveBoard]:
    """
    Begin to watch a territory's date.

    Parameters
    ----------
    after
        Id of the last event heard; None = none.

    Raises
    ------
    NotFound
        When there is no such territory.
    """
    find_territory(work.session, territory_id)
    return _start(work, topic_of_board(territory_id, day), after, lambda: read_live(work, territory_id, day))


def watch_technician(
    work: Work, technician_id: str | None = None, day: date | None = None, after: int | None = None
) -> StreamStart[TechnicianDay]:
    """
    Begin to watch a technician's day.

    Parameters
    ----------
    technician_id
        None = the caller's own.
    day
        Local date of the territory; today when None.

    Raises
    ------
    NotFound
        When there is no such technician, or the caller is another technician, or none and names none.
    Forbidden
        When the caller is not the technician and may not read plans, or not read customers.
    """
    technician_id = technician_id or work.actor.technician_id or ""
    technician = work.session.get(TechnicianRow, technician_id)
    if technician is None:
        raise NotFound("technician", technician_id)
    day = day or today_in(work, work.session.get_one(TerritoryRow, technician.territory_id))
    topic = topic_of_technician(technician_id, day)
    # Read in any case: it also finds out whether the caller may.
    return _start(work, topic, after, lambda: read_day(work, technician_id, day), is_always_read=True)


def watch_visit(work: Work, visit_id: str | None = None, after: int | None = None) -> StreamStart[TrackView]:
    """
    Begin to watch a visit as its customer does.

    Parameters
    ----------
    visit_id
        None = of the visits of the caller's link the one that is next, else the one that was last.

    Raises
    ------
    NotFound
        When there is no such visit, it has no appointment, or the caller's link is for another work order.
    """
    visit_id = visit_id or find_tracked(work)[1].id
    visit = work.session.get(VisitRow, visit_id)
    if visit is None:
        raise NotFound("visit", visit_id)
    require_own(work, visit.work_order_id, kind="visit", name=visit_id)
    as_customer = replace(work, actor=replace(work.actor, work_order_id=visit.work_order_id))
    return _start(
        work, topic_of_visit(visit_id), after, lambda: track_visit(as_customer, visit_id), is_always_read=True
    )


def _start(
    work: Work, topic: str, after: int | None, read: Callable[[], T], *, is_always_read: bool = False
) -> StreamStart[T]:
    """
    Find out where a stream begins.

    Notes
    -----
    The newest id is read first: what is said between this and the snapshot is in the snapshot and told again, which
    does no harm, for events say how things are, not what has been added to them.
    """
    newest = last_event_id(work.session, topic)
    goes_on = after is not None and is_kept_from(work.session, after, work.now - KEPT + MARGIN)
    snapshot = read() if is_always_read or not goes_on else None
    if after is not None and goes_on:
        return StreamStart(topic=topic, after=after, snapshot=None)
    return StreamStart(topic=topic, after=newest, snapshot=snapshot)
