"""Events in the database, and what they come to: the progress of visits, where technicians are, and the traffic."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from fieldops.domain.factors import NOMINAL_PERMILLE
from fieldops.domain.progress import (
    FINAL_PHASES,
    GOING_OUT,
    EventKind,
    ProgressEvent,
    VisitPhase,
    VisitProgress,
    progress_of,
)
from fieldops.domain.shift_facts import TechnicianState
from fieldops.store.base import table_of
from fieldops.store.tables import (
    BookingRow,
    LiveDayRow,
    PlanRow,
    ProgressEventRow,
    RouteRow,
    StopRow,
    TechnicianStateRow,
    VisitProgressRow,
    VisitRow,
)
from fieldops.store.tables.live import TURNS
from fieldops.usecases.live_reports import progress_of_row, state_of_row
from fieldops.usecases.progress_events import data_of, event_of_row
from fieldops.usecases.work import Work

_EVENTS: Final = table_of(ProgressEventRow)
_PROGRESS: Final = table_of(VisitProgressRow)
_STATES: Final = table_of(TechnicianStateRow)
_OUT_OR_BACK: Final = GOING_OUT | {EventKind.TECHNICIAN_BACK}
#: What says that somebody is about to come to a visit.
_COMING: Final = frozenset({EventKind.TRAVEL_STARTED, EventKind.DELAYED})
#: Why somebody is out, where no reason is given.
_WHY: Final = {EventKind.TECHNICIAN_OUT: "out", EventKind.VEHICLE_DOWN: "vehicle down"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StopFacts:
    """
    Where a visit is on the running plan, and who may report of it.

    Attributes
    ----------
    day
        Of the plan; of what was reported before, or of the booking, when it is on no route. None = nobody knows.
    shift_id, technician_id
        None = on no route.
    technicians
        All those on whose routes it is or was, and who have reported of it.
    """

    visit_id: str
    territory_id: str
    day: date | None = None
    shift_id: str | None = None
    technician_id: str | None = None
    technicians: frozenset[str] = frozenset()
    arrival: datetime | None = None
    start: datetime | None = None
    travel_s: int | None = None
    duration_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """What the events of some visits come to, by visit id; and of every event whether it means nothing."""

    before: Mapping[str, VisitProgress]
    after: Mapping[str, VisitProgress]
    ignored: Mapping[str, bool] = field(default_factory=dict)


def load_stops(work: Work, visit_ids: Iterable[str]) -> dict[str, StopFacts]:
    """Find visits on running plans; those that do not exist are left out."""
    wanted = sorted(set(visit_ids))
    if not wanted:
        return {}
    found: dict[str, dict[str, Any]] = {}
    technicians: dict[str, set[str]] = defaultdict(set)
    query = (
        select(
            *(VisitRow.id, VisitRow.territory_id, RouteRow.shift_id, RouteRow.technician_id, PlanRow.date),
            *(StopRow.is_current, StopRow.arrival_at, StopRow.start_at, StopRow.finish_at, StopRow.travel_s),
            VisitProgressRow.date.label("reported_on"),
            VisitProgressRow.technician_id.label("reporter"),
            BookingRow.date.label("booked_on"),
        )
        .outerjoin(StopRow, StopRow.visit_id == VisitRow.id)
        .outerjoin(RouteRow, RouteRow.id == StopRow.route_id)
        .outerjoin(PlanRow, PlanRow.id == RouteRow.plan_id)
        .outerjoin(VisitProgressRow, VisitProgressRow.visit_id == VisitRow.id)
        .outerjoin(BookingRow, (BookingRow.visit_id == VisitRow.id) & (BookingRow.state == "confirmed"))
        .where(VisitRow.id.in_(wanted))
    )
    for row in work.session.execute(query).mappings():
        known = found.setdefault(row["id"], {"territory_id": row["territory_id"]})
        known.setdefault("day", row["reported_on"] or row["booked_on"])
        technicians[row["id"]].update(name for name in (row["technician_id"], row["reporter"]) if name is not None)
        if row["is_current"]:
            known.update(
                day=row["date"],
                shift_id=row["shift_id"],
                technician_id=row["technician_id"],
                arrival=row["arrival_at"],
                start=row["start_at"],
                travel_s=row["travel_s"],
                duration_s=(row["finish_at"] - row["start_at"]) // timedelta(seconds=1),
            )
    return {
        visit_id: StopFacts(visit_id=visit_id, technicians=frozenset(technicians[visit_id]), **known)
        for visit_id, known in found.items()
    }


def store_events(
    work: Work, territory_id: str, day: date, events: Sequence[ProgressEvent], *, is_ignored: bool = False
) -> None:
    """Add events to the record."""
    rows = [
        {
            "id": event.id,
            "territory_id": territory_id,
            "date": day,
            "kind": event.kind.value,
            "technician_id": event.technician_id,
            "visit_id": event.visit_id,
            "occurred_at": event.occurred_at,
            "received_at": work.now,
            "reporter": work.actor.id,
            "data": data_of(event),
            "is_ignored": is_ignored,
        }
        for event in events
    ]
    work.session.execute(insert(_EVENTS), rows)


def fold_visits(
    work: Work, territory_id: str, day: date, visit_ids: Sequence[str], stops: Mapping[str, StopFacts]
) -> Folded:
    """Read the events of some visits anew, and write down where these stand."""
    if not visit_ids:
        return Folded(before={}, after={})
    session = work.session
    events: dict[str, list[ProgressEvent]] = defaultdict(list)
    was_ignored: dict[str, bool] = {}
    # A visit that failed may come again on another date, and begins anew there.
    on_this_day = (_EVENTS.c.visit_id.in_(visit_ids), _EVENTS.c.date == day)
    rows = session.execute(select(_PROGRESS).where(_PROGRESS.c.visit_id.in_(visit_ids), _PROGRESS.c.date == day))
    known = {row["visit_id"]: row for row in rows.mappings()}
    anew_at = {visit_id: row["anew_at"] for visit_id, row in known.items() if row["anew_at"] is not None}
    of_first_try: set[str] = set()
    for row in session.execute(select(_EVENTS).where(*on_this_day)):
        if row.visit_id in anew_at and row.occurred_at <= anew_at[row.visit_id]:
            of_first_try.add(row.id)
            continue
        events[row.visit_id].append(event_of_row(row))
        was_ignored[row.id] = row.is_ignored
    before = {
        visit_id: progress_of_row(known[visit_id]) if visit_id in known else VisitProgress(visit_id=visit_id)
        for visit_id in visit_ids
    }
    outs = _going_out(work, territory_id, day, {name for told in events.values() for name in _coming(told)})
    after = {visit_id: progress_of(visit_id, [*events[visit_id], *outs]) for visit_id in visit_ids}
    meaningless = {event_id for progress in after.values() for event_id in progress.ignored}
    _upsert(work, _PROGRESS, [_row(after[name], territory_id, day, stops[name], known.get(name)) for name in visit_ids])
    for is_now in (True, False):
        turned = [name for name, was in was_ignored.items() if was is not is_now and (name in meaningless) is is_now]
        if turned:
            session.execute(update(_EVENTS).where(_EVENTS.c.id.in_(turned)).values(is_ignored=is_now))
    ignored = {name: name in meaningless for name in was_ignored} | dict.fromkeys(of_first_try, True)
    return Folded(before=before, after=after, ignored=ignored)


def visits_of(work: Work, territory_id: str, day: date, technician_ids: Iterable[str]) -> list[str]:
    """Name the visits of a date that some technicians have begun, or said to come to, and that are not over."""
    query = (
        select(_PROGRESS.c.visit_id)
        .where(_PROGRESS.c.territory_id == territory_id, _PROGRESS.c.date == day)
        .where(_PROGRESS.c.technician_id.in_(list(technician_ids)))
        .where(_PROGRESS.c.phase.not_in([phase.value for phase in FINAL_PHASES]))
        .order_by(_PROGRESS.c.visit_id)
    )
    return list(work.session.scalars(query))


def _coming(events: Iterable[ProgressEvent]) -> set[str]:
    """Name who said to be about to come."""
    return {event.technician_id for event in events if event.kind in _COMING and event.technician_id is not None}


def _going_out(work: Work, territory_id: str, day: date, technician_ids: Iterable[str]) -> list[ProgressEvent]:
    """Read when some technicians went out on a date."""
    ids = sorted(technician_ids)
    if not ids:
        return []
    return [event for event in _turns(work, territory_id, day, ids) if event.kind in GOING_OUT]


def _turns(work: Work, territory_id: str, day: date, technician_ids: Sequence[str]) -> list[ProgressEvent]:
    """Read which technicians went out and came back on a date, in the order in which it happened."""
    query = (
        select(_EVENTS)
        .where(_EVENTS.c.technician_id.in_(technician_ids), _EVENTS.c.date == day, TURNS)
        .where(_EVENTS.c.territory_id == territory_id)
        .order_by(_EVENTS.c.occurred_at, _EVENTS.c.id)
    )
    return [event_of_row(row) for row in work.session.execute(query)]


def known_phases(work: Work, visit_ids: Iterable[str]) -> dict[str, VisitPhase]:
    """Look up where some visits stand; those of which nothing was reported are left out."""
    wanted = sorted(visit_ids)
    if not wanted:
        return {}
    found = work.session.execute(
        select(_PROGRESS.c.visit_id, _PROGRESS.c.phase).where(_PROGRESS.c.visit_id.in_(wanted))
    )
    return {row.visit_id: VisitPhase(row.phase) for row in found}


def fold_technicians(
    work: Work, territory_id: str, day: date, events: Sequence[ProgressEvent]
) -> dict[str, TechnicianState]:
    """
    Write down where some technicians are and who is out.

    Parameters
    ----------
    events
        New ones about technicians, stored already. The newest position counts, whenever it arrives; who is out is read
        from all that was reported.
    """
    ids = sorted({event.technician_id for event in events if event.technician_id is not None})
    known = work.session.execute(select(_STATES).where(_STATES.c.technician_id.in_(ids), _STATES.c.date == day))
    nothing = {**dict.fromkeys(("latitude", "longitude", "seen_at", "out_since")), "out_reason": ""}
    about = {"date": day, "territory_id": territory_id}
    rows: dict[str, dict[str, Any]] = {name: {"technician_id": name, **about, **nothing} for name in ids}
    rows.update((row["technician_id"], dict(row)) for row in known.mappings())
    for event in sorted(events, key=lambda event: (event.occurred_at, event.id)):
        row = rows[str(event.technician_id)]
        is_newer = row["seen_at"] is None or event.occurred_at > row["seen_at"]
        if event.kind is EventKind.POSITION and is_newer:
            row.update(latitude=event.latitude, longitude=event.longitude, seen_at=event.occurred_at)
    turned = sorted({str(event.technician_id) for event in events if event.kind in _OUT_OR_BACK})
    if turned:
        _fold_turns(work, day, turned, rows)
    _upsert(work, _STATES, list(rows.values()))
    return {technician_id: state_of_row(row) for technician_id, row in rows.items()}


def _fold_turns(work: Work, day: date, ids: Sequence[str], rows: Mapping[str, dict[str, Any]]) -> None:
    """Read who went out and who came back, in the order in which it happened."""
    for event in _turns(work, rows[ids[0]]["territory_id"], day, ids):
        is_out = event.kind in GOING_OUT
        rows[str(event.technician_id)].update(
            out_since=event.occurred_at if is_out else None,
            out_reason=(event.reason or _WHY[event.kind]) if is_out else "",
        )


def fold_traffic(work: Work, territory_id: str, day: date) -> int:
    """Read what was reported of the traffic anew, write down how it is, and return it, permille."""
    query = (
        select(_EVENTS)
        .where(_EVENTS.c.territory_id == territory_id, _EVENTS.c.date == day)
        .where(_EVENTS.c.kind == EventKind.TRAFFIC.value)
        .order_by(_EVENTS.c.occurred_at.desc(), _EVENTS.c.id.desc())
        .limit(1)
    )
    event = event_of_row(work.session.execute(query).one())
    row = work.session.get(LiveDayRow, (territory_id, day))
    if row is None:
        row = LiveDayRow(territory_id=territory_id, date=day, wanted_why=[])
        row.wanted_at = row.wanted_since = None
        work.session.add(row)
    said = event.permille or NOMINAL_PERMILLE
    row.travel_permille = said
    row.reported_permille = None if said == NOMINAL_PERMILLE else said
    work.session.flush()
    return said


def _row(
    progress: VisitProgress, territory_id: str, day: date, stop: StopFacts, known: Mapping[Any, Any] | None
) -> dict[str, Any]:
    """Give the columns of a visit's progress; what was planned stays what it was at the first event."""
    planned = {
        "planned_arrival_at": stop.arrival,
        "planned_start_at": stop.start,
        "planned_travel_s": stop.travel_s,
        "planned_duration_s": stop.duration_s,
    }
    if known is not None and known["planned_start_at"] is not None:
        planned = {name: known[name] for name in planned}
    return {
        "visit_id": progress.visit_id,
        "territory_id": territory_id,
        "date": day,
        "technician_id": progress.technician_id,
        "phase": progress.phase.value,
        "travel_started_at": progress.travel_started_at,
        "arrived_at": progress.arrived_at,
        "started_at": progress.started_at,
        "finished_at": progress.finished_at,
        "extension_s": progress.extension // timedelta(seconds=1),
        "extended_at": progress.extended_at,
        "expected_at": progress.expected_at,
        "reason": progress.reason,
        "anew_at": None if known is None else known["anew_at"],
        **planned,
    }


def _upsert(work: Work, table: Any, rows: list[dict[str, Any]]) -> None:
    """Write rows, whether they are there already or not."""
    insert_into = postgresql.insert if work.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert_into(table)
    keys = [column.name for column in table.primary_key.columns]
    taken = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    work.session.execute(statement.on_conflict_do_update(index_elements=keys, set_=taken), rows)
