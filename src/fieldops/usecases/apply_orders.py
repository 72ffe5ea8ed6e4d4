"""Give shifts of a day under way new orders: computed exactly for this instant, refereed, written, and told."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from fieldops.domain.plan import Route
from fieldops.domain.problem import Place, Visit
from fieldops.domain.remaining import remaining_problem
from fieldops.errors import PlanVersionStale, RulesBroken
from fieldops.store.day_visits import load_visits
from fieldops.store.plan_routes import write_routes
from fieldops.store.tables import PlanRow, StopRow, VisitRow
from fieldops.travel.provider import slowed
from fieldops.usecases.live_day import LiveDay, load_live_day
from fieldops.usecases.make_proposal import is_part_of
from fieldops.usecases.naming import naming_of
from fieldops.usecases.part_of_day import part_of
from fieldops.usecases.refresh_etas import refresh_etas
from fieldops.usecases.replan_input import with_keepable_pins
from fieldops.usecases.task_codes import TaskCode
from fieldops.usecases.tasks import TaskKind, open_task
from fieldops.usecases.tell_plan import tell_plan
from fieldops.usecases.tell_times import tell_times
from fieldops.usecases.try_routes import try_routes
from fieldops.usecases.whole_routes import behind_on, whole_route
from fieldops.usecases.work import Work

Orders = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """
    What has been written.

    Attributes
    ----------
    version
        Of the plan; that of before when nothing had to change.
    shifts
        Those that have another route now.
    """

    version: int
    shifts: tuple[str, ...]


def apply_orders(
    work: Work,
    plan: PlanRow,
    orders: Orders,
    *,
    leaving: Collection[str] = (),
    unpinned: Collection[str] = (),
) -> Applied:
    """
    Give shifts of a day under way new orders.

    Parameters
    ----------
    plan
        Locked by the caller.
    orders
        Whole orders by shift id; what is behind a technician by now is in them, too.
    leaving
        Visits that may fall off the plan; a person gets a task for each.
    unpinned
        Visits whose pins cannot be kept; they are taken off.

    Raises
    ------
    PlanVersionStale
        When the day has gone on in a way that the orders do not fit any more.
    RulesBroken
        When a route that gets a visit, or another order, would break a rule; with all of them.

    Notes
    -----
    Promises and windows stay as they are. Technicians hear of it, customers whose times change enough, and boards.
    """
    live = load_live_day(work, plan.territory_id, plan.date, shift_ids=list(orders), freezes=False)
    fallen = _fallen(live, orders)
    _require_fitting(live, orders, fallen - set(leaving))
    ahead = {shift_id: _ahead(live, shift_id, order) for shift_id, order in orders.items() if shift_id in live.shifts}
    rest = _rest_routes(work, live, ahead, unpinned)
    routes = {shift_id: whole_route(behind_on(live, shift_id), rest.get(shift_id)) for shift_id in ahead}
    if not routes:
        return Applied(version=plan.version, shifts=())
    version = write_routes(
        work.session,
        plan,
        dict(sorted(routes.items())),
        reason="replan",
        actor=work.actor.id,
        now=work.now,
        leaving=fallen,
    )
    _take_off_pins(work, unpinned)
    _tell(work, plan, version, live, fallen)
    return Applied(version=version, shifts=tuple(sorted(routes)))


def _fallen(live: LiveDay, orders: Orders) -> set[str]:
    """Name the visits that are on one of the routes and will be on none."""
    wanted = {visit_id for order in orders.values() for visit_id in order}
    running = {visit_id for shift_id in orders for visit_id in live.day.orders.get(shift_id, ())}
    return running - wanted


def _fixed(live: LiveDay, shift_id: str) -> tuple[str, ...]:
    """Name the visits of a running route that nobody moves any more, in serving order: what is driven to comes last."""
    behind = behind_on(live, shift_id).visit_ids
    next_id = live.shifts[shift_id].where.next_id
    return behind if next_id is None or next_id not in live.day.orders[shift_id] else (*behind, next_id)


def _require_fitting(live: LiveDay, orders: Orders, gone: Collection[str]) -> None:
    """Raise `PlanVersionStale` when what has happened since does not fit the orders."""
    names = naming_of(live.day.problem)
    faults = [f"{names.what(visit_id)} has been put on the plan since" for visit_id in sorted(gone)]
    for shift_id, order in orders.items():
        if shift_id not in live.shifts:
            if order:
                faults.append(f"shift {shift_id} is not worked any more")
            continue
        begun = [visit_id for visit_id in _fixed(live, shift_id) if visit_id not in order]
        faults += [f"{names.what(visit_id)} has begun where it is" for visit_id in begun]
    if faults:
        raise PlanVersionStale(f"the day has gone on: {faults[0]}", details={"reasons": faults})


def _ahead(live: LiveDay, shift_id: str, order: Sequence[str]) -> tuple[str, ...]:
    """Cut off an order what is behind; what is driven to comes first."""
    next_id = live.shifts[shift_id].where.next_id
    gone = {*behind_on(live, shift_id).visit_ids, *live.state.over}
    rest = tuple(visit_id for visit_id in order if visit_id not in gone)
    return (next_id, *(name for name in rest if name != next_id)) if next_id in rest else rest


def _rest_routes(
    work: Work, live: LiveDay, ahead: Mapping[str, tuple[str, ...]], unpinned: Collection[str]
) -> dict[str, Route]:
    """Schedule what is ahead, and have it refereed."""
    visits, places = _newcomers(work, live, ahead)
    problem = live.day.problem
    known = {place.id: place for place in (*problem.places, *places.values())}
    problem = replace(problem, visits=(*problem.visits, *visits.values()), places=tuple(known.values()))
    problem, _ = with_keepable_pins(problem, live.state)
    free = tuple(replace(visit, pin=None) if visit.id in unpinned else visit for visit in problem.visits)
    remaining = remaining_problem(replace(problem, visits=free), live.day.orders, live.state)
    undriven = {shift_id: order for shift_id, order in ahead.items() if order and shift_id not in remaining.orders}
    lost = [name for name, order in undriven.items() if not is_part_of(order, live.day.orders[name])]
    if lost:
        raise PlanVersionStale("a technician is out by now", details={"shifts": lost})
    orders = {shift_id: order for shift_id, order in ahead.items() if shift_id in remaining.orders}
    part = part_of(remaining.problem, orders)
    provider = work.ctx.travel(part.travel)
    tried = try_routes(part, slowed(provider.matrix(part.places), live.state.travel_permille), orders)
    broken = [
        rule
        for rule in tried.broken
        if rule.shift_id is not None and not is_part_of(orders[rule.shift_id], remaining.orders[rule.shift_id])
    ]
    if broken:
        violations = [
            {"code": rule.code.value, "visit_id": rule.visit_id, "amount": rule.amount, "message": rule.sentence}
            for rule in broken
        ]
        raise RulesBroken(f"the plan would break a rule: {broken[0].sentence}", details={"violations": violations})
    left = {shift_id: _undriven(live.routes[shift_id], order) for shift_id, order in undriven.items()}
    return {**left, **{route.shift_id: route for route in tried.routes}}


def _undriven(planned: Route, order: Sequence[str]) -> Route:
    """Keep on the route of somebody who is out what is not given to anybody else yet, as it was planned."""
    stops = tuple(stop for stop in planned.stops if stop.visit_id in order)
    return replace(planned, stops=stops, breaks=())


def _newcomers(work: Work, live: LiveDay, ahead: Orders) -> tuple[dict[str, Visit], dict[str, Place]]:
    """Load the visits that come onto the plan; each must still be without a place."""
    known = {visit.id for visit in live.day.problem.visits}
    new = sorted({visit_id for order in ahead.values() for visit_id in order} - known)
    if not new:
        return {}, {}
    has_stop = select(StopRow.visit_id).where(StopRow.visit_id == VisitRow.id, StopRow.is_current).exists()
    query = select(VisitRow.id).where(VisitRow.id.in_(new), VisitRow.state.in_(("open", "held", "booked")), ~has_stop)
    free = set(work.session.scalars(query.with_for_update()))
    if free != set(new):
        taken = sorted(set(new) - free)
        raise PlanVersionStale("visits of the proposal have changed since it was made", details={"visits": taken})
    return load_visits(work.session, new)


def _take_off_pins(work: Work, visit_ids: Collection[str]) -> None:
    """Forget pins that were not kept, so that nobody is told of them again."""
    if visit_ids:
        for visit in work.session.scalars(select(VisitRow).where(VisitRow.id.in_(sorted(visit_ids)))):
            visit.pin = {}


def _tell(work: Work, plan: PlanRow, version: int, live: LiveDay, fallen: Collection[str]) -> None:
    """Tell boards, technicians and customers, and give somebody a task for everything that fell off the plan."""
    shifts = sorted(live.shifts)
    etas = refresh_etas(work, plan.territory_id, plan.date, shift_ids=shifts)
    tell_times(work, etas)
    technicians = {shift.facts.technician.id for shift in live.shifts.values()}
    tell_plan(work, plan, version=version, reason="replan", shift_ids=shifts, technician_ids=technicians)
    for visit in work.session.scalars(select(VisitRow).where(VisitRow.id.in_(sorted(fallen))).order_by(VisitRow.id)):
        open_task(work, TaskKind.NO_PLACE, visit, TaskCode.NO_ROOM, {"visit": visit.name or visit.id})
