"""
Where technicians are expected to be: derived from what was reported, from the plan, and from the clock.

Nobody is expected anywhere in the past. Who has reported nothing may still leave as planned, or from now on.
"""

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import combinations, pairwise
from typing import Final

from fieldops.domain.breaks_behind import breaks_before_leaving, breaks_between, breaks_by, rested
from fieldops.domain.factors import DAY_SPREAD, NOMINAL_PERMILLE
from fieldops.domain.live import Underway
from fieldops.domain.plan import Route
from fieldops.domain.problem import Place, TimeWindow, Visit
from fieldops.domain.progress import VisitPhase, VisitProgress
from fieldops.domain.remaining import scaled, whole_second
from fieldops.domain.residual import total_given
from fieldops.domain.shift_facts import ShiftFacts, was_there

#: Nominal travel from one place to another.
Travel = Callable[[Place, Place], timedelta]

#: Phases in which somebody is on the way to a visit, or there.
_ACTIVE: Final = frozenset({VisitPhase.TRAVELING, VisitPhase.ARRIVED, VisitPhase.IN_PROGRESS})
_THERE: Final = frozenset({VisitPhase.ARRIVED, VisitPhase.IN_PROGRESS})
#: Who should be done already is expected to be done so soon.
_SOON: Final = timedelta(minutes=1)
_NOTHING: Final = timedelta(0)


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
    - Whoever says to be late for the next visit sets out in time for what was said, and is there no sooner.
    """
    own = facts.own_progress()
    behind = _behind(facts, own)
    is_out = facts.state.out_since is not None and facts.state.out_since < facts.shift.hard_end
    wanted = _THERE if is_out else _ACTIVE
    current = next((pair for pair in reversed(own) if pair[1].phase in wanted), None)
    start_place = facts.places[facts.shift.start_place_id]
    been = [(facts.places[visit.place_id], progress) for visit, progress in own if was_there(progress)]
    if current is not None and current[1].phase in _THERE:
        visit, progress = current
        place = facts.places[visit.place_id]
        ready, spread = _finish(facts, visit, progress, now)
        known = _underway(facts, travel, permille, behind, place, ready, breaks_by(facts, own, visit), is_out=is_out)
        return Whereabouts(underway=replace(known, ready_spread=spread), expected_finish={visit.id: ready})
    last_place = been[-1][0] if been else start_place
    if current is not None:
        return _driving(facts, travel, permille, behind, own, current, last_place, now)
    free_at = max((progress.finished_at for _, progress in own if progress.finished_at is not None), default=None)
    seen = _seen_since(facts, free_at or _usual_departure(facts))
    place = last_place if seen is None else seen
    leaving = _leaving_late(facts, travel, permille, behind, place)
    if free_at is None and seen is None and leaving is None and not is_out:
        return Whereabouts(underway=None)
    breaks, ready = breaks_between(facts, own, free_at, now)
    ready = ready if leaving is None else max(ready, leaving)
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
        ready = max(now, rested(facts, visit, progress.arrived_at or now))
        return first_start(visit, ready) + on_site, on_site * spread
    since, said = progress.started_at, progress.started_at + on_site
    if progress.extended_at is not None and since < progress.extended_at < said:
        # Who asks for more time says how much is left; that is a plan again, and as uncertain as the one before.
        since = progress.extended_at
    elapsed = max(_NOTHING, now - since)
    total, deviation = total_given(elapsed.total_seconds(), (said - since).total_seconds(), spread)
    finish, uncertain = since + timedelta(seconds=round(total)), timedelta(seconds=round(deviation))
    return (finish, uncertain) if finish > now else (now + _SOON, max(uncertain, _SOON))


def _driving(
    facts: ShiftFacts,
    travel: Travel,
    permille: int,
    behind: tuple[str, ...],
    own: Sequence[tuple[Visit, VisitProgress]],
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
    arrival, spread = _arrival(facts, since, scaled(travel(origin, there), permille), now)
    breaks = breaks_before_leaving(facts, own, visit, progress.travel_started_at)
    arrival = max(arrival, progress.expected_at or arrival)
    is_own = any(visit.id == stop.id for stop in facts.stops)
    ready = arrival if is_own else first_start(visit, arrival) + facts.on_site(visit)
    known = _underway(facts, travel, permille, behind, there, ready, breaks, is_out=False)
    if not is_own:
        spread += facts.on_site(visit) * facts.spreads.get(visit.id, 0.0)
    underway = replace(known, ready_spread=spread)
    return Whereabouts(underway=underway, next_id=visit.id if is_own else None)


def _arrival(facts: ShiftFacts, since: datetime, planned: timedelta, now: datetime) -> tuple[datetime, timedelta]:
    """Expect the end of a drive, and say how uncertain it is: who should be there already still has a way to go."""
    factor, taken = facts.travel_factor(since), max(_NOTHING, now - since)
    mean = planned.total_seconds() * factor.permille / NOMINAL_PERMILLE
    total, deviation = total_given(taken.total_seconds(), mean, math.hypot(factor.spread, DAY_SPREAD))
    return max(now, since + timedelta(seconds=round(total))), timedelta(seconds=round(deviation))


def _leaving_late(
    facts: ShiftFacts, travel: Travel, permille: int, behind: Collection[str], place: Place
) -> datetime | None:
    """Give when to leave for the next visit to be there when the technician said; None = nothing was said of it."""
    visit = next((stop for stop in facts.stops if stop.id not in behind), None)
    progress = None if visit is None else facts.progress.get(visit.id)
    if visit is None or progress is None or progress.expected_at is None:
        return None
    if progress.technician_id not in {None, facts.technician.id}:
        return None
    way = scaled(travel(place, facts.places[visit.place_id]), permille)
    return progress.expected_at - scaled(way, facts.travel_factor(progress.expected_at).permille)


def _seen_since(facts: ShiftFacts, since: datetime) -> Place | None:
    """Give the newest position, if it is from after an instant."""
    state = facts.state
    return state.place if state.place is not None and state.seen_at is not None and state.seen_at > since else None


def _usual_departure(facts: ShiftFacts) -> datetime:
    """Give when the technician leaves by the plan: positions from before say nothing about the day."""
    return facts.shift.start if facts.planned is None else max(facts.shift.start, facts.planned.departure)


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
    been = [(visit, progress) for visit, progress in facts.own_progress() if was_there(progress)]
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
