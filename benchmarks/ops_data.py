"""
A year of the sample city, for the benchmark of the operations page.

Every working day has the visits, names and places of ``data/sample-city/day.json``, booked, told of, served, asked
about and replanned as on the simulated days that docs/benchmarks.md publishes: 50 replans a day, four messages a
booking, a promise in forty broken. What is old enough to be forgotten (docs/operations.md, Retention) is not there. It
is drawn from a seed. Filling takes a minute or more, so the SQLite file is kept in ``build/bench``, one per day.
"""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Final

from ops_year import Rows, Year
from service_data import BATCH, CACHE, MIGRATIONS, ZONE
from sqlalchemy import insert, text

from fieldops.store.base import Row, table_of
from fieldops.store.database import Database
from fieldops.store.territories import new_territory_row
from fieldops.wiring import migrate

#: Of the file's contents; raised when what is filled in changes.
EDITION: Final = 1
DAYS: Final = 365
WORKING_DAYS: Final = range(5)


def days_of(now: datetime) -> Iterator[date]:
    """List the working days of the year that ends yesterday."""
    today = now.astimezone(ZONE).date()
    days = (today - timedelta(days=back) for back in range(DAYS, 0, -1))
    return (day for day in days if day.weekday() in WORKING_DAYS)


def year_file(seed: int = 0) -> tuple[str, str]:
    """Return the path of a filled SQLite file, not to be changed, and the id of its territory."""
    now = datetime.now(UTC).replace(microsecond=0)
    year = Year(seed, now)
    tables = [migration.read_text(encoding="utf-8") for migration in sorted(MIGRATIONS.glob("*.py"))]
    contents = sha256(repr((EDITION, seed, tables)).encode()).hexdigest()[:12]
    path = CACHE / f"year-{now.astimezone(ZONE).date()}-{contents}.db"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        for older in CACHE.glob("year-*.db"):
            older.unlink()
        unfinished = CACHE / f"unfinished-year-{os.getpid()}.db"
        database = Database(f"sqlite:///{unfinished}")
        try:
            migrate(database)
            with database.writing() as session:
                session.add(new_territory_row(year.territory, created_at=now))
            _write(database, year.people())
            for day in days_of(now):
                _write(database, year.day(day))
            with database.engine.connect() as connection:
                connection.execute(text("pragma wal_checkpoint(truncate)"))
        finally:
            database.close()
        unfinished.rename(path)
    return str(path), year.territory.id


def _write(database: Database, rows: Rows) -> None:
    """Write rows, those that others name first."""
    with database.engine.begin() as connection:
        for table in Row.metadata.sorted_tables:
            found = next((values for row, values in rows.items() if table_of(row) is table), [])
            for first in range(0, len(found), BATCH):
                connection.execute(insert(table), found[first : first + BATCH])
