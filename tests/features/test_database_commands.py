"""``fieldops db`` and ``fieldops seed``: from an empty database to a company at work."""

import re
from pathlib import Path

from command_line import Outcome, fault_lines, run, write_problem
from sqlalchemy import func, select

from domain_builders import at, make_problem, make_shift, make_technician, make_visit, window
from fieldops.files.sample_city import sample_city_path
from fieldops.jobs.queue import migrate_jobs
from fieldops.store.database import Database
from fieldops.store.migrate import newest
from fieldops.store.tables import BookingRow, PlanRow, StopRow, UserRow, VisitRow
from fieldops.usecases.passwords import verify_password

#: A Monday far enough ahead that the search never plans the past.
MONDAY = "2027-03-15"


def _url(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


def _seed(database: Database, *arguments: object) -> Outcome:
    return run("seed", *arguments, "--first-date", MONDAY, "--database-url", _url(database))


def _seed_unplanned(database: Database, *arguments: object) -> Outcome:
    """Load a problem without planning."""
    return _seed(database, *arguments, "--plan-seconds", 0)


def test_a_database_goes_up_and_back_and_tells_where_it_is(tmp_path: Path) -> None:
    """These are the three things an operator does around an upgrade."""
    url = f"sqlite:///{tmp_path / 'new.db'}"

    before = run("db", "current", "--database-url", url)
    up = run("db", "upgrade", "--database-url", url)
    at_newest = run("db", "current", "--database-url", url)
    again = run("db", "upgrade", "--database-url", url)
    back = run("db", "downgrade", "0001", "--yes", "--database-url", url)
    behind = run("db", "current", "--database-url", url)

    assert (before.exit_code, before.out) == (1, f"nothing yet; the newest is {newest()}: run fieldops db upgrade\n")
    assert (up.exit_code, up.out) == (0, f"The database went from nothing up to {newest()}.\n")
    assert (at_newest.exit_code, at_newest.out) == (0, f"{newest()}, the newest\n")
    assert again.out == f"The database is at {newest()} already.\n"
    assert back.out == f"The database went from {newest()} back to 0001.\n"
    assert (behind.exit_code, behind.out) == (1, f"0001; the newest is {newest()}: run fieldops db upgrade\n")


def test_going_back_without_a_yes_changes_nothing(tmp_path: Path) -> None:
    """Going back deletes data; a slip of the finger must not."""
    url = f"sqlite:///{tmp_path / 'new.db'}"
    run("db", "upgrade", "--database-url", url)

    refused = run("db", "downgrade", "base", "--database-url", url)

    assert refused.exit_code != 0
    assert run("db", "current", "--database-url", url).out == f"{newest()}, the newest\n"


def test_a_database_that_cannot_be_reached_is_named_without_its_password() -> None:
    """Errors end up in tickets."""
    outcome = run("db", "current", "--database-url", "postgresql://ada:geheim@127.0.0.1:1/fieldops")

    assert outcome.exit_code == 3
    assert "the database postgresql+psycopg://ada:***@127.0.0.1:1/fieldops does not answer" in outcome.err
    assert "geheim" not in outcome.err
    assert len(outcome.err.splitlines()) == 1


def test_a_database_of_another_make_is_refused() -> None:
    """Two are supported, and the message says how they are written."""
    outcome = run("db", "upgrade", "--database-url", "mysql://127.0.0.1/fieldops")

    assert (outcome.exit_code, fault_lines(outcome)) == (2, ["FIELDOPS_DATABASE_URL"])
    assert "expected sqlite:///path or postgresql://user:password@host/name" in outcome.err


def test_the_sample_city_is_loaded_and_planned_into_an_empty_database(tmp_path: Path) -> None:
    """One command from nothing to a company at work, which is how everybody starts."""
    database = Database(f"sqlite:///{tmp_path / 'city.db'}")
    outcome = _seed(database, "--plan-seconds", 1)

    assert outcome.exit_code == 0
    assert "30 technicians, 300 shifts, 240 customers, 240 visits, 183 of them booked" in outcome.out
    served = re.search(rf"{MONDAY} is planned: (\d+) of 240 visits served", outcome.out)
    assert served is not None
    with database.reading() as session:
        plan = session.scalars(select(PlanRow)).one()
        planned = session.scalar(select(func.count()).select_from(StopRow))
        promised = session.scalar(
            select(func.count()).select_from(StopRow).join(BookingRow, BookingRow.visit_id == StopRow.visit_id)
        )
    database.close()
    assert (plan.date.isoformat(), plan.version, plan.published_version) == (MONDAY, 1, 1)
    assert planned == int(served[1])
    # Whatever a second of search leaves out, it is none of the 183 that were promised.
    assert promised == 183


def test_the_passwords_shown_are_those_of_the_users(database: Database, tmp_path: Path) -> None:
    """They are shown once; if they were wrong nobody would get in."""
    migrate_jobs(database)
    outcome = _seed_unplanned(database, write_problem(tmp_path))

    shown = dict(re.findall(r"(\w+@example\.com) +password (\S+)", outcome.out))
    with database.reading() as session:
        users = {user.email: user for user in session.scalars(select(UserRow))}
    assert set(shown) == set(users) == {"ops@example.com", "dispatcher@example.com", "technician@example.com"}
    for email, password in shown.items():
        assert verify_password(password, users[email].password_hash)
    assert len(set(shown.values())) == 3


def test_a_problem_of_ones_own_is_loaded_under_its_name(database: Database, tmp_path: Path) -> None:
    """A company tries its own week, not a sample; and the same name is not loaded twice."""
    migrate_jobs(database)
    problem = make_problem(make_visit(promised_window=window("10:00", "12:00")), name="our Monday")
    path = write_problem(tmp_path, problem)
    first = _seed_unplanned(database, path)
    again = _seed_unplanned(database, path)
    other = _seed_unplanned(database, path, "--territory", "North")

    assert first.out.startswith("our Monday (te_")
    assert (again.exit_code, again.err) == (1, "error E3007: there is a territory 'our Monday' already\n")
    assert other.out.startswith("North (te_")
    assert "was there before" in other.out
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(VisitRow)) == 2


def test_every_date_of_a_problem_is_planned(sqlite_database: Database, tmp_path: Path) -> None:
    """A week is a week of plans, on Monday to Friday."""
    migrate_jobs(sqlite_database)
    kim = make_technician(
        make_shift(),
        make_shift(id="kim-tuesday", start=at("08:00", day=17), end=at("16:00", day=17), hard_end=at("18:00", day=17)),
    )
    tuesday = make_visit(id="v2", promised_window=window("10:00", "12:00", day=17))
    problem = make_problem(make_visit(), tuesday, technicians=[kim], num_days=2)
    outcome = _seed(sqlite_database, write_problem(tmp_path, problem), "--plan-seconds", 1)

    assert outcome.exit_code == 0
    assert "2027-03-15 is planned: 1 of 1 visit served" in outcome.out
    assert "2027-03-16 is planned: 1 of 1 visit served" in outcome.out


def test_a_database_that_is_behind_is_not_loaded_into(tmp_path: Path) -> None:
    """Only an empty database gets its tables unasked; one at work is the operator's to upgrade."""
    url = f"sqlite:///{tmp_path / 'old.db'}"
    run("db", "upgrade", "0001", "--database-url", url)

    outcome = run("seed", "--plan-seconds", 0, "--database-url", url)

    assert outcome.exit_code == 1
    assert "run `fieldops db upgrade`" in outcome.err


def test_a_database_without_a_place_for_jobs_is_not_loaded_into(sqlite_database: Database) -> None:
    """Its dates could not be planned afterwards."""
    outcome = _seed_unplanned(sqlite_database)

    assert outcome.exit_code == 1
    assert "run `fieldops db upgrade`" in outcome.err


def test_faults_of_the_problem_are_listed(sqlite_database: Database, tmp_path: Path) -> None:
    """The same list as for every command that reads a problem."""
    migrate_jobs(sqlite_database)
    path = write_problem(tmp_path, change=lambda document: document["visits"][0].update(place_id="nowhere"))

    outcome = _seed(sqlite_database, path)

    assert (outcome.exit_code, fault_lines(outcome)) == (2, ["visits[0].place_id"])


def test_the_sample_city_is_found() -> None:
    """In a working copy it is read where it is kept, so that there is one."""
    assert sample_city_path().parts[-3:] == ("data", "sample-city", "day.json")
    assert sample_city_path().exists()
