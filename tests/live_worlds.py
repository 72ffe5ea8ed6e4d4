"""A small day under way: Kim serves a, b and c, two kilometers apart, and reports what happens."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select

from fieldops.domain.plan import Stop
from fieldops.domain.progress import EventKind, ProgressEvent
from fieldops.store.database import Database
from fieldops.store.plan_routes import current_routes
from fieldops.store.tables import PlanRow, ShiftRow, TechnicianRow, TerritoryRow, VisitRow
from fieldops.usecases.actor import SCOPES_OF, Actor, Role
from fieldops.usecases.context import Context
from fieldops.usecases.progress_events import EventReceipt
from fieldops.usecases.record_progress import record_events
from fieldops.usecases.work import transact
from running_day import book, put_on_route
from worlds import (
    DEGREES_PER_KM,
    LATITUDE,
    LONGITUDE,
    STAFF,
    TODAY,
    FakeClock,
    add_shift,
    add_site,
    add_technician,
    add_territory,
    add_visit,
    local,
    make_context,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveWorld:
    """
    The day.

    Attributes
    ----------
    visits
        By name: a, b and c on the route of the shift, in this order; others as a test wants them.
    """

    ctx: Context
    clock: FakeClock
    territory: TerritoryRow
    technician: TechnicianRow
    shift: ShiftRow
    visits: Mapping[str, VisitRow]
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    @property
    def ids(self) -> dict[str, str]:
        """Ids of the visits by name."""
        return {name: visit.id for name, visit in self.visits.items()}

    @property
    def visit_ids(self) -> list[str]:
        """Ids of the visits of the shift, in order."""
        return [self.visits[name].id for name in "abc"]

    @property
    def kim(self) -> Actor:
        """Kim, as logged in."""
        return technician_actor(self.technician)

    def clock_at(self, clock: str) -> None:
        """Go on to a local ``HH:MM`` of today."""
        self.clock.advance(local(clock) - self.clock.now())

    def event(
        self, kind: str, visit: str | None = None, *, at: str, km_north: float | None = None, **more: Any
    ) -> ProgressEvent:
        """Make an event of a local ``HH:MM`` of today."""
        kind_of = EventKind(kind)
        about: dict[str, Any] = {}
        if visit is not None:
            about["visit_id"] = self.visits[visit].id
        elif kind_of is EventKind.TRAFFIC:
            about["territory_id"] = self.territory.id
        else:
            about["technician_id"] = self.technician.id
        if km_north is not None:
            about |= {"latitude": self.latitude(km_north), "longitude": LONGITUDE}
        return ProgressEvent(
            **{"id": f"ev_{next(self.numbers)}", "kind": kind_of, "occurred_at": local(at), **about, **more}
        )

    def report(
        self, kind: str, visit: str | None = None, *, at: str, started: str | None = None, **more: Any
    ) -> EventReceipt:
        """Report something at a local ``HH:MM``, at once; `started` reports the start before."""
        events = [] if started is None else [self.event("started", visit, at=started)]
        events.append(self.event(kind, visit, at=at, **more))
        if self.clock.now() < events[-1].occurred_at:
            self.clock_at(at)
        return transact(self.ctx, STAFF, record_events, events)[-1]

    def planned_start(self, name: str) -> datetime:
        """Give when a visit is planned to start."""
        return self._stop(name).start

    def leg(self, _here: str, there: str) -> timedelta:
        """Give the planned travel to a visit from the one before."""
        return self._stop(there).travel

    def latitude(self, km_north: float) -> float:
        """Give the latitude so many kilometers north of the depot."""
        return LATITUDE + km_north * DEGREES_PER_KM

    def row(self, table: type[Any], key: Any) -> Any:
        """Read a row by its key; None when there is none."""
        with self.ctx.database.reading() as session:
            return session.get(table, key)

    def _stop(self, name: str) -> Stop:
        """Read the stop of a visit."""
        with self.ctx.database.reading() as session:
            plan_id = session.scalars(select(PlanRow.id).where(PlanRow.date == TODAY)).one()
            routes = current_routes(session, plan_id)
        return next(stop for route in routes.values() for stop in route.stops if stop.visit_id == self.visits[name].id)


def technician_actor(technician: TechnicianRow) -> Actor:
    """Make the actor of a technician who is logged in."""
    return Actor(
        id=f"user:us_{technician.id}",
        role=Role.TECHNICIAN,
        scopes=SCOPES_OF[Role.TECHNICIAN],
        technician_id=technician.id,
    )


def make_live_world(database: Database, *, evening: bool = False, **territory: Any) -> LiveWorld:
    """
    Make the day; a is booked for 8:00 to 10:00, nothing else is promised.

    Parameters
    ----------
    evening
        Whether Kim has a second shift from 19:00 on, with visit e.
    """
    clock = FakeClock()
    ctx = make_context(database, clock=clock)
    with database.writing() as session:
        place = add_territory(session, **territory)
        depot = add_site(session, kind="depot")
        technician = add_technician(session, place)
        shift = add_shift(session, technician, base=depot)
        visits = {
            name: add_visit(session, place, site=add_site(session, km_north=2.0 * number))
            for number, name in enumerate("abc", start=1)
        }
        book(session, visits["a"], "08:00", "10:00")
        put_on_route(ctx, session, shift, [visits[name] for name in "abc"])
        if evening:
            late = add_shift(session, technician, start="19:00", end="22:00", base=depot)
            visits["e"] = add_visit(session, place, site=add_site(session, km_north=3.0))
            put_on_route(ctx, session, late, [visits["e"]])
    return LiveWorld(ctx=ctx, clock=clock, territory=place, technician=technician, shift=shift, visits=visits)
