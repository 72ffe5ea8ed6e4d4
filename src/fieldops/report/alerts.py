"""What a dispatcher should look at first on a day: broken promises, then overtime, the worst first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from fieldops.domain.plan import Route
from fieldops.report.lookup import Day, Lookup
from fieldops.report.wording import clock, excess_words, window_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """
    One thing to look at.

    Attributes
    ----------
    kind
        ``late`` or ``overtime``.
    stop_pos
        Position in the route; None when the whole route is meant.
    what, amount, why
        "V12 with Kim", "21 min late", "promised 08:00 to 10:00, starts 10:21" (with a dash).
    """

    kind: str
    route_pos: int
    stop_pos: int | None
    what: str
    amount: str
    why: str


def alerts_of(day: Day, lookup: Lookup) -> tuple[Alert, ...]:
    """Return a day's alerts."""
    late = [
        (stop.lateness, _late(route_pos, stop_pos, route, day, lookup))
        for route_pos, route in day.routes
        for stop_pos, stop in enumerate(route.stops)
        if stop.lateness
    ]
    overtime = [
        (route.overtime, _overtime(route_pos, route, day, lookup)) for route_pos, route in day.routes if route.overtime
    ]
    return (*_worst_first(late), *_worst_first(overtime))


def _worst_first(found: Sequence[tuple[timedelta, Alert]]) -> list[Alert]:
    """Sort by the excess; equals stay in the order of the rows."""
    return [alert for _, alert in sorted(found, key=lambda entry: -entry[0])]


def _late(route_pos: int, stop_pos: int, route: Route, day: Day, lookup: Lookup) -> Alert:
    """Put a broken promise into words."""
    stop = route.stops[stop_pos]
    visit = lookup.visits[stop.visit_id]
    promised = visit.promised_window
    words = f"promised {window_words(promised, lookup.zone, day.date)}, " if promised is not None else ""
    return Alert(
        kind="late",
        route_pos=route_pos,
        stop_pos=stop_pos,
        what=f"{visit.id} with {lookup.name_of(route.technician_id)}",
        amount=f"{excess_words(stop.lateness)} late",
        why=f"{words}starts {clock(stop.start, lookup.zone, day.date)}",
    )


def _overtime(route_pos: int, route: Route, day: Day, lookup: Lookup) -> Alert:
    """Put a route's overtime into words."""
    shift = lookup.shift_of(route)
    return Alert(
        kind="overtime",
        route_pos=route_pos,
        stop_pos=None,
        what=lookup.name_of(route.technician_id),
        amount=f"{excess_words(route.overtime)} overtime",
        why=f"ends {clock(route.end, lookup.zone, day.date)}, shift ends {clock(shift.end, lookup.zone, day.date)}",
    )
