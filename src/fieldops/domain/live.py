"""
A day that is under way: where everybody is, what has been told to whom, and the problem that is left.

What is behind a technician cannot be changed and is not planned any more: planning goes on from the place and the
instant at which they are expected to be free. `remaining_problem` (fieldops.domain.remaining) makes that problem.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fieldops.domain.problem import Place, Problem, Told

__all__ = ["Eta", "LiveState", "Move", "PlanDiff", "Reality", "Remaining", "Told", "Underway"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Underway:
    """
    One shift at the present instant.

    Attributes
    ----------
    behind
        Visits nobody moves any more, in serving order: over, being served, driven to, or about to be.
    place
        Where the rest of the day begins.
    ready_at
        When the technician is expected to be free there.
    ready_spread
        How uncertain `ready_at` is: one standard deviation.
    breaks_taken
        How many of the shift's breaks, in their order, are over or running.
    traveled, worked
        Until `ready_at`, for the caps of the shift.
    travel_home
        From `place` to where the shift ends, as travel goes without traffic.
    ways
        The same by the ids of two places: from `place` to breaks elsewhere that are ahead, from those to the ones after
        them, and from each to where the shift ends.
    is_out
        Sick, or without a vehicle: serves nothing more today.
    """

    shift_id: str
    behind: tuple[str, ...] = ()
    place: Place
    ready_at: datetime
    ready_spread: timedelta = timedelta(0)
    breaks_taken: int = 0
    traveled: timedelta = timedelta(0)
    worked: timedelta = timedelta(0)
    travel_home: timedelta = timedelta(0)
    ways: Mapping[tuple[str, str], timedelta] = field(default_factory=dict)
    is_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveState:
    """
    Everything about a day under way that is not in its plan.

    Attributes
    ----------
    underway
        By shift id; shifts that have not begun and of which nothing is known are left out.
    over
        Visits that nothing more happens to, wherever the plan has them.
    durations
        By visit id, nominal time on site where it is not what the visit says: extended, or learned.
    paces
        By technician id, where days before have taught it: what is planned with them as 1,000 takes so long.
    told
        By visit id.
    travel_permille
        What a nominal 1,000 seconds of travel take now.
    """

    now: datetime
    underway: Mapping[str, Underway] = field(default_factory=dict)
    over: frozenset[str] = frozenset()
    durations: Mapping[str, timedelta] = field(default_factory=dict)
    paces: Mapping[str, int] = field(default_factory=dict)
    told: Mapping[str, Told] = field(default_factory=dict)
    travel_permille: int = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Remaining:
    """
    What is left of a day.

    Attributes
    ----------
    problem
        Shifts from where they stand on, visits that are not behind anybody, promises soft. Ids are those of the plan;
        places of technicians under way have ids of their own.
    orders
        Shift id to the visits still ahead, as the running plan has them: what a replan starts from.
    """

    problem: Problem
    orders: Mapping[str, tuple[str, ...]]
    state: LiveState


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """
    One visit that a change of plan puts somewhere else.

    Attributes
    ----------
    from_technician_id, to_technician_id
        None = on nobody's route.
    from_start, to_start
        Start of service.
    tells_customer
        Whether it changes something that the customer was told.
    why
        For people: one sentence.
    change
        Moves with the same number are one change: the routes they are about exchange visits.
    cost_change_cents
        Of that whole change; negative = cheaper. Those of all changes add up to `PlanDiff.cost_change`.
    """

    visit_id: str
    from_technician_id: str | None
    to_technician_id: str | None
    from_start: datetime | None
    to_start: datetime | None
    from_shift_id: str | None = None
    to_shift_id: str | None = None
    tells_customer: bool = False
    why: str = ""
    change: int = 0
    cost_change_cents: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDiff:
    """
    What is different between two plans of one day.

    Attributes
    ----------
    moves
        Visits with another technician, another place in the order, or a start more than the tolerance away.
    cost_before, cost_after
        Term name to cents, of what is left of the day.
    churn
        Visits whose technician, date or promised window changed.
    kept_before, kept_after
        Promises expected to be kept.
    """

    moves: tuple[Move, ...]
    cost_before: Mapping[str, int]
    cost_after: Mapping[str, int]
    churn: int
    promises: int
    kept_before: int
    kept_after: int

    @property
    def cost_change(self) -> int:
        """Cents; negative = cheaper."""
        return sum(self.cost_after.values()) - sum(self.cost_before.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Eta:
    """
    When a technician is expected at a visit.

    Attributes
    ----------
    arrival
        The middle of what may happen.
    earliest, latest
        Range that holds the arrival in four days of five.
    finish
        Expected.
    kept_permille
        How likely it is that the promise is kept, 0 to 1,000; None without a promise.
    """

    visit_id: str
    technician_id: str
    arrival: datetime
    earliest: datetime
    latest: datetime
    finish: datetime
    kept_permille: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reality:
    """
    How one shift of a day under way differs from its plan.

    Attributes
    ----------
    begun
        How many of its stops have begun: the first ones of the route.
    free_at
        When the last of them is expected to be over; None = none has begun.
    expected
        Expected arrivals at the others, pairs of visit id and instant.
    is_open
        Whether anything can be planned on it: not when the technician is out, or serves visits in another order than
        the route has them.
    """

    begun: int = 0
    free_at: datetime | None = None
    expected: tuple[tuple[str, datetime], ...] = ()
    is_open: bool = True
