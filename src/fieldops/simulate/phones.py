"""What is on the phones of all technicians of a day, read from the database."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from fieldops.domain.problem import Place
from fieldops.simulate.driver import BreakAhead, DayAhead, StopAhead
from fieldops.store.plan_routes import current_routes
from fieldops.store.tables import (
    BookingRow,
    PlanRow,
    ShiftRow,
    SiteRow,
    TechnicianRow,
    VisitRow,
    WorkOrderRow,
)
from fieldops.usecases.work import Work


def read_phones(work: Work, territory_id: str, day: date) -> tuple[DayAhead, ...]:
    """Read every technician's day."""
    session = work.session
    plan_id = session.scalar(select(PlanRow.id).where(PlanRow.territory_id == territory_id, PlanRow.date == day))
    routes = {} if plan_id is None else current_routes(session, plan_id)
    shifts = {
        row["id"]: row
        for row in session.execute(
            select(*ShiftRow.__table__.columns, TechnicianRow.name.label("technician"), TechnicianRow.duration_permille)
            .join(TechnicianRow, TechnicianRow.id == ShiftRow.technician_id)
            .where(ShiftRow.territory_id == territory_id, ShiftRow.date == day, ShiftRow.removed_at.is_(None))
            .order_by(TechnicianRow.name, ShiftRow.id)
        ).mappings()
    }
    visits = {
        row["id"]: row
        for row in session.execute(
            select(
                VisitRow.id,
                VisitRow.name,
                VisitRow.duration_s,
                VisitRow.windows,
                VisitRow.site_id,
                WorkOrderRow.reference,
                BookingRow.window_start,
            )
            .join(WorkOrderRow, WorkOrderRow.id == VisitRow.work_order_id)
            .outerjoin(BookingRow, (BookingRow.visit_id == VisitRow.id) & (BookingRow.state == "confirmed"))
            .where(VisitRow.id.in_([stop.visit_id for route in routes.values() for stop in route.stops]))
        ).mappings()
    }
    sites = {row["site_id"] for row in visits.values()}
    for shift in shifts.values():
        sites.update(site for site in (shift["start_place_id"], shift["end_place_id"]) if site is not None)
    places = {
        row.id: Place(id=row.id, latitude=row.latitude, longitude=row.longitude, address=row.address)
        for row in session.execute(
            select(SiteRow.id, SiteRow.latitude, SiteRow.longitude, SiteRow.address).where(
                SiteRow.id.in_(sorted(sites))
            )
        )
    }
    days = []
    for shift_id, shift in shifts.items():
        route = routes.get(shift_id)
        stops = () if route is None else route.stops
        days.append(
            DayAhead(
                technician_id=shift["technician_id"],
                key=shift["technician"],
                start_place=places[shift["start_place_id"]],
                end_place=None if shift["end_place_id"] is None else places[shift["end_place_id"]],
                leaves_at=shift["starts_at"] if route is None else route.departure,
                ends_at=shift["hard_ends_at"],
                stops=tuple(
                    _stop(visits[stop.visit_id], places, shift["duration_permille"])
                    for stop in stops
                    if stop.visit_id in visits
                ),
                breaks=tuple(
                    BreakAhead(
                        not_before=min(taken.start, datetime.fromisoformat(pause["earliest_start"])),
                        duration=taken.end - taken.start,
                        after_visits=taken.after_visits,
                    )
                    for taken, pause in zip(() if route is None else route.breaks, shift["breaks"], strict=False)
                    if taken.on_the_clock
                ),
            )
        )
    return tuple(days)


def _stop(row: Mapping[Any, Any], places: Mapping[str, Place], permille: int) -> StopAhead:
    """Show a stop as a phone does."""
    windows = [datetime.fromisoformat(pair[0]) for pair in row["windows"]]
    return StopAhead(
        visit_id=row["id"],
        key=row["reference"] or row["id"],
        name=row["name"],
        place=places[row["site_id"]],
        not_before=row["window_start"] or min(windows, default=None),
        planned=timedelta(seconds=(row["duration_s"] * permille + 500) // 1_000),
    )
