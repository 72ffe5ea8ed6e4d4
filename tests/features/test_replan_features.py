"""
One small day under way per story: what is changed, what is left as people were told, and what that is worth.

Places lie ten minutes apart on a line, every visit takes 1,000 s, driving costs a cent per second (see `builders`).
"""

from typing import Any

import pytest

from asserts import assert_feasible
from builders import make_instance, make_shift, make_visit
from fieldops.solver.instance import Instance, Shift, Visit
from fieldops.solver.replan import Replan, replan
from fieldops.solver.solve import solve
from fieldops.units import UNITS_PER_CENT

KIM, LEE = 0, 1
A_CENT_PER_SECOND = 3_600


def _out_there(technician: int, place: int, ready: int, **changes: Any) -> Shift:
    """Somebody under way who is free at a place at an instant; the day ends at the last visit."""
    at = {"technician": technician, "start_place": place, "end_place": None, "earliest_start": ready}
    return make_shift(**{**at, "underway": True, "cost_per_travel_hour": A_CENT_PER_SECOND, **changes})


def _booked(place: int, **changes: Any) -> Visit:
    return make_visit(place, **{"mandatory": True, "baseline_technician": KIM, **changes})


def _replan(instance: Instance, baseline: dict[int, list[int]], **options: Any) -> Replan:
    made = replan(instance, baseline, iterations=300, **options)
    assert_feasible(instance, made.repaired)
    assert_feasible(instance, made.result.solution)
    return made


def _orders(made: Replan) -> dict[int, tuple[int, ...]]:
    return {route.shift: route.visits for route in made.result.solution.routes if route.stops}


@pytest.mark.parametrize(("reassigned_cents", "who", "term"), [(1_500, LEE, "churn"), (4_000, KIM, "lateness")])
def test_a_promise_in_danger_goes_to_somebody_else_when_it_is_worth_a_new_face(
    reassigned_cents: int, who: int, term: str
) -> None:
    """Kim's job overran; Lee would be there in time, but the customer was told that Kim comes."""
    visit = _booked(3, promised_latest=6_500, lateness_cents_per_minute=200, reassigned_cents=reassigned_cents)
    instance = make_instance(visit, shifts=[_out_there(KIM, 2, 7_000), _out_there(LEE, 4, 5_000)])

    made = _replan(instance, {KIM: [0]})

    # Ten minutes of driving for either. Kim starts at 7,600, 1,100 s late: 200 x 1,100 / 60 = 3,667 cents.
    assert _orders(made) == {who: (0,)}
    assert made.moved == ((0,) if who == LEE else ())
    cost = made.result.solution.cost
    assert cost.travel == 600 * UNITS_PER_CENT
    assert getattr(cost, term) == cost.total - cost.travel
    assert made.repaired.cost.lateness == 1_100 * 200 * UNITS_PER_CENT // 60


@pytest.mark.parametrize(("told_miss_cents", "order"), [(500, (1, 0)), (700, (0, 1))])
def test_an_emergency_on_the_way_waits_when_it_would_make_somebody_else_wait(
    told_miss_cents: int, order: tuple[int, ...]
) -> None:
    """Serving it on the way saves ten minutes of driving, and the next customer was told a time."""
    told = _booked(2, told=(1_000, 1_500), told_miss_cents=told_miss_cents)
    emergency = make_visit(1, mandatory=True)
    instance = make_instance(told, emergency, shifts=[_out_there(KIM, 0, 0)])

    made = _replan(instance, {KIM: [0]})

    # On the way: 1,200 s of driving, the other starts at 2,200. Afterwards: 1,200 + 600 s, the other starts at 1,200.
    assert _orders(made) == {KIM: order}
    churn = told_miss_cents if order == (1, 0) else 0
    assert made.result.solution.cost.churn == churn * UNITS_PER_CENT


def test_who_falls_ill_is_replaced_and_nobody_else_notices() -> None:
    """More visits have to move than may; that is no reason to leave one out, nor to move any more."""
    ill = _out_there(KIM, 0, 0, max_visits=0)
    lee = _out_there(LEE, 2, 0)
    visits = [_booked(1), _booked(2), _booked(3), _booked(2, baseline_technician=LEE)]
    instance = make_instance(*visits, shifts=[ill, lee, _out_there(2, 2, 0)])

    made = _replan(instance, {KIM: [0, 1, 2], LEE: [3]}, most_moved=1)

    assert made.result.solution.unassigned == ()
    assert made.moved == (0, 1, 2)


def test_a_cap_on_moves_takes_the_one_that_is_worth_most() -> None:
    """Two visits would be better off with Lee, who stands at their doors; one may go."""
    near, far = _booked(4), _booked(5)
    instance = make_instance(near, far, shifts=[_out_there(KIM, 0, 0), _out_there(LEE, 5, 0)])

    free, capped, still = (_replan(instance, {KIM: [0, 1]}, most_moved=most) for most in (None, 1, 0))

    # Lee takes both: 0 and 600 s. One each: Kim 2,400, or 3,000 and Lee 600. Both with Kim: 3,000.
    assert (_orders(free), _orders(capped)) == ({LEE: (1, 0)}, {KIM: (0,), LEE: (1,)})
    assert _orders(still) == {KIM: (0, 1)}
    costs = [made.result.solution.cost.total / UNITS_PER_CENT for made in (free, capped, still)]
    assert costs == [600, 2_400, 3_000]


def test_a_pinned_visit_stays_late_rather_than_move() -> None:
    """Somebody had a reason: the optimizer works around it."""
    visit = _booked(3, promised_latest=6_500, lateness_cents_per_minute=200, allowed_technicians=frozenset({KIM}))
    instance = make_instance(visit, shifts=[_out_there(KIM, 2, 7_000), _out_there(LEE, 4, 5_000)])

    made = _replan(instance, {KIM: [0]})

    assert _orders(made) == {KIM: (0,)}
    assert made.result.solution.cost.lateness > 0


@pytest.mark.parametrize(("underway", "moved"), [(True, ()), (False, (1,))])
def test_a_wage_that_is_paid_anyway_is_not_saved_by_an_empty_route(underway: bool, moved: tuple[int, ...]) -> None:
    """At home, one of two would stay there and save a way; out there both have to drive home, so each keeps a visit."""
    at = {"end_place": 0, "cost_per_work_hour": 3_600, "cost_per_travel_hour": 0, "underway": underway}
    visits = [_booked(1, reassigned_cents=1), _booked(1, baseline_technician=LEE, reassigned_cents=1)]
    instance = make_instance(*visits, shifts=[_out_there(KIM, 1, 0, **at), _out_there(LEE, 1, 0, **at)])

    made = _replan(instance, {KIM: [0], LEE: [1]})

    # Each of them: 1,000 s of service and 600 s home. Both with Kim: 2,600 s, and 600 s for Lee if he is out there.
    assert len(made.moved) == len(moved)
    assert made.result.solution.cost.work == (3_200 if underway else 2_600) * UNITS_PER_CENT


def test_a_plan_from_nothing_may_keep_to_a_baseline_as_well() -> None:
    """The night's plan of a week that was announced: better, but not with new faces everywhere."""
    kim, lee = (
        make_shift(technician=who, cost_per_travel_hour=A_CENT_PER_SECOND, end_place=None) for who in (KIM, LEE)
    )
    instance = make_instance(*(make_visit(place, mandatory=True) for place in (1, 2, 3)), shifts=[kim, lee])
    baseline = {KIM: [0], LEE: [1, 2]}

    free = solve(instance, iterations=300).solution
    kept = solve(instance, iterations=300, baseline=baseline, most_moved=0).solution

    # One after the other: 1,800 s. As announced: 600 + 1,800.
    assert free.cost.total == 1_800 * UNITS_PER_CENT
    assert kept.cost.total == 2_400 * UNITS_PER_CENT
