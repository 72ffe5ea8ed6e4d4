"""Which breaks of a shift under way are over: nobody reports them, so they are taken where the plan has them."""

from collections.abc import Sequence
from datetime import datetime

from fieldops.domain.problem import Visit
from fieldops.domain.progress import VisitProgress
from fieldops.domain.shift_facts import ShiftFacts, was_there


def breaks_by(facts: ShiftFacts, own: Sequence[tuple[Visit, VisitProgress]]) -> int:
    """Count the breaks that the plan has before the visit at which the technician is."""
    reached = _reached(facts, own)
    return sum(after < reached for after, _, _ in _planned_breaks(facts))


def breaks_before_leaving(facts: ShiftFacts, visit: Visit, left_at: datetime) -> int:
    """Count the breaks that are over for somebody who has left for a visit: those that the plan had until then."""
    position = next((pos for pos, stop in enumerate(facts.stops) if stop.id == visit.id), None)
    count = 0
    for after, start, _ in _planned_breaks(facts):
        is_earlier = position is not None and after < position
        if not is_earlier and start > left_at:
            break
        count += 1
    return count


def breaks_between(
    facts: ShiftFacts, own: Sequence[tuple[Visit, VisitProgress]], free_at: datetime | None, now: datetime
) -> tuple[int, datetime]:
    """Count the breaks that are over or running between two visits, and say when the technician is free again."""
    reached, count, ready = _reached(facts, own), 0, now
    for after, start, end in _planned_breaks(facts):
        if after >= reached:
            begins = start if free_at is None else max(free_at, start)
            if after > reached or begins > now:
                break
            ready = max(ready, begins + (end - start))
        count += 1
    return count, ready


def rested(facts: ShiftFacts, visit: Visit, arrived: datetime) -> datetime:
    """Give when the breaks are over that the plan has between the arrival at a visit and its service."""
    position = next((pos for pos, stop in enumerate(facts.stops) if stop.id == visit.id), None)
    if position is None or facts.planned is None or position >= len(facts.planned.stops):
        return arrived
    due, ready = facts.planned.stops[position].arrival, arrived
    for after, start, end in _planned_breaks(facts):
        if after == position and start >= due:
            ready = max(ready, start) + (end - start)
    return ready


def _reached(facts: ShiftFacts, own: Sequence[tuple[Visit, VisitProgress]]) -> int:
    """Count the stops up to the farthest one that the technician has been at."""
    position = {visit.id: pos for pos, visit in enumerate(facts.stops)}
    return max(
        (position[visit.id] + 1 for visit, progress in own if visit.id in position and was_there(progress)), default=0
    )


def _planned_breaks(facts: ShiftFacts) -> list[tuple[int, datetime, datetime]]:
    """List after how many visits, from when to when the breaks are planned."""
    if facts.planned is None or len(facts.planned.breaks) != len(facts.shift.breaks):
        return [(0, pause.earliest_start, pause.earliest_start + pause.duration) for pause in facts.shift.breaks]
    return [(pause.after_visits, pause.start, pause.end) for pause in facts.planned.breaks]
