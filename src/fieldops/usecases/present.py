"""
What the clock does to running routes: what has begun stays as it is, and nobody is anywhere before they can be.

Boards are kept as planned; the present comes in when they are asked, and with it what was reported of the day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

from fieldops.domain.live import Reality
from fieldops.domain.problem import Technician, TimeWindow, Visit
from fieldops.solver import instance as solver
from fieldops.solver.quote import Legs, Refusal, Slot, Standing, WindowQuote, quote
from fieldops.usecases.board import Board, ShiftOnBoard, put_on_board

_MINUTE = timedelta(minutes=1)


def whole_minute(now: datetime) -> datetime:
    """Give the first whole minute from now on: within a minute, everybody is asked the same."""
    begun = now.replace(second=0, microsecond=0)
    return begun if begun == now else begun + _MINUTE


def num_begun(own: ShiftOnBoard, now: datetime, reality: Reality | None = None) -> int:
    """Count the stops of a shift that have begun: as was reported, else by the plan."""
    if reality is not None:
        return reality.begun
    return sum(own.starts[visit.id] <= now for visit in own.problem.visits if visit.id in own.starts)


def at_present(own: ShiftOnBoard, now: datetime, reality: Reality | None = None) -> ShiftOnBoard:
    """
    Bound the stops of a shift by the clock.

    Parameters
    ----------
    reality
        What was reported of the shift; None = it goes by the plan.

    Returns
    -------
    ShiftOnBoard
        Begun stops can only be when they are; the next one not before its technician is there leaving now, unless it
        was to be earlier anyway; none before now, nor before it is expected. Itself when the shift is still to come.
    """
    if reality is not None and not reality.is_open:
        return replace(own, running=None)
    if (now <= own.shift.start and reality is None) or not own.problem.visits:
        return own
    begun, visits = num_begun(own, now, reality), list(own.problem.visits)
    expected = {} if reality is None else dict(reality.expected)
    for position, visit in enumerate(visits):
        start = own.starts.get(visit.id, now)
        if position < begun:
            visits[position] = replace(visit, windows=(TimeWindow(start, start),), release=None)
            if position == begun - 1 and reality is not None and reality.free_at is not None:
                visits[position] = _over_by(visits[position], start, whole_minute(reality.free_at), own.technician)
            continue
        if visit.id in expected:
            visits[position] = _not_before(visit, max(now, whole_minute(expected[visit.id])))
            continue
        earliest = now if position > begun else min(start, now + _travel_from_here(own, begun, visit))
        visits[position] = replace(visit, release=earliest if visit.release is None else max(earliest, visit.release))
    return put_on_board(replace(own.problem, visits=tuple(visits)), own.travel, own.starts)


def _over_by(visit: Visit, start: datetime, free_at: datetime, technician: Technician) -> Visit:
    """Shorten a visit that is over sooner than planned; it still begins when it was planned to."""
    seconds = max(1, (free_at - start) // timedelta(seconds=1) * 1_000 // technician.duration_permille)
    return replace(visit, duration=min(visit.duration, timedelta(seconds=seconds)))


def _not_before(visit: Visit, expected: datetime) -> Visit:
    """Keep a visit from starting before it is expected; one that is late already is not to be later still."""
    release = expected if visit.release is None else max(expected, visit.release)
    windows = visit.windows
    if windows and windows[-1].latest < release:
        windows = (*windows[:-1], TimeWindow(windows[-1].earliest, release))
    return replace(visit, release=release, windows=windows)


def quote_at_present(
    board: Board,
    now: datetime,
    visit: solver.Visit,
    legs: Legs,
    windows: Sequence[tuple[int, int]],
    standings: Sequence[Standing] | None,
    realities: Mapping[str, Reality] = MappingProxyType({}),
) -> list[WindowQuote]:
    """
    Quote a visit against a board whose shifts are as `at_present` gives them; arguments as `quote` takes them.

    Notes
    -----
    Right behind the stops that have begun, it starts no sooner than its technician can be there leaving now, or when
    what has begun is expected to be over. A route
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
        reality = realities.get(own.shift.id)
        if now <= own.shift.start and reality is None:
            continue
        begun = num_begun(own, now, reality)
        free = present if reality is None or reality.free_at is None else board.second_of(max(now, reality.free_at))
        there = free + int(legs.to_visit_s[cells][_place_of(own, begun)])
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
