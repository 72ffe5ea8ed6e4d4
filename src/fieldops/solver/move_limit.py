"""How many visits may be with somebody else than before."""

from dataclasses import dataclass

from fieldops.solver.evaluate import Orders
from fieldops.solver.instance import Instance

#: Of a visit that was on nobody's route: it may go anywhere.
NO_HOME = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveLimit:
    """
    Visits that have to stay where they are, but for some.

    Attributes
    ----------
    homes
        Technician per visit, or `NO_HOME`.
    most_moved
        So many of the visits with a home may be with another technician, or on no route; more only as far as it cannot
        be avoided.
    """

    homes: list[int]
    most_moved: int


def homes_of(instance: Instance, orders: Orders) -> list[int]:
    """List for every visit the technician who serves it, or `NO_HOME`."""
    homes = [NO_HOME] * len(instance.visits)
    for shift, visits in orders.items():
        for visit in visits:
            homes[visit] = instance.shifts[shift].technician
    return homes


def moved_visits(instance: Instance, before: Orders, after: Orders) -> tuple[int, ...]:
    """List the visits that somebody served before and somebody else, or nobody, serves after."""
    homes, now = homes_of(instance, before), homes_of(instance, after)
    return tuple(visit for visit, home in enumerate(homes) if home not in (NO_HOME, now[visit]))
