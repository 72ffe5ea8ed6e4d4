"""What was reported of a day under way, as it stands in the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, or_, select

from fieldops.domain.day_plan import DayPlan
from fieldops.domain.factors import Factors
from fieldops.domain.live import Told
from fieldops.domain.problem import Place, TimeWindow, Visit
from fieldops.domain.progress import EventKind, VisitPhase, VisitProgress
from fieldops.domain.shift_facts import TechnicianState
from fieldops.store.day_visits import OFF, load_visits
from fieldops.store.tables import (
    BookingRow,
    EtaRow,
    HoldRow,
    ProgressEventRow,
    StopRow,
    TechnicianStateRow,
    VisitProgressRow,
    VisitRow,
)
from fieldops.usecases.board import ShiftOnBoard
from fieldops.usecases.learn_factors import load_factors
from fieldops.usecases.work import Work

#: What the place of a position is called, before the id of the technician who was there.
POSITION: Final = "position:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """
    What was reported of some shifts.

    Attributes
    ----------
    progress
        By visit id.
    states
        By technician id.
    elsewhere, places
        By id: visits that these technicians have been at and that are not on their routes, and where these are.
    factors
        What days before have taught.
    """

    now: datetime
    progress: Mapping[str, VisitProgress]
    states: Mapping[str, TechnicianState]
    elsewhere: Mapping[str, Visit]
    places: Mapping[str, Place]
    factors: Factors


def load_reported(
    work: Work, territory_id: str, day: date, shifts: Sequence[ShiftOnBoard], *, everything: bool
) -> Reported:
    """
    Read what was reported.

    Parameters
    ----------
    everything
        Whether it is all of the day that is wanted, or only what is about these shifts.
    """
    people = {shift.technician.id for shift in shifts}
    on_routes = {visit.id for shift in shifts for visit in shift.problem.visits}
    query = select(*VisitProgressRow.__table__.columns).where(
        VisitProgressRow.territory_id == territory_id, VisitProgressRow.date == day
    )
    states = select(*TechnicianStateRow.__table__.columns).where(TechnicianStateRow.date == day)
    if everything:
        states = states.where(TechnicianStateRow.territory_id == territory_id)
    else:
        query = query.where(
            or_(VisitProgressRow.visit_id.in_(list(on_routes)), VisitProgressRow.technician_id.in_(list(people)))
        )
        states = states.where(TechnicianStateRow.technician_id.in_(list(people)))
    progress = {row["visit_id"]: progress_of_row(row) for row in work.session.execute(query).mappings()}
    away = [
        known.visit_id
        for known in progress.values()
        if known.technician_id in people and known.visit_id not in on_routes
    ]
    elsewhere, places = load_visits(work.session, away) if away else ({}, {})
    return Reported(
        now=work.now,
        progress=progress,
        states={row["technician_id"]: state_of_row(row) for row in work.session.execute(states).mappings()},
        elsewhere=elsewhere,
        places=places,
        factors=load_factors(work.session, territory_id),
    )


def progress_of_row(row: Mapping[Any, Any]) -> VisitProgress:
    """Make the progress of a visit of the columns of its row."""
    return VisitProgress(
        visit_id=row["visit_id"],
        phase=VisitPhase(row["phase"]),
        technician_id=row["technician_id"],
        travel_started_at=row["travel_started_at"],
        arrived_at=row["arrived_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        extension=timedelta(seconds=row["extension_s"]),
        extended_at=row["extended_at"],
        expected_at=row["expected_at"],
        reason=row["reason"],
    )


def state_of_row(row: Mapping[Any, Any]) -> TechnicianState:
    """Make what is known of a technician of the columns of the row."""
    place = None
    if row["latitude"] is not None and row["longitude"] is not None:
        place = Place(
            id=f"{POSITION}{row['technician_id']}", latitude=row["latitude"], longitude=row["longitude"], address=""
        )
    return TechnicianState(
        technician_id=row["technician_id"],
        place=place,
        seen_at=row["seen_at"],
        out_since=row["out_since"],
        out_reason=row["out_reason"],
    )


def visits_without_place(work: Work, territory_id: str, day: date) -> list[str]:
    """Name the visits that belong on this date and have lost their place: promised for it, or emergencies."""
    has_stop = select(StopRow.visit_id).where(StopRow.visit_id == VisitRow.id, StopRow.is_current).exists()
    emergency = (
        select(ProgressEventRow.id)
        .where(ProgressEventRow.visit_id == VisitRow.id, ProgressEventRow.kind == EventKind.EMERGENCY.value)
        .where(ProgressEventRow.date == day)
        .exists()
    )
    query = (
        select(VisitRow.id)
        .outerjoin(BookingRow, and_(BookingRow.visit_id == VisitRow.id, BookingRow.state == "confirmed"))
        .outerjoin(HoldRow, and_(HoldRow.visit_id == VisitRow.id, HoldRow.state == "active"))
        .where(VisitRow.territory_id == territory_id, VisitRow.state.in_(("open", "held", "booked")), ~has_stop)
        .where(VisitRow.pin[OFF].as_string().is_distinct_from(day.isoformat()))
        .where(
            or_(
                and_(VisitRow.state == "booked", BookingRow.date == day),
                and_(VisitRow.state == "held", HoldRow.date == day),
                and_(VisitRow.state == "open", emergency),
            )
        )
        .order_by(VisitRow.id)
    )
    return list(work.session.scalars(query))


def load_told(work: Work, day: DayPlan) -> dict[str, Told]:
    """Say what people know: the last time told, or when the plan has them, for those who were promised anything."""
    territory = day.territory
    tolerance = territory.live.start_tolerance
    technician_of = {
        visit_id: technician.id
        for technician in day.problem.technicians
        for shift in technician.shifts
        for visit_id in day.orders[shift.id]
    }
    heard = {
        row.visit_id: row
        for row in work.session.execute(
            select(EtaRow.visit_id, EtaRow.technician_id, EtaRow.told_earliest_at, EtaRow.told_latest_at).where(
                EtaRow.territory_id == territory.id, EtaRow.date == day.date, EtaRow.told_at.is_not(None)
            )
        )
    }
    told: dict[str, Told] = {}
    for visit in day.problem.visits:
        row, start = heard.get(visit.id), day.starts.get(visit.id)
        if row is not None and row.told_earliest_at is not None and row.told_latest_at is not None:
            window = TimeWindow(row.told_earliest_at, row.told_latest_at)
            told[visit.id] = Told(
                technician_id=technician_of.get(visit.id, row.technician_id), window=window, to_customer=True
            )
        elif visit.promised_window is not None and start is not None:
            told[visit.id] = Told(
                technician_id=technician_of.get(visit.id), window=TimeWindow(start - tolerance, start + tolerance)
            )
    return told
