"""
What may become of a route, by docs/concepts.md and docs/solver.md, Risk, written with numpy and its random numbers.

Shares nothing with the core but the plan: which leg has which break, and when the technician sets off.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fieldops.solver.instance import Instance, Visit
from fieldops.solver.risk import Noise
from fieldops.solver.solution import Route

Scenarios = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Simulated:
    """What happened in all scenarios; one array per stop, and one for the end."""

    arrivals: list[Scenarios]
    starts: list[Scenarios]
    finishes: list[Scenarios]
    end: Scenarios


def simulate_in_numpy(instance: Instance, route: Route, noise: Noise, *, scenarios: int, seed: int) -> Simulated:
    """Drive one route, which keeps every rule, through many days."""
    rng = np.random.default_rng(seed)
    shift = instance.shifts[route.shift]

    def lognormal(mean: float, sigma: float) -> Scenarios:
        return rng.lognormal(np.log(mean) - sigma**2 / 2, sigma, scenarios)

    day = lognormal(1.0, noise.day_sigma)
    pace = lognormal(noise.pace_mean[route.shift], noise.pace_sigma[route.shift])
    spread = float(noise.free_spread_s[route.shift])
    if spread == 0:
        clock = np.full(scenarios, float(route.departure))
    else:
        not_before = float(noise.free_from_s[route.shift])
        left = max(shift.earliest_start - not_before, 1.0)
        clock = not_before + left * lognormal(1.0, float(np.sqrt(np.log1p((spread / left) ** 2))))
        if route.departure > shift.earliest_start:
            clock = np.maximum(clock, float(route.departure))
    done = Simulated([], [], [], clock)
    here, begins = shift.start_place, route.departure
    for leg in range(len(route.stops) + 1):
        stop = route.stops[leg] if leg < len(route.stops) else None
        there = shift.end_place if stop is None else instance.visits[stop.visit].place
        mean, sigma = _factor_at(noise, begins)
        factor = lognormal(mean, sigma) * day
        arrival, clock = _drive(instance, route, leg, here, there, clock, factor)
        if stop is None:
            return Simulated(done.arrivals, done.starts, done.finishes, clock)
        visit = instance.visits[stop.visit]
        start = _possible_start(visit, clock)
        service_s = instance.service_duration(shift.technician, stop.visit)
        clock = start + service_s * pace * lognormal(noise.service_mean[stop.visit], noise.service_sigma[stop.visit])
        done.arrivals.append(arrival)
        done.starts.append(start)
        done.finishes.append(clock)
        here, begins = visit.place, stop.finish
    raise AssertionError("every route has a last leg")


def _factor_at(noise: Noise, second: int) -> tuple[float, float]:
    """Look up mean and sigma of the travel that begins at a second."""
    known = [(mean, sigma) for begin, mean, sigma in noise.travel_steps if begin <= second]
    return known[-1] if known else (1.0, 0.0)


def _drive(
    instance: Instance, route: Route, leg: int, here: int, there: int | None, clock: Scenarios, factor: Scenarios
) -> tuple[Scenarios, Scenarios]:
    """Drive a leg; return when the driving is over, and when the technician is ready."""
    shift = instance.shifts[route.shift]
    breaks = [shift.breaks[taken.break_pos] for taken in route.breaks if taken.leg == leg]
    targets = [pause.place for pause in breaks if pause.place is not None] + [there]

    def hop(origin: int, target: int | None) -> Scenarios:
        seconds = 0 if target is None else int(instance.travel_s[shift.profile, origin, target])
        return seconds * factor

    left, arrival = hop(here, targets.pop(0)), clock
    for pause in breaks:
        begin = np.maximum(clock if pause.place is None else clock + left, pause.earliest)
        drives = np.minimum(left, begin - clock)
        arrival = np.where(drives > 0, clock + drives, arrival)
        left = left - drives if pause.place is None else hop(pause.place, targets.pop(0))
        clock = begin + pause.duration
    return np.where(left > 0, clock + left, arrival), clock + left


def _possible_start(visit: Visit, ready: Scenarios) -> Scenarios:
    """Wait for the next window; after the last one there is nothing to wait for."""
    start = ready.copy()
    for earliest, latest in reversed(visit.windows):
        start = np.where(ready <= latest, np.maximum(ready, earliest), start)
    return start
