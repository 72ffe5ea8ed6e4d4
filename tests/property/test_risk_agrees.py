"""Risk against its definition: without noise the schedule itself, with noise a simulation in numpy."""

import math

import numpy as np
import pytest
from hypothesis import given, settings

from fieldops.solver.instance import Instance
from fieldops.solver.risk import QUANTILES, noise_of, risk
from fieldops.solver.schedule import schedule_route
from fieldops.solver.solution import Route
from risk_oracle import simulate_in_numpy
from small_days import REGULAR_END, small_day
from strategies import instances_with_order

SCENARIOS = 10_000
#: Standard errors that two honest simulations may be apart; one comparison in two million is farther.
FAR = 5.0


@given(case=instances_with_order(max_visits=5))
@settings(max_examples=100)
def test_without_noise_everything_happens_as_planned(case: tuple[Instance, tuple[int, ...]]) -> None:
    """Whatever breaks, windows and departures a day has, risk drives it as the schedule does, to the second."""
    instance, order = case
    route = schedule_route(instance, 0, order)

    (seen,) = risk(instance, {0: order}, noise=noise_of(instance), scenarios=2).routes

    if not isinstance(route, Route):
        assert [stop.visit for stop in seen.stops] == list(order)
        return
    assert seen.end == route.end
    for stop, planned in zip(seen.stops, route.stops, strict=True):
        assert (stop.visit, stop.start, stop.finish) == (planned.visit, planned.start, planned.finish)
        assert set(stop.arrivals) == {planned.arrival}
        promised = instance.visits[stop.visit].promised_latest
        assert stop.kept_permille == (None if promised is None else 1_000 * (planned.start <= promised))


@pytest.mark.parametrize("seed", range(12))
def test_probabilities_and_ranges_are_those_of_a_plain_simulation(seed: int) -> None:
    """Two programs with nothing in common but the page they were written from come to the same odds."""
    instance = small_day(seed, num_visits=6, num_shifts=1)
    route = _longest_route(instance)
    noise = noise_of(
        instance,
        service_mean=np.linspace(0.8, 1.3, len(instance.visits)),
        service_sigma=np.linspace(0.2, 0.75, len(instance.visits)),
        travel_steps=((0, 1.0, 0.15), (REGULAR_END // 2, 1.2, 0.25)),
        pace_mean=1.1,
        pace_sigma=0.12,
        day_sigma=0.08,
        free_spread_s=np.array([600.0 * (seed % 2)]),
        free_from_s=np.array([-300]),
    )

    (seen,) = risk(instance, {0: route.visits}, noise=noise, scenarios=SCENARIOS, seed=seed).routes

    drawn = simulate_in_numpy(instance, route, noise, scenarios=SCENARIOS, seed=seed)
    _require_same_mean(seen.end, drawn.end)
    for pos, stop in enumerate(seen.stops):
        _require_same_mean(stop.start, drawn.starts[pos])
        _require_same_mean(stop.finish, drawn.finishes[pos])
        for quantile, arrival in zip(QUANTILES, stop.arrivals, strict=True):
            # Rounded to the second, and values may sit on one instant: count both sides.
            below, up_to = (drawn.arrivals[pos] < arrival - 1).mean(), (drawn.arrivals[pos] <= arrival + 1).mean()
            error = FAR * math.sqrt(2 * 0.25 / SCENARIOS)
            assert below - error <= quantile / 1_000 <= up_to + error
        promised = instance.visits[stop.visit].promised_latest
        if promised is not None:
            share = (drawn.starts[pos] <= promised).mean()
            error = FAR * math.sqrt(2 * max(share * (1 - share), 0.001) / SCENARIOS)
            assert stop.kept_permille == pytest.approx(1_000 * share, abs=1_000 * error + 1)


def _longest_route(instance: Instance) -> Route:
    """Grow a route visit by visit, each at its first place that keeps every rule."""
    order: tuple[int, ...] = ()
    best: Route | None = None
    for visit in range(len(instance.visits)):
        for pos in range(len(order) + 1):
            route = schedule_route(instance, 0, (*order[:pos], visit, *order[pos:]))
            if isinstance(route, Route):
                best, order = route, route.visits
                break
    assert best is not None, "not a single visit can be served"
    return best


def _require_same_mean(seen: int, drawn: np.ndarray) -> None:
    error = FAR * math.sqrt(2) * float(drawn.std()) / math.sqrt(SCENARIOS)
    assert abs(seen - float(drawn.mean())) <= error + 1
