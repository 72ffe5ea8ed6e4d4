"""The tables of the routes, line by line, and what is said about a stop where it is drawn."""

from dataclasses import dataclass
from datetime import date, timedelta

from fieldops.domain.plan import BreakTaken, Route, Stop
from fieldops.domain.problem import Shift, Visit
from fieldops.report.lookup import Lookup
from fieldops.report.wording import (
    clock,
    cost_words,
    count_words,
    distance_words,
    duration_words,
    excess_words,
    money_words,
    percent_words,
    period_words,
    window_words,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """
    One line of a route's table.

    Attributes
    ----------
    kind
        ``stop``, ``break`` or ``base``.
    arrival, start, finish
        Local times, or empty.
    windows, remarks
        One entry each.
    late
        By how much the promise is broken; empty when kept.
    """

    kind: str
    number: str = ""
    id: str = ""
    name: str = ""
    address: str = ""
    arrival: str = ""
    start: str = ""
    finish: str = ""
    windows: tuple[str, ...] = ()
    slack: str = ""
    travel: str = ""
    distance: str = ""
    late: str = ""
    remarks: tuple[str, ...] = ()
    is_pinned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteTable:
    """
    One route in words.

    Attributes
    ----------
    stops
        What is said about each stop where it is drawn: several lines of text.
    overtime
        Empty when there is none.
    """

    route_pos: int
    technician: str
    shift: str
    period: str
    facts: tuple[str, ...]
    num_late: int
    overtime: str
    lines: tuple[Line, ...]
    costs: str
    stops: tuple[str, ...]


def route_table(route_pos: int, route: Route, day: date, lookup: Lookup) -> RouteTable:
    """Put one route into words."""
    shift = lookup.shift_of(route)
    on_site = sum((stop.finish - stop.start for stop in route.stops), timedelta(0))
    paid = route.work.total_seconds()
    return RouteTable(
        route_pos=route_pos,
        technician=lookup.name_of(route.technician_id),
        shift=shift.id,
        period=period_words(route.departure, route.end, lookup.zone, day),
        facts=(
            count_words(len(route.stops), "visit"),
            f"{duration_words(route.travel)} driving",
            distance_words(route.distance),
            f"{percent_words(on_site.total_seconds() / paid)} on site" if paid else "",
        ),
        num_late=sum(1 for stop in route.stops if stop.lateness),
        overtime=excess_words(route.overtime) if route.overtime else "",
        lines=_lines(route, shift, day, lookup),
        costs=", ".join(f"{cost_words(term)} {money_words(cents)}" for term, cents in route.cost.items() if cents),
        stops=tuple(_stop_text(pos, stop, day, lookup) for pos, stop in enumerate(route.stops)),
    )


def break_text(taken: BreakTaken, day: date, lookup: Lookup) -> str:
    """Say a break as it is drawn on the timeline."""
    return "\n".join(
        (f"{period_words(taken.start, taken.end, lookup.zone, day)}  {taken.name or 'Break'}", *_about(taken, lookup))
    )


def windows_of(visit: Visit, day: date, lookup: Lookup) -> tuple[str, ...]:
    """Say the windows of a visit, the promise first; the hard ones only on the given day."""
    zone = lookup.zone
    said = []
    if visit.promised_window is not None:
        firmness = " (must be kept)" if visit.promise_is_hard else ""
        said.append(f"promised {window_words(visit.promised_window, zone, day)}{firmness}")
    if visit.preferred_window is not None:
        said.append(f"preferred {window_words(visit.preferred_window, zone, day)}")
    said += [
        f"only {window_words(window, zone, day)}"
        for window in visit.windows
        if lookup.local_date(window.earliest) <= day <= lookup.local_date(window.latest)
    ]
    if visit.release is not None and lookup.local_date(visit.release) == day:
        said.append(f"from {clock(visit.release, zone, day)}")
    if visit.due is not None:
        said.append(f"due {clock(visit.due, zone, day)}")
    return tuple(said)


def _lines(route: Route, shift: Shift, day: date, lookup: Lookup) -> tuple[Line, ...]:
    """Return the lines of a table: start, stops and breaks in order, end."""
    start_place = lookup.places[shift.start_place_id]
    lines = [
        Line(
            kind="base",
            name="Start",
            address=start_place.address or start_place.id,
            finish=clock(route.departure, lookup.zone, day),
        )
    ]
    for num_served in range(-1, len(route.stops) + 2):
        if 0 < num_served <= len(route.stops):
            lines.append(_stop_line(num_served - 1, route.stops[num_served - 1], day, lookup))
        if num_served == len(route.stops) + 1:
            lines.append(_end_line(route, shift, day, lookup))
        placed = [_break_line(taken, day, lookup) for taken in route.breaks if _slot(taken, route) == num_served]
        lines[:] = placed + lines if num_served < 0 else lines + placed
    return tuple(lines)


def _slot(taken: BreakTaken, route: Route) -> int:
    """Return after which line a break comes: -1 before leaving, 0..n on the way, n + 1 after the end."""
    if taken.on_the_clock:
        return taken.after_visits
    return -1 if taken.start < route.departure else len(route.stops) + 1


def _stop_line(pos: int, stop: Stop, day: date, lookup: Lookup) -> Line:
    """Put a stop into a line."""
    visit = lookup.visits[stop.visit_id]
    place = lookup.places[visit.place_id]
    return Line(
        kind="stop",
        number=str(pos + 1),
        id=visit.id,
        name=visit.name,
        address=place.address or place.id,
        arrival=clock(stop.arrival, lookup.zone, day),
        start=clock(stop.start, lookup.zone, day),
        finish=clock(stop.finish, lookup.zone, day),
        windows=windows_of(visit, day, lookup),
        slack=duration_words(stop.slack),
        travel=duration_words(stop.travel),
        distance=distance_words(stop.distance),
        late=f"{excess_words(stop.lateness)} late" if stop.lateness else "",
        remarks=_remarks(visit, stop, lookup),
        is_pinned=visit.pin is not None,
    )


def _end_line(route: Route, shift: Shift, day: date, lookup: Lookup) -> Line:
    """Put the end of the day into a line."""
    if shift.end_place_id is None:
        return Line(kind="base", name="End", address="at the last visit", arrival=clock(route.end, lookup.zone, day))
    place = lookup.places[shift.end_place_id]
    return Line(
        kind="base",
        name="End",
        address=place.address or place.id,
        arrival=clock(route.end, lookup.zone, day),
        travel=duration_words(route.travel_home),
        remarks=(f"{excess_words(route.overtime)} overtime",) if route.overtime else (),
    )


def _break_line(taken: BreakTaken, day: date, lookup: Lookup) -> Line:
    """Put a break into a line."""
    return Line(
        kind="break",
        name=taken.name or "Break",
        start=clock(taken.start, lookup.zone, day),
        finish=clock(taken.end, lookup.zone, day),
        remarks=_about(taken, lookup),
    )


def _about(taken: BreakTaken, lookup: Lookup) -> tuple[str, ...]:
    """Say how long a break is, whether it is paid, and where it is taken."""
    said = [duration_words(taken.end - taken.start) + (", paid" if taken.paid else ", unpaid")]
    if taken.place_id is not None:
        said.append(f"at {lookup.places[taken.place_id].address or taken.place_id}")
    if not taken.on_the_clock:
        said.append("on the technician's own time")
    return tuple(said)


def _remarks(visit: Visit, stop: Stop, lookup: Lookup) -> tuple[str, ...]:
    """Say what is special about a stop, apart from lateness."""
    said = []
    if visit.pin is not None:
        said.append(_pin_words(visit, lookup))
    if stop.wait:
        said.append(f"waits {duration_words(stop.wait)}")
    preferred = visit.preferred_window
    if preferred is not None and stop.start not in preferred:
        said.append("outside the preferred window")
    if visit.due is not None and stop.finish > visit.due:
        said.append(f"{excess_words(stop.finish - visit.due)} past due")
    if visit.priority >= 5:
        said.append("urgent")
    return tuple(said)


def _pin_words(visit: Visit, lookup: Lookup) -> str:
    """Say what a person has fixed."""
    pin = visit.pin
    fixed = []
    if pin is not None and pin.technician_id is not None:
        fixed.append(f"to {lookup.name_of(pin.technician_id)}")
    if pin is not None and pin.sequence is not None:
        fixed.append("in sequence")
    if pin is not None and pin.start is not None:
        fixed.append(f"at {clock(pin.start, lookup.zone)}")
    return " ".join(["pinned", *fixed])


def _stop_text(pos: int, stop: Stop, day: date, lookup: Lookup) -> str:
    """Say all about a stop, the most important first; one thing a line."""
    visit = lookup.visits[stop.visit_id]
    place = lookup.places[visit.place_id]
    late = [f"{excess_words(stop.lateness)} late"] if stop.lateness else []
    skills = ", ".join(
        name if level == 1 else f"{name} (level {level})" for name, level in visit.required_skills.items()
    )
    lines = [
        f"{period_words(stop.start, stop.finish, lookup.zone, day)}  {visit.id} {visit.name}".rstrip(),
        " · ".join([*late, *_remarks(visit, stop, lookup)]),
        " · ".join(windows_of(visit, day, lookup)),
        f"Stop {pos + 1} · {place.address or place.id}",
        f"Arrives {clock(stop.arrival, lookup.zone, day)} after {duration_words(stop.travel)} of travel"
        f" · slack {duration_words(stop.slack)} · priority {visit.priority}",
        f"Needs {skills}" if skills else "",
    ]
    return "\n".join(line for line in lines if line)
