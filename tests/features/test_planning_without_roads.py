"""A visit that no road leads to is left out of the plan, and everybody else is planned."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fieldops.domain.plan import Plan
from fieldops.domain.problem import Place
from fieldops.store.database import Database
from fieldops.store.tables import VisitRow
from fieldops.travel.geodesic import GeodesicTravel
from fieldops.travel.provider import TravelMatrix, TravelTable, require_reachable
from fieldops.usecases.context import Context
from fieldops.usecases.plan_problem import plan_problem
from planned_dates import add_date, book, running_orders, solved
from worlds import LATITUDE, add_site, make_context

ROADS = GeodesicTravel(coefficient_s=180.0, exponent=0.72, detour=1.4)


class Ferry:
    """Roads on either side of a river, and no bridge: south of the depot's latitude is the other side."""

    def matrix(self, places: Sequence[Place]) -> TravelMatrix:
        """Answer for one side only."""
        side = np.array([place.latitude < LATITUDE - 0.001 for place in places])
        require_reachable(places, side[:, None] != side[None, :])
        return ROADS.matrix(places)

    def between(self, origins: Sequence[Place], destinations: Sequence[Place]) -> TravelTable:
        """Answer as if there was a bridge; solves do not ask this."""
        return ROADS.between(origins, destinations)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Search for a twentieth of a second where a job says a second or two; days this small need no more."""

    def plan_quickly(*args: Any, **kwargs: Any) -> Plan:
        return plan_problem(*args, **{**kwargs, "seconds": 0.05})

    monkeypatch.setattr("fieldops.usecases.plan_day.plan_problem", plan_quickly)


def over_the_river(database: Database, visit_id: str) -> None:
    """Move a visit to where no road leads."""
    with database.writing() as session:
        session.get_one(VisitRow, visit_id).site_id = add_site(session, km_north=-3.0).id


def ferry_context(database: Database) -> Context:
    """Make a context without bridges."""
    return replace(make_context(database), travel=lambda _: Ferry())


def test_an_open_visit_that_no_road_leads_to_is_left_out_and_told(database: Database) -> None:
    """One wrong address among hundreds must not cost a territory every plan."""
    names = add_date(database, visits=3)
    over_the_river(database, names.visits[1])
    job = solved(ferry_context(database), names, publishes=True)
    assert (job.state, job.note) == ("published", None)
    assert set(running_orders(database, names)[names.shifts[0]]) == {names.visits[0], names.visits[2]}
    assert job.draft is not None
    assert [(left.visit_id, tuple(left.reasons)) for left in job.draft.without_place] == [
        (names.visits[1], ("too_far",))
    ]


def test_a_booked_visit_that_no_road_leads_to_is_for_a_person_to_mend(sqlite_database: Database) -> None:
    """A customer is waiting: a plan that quietly does without must not be made."""
    names = add_date(sqlite_database, visits=3)
    over_the_river(sqlite_database, names.visits[1])
    book(sqlite_database, names.visits[1], "10:00", "12:00")
    job = solved(ferry_context(sqlite_database), names, publishes=True)
    assert job.state == "failed"
    assert "no way to 3 and from 3 of the other 3 places" in (job.note or "")
