"""What the simulator assumes about real days; docs/benchmarks.md says which of it was measured by whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from types import MappingProxyType

#: Spread of the logarithm of time on site by word in a visit's name; the first one found counts.
_SPREADS = MappingProxyType(
    {"inspection": 0.25, "meter": 0.25, "maintenance": 0.35, "repair": 0.55, "diagnosis": 0.75, "emergency": 0.75}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """
    How often things happen on a day, and how much they vary.

    Attributes
    ----------
    spreads, other_spread
        Standard deviation of the logarithm of time on site, by type of work. Lognormal times on site are what service
        operations have found elsewhere; the values are assumed.
    duration_bias
        Mean time on site over the planned one.
    technician_spread
        The same of a person's own pace, fixed for that person.
    travel_spread, peak_spread, day_spread
        Of a leg, of a leg at peak hours, and of the whole day.
    peak_hours
        Local hours of the day.
    incidents_per_hour, incident_minutes
        Of driving; the mean of an exponential delay.
    no_access, no_access_minutes
        Share of visits at which nobody opens, and how long technicians wait then.
    cancellations
        Share of visits called off on the day before anybody is under way to them.
    emergencies
        New urgent visits, as a share of the visits planned.
    emergencies_from, emergencies_until
        Local times between which they are reported.
    sick, vehicle_down
        Probability per technician and day.
    decides_after
        How long a dispatcher takes to approve a proposal that the policies leave to people; they approve all of them.
    """

    spreads: Mapping[str, float] = field(default_factory=lambda: _SPREADS)
    other_spread: float = 0.4
    duration_bias: float = 1.05
    technician_spread: float = 0.12
    travel_spread: float = 0.15
    peak_spread: float = 0.25
    day_spread: float = 0.08
    peak_hours: frozenset[int] = frozenset({7, 8, 16, 17})
    incidents_per_hour: float = 0.02
    incident_minutes: float = 15.0
    no_access: float = 0.05
    no_access_minutes: float = 12.0
    cancellations: float = 0.025
    emergencies: float = 0.05
    emergencies_from: time = time(8, 0)
    emergencies_until: time = time(13, 0)
    sick: float = 0.03
    vehicle_down: float = 0.005
    decides_after: timedelta = timedelta(minutes=2)

    def spread_of(self, name: str) -> float:
        """Give the spread of a visit's time on site by its name."""
        words = name.lower()
        return next((spread for word, spread in self.spreads.items() if word in words), self.other_spread)


#: A day on which everything takes as long as it was planned to.
CALM = Assumptions(
    spreads=MappingProxyType({}),
    other_spread=0.0,
    duration_bias=1.0,
    technician_spread=0.0,
    travel_spread=0.0,
    peak_spread=0.0,
    day_spread=0.0,
    incidents_per_hour=0.0,
    no_access=0.0,
    cancellations=0.0,
    emergencies=0.0,
    sick=0.0,
    vehicle_down=0.0,
)
