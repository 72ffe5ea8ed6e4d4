"""
A company at work, for the benchmarks of the service: territories, technicians, shifts and booked customers.

Everything is drawn from a seed; nothing of it is real but the addresses, which are those of the sample city
(data/README.md), drawn with replacement. Booked visits are put on the routes one after the other, where the engine
says a place is cheapest in the window that was drawn. Filling takes a minute, so the SQLite file is kept in
``build/bench``, one per day: shifts begin tomorrow.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from service_plans import put_on_plans
from sqlalchemy import insert, select, text

from fieldops.domain.policies import OfferedWindow, Policies
from fieldops.domain.territory import Territory
from fieldops.files.problem_json import load_problem
from fieldops.settings import Settings
from fieldops.store.base import Row
from fieldops.store.database import Database
from fieldops.store.tables import (
    ContactPointRow,
    CustomerRow,
    ShiftRow,
    SiteRow,
    TechnicianRow,
    TechnicianSkillRow,
    TerritoryRow,
    VisitRow,
    WorkOrderRow,
)
from fieldops.store.territories import new_territory_row
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.context import Context
from fieldops.usecases.seed_customers import made_up_customer
from fieldops.usecases.work import Work
from fieldops.wiring import make_context, migrate

ROOT: Final = Path(__file__).parents[1]
SAMPLE: Final = ROOT / "data" / "sample-city" / "day.json"
MIGRATIONS: Final = ROOT / "src" / "fieldops" / "store" / "migrations" / "versions"
CACHE: Final = ROOT / "build" / "bench"
ZONE: Final = ZoneInfo("America/New_York")
#: Of the file's contents; raised when what is filled in changes.
EDITION: Final = 3
#: Six windows of an hour and a half, from 08:00 to 17:00, on every day.
WINDOWS: Final = tuple(
    OfferedWindow(weekdays=frozenset(range(7)), start=time(8 + minute // 60, minute % 60), end=_end)
    for minute in range(0, 540, 90)
    for _end in (time(8 + (minute + 90) // 60, (minute + 90) % 60),)
)
NUM_SKILLS: Final = 8
BATCH: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """
    What one territory has.

    Attributes
    ----------
    booked
        Visits with a promised window, on sound routes.
    waiting
        Visits that nothing was promised about yet.
    """

    name: str
    technicians: int
    dates: int
    booked: int
    waiting: int
    hold_duration: timedelta = timedelta(minutes=10)
    offer_duration: timedelta = timedelta(minutes=30)


#: The one that quotes are measured on comes first; `HOT` is fought for.
LARGE: Final = Size(name="Large", technicians=60, dates=10, booked=4_000, waiting=900)
OTHERS: Final = tuple(
    Size(name=name, technicians=60, dates=10, booked=2_000, waiting=1_600) for name in ("North", "East", "South")
)
HOT: Final = Size(
    name="Hot",
    technicians=6,
    dates=2,
    booked=0,
    waiting=320,
    hold_duration=timedelta(minutes=1),
    offer_duration=timedelta(hours=4),
)
COMPANY: Final = (LARGE, *OTHERS, HOT)


class _Company:
    """Draws the rows of a company."""

    def __init__(self, seed: int, now: datetime) -> None:
        self.rng = np.random.default_rng(seed)
        self.now = now
        self.problem = load_problem(SAMPLE)
        self.numbers = count()
        self.customers = count()

    def id(self, prefix: str) -> str:
        """Name a row: the same in every file of a seed."""
        return f"{prefix}_{next(self.numbers):016d}"

    def territory(self, size: Size) -> Territory:
        """Make a territory that offers tomorrow and the dates after it."""
        return Territory(
            id=self.id("te"),
            name=size.name,
            time_zone=ZONE.key,
            offered_windows=WINDOWS,
            policies=Policies(
                hold_duration=size.hold_duration,
                offer_duration=size.offer_duration,
                horizon_days=size.dates + 1,
                contact="fieldops, +1 202 555 0100",
            ),
            skills=self.problem.skills,
            rates=self.problem.rates,
            travel=replace(self.problem.travel, kind="geodesic"),
        )

    def site(self, kind: str, customer_id: str | None = None) -> SiteRow:
        """Draw an address."""
        place = self.problem.places[int(self.rng.integers(len(self.problem.places)))]
        return SiteRow(
            id=self.id("si"),
            customer_id=customer_id,
            kind=kind,
            address=place.address,
            latitude=place.latitude,
            longitude=place.longitude,
            created_at=self.now,
        )

    def people(self, territory: Territory, size: Size) -> Iterator[Row]:
        """Draw technicians with four skills each, their homes and shifts with a lunch break."""
        for number in range(size.technicians):
            technician = TechnicianRow(
                id=self.id("tn"),
                territory_id=territory.id,
                name=f"Technician {number + 1}",
                phone=None,
                email=None,
                duration_permille=int(self.rng.integers(900, 1_151)),
                # As in the sample city, every fifth is paid by the hour.
                work_rate_cents=3_000 * (number % 5 == 0),
                overtime_rate_cents=6_000,
                created_at=self.now,
            )
            home = self.site("home")
            yield technician
            yield home
            for skill, level in zip(self.rng.permutation(NUM_SKILLS)[:4], (3, 2, 2, 1), strict=True):
                name = self.problem.skills[int(skill)]
                yield TechnicianSkillRow(technician_id=technician.id, skill=name, level=level)
            for day in dates_of(size, self.now):
                yield self._shift(technician, home, day)

    def _shift(self, technician: TechnicianRow, home: SiteRow, day: date) -> ShiftRow:
        def at(hour: int, minute: int = 0) -> datetime:
            return datetime.combine(day, time(hour, minute), ZONE).astimezone(UTC)

        lunch = {
            "earliest_start": at(11, 30).isoformat(),
            "latest_start": at(13).isoformat(),
            "duration_s": 1_800,
            "place_id": None,
            "paid": False,
            "name": "lunch",
        }
        return ShiftRow(
            id=self.id("sh"),
            territory_id=technician.territory_id,
            technician_id=technician.id,
            date=day,
            starts_at=at(8),
            ends_at=at(17),
            hard_ends_at=at(18),
            start_place_id=home.id,
            end_place_id=home.id,
            breaks=[lunch],
            max_visits=None,
            max_travel_s=None,
            max_work_s=None,
            removed_at=None,
        )

    def orders(self, territory: Territory, number: int) -> Iterator[Row]:
        """Draw customers, each with one visit."""
        for _ in range(number):
            made_up = made_up_customer(next(self.customers))
            customer_id, order_id = self.id("cu"), self.id("wo")
            yield CustomerRow(
                id=customer_id,
                name=made_up.name,
                channel="email",
                time_zone=None,
                known_technician_id=None,
                reference=None,
                created_at=self.now,
            )
            yield ContactPointRow(
                id=self.id("cp"),
                customer_id=customer_id,
                kind="email",
                value=made_up.email,
                consent_at=self.now,
                stopped_at=None,
            )
            site = self.site("customer", customer_id)
            yield site
            yield WorkOrderRow(
                id=order_id,
                territory_id=territory.id,
                customer_id=customer_id,
                site_id=site.id,
                summary="Inspection",
                reference=None,
                created_at=self.now,
                created_by=SYSTEM.id,
            )
            yield self._visit(territory, order_id, site)

    def _visit(self, territory: Territory, order_id: str, site: SiteRow) -> VisitRow:
        skills = {}
        if self.rng.random() < 0.92:
            level = int(self.rng.choice([1, 2, 3], p=[0.6, 0.3, 0.1]))
            skills = {self.problem.skills[int(self.rng.integers(NUM_SKILLS))]: level}
        return VisitRow(
            id=self.id("vi"),
            work_order_id=order_id,
            territory_id=territory.id,
            site_id=site.id,
            name="Inspection",
            duration_s=300 * int(self.rng.integers(6, 19)),
            required_skills=skills,
            release_at=None,
            due_at=None,
            unassigned_cents=None,
            allowed_technicians=None,
            created_at=self.now,
        )


def dates_of(size: Size, now: datetime) -> list[date]:
    """Return the dates with shifts: tomorrow and the ones after it."""
    today = now.astimezone(ZONE).date()
    return [today + timedelta(days=number) for number in range(1, size.dates + 1)]


def service_file(seed: int = 0, company: Sequence[Size] = COMPANY) -> Path:
    """Return a filled SQLite file, not to be changed; made when there is none of today."""
    now = datetime.now(UTC).replace(microsecond=0)
    tables = [migration.read_text(encoding="utf-8") for migration in sorted(MIGRATIONS.glob("*.py"))]
    contents = sha256(repr((EDITION, seed, company, tables)).encode()).hexdigest()[:12]
    path = CACHE / f"service-{now.astimezone(ZONE).date()}-{contents}.db"
    if path.exists():
        return path
    CACHE.mkdir(parents=True, exist_ok=True)
    for older in CACHE.glob("service-*.db"):
        older.unlink()
    unfinished = CACHE / f"unfinished-{os.getpid()}.db"
    ctx = make_context(Settings(_env_file=None, database_url=f"sqlite:///{unfinished}"))
    try:
        migrate(ctx.database)
        drawn = _Company(seed, now)
        for size in company:
            _fill(ctx, drawn, size)
        with ctx.database.engine.connect() as connection:
            connection.execute(text("pragma wal_checkpoint(truncate)"))
    finally:
        ctx.database.close()
    unfinished.rename(path)
    return path


def copy_rows(source: Database, target: Database) -> None:
    """Copy all rows of a database into a migrated one without rows, of whatever kind."""
    with source.engine.connect() as rows_from, target.engine.begin() as rows_to:
        for table in Row.metadata.sorted_tables:
            rows = rows_from.execute(select(table)).mappings()
            for batch in rows.partitions(BATCH):
                rows_to.execute(insert(table), [dict(row) for row in batch])
    if not target.is_sqlite:
        with target.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("vacuum analyze"))


def _fill(ctx: Context, drawn: _Company, size: Size) -> None:
    """Make one territory."""
    territory = drawn.territory(size)
    rows = [*drawn.people(territory, size), *drawn.orders(territory, size.booked + size.waiting)]
    with ctx.database.writing() as session:
        session.add(new_territory_row(territory, created_at=drawn.now))
        session.flush()
        for table in Row.metadata.sorted_tables:
            session.add_all(row for row in rows if row.__table__ is table)
            session.flush()
    if size.booked:
        with ctx.database.writing() as session:
            work = Work(ctx=ctx, session=session, actor=SYSTEM, now=drawn.now)
            visit_ids = [row.id for row in rows if isinstance(row, VisitRow)]
            put_on_plans(work, drawn, territory, dates_of(size, drawn.now), visit_ids, size.booked)


def visits_waiting(database: Database, name: str) -> list[str]:
    """Return the visits of a territory, by its name, that nothing was promised about, in rising order."""
    with database.reading() as session:
        return list(
            session.scalars(
                select(VisitRow.id)
                .join(TerritoryRow, TerritoryRow.id == VisitRow.territory_id)
                .where(TerritoryRow.name == name, VisitRow.state == "open")
                .order_by(VisitRow.id)
            )
        )
