"""
The brackets under a row: windows, and where the services start in them. Pure geometry in percent of the axis.

Visits with the same window share a bracket. Brackets that would touch lie in different lanes.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from fieldops.domain.plan import Route
from fieldops.domain.problem import Shift, TimeWindow, Visit
from fieldops.report.lookup import Lookup

#: Percent of the axis kept free between two brackets of one lane.
_LANE_GAP: Final = 0.6


class WindowKind(StrEnum):
    """What a window means."""

    PROMISED = "promised"
    PREFERRED = "preferred"
    HARD = "hard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """
    Where a service starts, relative to its window.

    Attributes
    ----------
    x
        Percent.
    miss_from
        The bracket's end that was missed, percent; None when the start lies inside.
    """

    stop_pos: int
    x: float
    miss_from: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bracket:
    """
    A window under the row.

    Attributes
    ----------
    x, end
        Borders, percent; at the border of the axis when the window goes on.
    opens_left, opens_right
        Whether the window goes on outside the axis.
    lane
        Row of brackets, 0 on top.
    """

    kind: WindowKind
    x: float
    end: float
    opens_left: bool
    opens_right: bool
    marks: tuple[Mark, ...]
    lane: int = 0


def brackets_of(
    route: Route, shift: Shift, position: Callable[[datetime], float], lookup: Lookup
) -> tuple[Bracket, ...]:
    """
    Return the brackets of a route, packed into as few lanes as a first fit from the left gives.

    Parameters
    ----------
    position
        Where an instant lies, percent of the axis; outside instants at the border.
    """
    shared: dict[tuple[WindowKind, datetime, datetime], Bracket] = {}
    for pos, stop in enumerate(route.stops):
        for kind, window in windows_shown(lookup.visits[stop.visit_id], stop.start, shift):
            x, end = position(window.earliest), position(window.latest)
            miss_from = x if stop.start < window.earliest else end if stop.start > window.latest else None
            mark = Mark(stop_pos=pos, x=position(stop.start), miss_from=miss_from)
            key = (kind, window.earliest, window.latest)
            known = shared.get(key)
            shared[key] = (
                replace(known, marks=(*known.marks, mark))
                if known
                else Bracket(kind=kind, x=x, end=end, opens_left=x <= 0, opens_right=end >= 100, marks=(mark,))
            )
    return _packed(list(shared.values()))


def windows_shown(visit: Visit, start: datetime, shift: Shift) -> tuple[tuple[WindowKind, TimeWindow], ...]:
    """
    Return the windows worth a bracket.

    The promise and the preference always; the hard window the service starts in only where nothing was promised and it
    is narrower than the shift.
    """
    shown = []
    if visit.promised_window is not None:
        shown.append((WindowKind.PROMISED, visit.promised_window))
    else:
        shown += [
            (WindowKind.HARD, window)
            for window in visit.windows
            if start in window and not (window.earliest <= shift.start and window.latest >= shift.hard_end)
        ]
    if visit.preferred_window is not None:
        shown.append((WindowKind.PREFERRED, visit.preferred_window))
    return tuple(shown)


def _packed(brackets: list[Bracket]) -> tuple[Bracket, ...]:
    """Give each bracket the first lane that is free where it begins."""
    lane_ends: list[float] = []
    packed = []
    for bracket in sorted(brackets, key=_extent):
        left, right = _extent(bracket)
        lane = next((lane for lane, end in enumerate(lane_ends) if end + _LANE_GAP <= left), len(lane_ends))
        if lane == len(lane_ends):
            lane_ends.append(right)
        lane_ends[lane] = right
        packed.append(replace(bracket, lane=lane))
    return tuple(packed)


def _extent(bracket: Bracket) -> tuple[float, float]:
    """Return from where to where a bracket reaches, with the marks outside it."""
    xs = [bracket.x, bracket.end, *(mark.x for mark in bracket.marks)]
    return min(xs), max(xs)
