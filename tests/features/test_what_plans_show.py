"""A plan shows of its visits what a dispatcher has to know to move them."""

from typing import Any

import pytest
from sqlalchemy import select

from api_client import client_for
from booking_worlds import World, make_world
from fieldops.store.database import Database
from fieldops.store.tables import TechnicianSkillRow
from running_day import book, put_on_route
from worlds import STAFF, TOMORROW, add_customer, add_site, add_visit


class Board:
    """A dispatcher at a board: one technician with a booked and an open visit."""

    def __init__(self, database: Database) -> None:
        self.world: World = make_world(database, technicians=2)
        territory = self.world.territory
        with database.writing() as session:
            zoe = add_customer(session, name="Zoë Müller")
            booked = add_visit(
                session,
                territory,
                customer=zoe,
                name="Boiler",
                duration_s=2_700,
                required_skills={"gas": 2},
                priority=4,
            )
            is_open = add_visit(session, territory, site=add_site(session, km_north=2.0), name="Meter")
            book(session, booked, "09:00", "12:00", TOMORROW)
            put_on_route(self.world.ctx, session, self.world.shifts[0], [booked, is_open])
        self.booked, self.open = booked.id, is_open.id
        self.client = client_for(self.world.ctx, STAFF)
        self.path = f"/v1/plans/{territory.id}/{TOMORROW.isoformat()}"

    def plan(self) -> dict[str, Any]:
        """Read the plan."""
        found: dict[str, Any] = self.client.get(self.path).json()
        return found

    def stop(self, visit_id: str) -> dict[str, Any]:
        """Read a stop of the plan."""
        return next(stop for route in self.plan()["routes"] for stop in route["stops"] if stop["visit_id"] == visit_id)

    def edit(self, **edit: Any) -> dict[str, Any]:
        """Change the plan by hand."""
        headers = {"If-Match": f'"{self.plan()["version"]}"'}
        body = {"edit": edit, "force": True, "reason": "agreed"}
        made = self.client.post(f"{self.path}/edits", json=body, headers=headers)
        assert made.status_code == 201, made.text
        found: dict[str, Any] = made.json()
        return found


@pytest.fixture
def board(database: Database) -> Board:
    """Sit down at the board."""
    return Board(database)


def test_a_stop_names_its_customer_its_skills_and_how_long_it_takes(board: Board) -> None:
    """Otherwise a board would have to ask for every visit on it."""
    stop = board.stop(board.booked)

    assert (stop["customer_name"], stop["duration_s"], stop["priority"]) == ("Zoë Müller", 2_700, 4)
    assert (stop["required_skills"], stop["pin"]) == ({"gas": 2}, None)


def test_a_route_names_the_skills_of_its_technician(board: Board) -> None:
    """They decide what may be dragged there."""
    with board.world.ctx.database.writing() as session:
        for shift in board.world.shifts[:1]:
            held = select(TechnicianSkillRow).where(TechnicianSkillRow.technician_id == shift.technician_id)
            for row in session.scalars(held):
                session.delete(row)
            session.flush()
            session.add(TechnicianSkillRow(technician_id=shift.technician_id, skill="gas", level=3))

    routes = {route["shift_id"]: route["skills"] for route in board.plan()["routes"]}

    assert routes[board.world.shifts[0].id] == {"gas": 3}


def test_a_stop_shows_what_is_locked_about_it(board: Board) -> None:
    """A padlock on a board says what it keeps; one that a person has set names no edit, a move by hand does."""
    board.edit(kind="lock", visit_id=board.booked, technician=True, start=True)
    locked = board.stop(board.booked)["pin"]
    moved = board.edit(kind="move", visit_id=board.open, shift_id=board.world.shifts[1].id)

    assert locked == {"technician": True, "sequence": False, "start": True, "off": None, "edit_id": None}
    assert board.stop(board.open)["pin"] == {
        "technician": True,
        "sequence": False,
        "start": False,
        "off": None,
        "edit_id": moved["id"],
    }
    board.edit(kind="unlock", visit_id=board.booked)
    assert board.stop(board.booked)["pin"] is None


def test_a_visit_taken_off_by_hand_stays_in_sight(board: Board) -> None:
    """Nothing is promised about it, no solve has left it out; who took it off must still find it, with its place."""
    board.edit(kind="unassign", visit_id=board.open)

    (left,) = board.plan()["without_place"]

    assert (left["visit_id"], left["name"], left["is_promised"]) == (board.open, "Meter", False)
    assert (left["pin"]["off"], left["duration_s"]) == (TOMORROW.isoformat(), 1_800)
    # Two kilometers north of the depot, as it was on its route.
    assert left["latitude"] > board.stop(board.booked)["latitude"]
