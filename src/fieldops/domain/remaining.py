"""
What is left of a day under way, as a planning problem of its own.

Everybody goes on from where and when they are expected to be free. What cannot be changed any more is left out, what
was taken of breaks and caps is gone, and a promise is better kept late than not at all.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from fieldops.domain.factors import NOMINAL_PERMILLE
from fieldops.domain.horizon import horizon_of
from fieldops.domain.live import LiveState, Remaining, Underway
from fieldops.domain.problem import Break, Pin, Place, Problem, Shift, Technician, TimeWindow, Visit

_SECOND: Final = timedelta(seconds=1)
_NOTHING: Final = timedelta(0)


def remaining_problem(problem: Problem, orders: Mapping[str, Sequence[str]], state: LiveState) -> Remaining:
    """
    Make the problem that is left of a day.

    Parameters
    ----------
    problem
        The whole day; visits may name technicians who do not work on it.
    orders
        Shift id to visit ids in serving order: the running plan.
    state
        Where everybody is. Times are rounded up to whole seconds.

    Notes
    -----
    - A shift under way starts where and when its technician is free, on the clock; one that has not begun starts now
      at the earliest. A technician who is out has none, nor has one whose shifts are over.
    - Breaks that are over are gone, those overdue are taken as soon as possible. A break elsewhere that has begun
      without its technician, or that he cannot be at in time any more, is missed.
    - The hard end is late enough for the way home, with what is left of the breaks: to serve nobody is always possible.
    - Everybody works at the pace that was learned of them, on the durations that were learned of the work.
    - Visits behind a technician, and those that are over, are gone. Promises are soft and the visits mandatory: coming
      late costs, not coming costs far more. Hard windows stay, also those that nobody can meet any more.
    - Traffic is not in it: scale the travel times (`travel.provider.slowed`).

    O(visits + shifts).
    """
    now = whole_second(state.now)
    gone = state.over.union(*(known.behind for known in state.underway.values()))
    ahead = {visit.id for visit in problem.visits} - gone
    technicians = tuple(_technician(technician, orders, ahead, state, now) for technician in problem.technicians)
    shifts = [shift for technician in technicians for shift in technician.shifts]
    longer = _with_days_for(problem, technicians)
    people = frozenset(technician.id for technician in technicians)
    horizon = horizon_of(longer)
    visits = tuple(_visit(visit, state, people, horizon) for visit in problem.visits if visit.id in ahead)
    known_places = {place.id: place for place in problem.places}
    known_places.update((known.place.id, known.place) for known in state.underway.values())
    return Remaining(
        problem=replace(longer, visits=visits, places=_named(known_places, shifts, visits)),
        orders={
            shift.id: tuple(visit_id for visit_id in orders.get(shift.id, ()) if visit_id in ahead) for shift in shifts
        },
        state=state,
    )


def begun_late(problem: Problem, at: datetime) -> Problem:
    """Let the shifts of a problem begin at an instant at the earliest: their technicians are busy elsewhere."""
    at = whole_second(at)
    people = (replace(one, shifts=tuple(_not_begun(shift, at) for shift in one.shifts)) for one in problem.technicians)
    return _with_days_for(problem, tuple(people))


def whole_second(instant: datetime) -> datetime:
    """Give the first whole second from an instant on: problems know no fractions."""
    begun = instant.replace(microsecond=0)
    return begun if begun == instant else begun + _SECOND


def scaled(duration: timedelta, permille: int) -> timedelta:
    """Scale a duration, rounded half up to whole seconds, as the solver scales service and `travel` scales matrices."""
    return timedelta(seconds=(duration // _SECOND * permille + 500) // 1_000)


def _with_days_for(problem: Problem, technicians: tuple[Technician, ...]) -> Problem:
    """Give a problem other technicians, and a horizon that their shifts end in."""
    shifts = [shift for technician in technicians for shift in technician.shifts]
    days = problem.num_days
    while any(max(shift.start + _SECOND, shift.hard_end) > _end_of(problem, days) for shift in shifts):
        days += 1
    return replace(problem, num_days=days, technicians=technicians)


def _end_of(problem: Problem, num_days: int) -> datetime:
    """Give the end of the horizon were it so many days long."""
    return horizon_of(replace(problem, num_days=num_days)).latest


def _technician(
    technician: Technician, orders: Mapping[str, Sequence[str]], ahead: Collection[str], state: LiveState, now: datetime
) -> Technician:
    """Keep what is left of a technician's shifts; one that ends late pushes those after it."""
    shifts: list[Shift] = []
    free_at = now
    for shift in sorted(technician.shifts, key=lambda shift: shift.start):
        underway = state.underway.get(shift.id)
        if underway is not None and underway.is_out:
            continue
        is_wanted = any(visit_id in ahead for visit_id in orders.get(shift.id, ()))
        if shift.hard_end <= now and not is_wanted and (underway is None or underway.ready_at <= now):
            continue
        if underway is None:
            rest = _not_begun(shift, free_at)
        else:
            rest = _under_way(shift, underway, free_at, state.travel_permille)
        shifts.append(rest)
        free_at = max(free_at, rest.hard_end)
    pace = technician.duration_permille * state.paces.get(technician.id, NOMINAL_PERMILLE) // NOMINAL_PERMILLE
    return replace(technician, shifts=tuple(shifts), duration_permille=max(pace, 1))


def _not_begun(shift: Shift, now: datetime) -> Shift:
    """Let a shift of which nothing is known start from now on."""
    if shift.start >= now:
        return shift
    # Who has not left by then has taken the breaks at the usual time.
    breaks = tuple(pause for pause in shift.breaks if pause.latest_start >= now)
    return _with_room(replace(shift, start=now, breaks=breaks), now)


def _under_way(shift: Shift, underway: Underway, free_at: datetime, permille: int) -> Shift:
    """Let a shift go on from where its technician is free."""
    start = max(whole_second(underway.ready_at), free_at)
    breaks, home, driven = _way_home(shift, underway, start, permille)
    rest = replace(
        shift,
        start=start,
        start_place_id=underway.place.id,
        breaks=breaks,
        max_visits=None if shift.max_visits is None else max(0, shift.max_visits - len(underway.behind)),
        max_travel=_left(shift.max_travel, underway.traveled, driven),
        max_work=_left(shift.max_work, underway.worked, home - start),
        underway=True,
    )
    return _with_room(rest, home)


def _way_home(
    shift: Shift, underway: Underway, start: datetime, permille: int
) -> tuple[tuple[Break, ...], datetime, timedelta]:
    """Give the breaks that are left, and when who serves nobody any more is home with them, after how much driving."""

    def way(here: str, there: str | None) -> timedelta:
        nominal = _NOTHING if there is None else underway.ways.get((here, there), _NOTHING)
        if (here, there) == (underway.place.id, shift.end_place_id):
            nominal = underway.travel_home
        return scaled(nominal, permille)

    breaks: list[Break] = []
    ready, here, driven = start, underway.place.id, _NOTHING
    # Since `here` was left: time that was not spent on breaks, and so can have been spent driving.
    spare = _NOTHING
    home = start + way(here, shift.end_place_id)
    for pause in shift.breaks[underway.breaks_taken :]:
        soonest = max(ready, pause.earliest_start)
        if pause.place_id is None:
            spare += soonest - ready
            if soonest <= home:
                home += pause.duration
        elif soonest > pause.earliest_start or way(here, pause.place_id) > spare + (soonest - ready):
            continue
        else:
            driven += way(here, pause.place_id)
            here, spare = pause.place_id, _NOTHING
            home = soonest + pause.duration + way(here, shift.end_place_id)
        ready = soonest + pause.duration
        earliest, latest = max(pause.earliest_start, start), max(pause.latest_start, soonest)
        breaks.append(replace(pause, earliest_start=earliest, latest_start=latest))
    return tuple(breaks), home, driven + way(here, shift.end_place_id)


def _left(cap: timedelta | None, used: timedelta, needed: timedelta) -> timedelta | None:
    """Give what is left of a cap, which is at least what going home takes."""
    return None if cap is None else max(cap - used, needed, _NOTHING)


def _with_room(shift: Shift, home: datetime) -> Shift:
    """Make a shift end after it starts, and its hard end allow what cannot be avoided."""
    end = max(shift.end, shift.start + _SECOND)
    hard_end = max([shift.hard_end, end, home, *(pause.earliest_start + pause.duration for pause in shift.breaks)])
    return replace(shift, end=end, hard_end=hard_end)


def _visit(visit: Visit, state: LiveState, people: frozenset[str], horizon: TimeWindow) -> Visit:
    """Say what is still to be done, in the words of this day alone."""
    windows = tuple(window for window in visit.windows if _overlaps(window, horizon))
    preferred, allowed = visit.preferred_window, visit.allowed_technicians
    is_promised = visit.promised_window is not None
    pin, allowed = _pin(visit.pin, None if allowed is None else allowed & people, people)
    return replace(
        visit,
        duration=state.durations.get(visit.id, visit.duration),
        # Without windows it could start at any time.
        windows=windows or visit.windows,
        promise_is_hard=False,
        preferred_window=preferred if preferred is not None and _overlaps(preferred, horizon) else None,
        allowed_technicians=allowed,
        forbidden_technicians=visit.forbidden_technicians & people,
        preferred_technicians=visit.preferred_technicians & people,
        mandatory=visit.mandatory or is_promised,
        pin=pin,
        told=state.told.get(visit.id, visit.told),
    )


def _pin(
    pin: Pin | None, allowed: frozenset[str] | None, people: frozenset[str]
) -> tuple[Pin | None, frozenset[str] | None]:
    """Keep a pin to somebody who does not work any more as what it means now: nobody may come."""
    if pin is None or pin.technician_id is None or pin.technician_id in people:
        return pin, allowed
    return replace(pin, technician_id=None, sequence=None), frozenset()


def _overlaps(window: TimeWindow, horizon: TimeWindow) -> bool:
    """Whether a window has any part of the horizon."""
    return window.earliest <= horizon.latest and window.latest >= horizon.earliest


def _named(places: Mapping[str, Place], shifts: Sequence[Shift], visits: Sequence[Visit]) -> tuple[Place, ...]:
    """Keep the places that shifts and visits name."""
    named = {visit.place_id for visit in visits}
    named.update(place_id for shift in shifts for place_id in _places_of(shift))
    return tuple(place for place_id, place in places.items() if place_id in named)


def _places_of(shift: Shift) -> Iterator[str]:
    """List the places that a shift names."""
    yield shift.start_place_id
    if shift.end_place_id is not None:
        yield shift.end_place_id
    yield from (pause.place_id for pause in shift.breaks if pause.place_id is not None)
