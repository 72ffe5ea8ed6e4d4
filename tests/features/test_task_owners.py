"""Whose a task is: what a customer is owed must not lie about because everybody thinks that others do it."""

from datetime import timedelta

import pytest

from api_client import client_for
from fieldops.store.database import Database
from fieldops.store.day_plans import lock_plan
from fieldops.store.plan_routes import write_routes
from fieldops.store.tables import TaskRow, VisitRow
from fieldops.usecases.actor import SYSTEM, Role
from fieldops.usecases.task_codes import TaskCode
from fieldops.usecases.tasks import TaskKind, finish_task, open_task
from fieldops.usecases.users import create_user, deactivate_user
from fieldops.usecases.work import Work, transact
from telling_worlds import LiveWorld, make_live_world
from worlds import OPS, TODAY


@pytest.fixture
def world(database: Database) -> LiveWorld:
    """Give a day under way in a company where nobody can log in yet."""
    return make_live_world(database)


def test_tasks_are_shared_by_those_who_dispatch(world: LiveWorld) -> None:
    """With nobody there they wait; then those who run the product have them, then the dispatcher with the fewest."""
    assert opened(world).owner is None
    ops = user(world, "Omar", Role.OPS)
    technician = world.technician.id
    user(world, "Kim", Role.TECHNICIAN, technician_id=technician)
    assert opened(world).owner == ops
    lee, mia = sorted((user(world, "Lee"), user(world, "Mia")))

    first, second, third = opened(world), opened(world), opened(world)

    assert [task.owner for task in (first, second, third)] == [lee, mia, lee]
    transact(world.ctx, SYSTEM, finish_task, third.id)
    transact(world.ctx, SYSTEM, finish_task, first.id)
    assert opened(world).owner == lee


def test_who_changed_the_plan_of_the_day_has_its_tasks(world: LiveWorld) -> None:
    """Who dispatches this city today knows what went wrong, however much there is to do."""
    lee, mia = sorted((user(world, "Lee"), user(world, "Mia")))
    change_plan(world, lee)
    change_plan(world, mia)

    assert {opened(world).owner, opened(world).owner} == {mia}


def test_the_territory_may_name_whose_tasks_are(world: LiveWorld) -> None:
    """A company with an office for complaints says so; who is no dispatcher is refused by name."""
    ops = client_for(world.ctx, OPS)
    lee, mia = sorted((user(world, "Lee"), user(world, "Mia")))
    kim = user(world, "Kim", Role.TECHNICIAN, technician_id=world.technician.id)
    path = f"/v1/territories/{world.territory.id}"
    change_plan(world, lee)
    body = {name: value for name, value in ops.get(path).json().items() if name != "id"}
    for wrong in (kim, "us_nobody"):
        body["live"]["follow_up_owner"] = wrong
        answer = ops.put(path, json=body)
        assert (answer.status_code, answer.json()["faults"][0]["path"]) == (422, "live.follow_up_owner")
        assert ops.post("/v1/territories", json=body | {"name": "Elsewhere"}).status_code == 422
    body["live"]["follow_up_owner"] = mia
    assert ops.put(path, json=body).status_code == 200

    assert opened(world).owner == mia


def test_the_tasks_of_somebody_locked_out_go_to_others(world: LiveWorld) -> None:
    """Also the one that is opened again, and whatever the territory still says."""
    ops = client_for(world.ctx, OPS)
    lee = user(world, "Lee")
    path = f"/v1/territories/{world.territory.id}"
    body = {name: value for name, value in ops.get(path).json().items() if name != "id"}
    body["live"]["follow_up_owner"] = lee
    ops.put(path, json=body)
    task, over = opened(world), opened(world)
    transact(world.ctx, SYSTEM, finish_task, over.id)
    mia = user(world, "Mia")

    transact(world.ctx, OPS, deactivate_user, lee)

    assert world.row(TaskRow, task.id).owner == mia
    assert (world.row(TaskRow, over.id).owner, opened(world, over.visit_id).owner) == (lee, mia)
    # What was saved before Lee went is no fault of whoever saves something else.
    assert ops.put(path, json=body).status_code == 200


def user(world: LiveWorld, name: str, role: Role = Role.DISPATCHER, **more: str) -> str:
    """Let somebody in; return the id."""
    email = f"{name.lower()}@example.com"
    about = {"email": email, "name": name, "role": role.value, "password_hash": "$argon2id$none", **more}
    return transact(world.ctx, OPS, create_user, **about).id


def opened(world: LiveWorld, visit_id: str | None = None) -> TaskRow:
    """Open a task, about a visit of its own unless one is named."""
    if visit_id is None:
        visit_id = world.booked().visit_id

    def leave(work: Work) -> str:
        return open_task(work, TaskKind.LOW_SCORE, work.session.get_one(VisitRow, visit_id), TaskCode.LATE).id

    return world.row(TaskRow, transact(world.ctx, SYSTEM, leave))


def change_plan(world: LiveWorld, user_id: str) -> None:
    """Let a dispatcher change today's plan."""
    with world.ctx.database.writing() as session:
        plan = lock_plan(session, world.territory.id, TODAY)
        write_routes(session, plan, {}, reason="edit", actor=f"user:{user_id}", now=world.clock.now())
    world.clock.advance(timedelta(minutes=1))
