"""What a solve of one date starts from: the running plan, and the visits that still look for a place on that date."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from fieldops.domain.day_plan import DayPlan
from fieldops.domain.factors import Factors
from fieldops.domain.horizon import horizon_of
from fieldops.domain.problem import Pin, Place, Problem, TimeWindow, Visit
from fieldops.domain.visit_faults import visit_faults
from fieldops.store.day_plans import load_day
from fieldops.store.day_visits import OFF, load_visits
from fieldops.store.tables import BookingRow, HoldRow, StopRow, VisitRow
from fieldops.usecases.learn_factors import load_factors
from fieldops.usecases.live_shift import learned_durations
from fieldops.usecases.work import Work

#: Open visits looked at for one date, the most urgent ones: a backlog of months must not slow down every solve.
MOST_OPEN_VISITS: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveInput:
    """
    What a solve of one date starts from.

    Attributes
    ----------
    day
        The running plan.
    problem
        With all visits to be planned, and the durations that they say.
    learned
        By visit id: how long those take that days before have taught to take longer.
    visit_versions
        Version of every visit of the problem, and of those left out.
    left_out
        Visits on the plan, held or booked for the date, or pinned or otherwise mandatory, of which nothing can be
        planned: their windows or pins contradict each other, or name somebody who does not work then. One of them must
        not keep all others from being planned; a plan made from this does without it and says so.
    unreachable
        Visits left out because no road leads to them.
    """

    day: DayPlan
    problem: Problem
    visit_versions: Mapping[str, int]
    left_out: tuple[str, ...]
    unreachable: tuple[str, ...] = ()
    learned: Mapping[str, timedelta] = field(default_factory=dict)

    @property
    def as_learned(self) -> Problem:
        """The problem, with the time for every visit that it really takes."""
        visits = (replace(visit, duration=self.learned.get(visit.id, visit.duration)) for visit in self.problem.visits)
        return replace(self.problem, visits=tuple(visits))


def load_solve_input(work: Work, territory_id: str, day: date, lead: timedelta = timedelta(0)) -> SolveInput:
    """
    Read the newest state of a date.

    Parameters
    ----------
    lead
        How long it takes from now on until the plan can be the running one.

    Notes
    -----
    Besides what is on a route: visits held or booked for the date that have lost their place, and open visits on no
    plan whose windows and release allow the date. Overdue ones are not too late. On the present date what will have
    begun by the plan stays where and when it is, and nothing else begins before then; a promise that cannot be kept any
    more is kept late. Who was promised a window is best served before its last minutes, those the territory keeps free
    as a buffer. On other dates visits get the time that their type has taken on days before, where that is longer than
    they say. Where it is shorter nobody plans on it: what everybody else reckons with must fit into the plan, too.
    """
    session = work.session
    running = load_day(session, territory_id, day)
    missing, missing_places = load_visits(session, _without_place(session, territory_id, day))
    places = {place.id: place for place in running.problem.places} | missing_places
    visits = [*running.problem.visits, *missing.values()]
    problem = replace(running.problem, places=tuple(places.values()), visits=tuple(visits))
    horizon = horizon_of(problem)
    is_today = day == work.now.astimezone(ZoneInfo(problem.time_zone)).date()
    if is_today:
        visits = [_not_in_the_past(visit, running, work.now + lead) for visit in visits]
    visits = [_of_this_day(_before_the_buffer(visit, running), problem, horizon) for visit in visits]
    technicians = {technician.id: technician for technician in problem.technicians}

    def is_possible(visit: Visit) -> bool:
        return not any(visit_faults("", visit, places, problem.skills, technicians, horizon))

    possible = [visit for visit in visits if is_possible(visit)]
    kept = {visit.id for visit in possible}
    # An open visit of another date is nothing to report.
    left_out = [
        visit.id for visit in visits if visit.id not in kept and (visit.mandatory or visit.id in running.starts)
    ]
    versions = session.execute(select(VisitRow.id, VisitRow.version).where(VisitRow.id.in_([*kept, *left_out])))
    return SolveInput(
        day=running,
        problem=replace(problem, places=_named(problem, possible, places), visits=tuple(possible)),
        visit_versions={visit_id: version for visit_id, version in versions},
        left_out=tuple(left_out),
        learned={} if is_today else _longer(possible, load_factors(session, territory_id), is_possible),
    )


def _longer(visits: list[Visit], factors: Factors, is_possible: Callable[[Visit], bool]) -> dict[str, timedelta]:
    """Say how long those visits take whose type takes longer than they say, and that may take so long."""
    durations = learned_durations(visits, factors)
    return {
        visit.id: durations[visit.id]
        for visit in visits
        if durations.get(visit.id, visit.duration) > visit.duration
        and is_possible(replace(visit, duration=durations[visit.id]))
    }


def promised_without_place(session: Session, territory_id: str, day: date) -> list[str]:
    """Name the visits that are booked or held for a date and on no running route."""
    homeless = _homeless(territory_id, day)
    booked = (
        homeless.join(BookingRow, BookingRow.visit_id == VisitRow.id)
        .where(VisitRow.state == "booked", BookingRow.state == "confirmed", BookingRow.date == day)
        .order_by(VisitRow.id)
    )
    held = (
        homeless.join(HoldRow, HoldRow.visit_id == VisitRow.id)
        .where(VisitRow.state == "held", HoldRow.state == "active", HoldRow.date == day)
        .order_by(VisitRow.id)
    )
    return [*session.scalars(booked), *session.scalars(held)]


def _without_place(session: Session, territory_id: str, day: date) -> list[str]:
    """Name the visits that are on no running route and may belong on this date."""
    urgent_first = (VisitRow.priority.desc(), func.coalesce(VisitRow.due_at, VisitRow.created_at), VisitRow.id)
    query = _homeless(territory_id, day).where(VisitRow.state == "open").order_by(*urgent_first).limit(MOST_OPEN_VISITS)
    return [*promised_without_place(session, territory_id, day), *session.scalars(query)]


def _homeless(territory_id: str, day: date) -> Select[str]:
    """Select the visits of a territory that are on no running route, and were not taken off that of a date by hand."""
    has_stop = select(StopRow.visit_id).where(StopRow.visit_id == VisitRow.id, StopRow.is_current).exists()
    may_return = VisitRow.pin[OFF].as_string().is_distinct_from(day.isoformat())
    return select(VisitRow.id).where(VisitRow.territory_id == territory_id, ~has_stop, may_return)


def _not_in_the_past(visit: Visit, running: DayPlan, now: datetime) -> Visit:
    """Leave a visit that has begun by the plan where it is; let any other begin from now on."""
    start = running.starts.get(visit.id)
    if start is not None and start <= now:
        return _as_begun(visit, running, start)
    # Documents know whole seconds only.
    next_second = now.replace(microsecond=0) + timedelta(seconds=1)
    earliest = next_second if visit.release is None else max(next_second, visit.release)
    promise = visit.promised_window
    can_be_kept = promise is None or promise.latest >= earliest
    return replace(visit, release=earliest, promise_is_hard=visit.promise_is_hard and can_be_kept)


def _as_begun(visit: Visit, running: DayPlan, start: datetime) -> Visit:
    """Pin a visit to where and when it is served; what was said about it elsewhere cannot change that any more."""
    shift_id = next(shift_id for shift_id, order in running.orders.items() if visit.id in order)
    technician_id = next(
        technician.id
        for technician in running.problem.technicians
        if any(shift.id == shift_id for shift in technician.shifts)
    )
    promise = visit.promised_window
    is_kept = promise is not None and start in promise
    return replace(
        visit,
        pin=Pin(technician_id=technician_id, start=start),
        windows=(),
        release=None,
        promised_window=promise if is_kept else None,
        promise_is_hard=visit.promise_is_hard and is_kept,
        required_skills={},
        allowed_technicians=None,
        forbidden_technicians=frozenset(),
    )


def _before_the_buffer(visit: Visit, running: DayPlan) -> Visit:
    """Prefer the part of a promised window that leaves the buffer free."""
    promise = visit.promised_window
    if promise is None:
        return visit
    latest = max(promise.earliest, promise.latest - running.territory.policies.buffer)
    return replace(visit, preferred_window=TimeWindow(promise.earliest, latest))


def _of_this_day(visit: Visit, problem: Problem, horizon: TimeWindow) -> Visit:
    """Leave out of a visit's wishes what is about other days, and people who do not work on this one."""
    present = frozenset(technician.id for technician in problem.technicians)
    allowed, preferred = visit.allowed_technicians, visit.preferred_window
    windows = tuple(window for window in visit.windows if _overlap(window, horizon))
    if visit.windows and not windows:
        # Without windows it could start at any time.
        windows = visit.windows
    return replace(
        visit,
        windows=windows,
        preferred_window=preferred if preferred is not None and _overlap(preferred, horizon) else None,
        allowed_technicians=None if allowed is None else allowed & present,
        forbidden_technicians=visit.forbidden_technicians & present,
        preferred_technicians=visit.preferred_technicians & present,
    )


def _overlap(window: TimeWindow, horizon: TimeWindow) -> bool:
    """Whether a window has any part of the horizon."""
    return window.earliest <= horizon.latest and window.latest >= horizon.earliest


def _named(problem: Problem, visits: list[Visit], places: Mapping[str, Place]) -> tuple[Place, ...]:
    """Keep the places that shifts or visits of the problem name."""
    named = {visit.place_id for visit in visits}
    for technician in problem.technicians:
        for shift in technician.shifts:
            named.update((shift.start_place_id, shift.end_place_id or shift.start_place_id))
            named.update(pause.place_id for pause in shift.breaks if pause.place_id is not None)
    return tuple(place for place_id, place in places.items() if place_id in named)
