"""Plans that are easily missed: visits that only pay together, days that only work whole, one dear visit."""

from dataclasses import replace

import numpy as np
import pytest

from builders import make_instance, make_shift, make_visit
from fieldops.solver.solve import solve
from small_days import small_day


@pytest.mark.parametrize("seed", range(3))
def test_a_shift_is_opened_for_visits_that_only_pay_together(seed: int) -> None:
    """Going out costs 10.00; each of the three visits is worth 5.00, all together more than the day."""
    visits = [make_visit(1, unassigned_cents=500) for _ in range(3)]

    plan = solve(make_instance(*visits, shifts=[make_shift(fixed_cost=1_000)]), iterations=500, seed=seed).solution

    assert plan.unassigned == ()


def test_a_warm_start_that_works_only_as_a_whole_is_kept() -> None:
    """On one-way streets neither customer can be served alone (90 s of way in a day of 50), but one after the other."""
    travel_s = np.array([[[0, 1, 90], [90, 0, 1], [1, 90, 0]]], dtype=np.int32)
    visits = [make_visit(place, service_s=0, unassigned_cents=100) for place in (1, 2)]
    shift = make_shift(hard_end=50, regular_end=50)
    instance = make_instance(*visits, shifts=[shift], travel_s=travel_s, distance_m=travel_s)

    plan = solve(instance, iterations=20, warm_start={0: [0, 1]}).solution

    assert plan.unassigned == ()


@pytest.mark.parametrize("seed", range(3))
def test_one_emergency_does_not_make_all_others_worthless(seed: int) -> None:
    """The plan of a day with one visit far dearer than the rest is as good as that of the same day without."""
    day = small_day(seed, num_visits=40, num_shifts=5)
    dear = replace(day, visits=(replace(day.visits[0], unassigned_cents=50_000_000), *day.visits[1:]))
    # Served in both, so the difference is what the search makes of the others.
    must = replace(day, visits=(replace(day.visits[0], mandatory=True), *day.visits[1:]))
    costs = [solve(each, iterations=3_000, seed=seed).solution.cost.total for each in (dear, must)]

    assert costs[0] <= 1.1 * costs[1]
