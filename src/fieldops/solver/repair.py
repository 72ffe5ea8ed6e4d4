"""A change that would get an unassigned visit served, and the price at which changes of different kinds compare."""

from dataclasses import dataclass
from typing import Final

from fieldops.solver.instance import Visit
from fieldops.units import UNITS_PER_CENT, UNITS_PER_CENT_MINUTE_SECOND, CostUnits

# What a repair asks of people beyond what it costs. Judgment on the scale of the default rates (an hour of overtime
# 6,000 cents, a minute of lateness 200, a visit left out 10,000 for each point of priority); not tuned.

#: Cents a minute: staying on after the hard end is half as welcome as overtime within the shift, which is paid 100.
EXTRA_OVERTIME_CENTS_PER_MINUTE: Final = 100
#: Cents a minute: a start the customer agrees to is better than the same start as a broken promise (200).
WINDOW_SHIFT_CENTS_PER_MINUTE: Final = 50
#: Cents for each skill the technician lacks: as dear as two points of priority.
MISSING_SKILL_CENTS: Final = 20_000
#: Cents for a technician who is not among those allowed.
PERMISSION_CENTS: Final = 20_000
#: Cents for each visit left out instead; what leaving it out costs is in the cost already.
DISPLACED_CENTS: Final = 3_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """
    A change that would get an unassigned visit served; with no relaxation named it fits as things are.

    Attributes
    ----------
    shift
        Index of the shift whose technician would serve it.
    visits
        The route of that shift with the change made: visit indices in serving order.
    start
        Start of service, seconds.
    cost
        Exact cost over leaving the visit out; negative when that is dearer.
    extra_overtime_s
        By how much the hard end of the shift would have to be later, seconds.
    window_shift_s
        How far the start lies from the nearest of the visit's own windows, seconds; negative = before it.
    missing_skills
        Skills (indices) the technician does not hold at the required level.
    needs_permission
        Whether the technician is not among those allowed to serve the visit.
    displaces
        Visits that would have to be left out instead.
    """

    shift: int
    visits: tuple[int, ...]
    start: int
    cost: CostUnits
    extra_overtime_s: int = 0
    window_shift_s: int = 0
    missing_skills: tuple[int, ...] = ()
    needs_permission: bool = False
    displaces: tuple[int, ...] = ()

    @property
    def price(self) -> CostUnits:
        """What repairs are compared by: the exact cost and the price of what is asked of people."""
        per_second = (
            self.extra_overtime_s * EXTRA_OVERTIME_CENTS_PER_MINUTE
            + abs(self.window_shift_s) * WINDOW_SHIFT_CENTS_PER_MINUTE
        )
        once = (
            len(self.missing_skills) * MISSING_SKILL_CENTS
            + self.needs_permission * PERMISSION_CENTS
            + len(self.displaces) * DISPLACED_CENTS
        )
        return CostUnits(self.cost + per_second * UNITS_PER_CENT_MINUTE_SECOND + once * UNITS_PER_CENT)


def window_shift_s(visit: Visit, start: int) -> int:
    """Return the signed distance of a start from the nearest window, seconds: negative before it, 0 inside one."""
    distances = [start - min(max(start, earliest), latest) for earliest, latest in visit.windows]
    return min(distances, key=abs)
