"""
A stored world for tests of use cases: a context with a clock of its own, and rows with sane defaults.

Every ``add_*`` flushes, so that rows may be added in the order in which they refer to each other. It is Monday
morning in New York; territories, shifts and sites lie in Washington.
"""

import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from sqlalchemy.orm import Session

from fieldops.messaging.channel import Channel
from fieldops.settings import Settings
from fieldops.store.database import Database
from fieldops.store.ids import new_id
from fieldops.store.tables import (
    BookingRow,
    ContactPointRow,
    CustomerRow,
    Row,
    ShiftRow,
    SiteRow,
    TechnicianRow,
    TechnicianSkillRow,
    TerritoryRow,
    VisitRow,
    WorkOrderRow,
)
from fieldops.travel.geocoding import Geocoder, Located
from fieldops.usecases.actor import SCOPES_OF, SYSTEM, Actor, Role
from fieldops.usecases.boards import Boards
from fieldops.usecases.context import Context
from fieldops.wiring import travel_provider

#: Monday, 8:00 in New York.
NOW: Final = datetime(2026, 3, 16, 12, 0, tzinfo=UTC)
TODAY: Final = date(2026, 3, 16)
TOMORROW: Final = date(2026, 3, 17)
ZONE: Final = ZoneInfo("America/New_York")
#: Of the places: a degree of latitude is 111 km, so 0.009 degrees are 1 km.
LATITUDE: Final = 38.9
LONGITUDE: Final = -77.03
DEGREES_PER_KM: Final = 0.009
STAFF: Final = Actor(id="user:us_staff", role=Role.DISPATCHER, scopes=SCOPES_OF[Role.DISPATCHER])
OPS: Final = Actor(id="user:us_ops", role=Role.OPS, scopes=SCOPES_OF[Role.OPS])

__all__ = ["NOW", "OPS", "STAFF", "SYSTEM", "TODAY", "TOMORROW"]

AnyRow = TypeVar("AnyRow", bound=Row)
#: By what a test asked for.
_known_settings: dict[bytes, Settings] = {}


class FakeClock:
    """A clock that stands still until it is told to go on."""

    speed = 0.0

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now

    def now(self) -> datetime:
        """Give the instant it stands at."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Go on."""
        self._now += by


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftJob:
    """A job that was left in a `RecordingJobs`."""

    job: str
    argument: str
    job_id: str
    partition: str | None


@dataclass(frozen=True, slots=True)
class RecordingJobs:
    """A queue that runs nothing and remembers everything."""

    left: list[LeftJob] = field(default_factory=list)

    def has_tables(self, database: Database) -> bool:  # noqa: ARG002
        """Need none."""
        return True

    def enqueue(self, session: Session, job: str, argument: str, *, job_id: str, partition: str | None = None) -> None:  # noqa: ARG002
        """Remember a job."""
        self.left.append(LeftJob(job=job, argument=argument, job_id=job_id, partition=partition))


@dataclass(frozen=True, slots=True)
class KnownAddresses:
    """A geocoder that knows what a test tells it."""

    places: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    name: str = "known"

    def locate(self, address: str) -> Located | None:
        """Find an address by its exact text."""
        found = self.places.get(address)
        return None if found is None else Located(address=address, latitude=found[0], longitude=found[1])


def make_context(
    database: Database,
    *,
    clock: FakeClock | None = None,
    channels: Mapping[str, Channel] | None = None,
    geocoder: Geocoder | None = None,
    **settings: Any,
) -> Context:
    """Make a context over a database: time stands still at `NOW`, jobs are only remembered, nothing is sent."""
    return Context(
        database=database,
        clock=clock or FakeClock(),
        jobs=RecordingJobs(),
        settings=_settings(database.url.render_as_string(hide_password=False), settings),
        travel=partial(travel_provider, base_dir=Path()),
        geocoder=geocoder or KnownAddresses(),
        boards=Boards(),
        channels=channels or {},
    )


def _settings(database_url: str, given: Mapping[str, Any]) -> Settings:
    """Make settings; those of a kind are read and checked once, which takes longer than many a test."""
    kind = pickle.dumps(sorted(given.items()))
    if kind not in _known_settings:
        _known_settings[kind] = Settings(_env_file=None, **given)
    return _known_settings[kind].model_copy(update={"database_url": SecretStr(database_url)})


def customer_of(work_order_id: str) -> Actor:
    """Make the actor a customer's link gives."""
    return Actor(
        id="link:ln_customer", role=Role.CUSTOMER, scopes=SCOPES_OF[Role.CUSTOMER], work_order_id=work_order_id
    )


def local(clock: str, day: date = TODAY) -> datetime:
    """Return the instant of a local ``HH:MM``, in UTC as rows give it back."""
    return datetime.combine(day, time.fromisoformat(clock), ZONE).astimezone(UTC)


def windows_every_day(*spans: tuple[str, str]) -> list[dict[str, Any]]:
    """Offer these windows, pairs of local ``HH:MM``, on all seven days."""
    return [{"weekdays": list(range(7)), "start": start, "end": end} for start, end in spans]


def add_territory(session: Session, **changes: Any) -> TerritoryRow:
    """Add a territory: gas and power, five windows of two hours on every day, default policies, rates and travel."""
    defaults: dict[str, Any] = {
        "id": new_id("te"),
        "name": "Washington",
        "time_zone": "America/New_York",
        "offered_windows": windows_every_day(
            ("08:00", "10:00"), ("10:00", "12:00"), ("12:00", "14:00"), ("14:00", "16:00"), ("16:00", "18:00")
        ),
        "policies": {},
        "skills": ["gas", "power"],
        "rates": {},
        "travel": {},
        "created_at": NOW,
    }
    return _add(session, TerritoryRow(**{**defaults, **changes}))


def add_technician(
    session: Session, territory: TerritoryRow, *, skills: Mapping[str, int] | None = None, **changes: Any
) -> TechnicianRow:
    """Add Kim, who knows gas and power at level 2 unless told otherwise."""
    defaults: dict[str, Any] = {
        "id": new_id("tn"),
        "territory_id": territory.id,
        "name": "Kim",
        "phone": None,
        "email": None,
        "created_at": NOW,
    }
    technician = _add(session, TechnicianRow(**{**defaults, **changes}))
    for skill, level in ({"gas": 2, "power": 2} if skills is None else skills).items():
        _add(session, TechnicianSkillRow(technician_id=technician.id, skill=skill, level=level))
    return technician


def add_shift(
    session: Session,
    technician: TechnicianRow,
    *,
    day: date = TODAY,
    start: str = "08:00",
    end: str = "17:00",
    overtime: timedelta = timedelta(hours=1),
    base: SiteRow | None = None,
    **changes: Any,
) -> ShiftRow:
    """Add a shift from a depot and back, 8:00 to 17:00 local time with an hour of overtime allowed."""
    depot = base or add_site(session, kind="depot")
    defaults: dict[str, Any] = {
        "id": new_id("sh"),
        "territory_id": technician.territory_id,
        "technician_id": technician.id,
        "date": day,
        "starts_at": local(start, day),
        "ends_at": local(end, day),
        "hard_ends_at": local(end, day) + overtime,
        "start_place_id": depot.id,
        "end_place_id": depot.id,
        "breaks": [],
        "max_visits": None,
        "max_travel_s": None,
        "max_work_s": None,
    }
    return _add(session, ShiftRow(**{**defaults, **changes}))


def add_customer(
    session: Session, *, email: str | None = "pat@example.com", phone: str | None = "+12025550123", **changes: Any
) -> CustomerRow:
    """Add Pat, who can be reached by e-mail and by phone."""
    defaults: dict[str, Any] = {
        "id": new_id("cu"),
        "name": "Pat",
        "time_zone": None,
        "known_technician_id": None,
        "reference": None,
        "created_at": NOW,
    }
    customer = _add(session, CustomerRow(**{**defaults, **changes}))
    for kind, value in (("email", email), ("phone", phone)):
        if value is not None:
            point = ContactPointRow(id=new_id("cp"), customer_id=customer.id, kind=kind, value=value)
            point.consent_at, point.stopped_at = NOW, None
            _add(session, point)
    return customer


def add_site(
    session: Session,
    customer: CustomerRow | None = None,
    *,
    km_north: float = 0.0,
    km_east: float = 0.0,
    **changes: Any,
) -> SiteRow:
    """Add a place so many kilometers (roughly) from the depot, which is where it is by default."""
    defaults: dict[str, Any] = {
        "id": new_id("si"),
        "customer_id": None if customer is None else customer.id,
        "kind": "customer",
        "address": f"{km_north:g} km north, {km_east:g} km east",
        "latitude": LATITUDE + km_north * DEGREES_PER_KM,
        "longitude": LONGITUDE + km_east * DEGREES_PER_KM / 0.778,  # cos 38.9 degrees
        "created_at": NOW,
    }
    return _add(session, SiteRow(**{**defaults, **changes}))


def add_work_order(
    session: Session,
    territory: TerritoryRow,
    *,
    customer: CustomerRow | None = None,
    site: SiteRow | None = None,
    **changes: Any,
) -> WorkOrderRow:
    """Add a work order without visits; customer and site (one kilometer north) are made where not given."""
    customer = customer or add_customer(session)
    site = site or add_site(session, customer, km_north=1.0)
    defaults: dict[str, Any] = {
        "id": new_id("wo"),
        "territory_id": territory.id,
        "customer_id": customer.id,
        "site_id": site.id,
        "summary": "Boiler inspection",
        "reference": None,
        "created_at": NOW,
        "created_by": "user:us_staff",
    }
    return _add(session, WorkOrderRow(**{**defaults, **changes}))


def add_visit(
    session: Session,
    territory: TerritoryRow,
    *,
    customer: CustomerRow | None = None,
    site: SiteRow | None = None,
    work_order: WorkOrderRow | None = None,
    **changes: Any,
) -> VisitRow:
    """Add an open visit of half an hour, with its work order, customer and site where these are not given."""
    work_order = work_order or add_work_order(session, territory, customer=customer, site=site)
    defaults: dict[str, Any] = {
        "id": new_id("vi"),
        "work_order_id": work_order.id,
        "territory_id": territory.id,
        "site_id": work_order.site_id,
        "name": "Boiler inspection",
        "duration_s": 1_800,
        "release_at": None,
        "due_at": None,
        "unassigned_cents": None,
        "allowed_technicians": None,
        "created_at": NOW,
    }
    return _add(session, VisitRow(**{**defaults, **changes}))


def book_visit(session: Session, visit: VisitRow, starts_at: datetime, ends_at: datetime, **changes: Any) -> BookingRow:
    """Promise a window of a visit that has no place on the plan yet."""
    visit.state = "booked"
    defaults: dict[str, Any] = {
        "id": new_id("bk"),
        "visit_id": visit.id,
        "customer_id": session.get_one(WorkOrderRow, visit.work_order_id).customer_id,
        "territory_id": visit.territory_id,
        "hold_id": None,
        "date": starts_at.date(),
        "window_start": starts_at,
        "window_end": ends_at,
        "confirmed_at": NOW,
        "changed_at": NOW,
        "canceled_at": None,
        "cancel_reason": None,
    }
    return _add(session, BookingRow(**{**defaults, **changes}))


def _add(session: Session, row: AnyRow) -> AnyRow:
    """Add a row and flush."""
    session.add(row)
    session.flush()
    return row
