"""How much longer something takes that has been going on for a while."""

import math

import numpy as np
import pytest

from fieldops.domain.residual import total_given


def test_before_it_begins_it_takes_what_it_is_expected_to() -> None:
    """Mean 30, spread 0.5: deviation 30 sqrt(exp(0.25) - 1) = 15.99."""
    mean, deviation = total_given(0.0, 30.0, 0.5)

    assert mean == 30.0
    assert deviation == pytest.approx(30 * math.sqrt(math.exp(0.25) - 1))


def test_what_is_certain_ends_when_it_should_or_now() -> None:
    """Without spread there is nothing to learn from how long it has taken."""
    assert total_given(10.0, 30.0, 0.0) == (30.0, 0.0)
    assert total_given(40.0, 30.0, 0.0) == (40.0, 0.0)


@pytest.mark.parametrize("elapsed", [5.0, 20.0, 30.0, 50.0])
def test_it_agrees_with_many_draws(elapsed: float) -> None:
    """Of a million durations, those longer than what has passed have this mean and deviation."""
    rng = np.random.default_rng(7)
    draws = 30.0 * np.exp(0.4 * rng.standard_normal(1_000_000) - 0.08)
    longer = draws[draws > elapsed]

    mean, deviation = total_given(elapsed, 30.0, 0.4)

    assert mean == pytest.approx(longer.mean(), rel=0.01)
    assert deviation == pytest.approx(longer.std(), rel=0.03)


def test_the_longer_it_overruns_the_longer_it_still_will() -> None:
    """Twice as long as planned, more is to come than at half as much again; beyond anything seen, a tenth of it."""
    rests = [total_given(elapsed, 30.0, 0.4)[0] - elapsed for elapsed in (45.0, 60.0, 90.0)]

    assert rests == sorted(rests)
    assert total_given(1_000.0, 30.0, 0.25) == (pytest.approx(1_100.0), 100.0)
