"""What a replan starts from: the day under way, what is left of it, and which part of that it may touch."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from sqlalchemy import select

from fieldops.domain.horizon import horizon_of, start_windows
from fieldops.domain.live import LiveState, Remaining
from fieldops.domain.plan import Route, Stop
from fieldops.domain.problem import Problem, Shift, Technician, TimeWindow, Visit
from fieldops.domain.remaining import remaining_problem, whole_second
from fieldops.store.day_visits import load_visits
from fieldops.store.tables import EtaRow, ReplanRow, StopRow, VisitRow
from fieldops.usecases.live_day import LiveDay, load_live_day
from fieldops.usecases.naming import naming_of
from fieldops.usecases.part_of_day import part_of
from fieldops.usecases.request_replan import ReplanKind, ReplanScope, scope_of
from fieldops.usecases.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplanInput:
    """
    What a replan starts from.

    Attributes
    ----------
    remaining
        What is left of the whole day. A pin that nobody can keep is taken off, for a visit is better served by
        somebody else than not at all.
    conflicts
        By visit id: which pins those are, in words.
    at_risk
        Visits whose promises are in jeopardy, each with the middle and the end of the range it is expected in.
    margins
        By visit id: how long before the end of its promised window the search counts a start as late.
    aside
        Shifts that nothing can be computed for: they stay as they are, with everything on their routes.
    unreachable
        Visits left out because no road leads to them.
    """

    kind: ReplanKind
    scope: ReplanScope
    live: LiveDay
    remaining: Remaining
    conflicts: Mapping[str, str]
    at_risk: Mapping[str, TimeWindow] = field(default_factory=dict)
    margins: Mapping[str, timedelta] = field(default_factory=dict)
    aside: frozenset[str] = frozenset()
    unreachable: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """Search budget."""
        return self.scope.seconds or self.live.policies.replan_for.total_seconds()

    @property
    def most_moved(self) -> int:
        """Visits that may go to somebody else."""
        if self.scope.most_moves is not None:
            return self.scope.most_moves
        ahead = sum(len(order) for order in self._touchable.orders.values())
        return max(self.live.policies.most_moves_least, ahead * self.live.policies.most_moves_percent // 100)

    @property
    def out(self) -> frozenset[str]:
        """Shifts of which nothing is left to be planned, although they have visits ahead."""
        return frozenset(self.live.day.orders.keys() - self.remaining.orders.keys() - self.aside)

    @property
    def searched(self) -> Remaining:
        """What the replan may touch, with promises that end earlier by their margins."""
        touchable = self._touchable
        return replace(touchable, problem=self.with_margins(touchable.problem))

    def with_margins(self, problem: Problem) -> Problem:
        """Let promises end earlier by their margins."""
        return replace(problem, visits=tuple(self._with_margin(visit) for visit in problem.visits))

    def _with_margin(self, visit: Visit) -> Visit:
        margin, promise = self.margins.get(visit.id), visit.promised_window
        if not margin or promise is None:
            return visit
        latest = max(promise.earliest, promise.latest - margin)
        return replace(visit, promised_window=TimeWindow(promise.earliest, latest))

    @property
    def _touchable(self) -> Remaining:
        """What the replan may touch."""
        if self.kind is ReplanKind.REBALANCE:
            return _without(self.remaining, others_than=frozenset(self.scope.technicians))
        if self.kind is ReplanKind.EMPTY_ROUTE and self.scope.shift_id is not None:
            return _without(self.remaining, shift_id=self.scope.shift_id)
        return self.remaining


def read_replan_input(work: Work, replan_id: str) -> ReplanInput:
    """
    Read a day under way as it is at this instant, for a replan.

    Raises
    ------
    NotFound
    TravelUnavailable, UnreachablePlaces
        As `load_live_day` does.
    """
    row = work.session.get_one(ReplanRow, replan_id)
    live = load_live_day(work, row.territory_id, row.date)
    scope = scope_of(row)
    if scope.visit_id is not None:
        live = _with_visit(work, live, scope.visit_id)
    query = select(EtaRow.visit_id, EtaRow.arrival_at, EtaRow.latest_at).where(
        EtaRow.territory_id == row.territory_id, EtaRow.date == row.date, EtaRow.at_risk_since.is_not(None)
    )
    at_risk = {visit_id: TimeWindow(arrival, latest) for visit_id, arrival, latest in work.session.execute(query)}
    return replan_input(live, ReplanKind(row.kind), scope, at_risk)


def replan_input(live: LiveDay, kind: ReplanKind, scope: ReplanScope, at_risk: Mapping[str, TimeWindow]) -> ReplanInput:
    """Make the input of a replan of a day that is loaded."""
    problem, conflicts = with_keepable_pins(_with_urgency(live), live.state)
    remaining = without_shifts(remaining_problem(problem, live.day.orders, live.state), live.aside)
    ahead = {visit.id for visit in remaining.problem.visits}
    return ReplanInput(
        kind=kind,
        scope=scope,
        live=live,
        remaining=remaining,
        conflicts={visit_id: why for visit_id, why in conflicts.items() if visit_id in ahead},
        at_risk={visit_id: range_ for visit_id, range_ in at_risk.items() if visit_id in ahead},
        aside=live.aside,
    )


def without_shifts(remaining: Remaining, shift_ids: Collection[str], visit_ids: Collection[str] = ()) -> Remaining:
    """Take shifts off with everything on their routes, and other visits."""
    if not shift_ids and not visit_ids:
        return remaining
    orders = {shift_id: order for shift_id, order in remaining.orders.items() if shift_id not in shift_ids}
    gone = {visit_id for shift_id in shift_ids for visit_id in remaining.orders.get(shift_id, ())}.union(visit_ids)
    others = [visit.id for visit in remaining.problem.visits if visit.id not in gone]
    return replace(remaining, problem=part_of(remaining.problem, orders, others), orders=orders)


def with_margins(given: ReplanInput, expected: Iterable[Route]) -> ReplanInput:
    """
    Have the search keep clear of the last minutes of promised windows, those that the territory keeps free.

    Parameters
    ----------
    expected
        The running routes as they would be driven from now on.

    Notes
    -----
    Times are expected ones, and reality is later half of the time. A promise in jeopardy is to be kept nine times of
    ten, with the whole buffer at least; any other is not to lose what it has of the buffer. One that is safe with less
    is no reason to move anything. The search knows nothing of hours in which all travel takes longer; what it expects
    too soon for that is part of the margin.
    """
    buffer = given.live.day.territory.policies.buffer
    promises = {visit.id: visit.promised_window for visit in given.remaining.problem.visits}
    margins: dict[str, timedelta] = {}
    for stop in (stop for route in expected for stop in route.stops):
        promise = promises.get(stop.visit_id)
        if promise is not None:
            spare = max(promise.latest - stop.start, timedelta(0))
            known = given.at_risk.get(stop.visit_id)
            margins[stop.visit_id] = min(buffer, spare) if known is None else max(buffer, _needed(known, stop))
    return replace(given, margins=margins)


def _needed(known: TimeWindow, stop: Stop) -> timedelta:
    """Say how much later than the search expects one arrival in ten is."""
    return known.latest - known.earliest + max(known.earliest - stop.start, timedelta(0))


def _with_urgency(live: LiveDay) -> Problem:
    """Let a visit without a place about which nothing was said be due now: it is an emergency."""
    placed = {visit_id for order in live.day.orders.values() for visit_id in order}
    now = whole_second(live.now)

    def urgent(visit: Visit) -> Visit:
        is_bound = visit.due is not None or visit.promised_window is not None or visit.windows
        return visit if visit.id in placed or is_bound else replace(visit, due=now)

    problem = live.day.problem
    return replace(problem, visits=tuple(urgent(visit) for visit in problem.visits))


def without_pins(given: ReplanInput, visit_ids: frozenset[str]) -> ReplanInput:
    """Take the pins of some visits off that nobody could keep together with everything else."""
    problem = given.remaining.problem
    names = naming_of(problem)
    visits = tuple(replace(visit, pin=None) if visit.id in visit_ids else visit for visit in problem.visits)
    conflicts = {
        visit.id: f"{names.what(visit.id)} cannot be kept where it is pinned"
        for visit in problem.visits
        if visit.id in visit_ids
    }
    remaining = replace(given.remaining, problem=replace(problem, visits=visits))
    return replace(given, remaining=remaining, conflicts={**given.conflicts, **conflicts})


def _with_visit(work: Work, live: LiveDay, visit_id: str) -> LiveDay:
    """Add the visit that is to find a place, unless it is known already."""
    session = work.session
    visit = session.get(VisitRow, visit_id)
    is_placed = session.scalar(select(StopRow.visit_id).where(StopRow.visit_id == visit_id, StopRow.is_current))
    known = any(visit.id == visit_id for visit in live.day.problem.visits)
    if known or is_placed is not None or visit is None or visit.state not in {"open", "booked"}:
        return live
    visits, places = load_visits(session, [visit_id])
    problem = live.day.problem
    all_places = {place.id: place for place in (*problem.places, *places.values())}
    added = [replace(found, mandatory=True) for found in visits.values()]
    problem = replace(problem, visits=(*problem.visits, *added), places=tuple(all_places.values()))
    return replace(live, day=replace(live.day, problem=problem))


def with_keepable_pins(problem: Problem, state: LiveState) -> tuple[Problem, dict[str, str]]:
    """
    Take off the pins to people who are out, and to instants that cannot be any more.

    Notes
    -----
    A person who pins a visit to somebody knows what that person can do: skills and lists of people do not count then.
    """
    out = {shift_id for shift_id, known in state.underway.items() if known.is_out}
    present = {
        person.id: person
        for person in problem.technicians
        if any(shift.id not in out and shift.hard_end > state.now for shift in person.shifts)
    }
    names, horizon = naming_of(problem), horizon_of(problem)
    visits, conflicts = [], {}
    for visit in problem.visits:
        pin = visit.pin
        if pin is not None and pin.technician_id is not None and pin.technician_id not in present:
            conflicts[visit.id] = f"pinned to {names.who(pin.technician_id)}, who does not work any more today"
            pin = None
        if pin is not None and pin.start is not None and pin.start < state.now:
            conflicts[visit.id] = f"pinned to {pin.start.isoformat()}, which is over"
            pin = replace(pin, start=None)
        kept = replace(visit, pin=pin)
        if pin is not None and pin.technician_id is not None:
            kept = _as_pinned(kept, present[pin.technician_id])
        if not start_windows(kept, horizon) or not _allows(kept, problem):
            conflicts.setdefault(visit.id, "its windows and its pin contradict each other")
            kept = replace(kept, windows=(), release=None, pin=None)
        visits.append(kept)
    return replace(problem, visits=tuple(visits)), conflicts


def _allows(visit: Visit, problem: Problem) -> bool:
    """Tell whether the pinned start is one at which the visit may start."""
    start = None if visit.pin is None else visit.pin.start
    return start is None or any(start in window for window in start_windows(visit, horizon_of(problem)))


def _as_pinned(visit: Visit, person: Technician) -> Visit:
    """Let somebody serve a visit whom a person has chosen for it, whatever it says about people."""
    lacks = any(person.skills.get(skill, 0) < level for skill, level in visit.required_skills.items())
    allowed = visit.allowed_technicians
    is_barred = person.id in visit.forbidden_technicians or (allowed is not None and person.id not in allowed)
    if not (lacks or is_barred):
        return visit
    return replace(visit, required_skills={}, allowed_technicians=None, forbidden_technicians=frozenset())


def _without(
    remaining: Remaining, *, others_than: frozenset[str] | None = None, shift_id: str | None = None
) -> Remaining:
    """Keep what some technicians do, or everything but one shift, whose visits are to find another place."""
    problem = remaining.problem

    def kept_shifts(person: Technician) -> tuple[Shift, ...]:
        if others_than is not None and person.id not in others_than:
            return ()
        return tuple(shift for shift in person.shifts if shift.id != shift_id)

    technicians = tuple(replace(person, shifts=kept_shifts(person)) for person in problem.technicians)
    shifts = {shift.id for person in technicians for shift in person.shifts}
    orders = {name: order for name, order in remaining.orders.items() if name in shifts}
    visits = problem.visits
    if others_than is not None:
        wanted = {visit_id for order in orders.values() for visit_id in order}
        visits = tuple(visit for visit in visits if visit.id in wanted)
    elif shift_id is not None:
        # What is pinned to the technician of this shift stays there.
        own = {person.id for person in problem.technicians if any(shift.id == shift_id for shift in person.shifts)}
        visits = tuple(
            visit
            for visit in visits
            if visit.pin is None
            or visit.pin.technician_id not in own
            or visit.id not in remaining.orders.get(shift_id, ())
        )
    return replace(remaining, problem=replace(problem, technicians=technicians, visits=visits), orders=orders)
