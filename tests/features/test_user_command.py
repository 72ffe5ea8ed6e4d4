"""``fieldops user add``: how the first person comes in."""

import re

import pytest
from command_line import run
from sqlalchemy import select
from typer.testing import CliRunner

from fieldops.cli import app
from fieldops.store.database import Database
from fieldops.store.tables import UserRow
from fieldops.usecases.passwords import verify_password
from worlds import add_technician, add_territory


@pytest.fixture
def url(sqlite_jobs_database: Database) -> str:
    """Give the address of a database with all tables."""
    return sqlite_jobs_database.url.render_as_string(hide_password=False)


def _user(database: Database) -> UserRow:
    with database.reading() as session:
        return session.scalars(select(UserRow)).one()


def test_a_generated_password_is_shown_once_and_works(sqlite_jobs_database: Database, url: str) -> None:
    """The first account of an installation, without typing a password anywhere."""
    added = run(
        "user", "add", "--email", "Kim@Example.com", "--name", "Kim", "--role", "ops", "--generate",
        "--database-url", url,
    )  # fmt: skip

    assert added.exit_code == 0
    user = _user(sqlite_jobs_database)
    assert (user.email, user.role) == ("kim@example.com", "ops")
    password = re.search(r"shown only now: (\S+)", added.out)
    assert password is not None
    assert verify_password(password[1], user.password_hash)


def test_a_password_is_asked_for_twice_and_not_shown(sqlite_jobs_database: Database, url: str) -> None:
    """What one types blindly, one types wrong."""
    words = [
        "user",
        "add",
        "--email",
        "kim@example.com",
        "--name",
        "Kim",
        "--role",
        "dispatcher",
        "--database-url",
        url,
    ]
    password = "correct horse battery staple"

    result = CliRunner().invoke(app, words, input=f"{password}\n{password}\n")

    assert result.exit_code == 0
    assert password not in result.output
    assert verify_password(password, _user(sqlite_jobs_database).password_hash)


def test_a_technician_belongs_to_a_technician(sqlite_jobs_database: Database, url: str) -> None:
    """Otherwise he would log in and see nobody's day."""
    with sqlite_jobs_database.writing() as session:
        technician = add_technician(session, add_territory(session))
    words = ["user", "add", "--email", "sam@example.com", "--name", "Sam", "--role", "technician", "--generate"]

    refused = run(*words, "--database-url", url)
    added = run(*words, "--technician", technician.id, "--database-url", url)

    assert (refused.exit_code, added.exit_code) == (2, 0)
    assert "technician_id: found nothing" in refused.err
    assert _user(sqlite_jobs_database).technician_id == technician.id


def test_a_database_without_tables_is_one_clear_message(tmp_path: object) -> None:
    """Not a traceback from deep inside."""
    refused = run(
        "user", "add", "--email", "kim@example.com", "--name", "Kim", "--role", "ops", "--generate",
        "--database-url", f"sqlite:///{tmp_path}/new.db",
    )  # fmt: skip

    assert refused.exit_code == 1
    assert "fieldops db upgrade" in refused.err
