"""
What may become of a plan when work and travel take other times than planned: seeded scenarios, simulated in the core.

Every scenario is one day: what each visit takes, what each leg takes, how the traffic is. The routes are driven through
it as planned, and what is counted over all scenarios is how often each promise is kept, and when people arrive.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fieldops.errors import Fault, InvalidInput
from fieldops.solver import _core
from fieldops.solver.evaluate import Evaluator, Orders
from fieldops.solver.instance import MAX_VALUE, Instance, Visit
from fieldops.solver.quote import Legs, RunningRoute, RunningRoutes, Slot, Window

FloatArray = NDArray[np.float64]
KeyArray = NDArray[np.uint64]

#: The middle half of anything beyond this spans a factor of 15; no work is so uncertain.
MAX_SIGMA: Final = 2.0
#: Nothing takes ten times what is planned on average; who plans so is to plan otherwise.
MAX_MEAN: Final = 10.0
MAX_SCENARIOS: Final = 100_000
#: Permille: the range between the first and the last holds four arrivals of five.
QUANTILES: Final = (100, 500, 900)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Noise:
    """
    How uncertain the days of an instance are.

    What a visit or a leg takes is what the instance says times a lognormal factor. A sigma is the standard deviation of
    the factor's logarithm.

    Attributes
    ----------
    service_mean, service_sigma
        Of the time on site, float64 per visit.
    pace_mean, pace_sigma
        Of one factor for the time on site of everything a shift serves, float64 per shift: how its technician compares
        with the plan.
    travel_steps
        Of the travel of one leg: ``(from, mean, sigma)`` holds from that second on; the seconds rise. A leg has the
        factor of the instant at which the plan begins it; before the first step, and without steps, it is 1.
    day_sigma
        Of one factor per scenario, of mean 1, for all travel of all routes.
    free_spread_s
        Standard deviation of the instant at which the technician is free at the start of the shift, float64 per shift.
        The mean is the shift's earliest start. 0 = sets off when planned.
    free_from_s
        The technician is not free before, and how long after is lognormal; int64 seconds per shift.
    visit_keys, shift_keys
        Name the random numbers, uint64: the same seed and key mean the same luck.

    Raises
    ------
    InvalidInput
        With every fault found.
    """

    service_mean: FloatArray
    service_sigma: FloatArray
    pace_mean: FloatArray
    pace_sigma: FloatArray
    travel_steps: tuple[tuple[int, float, float], ...] = ()
    day_sigma: float = 0.0
    free_spread_s: FloatArray
    free_from_s: NDArray[np.int64]
    visit_keys: KeyArray
    shift_keys: KeyArray

    def __post_init__(self) -> None:
        faults: list[Fault] = []
        _judge(faults, "service_mean", self.service_mean, MAX_MEAN)
        _judge(faults, "service_sigma", self.service_sigma, MAX_SIGMA)
        _judge(faults, "pace_mean", self.pace_mean, MAX_MEAN)
        _judge(faults, "pace_sigma", self.pace_sigma, MAX_SIGMA)
        _judge(faults, "travel_steps", np.array([mean for _, mean, _ in self.travel_steps]), MAX_MEAN)
        _judge(faults, "travel_steps", np.array([sigma for *_, sigma in self.travel_steps]), MAX_SIGMA)
        _judge(faults, "day_sigma", np.array([self.day_sigma]), MAX_SIGMA)
        _judge(faults, "free_spread_s", self.free_spread_s, MAX_VALUE)
        _judge(faults, "free_from_s", np.abs(self.free_from_s), MAX_VALUE)
        begins = [begin for begin, *_ in self.travel_steps]
        if begins != sorted(begins):
            faults.append(Fault(path="travel_steps", found=str(begins), expected="rising seconds"))
        if faults:
            raise InvalidInput(faults)


def noise_of(
    instance: Instance,
    *,
    service_mean: float | FloatArray = 1.0,
    service_sigma: float | FloatArray = 0.0,
    pace_mean: float | FloatArray = 1.0,
    pace_sigma: float | FloatArray = 0.0,
    travel_steps: tuple[tuple[int, float, float], ...] = (),
    day_sigma: float = 0.0,
    free_spread_s: FloatArray | None = None,
    free_from_s: NDArray[np.int64] | None = None,
    visit_keys: KeyArray | None = None,
    shift_keys: KeyArray | None = None,
) -> Noise:
    """
    Make the noise of an instance, and fill in what is not given.

    Parameters
    ----------
    service_mean, service_sigma
        One for all visits, or one each.
    pace_mean, pace_sigma
        One for all shifts, or one each.
    free_from_s
        Without it: the earliest start of each shift.
    visit_keys, shift_keys
        Without them: the indices. Give keys when the same visit is to be as lucky in another instance.
    """
    visits, shifts = len(instance.visits), len(instance.shifts)
    earliest = [shift.earliest_start for shift in instance.shifts]
    return Noise(
        service_mean=_each(service_mean, visits),
        service_sigma=_each(service_sigma, visits),
        pace_mean=_each(pace_mean, shifts),
        pace_sigma=_each(pace_sigma, shifts),
        travel_steps=travel_steps,
        day_sigma=day_sigma,
        free_spread_s=np.zeros(shifts) if free_spread_s is None else free_spread_s,
        free_from_s=np.array(earliest, np.int64) if free_from_s is None else free_from_s,
        visit_keys=np.arange(visits, dtype=np.uint64) if visit_keys is None else visit_keys,
        shift_keys=np.arange(shifts, dtype=np.uint64) if shift_keys is None else shift_keys,
    )


@dataclass(frozen=True, slots=True)
class StopRisk:
    """
    What may become of one stop.

    Attributes
    ----------
    visit
        Visit index.
    kept_permille
        In how many scenarios of a thousand the service starts by ``promised_latest``; None when nothing is promised.
    arrivals
        Quantiles of the arrival, seconds, as asked for.
    start, finish
        Means, seconds.
    """

    visit: int
    kept_permille: int | None
    arrivals: tuple[int, ...]
    start: int
    finish: int


@dataclass(frozen=True, slots=True)
class RouteRisk:
    """
    What may become of one route.

    Attributes
    ----------
    shift
        Shift index.
    end, end_spread
        Mean and standard deviation, seconds.
    """

    shift: int
    stops: tuple[StopRisk, ...]
    end: int
    end_spread: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """
    What may become of a plan.

    Attributes
    ----------
    routes
        Those that serve visits, in the order given.
    scenarios
        How many were simulated.
    """

    routes: tuple[RouteRisk, ...]
    scenarios: int
    stops: Mapping[int, StopRisk] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        stops = {stop.visit: stop for route in self.routes for stop in route.stops}
        object.__setattr__(self, "stops", stops)

    @property
    def broken_promises(self) -> float:
        """How many promises of the plan are broken on average."""
        kept = [stop.kept_permille for stop in self.stops.values() if stop.kept_permille is not None]
        return sum(1_000 - permille for permille in kept) / 1_000


def risk(
    instance: Instance | Evaluator,
    orders: Orders,
    *,
    noise: Noise,
    scenarios: int = 1_000,
    seed: int = 0,
    quantiles: Sequence[int] = QUANTILES,
) -> Risk:
    """
    Simulate a plan under many scenarios.

    Parameters
    ----------
    instance
        Whoever has an evaluator saves copying it.
    orders
        Visit indices in serving order per shift index.
    noise
        Of this instance.
    quantiles
        Of the arrivals, permille, rising; by nearest rank.

    Returns
    -------
    Risk
        The same for the same arguments. Two plans under the same seed are judged under the same luck: what a visit
        takes, and what the way to it takes compared with the map, does not depend on the plan.

    Raises
    ------
    InvalidInput
        When there are no scenarios, or too many.
    ValueError
        When the noise is of another instance.
    IndexError
        When a shift or visit does not exist.

    Notes
    -----
    In every scenario a route is driven under the time model (docs/concepts.md) with the breaks on the legs where the
    plan has them, and left when planned. Windows open when they open; nothing is ever too late: after the last window,
    the latest start of a break or the hard end it is done all the same. A route that breaks a rule already has its
    breaks where the cheapest schedule without those ends would put them. O(scenarios x stops); releases the GIL.
    """
    if not 1 <= scenarios <= MAX_SCENARIOS:
        expected = f"a whole number from 1 to {MAX_SCENARIOS:,}"
        raise InvalidInput([Fault(path="scenarios", found=str(scenarios), expected=expected)])
    core = instance.core if isinstance(instance, Evaluator) else _core.Instance(instance)
    wanted = [(shift, list(visits)) for shift, visits in orders.items()]
    rows = _core.risk(core, wanted, noise, scenarios, seed, list(quantiles))
    routes = tuple(RouteRisk(shift, tuple(_stop(*stop) for stop in stops), *end) for shift, stops, *end in rows)
    return Risk(routes=routes, scenarios=scenarios)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Booking:
    """
    A place that a quote has found, taken for a moment.

    Attributes
    ----------
    slot
        One of the quote's.
    window
        The window it was asked for.
    latest
        The promise is kept when the service starts by then, seconds.
    noise
        Of the instance of the slot's running route, without the new visit.
    """

    slot: Slot
    window: Window
    latest: int
    noise: Noise


def kept_if_booked(
    routes: Sequence[RunningRoute] | RunningRoutes,
    visit: Visit,
    legs: Legs,
    bookings: Sequence[Booking],
    *,
    service_mean: float = 1.0,
    service_sigma: float,
    key: int = 0,
    scenarios: int = 200,
    seed: int = 0,
) -> list[int]:
    """
    Tell for places that a quote has found how likely the promise is to be kept when the visit is booked there.

    Parameters
    ----------
    routes, visit, legs
        As they were quoted.
    service_mean, service_sigma, key
        What `Noise` says of the other visits, for this one.

    Returns
    -------
    list[int]
        Permille, one per booking: of the scenarios in which the visit starts by `Booking.latest`. As in `risk`, which
        the whole route with the visit on it would be simulated with.

    Notes
    -----
    Simulates the one route up to the visit: O(scenarios x stops before it) per booking.
    """
    gathered = routes if isinstance(routes, RunningRoutes) else RunningRoutes(routes)
    cells = (legs.to_visit_s, legs.to_visit_m, legs.from_visit_s, legs.from_visit_m)
    rows = [(one.slot.route, one.slot.position, one.window, one.latest, one.noise) for one in bookings]
    return _core.kept_if_booked(gathered.cores, visit, cells, rows, (service_mean, service_sigma), key, scenarios, seed)


def _each(value: float | FloatArray, count: int) -> FloatArray:
    return value if isinstance(value, np.ndarray) else np.full(count, value, np.float64)


def _stop(visit: int, kept: int, arrivals: list[int], start: int, finish: int) -> StopRisk:
    return StopRisk(visit, None if kept < 0 else kept, tuple(arrivals), start, finish)


def _judge(faults: list[Fault], name: str, values: FloatArray, most: float) -> None:
    """Add a fault when some values are no numbers from 0 to `most`."""
    wrong = [value for value in values.tolist() if not 0 <= value <= most]
    if wrong:
        faults.append(Fault(path=name, found=str(wrong[0]), expected=f"numbers from 0 to {most:g}"))
