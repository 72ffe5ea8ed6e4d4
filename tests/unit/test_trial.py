"""Routes tried out by hand: what happens on a day that breaks rules, and by how much it breaks them."""

import pytest

from builders import make_break, make_instance, make_shift, make_visit
from fieldops.solver.instance import Instance, Technician
from fieldops.solver.solution import ViolationCode
from fieldops.solver.trial import try_route


def broken(instance: Instance, order: list[int]) -> list[tuple[ViolationCode, int | None, int | None, int]]:
    """List what trying a route out breaks: code, visit, break and amount."""
    violations = try_route(instance, 0, order).violations
    return [(it.code, it.visit, it.break_pos, it.amount) for it in violations]


def test_who_comes_too_late_serves_nevertheless() -> None:
    """The first visit is over at 600 + 1,000; the second, 600 s on, may only begin until 2,000: 200 s too late."""
    instance = make_instance(make_visit(1), make_visit(2, windows=((0, 2_000),)))

    trial = try_route(instance, 0, [0, 1])

    assert [stop.start for stop in trial.route.stops] == [600, 2_200]
    # 1,000 s of service and 1,200 s home.
    assert trial.route.end == 4_400
    assert broken(instance, [0, 1]) == [(ViolationCode.WINDOW, 1, None, 200)]


def test_a_day_that_is_too_long_ends_late_and_is_paid() -> None:
    """Back home at 2,200, which is 200 s after the hard end and 700 s after the regular one, at 36 cents an hour."""
    shift = make_shift(regular_end=1_500, hard_end=2_000, cost_per_overtime_hour=36)
    instance = make_instance(make_visit(1), shifts=[shift])

    trial = try_route(instance, 0, [0])

    assert (trial.route.end, trial.route.overtime_s) == (2_200, 700)
    # 700 s at 36 cents per 3,600 s are 7 cents of 18,000 units.
    assert trial.route.cost.overtime == 7 * 18_000
    assert broken(instance, [0]) == [(ViolationCode.HARD_END, None, None, 200)]


def test_a_break_that_is_missed_is_taken_a_little_late_and_not_hours_early() -> None:
    """
    Service from 600 to 4,600, and lunch must begin by 4,500.

    Taken before leaving, at 3,000, it would make the first visit 4,200 s late; taken after it, lunch is 100 s late.
    """
    shift = make_shift(make_break(3_000, 4_500, 1_800))
    instance = make_instance(make_visit(1, service_s=4_000, windows=((0, 600),)), make_visit(2), shifts=[shift])

    assert broken(instance, [0, 1]) == [(ViolationCode.BREAK, None, 0, 100)]


def test_a_training_that_is_reached_late_begins_when_one_is_there() -> None:
    """Free at 1,600, 1,200 s to the training at place 3: there at 2,800, 800 s after it has begun."""
    shift = make_shift(make_break(2_000, 2_000, 500, place=3))
    instance = make_instance(make_visit(1, windows=((0, 600),)), shifts=[shift])

    trial = try_route(instance, 0, [0])

    assert [taken.start for taken in trial.route.breaks] == [2_800]
    # 500 s of training and 1,800 s home.
    assert trial.route.end == 5_100
    assert broken(instance, [0]) == [(ViolationCode.BREAK, None, 0, 800)]


def test_every_rule_about_people_and_caps_is_listed_at_once() -> None:
    """Level 1 of 3, not allowed at the second, ranks that fall, and two visits where one is the cap."""
    instance = make_instance(
        make_visit(1, required_levels=(3,), sequence=2),
        make_visit(2, required_levels=(0,), forbidden_technicians=frozenset({0}), sequence=1),
        technicians=[Technician(skill_levels=(1,))],
        shifts=[make_shift(max_visits=1, max_travel_s=2_000, max_work_s=4_000)],
    )

    # Driving 600 + 600 + 1,200, and 2,000 s of service: 4,400 s of work.
    assert sorted(broken(instance, [0, 1])) == [
        (ViolationCode.MAX_TRAVEL, None, None, 400),
        (ViolationCode.MAX_VISITS, None, None, 1),
        (ViolationCode.MAX_WORK, None, None, 400),
        (ViolationCode.SEQUENCE, 1, None, 1),
        (ViolationCode.SKILL, 0, None, 2),
        (ViolationCode.TECHNICIAN, 1, None, 0),
    ]


@pytest.mark.parametrize("order", [[], [0, 0]])
def test_a_route_without_visits_or_with_one_twice_is_none(order: list[int]) -> None:
    """There is nothing to try out."""
    with pytest.raises(ValueError, match="each of them once"):
        try_route(make_instance(make_visit(1)), 0, order)


def test_a_shift_under_way_has_a_route_without_visits() -> None:
    """From place 2 home, 1,200 s; with the visit on the way, 1,000 s more: 700 s after the hard end."""
    shift = make_shift(start_place=2, underway=True, regular_end=500, hard_end=1_500)
    instance = make_instance(make_visit(1), shifts=[shift])

    assert (try_route(instance, 0, []).route.end, broken(instance, [])) == (1_200, [])
    assert broken(instance, [0]) == [(ViolationCode.HARD_END, None, None, 700)]


def test_many_breaks_are_placed_one_after_the_other() -> None:
    """
    Six breaks of 300 s, one every 2,600 s, and twelve visits of 1,000 s at one place; the last must begin by 5,000.

    There are more than 18,000 ways to place them. Every break fits between two visits, and is in time.
    """
    breaks = [make_break(2_600 * number + 600, 2_600 * number + 2_000, 300) for number in range(6)]
    visits = [make_visit(1) for _ in range(11)]
    instance = make_instance(*visits, make_visit(1, windows=((0, 5_000),)), shifts=[make_shift(*breaks)])

    # 600 s of driving, eleven visits and five breaks come before the last one: 600 + 11,000 + 1,500.
    assert broken(instance, list(range(12))) == [(ViolationCode.WINDOW, 11, None, 13_100 - 5_000)]
