"""A replan saves a promise and finds other things to improve on the way: only what is worth it is done."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain_builders import DEPOT, at, make_problem, make_shift, make_technician, make_visit, window
from fieldops.domain.live import LiveState, Remaining
from fieldops.domain.problem import Place
from fieldops.store.database import Database
from fieldops.store.tables import TerritoryRow
from fieldops.travel.provider import TravelMatrix
from fieldops.units import Cents
from fieldops.usecases.replan_input import ReplanInput
from fieldops.usecases.request_replan import ReplanKind, ReplanScope
from fieldops.usecases.worthwhile import worthwhile
from line_travel import LineTravel
from replan_worlds import late_day


def given() -> ReplanInput:
    """
    Make four shifts: Ada has a long visit before one promised until 10:00, Ben none, Cleo and Dan one each.

    All visits are at one place.
    """
    places = (DEPOT, Place(id="near", latitude=38.91, longitude=-77.03))
    people = [
        make_technician(make_shift(id=f"s{name}"), id=name, name=name.title()) for name in ("ada", "ben", "cleo", "dan")
    ]
    long = make_visit(id="long", place_id="near", duration=timedelta(hours=4))
    late = make_visit(id="late", place_id="near", promised_window=window("08:00", "10:00"), promise_is_hard=False)
    one, two = (make_visit(id=name, place_id="near") for name in ("one", "two"))
    problem = make_problem(long, late, one, two, technicians=people, places=places)
    orders = {"sada": ("long", "late"), "sben": (), "scleo": ("one",), "sdan": ("two",)}
    remaining = Remaining(problem=problem, orders=orders, state=LiveState(now=at("07:00")))
    return ReplanInput(
        kind=ReplanKind.JEOPARDY,
        scope=ReplanScope(),
        live=None,  # type: ignore[arg-type]
        remaining=remaining,
        conflicts={},
    )


def travel_of(given: ReplanInput) -> TravelMatrix:
    """Measure the ways."""
    return LineTravel().matrix(given.remaining.problem.places)


#: Ben takes the late visit; and, for nothing, Cleo and Dan exchange theirs.
FOUND = {"sada": ("long",), "sben": ("late",), "scleo": ("two",), "sdan": ("one",)}


@pytest.mark.parametrize("least_gain", [1, 2_000])
def test_each_change_is_judged_on_its_own(least_gain: int) -> None:
    """The promise that Ben saves pays for itself; it does not pay for an exchange that nobody needs."""
    day = given()

    kept = worthwhile(day, travel_of(day), FOUND, Cents(least_gain))

    assert kept == {"sada": ("long",), "sben": ("late",)}


def test_a_promise_more_is_worth_any_change() -> None:
    """However much a change has to save: one that keeps a promise that would be broken is made."""
    day = given()

    kept = worthwhile(day, travel_of(day), FOUND, Cents(1_000_000_000))

    assert set(kept) == {"sada", "sben"}


def test_a_visit_without_a_place_gets_one_whatever_it_costs() -> None:
    """An emergency saves nothing."""
    day = given()
    orders = {**day.remaining.orders, "sdan": ()}
    homeless = replace(day, remaining=replace(day.remaining, orders=orders))

    kept = worthwhile(homeless, travel_of(day), {"sdan": ("two",)}, Cents(1_000_000_000))

    assert kept == {"sdan": ("two",)}


def test_a_territory_that_wants_more_for_its_trouble_still_saves_promises(database: Database) -> None:
    """With a least gain of a thousand dollars, the second visit, which would be late, goes to Lee all the same."""
    day = late_day(database, least_gain_cents=100_000)

    found = day.replan()

    assert found.state == "applied"
    with database.reading() as session:
        assert session.get_one(TerritoryRow, day.territory).live_policies["least_gain_cents"] == 100_000
    assert day.orders()[day.lees] == (day.second,)
