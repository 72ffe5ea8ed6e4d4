"""
Where technicians are expected to be: derived from what was reported, from the plan, and from the clock.

Nobody is expected anywhere in the past. Who has reported nothing may still leave as planned, or from now on.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import combinations, pairwise
from typing import Final

from fieldops.domain.factors import DAY_SPREAD, TRAVEL_SPREAD
from fieldops.domain.live import Underway
from fieldops.domain.plan import Route
from fieldops.domain.problem import Place, Shift, Technician, TimeWindow, Visit
from fieldops.domain.progress import VisitPhase, VisitProgress
from fieldops.domain.remaining import scaled, whole_second
from fieldops.domain.residual import total_given

#: Nominal travel from one place to another.
Travel = Callable[[Place, Place], timedelta]

#: Phases in which somebody is on the way to a visit, or there.
_ACTIVE: Final = frozenset({VisitPhase.TRAVELING, VisitPhase.ARRIVED, VisitPhase.IN_PROGRESS})
_THERE: Final = frozenset({VisitPhase.ARRIVED, VisitPhase.IN_PROGRESS})
#: Who should be done already is expected to be done so soon.
_SOON: Final = timedelta(minutes=1)
_NOTHING: Final = timedelta(0)
#: How uncertain the rest of a drive is, as a part of it: that of a leg and that of the day (`domain.factors`).
_WAY_SPREAD: Final = math.hypot(TRAVEL_SPREAD, DAY_SPREAD)


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianState:
    """
    What is known of a technician on a date beyond the plan.

    Attributes
    ----------
    place, seen_at
        The newest position reported.
    out_since, out_reason
        Sick or without a vehicle from then on; None = is not.
    """

    technician_id: str
    place: Place | None = None
    seen_at: datetime | None = None
    out_since: datetime | None = None
    out_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftFacts:
    """
    Everything that is known of one shift.

    Attributes
    ----------
    stops
        The running route, in order.
    planned
        The same with times; None = there is none.
    progress
        Of the visits of the route, and of those that the technician has been at elsewhere.
    elsewhere
        By id: visits of other routes, or of none any more, at which the technician was during this shift.
    places
        By id.
    durations
        By visit id, nominal time on site where it is not what the visit says.
    pace_permille
        What a nominal 1,000 seconds on site take this technician.
    spreads
        By visit id, standard deviation of the logarithm of the time on site; nothing = it is certain.
    """

    technician: Technician
    shift: Shift
    stops: tuple[Visit, ...]
    planned: Route | None
    progress: Mapping[str, VisitProgress]
    places: Mapping[str, Place]
    state: TechnicianState
    elsewhere: Mapping[str, Visit] = field(default_factory=dict)
    durations: Mapping[str, timedelta] = field(default_factory=dict)
    pace_permille: int = 1_000
    spreads: Mapping[str, float] = field(default_factory=dict)

    def on_site(self, visit: Visit) -> timedelta:
        """Expected time on site of this technician, with what was asked for beyond the plan."""
        nominal = self.durations.get(visit.id, visit.duration)
        progress = self.progress.get(visit.id)
        extension = _NOTHING if progress is None else progress.extension
        return scaled(nominal, self.pace_permille) + extension

    def own_progress(self) -> list[tuple[Visit, VisitProgress]]:
        """List what this technician has begun or ended, in the order in which it happened."""
        found = []
        for visit in (*self.stops, *self.elsewhere.values()):
            progress = self.progress.get(visit.id)
            if progress is None or progress.phase is VisitPhase.PLANNED:
                continue
            # What a dispatcher has called off says nothing about anybody's whereabouts.
            is_nobodys = progress.technician_id is None and (not progress.is_over or _was_there(progress))
            if progress.technician_id == self.technician.id or is_nobodys:
                found.append((visit, progress))
        return sorted(found, key=lambda pair: _last_instant(pair[1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """
    Where a technician is expected to be.

    Attributes
    ----------
    underway
        None = nothing is known beyond the plan: the shift has not begun. What is driven to is not behind yet.
    next_id
        The visit driven to, of the own route: the next one, whatever the plan says.
    expected_finish
        Of the visit that is being served, or about to be.
    """

    underway: Underway | None
    next_id: str | None = None
    expected_finish: Mapping[str, datetime] = field(default_factory=dict)


def whereabouts(facts: ShiftFacts, travel: Travel, now: datetime, permille: int = 1_000) -> Whereabouts:
    """
    Derive where the technician of a shift is expected to be free next.

    Parameters
    ----------
    permille
        What a nominal 1,000 seconds of travel take now.

    Notes
    -----
    - Being served: free when it is expected to be finished, given how long it has taken; never in less than no time.
    - Arrived: served from now on, or when the window opens.
    - Traveling: there when travel from where it began, or from a position seen since, says so, but not before now.
    - Between two visits: at the last one, or where the technician was seen since; free now, or when the break that the
      plan has there is over.
    """
    own = facts.own_progress()
    behind = _behind(facts, own)
    is_out = facts.state.out_since is not None and facts.state.out_since < facts.shift.hard_end
    wanted = _THERE if is_out else _ACTIVE
    current = next((pair for pair in reversed(own) if pair[1].phase in wanted), None)
    start_place = facts.places[facts.shift.start_place_id]
    been = [(facts.places[visit.place_id], progress) for visit, progress in own if _was_there(progress)]
    if current is not None and current[1].phase in _THERE:
        visit, progress = current
        place = facts.places[visit.place_id]
        ready, spread = _finish(facts, visit, progress, now)
        known = _underway(facts, travel, permille, behind, place, ready, _breaks_by(facts, own), is_out=is_out)
        return Whereabouts(underway=replace(known, ready_spread=spread), expected_finish={visit.id: ready})
    last_place = been[-1][0] if been else start_place
    if current is not None:
        return _driving(facts, travel, permille, behind, current, last_place, now)
    free_at = max((progress.finished_at for _, progress in own if progress.finished_at is not None), default=None)
    seen = _seen_since(facts, free_at or _usual_departure(facts))
    if free_at is None and seen is None and not is_out:
        return Whereabouts(underway=None)
    breaks, ready = _breaks_between(facts, own, free_at, now)
    place = last_place if seen is None else seen
    underway = _underway(facts, travel, permille, behind, place, max(ready, facts.shift.start), breaks, is_out=is_out)
    return Whereabouts(underway=underway)


def freeze(
    facts: ShiftFacts, where: Whereabouts, expected: Route | None, until: datetime, travel: Travel
) -> Underway | None:
    """
    Put behind a technician what nobody moves any more: what is driven to, and what begins by an instant.

    Parameters
    ----------
    travel
        From where it ends, to where the shift and its breaks lead.
    expected
        The rest of the route as it is expected to be driven; None when nothing is left of it.
    """
    stops = () if expected is None else expected.stops
    count = 0
    while count < len(stops) and (stops[count].visit_id == where.next_id or stops[count].start <= until):
        count += 1
    known = where.underway
    if expected is None or count == 0:
        return known
    last = stops[count - 1]
    visit = next(visit for visit in facts.stops if visit.id == last.visit_id)
    taken = [pause for pause in expected.breaks if pause.after_visits < count]
    unpaid = sum((pause.end - pause.start for pause in taken if pause.on_the_clock and not pause.paid), _NOTHING)
    began = expected.departure if known is None else known.ready_at
    before = known or Underway(shift_id=facts.shift.id, place=facts.places[visit.place_id], ready_at=began)
    # Breaks that were over before the shift was asked about are not in the rest.
    gone = len(facts.shift.breaks) - len(expected.breaks)
    # Nor are those that will be missed, which do not make others be over.
    breaks_taken = before.breaks_taken if known is not None and not taken else gone + len(taken)
    place, home = facts.places[visit.place_id], facts.places.get(facts.shift.end_place_id or "")
    return replace(
        before,
        behind=(*before.behind, *(stop.visit_id for stop in stops[:count])),
        place=place,
        ready_at=last.finish,
        breaks_taken=breaks_taken,
        travel_home=_NOTHING if home is None or home.id == place.id else travel(place, home),
        ways=_ways(facts, travel, place, breaks_taken),
        traveled=before.traveled + sum((stop.travel for stop in stops[:count]), _NOTHING),
        worked=before.worked + (last.finish - began) - unpaid,
    )


def first_start(visit: Visit, ready: datetime) -> datetime:
    """Give the first instant at which service may start for somebody who is ready; late is late."""
    if visit.promised_window is not None:
        ready = max(ready, visit.promised_window.earliest)
    if visit.release is not None:
        ready = max(ready, visit.release)
    return next((max(ready, window.earliest) for window in _sorted(visit.windows) if ready <= window.latest), ready)


def _sorted(windows: Iterable[TimeWindow]) -> list[TimeWindow]:
    """Sort windows by their begin."""
    return sorted(windows, key=lambda window: window.earliest)


def _last_instant(progress: VisitProgress) -> tuple[datetime, str]:
    """Give the instant of the last step reported; ids break ties."""
    steps = (progress.finished_at, progress.started_at, progress.arrived_at, progress.travel_started_at)
    return max(step for step in steps if step is not None), progress.visit_id


def _was_there(progress: VisitProgress) -> bool:
    """Tell whether somebody has been at the visit."""
    return progress.arrived_at is not None or progress.started_at is not None


def _behind(facts: ShiftFacts, own: Sequence[tuple[Visit, VisitProgress]]) -> tuple[str, ...]:
    """List the visits of the route that are over or being served, in serving order; others' first."""
    on_route = {visit.id for visit in facts.stops}
    mine = [visit.id for visit, progress in own if visit.id in on_route and (progress.is_over or _is_there(progress))]
    others = []
    for visit in facts.stops:
        progress = facts.progress.get(visit.id)
        if progress is None or visit.id in mine:
            continue
        is_others = progress.technician_id not in {None, facts.technician.id}
        if progress.is_over or (is_others and progress.phase in _ACTIVE):
            others.append(visit.id)
    return (*others, *mine)


def _is_there(progress: VisitProgress) -> bool:
    """Tell whether somebody is at the visit."""
    return progress.phase in _THERE


def _finish(facts: ShiftFacts, visit: Visit, progress: VisitProgress, now: datetime) -> tuple[datetime, timedelta]:
    """Expect the end of a visit at which the technician is, and say how uncertain it is."""
    on_site, spread = facts.on_site(visit), facts.spreads.get(visit.id, 0.0)
    if progress.started_at is None:
        ready = max(now, _rested(facts, visit, progress.arrived_at or now))
        return first_start(visit, ready) + on_site, on_site * spread
    started = progress.started_at
    if progress.extension:
        # Who asked for more time has just thought about how much it is.
        finish, uncertain = started + on_site, (started + on_site - now) * spread
    else:
        elapsed = max(_NOTHING, now - started)
        total, deviation = total_given(elapsed.total_seconds(), on_site.total_seconds(), spread)
        finish, uncertain = started + timedelta(seconds=round(total)), timedelta(seconds=round(deviation))
    return (finish, uncertain) if finish > now else (now + _SOON, max(uncertain, _SOON))


def _rested(facts: ShiftFacts, visit: Visit, arrived: datetime) -> datetime:
    """Give when the breaks are over that the plan has between the arrival at a visit and its service."""
    position = next((pos for pos, stop in enumerate(facts.stops) if stop.id == visit.id), None)
    if position is None or facts.planned is None or position >= len(facts.planned.stops):
        return arrived
    due, ready = facts.planned.stops[position].arrival, arrived
    for after, start, end in _planned_breaks(facts):
        if after == position and start >= due:
            ready = max(ready, start) + (end - start)
    return ready


def _driving(
    facts: ShiftFacts,
    travel: Travel,
    permille: int,
    behind: tuple[str, ...],
    current: tuple[Visit, VisitProgress],
    last_place: Place,
    now: datetime,
) -> Whereabouts:
    """Expect the arrival of a technician who is on the way."""
    visit, progress = current
    assert progress.travel_started_at is not None, "who is traveling has begun to"
    there = facts.places[visit.place_id]
    since, origin = progress.travel_started_at, last_place
    seen = _seen_since(facts, since)
    if seen is not None and facts.state.seen_at is not None:
        since, origin = facts.state.seen_at, seen
    arrival = max(now, since + scaled(travel(origin, there), permille))
    breaks = _breaks_before_leaving(facts, visit, progress.travel_started_at)
    is_own = any(visit.id == stop.id for stop in facts.stops)
    ready = arrival if is_own else first_start(visit, arrival) + facts.on_site(visit)
    known = _underway(facts, travel, permille, behind, there, ready, breaks, is_out=False)
    spread = timedelta(seconds=round((arrival - now).total_seconds() * _WAY_SPREAD))
    if not is_own:
        spread += facts.on_site(visit) * facts.spreads.get(visit.id, 0.0)
    underway = replace(known, ready_spread=spread)
    return Whereabouts(underway=underway, next_id=visit.id if is_own else None)


def _seen_since(facts: ShiftFacts, since: datetime) -> Place | None:
    """Give the newest position, if it is from after an instant."""
    state = facts.state
    return state.place if state.place is not None and state.seen_at is not None and state.seen_at > since else None


def _usual_departure(facts: ShiftFacts) -> datetime:
    """Give when the technician leaves by the plan: positions from before say nothing about the day."""
    return facts.shift.start if facts.planned is None else max(facts.shift.start, facts.planned.departure)


def _reached(facts: ShiftFacts, own: Sequence[tuple[Visit, VisitProgress]]) -> int:
    """Count the stops up to the farthest one that the technician has been at."""
    position = {visit.id: pos for pos, visit in enumerate(facts.stops)}
    return max(
        (position[visit.id] + 1 for visit, progress in own if visit.id in position and _was_there(progress)), default=0
    )


def _planned_breaks(facts: ShiftFacts) -> list[tuple[int, datetime, datetime]]:
    """List after how many visits, from when to when the breaks are planned."""
    if facts.planned is None or len(facts.planned.breaks) != len(facts.shift.breaks):
        return [(0, pause.earliest_start, pause.earliest_start + pause.duration) for pause in facts.shift.breaks]
    return [(pause.after_visits, pause.start, pause.end) for pause in facts.planned.breaks]


def _breaks_by(facts: ShiftFacts, own: Sequence[tuple[Visit, VisitProgress]]) -> int:
    """Count the breaks that the plan has before the visit at which the technician is."""
    reached = _reached(facts, own)
    return sum(after < reached for after, _, _ in _planned_breaks(facts))


def _breaks_before_leaving(facts: ShiftFacts, visit: Visit, left_at: datetime) -> int:
    """Count the breaks that are over for somebody who has left for a visit: those that the plan had until then."""
    position = next((pos for pos, stop in enumerate(facts.stops) if stop.id == visit.id), None)
    count = 0
    for after, start, _ in _planned_breaks(facts):
        is_earlier = position is not None and after < position
        if not is_earlier and start > left_at:
            break
        count += 1
    return count


def _breaks_between(
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


def _underway(
    facts: ShiftFacts,
    travel: Travel,
    permille: int,
    behind: tuple[str, ...],
    place: Place,
    ready: datetime,
    breaks_taken: int,
    *,
    is_out: bool,
) -> Underway:
    """Put it together, with what is used of the caps."""
    ready = whole_second(ready)
    been = [(visit, progress) for visit, progress in facts.own_progress() if _was_there(progress)]
    way = [facts.places[facts.shift.start_place_id], *(facts.places[visit.place_id] for visit, _ in been), place]
    traveled = sum((travel(here, there) for here, there in pairwise(way) if here.id != there.id), _NOTHING)
    began = min((_first_instant(progress) for _, progress in been), default=None) or _usual_departure(facts)
    unpaid = sum((pause.duration for pause in facts.shift.breaks[:breaks_taken] if not pause.paid), _NOTHING)
    home = facts.places.get(facts.shift.end_place_id or "")
    return Underway(
        shift_id=facts.shift.id,
        behind=behind,
        place=place,
        ready_at=ready,
        breaks_taken=breaks_taken,
        traveled=scaled(traveled, permille),
        worked=max(_NOTHING, whole_second(ready) - whole_second(began) - unpaid),
        travel_home=_NOTHING if home is None or home.id == place.id else travel(place, home),
        ways=_ways(facts, travel, place, breaks_taken),
        is_out=is_out,
    )


def _ways(facts: ShiftFacts, travel: Travel, place: Place, breaks_taken: int) -> dict[tuple[str, str], timedelta]:
    """Give the nominal travel between a place, those of the breaks elsewhere that are left, and the end."""
    named = [pause.place_id for pause in facts.shift.breaks[breaks_taken:] if pause.place_id is not None]
    if not named:
        return {}
    chain = [place, *(facts.places[name] for name in named)]
    if facts.shift.end_place_id is not None:
        chain.append(facts.places[facts.shift.end_place_id])
    return {(here.id, there.id): travel(here, there) for here, there in combinations(chain, 2) if here.id != there.id}


def _first_instant(progress: VisitProgress) -> datetime:
    """Give the first step reported."""
    steps = (progress.travel_started_at, progress.arrived_at, progress.started_at, progress.finished_at)
    return min(step for step in steps if step is not None)
