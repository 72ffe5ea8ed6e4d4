"""Compiled search core of fieldops."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import numpy
from numpy.typing import NDArray

class Instance:
    """
    The problem in the core's memory; made from a fieldops.solver.Instance.
    """

    def __init__(self, instance: object) -> None: ...
    @property
    def num_classes(self) -> int:
        """Number of classes of interchangeable shifts."""

    def shift_class(self, shift: int) -> int:
        """Class of a shift."""

def route_cost(instance: Instance, shift: int, order: Sequence[int]) -> int | None:
    """
    Exact cost of one route in cost units, or None when it breaks a hard rule.
    """

def route_timetable(
    instance: Instance, shift: int, order: Sequence[int]
) -> (
    tuple[
        int,
        int,
        int,
        int,
        int,
        int,
        tuple[int, int, int, int, int, int, int, int, int, int],
        list[tuple[int, int, int, int, int, int, int]],
        list[tuple[int, int, int]],
    ]
    | None
):
    """
    Departure, end, travel, distance, work, overtime, cost terms, stops and breaks of one route, or None.
    """

def insertions(instance: Instance, orders: Sequence[Sequence[int]], visit: int) -> list[tuple[int, int, int]]:
    """
    Cheapest feasible insertion into every shift that has one: (shift, position, exact cost delta).
    """

class RunningRoute:
    """
    A route of one shift with room for one more visit; threads may share it.
    """

    def __init__(self, instance: object, order: Sequence[int]) -> None: ...
    @property
    def is_sound(self) -> bool:
        """Whether the route keeps every hard rule."""

def quote(
    routes: Sequence[RunningRoute],
    visit: object,
    legs: Sequence[Annotated[NDArray[numpy.int32], dict(shape=(None,), order="C", device="cpu", writable=False)]],
    standings: Sequence[tuple[bool, bool]],
    windows: Sequence[tuple[int, int]],
) -> list[tuple[list[tuple[int, int, int, int, int, int, int]], list[int]]]:
    """
    Per window: slots (route, position, cost, start, finish, slack, extra travel), and routes without by reason.
    """

def risk(
    instance: Instance,
    orders: Sequence[tuple[int, Sequence[int]]],
    noise: object,
    scenarios: int,
    seed: int,
    quantiles: Sequence[int],
) -> list[tuple[int, list[tuple[int, int, list[int], int, int]], int, int]]:
    """
    Per route: shift, stops (visit, kept permille or -1, arrivals by quantile, mean start, mean finish), end, deviation.
    """

def kept_if_booked(
    routes: Sequence[RunningRoute],
    visit: object,
    legs: Sequence[Annotated[NDArray[numpy.int32], dict(shape=(None,), order="C", device="cpu", writable=False)]],
    bookings: Sequence[tuple[int, int, tuple[int, int], int, object]],
    service: tuple[float, float],
    key: int,
    scenarios: int,
    seed: int,
) -> list[int]:
    """
    Per booking (route, position, window, latest, noise): scenarios of 1,000 in which the visit starts in time.
    """

def normal_quantile(p: float) -> float:
    """Inverse of the standard normal distribution function."""

def repair(
    instance: Instance, orders: Sequence[Sequence[int]], homes: Sequence[int] | None = None, most_moved: int = 0
) -> list[list[int]]:
    """
    Visits per shift: what works of `orders`, and the rest where it is cheapest.
    """

class Search:
    """One resumable search on one thread."""

    def __init__(
        self,
        instance: Instance,
        seed: int,
        pool_capacity: int,
        parameters: Mapping[str, float] = {},
        homes: Sequence[int] | None = None,
        most_moved: int = 0,
    ) -> None:
        """
        `homes`: technician per visit, -1 for none; more than `most_moved` with others are avoided.
        """

    def construct(self, start: Sequence[Sequence[int]] | None = None) -> None:
        """Build the first plan, keeping what works of `start`."""

    def run(self, from_share: float, to_share: float, seconds: float, iterations: int) -> None:
        """
        Search on; seconds 0 and iterations -1 mean no such limit. Releases the GIL.
        """

    def offer(self, orders: Sequence[Sequence[int]]) -> bool:
        """Take over a cheaper plan; False when it is not cheaper."""

    def stop(self) -> None:
        """End run() soon; may be called from another thread."""

    @property
    def iterations(self) -> int:
        """Iterations done."""

    @property
    def best_cost(self) -> int:
        """
        Exact cost of the best plan, mandatory visits left out at their plain cost.
        """

    @property
    def best_unassigned(self) -> int:
        """Visits the best plan leaves out."""

    @property
    def best_excess(self) -> int:
        """Visits away from home beyond the limit."""

    @property
    def best_mandatory_unassigned(self) -> int:
        """The mandatory ones among them."""

    def best(self) -> list[list[int]]:
        """Visits per shift of the best plan."""

    def pool(self) -> list[tuple[int, int, list[int]]]:
        """Routes of the pool: (shift class, exact cost, visits)."""

    def operator_counts(self) -> dict[str, tuple[int, int]]:
        """Per operator: times used, times it improved the best plan."""
