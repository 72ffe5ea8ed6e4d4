"""Rules of a route that have nothing to do with the clock, caps, and whole solutions."""

from typing import Any

import pytest

from asserts import assert_feasible
from builders import DAY_S, make_instance, make_shift, make_visit
from fieldops.solver.instance import Shift, Technician, Visit
from fieldops.solver.schedule import schedule_route, schedule_solution
from fieldops.solver.solution import Route, Solution, Violation, ViolationCode
from fieldops.units import UNITS_PER_CENT


@pytest.mark.parametrize(
    ("visit", "code", "amount"),
    [
        ({"required_levels": (0, 2)}, ViolationCode.SKILL, 1),
        ({"allowed_technicians": frozenset({1})}, ViolationCode.TECHNICIAN, 0),
        ({"allowed_technicians": frozenset()}, ViolationCode.TECHNICIAN, 0),
        ({"forbidden_technicians": frozenset({0})}, ViolationCode.TECHNICIAN, 0),
    ],
)
def test_a_visit_refuses_a_technician(visit: dict[str, Any], code: ViolationCode, amount: int) -> None:
    """Skills and people are hard, and the visit that refuses is named."""
    people = [Technician(skill_levels=(3, 1)), Technician(skill_levels=(0, 0))]
    refusing = make_visit(1, **{"required_levels": (0, 0), **visit})
    instance = make_instance(make_visit(1, required_levels=(3, 1)), refusing, technicians=people)

    broken = schedule_route(instance, 0, [0, 1])

    assert isinstance(broken, Violation)
    assert (broken.code, broken.shift, broken.visit, broken.amount) == (code, 0, 1, amount)


@pytest.mark.parametrize(
    ("shift", "code", "amount"),
    [
        # Two visits of load 3 at places 1 and 2: 2,400 s of driving, 4,400 s of work.
        ({"max_visits": 1}, ViolationCode.MAX_VISITS, 1),
        ({"load_capacity": 5}, ViolationCode.LOAD, 1),
        ({"max_travel_s": 2_399}, ViolationCode.MAX_TRAVEL, 1),
        ({"max_work_s": 4_399}, ViolationCode.MAX_WORK, 1),
    ],
)
def test_a_cap_is_kept_to_the_last_unit(shift: dict[str, int], code: ViolationCode, amount: int) -> None:
    """One above the cap breaks it, the cap itself does not."""
    visits = (make_visit(1, load=3), make_visit(2, load=3))
    wider = {name: cap + 1 for name, cap in shift.items()}

    broken = schedule_route(make_instance(*visits, shifts=[make_shift(**shift)]), 0, [0, 1])
    kept = schedule_route(make_instance(*visits, shifts=[make_shift(**wider)]), 0, [0, 1])

    assert isinstance(broken, Violation)
    assert (broken.code, broken.amount) == (code, amount)
    assert isinstance(kept, Route)


@pytest.mark.parametrize(("ranks", "is_kept"), [((1, None, 2), True), ((2, None, 2), True), ((2, None, 1), False)])
def test_pinned_ranks_never_fall(ranks: tuple[int | None, ...], is_kept: bool) -> None:
    """Visits without a rank may come anywhere between, equal ranks in either order."""
    instance = make_instance(*(make_visit(1, sequence=rank) for rank in ranks))

    outcome = schedule_route(instance, 0, [0, 1, 2])

    assert isinstance(outcome, Route) == is_kept
    if isinstance(outcome, Violation):
        assert (outcome.code, outcome.visit, outcome.amount) == (ViolationCode.SEQUENCE, 2, 1)


def test_a_visit_is_served_once() -> None:
    """A repeated visit is caught on one route and across routes."""
    instance = make_instance(make_visit(1), shifts=[make_shift(), make_shift()])

    on_one = schedule_route(instance, 0, [0, 0])
    across = schedule_solution(instance, {0: [0], 1: [0]})

    assert isinstance(on_one, Violation)
    assert on_one.code == ViolationCode.REPEATED
    assert isinstance(across, tuple)
    assert [(broken.code, broken.shift, broken.visit) for broken in across] == [(ViolationCode.REPEATED, 1, 0)]


def test_a_route_serves_somebody() -> None:
    """An empty route is no route; asking for one is a mistake of the caller."""
    with pytest.raises(ValueError, match="at least one visit"):
        schedule_route(make_instance(make_visit(1)), 0, [])


def test_the_violation_that_gets_furthest_is_reported() -> None:
    """The first visit is fine; the second is 100 s late, which is what a person can act on."""
    instance = make_instance(make_visit(1), make_visit(2, windows=((0, 2_100),)))

    broken = schedule_route(instance, 0, [0, 1])

    assert isinstance(broken, Violation)
    assert (broken.code, broken.visit, broken.amount) == (ViolationCode.WINDOW, 1, 100)


def test_a_solution_adds_up_routes_and_visits_left_out() -> None:
    """Left out cost what they are worth, and their delay counted to the end of the horizon."""
    left_out = make_visit(1, unassigned_cents=500, due=DAY_S - 7_200, due_cents_per_hour=100, mandatory=True)
    shifts: list[Shift] = [make_shift(fixed_cost=30), make_shift(fixed_cost=40), make_shift(fixed_cost=50)]
    visits: list[Visit] = [make_visit(1), left_out, make_visit(2)]
    instance = make_instance(*visits, shifts=shifts)

    solution = schedule_solution(instance, {2: [0], 1: [], 0: [2]})

    assert isinstance(solution, Solution)
    assert_feasible(instance, solution)
    assert [(route.shift, route.visits) for route in solution.routes] == [(0, (2,)), (2, (0,))]
    assert solution.unassigned == (1,)
    assert (solution.cost.fixed, solution.cost.unassigned) == (80 * UNITS_PER_CENT, 500 * UNITS_PER_CENT)
    assert solution.cost.sla == 200 * UNITS_PER_CENT
    assert solution.cost.total == 780 * UNITS_PER_CENT
