"""
What days that are over have taught: how long work and travel take compared with the plan, and how much they vary.

What few have seen is believed little: every figure is drawn towards what was assumed before, as if ten observations
had confirmed that.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

#: Observations that what was assumed counts for.
PRIOR_WEIGHT: Final = 10
#: Whatever was seen, nothing is believed to take less than half or more than twice what is planned.
LEAST_PERMILLE, MOST_PERMILLE = 500, 2_000
#: One observation is not believed to be farther from the plan than this factor: a forgotten "done" is no long visit.
FARTHEST: Final = 5.0

#: What goes as planned.
NOMINAL_PERMILLE: Final = 1_000
#: Driving that the plan counts for when a day's own travel is learned: as uncertain as a day is, half a dozen drives of
#: a quarter of an hour say as much as the plan does (`DAY_SPREAD` against the spread of a leg).
PRIOR_DRIVING_S: Final = 5_400
#: Drives planned shorter than this say more about parking.
LEAST_DRIVE_S: Final = 120

#: Standard deviation of the logarithm of time on site, by the word in a visit's name that says what kind of work it is.
#: Assumed: the shape is documented, the values are guesses of the right size (docs/concepts.md).
ASSUMED_SPREADS: Final[Mapping[str, float]] = {
    "inspection": 0.25,
    "meter": 0.25,
    "maintenance": 0.35,
    "installation": 0.35,
    "repair": 0.55,
    "emergency": 0.75,
    "diagnosis": 0.75,
}
#: Of work whose name has none of these words.
USUAL_SPREAD: Final = 0.45
#: Standard deviation of the logarithm of the travel of one leg, off-peak and in the peak hours. Assumed.
TRAVEL_SPREAD, PEAK_TRAVEL_SPREAD = 0.15, 0.25
PEAK_HOURS: Final = frozenset({7, 8, 16, 17})
#: Of how a technician compares with the plan, before anything was learned of them. Assumed.
PACE_SPREAD: Final = 0.12
#: Of the one factor that all travel of a day shares. Assumed.
DAY_SPREAD: Final = 0.08


@dataclass(frozen=True, slots=True)
class Factor:
    """
    How something compares with its plan.

    Attributes
    ----------
    permille
        What is planned as 1,000 takes so long on average.
    spread
        Standard deviation of the logarithm.
    count
        Observations behind it.
    """

    permille: int
    spread: float
    count: int = 0


def learn(ratios: Sequence[float], *, spread: float) -> Factor:
    """
    Learn from observations.

    Parameters
    ----------
    ratios
        Actual through planned, each above 0.
    spread
        What was assumed before.

    Notes
    -----
    With n observations and the prior weight k, the mean is ``(sum of ratios + k) / (n + k)``, and the variance of the
    logarithm ``(sum of squared distances from the mean logarithm + k spread ** 2) / (n + k)``.
    """
    seen = [min(max(ratio, 1 / FARTHEST), FARTHEST) for ratio in ratios]
    weight = len(seen) + PRIOR_WEIGHT
    logs = [math.log(ratio) for ratio in seen]
    center = sum(logs) / len(logs) if logs else 0.0
    variance = (sum((log - center) ** 2 for log in logs) + PRIOR_WEIGHT * spread**2) / weight
    permille = bounded(1_000 * (sum(seen) + PRIOR_WEIGHT) / weight)
    return Factor(permille, math.sqrt(variance), len(seen))


def travel_of_day(drives: Iterable[tuple[float, float]]) -> int:
    """
    Learn how a day's travel compares with the plan, permille, from the drives that are over.

    Parameters
    ----------
    drives
        Actual and planned seconds of each.

    Notes
    -----
    ``(actual + prior) / (planned + prior)``, sums over all drives; a drive counts as at most `FARTHEST` times its plan.
    """
    actual = planned = float(PRIOR_DRIVING_S)
    for taken, expected in drives:
        if expected >= LEAST_DRIVE_S:
            actual += min(max(taken, expected / FARTHEST), expected * FARTHEST)
            planned += expected
    return bounded(NOMINAL_PERMILLE * actual / planned)


def bounded(permille: float) -> int:
    """Keep a factor within what is believed, in whole permille."""
    return min(max(round(permille), LEAST_PERMILLE), MOST_PERMILLE)


@lru_cache(maxsize=4_096)
def type_by_name(name: str) -> str:
    """Name the type of a visit after its name: case and spaces do not matter. Empty when it has no name."""
    return " ".join(name.casefold().split())


def type_by_skills(skills: Mapping[str, int]) -> str:
    """Name the type of a visit after the skills it requires."""
    return "skills:" + ",".join(sorted(skills))


@lru_cache(maxsize=4_096)
def assumed_spread(name: str) -> float:
    """Look up how uncertain work of this name is before anybody has done any; of several words the most uncertain."""
    words = set(type_by_name(name).split())
    known = [spread for word, spread in ASSUMED_SPREADS.items() if word in words]
    return max(known, default=USUAL_SPREAD)


def assumed_travel_spread(hour: int) -> float:
    """Look up how uncertain travel in a local hour is."""
    return PEAK_TRAVEL_SPREAD if hour in PEAK_HOURS else TRAVEL_SPREAD


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """
    Everything learned in one territory; nothing where nothing is known.

    Attributes
    ----------
    types
        Time on site by type of visit.
    technicians
        Time on site by technician id, against what the type of visit would have let expect.
    hours
        Travel by local hour.
    """

    types: Mapping[str, Factor] = field(default_factory=dict)
    technicians: Mapping[str, Factor] = field(default_factory=dict)
    hours: Mapping[int, Factor] = field(default_factory=dict)

    def of_type(self, name: str, skills: Mapping[str, int]) -> Factor:
        """Look up the time on site of a visit: by its name, else by its skills, else as assumed."""
        by_name = self.types.get(type_by_name(name)) if name else None
        if by_name is not None:
            return by_name
        by_skills = self.types.get(type_by_skills(skills))
        spread = assumed_spread(name)
        if by_skills is None:
            return Factor(1_000, spread)
        # Work of all kinds needs the same skills; that it varies is no news about this kind.
        return Factor(by_skills.permille, spread, by_skills.count)

    def of_technician(self, technician_id: str) -> Factor:
        """Look up how a technician compares with the plan."""
        return self.technicians.get(technician_id) or Factor(1_000, USUAL_SPREAD)

    def pace_spread(self, technician_id: str) -> float:
        """Tell how uncertain it still is how a technician compares with the plan: observations make it certain."""
        return PACE_SPREAD * math.sqrt(PRIOR_WEIGHT / (PRIOR_WEIGHT + self.of_technician(technician_id).count))

    def of_hour(self, hour: int) -> Factor:
        """Look up the travel of a local hour."""
        return self.hours.get(hour) or Factor(1_000, assumed_travel_spread(hour))
