"""The service as a browser meets it: a real server over HTTP, a small company on a day under way, a clock of ours."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

import pytest
import uvicorn
from sqlalchemy.orm import Session

from api_client import NO_LIMITS, made_app
from api_worlds import PASSWORD
from fieldops.domain.progress import EventKind, ProgressEvent
from fieldops.domain.service import Choice, Question, QuestionKind, Service
from fieldops.store.database import Database
from fieldops.store.ids import new_id
from fieldops.store.tables import ShiftRow, TechnicianRow, TerritoryRow, VisitRow
from fieldops.usecases.actor import SYSTEM, Role
from fieldops.usecases.context import Context
from fieldops.usecases.links import LinkPurpose, issue_link
from fieldops.usecases.passwords import hash_password
from fieldops.usecases.progress_events import EventReceipt
from fieldops.usecases.record_progress import record_events
from fieldops.usecases.refresh_etas import refresh_etas
from fieldops.usecases.run_replan import run_replan
from fieldops.usecases.services import create_service
from fieldops.usecases.users import create_user
from fieldops.usecases.want_replan import start_wanted_replans
from fieldops.usecases.work import transact
from running_day import book, put_on_route
from worlds import (
    DEGREES_PER_KM,
    LATITUDE,
    LONGITUDE,
    OPS,
    STAFF,
    TODAY,
    FakeClock,
    KnownAddresses,
    RecordingJobs,
    add_customer,
    add_shift,
    add_site,
    add_technician,
    add_territory,
    add_visit,
    add_work_order,
    local,
    make_context,
)

#: By technician: what is promised today. Name of the customer, kilometers north and east, from, to.
ROUTES: Final[Mapping[str, tuple[tuple[str, float, float, str, str], ...]]] = {
    "Kim Kaiser": (
        ("Ada Archer", 1.0, 0.5, "08:00", "10:00"),
        ("Ben Bishop", 2.0, 0.5, "10:00", "12:00"),
        ("Cleo Cooper", 3.0, 1.0, "12:00", "14:00"),
        ("Dan Draper", 2.0, 2.0, "14:00", "16:00"),
    ),
    "Lee Larsen": (
        ("Eva Eaton", -1.0, 0.0, "08:00", "10:00"),
        ("Finn Foster", -2.0, 1.0, "10:00", "12:00"),
        ("Gus Graham", -3.0, 0.0, "14:00", "16:00"),
    ),
    "Mo Mbeki": (("Hana Hayes", 0.0, -2.0, "12:00", "14:00"),),
}
#: The address that the geocoder knows, two kilometers north of the depot.
ADDRESS: Final = "1380 Quincy St NW, Washington, DC 20011"
#: What customers can book themselves.
HEATING: Final = Service(
    id="",
    territory_id="",
    names={"en": "Heating does not work", "de": "Heizung geht nicht"},
    duration_s=1_800,
    questions=(
        Question(
            id="fuel",
            kind=QuestionKind.CHOICE,
            texts={"en": "What does it burn?"},
            is_required=True,
            choices=(
                Choice(id="gas", texts={"en": "Gas"}, required_skills={"gas": 1}),
                Choice(id="oil", texts={"en": "Oil"}),
            ),
        ),
    ),
)
#: Days on which all three work, the first of them today.
NUM_DAYS: Final = 4
#: For stories in which it may matter what the database is.
on_both_sites: Final = pytest.mark.parametrize("site", ["sqlite", "postgres"], indirect=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """
    The company, its people and where it is served.

    Attributes
    ----------
    technicians, shifts
        By first name: ``Kim``, ``Lee``, ``Mo``. The shifts are today's.
    visits
        By first name of the customer; ``Ida`` is on nobody's route.
    users
        E-mail addresses by role; all have the password `PASSWORD`. ``technician`` is Kim.
    """

    url: str
    ctx: Context
    clock: FakeClock
    territory: TerritoryRow
    technicians: Mapping[str, TechnicianRow]
    shifts: Mapping[str, ShiftRow]
    visits: Mapping[str, VisitRow]
    users: Mapping[str, str]

    def clock_at(self, clock: str) -> None:
        """Go on to a local ``HH:MM`` of today."""
        self.clock.advance(local(clock) - self.clock.now())

    def report(self, kind: str, visit: str, *, at: str, **more: Any) -> EventReceipt:
        """Have a dispatcher report something about a visit at a local ``HH:MM``, at once."""
        if self.clock.now() < local(at):
            self.clock_at(at)
        event = ProgressEvent(
            id=new_id("ev"), kind=EventKind(kind), visit_id=self.visits[visit].id, occurred_at=local(at), **more
        )
        [receipt] = transact(self.ctx, STAFF, record_events, [event])
        return receipt

    def replan(self, after: timedelta = timedelta(seconds=3)) -> list[str]:
        """Let the sweep start the replans that are wished for, and do all that wait; gives their ids."""
        self.clock.advance(after)
        start_wanted_replans(self.ctx)
        return self.run_replans()

    def run_replans(self) -> list[str]:
        """Do the replans that wait in the queue."""
        jobs = self.ctx.jobs
        assert isinstance(jobs, RecordingJobs)
        waiting = [left.argument for left in jobs.left if left.job == "replan"]
        jobs.left.clear()
        for replan_id in waiting:
            run_replan(self.ctx, replan_id)
        return waiting

    def link(self, visit: str) -> str:
        """Make the token of a customer's link."""
        order_id = self.visits[visit].work_order_id
        return transact(self.ctx, OPS, issue_link, LinkPurpose.CUSTOMER, order_id).token

    def row(self, table: type[Any], key: Any) -> Any:
        """Read a row by its key; None when there is none."""
        with self.ctx.database.reading() as session:
            return session.get(table, key)


@contextmanager
def serve_site(database: Database, **settings: Any) -> Iterator[Site]:
    """Furnish a database and serve it on a free port of the loopback."""
    clock = FakeClock()
    with _listening() as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        ctx = make_context(
            database,
            clock=clock,
            geocoder=KnownAddresses({ADDRESS: (LATITUDE + 2 * DEGREES_PER_KM, LONGITUDE)}),
            **{**NO_LIMITS, "booking_rate_limit": "1000/minute", "public_url": url, **settings},
        )
        with database.writing() as session:
            territory = add_territory(session, name="Washington")
            technicians, shifts, visits = _furnish(ctx, session, territory)
        transact(ctx, SYSTEM, refresh_etas, territory.id, TODAY)
        transact(ctx, OPS, create_service, replace(HEATING, territory_id=territory.id))
        users = _users(ctx, technicians["Kim"])
        app = made_app(ctx)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield Site(
                url=url,
                ctx=ctx,
                clock=clock,
                territory=territory,
                technicians=technicians,
                shifts=shifts,
                visits=visits,
                users=users,
            )
        finally:
            server.should_exit = True
            thread.join(timeout=10)


@contextmanager
def _listening() -> Iterator[socket.socket]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield listener


def _furnish(
    ctx: Context, session: Session, territory: TerritoryRow
) -> tuple[dict[str, TechnicianRow], dict[str, ShiftRow], dict[str, VisitRow]]:
    """Add technicians, their shifts and today's visits, all on their routes but Ida's."""
    technicians: dict[str, TechnicianRow] = {}
    shifts: dict[str, ShiftRow] = {}
    visits: dict[str, VisitRow] = {}
    depot = add_site(session, kind="depot", address="Depot, 1 Main St")
    for name, promised in ROUTES.items():
        first = name.split()[0]
        technicians[first] = add_technician(session, territory, name=name, phone="+12025550100")
        for offset in range(NUM_DAYS):
            shift = add_shift(session, technicians[first], day=_day(offset), base=depot)
            shifts.setdefault(first, shift)
        route = []
        for customer, north, east, start, end in promised:
            visit = _visit(session, territory, customer, north, east)
            book(session, visit, start, end)
            visits[customer.split()[0]] = visit
            route.append(visit)
        put_on_route(ctx, session, shifts[first], route)
    visits["Ida"] = _visit(session, territory, "Ida Irving", 1.5, -1.0, required_skills={"gas": 2})
    return technicians, shifts, visits


def _day(offset: int) -> date:
    return TODAY + timedelta(days=offset)


def _visit(
    session: Session, territory: TerritoryRow, customer: str, north: float, east: float, **more: Any
) -> VisitRow:
    first = customer.split()[0].lower()
    # A number a customer: all of +1 202 555 01xx are for examples.
    number = f"+120255501{ord(first[0]) - ord('a') + 10}"
    row = add_customer(session, name=customer, email=f"{first}@example.com", phone=number)
    site = add_site(session, row, km_north=north, km_east=east, address=f"{number[-2:]} {customer.split()[1]} St NW")
    order = add_work_order(session, territory, customer=row, site=site)
    return add_visit(session, territory, work_order=order, **more)


def _users(ctx: Context, technician: TechnicianRow) -> dict[str, str]:
    """Add one user of each role."""
    password_hash = hash_password(PASSWORD)
    users = {}
    for role in (Role.DISPATCHER, Role.OPS, Role.TECHNICIAN):
        email = f"{role.value}@example.com"
        whose = technician.id if role is Role.TECHNICIAN else None
        transact(
            ctx, OPS, create_user, email=email, name=role.value.title(), role=role, password_hash=password_hash,
            technician_id=whose,
        )  # fmt: skip
        users[role.value] = email
    return users
