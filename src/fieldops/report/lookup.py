"""Finding the problem's objects by id while a plan is drawn, and which day a route belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from fieldops.domain.plan import Plan, Route
from fieldops.domain.problem import Place, Problem, Shift, Technician, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """
    A problem's objects by id.

    Attributes
    ----------
    zone
        The problem's time zone; everything shown to people is in it.
    shifts
        By technician id and shift id.
    ranks
        Technician id to position in the problem; chooses the color.
    """

    zone: ZoneInfo
    places: Mapping[str, Place]
    visits: Mapping[str, Visit]
    technicians: Mapping[str, Technician]
    shifts: Mapping[tuple[str, str], Shift]
    ranks: Mapping[str, int]

    def shift_of(self, route: Route) -> Shift:
        """Return the shift a route belongs to."""
        return self.shifts[route.technician_id, route.shift_id]

    def local_date(self, instant: datetime) -> date:
        """Return the date of an instant in the problem's time zone."""
        return instant.astimezone(self.zone).date()

    def name_of(self, technician_id: str) -> str:
        """Return what people call a technician."""
        return self.technicians[technician_id].name or technician_id


def look_up(problem: Problem) -> Lookup:
    """Index a problem by id."""
    return Lookup(
        zone=ZoneInfo(problem.time_zone),
        places={place.id: place for place in problem.places},
        visits={visit.id: visit for visit in problem.visits},
        technicians={technician.id: technician for technician in problem.technicians},
        shifts={(technician.id, shift.id): shift for technician in problem.technicians for shift in technician.shifts},
        ranks={technician.id: rank for rank, technician in enumerate(problem.technicians)},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """
    The routes and the unused shifts of one local date.

    Attributes
    ----------
    routes
        Position in the plan and route, by the technician's position in the problem, then by the shift's start.
    unused
        Technician id and shift of every shift without a route, same order.
    """

    date: date
    routes: tuple[tuple[int, Route], ...]
    unused: tuple[tuple[str, Shift], ...]


def days_of(plan: Plan, lookup: Lookup) -> tuple[Day, ...]:
    """Split a plan by the local date on which each shift starts; days with neither route nor shift are left out."""
    routes_by_shift = {(route.technician_id, route.shift_id): (pos, route) for pos, route in enumerate(plan.routes)}
    ordered = sorted(lookup.shifts.items(), key=lambda entry: (lookup.ranks[entry[0][0]], entry[1].start))
    dates = sorted({lookup.local_date(shift.start) for shift in lookup.shifts.values()})
    return tuple(
        Day(
            date=day,
            routes=tuple(
                routes_by_shift[key]
                for key, shift in ordered
                if key in routes_by_shift and lookup.local_date(shift.start) == day
            ),
            unused=tuple(
                (key[0], shift)
                for key, shift in ordered
                if key not in routes_by_shift and lookup.local_date(shift.start) == day
            ),
        )
        for day in dates
    )
