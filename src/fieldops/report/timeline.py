"""
Geometry of the timeline: a day's routes as positioned shapes. Pure: no words, no colors, no HTML.

Horizontal positions and widths are percent of the axis. Positions come from elapsed time, so a day with a clock change
is as long as it really is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from fieldops.domain.plan import BreakTaken, Route, Stop
from fieldops.domain.problem import Shift
from fieldops.report.brackets import Bracket, brackets_of
from fieldops.report.lookup import Day, Lookup
from fieldops.report.wording import clock
from fieldops.units import SECONDS_PER_HOUR

_HOUR: Final = timedelta(hours=1)
#: Every zone's full hours fall on a quarter of a UTC hour.
_TICK_GRID: Final = timedelta(minutes=15)
#: Allowed overtime is drawn at most this far past the last thing that happens on the day.
_OVERTIME_SHOWN: Final = timedelta(hours=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """
    The time span of a day's timeline.

    Attributes
    ----------
    start, end
        UTC; full local hours.
    """

    start: datetime
    end: datetime

    @property
    def hours(self) -> float:
        """Elapsed hours."""
        return (self.end - self.start).total_seconds() / SECONDS_PER_HOUR

    def position(self, instant: datetime) -> float:
        """Return where an aware instant lies, percent from the left; outside instants at the border."""
        share = (instant.astimezone(UTC) - self.start) / (self.end - self.start)
        return round(min(max(share, 0.0), 1.0) * 100, 3)

    def span(self, start: datetime, end: datetime) -> "Span":
        """Return the part of the axis between two instants."""
        x = self.position(start)
        return Span(x=x, width=round(self.position(end) - x, 3))


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A horizontal extent, percent of the axis."""

    x: float
    width: float

    @property
    def end(self) -> float:
        """Right border, percent."""
        return round(self.x + self.width, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A full local hour on the axis."""

    x: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """
    One service, as wide as it lasts.

    Attributes
    ----------
    stop_pos
        Position in the route, from 0.
    """

    span: Span
    stop_pos: int
    stop: Stop
    is_pinned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """
    One break.

    Attributes
    ----------
    is_fixed
        Its start could not be chosen.
    """

    span: Span
    taken: BreakTaken
    is_fixed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    One route on the timeline.

    Attributes
    ----------
    route_pos
        Position in the plan.
    regular
        The shift up to its regular end.
    overtime_zone
        From there to the hard end; None when no overtime is allowed.
    driving
        From leaving a place to reaching the next; a break in between lies on top.
    waiting
        From arrival to start at stops with idle time.
    overtime
        Overtime really worked.
    num_lanes
        Height of the brackets: how many lie above one another at most.
    """

    route_pos: int
    route: Route
    shift: Shift
    regular: Span
    overtime_zone: Span | None
    bars: tuple[Bar, ...]
    driving: tuple[Span, ...]
    waiting: tuple[Span, ...]
    pauses: tuple[Pause, ...]
    overtime: Span | None
    brackets: tuple[Bracket, ...]
    num_lanes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """A day's rows over one axis."""

    axis: Axis
    ticks: tuple[Tick, ...]
    rows: tuple[Row, ...]


def lay_out(day: Day, lookup: Lookup) -> Timeline:
    """Position a day's routes; the day has at least one."""
    shifts = [lookup.shift_of(route) for _, route in day.routes]
    axis = axis_of([route for _, route in day.routes], shifts, lookup.zone)
    return Timeline(
        axis=axis,
        ticks=ticks_of(axis, lookup.zone, day.date),
        rows=tuple(
            row_of(route_pos, route, shift, axis, lookup)
            for (route_pos, route), shift in zip(day.routes, shifts, strict=True)
        ),
    )


def axis_of(routes: Sequence[Route], shifts: Sequence[Shift], zone: ZoneInfo) -> Axis:
    """Return the full hours around all that happens, with some of the overtime that would be allowed."""
    starts = [shift.start for shift in shifts] + [route.departure for route in routes]
    ends = [shift.end for shift in shifts] + [route.end for route in routes]
    pauses = [pause for route in routes for pause in route.breaks]
    first = min(_utc(starts + [pause.start for pause in pauses]))
    last = max(_utc(ends + [pause.end for pause in pauses]))
    allowed = max(_utc(shift.hard_end for shift in shifts))
    last = max(last, min(allowed, last + _OVERTIME_SHOWN))
    start, floor = _full_hour(first, zone), _full_hour(last, zone)
    return Axis(start=start, end=floor if floor == last else floor + _HOUR)


def ticks_of(axis: Axis, zone: ZoneInfo, day: date) -> tuple[Tick, ...]:
    """Return the full local hours of an axis; the hour a clock change skips has no tick, a repeated one has two."""
    ticks = []
    instant = axis.start
    while instant <= axis.end:
        if instant.astimezone(zone).minute == 0:
            ticks.append(Tick(x=axis.position(instant), label=clock(instant, zone, day)))
        instant += _TICK_GRID
    return tuple(ticks)


def row_of(route_pos: int, route: Route, shift: Shift, axis: Axis, lookup: Lookup) -> Row:
    """Position one route."""
    brackets = brackets_of(route, shift, axis.position, lookup)
    return Row(
        route_pos=route_pos,
        route=route,
        shift=shift,
        regular=axis.span(shift.start, shift.end),
        overtime_zone=axis.span(shift.end, shift.hard_end) if shift.hard_end > shift.end else None,
        bars=tuple(
            Bar(
                span=axis.span(stop.start, stop.finish),
                stop_pos=pos,
                stop=stop,
                is_pinned=lookup.visits[stop.visit_id].pin is not None,
            )
            for pos, stop in enumerate(route.stops)
        ),
        driving=_driving(route, axis),
        waiting=tuple(axis.span(stop.arrival, stop.start) for stop in route.stops if stop.wait > timedelta(0)),
        pauses=tuple(
            Pause(span=axis.span(taken.start, taken.end), taken=taken, is_fixed=_is_fixed(taken, pos, shift))
            for pos, taken in enumerate(route.breaks)
        ),
        overtime=axis.span(route.end.astimezone(UTC) - route.overtime, route.end) if route.overtime else None,
        brackets=brackets,
        num_lanes=1 + max((bracket.lane for bracket in brackets), default=-1),
    )


def _driving(route: Route, axis: Axis) -> tuple[Span, ...]:
    """Return the legs on which somebody drives."""
    departures = [route.departure, *(stop.departure for stop in route.stops)]
    arrivals = [*(stop.arrival for stop in route.stops), route.end]
    durations = [*(stop.travel for stop in route.stops), route.travel_home]
    return tuple(
        axis.span(departure, arrival)
        for departure, arrival, travel in zip(departures, arrivals, durations, strict=True)
        if travel > timedelta(0)
    )


def _is_fixed(taken: BreakTaken, pos: int, shift: Shift) -> bool:
    """Tell whether a break had no choice of its start."""
    if taken.place_id is not None or pos >= len(shift.breaks):
        return taken.place_id is not None
    return shift.breaks[pos].earliest_start == shift.breaks[pos].latest_start


def _utc(instants: Iterable[datetime]) -> list[datetime]:
    """Convert to UTC: instants of one zone would otherwise be compared by their clock."""
    return [instant.astimezone(UTC) for instant in instants]


def _full_hour(instant: datetime, zone: ZoneInfo) -> datetime:
    """Return the last full local hour at or before an instant."""
    return instant.astimezone(zone).replace(minute=0, second=0, microsecond=0).astimezone(UTC)
