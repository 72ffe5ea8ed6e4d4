"""A small world for tests of booking, and the guard that says whether its plans are sound."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from worlds import STAFF, TODAY, FakeClock, add_shift, add_site, add_technician, add_territory, add_visit, make_context

from fieldops.domain.problem import TimeWindow
from fieldops.solver import Evaluator, check
from fieldops.solver.schedule import assemble
from fieldops.store.database import Database
from fieldops.store.day_plans import load_day
from fieldops.store.plan_routes import current_routes
from fieldops.store.tables import (
    BookingRow,
    HoldRow,
    PlanRow,
    PlanVersionRow,
    ShiftRow,
    StopRow,
    TechnicianRow,
    TerritoryRow,
    VisitRow,
)
from fieldops.usecases.actor import Actor
from fieldops.usecases.booking_views import BookingView, HoldView, OfferView, QuoteView
from fieldops.usecases.confirm_booking import confirm_booking
from fieldops.usecases.context import Context
from fieldops.usecases.hold_window import hold_window
from fieldops.usecases.quote_windows import quote_windows
from fieldops.usecases.translate import to_instance
from fieldops.usecases.travel_for_problem import travel_matrices
from fieldops.usecases.work import transact

TOMORROW = TODAY + timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """
    A territory with technicians who work tomorrow, and a context over its database.

    Attributes
    ----------
    technicians, shifts
        One shift each, from 8:00 to 17:00 at the depot.
    """

    ctx: Context
    clock: FakeClock
    territory: TerritoryRow
    technicians: tuple[TechnicianRow, ...]
    shifts: tuple[ShiftRow, ...]

    def visit(self, **changes: Any) -> VisitRow:
        """Add an open visit of half an hour, one kilometer north of the depot."""
        with self.ctx.database.writing() as session:
            return add_visit(session, self.territory, **changes)

    def visit_at(self, km_north: float, **changes: Any) -> VisitRow:
        """Add an open visit so many kilometers north."""
        with self.ctx.database.writing() as session:
            return add_visit(session, self.territory, site=add_site(session, km_north=km_north), **changes)

    def quote(self, visit: VisitRow, actor: Actor = STAFF, **wishes: Any) -> QuoteView:
        """Quote a visit."""
        return transact(self.ctx, actor, quote_windows, visit.id, **wishes)

    def offer(self, visit: VisitRow, window: TimeWindow) -> OfferView:
        """Quote a visit and pick a window, which has to be there."""
        offers = self.quote(visit).offers
        return next(o for o in offers if (o.window_start, o.window_end) == (window.earliest, window.latest))

    def hold(self, visit: VisitRow, window: TimeWindow) -> HoldView:
        """Hold a window."""
        return transact(self.ctx, STAFF, hold_window, self.offer(visit, window).id)

    def book(self, visit: VisitRow, window: TimeWindow) -> BookingView:
        """Hold a window and confirm it."""
        return transact(self.ctx, STAFF, confirm_booking, self.hold(visit, window).id)

    def row(self, table: type[Any], name: str) -> Any:
        """Read a row by its id."""
        with self.ctx.database.reading() as session:
            return session.get_one(table, name)


def make_world(
    database: Database,
    *,
    technicians: int = 1,
    days: tuple[date, ...] = (TOMORROW,),
    now: datetime | None = None,
    **territory: Any,
) -> World:
    """Make a world; `technicians` people work on each of the days, from one depot."""
    clock = FakeClock() if now is None else FakeClock(now)
    with database.writing() as session:
        territory_row = add_territory(session, **territory)
        depot = add_site(session, kind="depot")
        people = tuple(add_technician(session, territory_row, name=f"Kim {n}") for n in range(technicians))
        shifts = tuple(add_shift(session, person, day=day, base=depot) for person in people for day in days)
    return World(
        ctx=make_context(database, clock=clock),
        clock=clock,
        territory=territory_row,
        technicians=people,
        shifts=shifts,
    )


def assert_sound(ctx: Context) -> None:
    """
    Referee everything that is stored.

    Every running route keeps every rule and says what is so; the visits on current routes are the held and booked ones
    (and none is on two); versions of a plan have no gap.
    """
    with ctx.database.reading() as session:
        for plan in session.scalars(select(PlanRow)).all():
            versions = session.scalars(
                select(PlanVersionRow.version).where(PlanVersionRow.plan_id == plan.id).order_by(PlanVersionRow.version)
            ).all()

            assert versions == list(range(1, plan.version + 1))

            _assert_routes_sound(ctx, session, plan)
        on_routes = sorted(session.scalars(select(StopRow.visit_id).where(StopRow.is_current)))
        held = session.scalars(select(HoldRow.visit_id).where(HoldRow.state == "active")).all()
        booked = session.scalars(select(BookingRow.visit_id).where(BookingRow.state == "confirmed")).all()
        states = session.scalars(select(VisitRow.id).where(VisitRow.state.in_(("held", "booked")))).all()

        assert on_routes == sorted([*held, *booked])
        assert on_routes == sorted(states)


def _assert_routes_sound(ctx: Context, session: Session, plan: PlanRow) -> None:
    """Schedule every running route anew with what is promised as hard windows, and have it refereed."""
    day_plan = load_day(session, plan.territory_id, plan.date)
    routes = current_routes(session, plan.id)
    problem = day_plan.problem
    if not problem.visits:
        return
    translation = to_instance(problem, travel_matrices(problem, ctx.travel(problem.travel)))
    index = {visit.id: idx for idx, visit in enumerate(problem.visits)}
    evaluator = Evaluator(translation.instance)
    scheduled = []
    for shift_idx, (_, shift) in enumerate(translation.shifts):
        order = [index[visit_id] for visit_id in day_plan.orders[shift.id]]
        stored = routes.get(shift.id)
        if not order:
            assert stored is None
            continue
        route = evaluator.route(shift_idx, order)

        assert route is not None, f"the route of {shift.id} breaks a rule"
        assert stored is not None

        scheduled.append(route)
        # The promise bounds what is stored less tightly than the buffer did, and salaried people leave early anyway.
        assert [stop.start for stop in stored.stops] == [translation.instant_of(stop.start) for stop in route.stops]
    visits = [v for v in assemble(translation.instance, scheduled).unassigned]

    assert visits == []
    assert check(translation.instance, assemble(translation.instance, scheduled)) == []
