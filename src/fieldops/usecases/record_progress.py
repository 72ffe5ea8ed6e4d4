"""
Record what is reported of a day under way, and have everything follow: phases, ETAs, what people are told, replans.

Events are only ever added. What they mean is read from all of a visit's events in the order in which they occurred, so
it does not matter when and how often they arrive.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from fieldops.domain.progress import (
    ABOUT_TECHNICIANS,
    FINAL_PHASES,
    GOING_OUT,
    TECHNICIANS_KINDS,
    EventKind,
    ProgressEvent,
    VisitPhase,
    VisitProgress,
)
from fieldops.domain.shift_facts import TechnicianState
from fieldops.errors import NotFound
from fieldops.store.day_plans import lock_plans
from fieldops.store.tables import ProgressEventRow, ShiftRow, TechnicianRow, TerritoryRow, VisitProgressRow
from fieldops.store.territories import find_territory
from fieldops.usecases.actor import Role
from fieldops.usecases.audit import record
from fieldops.usecases.end_visit import end_visit
from fieldops.usecases.fold_progress import (
    Folded,
    StopFacts,
    fold_technicians,
    fold_traffic,
    fold_visits,
    known_phases,
    load_stops,
    store_events,
    visits_of,
)
from fieldops.usecases.leave_in_hand import leave_in_hand
from fieldops.usecases.live_words import progress_as_json, technician_as_json
from fieldops.usecases.look_after import look_after
from fieldops.usecases.progress_events import EventReceipt, judge, known_events, require_reporter, require_same
from fieldops.usecases.raise_emergency import raise_emergency
from fieldops.usecases.reopen_visit import reopen_visit
from fieldops.usecases.stream import announce, topic_of_board, topic_of_technician, topic_of_visit
from fieldops.usecases.tell_phase import tell_phase
from fieldops.usecases.want_replan import want_replan
from fieldops.usecases.wish_again import FREEING, wish_again
from fieldops.usecases.work import Work

#: Kinds that are written into the audit; the events of technicians are their own record.
_AUDITED: Final = frozenset(EventKind) - {
    EventKind.TRAVEL_STARTED,
    EventKind.ARRIVED,
    EventKind.STARTED,
    EventKind.EXTENDED,
    EventKind.DELAYED,
    EventKind.DONE,
    EventKind.POSITION,
}


#: What dispatchers report in their own name: that nobody was at home, and that an end was none.
_NOBODYS: Final = frozenset({EventKind.NO_SHOW, EventKind.REOPENED})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """
    An event, and the day it belongs to.

    Attributes
    ----------
    is_former
        The visit was tried on that day and has another one by now, of which the event says nothing: it is kept only.
    """

    event: ProgressEvent
    territory_id: str
    day: date
    is_former: bool = False


@dataclass(slots=True, kw_only=True)
class _Touched:
    """
    What one day's events have touched.

    Attributes
    ----------
    shift_ids
        None = all of the day.
    wants
        Why a replan is wanted, whatever the ETAs say.
    """

    shift_ids: set[str] | None = field(default_factory=set)
    wants: list[str] = field(default_factory=list)

    def add(self, shift_ids: Iterable[str]) -> None:
        """Touch some shifts."""
        if self.shift_ids is not None:
            self.shift_ids.update(shift_ids)


def record_events(work: Work, events: Sequence[ProgressEvent]) -> tuple[EventReceipt, ...]:
    """
    Record events, all or none.

    Parameters
    ----------
    events
        Of any kinds, visits and days, in any order.

    Returns
    -------
    tuple[EventReceipt, ...]
        One each, in their order.

    Raises
    ------
    InvalidInput
        With everything that is wrong with them.
    NotFound
        When there is no such visit, technician or territory, or not for this technician.
    Forbidden
        When a technician reports what only dispatchers do.
    EventDiffers
        When an event is known under its id with another content.
    WrongState
        When an emergency is reported of a visit that is promised or over, or one is reopened that was canceled.

    Notes
    -----
    The plans of all days concerned are locked first. ETAs of the routes touched are refreshed in the same transaction.
    """
    given = [_of_reporter(work, event) for event in events]
    judge(given, work.now)
    require_reporter(work.actor, given)
    stops = load_stops(work, [event.visit_id for event in given if event.visit_id is not None])
    placed = [_placed(work, event, stops) for event in given]
    _lock(work, placed)
    known = known_events(work.session, [event.id for event in given])
    new: dict[str, _Placed] = {}
    for one in placed:
        earlier = known.get(one.event.id) or (new[one.event.id].event if one.event.id in new else None)
        if earlier is None:
            new[one.event.id] = one
        else:
            require_same(earlier, one.event)
    if not work.ctx.database.is_sqlite:
        # Somebody may have moved it while we waited for the lock. On SQLite nobody writes but this transaction.
        stops = load_stops(work, [event.visit_id for event in given if event.visit_id is not None])
    phases: dict[str, VisitPhase] = {}
    ignored: dict[str, bool] = {}
    for one in new.values():
        if one.is_former:
            store_events(work, one.territory_id, one.day, [_with_technician(one.event, stops)], is_ignored=True)
            ignored[one.event.id] = True
    current = [one for one in new.values() if not one.is_former]
    for (territory_id, day), of_day in sorted(_by_day(current).items()):
        folded = _record_day(work, territory_id, day, of_day, stops)
        phases.update((visit_id, progress.phase) for visit_id, progress in folded.after.items())
        ignored.update(folded.ignored)
    phases.update(known_phases(work, stops.keys() - phases.keys()))
    return tuple(_receipt(event, known, phases, ignored, pos, given) for pos, event in enumerate(given))


def _of_reporter(work: Work, event: ProgressEvent) -> ProgressEvent:
    """Say of a technician's own events whose they are; what dispatchers may hear from anybody is nobody's."""
    if work.actor.role is Role.TECHNICIAN:
        return event if event.technician_id is not None else replace(event, technician_id=work.actor.technician_id)
    return replace(event, technician_id=None) if event.kind in _NOBODYS else event


def _placed(work: Work, event: ProgressEvent, stops: Mapping[str, StopFacts]) -> _Placed:
    """Find the day an event belongs to."""
    if event.visit_id is not None:
        stop = stops.get(event.visit_id)
        own = work.actor.technician_id
        if stop is None or (work.actor.role is Role.TECHNICIAN and own not in stop.technicians):
            raise NotFound("visit", event.visit_id)
        if stop.day is not None:
            former = _former_day(work, event, stop)
            day = stop.day if former is None else former
            return _Placed(event=event, territory_id=stop.territory_id, day=day, is_former=former is not None)
        territory_id = stop.territory_id
    elif event.kind in ABOUT_TECHNICIANS:
        assert event.technician_id is not None, "judged before"
        technician = work.session.get(TechnicianRow, event.technician_id)
        if technician is None:
            raise NotFound("technician", event.technician_id)
        territory_id = technician.territory_id
        shift_day = _shift_day(work, event.technician_id, event.occurred_at)
        if shift_day is not None:
            return _Placed(event=event, territory_id=territory_id, day=shift_day)
    else:
        assert event.territory_id is not None, "judged before"
        territory_id = event.territory_id
    territory = find_territory(work.session, territory_id)
    return _Placed(
        event=event, territory_id=territory_id, day=event.occurred_at.astimezone(ZoneInfo(territory.time_zone)).date()
    )


def _former_day(work: Work, event: ProgressEvent, stop: StopFacts) -> date | None:
    """Give the day of an event of before the date that its visit has now, if something was reported of it then."""
    territory = work.session.get_one(TerritoryRow, stop.territory_id)
    happened_on = event.occurred_at.astimezone(ZoneInfo(territory.time_zone)).date()
    if stop.day is None or happened_on >= stop.day:
        return None
    return work.session.scalar(
        select(func.max(ProgressEventRow.date)).where(
            ProgressEventRow.visit_id == stop.visit_id, ProgressEventRow.date <= happened_on
        )
    )


def _shift_day(work: Work, technician_id: str, at: datetime) -> date | None:
    """Give the date of the shift that a technician works at an instant: a night shift has that of its evening."""
    return work.session.scalar(
        select(ShiftRow.date)
        .where(ShiftRow.technician_id == technician_id, ShiftRow.removed_at.is_(None))
        .where(ShiftRow.starts_at <= at, ShiftRow.hard_ends_at >= at)
        .limit(1)
    )


def _lock(work: Work, placed: Iterable[_Placed]) -> None:
    """Lock the plans of all days concerned; those of one territory in one call."""
    days: dict[str, set[date]] = defaultdict(set)
    for one in placed:
        days[one.territory_id].add(one.day)
    for territory_id in sorted(days):
        lock_plans(work.session, territory_id, days[territory_id])


def _by_day(new: Iterable[_Placed]) -> dict[tuple[str, date], list[ProgressEvent]]:
    """Group new events by their day."""
    days: dict[tuple[str, date], list[ProgressEvent]] = defaultdict(list)
    for one in new:
        days[one.territory_id, one.day].append(one.event)
    return days


def _record_day(
    work: Work, territory_id: str, day: date, events: Sequence[ProgressEvent], stops: Mapping[str, StopFacts]
) -> Folded:
    """Record the events of one day, and have everything follow."""
    touched = _Touched()
    named = [_with_technician(event, stops) for event in events]
    store_events(work, territory_id, day, named)
    about = {event.visit_id for event in named if event.visit_id is not None}
    leaving = {event.technician_id for event in named if event.kind in GOING_OUT and event.technician_id is not None}
    if leaving:
        # Whoever goes out comes to nobody any more.
        about.update(visits_of(work, territory_id, day, leaving))
        stops = {**stops, **load_stops(work, about - stops.keys())}
    visit_ids = sorted(about)
    folded = fold_visits(work, territory_id, day, visit_ids, stops)
    reopened = {event.visit_id for event in named if event.kind is EventKind.REOPENED and not folded.ignored[event.id]}
    for visit_id in visit_ids:
        stop = stops[visit_id]
        touched.add(filter(None, [stop.shift_id]))
        before, after = folded.before[visit_id], folded.after[visit_id]
        touched.add(_shifts_of(work, day, {before.technician_id, after.technician_id} - {None, stop.technician_id}))
        if visit_id in reopened and before.is_over and before != after:
            reopen_visit(work, visit_id, day, before.phase)
        if after.phase in FINAL_PHASES and (after.phase is not before.phase or visit_id in reopened):
            end_visit(work, visit_id, after)
    for event in named:
        if event.kind is EventKind.EMERGENCY:
            touched.wants.append(raise_emergency(work, event))
        if event.kind in _AUDITED:
            record(work, f"progress.{event.kind.value}", *_subject(event), event_id=event.id, reason=event.reason)
    states = _follow_technicians(work, territory_id, day, named, touched)
    if any(event.kind is EventKind.TRAFFIC for event in named):
        fold_traffic(work, territory_id, day)
        touched.shift_ids = None
    _announce(work, territory_id, day, [folded.after[visit_id] for visit_id in visit_ids], stops)
    for why in touched.wants:
        want_replan(work, territory_id, day, why)

    def tell_phases() -> None:
        for visit_id in visit_ids:
            tell_phase(work, folded.before[visit_id], folded.after[visit_id])
        leave_in_hand(work, {who: states[who] for who in leaving}, folded.after.values())

    is_step = any(event.kind is not EventKind.POSITION for event in named)
    look_after(work, territory_id, day, touched.shift_ids, then=tell_phases, tells_shifts=is_step)
    if any(event.kind in FREEING for event in named):
        wish_again(work, territory_id, day)
    return folded


def _with_technician(event: ProgressEvent, stops: Mapping[str, StopFacts]) -> ProgressEvent:
    """Say who did what a dispatcher reports on a technician's behalf: whoever has the visit on the route."""
    is_technicians = event.kind in TECHNICIANS_KINDS - _NOBODYS
    if event.technician_id is None and event.visit_id is not None and is_technicians:
        return replace(event, technician_id=stops[event.visit_id].technician_id)
    return event


def _subject(event: ProgressEvent) -> tuple[str, str]:
    """Name what an event is about, for the audit."""
    if event.visit_id is not None:
        return "visit", event.visit_id
    if event.technician_id is not None:
        return "technician", event.technician_id
    return "territory", str(event.territory_id)


def _follow_technicians(
    work: Work, territory_id: str, day: date, events: Sequence[ProgressEvent], touched: _Touched
) -> Mapping[str, TechnicianState]:
    """Note where technicians are and who is out, say so on the board, and want a replan where somebody is."""
    ids = sorted({event.technician_id for event in events if event.kind in ABOUT_TECHNICIANS and event.technician_id})
    if not ids:
        return {}
    states = fold_technicians(work, territory_id, day, [event for event in events if event.kind in ABOUT_TECHNICIANS])
    touched.add(_shifts_of(work, day, set(ids)))
    shown = [technician_as_json(states[technician_id]) for technician_id in ids]
    announce(work, topic_of_board(territory_id, day), "technician", {"technicians": shown})
    _tell_who_is_waited_for(work, day, {e.technician_id for e in events if e.kind is EventKind.POSITION})
    for technician_id in ids:
        state = states[technician_id]
        is_moved = any(
            event.technician_id == technician_id and event.kind in (GOING_OUT | {EventKind.TECHNICIAN_BACK})
            for event in events
        )
        if is_moved:
            name = work.session.get_one(TechnicianRow, technician_id).name
            is_out = state.out_since is not None
            touched.wants.append(f"{name} is out: {state.out_reason}" if is_out else f"{name} is back")
    return states


def _tell_who_is_waited_for(work: Work, day: date, technician_ids: Collection[str | None]) -> None:
    """Have the pages of those customers show anew where their technician is who are driven to."""
    if not technician_ids:
        return
    progress = VisitProgressRow
    driven_to = select(progress.visit_id).where(
        progress.technician_id.in_(technician_ids), progress.date == day, progress.phase == VisitPhase.TRAVELING.value
    )
    for visit_id in work.session.scalars(driven_to):
        announce(work, topic_of_visit(visit_id), "progress", {"phase": VisitPhase.TRAVELING.value})


def _shifts_of(work: Work, day: date, technician_ids: Iterable[str | None]) -> list[str]:
    """Name the shifts of some technicians on a date."""
    wanted = [technician_id for technician_id in technician_ids if technician_id is not None]
    if not wanted:
        return []
    query = select(ShiftRow.id).where(ShiftRow.technician_id.in_(wanted), ShiftRow.date == day)
    return list(work.session.scalars(query.where(ShiftRow.removed_at.is_(None))))


def _announce(
    work: Work, territory_id: str, day: date, changed: Sequence[VisitProgress], stops: Mapping[str, StopFacts]
) -> None:
    """Say on the streams of the board and of the technicians where visits stand."""
    if not changed:
        return
    of_technician: dict[str, list[dict[str, object]]] = defaultdict(list)
    for after in changed:
        for technician_id in {after.technician_id, stops[after.visit_id].technician_id}:
            if technician_id is not None:
                of_technician[technician_id].append(progress_as_json(after))
    shown = [progress_as_json(after) for after in changed]
    announce(work, topic_of_board(territory_id, day), "progress", {"visits": shown})
    for technician_id, visits in sorted(of_technician.items()):
        announce(work, topic_of_technician(technician_id, day), "progress", {"visits": visits})


def _receipt(
    event: ProgressEvent,
    known: Mapping[str, ProgressEvent],
    phases: Mapping[str, VisitPhase],
    ignored: Mapping[str, bool],
    pos: int,
    given: Sequence[ProgressEvent],
) -> EventReceipt:
    """Say what became of one event."""
    is_again = any(earlier.id == event.id for earlier in given[:pos])
    return EventReceipt(
        id=event.id,
        is_repeated=event.id in known or is_again,
        is_ignored=ignored.get(event.id, False),
        visit_id=event.visit_id,
        phase=None if event.visit_id is None else phases.get(event.visit_id),
    )
