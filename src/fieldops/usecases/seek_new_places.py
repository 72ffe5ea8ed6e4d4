"""Who is booked for a date to come and has lost its place is planned anew at once, and somebody knows of it."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final

from sqlalchemy import select

from fieldops.store.tables import PlanJobRow, TaskRow, TechnicianRow, TerritoryRow, VisitRow
from fieldops.store.territories import policies_of
from fieldops.usecases.people_views import LostPlace
from fieldops.usecases.request_solve import MOST_DAYS_AHEAD, request_solve
from fieldops.usecases.staffing import today_in
from fieldops.usecases.task_codes import TaskCode
from fieldops.usecases.tasks import TaskKind, finish_task, open_task
from fieldops.usecases.work import Work

_FOUND: Final = "The new plan has a place for it."


def seek_new_places(work: Work, territory: TerritoryRow, lost: Iterable[LostPlace]) -> None:
    """
    Have dates planned anew on which booked visits have lost their places, and give somebody a task about each visit.

    Parameters
    ----------
    lost
        Visits of any dates; those of days under way are left to others.

    Notes
    -----
    The task is done as soon as a new plan has a place for the visit (`finish_found`). A territory that does not publish
    by itself gets a draft. On the day itself, replans do the same (`restaff_under_way.follow_up`).
    """
    today = today_in(work, territory)
    promised = [place for place in lost if place.booking_id is not None and place.date > today]
    for place in promised:
        visit = work.session.get_one(VisitRow, place.visit_id)
        who = work.session.get_one(TechnicianRow, place.technician_id).name
        facts = {"visit": visit.name or visit.id, "date": place.date.isoformat(), "technician": who}
        open_task(work, TaskKind.NO_PLACE, visit, TaskCode.NOBODY_COMES, facts)
    publishes = policies_of(territory).publishes
    for day in sorted({place.date for place in promised}):
        if day <= today + timedelta(days=MOST_DAYS_AHEAD):
            request_solve(work, territory.id, day, publishes=publishes)


def days_to_lock(work: Work, job: PlanJobRow) -> set[date]:
    """Name the dates whose plans publishing a draft concerns: with today's, where a task may be done by it."""
    today = today_in(work, work.session.get_one(TerritoryRow, job.territory_id))
    placed = [stop["visit_id"] for route in job.routes.values() for stop in route["stops"]]
    return {job.date, today} if _homeless(work, placed) else {job.date}


def finish_found(work: Work, visit_ids: Iterable[str]) -> None:
    """Finish the tasks about visits that had no place, and have one now."""
    for task_id in _homeless(work, sorted(visit_ids)):
        finish_task(work, task_id, _FOUND)


def _homeless(work: Work, visit_ids: Sequence[str]) -> Sequence[str]:
    """List the open tasks about some visits that had no place."""
    return work.session.scalars(
        select(TaskRow.id)
        .where(TaskRow.visit_id.in_(visit_ids), TaskRow.kind == TaskKind.NO_PLACE.value, TaskRow.state == "open")
        .order_by(TaskRow.id)
    ).all()
