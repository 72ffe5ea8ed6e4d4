"""
Which breaks of a shift under way are over: nobody reports them.

The plan says between which visits a break is. There people take it as soon as it may begin; when they are at the next
door by then, they work first, and take it afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fieldops.domain.problem import Visit
from fieldops.domain.progress import VisitProgress
from fieldops.domain.shift_facts import ShiftFacts, was_there


@dataclass(frozen=True, slots=True)
class _Pause:
    """A break: after how many visits the plan has it, when it may begin at the earliest, and how long it is."""

    after: int
    earliest: datetime
    duration: timedelta


def breaks_by(facts: ShiftFacts, own: Sequence[tuple[Visit, VisitProgress]], visit: Visit) -> int:
    """Count the breaks that are over for a technician at a visit, or are before its service begins."""
    reached, position = _reached(facts, own), _position(facts, visit)
    progress = facts.progress[visit.id]
    began = progress.started_at or progress.arrived_at
    count = 0
    for pause in _pauses(facts):
        is_here = pause.after == position == reached - 1
        if pause.after >= reached or (is_here and began is not None and pause.earliest > began):
            break
        count += 1
    return count


def breaks_before_leaving(
    facts: ShiftFacts, own: Sequence[tuple[Visit, VisitProgress]], visit: Visit, left_at: datetime
) -> int:
    """Count the breaks that are over for somebody who has left for a visit: those for which there was time."""
    position = _position(facts, visit)
    free_at = max(
        (known.finished_at for _, known in own if known.finished_at is not None and known.finished_at <= left_at),
        default=None,
    )
    count = 0
    for pause in _pauses(facts):
        if position is None or pause.after >= position:
            begins = pause.earliest if free_at is None else max(free_at, pause.earliest)
            if begins + pause.duration > left_at:
                break
            free_at = begins + pause.duration
        count += 1
    return count


def breaks_between(
    facts: ShiftFacts, own: Sequence[tuple[Visit, VisitProgress]], free_at: datetime | None, now: datetime
) -> tuple[int, datetime]:
    """Count the breaks that are over or running between two visits, and say when the technician is free again."""
    reached, count, ready = _reached(facts, own), 0, free_at
    for pause in _pauses(facts):
        if pause.after >= reached:
            begins = pause.earliest if ready is None else max(ready, pause.earliest)
            if pause.after > reached or begins > now:
                break
            ready = begins + pause.duration
        count += 1
    return count, now if ready is None else max(now, ready)


def rested(facts: ShiftFacts, visit: Visit, arrived: datetime) -> datetime:
    """Give when the breaks are over that are due between the arrival at a visit and its service."""
    position = _position(facts, visit)
    if position is None or facts.planned is None or position >= len(facts.planned.stops):
        return arrived
    due, ready = facts.planned.stops[position].arrival, arrived
    for pause, taken in zip(_pauses(facts), facts.planned.breaks, strict=False):
        if pause.after == position and taken.start >= due and pause.earliest <= ready:
            ready += pause.duration
    return ready


def _position(facts: ShiftFacts, visit: Visit) -> int | None:
    """Give a visit's place on the route; None = it is not on it."""
    return next((pos for pos, stop in enumerate(facts.stops) if stop.id == visit.id), None)


def _reached(facts: ShiftFacts, own: Sequence[tuple[Visit, VisitProgress]]) -> int:
    """Count the stops up to the farthest one that the technician has been at."""
    position = {visit.id: pos for pos, visit in enumerate(facts.stops)}
    return max(
        (position[visit.id] + 1 for visit, progress in own if visit.id in position and was_there(progress)), default=0
    )


def _pauses(facts: ShiftFacts) -> list[_Pause]:
    """List the breaks as the plan has them."""
    breaks = facts.shift.breaks
    if facts.planned is None or len(facts.planned.breaks) != len(breaks):
        return [_Pause(0, pause.earliest_start, pause.duration) for pause in breaks]
    return [
        _Pause(taken.after_visits, pause.earliest_start, pause.duration)
        for taken, pause in zip(facts.planned.breaks, breaks, strict=True)
    ]
