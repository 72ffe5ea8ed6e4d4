"""The running plan of a territory on a date: locking it, and loading it as a problem with the orders of its routes."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from fieldops.domain.day_plan import DayPlan
from fieldops.domain.horizon import midnight
from fieldops.domain.problem import Place, Problem, Shift, Technician, Visit
from fieldops.domain.territory import Territory
from fieldops.store.day_people import load_technicians
from fieldops.store.day_visits import load_visits, place_of
from fieldops.store.ids import new_id
from fieldops.store.prepared import Prepared
from fieldops.store.tables import (
    PlanRow,
    RouteRow,
    SiteRow,
    StopRow,
)
from fieldops.store.territories import find_territory, territory_of

#: Under this name `Session.info` keeps the ids of the plans that the transaction has made or changed.
CHANGED_PLANS: Final = "fieldops_changed_plans"
#: Under this name `Session.info` keeps the plans that the transaction has locked, by territory and date: nobody else
#: changes them until it ends.
_LOCKED_PLANS: Final = "fieldops_locked_plans"

_DAY: Final = timedelta(days=1)
_OF_DAYS: Final = and_(
    PlanRow.territory_id == bindparam("territory_id"), PlanRow.date.in_(bindparam("days", expanding=True))
)
_PLANNED_DAYS: Final = Prepared(select(PlanRow.date).where(_OF_DAYS))
_LOCK_PLANS: Final = Prepared(select(PlanRow).where(_OF_DAYS).order_by(PlanRow.id).with_for_update())
_VERSIONS: Final = Prepared(select(PlanRow.date, PlanRow.id, PlanRow.version).where(_OF_DAYS))


def lock_plan(session: Session, territory_id: str, day: date) -> PlanRow:
    """Lock the running plan of a date, which is made when there is none yet; nobody else changes it until commit."""
    return lock_plans(session, territory_id, [day])[day]


def lock_plans(session: Session, territory_id: str, days: Iterable[date]) -> dict[date, PlanRow]:
    """
    Lock the running plans of several dates, in rising order of their ids, and read them anew.

    Notes
    -----
    Missing plans are made before anything is locked: who waits for another one's insertion holds no lock then. Lock
    all plans that a transaction is going to change in one call; locking more later may deadlock, which the database
    ends and `transact` tries again.
    """
    wanted = sorted(set(days))
    of_days = {"territory_id": territory_id, "days": wanted}
    if len(wanted) == 1:
        # Nothing is held while a single missing plan is made: no need to look for it first.
        plans = _locked(session, of_days)
        if plans:
            return plans
    known = {day for (day,) in _PLANNED_DAYS.rows(session, of_days)}
    missing = [day for day in wanted if day not in known]
    if missing:
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        rows = [{"id": new_id("pl"), "territory_id": territory_id, "date": day, "version": 0} for day in missing]
        # Those that another transaction has made meanwhile are named in vain, under ids nobody will ever read.
        session.info.setdefault(CHANGED_PLANS, set()).update(row["id"] for row in rows)
        session.execute(insert(PlanRow).values(rows).on_conflict_do_nothing(index_elements=["territory_id", "date"]))
    return _locked(session, of_days)


def _locked(session: Session, of_days: Mapping[str, Any]) -> dict[date, PlanRow]:
    """Lock the plans that there are, and remember that they are locked."""
    plans: dict[date, PlanRow] = {plan.date: plan for (plan,) in _LOCK_PLANS.rows(session, of_days)}
    locked = session.info.setdefault(_LOCKED_PLANS, {})
    locked.update({(plan.territory_id, day): plan for day, plan in plans.items()})
    return plans


def plan_versions(session: Session, territory_id: str, days: Collection[date]) -> dict[date, tuple[str, int]]:
    """Return id and version of the running plans of some dates; dates that were never planned have none."""
    locked = session.info.get(_LOCKED_PLANS, {})
    known = {day: locked[territory_id, day] for day in days if (territory_id, day) in locked}
    versions = {day: (plan.id, plan.version) for day, plan in known.items()}
    others = [day for day in days if day not in known]
    if others:
        rows = _VERSIONS.rows(session, {"territory_id": territory_id, "days": others})
        versions.update({day: (plan_id, version) for day, plan_id, version in rows})
    return versions


def routes_at(plan_id: Any, version: Any) -> Any:
    """Give the condition for the routes a plan had at a version."""
    return and_(
        RouteRow.plan_id == plan_id,
        RouteRow.from_version <= version,
        or_(RouteRow.until_version.is_(None), RouteRow.until_version > version),
    )


def load_day(
    session: Session,
    territory_id: str,
    day: date,
    *,
    version: int | None = None,
    shift_ids: Collection[str] | None = None,
) -> DayPlan:
    """
    Load the running plan of a territory on a date.

    Parameters
    ----------
    version
        Of the plan; None = the running one. Shifts and visits are those of now in any case.
    shift_ids
        The only shifts wanted; None = all of the date.

    Raises
    ------
    NotFound
        When there is no such territory.
    """
    territory_row = find_territory(session, territory_id)
    territory = territory_of(territory_row)
    plan = session.execute(
        select(PlanRow.id, PlanRow.version).where(PlanRow.territory_id == territory_id, PlanRow.date == day)
    ).one_or_none()
    version = (0 if plan is None else plan.version) if version is None else version
    technicians = load_technicians(session, territory_id, day, shift_ids)
    shifts = [shift for technician in technicians for shift in technician.shifts]
    of_shifts = [shift.id for shift in shifts]
    orders, starts = orders_at(session, None if plan is None else plan.id, version, of_shifts)
    visits, places = load_visits(session, starts)
    places.update(_places(session, _place_ids(shifts) - places.keys()))
    return DayPlan(
        territory=territory,
        date=day,
        plan_id=None if plan is None else plan.id,
        version=version,
        problem=_problem(territory, day, technicians, visits, places),
        orders=orders,
        starts=starts,
    )


_STOPS_AT: Final = Prepared(
    select(RouteRow.shift_id, StopRow.visit_id, StopRow.start_at)
    .join(StopRow, StopRow.route_id == RouteRow.id)
    .where(routes_at(bindparam("plan_id"), bindparam("version")))
    .where(RouteRow.shift_id.in_(bindparam("shift_ids", expanding=True)))
    .order_by(RouteRow.shift_id, StopRow.position)
)


def orders_at(
    session: Session, plan_id: str | None, version: int, shift_ids: Collection[str]
) -> tuple[dict[str, tuple[str, ...]], dict[str, datetime]]:
    """Return whom some shifts served in which order at a version, by shift id, and the planned starts by visit id."""
    orders: dict[str, tuple[str, ...]] = dict.fromkeys(shift_ids, ())
    starts: dict[str, datetime] = {}
    if plan_id is not None and orders:
        of_shifts = {"plan_id": plan_id, "version": version, "shift_ids": list(orders)}
        for shift_id, visit_id, start_at in _STOPS_AT.rows(session, of_shifts):
            orders[shift_id] += (visit_id,)
            starts[visit_id] = start_at
    return orders, starts


def _place_ids(shifts: Iterable[Shift]) -> set[str]:
    """Collect the places that shifts name."""
    named: set[str | None] = set()
    for shift in shifts:
        named.update((shift.start_place_id, shift.end_place_id, *(pause.place_id for pause in shift.breaks)))
    return {place_id for place_id in named if place_id is not None}


def _places(session: Session, site_ids: Collection[str]) -> dict[str, Place]:
    """Load sites as places."""
    rows = session.execute(
        select(SiteRow.id.label("site_id"), SiteRow.latitude, SiteRow.longitude, SiteRow.address).where(
            SiteRow.id.in_(sorted(site_ids))
        )
    )
    return {row["site_id"]: place_of(row) for row in rows.mappings()}


def _problem(
    territory: Territory,
    day: date,
    technicians: list[Technician],
    visits: Mapping[str, Visit],
    places: Mapping[str, Place],
) -> Problem:
    """Make the problem of a date; a night shift makes its horizon as long as it needs to be."""
    ends = [shift.hard_end for technician in technicians for shift in technician.shifts]
    last = day
    while any(end > midnight(last + _DAY, territory.time_zone) for end in ends):
        last += _DAY
    return Problem(
        name=f"{territory.name}, {day.isoformat()}",
        time_zone=territory.time_zone,
        first_date=day,
        num_days=(last - day).days + 1,
        skills=territory.skills,
        places=tuple(places.values()),
        technicians=tuple(technicians),
        visits=tuple(visits.values()),
        rates=territory.rates,
        travel=territory.travel,
    )
