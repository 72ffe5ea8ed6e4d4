"""Migrations on both databases: they make exactly the tables the code has, go up and down, and keep what is stored."""

import hashlib
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import IntegrityError

from databases import Databases
from fieldops.errors import InvalidInput
from fieldops.store import migrate
from fieldops.store.database import Database
from fieldops.store.migrate import current, downgrade, is_current, newest, upgrade
from fieldops.store.migrations.__main__ import main as draft_migration
from fieldops.store.tables import LiveDayRow, Row, TerritoryRow
from worlds import add_territory, add_visit

#: What databases out there were made with. What is missing there goes into a new revision.
LANDED = {
    "0001_people_customers_and_sites": "32270d6e064ca6ba62f2b9a5b222d709d828bc20fbcad1d4df13e13120f2ca84",
    "0002_work_bookings_and_plans": "081cc3b2e3b02fb7fae18e33071e1c62a0602c3d7d47903128b41075959826d2",
    "0003_messages_and_access": "f33082972387c2a8ad50f67d486f78faad0d6597eb4e046d89e8ae10bbddcaee",
    "0004_live_operations": "56f2386f5c4ce307363f3680323b01b5162656c96b44ed6584afd6624e8cf8ee",
    "0005_web": "aa357c746568edc995105fc82a17d1e5ff93a99321725f94a47873adae7bafe1",
}


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give a database without any table, once of each kind."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
        yield database
        database.close()
    else:
        databases: Databases = request.getfixturevalue("postgres_databases")
        with databases.fresh(template="template0") as database:
            yield database


def _described(database: Database) -> dict[str, Any]:
    """Describe every table in full, as the database sees it."""
    inspector = inspect(database.engine)
    described: dict[str, Any] = {}
    for table in inspector.get_table_names():
        if table == "alembic_version":
            continue
        described[table] = {
            "columns": {
                column["name"]: (repr(column["type"]), column["nullable"]) for column in inspector.get_columns(table)
            },
            "primary key": inspector.get_pk_constraint(table),
            "foreign keys": _by_name(inspector.get_foreign_keys(table)),
            "unique": _by_name(inspector.get_unique_constraints(table)),
            "indexes": _by_name(inspector.get_indexes(table)),
            "checks": _by_name(inspector.get_check_constraints(table)),
        }
    return described


def _by_name(found: list[Any]) -> dict[str, Any]:
    """Order what was found by its name; a database lists it in the order it was made."""
    return {str(each["name"]): _plain(each) for each in found}


def _plain(value: Any) -> Any:
    """Turn conditions of indexes into text, which can be compared."""
    return {key: _plain(item) for key, item in value.items()} if isinstance(value, dict) else str(value)


def test_migrations_make_exactly_the_tables_of_the_code(empty_database: Database) -> None:
    """A column in the code but not in a migration works in no database that was there before."""
    upgrade(empty_database)
    with empty_database.engine.connect() as connection:
        missing = compare_metadata(MigrationContext.configure(connection), Row.metadata)
    migrated = _described(empty_database)
    with empty_database.engine.begin() as connection:
        Row.metadata.drop_all(connection)
        Row.metadata.create_all(connection)

    assert missing == []
    # What Alembic does not compare: check constraints, partial indexes, primary keys.
    assert migrated == _described(empty_database)
    assert len(migrated) == len(Row.metadata.tables)


def test_up_down_and_up_again_ends_where_it_was(empty_database: Database) -> None:
    """An upgrade that went wrong is taken back; that is no time to find out that it cannot be."""
    upgrade(empty_database)
    first = _described(empty_database)
    downgrade(empty_database, "base")
    nothing = _described(empty_database)
    upgrade(empty_database)

    assert nothing == {}
    assert _described(empty_database) == first


def test_each_revision_can_be_taken_back_alone(empty_database: Database) -> None:
    """Step by step is how one looks for the step that hurts."""
    upgrade(empty_database)
    steps = []
    while (revision := current(empty_database)) is not None:
        steps.append(revision)
        downgrade(empty_database, "-1")

    assert steps == [f"{number:04}" for number in range(int(newest()), 0, -1)]


def test_what_is_stored_survives_the_revisions_around_it(empty_database: Database) -> None:
    """People are entered once, by hand; taking later tables away and bringing them back must leave them alone."""
    upgrade(empty_database)
    with empty_database.writing() as session:
        territory = add_territory(session, name="Stays")
        add_visit(session, territory)

    upgrade(empty_database)  # nothing to do, nothing done
    with empty_database.reading() as session:
        assert session.execute(text("select count(*) from visits")).scalar() == 1
    downgrade(empty_database, "0001")
    upgrade(empty_database)

    with empty_database.reading() as session:
        kept = session.get_one(TerritoryRow, territory.id)
        assert (kept.name, kept.offered_windows, kept.created_at) == (
            "Stays",
            territory.offered_windows,
            territory.created_at,
        )
        # Visits are of revision 0002.
        assert session.execute(text("select count(*) from visits")).scalar() == 0


@pytest.mark.parametrize("name", LANDED)
def test_a_revision_that_has_landed_is_never_written_again(name: str) -> None:
    """A database made with it does not run it a second time: what is added to it later is missing there for good."""
    source = (Path(migrate.__file__).parent / "migrations" / "versions" / f"{name}.py").read_bytes()

    assert hashlib.sha256(source).hexdigest() == LANDED[name]


def test_a_database_with_live_days_gets_what_came_later(empty_database: Database) -> None:
    """Whoever upgrades has days behind them, and goes on with them."""
    upgrade(empty_database, "0004")
    with empty_database.writing() as session:
        session.execute(
            text(
                "insert into territories"
                " (id, name, time_zone, offered_windows, policies, skills, rates, travel, created_at)"
                " values ('te_1', 'Old', 'America/New_York', '[]', '{\"offer_minutes\": 45}', '[]', '{}', '{}',"
                " '2026-03-16 12:00:00+00')"
            )
        )
        session.execute(
            text(
                "insert into live_days (territory_id, date, travel_permille, wanted_why)"
                " values ('te_1', '2026-03-16', 1200, '[]')"
            )
        )
    upgrade(empty_database)

    with empty_database.reading() as session:
        day = session.scalars(select(LiveDayRow)).one()
        assert (day.travel_permille, day.reported_permille) == (1_200, None)
        # Who waits for an earlier window was given as long as everybody until then.
        policies = session.get_one(TerritoryRow, "te_1").policies
        assert policies == {"offer_minutes": 45, "waitlist_offer_minutes": 45}


def test_a_database_tells_its_revision(empty_database: Database) -> None:
    """Readiness and `fieldops db current` rest on it."""
    assert (current(empty_database), is_current(empty_database)) == (None, False)
    upgrade(empty_database, "0001")
    assert (current(empty_database), is_current(empty_database)) == ("0001", False)
    upgrade(empty_database)
    assert (current(empty_database), is_current(empty_database)) == (newest(), True)


def test_orphans_are_refused_after_a_migration(empty_database: Database) -> None:
    """On SQLite foreign keys are off while tables are altered; a connection that stayed so would let orphans in."""
    upgrade(empty_database)

    with pytest.raises(IntegrityError), empty_database.writing() as session:
        session.execute(text("insert into plan_versions values ('pl_none', 1, 'hold', 'system', '2026-03-16')"))


def test_processes_that_start_together_migrate_once(empty_database: Database) -> None:
    """Two workers started by the same deployment both bring the database up; one does it, the other one waits."""
    others = [Database(empty_database.url.render_as_string(hide_password=False)) for _ in range(3)]
    with ThreadPoolExecutor(3) as threads:
        for done in [threads.submit(upgrade, other) for other in others]:
            done.result()
    for other in others:
        other.close()

    assert is_current(empty_database)


def test_a_draft_of_unchanged_tables_is_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next migration is drafted by a command; what it writes must be only what has changed."""
    scripts = tmp_path / "migrations"
    shutil.copytree(Path(migrate.__file__).parent / "migrations", scripts)
    monkeypatch.setattr(migrate, "_SCRIPTS", scripts)

    draft_migration("Change nothing.")

    number = f"{int(newest()):04}"
    draft = (scripts / "versions" / f"{number}_change_nothing.py").read_text()
    assert draft.startswith('"""Change nothing."""')
    assert f'revision = "{number}"' in draft.replace("'", '"')
    assert f'down_revision = "{int(number) - 1:04}"' in draft.replace("'", '"')
    assert "op." not in draft


def test_an_unknown_revision_is_refused_with_those_there_are(sqlite_database: Database) -> None:
    """A slip in a name must not end in a traceback."""
    with pytest.raises(InvalidInput, match=r"revision: found '9999', expected head, base or one of 0001, 0002, 0003"):
        upgrade(sqlite_database, "9999")
