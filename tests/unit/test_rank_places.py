"""All places a visit could have on a day: held to trying every one of them out, and told in a sentence."""

from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest

from domain_builders import CUSTOMER, DEPOT, at, make_problem, make_shift, make_technician, make_visit, window
from fieldops.domain.problem import CostRates, Pin, Place, Problem, Told
from fieldops.errors import InvalidInput
from fieldops.files.problem_json import load_problem
from fieldops.files.sample_city import sample_city_path
from fieldops.solver import Evaluator, Refusal
from fieldops.solver.schedule import unassigned_cost
from fieldops.travel.geodesic import GeodesicTravel
from fieldops.units import Cents, CostUnits, to_cents
from fieldops.usecases.plan_problem import plan_problem
from fieldops.usecases.rank_places import RankedPlaces, place_words, rank_places
from fieldops.usecases.running_day import running_day
from fieldops.usecases.translate import to_instance
from fieldops.usecases.try_routes import Orders
from line_travel import LineTravel

TRAVEL = GeodesicTravel(coefficient_s=180.0, exponent=0.72, detour=1.4)


@cache
def corner_of_the_city() -> tuple[Problem, Orders]:
    """Plan 36 visits of the sample city for its first six technicians, quickly; some have no place."""
    whole = load_problem(sample_city_path())
    people = whole.technicians[:6]
    known = {person.id for person in people}
    visits = tuple(
        replace(
            visit,
            allowed_technicians=None if visit.allowed_technicians is None else visit.allowed_technicians & known,
            forbidden_technicians=visit.forbidden_technicians & known,
            preferred_technicians=visit.preferred_technicians & known,
            pin=None,
        )
        for visit in whole.visits[:36]
    )
    problem = replace(whole, technicians=people, visits=visits)
    plan = plan_problem(problem, TRAVEL, seconds=None, iterations=300)
    return problem, {route.shift_id: tuple(stop.visit_id for stop in route.stops) for route in plan.routes}


def cheapest_by_trying(problem: Problem, orders: Orders, visit_id: str) -> dict[str, int]:
    """Try every place out, and return the least change of the whole plan's cost per shift that has one, in cents."""
    translation = to_instance(problem, TRAVEL.matrix(problem.places))
    evaluator = Evaluator(translation.instance)
    numbers = {visit.id: idx for idx, visit in enumerate(problem.visits)}
    asked = numbers[visit_id]

    def cost(shift: int, order: list[int]) -> CostUnits | None:
        return evaluator.cost(shift, order) if order else CostUnits(0)

    routes = {
        idx: [numbers[name] for name in orders.get(shift.id, ())] for idx, (_, shift) in enumerate(translation.shifts)
    }
    rest = {idx: [visit for visit in order if visit != asked] for idx, order in routes.items()}
    now: int = unassigned_cost(translation.instance, asked).total
    for idx, order in routes.items():
        if asked in order:
            with_it, without = cost(idx, order), cost(idx, rest[idx])
            assert with_it is not None, "the plan is sound"
            assert without is not None, "so it is with a visit less"
            now = with_it - without
    found = {}
    for idx, order in rest.items():
        base = cost(idx, order)
        assert base is not None, "the plan is sound"
        tried = [cost(idx, [*order[:pos], asked, *order[pos:]]) for pos in range(len(order) + 1)]
        costs = [amount - base - now for amount in tried if amount is not None]
        if costs:
            found[translation.shifts[idx][1].id] = to_cents(CostUnits(min(costs)))
    return found


@pytest.mark.parametrize("number", range(0, 36, 4))
def test_no_place_is_cheaper_than_the_one_named(number: int) -> None:
    """Every position on every route, scheduled anew: the same shifts have a place, and the best costs the same."""
    problem, orders = corner_of_the_city()
    visit_id = problem.visits[number].id
    day = running_day(problem, TRAVEL.matrix(problem.places), orders)

    ranked = rank_places(day, visit_id)

    costs = {place.shift_id: place.cost_change for place in ranked.places}
    assert costs == cheapest_by_trying(problem, orders, visit_id)
    assert list(costs.values()) == sorted(costs.values())
    assert len(ranked.places) + len(ranked.without) == 6


def small_day() -> tuple[Problem, Orders]:
    """Kim serves the boiler at the customer; Lee knows nothing of gas; Max is at work after noon only."""
    problem = make_problem(
        make_visit(id="boiler", name="Boiler"),
        make_visit(
            id="stove", name="Stove", place_id="hill", required_skills={"gas": 1}, windows=(window("08:45", "11:00"),)
        ),
        technicians=[
            make_technician(make_shift(end=at("09:00")), name="Kim"),
            make_technician(make_shift(id="lee-monday"), id="lee", name="Lee", skills={}),
            make_technician(make_shift(id="max-monday", start=at("12:00")), id="max", name="Max"),
        ],
        places=(DEPOT, CUSTOMER, Place(id="hill", latitude=38.95, longitude=-77.08)),
        rates=CostRates(travel_per_hour=Cents(3_600), travel_per_km=Cents(0)),
    )
    return problem, {"kim-monday": ("boiler",)}


def ranked_on_small_day(visit_id: str = "stove") -> tuple[RankedPlaces, list[str]]:
    """Rank the places of a visit, and say each in words."""
    problem, orders = small_day()
    day = running_day(problem, LineTravel().matrix(problem.places), orders)
    ranked = rank_places(day, visit_id)
    return ranked, [place_words(day, place, visit_id) for place in ranked.places]


def test_a_place_is_told_in_a_sentence() -> None:
    """
    Kim drives 10 minutes, serves until 08:40, is on the hill at 08:50 and home at 09:50.

    Before, home at 08:55: 25 minutes of driving are now 50, and 50 of the minutes after 09:00 are overtime.
    """
    ranked, words = ranked_on_small_day()

    assert words == ["Kim, after Boiler, 08:50, +25 min driving, 50 min overtime"]
    # 25 minutes of driving are 15.00 and 50 of overtime at 60.00 an hour 50.00, less 300.00 for leaving it out.
    assert ranked.places[0].cost_change == 1_500 + 5_000 - 30_000


def test_who_has_no_place_says_why() -> None:
    """Lee lacks the skill, and Max comes when it is too late."""
    ranked, _ = ranked_on_small_day()

    assert [(place.technician_id, place.reason) for place in ranked.without] == [
        ("lee", Refusal.SKILL),
        ("max", Refusal.OUTSIDE_SHIFT),
    ]


def test_the_place_a_visit_has_costs_nothing_more() -> None:
    """The same place anew is no change, and anybody else would drive as far for it."""
    ranked, words = ranked_on_small_day("boiler")

    assert {place.technician_id: place.cost_change for place in ranked.places} == {"kim": 0, "lee": 0, "max": 0}
    assert words[0] == "Kim, first, 08:10, +25 min driving"


def test_a_pinned_visit_has_places_with_its_technician_only() -> None:
    """Whoever wants it elsewhere has to take the pin off, knowingly."""
    problem, orders = small_day()
    boiler, stove = problem.visits
    pinned = replace(problem, visits=(replace(boiler, pin=Pin(technician_id="kim")), stove))
    day = running_day(pinned, LineTravel().matrix(pinned.places), orders)

    ranked = rank_places(day, "boiler")

    assert [place.technician_id for place in ranked.places] == ["kim"]
    assert {place.reason for place in ranked.without} == {Refusal.NOT_ALLOWED}


def test_a_visit_nobody_knows_has_no_places() -> None:
    """A mistyped name is a fault, not an empty list."""
    problem, orders = small_day()
    day = running_day(problem, LineTravel().matrix(problem.places), orders)

    with pytest.raises(InvalidInput, match="a visit of the problem"):
        rank_places(day, "x")


def test_somebody_else_than_was_told_costs_what_that_costs() -> None:
    """
    The boiler's customer was told of Kim, between 08:00 and 08:30; 15.00 for anybody else, 5.00 for another time.

    Max begins at noon and has both against him.
    """
    problem, orders = small_day()
    boiler, stove = problem.visits
    told = Told(technician_id="kim", window=window("08:00", "08:30"))
    problem = replace(problem, visits=(replace(boiler, told=told), stove))
    day = running_day(problem, LineTravel().matrix(problem.places), orders)

    ranked = rank_places(day, "boiler")

    assert {place.technician_id: place.cost_change for place in ranked.places} == {"kim": 0, "lee": 1_500, "max": 2_000}


def test_a_shift_under_way_without_visits_has_places_too() -> None:
    """Kim is on the hill at noon with nothing left to do: the boiler is on the way home."""
    problem, _ = small_day()
    kim = problem.technicians[0]
    shift = replace(kim.shifts[0], start=at("12:00"), end=at("16:00"), start_place_id="hill", underway=True)
    problem = replace(problem, technicians=(replace(kim, shifts=(shift,)),))
    day = running_day(problem, LineTravel().matrix(problem.places), {})

    ranked = rank_places(day, "boiler")

    # From the hill back to the customer 15 minutes, as they are on the way home.
    (place,) = ranked.places
    assert (place.start, place.extra_travel, place.cost_change) == (at("12:15"), timedelta(0), -30_000)
