"""A small world for tests of booking, and the guard that says whether its plans are sound."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.domain.problem import TimeWindow
from fieldops.solver import Evaluator, check
from fieldops.solver.schedule import assemble
from fieldops.store.database import Database
from fieldops.store.day_plans import load_day, lock_plan
from fieldops.store.day_visits import load_visits
from fieldops.store.plan_routes import current_routes, write_routes
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
from fieldops.store.territories import territory_of
from fieldops.usecases.actor import SYSTEM, Actor
from fieldops.usecases.booking_views import BookingView, HoldView, OfferView, QuoteView, RefusedReason
from fieldops.usecases.confirm_booking import confirm_booking
from fieldops.usecases.context import Context
from fieldops.usecases.hold_window import hold_window
from fieldops.usecases.quote_windows import quote_windows
from fieldops.usecases.schedule_route import schedule_route
from fieldops.usecases.translate import to_instance
from fieldops.usecases.work import Work, transact
from worlds import (
    STAFF,
    TOMORROW,
    FakeClock,
    add_shift,
    add_site,
    add_technician,
    add_territory,
    add_visit,
    local,
    make_context,
)

MORNING: Final = TimeWindow(local("10:00", TOMORROW), local("12:00", TOMORROW))
NOON: Final = TimeWindow(local("12:00", TOMORROW), local("14:00", TOMORROW))


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

    def plan(self, day: date = TOMORROW) -> PlanRow:
        """Read the row of a plan."""
        with self.ctx.database.reading() as session:
            return session.scalars(
                select(PlanRow).where(PlanRow.territory_id == self.territory.id, PlanRow.date == day)
            ).one()

    def plan_open(self, *visits: VisitRow, shift: ShiftRow) -> None:
        """Put open visits on the route of a shift, as a published plan does."""
        with self.ctx.database.writing() as session:
            work = Work(ctx=self.ctx, session=session, actor=SYSTEM, now=self.clock.now())
            [board] = self.ctx.boards.of(work, territory_of(self.territory), [shift.date])
            alone = next(known for known in board.shifts if known.shift.id == shift.id)
            found, places = load_visits(session, [visit.id for visit in visits])
            problem = replace(
                alone.problem,
                visits=tuple(found[visit.id] for visit in visits),
                places=(*alone.problem.places, *places.values()),
            )
            route = schedule_route(problem, self.ctx.travel(problem.travel).matrix(problem.places))
            plan = lock_plan(session, self.territory.id, shift.date)
            write_routes(session, plan, {shift.id: route}, reason="publish", actor=SYSTEM.id, now=work.now)

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


def another_process(world: World) -> World:
    """Give the same world as another process sees it: the same database and clock, other boards."""
    return replace(world, ctx=make_context(world.ctx.database, clock=world.clock))


def refusal_at(quote: QuoteView, start: datetime) -> RefusedReason:
    """Return why the window that begins at an instant was refused."""
    return next(refused.reason for refused in quote.refused if refused.window_start == start)


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

            assert_routes_sound(ctx, session, plan)
        on_routes = sorted(session.scalars(select(StopRow.visit_id).where(StopRow.is_current)))
        held = session.scalars(select(HoldRow.visit_id).where(HoldRow.state == "active")).all()
        booked = session.scalars(select(BookingRow.visit_id).where(BookingRow.state == "confirmed")).all()
        states = session.scalars(select(VisitRow.id).where(VisitRow.state.in_(("held", "booked")))).all()

        assert on_routes == sorted([*held, *booked])
        assert on_routes == sorted(states)


def assert_routes_sound(ctx: Context, session: Session, plan: PlanRow) -> None:
    """Schedule every running route anew with what is promised as hard windows, and have it refereed."""
    day_plan = load_day(session, plan.territory_id, plan.date)
    routes = current_routes(session, plan.id)
    problem = day_plan.problem
    if not problem.visits:
        return
    translation = to_instance(problem, ctx.travel(problem.travel).matrix(problem.places))
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
