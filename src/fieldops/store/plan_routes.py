"""
Routes in the database, version by version: written copy-on-write, read as they are or as they were.

A change closes the rows of the routes it replaces and writes new ones; see `fieldops.store.tables.plans`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, bindparam, insert, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from fieldops.domain.plan import BreakTaken, Route, Stop
from fieldops.errors import InternalError
from fieldops.store.base import table_of
from fieldops.store.day_plans import CHANGED_PLANS, routes_at
from fieldops.store.ids import new_id
from fieldops.store.prepared import Prepared
from fieldops.store.tables import PlanRow, PlanVersionRow, RouteRow, StopRow
from fieldops.units import Cents, Meters

_ADD_VERSION: Final = Prepared(insert(table_of(PlanVersionRow)))
_RAISE_VERSION: Final = Prepared(
    update(table_of(PlanRow))
    .where(table_of(PlanRow).c.id == bindparam("of_plan"))
    .values(version=bindparam("to_version"))
)
#: Nobody keeps routes and stops as objects of a session: nothing there has to follow these statements.
_ROUTES: Final = table_of(RouteRow)
_STOPS: Final = table_of(StopRow)
_OF_SHIFTS: Final = and_(
    _ROUTES.c.plan_id == bindparam("of_plan"), _ROUTES.c.shift_id.in_(bindparam("of_shifts", expanding=True))
)
_CLOSE_ROUTES: Final = Prepared(
    update(_ROUTES).where(_OF_SHIFTS, _ROUTES.c.until_version.is_(None)).values(until_version=bindparam("version"))
)
_LEAVE_STOPS: Final = Prepared(
    update(_STOPS)
    .where(_STOPS.c.is_current)
    .where(_STOPS.c.route_id.in_(select(_ROUTES.c.id).where(_OF_SHIFTS, _ROUTES.c.until_version.is_(None))))
    .values(is_current=False)
    .returning(_STOPS.c.visit_id)
)
_CHANGED_SHIFTS: Final = Prepared(
    select(_ROUTES.c.shift_id)
    .where(_ROUTES.c.plan_id == bindparam("of_plan"))
    .where(or_(_ROUTES.c.from_version > bindparam("since"), _ROUTES.c.until_version > bindparam("since")))
)
_BREAK_FIELDS: Final = tuple(field.name for field in fields(BreakTaken))
_ADD_ROUTES: Final = Prepared(insert(_ROUTES))
_ADD_STOPS: Final = Prepared(insert(_STOPS))


def write_routes(
    session: Session,
    plan: PlanRow,
    routes: Mapping[str, Route | None],
    *,
    reason: str,
    actor: str,
    now: datetime,
    leaving: Collection[str] = (),
) -> int:
    """
    Replace the routes of some shifts, as one more version of a plan.

    Parameters
    ----------
    plan
        Locked by the caller.
    routes
        By shift id; None = the shift serves nobody any more. Empty when something else about the date has changed.
    reason
        See `PlanVersionRow`.
    actor
        Id of the actor.
    leaving
        Ids of the visits that the caller takes off these routes; more may be named.

    Returns
    -------
    int
        The version made.

    Raises
    ------
    InternalError
        When a visit would leave the plan that nobody takes off: the routes were made of something older than the plan.
    """
    session.flush()
    version = plan.version + 1
    session.info.setdefault(CHANGED_PLANS, set()).add(plan.id)
    made = {"plan_id": plan.id, "version": version, "reason": reason, "actor": actor, "made_at": now}
    _ADD_VERSION.run(session, made)
    _RAISE_VERSION.run(session, {"of_plan": plan.id, "to_version": version})
    set_committed_value(plan, "version", version)
    if not routes:
        return version
    of_shifts = {"of_plan": plan.id, "of_shifts": list(routes), "version": version}
    closed = {visit_id for (visit_id,) in _LEAVE_STOPS.rows(session, of_shifts)}
    _CLOSE_ROUTES.run(session, of_shifts)
    lost = closed.difference(leaving, (stop.visit_id for route in routes.values() if route for stop in route.stops))
    if lost:
        details = {"plan_id": plan.id, "version": version, "visits": sorted(lost)}
        raise InternalError("new routes of a plan lack visits that are on it", details=details)
    route_rows, stop_rows = [], []
    for shift_id, route in routes.items():
        if route is None or not route.stops:
            continue
        route_id = new_id("ro")
        route_rows.append(_route_values(route, route_id, plan.id, shift_id, version))
        stop_rows += [_stop_values(stop, route_id, position) for position, stop in enumerate(route.stops)]
    if route_rows:
        _ADD_ROUTES.run(session, *route_rows)
        _ADD_STOPS.run(session, *stop_rows)
    return version


def current_routes(session: Session, plan_id: str, shift_ids: Collection[str] | None = None) -> dict[str, Route]:
    """Read the running routes of a plan by shift id; of some shifts only, where these are named."""
    condition = and_(RouteRow.plan_id == plan_id, RouteRow.until_version.is_(None))
    if shift_ids is not None:
        condition = and_(condition, RouteRow.shift_id.in_(list(shift_ids)))
    return _read(session, condition)


def changed_shifts(session: Session, plan_id: str, since_version: int) -> set[str]:
    """Return the shifts whose route was replaced, made or taken off since a version."""
    found = _CHANGED_SHIFTS.rows(session, {"of_plan": plan_id, "since": since_version})
    return {shift_id for (shift_id,) in found}


def plan_at(session: Session, plan_id: str, version: int) -> dict[str, Route]:
    """Read the routes a plan had at a version, by shift id."""
    return _read(session, routes_at(plan_id, version))


def _read(session: Session, condition: Any) -> dict[str, Route]:
    """Read routes with their stops; instants are UTC."""
    rows = session.execute(select(*RouteRow.__table__.columns).where(condition).order_by(RouteRow.shift_id))
    found = {row["id"]: row for row in rows.mappings()}
    stops: dict[str, list[Stop]] = {route_id: [] for route_id in found}
    stop_rows = session.execute(
        select(*StopRow.__table__.columns)
        .join(RouteRow, RouteRow.id == StopRow.route_id)
        .where(condition)
        .order_by(StopRow.route_id, StopRow.position)
    )
    for row in stop_rows.mappings():
        stops[row["route_id"]].append(_stop(row))
    return {row["shift_id"]: _route(row, stops[route_id]) for route_id, row in found.items()}


def _route(row: Mapping[Any, Any], stops: Iterable[Stop]) -> Route:
    """Make a route of its row."""
    return Route(
        technician_id=row["technician_id"],
        shift_id=row["shift_id"],
        departure=row["departure_at"],
        end=row["end_at"],
        stops=tuple(stops),
        breaks=tuple(_break_taken(taken) for taken in row["breaks"]),
        travel=timedelta(seconds=row["travel_s"]),
        travel_home=timedelta(seconds=row["travel_home_s"]),
        distance=Meters(row["distance_m"]),
        work=timedelta(seconds=row["work_s"]),
        overtime=timedelta(seconds=row["overtime_s"]),
        cost={term: Cents(cents) for term, cents in row["cost"].items()},
    )


def _break_taken(taken: Mapping[str, Any]) -> BreakTaken:
    """Make a break of its JSON."""
    times = {name: datetime.fromisoformat(taken[name]) for name in ("start", "end")}
    return BreakTaken(**{**taken, **times})


def _stop(row: Mapping[Any, Any]) -> Stop:
    """Make a stop of its row."""
    return Stop(
        visit_id=row["visit_id"],
        arrival=row["arrival_at"],
        start=row["start_at"],
        finish=row["finish_at"],
        departure=row["departure_at"],
        wait=timedelta(seconds=row["wait_s"]),
        slack=timedelta(seconds=row["slack_s"]),
        lateness=timedelta(seconds=row["lateness_s"]),
        travel=timedelta(seconds=row["travel_s"]),
        distance=Meters(row["distance_m"]),
    )


def _route_values(route: Route, route_id: str, plan_id: str, shift_id: str, version: int) -> dict[str, Any]:
    """Give the columns of a route."""
    return {
        "id": route_id,
        "plan_id": plan_id,
        "shift_id": shift_id,
        "technician_id": route.technician_id,
        "from_version": version,
        "departure_at": route.departure,
        "end_at": route.end,
        "travel_s": _seconds(route.travel),
        "travel_home_s": _seconds(route.travel_home),
        "distance_m": route.distance,
        "work_s": _seconds(route.work),
        "overtime_s": _seconds(route.overtime),
        "breaks": [_break_values(taken) for taken in route.breaks],
        "cost": dict(route.cost),
    }


def _break_values(taken: BreakTaken) -> dict[str, Any]:
    """Give the JSON of a break."""
    values = {name: getattr(taken, name) for name in _BREAK_FIELDS}
    return {**values, "start": taken.start.isoformat(), "end": taken.end.isoformat()}


def _stop_values(stop: Stop, route_id: str, position: int) -> dict[str, Any]:
    """Give the columns of a stop."""
    return {
        "route_id": route_id,
        "position": position,
        "visit_id": stop.visit_id,
        "is_current": True,
        "arrival_at": stop.arrival,
        "start_at": stop.start,
        "finish_at": stop.finish,
        "departure_at": stop.departure,
        "wait_s": _seconds(stop.wait),
        "slack_s": _seconds(stop.slack),
        "lateness_s": _seconds(stop.lateness),
        "travel_s": _seconds(stop.travel),
        "distance_m": stop.distance,
    }


def _seconds(duration: timedelta) -> int:
    """Count the whole seconds of a duration."""
    return duration // timedelta(seconds=1)
