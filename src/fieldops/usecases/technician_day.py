"""A technician's day, as the technician needs it: where to be when, for whom, and how to get in."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import and_, func, select

from fieldops.domain.progress import VisitPhase
from fieldops.errors import NotFound
from fieldops.store.tables import (
    BookingRow,
    ContactPointRow,
    CustomerNoteRow,
    CustomerRow,
    EtaRow,
    HoldRow,
    PlanRow,
    RouteRow,
    ShiftRow,
    SiteRow,
    StopRow,
    TechnicianRow,
    TerritoryRow,
    VisitProgressRow,
    VisitRow,
    WorkOrderRow,
)
from fieldops.usecases.actor import Scope
from fieldops.usecases.live_reports import progress_of_row
from fieldops.usecases.live_words import progress_as_json
from fieldops.usecases.staffing import today_in
from fieldops.usecases.technician_day_views import DayBreak, DayNote, DayPlace, DayShift, DayStop, TechnicianDay
from fieldops.usecases.technicians import find_technician
from fieldops.usecases.work import Work

#: Notes about a customer that a stop brings along, the newest first.
MAX_NOTES: Final = 5


def read_day(work: Work, technician_id: str, day: date | None = None) -> TechnicianDay:
    """
    Show a technician's day.

    Parameters
    ----------
    day
        Local date of the territory; today when None.

    Raises
    ------
    NotFound
        When there is no such technician, or the caller is another technician.
    Forbidden
        When the caller is not the technician and may not read plans, or not read customers: it names both.
    """
    technician, territory = own_technician(work, technician_id)
    if work.actor.technician_id != technician_id:
        work.actor.require(Scope.PLANS_READ)
        work.actor.require(Scope.CUSTOMERS_READ)
    day = day or today_in(work, territory)
    shifts = work.session.scalars(
        select(ShiftRow)
        .where(ShiftRow.technician_id == technician_id, ShiftRow.date == day, ShiftRow.removed_at.is_(None))
        .order_by(ShiftRow.starts_at)
    ).all()
    plan = select(PlanRow.version).where(PlanRow.territory_id == territory.id, PlanRow.date == day)
    routes = {
        route.shift_id: route
        for route in work.session.scalars(
            select(RouteRow).where(
                RouteRow.shift_id.in_([shift.id for shift in shifts]), RouteRow.until_version.is_(None)
            )
        )
    }
    stops = _stops(work, [route.id for route in routes.values()])
    places = _places(work, shifts)
    return TechnicianDay(
        technician_id=technician_id,
        technician_name=technician.name,
        date=day,
        time_zone=territory.time_zone,
        plan_version=work.session.scalar(plan) or 0,
        shifts=tuple(_day_shift(shift, routes.get(shift.id), stops, places) for shift in shifts),
    )


def own_technician(work: Work, technician_id: str) -> tuple[TechnicianRow, TerritoryRow]:
    """Get the technician, if the caller is that technician, or plans the days of all of them."""
    actor = work.actor
    if not actor.scopes & {Scope.PEOPLE_READ, Scope.PLANS_READ} and actor.technician_id != technician_id:
        raise NotFound("technician", technician_id)
    technician = find_technician(work, technician_id)
    return technician, work.session.get_one(TerritoryRow, technician.territory_id)


def stop_rows(work: Work, route_ids: Sequence[str]) -> Sequence[Mapping[Any, Any]]:
    """Read the stops of some routes in order, with what is known about their visits."""
    query = (
        select(
            *StopRow.__table__.columns,
            *(VisitRow.work_order_id, VisitRow.state, VisitRow.name.label("visit_name")),
            *(RouteRow.shift_id, RouteRow.from_version),
            *(WorkOrderRow.summary, WorkOrderRow.customer_id, CustomerRow.name.label("customer_name")),
            *(SiteRow.address, SiteRow.latitude, SiteRow.longitude, SiteRow.access_notes),
            func.coalesce(BookingRow.window_start, HoldRow.window_start).label("window_start"),
            func.coalesce(BookingRow.window_end, HoldRow.window_end).label("window_end"),
            *(VisitProgressRow.phase, VisitProgressRow.started_at, VisitProgressRow.finished_at),
            EtaRow.arrival_at.label("expected_at"),
            EtaRow.earliest_at,
            EtaRow.latest_at,
        )
        .join(RouteRow, RouteRow.id == StopRow.route_id)
        .join(VisitRow, VisitRow.id == StopRow.visit_id)
        .join(WorkOrderRow, WorkOrderRow.id == VisitRow.work_order_id)
        .join(CustomerRow, CustomerRow.id == WorkOrderRow.customer_id)
        .join(SiteRow, SiteRow.id == VisitRow.site_id)
        .outerjoin(BookingRow, and_(BookingRow.visit_id == VisitRow.id, BookingRow.state == "confirmed"))
        .outerjoin(HoldRow, and_(HoldRow.visit_id == VisitRow.id, HoldRow.state == "active"))
        .outerjoin(VisitProgressRow, VisitProgressRow.visit_id == VisitRow.id)
        .outerjoin(EtaRow, and_(EtaRow.visit_id == VisitRow.id, EtaRow.shift_id == RouteRow.shift_id))
        .where(StopRow.route_id.in_(route_ids))
        .order_by(StopRow.start_at, StopRow.position)
    )
    return work.session.execute(query).mappings().all()


def _stops(work: Work, route_ids: Sequence[str]) -> dict[str, list[DayStop]]:
    """Read the stops of some routes, by route, in order."""
    rows = stop_rows(work, route_ids)
    customers = sorted({row["customer_id"] for row in rows})
    phones, notes = _phones(work, customers), _notes(work, customers)
    progress = _progress(work, [row["visit_id"] for row in rows])
    stops: dict[str, list[DayStop]] = defaultdict(list)
    for row in rows:
        stops[row["route_id"]].append(
            DayStop(
                position=row["position"],
                visit_id=row["visit_id"],
                work_order_id=row["work_order_id"],
                name=row["visit_name"],
                summary=row["summary"],
                state=row["state"],
                place=DayPlace(address=row["address"], latitude=row["latitude"], longitude=row["longitude"]),
                access_notes=row["access_notes"],
                customer_name=row["customer_name"],
                customer_phone=phones.get(row["customer_id"]),
                window_start=row["window_start"],
                window_end=row["window_end"],
                arrival_at=row["arrival_at"],
                eta=_expected_start(row),
                eta_earliest=row["earliest_at"],
                eta_latest=row["latest_at"],
                phase=row["phase"] or VisitPhase.PLANNED.value,
                finish_at=row["finish_at"],
                departure_at=row["departure_at"],
                travel_s=row["travel_s"],
                distance_m=row["distance_m"],
                wait_s=row["wait_s"],
                notes=tuple(notes[row["customer_id"]]),
                progress=progress.get(row["visit_id"]),
            )
        )
    return stops


def _expected_start(row: Mapping[Any, Any]) -> datetime:
    """Give when service began, else when it is expected to, else when it is planned to."""
    started: datetime | None = row["started_at"]
    expected: datetime | None = row["expected_at"]
    planned: datetime = row["start_at"]
    if started is not None or expected is None:
        return started or planned
    return max(expected, row["window_start"] or expected)


def _progress(work: Work, visits: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Return what was reported of visits; those of which nothing was are left out."""
    query = select(*VisitProgressRow.__table__.columns).where(VisitProgressRow.visit_id.in_(visits))
    return {row["visit_id"]: progress_as_json(progress_of_row(row)) for row in work.session.execute(query).mappings()}


def _phones(work: Work, customers: Sequence[str]) -> dict[str, str]:
    """Return a number per customer; STOP is about messages, a technician at the door may still call."""
    query = (
        select(ContactPointRow.customer_id, ContactPointRow.value)
        .where(ContactPointRow.customer_id.in_(customers), ContactPointRow.kind == "phone")
        .order_by(ContactPointRow.stopped_at.is_(None), ContactPointRow.id.desc())
    )
    return {row.customer_id: row.value for row in work.session.execute(query)}


def _notes(work: Work, customers: Sequence[str]) -> dict[str, list[DayNote]]:
    """Return the newest notes of each customer."""
    newest = func.row_number().over(
        partition_by=CustomerNoteRow.customer_id, order_by=(CustomerNoteRow.at.desc(), CustomerNoteRow.id)
    )
    ranked = (
        select(CustomerNoteRow.id, newest.label("rank")).where(CustomerNoteRow.customer_id.in_(customers)).subquery()
    )
    query = (
        select(CustomerNoteRow)
        .join(ranked, ranked.c.id == CustomerNoteRow.id)
        .where(ranked.c.rank <= MAX_NOTES)
        .order_by(CustomerNoteRow.at.desc(), CustomerNoteRow.id)
    )
    notes: dict[str, list[DayNote]] = defaultdict(list)
    for note in work.session.scalars(query):
        notes[note.customer_id].append(DayNote(at=note.at, channel=note.channel, text=note.text))
    return notes


def _places(work: Work, shifts: Iterable[ShiftRow]) -> dict[str | None, DayPlace]:
    """Read where shifts start and end."""
    wanted = {place for shift in shifts for place in (shift.start_place_id, shift.end_place_id) if place is not None}
    rows = work.session.scalars(select(SiteRow).where(SiteRow.id.in_(sorted(wanted))))
    return {row.id: DayPlace(address=row.address, latitude=row.latitude, longitude=row.longitude) for row in rows}


def _day_shift(
    shift: ShiftRow,
    route: RouteRow | None,
    stops: Mapping[str, Sequence[DayStop]],
    places: Mapping[str | None, DayPlace],
) -> DayShift:
    """Put a shift together."""
    return DayShift(
        shift_id=shift.id,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        start_place=places[shift.start_place_id],
        end_place=places.get(shift.end_place_id),
        departure_at=None if route is None else route.departure_at,
        end_at=None if route is None else route.end_at,
        travel_s=0 if route is None else route.travel_s,
        travel_home_s=0 if route is None else route.travel_home_s,
        distance_m=0 if route is None else route.distance_m,
        stops=() if route is None else tuple(stops.get(route.id, ())),
        breaks=() if route is None else tuple(_day_break(taken) for taken in route.breaks),
    )


def _day_break(taken: Mapping[str, Any]) -> DayBreak:
    """Show a break as it is stored."""
    return DayBreak(
        name=taken["name"],
        start=datetime.fromisoformat(taken["start"]),
        end=datetime.fromisoformat(taken["end"]),
        paid=taken["paid"],
        after_visits=taken["after_visits"],
    )
