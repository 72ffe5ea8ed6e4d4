"""Read the plan of a territory on a date: as it runs, as it was, and what changed it."""

from collections.abc import Callable
from datetime import date
from typing import Any, Final, TypeVar

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from fieldops.domain.value_faults import wrong
from fieldops.errors import InvalidInput, NotFound
from fieldops.store.day_visits import OFF
from fieldops.store.plan_routes import plan_at
from fieldops.store.tables import (
    BookingRow,
    HoldRow,
    PlanJobRow,
    PlanRow,
    PlanVersionRow,
    ReplanRow,
    StopRow,
    VisitProgressRow,
    VisitRow,
)
from fieldops.store.territories import find_territory
from fieldops.usecases.paging import Page, page_of, read_cursor
from fieldops.usecases.plan_views import (
    PlanVersionView,
    PlanView,
    WithoutPlaceView,
)
from fieldops.usecases.show_routes import kpis_of, route_views, seen_visits, without_place_views
from fieldops.usecases.work import Work

T = TypeVar("T")
R = TypeVar("R")

#: Of a version in a cursor.
_MOST_DIGITS: Final = 9


def read_plan(work: Work, territory_id: str, day: date, version: int | None = None) -> PlanView:
    """
    Read a plan.

    Parameters
    ----------
    version
        None = the running one. Names, states and windows are those of now in any case.

    Returns
    -------
    PlanView
        At version 0, with shifts but without stops, when nothing was ever planned.

    Raises
    ------
    NotFound
        When there is no such territory, or no such version (any more).
    """
    session = work.session
    territory = find_territory(session, territory_id)
    plan = session.scalars(
        select(PlanRow).where(PlanRow.territory_id == territory_id, PlanRow.date == day)
    ).one_or_none()
    newest = 0 if plan is None else plan.version
    shown = newest if version is None else version
    if not 0 <= shown <= newest or not _is_kept(work, plan, shown):
        raise NotFound("version of this plan", str(shown))
    routes = {} if plan is None else plan_at(session, plan.id, shown)
    seen = seen_visits(session, {stop.visit_id for route in routes.values() for stop in route.stops})
    without = _without_place(session, territory_id, day, plan) if shown == newest else ()
    rows = route_views(session, territory_id, day, routes, seen)
    return PlanView(
        territory_id=territory_id,
        date=day,
        time_zone=territory.time_zone,
        version=shown,
        running_version=newest,
        published_version=None if plan is None else plan.published_version,
        published_at=None if plan is None else plan.published_at,
        routes=rows,
        without_place=without,
        kpis=kpis_of(rows, without),
    )


def _is_kept(work: Work, plan: PlanRow | None, version: int) -> bool:
    """Whether what a plan was at a version is still known: what holds did is forgotten after some days."""
    if plan is None or version in {0, plan.version}:
        return True
    return work.session.get(PlanVersionRow, (plan.id, version)) is not None


def plan_versions(
    work: Work, territory_id: str, day: date, limit: int = 50, after: str | None = None
) -> Page[PlanVersionView]:
    """
    List what has changed a plan, newest first.

    Raises
    ------
    NotFound
        When there is no such territory.
    InvalidInput
        When `after` is not a cursor.
    """
    query = select(PlanVersionRow).join(PlanRow, PlanRow.id == PlanVersionRow.plan_id)
    return page_of_plan(work, territory_id, day, query, PlanVersionRow.version, _version_view, limit, after)


def page_of_plan(
    work: Work,
    territory_id: str,
    day: date,
    query: Select[R],
    version: InstrumentedAttribute[int],
    view_of: Callable[[R], T],
    limit: int,
    after: str | None,
) -> Page[T]:
    """Make a page of what happened to a plan, newest first: rows with their plans, sorted by a version."""
    find_territory(work.session, territory_id)
    query = query.where(PlanRow.territory_id == territory_id, PlanRow.date == day).order_by(version.desc())
    if after is not None:
        (last,) = read_cursor(after, 1)
        if not (last.isascii() and last.isdecimal() and len(last) <= _MOST_DIGITS):
            raise InvalidInput([wrong("after", last, "`next` of an earlier page of the same list")])
        query = query.where(version < int(last))
    rows = work.session.scalars(query.limit(limit + 1)).all()
    return page_of(rows, limit, view_of, lambda row: (str(getattr(row, version.key)),))


def _version_view(row: PlanVersionRow) -> PlanVersionView:
    return PlanVersionView(version=row.version, reason=row.reason, actor=row.actor, made_at=row.made_at)


def _without_place(
    session: Session, territory_id: str, day: date, plan: PlanRow | None
) -> tuple[WithoutPlaceView, ...]:
    """Show who has nobody coming: promised, left out by the last solve, taken off by a person, or failed that day."""
    explained: dict[str, dict[str, Any]] = {}
    if plan is not None and plan.published_version is not None:
        job = session.scalars(
            select(PlanJobRow)
            .where(PlanJobRow.territory_id == territory_id, PlanJobRow.date == day)
            .where(PlanJobRow.published_version == plan.published_version)
        ).first()
        explained = {} if job is None else {left["visit_id"]: left for left in job.unassigned}
    explained |= _explained_since(session, territory_id, day)
    placed = select(StopRow.visit_id).where(StopRow.visit_id == VisitRow.id, StopRow.is_current).exists()
    promised = or_(
        VisitRow.id.in_(select(BookingRow.visit_id).where(_of(BookingRow, territory_id, day, "confirmed"))),
        VisitRow.id.in_(select(HoldRow.visit_id).where(_of(HoldRow, territory_id, day, "active"))),
    )
    left_out = and_(VisitRow.id.in_(list(explained)), VisitRow.state == "open")
    taken_off = and_(
        VisitRow.territory_id == territory_id,
        VisitRow.state == "open",
        VisitRow.pin[OFF].as_string() == day.isoformat(),
    )
    tried = select(VisitProgressRow.visit_id).where(
        VisitProgressRow.territory_id == territory_id, VisitProgressRow.date == day
    )
    failed = and_(VisitRow.state == "failed", VisitRow.id.in_(tried))
    wanted = or_(promised, left_out, taken_off, failed)
    waiting = session.scalars(select(VisitRow.id).where(wanted, ~placed).order_by(VisitRow.id))
    seen = seen_visits(session, waiting)
    return without_place_views(seen, explained)


def _explained_since(session: Session, territory_id: str, day: date) -> dict[str, dict[str, Any]]:
    """Say why visits have no place by the last replan of the day, which knows more than the solve in the night."""
    unassigned = session.scalars(
        select(ReplanRow.unassigned)
        .where(ReplanRow.territory_id == territory_id, ReplanRow.date == day)
        .where(ReplanRow.state.in_(("proposed", "applied", "rejected", "nothing_better")))
        .order_by(ReplanRow.finished_at.desc(), ReplanRow.id)
        .limit(1)
    ).first()
    return {left["visit_id"]: left for left in unassigned or ()}


def _of(table: Any, territory_id: str, day: date, state: str) -> Any:
    """Give the condition for promises of a date."""
    return and_(table.territory_id == territory_id, table.date == day, table.state == state)
