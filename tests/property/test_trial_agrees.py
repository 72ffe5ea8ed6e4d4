"""Routes tried out on random days: nothing new where the rules are kept, every broken rule where they are not."""

from unittest.mock import patch

import pytest
from hypothesis import given, settings

from fieldops.solver.checker import check
from fieldops.solver.instance import Instance
from fieldops.solver.schedule import assemble, schedule_route
from fieldops.solver.solution import Route, ViolationCode
from fieldops.solver.trial import try_route
from strategies import instances_with_order


@given(case=instances_with_order(max_breaks=2))
@settings(max_examples=100)
def test_a_route_tried_out_breaks_a_rule_exactly_when_it_cannot_be_scheduled(
    case: tuple[Instance, tuple[int, ...]],
) -> None:
    """Where nothing is broken, times and cost are those of the definition, to the second and the cost unit."""
    instance, order = case
    expected = schedule_route(instance, 0, order)

    trial = try_route(instance, 0, order)

    assert (not trial.violations) == isinstance(expected, Route)
    if isinstance(expected, Route):
        assert trial.route == expected
    assert trial.route.visits == order


@pytest.mark.parametrize("most_placements", [1_000, 0])
@given(case=instances_with_order(max_breaks=2))
@settings(max_examples=80)
def test_the_referee_finds_what_a_trial_says_and_nothing_else(
    most_placements: int, case: tuple[Instance, tuple[int, ...]]
) -> None:
    """All figures are true, and every rule broken is listed, also where the breaks are placed one after the other."""
    instance, order = case

    with patch("fieldops.solver.trial.MOST_PLACEMENTS", most_placements):
        trial = try_route(instance, 0, order)

    found = check(instance, assemble(instance, [trial.route]))
    # The slack of a stop that may not even be where it is says how far it could slip if it might.
    rules = [violation for violation in found if violation.code is not ViolationCode.TIMING]
    assert [(it.code, it.visit, it.break_pos, it.amount) for it in rules] == [
        (it.code, it.visit, it.break_pos, it.amount) for it in trial.violations
    ]
    assert all("slip" in it.message for it in found if it.code is ViolationCode.TIMING)
