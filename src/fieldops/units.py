"""
Units of the whole product: seconds, meters, cents, and the exact money of the solver.

Money inside the solver is an integer count of *cost units*. A cost unit is 1/18,000 of a cent, the largest unit in
which cents per hour x seconds, cents per minute x seconds and cents per kilometer x meters are all whole numbers, so
that no sum of a plan is ever rounded before it is shown.
"""

from typing import Final, NewType

Seconds = NewType("Seconds", int)
Meters = NewType("Meters", int)
Cents = NewType("Cents", int)
#: Exact money inside the solver: 18,000 units are one cent.
CostUnits = NewType("CostUnits", int)

SECONDS_PER_MINUTE: Final = 60
SECONDS_PER_HOUR: Final = 3_600
SECONDS_PER_DAY: Final = 86_400

UNITS_PER_CENT: Final = 18_000
#: Cost units of one second at a rate of one cent per hour.
UNITS_PER_CENT_HOUR_SECOND: Final = UNITS_PER_CENT // SECONDS_PER_HOUR
#: Cost units of one second at a rate of one cent per minute.
UNITS_PER_CENT_MINUTE_SECOND: Final = UNITS_PER_CENT // SECONDS_PER_MINUTE
#: Cost units of one meter at a rate of one cent per kilometer.
UNITS_PER_CENT_KM_METER: Final = UNITS_PER_CENT // 1_000


def to_cents(amount: CostUnits) -> Cents:
    """Round exact cost units to whole cents, halves away from zero."""
    half = UNITS_PER_CENT // 2
    if amount >= 0:
        return Cents((amount + half) // UNITS_PER_CENT)
    return Cents(-((-amount + half) // UNITS_PER_CENT))
