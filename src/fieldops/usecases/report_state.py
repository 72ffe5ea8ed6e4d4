"""From a plan and a report of its day to where everybody is: what nobody mentions has gone as planned so far."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from fieldops.domain.day_report import DayReport, TechnicianReport
from fieldops.domain.live import LiveState, Underway
from fieldops.domain.plan import Plan, Route, Stop
from fieldops.domain.problem import Place, Problem, Shift, Technician
from fieldops.domain.progress import VisitPhase, VisitProgress
from fieldops.domain.remaining import remaining_problem
from fieldops.domain.shift_facts import ShiftFacts, TechnicianState
from fieldops.domain.whereabouts import freeze, whereabouts
from fieldops.travel.provider import TravelMatrix, TravelProvider, slowed
from fieldops.usecases.expected_route import expected_route
from fieldops.usecases.part_of_day import part_of, travel_of_part

_NONE: Final = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedDay:
    """
    A day under way.

    Attributes
    ----------
    progress
        By visit id, of all visits of which anything has happened.
    """

    state: LiveState
    progress: Mapping[str, VisitProgress]


def report_state(problem: Problem, plan: Plan, provider: TravelProvider, report: DayReport) -> ReportedDay:
    """
    Find out where everybody is.

    Parameters
    ----------
    plan
        For the problem.
    report
        Without faults (`domain.day_report.day_report_faults`).

    Raises
    ------
    TravelUnavailable
        As the provider does.

    Notes
    -----
    The steps that a route would have made by now are taken as made, but for those that are reported otherwise. A
    technician who is late is still at the visit begun last, until that much after its planned end.
    """
    travel = provider.matrix(problem.places)
    people = {person.technician_id: person for person in report.technicians}
    routes = {route.shift_id: route for route in plan.routes}
    progress = {visit.visit_id: visit.progress(None, report.now) for visit in report.visits if visit.phase is not None}
    for route in plan.routes:
        progress.update(_progress_on(route, people.get(route.technician_id), report, progress))
    state = LiveState(
        now=report.now,
        over=frozenset(visit_id for visit_id, known in progress.items() if known.is_over),
        durations=_durations(problem, report, progress),
        told={visit.visit_id: visit.told for visit in report.visits if visit.told is not None},
        travel_permille=report.travel_permille,
    )
    underway = {}
    for technician in problem.technicians:
        person = people.get(technician.id, TechnicianReport(technician_id=technician.id))
        for shift in technician.shifts:
            facts = _facts(problem, technician, shift, routes.get(shift.id), person, progress, state)
            known = _underway(problem, travel, provider, facts, state, report.now + report.freeze)
            if known is not None:
                underway[shift.id] = known
    return ReportedDay(state=replace(state, underway=underway), progress=progress)


def _progress_on(
    route: Route, person: TechnicianReport | None, report: DayReport, known: Mapping[str, VisitProgress]
) -> dict[str, VisitProgress]:
    """Say what has happened on a route by now, where the report does not say it itself."""
    is_out = person is not None and person.out_since is not None and person.out_since < report.now
    now = person.out_since if is_out and person is not None and person.out_since is not None else report.now
    begun = [stop.visit_id for stop in route.stops if stop.start <= now]
    extensions = {visit.visit_id: visit.extension for visit in report.visits}
    who, free_at = route.technician_id, route.departure
    found: dict[str, VisitProgress] = {}
    for stop in route.stops:
        seen = known.get(stop.visit_id)
        if seen is not None:
            is_called_off = seen.is_over and seen.arrived_at is None
            if not is_called_off:
                found[stop.visit_id] = replace(seen, technician_id=seen.technician_id or who)
            if not seen.is_over:
                break
            if not is_called_off and seen.finished_at is not None:
                free_at = seen.finished_at
        elif stop.visit_id in begun:
            late = person.late if person is not None and stop.visit_id == begun[-1] else _NONE
            served = _served(stop, who, free_at, late + extensions.get(stop.visit_id, _NONE), now)
            found[stop.visit_id] = served
            if served.finished_at is None:
                break
            free_at = max(stop.departure, served.finished_at)
        else:
            if free_at <= now:
                found[stop.visit_id] = _approached(stop, who, free_at, now)
            break
    return found


def _served(stop: Stop, who: str, left_at: datetime, extension: timedelta, now: datetime) -> VisitProgress:
    """Say how far a visit has got that began as planned."""
    finish = stop.finish + extension
    return VisitProgress(
        visit_id=stop.visit_id,
        phase=VisitPhase.DONE if finish <= now else VisitPhase.IN_PROGRESS,
        technician_id=who,
        travel_started_at=min(left_at, stop.arrival),
        arrived_at=stop.arrival,
        started_at=stop.start,
        finished_at=finish if finish <= now else None,
        extension=extension,
    )


def _approached(stop: Stop, who: str, left_at: datetime, now: datetime) -> VisitProgress:
    """Say how far somebody has got who has left for a visit."""
    arrival = max(stop.arrival, left_at + stop.travel)
    is_there = arrival <= now
    return VisitProgress(
        visit_id=stop.visit_id,
        phase=VisitPhase.ARRIVED if is_there else VisitPhase.TRAVELING,
        technician_id=who,
        travel_started_at=left_at,
        arrived_at=arrival if is_there else None,
    )


def _durations(problem: Problem, report: DayReport, progress: Mapping[str, VisitProgress]) -> dict[str, timedelta]:
    """Give nominal times on site that are not those of the problem; what has not begun takes its extension with it."""
    nominal = {visit.id: visit.duration for visit in problem.visits}
    found = {}
    for visit in report.visits:
        duration = visit.duration or nominal[visit.visit_id]
        known = progress.get(visit.visit_id)
        if known is None or known.started_at is None:
            duration += visit.extension
        if duration != nominal[visit.visit_id]:
            found[visit.visit_id] = duration
    return found


def _facts(
    problem: Problem,
    technician: Technician,
    shift: Shift,
    route: Route | None,
    person: TechnicianReport,
    progress: Mapping[str, VisitProgress],
    state: LiveState,
) -> ShiftFacts:
    """Gather what is known of one shift."""
    visits = {visit.id: visit for visit in problem.visits}
    on_route = [] if route is None else [stop.visit_id for stop in route.stops]
    elsewhere = {
        visit_id: visits[visit_id]
        for visit_id, known in progress.items()
        if known.technician_id == technician.id and visit_id not in on_route and len(technician.shifts) == 1
    }
    position = person.position
    seen = None
    if position is not None:
        seen = Place(id=f"position:{technician.id}", latitude=position.latitude, longitude=position.longitude)
    return ShiftFacts(
        technician=replace(technician, shifts=(shift,)),
        shift=shift,
        stops=tuple(visits[visit_id] for visit_id in on_route),
        planned=route,
        progress=progress,
        places={place.id: place for place in problem.places},
        state=TechnicianState(
            technician_id=technician.id,
            place=seen,
            seen_at=None if position is None else position.seen_at,
            out_since=person.out_since,
        ),
        elsewhere=elsewhere,
        durations=state.durations,
        pace_permille=technician.duration_permille,
    )


def _underway(
    problem: Problem,
    travel: TravelMatrix,
    provider: TravelProvider,
    facts: ShiftFacts,
    state: LiveState,
    until: datetime,
) -> Underway | None:
    """Say where the technician of one shift is, with all that is not moved any more behind; None = at the start."""
    place_idx = {place.id: idx for idx, place in enumerate(problem.places)}

    def between(here: Place, there: Place) -> timedelta:
        if here.id in place_idx and there.id in place_idx:
            seconds = travel.duration_s[place_idx[here.id], place_idx[there.id]]
        else:
            seconds = provider.between([here], [there]).duration_s[0, 0]
        return timedelta(seconds=int(seconds))

    where = whereabouts(facts, between, state.now, state.travel_permille)
    known = where.underway
    if known is not None and known.is_out:
        return known
    order = {facts.shift.id: tuple(visit.id for visit in facts.stops)}
    # Of the technicians that visits name, only this one matters here.
    part = replace(part_of(problem, order), technicians=(facts.technician,))
    alone = replace(state, underway={} if known is None else {facts.shift.id: known}, told={})
    rest = remaining_problem(part, order, alone)
    ahead = rest.orders.get(facts.shift.id, ())
    if where.next_id in ahead:
        ahead = (where.next_id, *(visit_id for visit_id in ahead if visit_id != where.next_id))
    if not ahead:
        return known
    travel_now = slowed(travel_between(problem, travel, provider, rest.problem), state.travel_permille)
    return freeze(facts, where, expected_route(rest.problem, ahead, travel_now), until, between)


def travel_between(problem: Problem, travel: TravelMatrix, provider: TravelProvider, rest: Problem) -> TravelMatrix:
    """Give the travel between the places of what is left of a problem; the provider is asked for new ones only."""
    known = {place.id for place in problem.places}
    if all(place.id in known for place in rest.places):
        return travel_of_part(problem, travel, rest)
    return provider.matrix(rest.places)
