"""Statements that are compiled once: they say what SQLAlchemy would have said, and nobody notices the difference."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from booking_worlds import TOMORROW, make_world
from fieldops.errors import WindowTaken
from fieldops.store.base import table_of
from fieldops.store.database import Database
from fieldops.store.prepared import Prepared
from fieldops.store.tables import AuditRow, HoldRow, PlanRow, PlanVersionRow, VisitRow
from worlds import NOW

_BY_ID = Prepared(select(VisitRow).where(VisitRow.id == bindparam("visit_id")))
_AND_HOLD = Prepared(
    select(VisitRow.id, HoldRow, VisitRow.created_at)
    .outerjoin(HoldRow, HoldRow.visit_id == VisitRow.id)
    .where(VisitRow.id.in_(bindparam("visit_ids", expanding=True)), VisitRow.state.in_(["open", "held"]))
    .order_by(VisitRow.id)
)
_SET_STATE = Prepared(
    update(table_of(VisitRow))
    .where(table_of(VisitRow).c.id == bindparam("of_visit"))
    .values(state=bindparam("to_state"))
    .returning(table_of(VisitRow).c.id, table_of(VisitRow).c.version)
)
_ADD_PLAN = Prepared(insert(table_of(PlanRow)))
_ADD_LINE = Prepared(insert(table_of(AuditRow)).inline())


def _plan(territory_id: str, plan_id: str, day: date) -> dict[str, Any]:
    return {"id": plan_id, "territory_id": territory_id, "date": day, "version": 0, "waitlist_version": 0}


def test_object_read_is_the_one_the_session_knows(database: Database) -> None:
    """Whoever holds the object sees what is in the database now, and what is changed about it is written."""
    world = make_world(database)
    visit_id = world.visit().id

    with database.writing() as session:
        read = session.get_one(VisitRow, visit_id)
        session.execute(text("update visits set name = 'Meter' where id = :visit_id"), {"visit_id": visit_id})

        [[again]] = _BY_ID.rows(session, {"visit_id": visit_id})

        assert again is read
        assert read.name == "Meter"
        assert not session.dirty
        read.name = "Boiler"
        assert _BY_ID.rows(session, {"visit_id": visit_id}) == [[read]]
        assert read.name == "Boiler"

    with database.reading() as session:
        [[anew]] = _BY_ID.rows(session, {"visit_id": visit_id})
        as_usual = select(VisitRow).where(VisitRow.id == visit_id).execution_options(populate_existing=True)
        loaded = {column.key: getattr(anew, column.key) for column in table_of(VisitRow).columns}
        assert session.scalars(as_usual).one() is anew
        assert {name: getattr(anew, name) for name in loaded} == loaded
        assert anew.name == "Boiler"


def test_change_of_an_object_that_was_read_is_written_at_commit(database: Database) -> None:
    """It belongs to the session like any other."""
    world = make_world(database)
    visit_id = world.visit().id

    with database.writing() as session:
        [[visit]] = _BY_ID.rows(session, {"visit_id": visit_id})
        visit.duration_s = 4_200
        visit.pin = {"sequence": 1}

    with database.reading() as session:
        visit = session.get_one(VisitRow, visit_id)
        assert (visit.duration_s, visit.pin) == (4_200, {"sequence": 1})


def test_lists_may_have_any_length(database: Database) -> None:
    """A statement is built for each length; what the outer side does not have is None."""
    world = make_world(database)
    ids = sorted(world.visit().id for _ in range(3))

    with database.reading() as session:
        for number in (3, 0, 1, 2, 1):
            rows = _AND_HOLD.rows(session, {"visit_ids": ids[:number]})

            assert [visit_id for visit_id, _, _ in rows] == ids[:number]
            assert all(hold is None and made_at.utcoffset() == timedelta(0) for _, hold, made_at in rows)


def test_statement_may_be_run_for_many_rows_and_give_some_back(database: Database) -> None:
    """Rows of an insert may name other columns than those of the one before; an update may return what it changed."""
    world = make_world(database)
    visit_id = world.visit().id
    days = [TOMORROW + timedelta(days=number) for number in range(40, 43)]
    plans = [_plan(world.territory.id, f"pl_{day}", day) for day in days]
    line = {"at": NOW, "actor": "test", "action": "a", "subject_kind": "b", "subject_id": "c", "detail": {"d": [1]}}

    with database.writing() as session:
        _ADD_PLAN.run(session, *plans[:2])
        _ADD_PLAN.run(session, plans[2] | {"published_version": 0})
        _ADD_LINE.run(session, line)
        changed = _SET_STATE.rows(session, {"of_visit": visit_id, "to_state": "held"})

        assert changed == [[visit_id, 1]]
        assert session.scalars(select(PlanRow.date).order_by(PlanRow.date)).all()[-3:] == days
        assert session.scalars(select(AuditRow.detail).where(AuditRow.actor == "test")).one() == {"d": [1]}
        assert session.get_one(PlanRow, plans[2]["id"]).published_version == 0


def test_broken_rule_is_told_as_usual(database: Database) -> None:
    """Use cases are tried again, or fail, by the class of the error; values stay out of it, they end in the log."""
    world = make_world(database)
    plan = _plan(world.territory.id, "pl_secret", TOMORROW)

    with pytest.raises(IntegrityError) as caught, database.writing() as session:
        _ADD_PLAN.run(session, plan, plan)

    assert "pl_secret" not in str(caught.value).partition("[SQL")[2]
    with database.reading() as session:
        assert session.get(PlanRow, "pl_secret") is None


def test_changes_happen_in_the_order_in_which_they_were_asked_for(database: Database) -> None:
    """Some are kept back, to be sent together: whatever else is written or read comes after them all the same."""
    world = make_world(database)
    visit = world.visit()
    plans = [_plan(world.territory.id, f"pl_{number}", TOMORROW + timedelta(days=40 + number)) for number in range(4)]

    with database.writing() as session:
        # By a statement of SQLAlchemy's.
        _ADD_PLAN.run(session, plans[0])
        session.execute(update(PlanRow).where(PlanRow.id == "pl_0").values(version=7))
        # By what the session writes of its own: a foreign key would miss the plan.
        _ADD_PLAN.run(session, plans[1])
        session.add(PlanVersionRow(plan_id="pl_1", version=1, reason="solve", actor="test", made_at=NOW))
        session.flush()
        # By what is read next, and by nothing at all.
        _ADD_PLAN.run(session, plans[2])
        assert _SET_STATE.rows(session, {"of_visit": visit.id, "to_state": "held"}) == [[visit.id, 1]]
        _ADD_PLAN.run(session, plans[3])

    with database.reading() as session:
        made = select(PlanRow).where(PlanRow.id.in_([plan["id"] for plan in plans])).order_by(PlanRow.id)
        found = session.scalars(made).all()
        assert [(plan.id, plan.version) for plan in found] == [("pl_0", 7), ("pl_1", 0), ("pl_2", 0), ("pl_3", 0)]


def test_what_is_written_where_one_only_reads_is_not_lost(database: Database) -> None:
    """It should not be there; lost without a word it would be worse."""
    world = make_world(database)
    with database.reading() as session:
        _ADD_PLAN.run(session, _plan(world.territory.id, "pl_stray", TOMORROW + timedelta(days=40)))

    with database.reading() as session:
        assert session.get(PlanRow, "pl_stray") is not None


def test_nothing_stays_when_the_last_change_breaks_a_rule(database: Database) -> None:
    """What was kept back is sent together with the commit, which must not happen then."""
    world = make_world(database)
    day = TOMORROW + timedelta(days=40)

    def make_twice() -> None:
        with database.writing() as session:
            _ADD_PLAN.run(session, _plan(world.territory.id, "pl_first", day))
            _ADD_PLAN.run(session, _plan(world.territory.id, "pl_second", day))

    with pytest.raises(IntegrityError):
        make_twice()

    with database.reading() as session:
        assert session.get(PlanRow, "pl_first") is None


def test_any_number_of_rows_keeps_its_order(database: Database) -> None:
    """Many rows are inserted by one statement, but not all by one; numbers are given in the order of the rows."""
    line = {"at": NOW, "actor": "test", "action": "a", "subject_kind": "b", "detail": {}}
    names = [f"{number:02}" for number in range(35)]

    with database.writing() as session:
        _ADD_LINE.run(session, *[line | {"subject_id": name} for name in names])

    with database.reading() as session:
        made = select(AuditRow.subject_id).where(AuditRow.actor == "test").order_by(AuditRow.id)
        assert session.scalars(made).all() == names


def test_losing_a_window_does_not_cost_the_statements_their_preparation(postgres_database: Database) -> None:
    """A rollback is part of every busy day: all statements would be parsed and planned anew after each of them."""

    def lose() -> None:
        with postgres_database.writing() as session:
            for _ in range(10):
                _BY_ID.rows(session, {"visit_id": "nobody"})
            session.execute(text("create temporary table made_in_vain (id int)"))
            raise WindowTaken

    with pytest.raises(WindowTaken):
        lose()

    with postgres_database.writing() as session:
        kept = session.scalars(text("select statement from pg_prepared_statements")).all()
        assert any("FROM visits" in statement for statement in kept)
        assert session.scalar(text("select to_regclass('made_in_vain')")) is None


def test_connection_that_was_cut_is_not_used_again(postgres_database: Database) -> None:
    """The database was restarted: the statement fails, the next transaction gets a connection that works."""
    world = make_world(postgres_database)
    visit_id = world.visit().id
    others = "datname = current_database() and pid <> pg_backend_pid()"
    cut_off = text(f"select pg_terminate_backend(pid) from pg_stat_activity where {others}")

    def read_twice() -> None:
        with postgres_database.writing() as session:
            _BY_ID.rows(session, {"visit_id": visit_id})
            with postgres_database.reading() as other:
                other.execute(cut_off)
            _BY_ID.rows(session, {"visit_id": visit_id})

    with pytest.raises(OperationalError):
        read_twice()

    with postgres_database.reading() as session:
        assert len(_BY_ID.rows(session, {"visit_id": visit_id})) == 1
