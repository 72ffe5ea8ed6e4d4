"""The product in the simulator's own process: the use cases themselves, on a clock that jumps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.domain.problem import Place
from fieldops.domain.progress import ProgressEvent
from fieldops.simulate.driver import BreakAhead, DayAhead, StopAhead
from fieldops.store.database import Database
from fieldops.store.plan_routes import current_routes
from fieldops.store.tables import (
    BookingRow,
    LiveDayRow,
    PlanRow,
    ShiftRow,
    SiteRow,
    TechnicianRow,
    VisitRow,
    WorkOrderRow,
)
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.context import Context
from fieldops.usecases.create_work_order import NewWorkOrder, create_work_order
from fieldops.usecases.locate_address import Lookup
from fieldops.usecases.record_progress import record_events
from fieldops.usecases.run_replan import run_replan
from fieldops.usecases.sweep_days import sweep_days
from fieldops.usecases.visit_request import VisitRequest
from fieldops.usecases.want_replan import start_wanted_replans
from fieldops.usecases.work import Work, transact, view

#: How often the product looks after a day while nobody reports anything.
SWEEP: Final = timedelta(minutes=2)


@dataclass(slots=True)
class JumpingClock:
    """A clock that stands still until it is told to go on."""

    at: datetime

    def now(self) -> datetime:
        """Give the present instant."""
        return self.at


@dataclass(slots=True)
class OwnQueue:
    """Jobs that were left and wait to be done in this process."""

    left: list[tuple[str, str]] = field(default_factory=list)

    def enqueue(
        self,
        session: Session,  # noqa: ARG002
        job: str,
        argument: str,
        *,
        job_id: str,  # noqa: ARG002
        partition: str | None = None,  # noqa: ARG002
    ) -> None:
        """Leave a job."""
        self.left.append((job, argument))

    def has_tables(self, database: Database) -> bool:  # noqa: ARG002
        """Tell that nothing is needed."""
        return True


@dataclass(slots=True, kw_only=True)
class InProcess:
    """
    A driver of the use cases.

    Attributes
    ----------
    ctx
        With `clock` and `queue`.
    replans
        Whether replans that are wanted are done; without them the plan of the morning stays as it is.
    """

    ctx: Context
    clock: JumpingClock
    queue: OwnQueue
    territory_id: str
    day: date
    replans: bool
    _swept_at: datetime | None = None
    _seen: int | None = None
    _days: tuple[DayAhead, ...] = ()

    def advance(self, until: datetime) -> None:
        """Let time pass: sweep every other minute, and replan when the product would."""
        self._swept_at = self._swept_at or self.clock.at
        while True:
            sweep_at = self._swept_at + SWEEP
            replan_at = self._replan_at()
            soonest = min(instant for instant in (until, sweep_at, replan_at) if instant is not None)
            self.clock.at = max(self.clock.at, soonest)
            if soonest == replan_at:
                self._replan()
            elif soonest == sweep_at:
                self._swept_at = sweep_at
                sweep_days(self.ctx)
            else:
                return

    def days(self) -> Sequence[DayAhead]:
        """Show what is on the phones; read again when the plan has moved."""
        version = view(self.ctx, SYSTEM, _version, self.territory_id, self.day)
        if version != self._seen:
            self._days = view(self.ctx, SYSTEM, _days, self.territory_id, self.day)
            self._seen = version
        return self._days

    def report(self, events: Sequence[ProgressEvent]) -> None:
        """Report events."""
        transact(self.ctx, SYSTEM, record_events, events)

    def call_in(self, like_visit_id: str, number: int) -> str:
        """Take down urgent work like that of a visit."""
        return transact(self.ctx, SYSTEM, _call_in, like_visit_id, number)

    def _replan_at(self) -> datetime | None:
        """Tell when the replan that is wanted begins."""
        if not self.replans:
            return None
        wish = view(self.ctx, SYSTEM, _wish, self.territory_id, self.day)
        if wish is None:
            return None
        wanted_at, since, after, within = wish
        return max(self.clock.at, min(wanted_at + after, since + within))

    def _replan(self) -> None:
        """Begin the replan that is wanted, and do it."""
        start_wanted_replans(self.ctx)
        while self.queue.left:
            _, argument = self.queue.left.pop(0)
            run_replan(self.ctx, argument)


def _version(work: Work, territory_id: str, day: date) -> int | None:
    """Read the version of the running plan."""
    query = select(PlanRow.version).where(PlanRow.territory_id == territory_id, PlanRow.date == day)
    return work.session.scalar(query)


def _wish(work: Work, territory_id: str, day: date) -> tuple[datetime, datetime, timedelta, timedelta] | None:
    """Read when a replan was wanted last and first, and how long it rests."""
    row = work.session.get(LiveDayRow, (territory_id, day))
    if row is None or row.wanted_at is None or row.wanted_since is None:
        return None
    from fieldops.store.live_policies import live_policies_of
    from fieldops.store.tables import TerritoryRow

    policies = live_policies_of(work.session.get_one(TerritoryRow, territory_id))
    return row.wanted_at, row.wanted_since, policies.replan_after, policies.replan_within


def _days(work: Work, territory_id: str, day: date) -> tuple[DayAhead, ...]:
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
            .order_by(ShiftRow.id)
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
                    BreakAhead(start=taken.start, duration=taken.end - taken.start, after_visits=taken.after_visits)
                    for taken in (() if route is None else route.breaks)
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


def _call_in(work: Work, like_visit_id: str, number: int) -> str:
    """Take down urgent work at the site of another visit, with its work and skills."""
    like = work.session.get_one(VisitRow, like_visit_id)
    order = work.session.get_one(WorkOrderRow, like.work_order_id)
    made = create_work_order(
        work,
        NewWorkOrder(
            territory_id=like.territory_id,
            summary=f"urgent: {like.name}",
            reference=f"urgent-{number}-{order.reference}",
            customer_id=order.customer_id,
            site_id=like.site_id,
            visits=(
                VisitRequest(
                    duration_s=like.duration_s,
                    name=f"emergency {like.name}",
                    required_skills=dict(like.required_skills),
                    priority=5,
                ),
            ),
        ),
        Lookup(),
    )
    return made.visits[0].id
