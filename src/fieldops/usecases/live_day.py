"""
A day under way, as everything live works with it: the running plan, what was reported, and where everybody is.

Read from the boards in memory as far as they go: one event must not make the whole day be read.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import structlog

from fieldops.domain.day_plan import DayPlan
from fieldops.domain.factors import Factors
from fieldops.domain.live import LiveState, Underway
from fieldops.domain.live_policies import LivePolicies
from fieldops.domain.plan import Route
from fieldops.domain.problem import Place, Problem, Technician, Visit
from fieldops.domain.progress import VisitProgress
from fieldops.domain.shift_facts import TechnicianState
from fieldops.errors import InvalidInput, UnreachablePlaces
from fieldops.store.day_visits import load_visits
from fieldops.store.plan_routes import current_routes
from fieldops.store.tables import LiveDayRow
from fieldops.store.territories import find_territory, territory_of
from fieldops.travel.provider import TravelProvider
from fieldops.usecases.board import Board, ShiftOnBoard
from fieldops.usecases.live_reports import Reported, load_reported, load_told, visits_without_place
from fieldops.usecases.live_shift import (
    LiveShift,
    as_stored,
    frozen_underway,
    learned_durations,
    learned_paces,
    make_live_shift,
)
from fieldops.usecases.work import Work

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LiveDay:
    """
    A day under way.

    Attributes
    ----------
    day
        The running plan. Its problem also has the visits that look for a place on this date, when all shifts are
        loaded: booked or held for it, or reported as an emergency.
    routes
        The running routes with their planned times, by shift id.
    progress
        By visit id; of visits of which something was reported.
    technicians
        By technician id, where something is known.
    shifts
        By shift id.
    state
        What a replan starts from; with the stops that begin soon behind their technicians.
    factors
        What days before have taught.
    aside
        Shifts of which nobody can say what begins soon, by some fault: nothing of theirs is to be moved.
    cut_off
        By shift id: which place has lost its road. They are aside, and not among the `shifts`.
    """

    now: datetime
    day: DayPlan
    routes: Mapping[str, Route]
    progress: Mapping[str, VisitProgress]
    technicians: Mapping[str, TechnicianState]
    shifts: Mapping[str, LiveShift]
    state: LiveState
    factors: Factors
    policies: LivePolicies = field(default_factory=LivePolicies)
    aside: frozenset[str] = frozenset()
    cut_off: Mapping[str, str] = field(default_factory=dict)


def load_live_day(
    work: Work,
    territory_id: str,
    day: date,
    shift_ids: Collection[str] | None = None,
    *,
    freezes: bool = True,
    with_later: bool = False,
) -> LiveDay:
    """
    Load a day under way.

    Parameters
    ----------
    shift_ids
        The only shifts wanted; None = all of the date.
    freezes
        Whether the state puts stops behind their technicians that begin within the policies' `freeze`, and says what
        people were told: replans need both, ETAs neither.
    with_later
        Whether the other shifts of the same technicians are wanted, too: who is late for one is late for the next.

    Raises
    ------
    NotFound
        When there is no such territory.
    TravelUnavailable, UnreachablePlaces
        As the travel provider does, when it has to be asked.

    Notes
    -----
    A position that no road leads to is not believed. One shift that cannot be computed is no fault of the day.
    """
    territory = territory_of(find_territory(work.session, territory_id))
    [board] = work.ctx.boards.of(work, territory, [day])
    if with_later and shift_ids is not None:
        people = {shift.technician.id for shift in board.shifts if shift.shift.id in shift_ids}
        shift_ids = {shift.shift.id for shift in board.shifts if shift.technician.id in people}
    own = [shift for shift in board.shifts if shift_ids is None or shift.shift.id in shift_ids]
    routes = {} if board.plan_id is None else current_routes(work.session, board.plan_id, _ids(own, shift_ids))
    reported = load_reported(work, territory_id, day, own, everything=shift_ids is None)
    live = work.session.get(LiveDayRow, (territory_id, day))
    permille = 1_000 if live is None else live.travel_permille
    provider = work.ctx.travel(territory.travel)
    shifts = {
        shift.shift.id: _live_shift(shift, routes.get(shift.shift.id), reported, permille, provider)
        for shift in own
        if not shift.cut_off
    }
    cut_off = {shift.shift.id: shift.cut_off for shift in own if shift.cut_off}
    loaded = _day_plan(work, board, own, looks_around=shift_ids is None)
    underway: dict[str, Underway] = {}
    aside: set[str] = set()
    for shift_id, shift in shifts.items():
        known = shift.where.underway
        if freezes:
            try:
                known = frozen_underway(shift, work.now + territory.live.freeze, permille)
            except InvalidInput as error:
                log.error("live_day.shift_left_aside", shift_id=shift_id, error=str(error))
                aside.add(shift_id)
        if known is not None:
            underway[shift_id] = known
    return LiveDay(
        now=work.now,
        day=loaded,
        routes=routes,
        progress=reported.progress,
        technicians=reported.states,
        shifts=shifts,
        state=LiveState(
            now=work.now,
            underway=underway,
            over=frozenset(visit_id for visit_id, progress in reported.progress.items() if progress.is_over),
            durations=learned_durations(loaded.problem.visits, reported.factors),
            paces=learned_paces(loaded.problem.technicians, reported.factors),
            told=load_told(work, loaded) if freezes else {},
            travel_permille=permille,
        ),
        factors=reported.factors,
        policies=territory.live,
        aside=frozenset(aside).union(cut_off),
        cut_off=cut_off,
    )


def _live_shift(
    own: ShiftOnBoard, route: Route | None, reported: Reported, permille: int, provider: TravelProvider
) -> LiveShift:
    """Find out what is left of a shift; where its technician was seen does not count when no road leads there."""
    try:
        return make_live_shift(own, route, reported, permille, provider)
    except UnreachablePlaces as error:
        log.warning("live_day.position_out_of_reach", shift_id=own.shift.id, detail=str(error))
        states = {name: replace(state, place=None, seen_at=None) for name, state in reported.states.items()}
        return make_live_shift(own, route, replace(reported, states=states), permille, provider)


def _ids(shifts: Sequence[ShiftOnBoard], wanted: Collection[str] | None) -> list[str] | None:
    """Name the shifts; None when all are wanted."""
    return None if wanted is None else [shift.shift.id for shift in shifts]


def _day_plan(work: Work, board: Board, shifts: Sequence[ShiftOnBoard], *, looks_around: bool) -> DayPlan:
    """Make the day's plan of the shifts on a board."""
    technicians: dict[str, Technician] = {}
    places: dict[str, Place] = {}
    visits: dict[str, Visit] = {}
    orders: dict[str, tuple[str, ...]] = {}
    starts: dict[str, datetime] = {}
    territory = board.territory
    for own in shifts:
        known = technicians.get(own.technician.id)
        before = () if known is None else known.shifts
        technicians[own.technician.id] = replace(own.technician, shifts=(*before, own.shift))
        places.update((place.id, place) for place in own.problem.places)
        visits.update((visit.id, as_stored(visit)) for visit in own.problem.visits)
        orders[own.shift.id] = tuple(visit.id for visit in own.problem.visits)
        starts.update((visit.id, own.starts[visit.id]) for visit in own.problem.visits if visit.id in own.starts)
    if looks_around:
        found, found_places = load_visits(work.session, visits_without_place(work, territory.id, board.date))
        visits, places = visits | found, places | found_places
    example = shifts[0].problem if shifts else None
    return DayPlan(
        territory=territory,
        date=board.date,
        plan_id=board.plan_id,
        version=board.version,
        problem=Problem(
            name=f"{territory.name}, {board.date.isoformat()}",
            time_zone=territory.time_zone,
            first_date=board.date,
            num_days=1 if example is None else example.num_days,
            skills=territory.skills,
            places=tuple(places.values()),
            technicians=tuple(technicians[name] for name in sorted(technicians)),
            visits=tuple(visits[name] for name in sorted(visits)),
            rates=territory.rates,
            travel=territory.travel,
        ),
        orders=orders,
        starts=starts,
    )
