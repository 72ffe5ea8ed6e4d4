"""The running plan of a territory on a date: locking it, and loading it as a problem with the orders of its routes."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from fieldops.domain.day_plan import DayPlan
from fieldops.domain.horizon import midnight
from fieldops.domain.problem import Break, Pin, Place, Problem, Shift, Technician, TimeWindow, Visit
from fieldops.domain.territory import Territory
from fieldops.errors import NotFound
from fieldops.store.ids import new_id
from fieldops.store.prepared import Prepared
from fieldops.store.tables import (
    AbsenceRow,
    BookingRow,
    CustomerRow,
    HoldRow,
    PlanRow,
    RouteRow,
    ShiftRow,
    SiteRow,
    StopRow,
    TechnicianRow,
    TechnicianSkillRow,
    TerritoryRow,
    VisitRow,
    WorkOrderRow,
)
from fieldops.store.territories import territory_of
from fieldops.units import Cents

#: Under this name `Session.info` keeps the ids of the plans that the transaction has made or changed.
CHANGED_PLANS: Final = "fieldops_changed_plans"
#: Under this name `Session.info` keeps the plans that the transaction has locked, by territory and date: nobody else
#: changes them until it ends.
_LOCKED_PLANS: Final = "fieldops_locked_plans"

#: Under these names a pin keeps the edit of a plan that it comes from, and the date off whose plan the visit stays.
BY_EDIT: Final = "edit_id"
OFF: Final = "off"

_DAY: Final = timedelta(days=1)
#: Visits with their place, what is promised about them, and whom their customer knows.
_OF_VISITS: Final = (
    select(
        *(column for column in VisitRow.__table__.columns if column.name not in {"site_id", "name"}),
        VisitRow.name.label("visit_name"),
        SiteRow.id.label("site_id"),
        SiteRow.latitude,
        SiteRow.longitude,
        SiteRow.address,
        CustomerRow.known_technician_id,
        BookingRow.window_start.label("booked_start"),
        BookingRow.window_end.label("booked_end"),
        HoldRow.window_start.label("held_start"),
        HoldRow.window_end.label("held_end"),
    )
    .join(SiteRow, SiteRow.id == VisitRow.site_id)
    .join(WorkOrderRow, WorkOrderRow.id == VisitRow.work_order_id)
    .join(CustomerRow, CustomerRow.id == WorkOrderRow.customer_id)
    .outerjoin(BookingRow, and_(BookingRow.visit_id == VisitRow.id, BookingRow.state == "confirmed"))
    .outerjoin(HoldRow, and_(HoldRow.visit_id == VisitRow.id, HoldRow.state == "active"))
    .where(VisitRow.id.in_(bindparam("visit_ids", expanding=True)))
    .order_by(VisitRow.id)
)
_VISITS: Final = Prepared(_OF_VISITS)
_VISIT_NAMES: Final = tuple(column.key for column in _OF_VISITS.selected_columns)
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
    territory_row = session.get(TerritoryRow, territory_id)
    if territory_row is None:
        raise NotFound("territory", territory_id)
    territory = territory_of(territory_row)
    plan = session.execute(
        select(PlanRow.id, PlanRow.version).where(PlanRow.territory_id == territory_id, PlanRow.date == day)
    ).one_or_none()
    version = (0 if plan is None else plan.version) if version is None else version
    technicians = _technicians(session, territory_id, day, shift_ids)
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


_STOPS_AT: Final = (
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
        for shift_id, visit_id, start_at in session.execute(_STOPS_AT, of_shifts):
            orders[shift_id] += (visit_id,)
            starts[visit_id] = start_at
    return orders, starts


def load_visits(
    session: Session, visit_ids: Iterable[str], *, promised: bool = True
) -> tuple[dict[str, Visit], dict[str, Place]]:
    """
    Load visits and their places, by id.

    Parameters
    ----------
    promised
        Whether a hold or booking counts; False = as if nothing were promised yet, nor anything fixed by an edit of the
        plan the visit is on.

    Notes
    -----
    A visit that is held or booked is mandatory, with that window as its hard promise; its own windows and release were
    minded when it was offered, and count no more. Whom the customer knows is among the technicians preferred.
    """
    visits: dict[str, Visit] = {}
    places: dict[str, Place] = {}
    for cells in _VISITS.rows(session, {"visit_ids": list(visit_ids)}):
        row = dict(zip(_VISIT_NAMES, cells, strict=True))
        places[row["site_id"]] = _place(row)
        pin = row["pin"] if promised or BY_EDIT not in row["pin"] else {}
        visits[row["id"]] = _visit(row, _promise(row) if promised else None, _pin(pin))
    return visits, places


def _technicians(session: Session, territory_id: str, day: date, shift_ids: Collection[str] | None) -> list[Technician]:
    """Load the technicians who work on a date, each with the shifts of that date that no absence touches."""
    query = (
        select(*ShiftRow.__table__.columns)
        .join(TechnicianRow, TechnicianRow.id == ShiftRow.technician_id)
        .where(ShiftRow.territory_id == territory_id, ShiftRow.date == day)
        .where(ShiftRow.removed_at.is_(None), TechnicianRow.is_active)
        .where(
            ~select(AbsenceRow.id)
            .where(AbsenceRow.technician_id == ShiftRow.technician_id)
            .where(AbsenceRow.starts_at < ShiftRow.hard_ends_at, AbsenceRow.ends_at > ShiftRow.starts_at)
            .exists()
        )
        .order_by(ShiftRow.id)
    )
    if shift_ids is not None:
        query = query.where(ShiftRow.id.in_(list(shift_ids)))
    shifts: dict[str, list[Shift]] = {}
    for row in session.execute(query).mappings():
        shifts.setdefault(row["technician_id"], []).append(_shift(row))
    skills: dict[str, dict[str, int]] = {}
    for technician_id, skill, level in session.execute(
        select(TechnicianSkillRow.technician_id, TechnicianSkillRow.skill, TechnicianSkillRow.level).where(
            TechnicianSkillRow.technician_id.in_(list(shifts))
        )
    ):
        skills.setdefault(technician_id, {})[skill] = level
    rows = session.execute(
        select(*TechnicianRow.__table__.columns).where(TechnicianRow.id.in_(list(shifts))).order_by(TechnicianRow.id)
    )
    return [
        Technician(
            id=row["id"],
            name=row["name"],
            skills=skills.get(row["id"], {}),
            duration_permille=row["duration_permille"],
            work_rate=Cents(row["work_rate_cents"]),
            overtime_rate=Cents(row["overtime_rate_cents"]),
            shifts=tuple(shifts[row["id"]]),
        )
        for row in rows.mappings()
    ]


def _shift(row: Mapping[Any, Any]) -> Shift:
    """Make a shift of its row."""
    return Shift(
        id=row["id"],
        start=row["starts_at"],
        end=row["ends_at"],
        hard_end=row["hard_ends_at"],
        start_place_id=row["start_place_id"],
        end_place_id=row["end_place_id"],
        breaks=tuple(_break(pause) for pause in row["breaks"]),
        max_visits=row["max_visits"],
        max_travel=_duration(row["max_travel_s"]),
        max_work=_duration(row["max_work_s"]),
    )


def _break(pause: Mapping[str, Any]) -> Break:
    """Make a break of its JSON."""
    return Break(
        earliest_start=datetime.fromisoformat(pause["earliest_start"]),
        latest_start=datetime.fromisoformat(pause["latest_start"]),
        duration=timedelta(seconds=pause["duration_s"]),
        place_id=pause.get("place_id"),
        paid=pause.get("paid", True),
        name=pause.get("name", ""),
    )


def _visit(row: Mapping[Any, Any], promise: TimeWindow | None, pin: Pin | None) -> Visit:
    """Make a visit of its row."""
    known = () if row["known_technician_id"] is None else (row["known_technician_id"],)
    allowed = row["allowed_technicians"]
    preferred = [datetime.fromisoformat(text) for text in row["preferred_window"]]
    own_windows = tuple(TimeWindow(*map(datetime.fromisoformat, pair)) for pair in row["windows"])
    return Visit(
        id=row["id"],
        place_id=row["site_id"],
        duration=timedelta(seconds=row["duration_s"]),
        name=row["visit_name"],
        windows=own_windows if promise is None else (),
        promised_window=promise,
        promise_is_hard=promise is not None,
        preferred_window=TimeWindow(*preferred) if preferred else None,
        release=row["release_at"] if promise is None else None,
        due=row["due_at"],
        required_skills=row["required_skills"],
        allowed_technicians=None if allowed is None else frozenset(allowed),
        forbidden_technicians=frozenset(row["forbidden_technicians"]),
        preferred_technicians=frozenset([*row["preferred_technicians"], *known]),
        priority=row["priority"],
        unassigned_cost=None if row["unassigned_cents"] is None else Cents(row["unassigned_cents"]),
        mandatory=row["is_mandatory"] or promise is not None,
        pin=pin,
    )


def _pin(pin: Mapping[str, Any]) -> Pin | None:
    """Make a pin of its JSON, which may fix nothing."""
    if not pin.keys() & {"technician_id", "sequence", "start"}:
        return None
    start = pin.get("start")
    return Pin(
        technician_id=pin.get("technician_id"),
        sequence=pin.get("sequence"),
        start=None if start is None else datetime.fromisoformat(start),
    )


def _promise(row: Mapping[Any, Any]) -> TimeWindow | None:
    """Give the window that is booked or held, if one is."""
    if row["booked_start"] is not None:
        return TimeWindow(row["booked_start"], row["booked_end"])
    return None if row["held_start"] is None else TimeWindow(row["held_start"], row["held_end"])


def _duration(seconds: int | None) -> timedelta | None:
    """Make a duration of seconds."""
    return None if seconds is None else timedelta(seconds=seconds)


def _place(row: Mapping[Any, Any]) -> Place:
    """Make a place of a row that has a site's columns."""
    return Place(id=row["site_id"], latitude=row["latitude"], longitude=row["longitude"], address=row["address"])


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
    return {row["site_id"]: _place(row) for row in rows.mappings()}


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
