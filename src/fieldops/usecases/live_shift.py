"""One shift of a day under way: where its technician is, and what is left of it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from fieldops.domain.factors import NOMINAL_PERMILLE, Factors
from fieldops.domain.live import LiveState, Underway
from fieldops.domain.plan import Route
from fieldops.domain.problem import Place, Problem, Technician, Visit
from fieldops.domain.progress import VisitProgress
from fieldops.domain.remaining import remaining_problem, scaled
from fieldops.domain.shift_facts import ShiftFacts, TechnicianState
from fieldops.domain.whereabouts import Whereabouts, freeze, whereabouts
from fieldops.travel.provider import TravelMatrix, TravelProvider, slowed
from fieldops.usecases.board import ShiftOnBoard
from fieldops.usecases.expected_route import expected_route
from fieldops.usecases.live_reports import Reported


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LiveShift:
    """
    One shift of a day under way.

    Attributes
    ----------
    facts
        What is known of it.
    where
        Where its technician is expected to be; nothing is frozen.
    rest
        The problem of this shift alone from there on, with durations as planned, not as learned. None = nothing is
        left, or the technician is out.
    order
        Its visits as they are expected to be served: what is driven to comes first.
    travel
        Between the places of `rest`, as it goes now.
    """

    facts: ShiftFacts
    where: Whereabouts
    rest: Problem | None
    order: tuple[str, ...]
    travel: TravelMatrix | None


def make_live_shift(
    own: ShiftOnBoard,
    route: Route | None,
    reported: Reported,
    permille: int,
    provider: TravelProvider,
) -> LiveShift:
    """Find out where the technician of a shift is, and what is left of the shift."""
    technician, shift = own.technician, own.shift
    stops = tuple(as_stored(visit) for visit in own.problem.visits)
    state = reported.states.get(technician.id) or TechnicianState(technician_id=technician.id)
    if own.problem.travel.kind == "matrix":
        # A matrix knows the places it was made for, and no others.
        state = replace(state, place=None, seen_at=None)
    elsewhere = {
        visit.id: visit
        for visit in reported.elsewhere.values()
        if reported.progress[visit.id].technician_id == technician.id
        and _is_of_shift(reported.progress[visit.id], own, reported.now)
    }
    places = {place.id: place for place in own.problem.places}
    places.update((visit.place_id, reported.places[visit.place_id]) for visit in elsewhere.values())
    pace_spread = reported.factors.pace_spread(technician.id)
    legs, zone = _Legs(own, provider), ZoneInfo(own.problem.time_zone)
    facts = ShiftFacts(
        technician=replace(technician, shifts=(shift,)),
        shift=shift,
        stops=stops,
        planned=route,
        progress=reported.progress,
        places=places,
        state=state,
        elsewhere=elsewhere,
        durations=learned_durations((*stops, *elsewhere.values()), reported.factors),
        pace_permille=technician.duration_permille * reported.factors.of_technician(technician.id).permille // 1_000,
        spreads={
            visit.id: math.hypot(reported.factors.of_type(visit.name, visit.required_skills).spread, pace_spread)
            for visit in (*stops, *elsewhere.values())
        },
        travel_factor=lambda at: reported.factors.of_hour(at.astimezone(zone).hour),
    )
    where = whereabouts(facts, legs.between, reported.now, permille)
    underway = where.underway
    alone = LiveState(
        now=reported.now,
        underway={} if underway is None else {shift.id: underway},
        over=frozenset(visit.id for visit in stops if _is_over(reported.progress.get(visit.id))),
        travel_permille=permille,
    )
    problem = replace(own.problem, visits=stops)
    rest = remaining_problem(problem, {shift.id: tuple(visit.id for visit in stops)}, alone)
    if shift.id not in rest.orders:
        return LiveShift(facts=facts, where=where, rest=None, order=(), travel=None)
    order = rest.orders[shift.id]
    if where.next_id in order:
        order = (where.next_id, *(visit_id for visit_id in order if visit_id != where.next_id))
    travel = slowed(legs.matrix(rest.problem.places), permille)
    return LiveShift(facts=facts, where=where, rest=rest.problem, order=order, travel=travel)


def learned_durations(visits: Iterable[Visit], factors: Factors) -> dict[str, timedelta]:
    """Give the nominal time on site of visits of types that take other times than planned."""
    learned = ((visit, factors.of_type(visit.name, visit.required_skills).permille) for visit in visits)
    return {visit.id: scaled(visit.duration, permille) for visit, permille in learned if permille != 1_000}


def learned_paces(technicians: Iterable[Technician], factors: Factors) -> dict[str, int]:
    """Give what takes those technicians 1,000 seconds, by the plan, who take other times than planned."""
    learned = ((technician.id, factors.of_technician(technician.id).permille) for technician in technicians)
    return {technician_id: permille for technician_id, permille in learned if permille != NOMINAL_PERMILLE}


def as_stored(visit: Visit) -> Visit:
    """Take back what a board has bounded about a visit that has a promise."""
    return visit if visit.promised_window is None else replace(visit, windows=(), promise_is_hard=True)


def _is_over(progress: VisitProgress | None) -> bool:
    """Tell whether nothing more happens to a visit."""
    return progress is not None and progress.is_over


def _is_of_shift(progress: VisitProgress, own: ShiftOnBoard, now: datetime) -> bool:
    """Tell whether a step was made during a shift, or nearer to it than to another one of the same day."""
    steps = (progress.finished_at, progress.started_at, progress.arrived_at, progress.travel_started_at)
    last = max((step for step in steps if step is not None), default=now)
    # Half the gap to a second shift belongs to the first one; shifts of a day are hours apart.
    return own.shift.start - timedelta(hours=1) <= last <= own.shift.hard_end + timedelta(hours=1)


class _Legs:
    """Travel between the places of a shift on a board, and any others."""

    def __init__(self, own: ShiftOnBoard, provider: TravelProvider) -> None:
        self._own = own
        self._provider = provider
        self._index = {place.id: idx for idx, place in enumerate(own.problem.places)}

    def between(self, here: Place, there: Place) -> timedelta:
        """Give the nominal travel from one place to another."""
        if here.id in self._index and there.id in self._index:
            seconds = self._own.travel.duration_s[self._index[here.id], self._index[there.id]]
        else:
            seconds = self._provider.between([here], [there]).duration_s[0, 0]
        return timedelta(seconds=int(seconds))

    def matrix(self, places: Sequence[Place]) -> TravelMatrix:
        """Give the travel between some places; only for those that the board does not know the provider is asked."""
        known = [place for place in places if place.id in self._index]
        new = [place for place in places if place.id not in self._index]
        at = [self._index[place.id] for place in known]
        cells = np.ix_(at, at)
        if not new:
            return TravelMatrix(
                duration_s=np.ascontiguousarray(self._own.travel.duration_s[cells]),
                distance_m=np.ascontiguousarray(self._own.travel.distance_m[cells]),
                snap_m=(None,) * len(places),
            )
        duration_s, distance_m = np.zeros((2, len(places), len(places)), np.int32)
        old_at = [idx for idx, place in enumerate(places) if place.id in self._index]
        new_at = [idx for idx, place in enumerate(places) if place.id not in self._index]
        there, back = self._provider.between(places, new), self._provider.between(new, places)
        for table, own, to_new, from_new in (
            (duration_s, self._own.travel.duration_s, there.duration_s, back.duration_s),
            (distance_m, self._own.travel.distance_m, there.distance_m, back.distance_m),
        ):
            table[np.ix_(old_at, old_at)] = own[cells]
            table[:, new_at], table[new_at, :] = to_new, from_new
        return TravelMatrix(duration_s=duration_s, distance_m=distance_m, snap_m=(None,) * len(places))


def frozen_underway(shift: LiveShift, until: datetime, permille: int) -> Underway | None:
    """
    Put behind the technician of a shift what begins by an instant.

    Parameters
    ----------
    permille
        What a nominal 1,000 seconds of travel take now.
    """
    where = shift.where
    if shift.rest is None or shift.travel is None or (where.underway is not None and where.underway.is_out):
        return where.underway
    index, durations = {place.id: idx for idx, place in enumerate(shift.rest.places)}, shift.travel.duration_s

    def nominal(here: Place, there: Place) -> timedelta:
        if here.id not in index or there.id not in index:
            # Only what nobody goes to any more is not in the rest.
            return timedelta(0)
        # Travel as it goes now, made nominal again: a second too much does no harm, one too little leaves no way home.
        seconds = int(durations[index[here.id], index[there.id]])
        return timedelta(seconds=seconds * 1_000 // permille + 1 if seconds else 0)

    return freeze(shift.facts, where, expected_route(shift.rest, shift.order, shift.travel), until, nominal)
