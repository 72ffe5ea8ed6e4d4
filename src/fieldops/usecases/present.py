"""
What the clock does to running routes: what has begun stays as it is, and nobody is anywhere before they can be.

Boards are kept as planned; the present comes in when they are asked.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from fieldops.domain.problem import TimeWindow, Visit
from fieldops.solver import instance as solver
from fieldops.solver.quote import Legs, Refusal, Slot, Standing, WindowQuote, quote
from fieldops.usecases.board import Board, ShiftOnBoard, put_on_board

_MINUTE = timedelta(minutes=1)


def whole_minute(now: datetime) -> datetime:
    """Give the first whole minute from now on: within a minute, everybody is asked the same."""
    begun = now.replace(second=0, microsecond=0)
    return begun if begun == now else begun + _MINUTE


def num_begun(own: ShiftOnBoard, now: datetime) -> int:
    """Count the stops of a shift that have begun by the plan."""
    return sum(own.starts[visit.id] <= now for visit in own.problem.visits if visit.id in own.starts)


def at_present(own: ShiftOnBoard, now: datetime) -> ShiftOnBoard:
    """
    Bound the stops of a shift by the clock.

    Returns
    -------
    ShiftOnBoard
        Begun stops can only be when they are; the next one not before its technician is there leaving now, unless it
        was to be earlier anyway; none before now. Itself when the shift is still to come.
    """
    if now <= own.shift.start or not own.problem.visits:
        return own
    begun, visits = num_begun(own, now), list(own.problem.visits)
    for position, visit in enumerate(visits):
        start = own.starts.get(visit.id, now)
        if position < begun:
            visits[position] = replace(visit, windows=(TimeWindow(start, start),), release=None)
            continue
        earliest = now if position > begun else min(start, now + _travel_from_here(own, begun, visit))
        visits[position] = replace(visit, release=earliest if visit.release is None else max(earliest, visit.release))
    return put_on_board(replace(own.problem, visits=tuple(visits)), own.travel, own.starts)


def quote_at_present(
    board: Board,
    now: datetime,
    visit: solver.Visit,
    legs: Legs,
    windows: Sequence[tuple[int, int]],
    standings: Sequence[Standing] | None,
) -> list[WindowQuote]:
    """
    Quote a visit against a board whose shifts are as `at_present` gives them; arguments as `quote` takes them.

    Notes
    -----
    Right behind the stops that have begun, it starts no sooner than its technician can be there leaving now. A route
    that promises more is asked once more with that as a bound, in the windows where it does.
    """
    if now <= board.start:
        return quote(board.running, visit, legs, windows, standings)
    present = board.second_of(now)
    bounded = replace(visit, windows=_from(visit.windows, present))
    answers = quote(board.running, bounded, legs, windows, standings)
    first = 0
    for route, own in enumerate(board.quotable):
        cells = slice(first, first + len(own.problem.places))
        first = cells.stop
        if now <= own.shift.start:
            continue
        begun = num_begun(own, now)
        there = present + int(legs.to_visit_s[cells][_place_of(own, begun)])
        rash = [at for at, answer in enumerate(answers) if any(_is_rash(s, route, begun, there) for s in answer.slots)]
        if not rash:
            continue
        assert own.running is not None, "a quotable shift has a running route"
        again = quote(
            [own.running],
            replace(visit, windows=_from(visit.windows, there)),
            _part(legs, cells),
            [windows[at] for at in rash],
            None if standings is None else [standings[route]],
        )
        for at, answer in zip(rash, again, strict=True):
            answers[at] = _corrected(answers[at], route, answer)
    return answers


def _is_rash(slot: Slot, route: int, begun: int, there: int) -> bool:
    """Tell whether a slot is right behind what has begun, and before its technician can be there."""
    return slot.route == route and slot.position == begun and slot.start < there


def _corrected(answer: WindowQuote, route: int, again: WindowQuote) -> WindowQuote:
    """Put in place of one route's slot what the route says when it is asked again."""
    slots = [slot for slot in answer.slots if slot.route != route]
    slots += [replace(slot, route=route) for slot in again.slots]
    refusals: dict[Refusal, int] = dict(answer.refusals)
    for why, count in again.refusals.items():
        refusals[why] = refusals.get(why, 0) + count
    return WindowQuote(slots=tuple(sorted(slots, key=lambda slot: (slot.cost, slot.route))), refusals=refusals)


def _from(windows: Sequence[tuple[int, int]], second: int) -> tuple[tuple[int, int], ...]:
    """Cut windows before a second; when nothing is left, that second stands for what no window asked for has."""
    return tuple((max(earliest, second), latest) for earliest, latest in windows if latest >= second) or (
        (second, second),
    )


def _travel_from_here(own: ShiftOnBoard, begun: int, visit: Visit) -> timedelta:
    """Give the travel to a visit from where the stops that have begun end."""
    to = next(idx for idx, place in enumerate(own.problem.places) if place.id == visit.place_id)
    return timedelta(seconds=int(own.travel.duration_s[_place_of(own, begun), to]))


def _place_of(own: ShiftOnBoard, begun: int) -> int:
    """Return the index of the place where the last stop that has begun is, or the shift's start."""
    here = own.problem.visits[begun - 1].place_id if begun else own.shift.start_place_id
    return next(idx for idx, place in enumerate(own.problem.places) if place.id == here)


def _part(legs: Legs, cells: slice) -> Legs:
    """Keep the legs to and from some places."""
    return Legs(
        to_visit_s=legs.to_visit_s[cells],
        to_visit_m=legs.to_visit_m[cells],
        from_visit_s=legs.from_visit_s[cells],
        from_visit_m=legs.from_visit_m[cells],
    )
