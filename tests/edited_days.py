"""A date that dispatchers edit by hand: two technicians, three visits."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from booking_worlds import World, make_world
from fieldops.domain.edits import Duration, Edit
from fieldops.store.database import Database
from fieldops.store.plan_routes import current_routes
from fieldops.store.tables import VisitRow
from fieldops.usecases.edit_plan import edit_plan
from fieldops.usecases.edit_views import PlanEditView
from fieldops.usecases.undo_edit import undo_edit
from fieldops.usecases.work import transact
from running_day import book, put_on_route
from worlds import STAFF, TOMORROW, add_site, add_visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """
    Two technicians on one date; Kim 0 serves A and B, Kim 1 serves C.

    Sites lie 1, 2 and 3 km north of the depot; each visit takes half an hour and is booked for the whole morning.
    """

    world: World
    date: date
    visits: dict[str, str]

    @property
    def shifts(self) -> tuple[str, str]:
        """Shifts of the two."""
        first, second = self.world.shifts
        return first.id, second.id

    @property
    def version(self) -> int:
        """Of the running plan."""
        return self.world.plan(self.date).version

    def orders(self) -> list[str]:
        """Write the running routes as words, such as ``["ab", "c"]``."""
        names = {visit_id: name for name, visit_id in self.visits.items()}
        with self.world.ctx.database.reading() as session:
            routes = current_routes(session, self.world.plan(self.date).id)
        return [
            "".join(names[stop.visit_id] for stop in routes[shift].stops) if shift in routes else ""
            for shift in self.shifts
        ]

    def edit(self, edit: Edit, **options: Any) -> PlanEditView:
        """Edit the plan as it is now."""
        given = {"base_version": self.version, **options}
        return transact(self.world.ctx, STAFF, edit_plan, self.world.territory.id, self.date, edit, **given)

    def undo(self, edit: PlanEditView) -> PlanEditView:
        """Take an edit back."""
        return transact(self.world.ctx, STAFF, undo_edit, self.world.territory.id, self.date, edit.id)

    def minutes(self, name: str) -> int:
        """Read how long a visit takes."""
        seconds: int = self.world.row(VisitRow, self.visits[name]).duration_s
        return seconds // 60

    def pin(self, name: str) -> dict[str, Any]:
        """Read what is fixed about a visit, but for the edit that did it."""
        pin = self.world.row(VisitRow, self.visits[name]).pin
        return {key: value for key, value in pin.items() if key != "edit_id"}


def all_day_at_a(day: Day) -> Duration:
    """Let A take all day."""
    return Duration(visit_id=day.visits["a"], duration=timedelta(hours=9))


def make_day(database: Database, day: date = TOMORROW) -> Day:
    """Make the day."""
    world = make_world(database, technicians=2, days=(day,))
    with database.writing() as session:
        visits = {
            name: add_visit(session, world.territory, site=add_site(session, km_north=km), name=name.upper())
            for name, km in (("a", 1.0), ("b", 2.0), ("c", 3.0))
        }
        for visit in visits.values():
            book(session, visit, "09:00", "12:00", day)
        session.flush()
        put_on_route(world.ctx, session, world.shifts[0], [visits["a"], visits["b"]])
        put_on_route(world.ctx, session, world.shifts[1], [visits["c"]])
    return Day(world=world, date=day, visits={name: visit.id for name, visit in visits.items()})
