"""What really happens: how long people work and drive on one day, whatever anybody planned."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fieldops.simulate.assumptions import Assumptions
from fieldops.simulate.luck import Luck

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """
    The truth of one day.

    Attributes
    ----------
    luck
        Of the day; what is drawn depends on visits and people, by their keys, never on a plan.
    pace
        Luck of the people, the same on all days.
    """

    luck: Luck
    pace: Luck
    assumptions: Assumptions
    zone: ZoneInfo

    def on_site(self, visit: str, name: str, technician: str, planned: timedelta) -> timedelta:
        """
        Tell how long the work at a visit really takes; at least a minute.

        Parameters
        ----------
        planned
            At this technician's planned pace.
        """
        assumed = self.assumptions
        factor = assumed.duration_bias * self.luck.factor(assumed.spread_of(name), "site", visit)
        factor *= self.pace.factor(assumed.technician_spread, "pace", technician)
        return max(_MINUTE, _seconds(planned * factor))

    def travel(self, technician: str, to: str, planned: timedelta, leaving_at: datetime) -> timedelta:
        """
        Tell how long a drive really takes.

        Parameters
        ----------
        to
            Visit or place driven to; the luck of a drive is that of its destination and driver.
        """
        assumed = self.assumptions
        is_peak = leaving_at.astimezone(self.zone).hour in assumed.peak_hours
        spread = assumed.peak_spread if is_peak else assumed.travel_spread
        factor = self.luck.factor(spread, "drive", technician, to) * self.luck.factor(assumed.day_spread, "day")
        taken = planned * factor
        hours = taken / timedelta(hours=1)
        if self.luck.happens(min(1.0, assumed.incidents_per_hour * hours), "incident", technician, to):
            taken += _MINUTE * self.luck.waiting(assumed.incident_minutes, "delay", technician, to)
        return _seconds(taken)

    def opens(self, visit: str) -> bool:
        """Tell whether anybody opens."""
        return not self.luck.happens(self.assumptions.no_access, "access", visit)


def _seconds(duration: timedelta) -> timedelta:
    """Round to whole seconds."""
    return timedelta(seconds=round(duration.total_seconds()))
