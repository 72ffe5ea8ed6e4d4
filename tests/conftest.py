"""Settings and fixtures of all tests; being here also makes what is beside it (builders, worlds) importable."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from databases import Databases, migrated_databases, postgres_url, sqlite_copy
from fieldops.store.database import Database
from fieldops.store.migrate import upgrade

# Time limits per example fail on a busy machine, not on slow code.
settings.register_profile("fieldops", deadline=None)
settings.load_profile("fieldops")


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Database:
    """Give a fresh, migrated database, once of each kind."""
    kind: Database = request.getfixturevalue(f"{request.param}_database")
    return kind


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """Give a fresh, migrated SQLite database."""
    with sqlite_copy(sqlite_template, tmp_path / "fieldops.db") as database:
        yield database


@pytest.fixture
def postgres_database(postgres_databases: Databases) -> Iterator[Database]:
    """Give a fresh, migrated PostgreSQL database."""
    with postgres_databases.fresh() as database:
        yield database


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrate one SQLite file that all tests copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    # Closing the last connection folds the write-ahead log into the file.
    database.close()
    return path


@pytest.fixture(scope="session")
def postgres_databases() -> Iterator[Databases]:
    """Start or find a PostgreSQL server, when the first test needs it."""
    with postgres_url() as url, migrated_databases(url) as databases:
        yield databases
