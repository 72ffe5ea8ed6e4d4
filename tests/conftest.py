"""Settings and fixtures of all tests; being here also makes what is beside it (builders, worlds) importable."""

import gc
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, Final

import pytest
import structlog
from hypothesis import HealthCheck, settings

from databases import Databases, migrated_databases, postgres_url, sqlite_copy
from fieldops.jobs.queue import migrate_jobs
from fieldops.store import ids
from fieldops.store.database import Database
from fieldops.store.migrate import upgrade
from lent_databases import LentDatabases, LentFiles
from quick_hasher import hash_quickly

# Time limits fail on a busy machine, not on slow code; and whether a change is sound must not depend on the luck of the
# run. New examples are looked for with `pytest tests/property --hypothesis-profile explore`.
_PATIENT: Final[dict[str, Any]] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("fieldops", derandomize=True, **_PATIENT)
settings.register_profile("explore", **_PATIENT)
settings.load_profile("fieldops")

hash_quickly()

# Processes that tests start share what the first of them has compiled: that is a sixth of the time until they are up.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# What is imported and collected stays to the end: looking for garbage in it again and again takes a tenth of all time.
gc.disable()

# As the service logs: tracebacks with the values of all variables, the default, take seconds each.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that take longest, so that no worker is left alone with them in the end."""
    items.sort(key=lambda item: not {"integration", "ui"} & set(item.path.parts))


def pytest_collection_finish() -> None:
    """Look for garbage from now on, in what tests leave behind."""
    gc.freeze()
    gc.enable()


def pytest_unconfigure() -> None:
    """Let go of everything in the end."""
    gc.unfreeze()


@pytest.fixture(autouse=True)
def _same_ids(request: pytest.FixtureRequest) -> Iterator[None]:
    """Draw the same ids in every run of a test: the luck of what is simulated hangs on them."""
    drawn = Random(request.node.nodeid)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ids, "secrets", SimpleNamespace(randbits=drawn.getrandbits))
        yield


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Database:
    """Give a migrated database without rows, once of each kind."""
    kind: Database = request.getfixturevalue(f"{request.param}_database")
    return kind


@pytest.fixture
def sqlite_database(sqlite_files: LentFiles, sqlite_template: Path) -> Iterator[Database]:
    """Give a migrated SQLite database without rows."""
    with sqlite_files.lent(sqlite_template) as database:
        yield database


@pytest.fixture
def postgres_database(lent_postgres_databases: LentDatabases) -> Iterator[Database]:
    """Give a migrated PostgreSQL database without rows."""
    with lent_postgres_databases.lent() as database:
        yield database


@pytest.fixture(params=["sqlite", "postgres"])
def jobs_database(request: pytest.FixtureRequest) -> Database:
    """Give a fresh database that has the tables of the job engine, too, once of each kind."""
    kind: Database = request.getfixturevalue(f"{request.param}_jobs_database")
    return kind


@pytest.fixture
def sqlite_jobs_database(sqlite_jobs_template: Path, tmp_path: Path) -> Iterator[Database]:
    """Give a fresh SQLite database that has the tables of the job engine, too."""
    with sqlite_copy(sqlite_jobs_template, tmp_path / "fieldops.db") as database:
        yield database


@pytest.fixture
def postgres_jobs_database(postgres_databases: Databases, postgres_jobs_template: str) -> Iterator[Database]:
    """Give a fresh PostgreSQL database that has the tables of the job engine, too."""
    with postgres_databases.fresh(postgres_jobs_template) as database:
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
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> LentFiles:
    """Give what lends SQLite files."""
    return LentFiles(tmp_path_factory.mktemp("lent"))


@pytest.fixture(scope="session")
def sqlite_jobs_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Add the tables of the job engine to a copy: its migrations take about a second."""
    path = tmp_path_factory.mktemp("sqlite-jobs") / "template.db"
    with sqlite_copy(sqlite_template, path) as database:
        migrate_jobs(database)
    return path


@pytest.fixture(scope="session")
def postgres_jobs_template(postgres_databases: Databases) -> Iterator[str]:
    """Do the same on the PostgreSQL server; give the name of the database."""
    with postgres_databases.fresh() as database:
        migrate_jobs(database)
        # Nobody may be connected to what is copied.
        database.close()
        yield str(database.url.database)


@pytest.fixture(scope="session")
def postgres_databases() -> Iterator[Databases]:
    """Start or find a PostgreSQL server, when the first test needs it."""
    with postgres_url() as url, migrated_databases(url) as databases:
        yield databases


@pytest.fixture(scope="session")
def lent_postgres_databases(postgres_databases: Databases) -> Iterator[LentDatabases]:
    """Give what lends PostgreSQL databases."""
    with closing(LentDatabases(postgres_databases)) as lending:
        yield lending
