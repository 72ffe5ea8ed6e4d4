"""The oracle of the tests, on a day small enough to think through."""

from builders import make_instance, make_shift, make_visit
from oracles import brute_force_best


def test_the_oracle_finds_the_day_a_person_would() -> None:
    """Two shifts at the two ends of a line, one visit nobody can reach in time, one only worth it when passing by."""
    left = make_shift(start_place=0, end_place=0, cost_per_travel_hour=3_600)
    right = make_shift(start_place=4, end_place=4, cost_per_travel_hour=3_600)
    visits = (
        make_visit(3, unassigned_cents=9_000),
        make_visit(1, unassigned_cents=9_000),
        make_visit(2, windows=((0, 100),), unassigned_cents=9_000),
        make_visit(2, unassigned_cents=100),
        make_visit(2, unassigned_cents=100, mandatory=True),
    )
    instance = make_instance(*visits, shifts=[left, right])

    best = brute_force_best(instance)

    # The mandatory visit needs a drive to place 2, where the one worth 100 cents is then served for nothing.
    assert best.unassigned == (2,)
    # One side drives to place 2 and back (2,400 s), the other to its neighbor (1,200 s), at a cent a second.
    assert best.cost.travel == 3_600 * 18_000
    assert {visit for route in best.routes for visit in route.visits} == {0, 1, 3, 4}
