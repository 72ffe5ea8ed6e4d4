"""What is known of one shift of a day under way: the route, what was reported of it, and how uncertain the rest is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from fieldops.domain.factors import NOMINAL_PERMILLE, TRAVEL_SPREAD, Factor
from fieldops.domain.plan import Route
from fieldops.domain.problem import Place, Shift, Technician, Visit
from fieldops.domain.progress import VisitPhase, VisitProgress
from fieldops.domain.remaining import scaled

_NOTHING: Final = timedelta(0)


def _usual_travel(_at: datetime) -> Factor:
    """Give the travel of an hour of which nothing is known."""
    return Factor(NOMINAL_PERMILLE, TRAVEL_SPREAD)


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianState:
    """
    What is known of a technician on a date beyond the plan.

    Attributes
    ----------
    place, seen_at
        The newest position reported.
    out_since, out_reason
        Sick or without a vehicle from then on; None = is not.
    """

    technician_id: str
    place: Place | None = None
    seen_at: datetime | None = None
    out_since: datetime | None = None
    out_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftFacts:
    """
    Everything that is known of one shift.

    Attributes
    ----------
    stops
        The running route, in order.
    planned
        The same with times; None = there is none.
    progress
        Of the visits of the route, and of those that the technician has been at elsewhere.
    elsewhere
        By id: visits of other routes, or of none any more, at which the technician was during this shift.
    places
        By id.
    durations
        By visit id, nominal time on site where it is not what the visit says.
    pace_permille
        What a nominal 1,000 seconds on site take this technician.
    spreads
        By visit id, standard deviation of the logarithm of the time on site; nothing = it is certain.
    travel_factor
        How a leg that begins at an instant compares with the plan, and how uncertain that is; the traffic of the day
        comes on top.
    """

    technician: Technician
    shift: Shift
    stops: tuple[Visit, ...]
    planned: Route | None
    progress: Mapping[str, VisitProgress]
    places: Mapping[str, Place]
    state: TechnicianState
    elsewhere: Mapping[str, Visit] = field(default_factory=dict)
    durations: Mapping[str, timedelta] = field(default_factory=dict)
    pace_permille: int = 1_000
    spreads: Mapping[str, float] = field(default_factory=dict)
    travel_factor: Callable[[datetime], Factor] = _usual_travel

    def on_site(self, visit: Visit) -> timedelta:
        """Expected time on site of this technician, with what was asked for beyond the plan."""
        nominal = self.durations.get(visit.id, visit.duration)
        progress = self.progress.get(visit.id)
        extension = _NOTHING if progress is None else progress.extension
        return scaled(nominal, self.pace_permille) + extension

    def own_progress(self) -> list[tuple[Visit, VisitProgress]]:
        """List what this technician has begun or ended, in the order in which it happened."""
        found = []
        for visit in (*self.stops, *self.elsewhere.values()):
            progress = self.progress.get(visit.id)
            if progress is None or progress.phase is VisitPhase.PLANNED:
                continue
            # What a dispatcher has called off says nothing about anybody's whereabouts.
            is_nobodys = progress.technician_id is None and (not progress.is_over or was_there(progress))
            if progress.technician_id == self.technician.id or is_nobodys:
                found.append((visit, progress))
        return sorted(found, key=lambda pair: last_instant(pair[1]))


def last_instant(progress: VisitProgress) -> tuple[datetime, str]:
    """Give the instant of the last step reported; ids break ties."""
    steps = (progress.finished_at, progress.started_at, progress.arrived_at, progress.travel_started_at)
    return max(step for step in steps if step is not None), progress.visit_id


def was_there(progress: VisitProgress) -> bool:
    """Tell whether somebody has been at the visit."""
    return progress.arrived_at is not None or progress.started_at is not None
