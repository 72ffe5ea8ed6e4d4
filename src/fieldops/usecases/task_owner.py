"""Whose a task is: somebody's, as long as there is anybody who dispatches."""

from datetime import timedelta
from typing import Final

from sqlalchemy import func, select

from fieldops.store.live_policies import live_policies_of
from fieldops.store.tables import PlanRow, PlanVersionRow, TaskRow, TerritoryRow, UserRow
from fieldops.usecases.actor import Role
from fieldops.usecases.audit import record
from fieldops.usecases.staffing import today_in
from fieldops.usecases.work import Work

_DAY: Final = timedelta(days=1)
_USER: Final = "user:"


def choose_owner(work: Work, territory: TerritoryRow) -> str | None:
    """
    Choose who is to do a task of a territory.

    Returns
    -------
    str | None
        User id: whom the territory's policies name; else who was the last to change the plan of today, or of the day
        before; else the dispatcher with the fewest open tasks; else the same of those who run the product. None when
        there is nobody of all these who can log in.
    """
    session = work.session
    named = live_policies_of(territory).follow_up_owner
    if named is not None and can_dispatch(work, named):
        return named
    today = today_in(work, territory)
    query = select(PlanVersionRow.actor).join(PlanRow, PlanRow.id == PlanVersionRow.plan_id)
    query = query.where(PlanRow.territory_id == territory.id, PlanRow.date.in_((today, today - _DAY)))
    query = query.where(PlanVersionRow.actor.startswith(_USER)).group_by(PlanVersionRow.actor)
    for actor in session.scalars(query.order_by(func.max(PlanVersionRow.made_at).desc(), PlanVersionRow.actor)):
        if can_dispatch(work, actor.removeprefix(_USER)):
            return actor.removeprefix(_USER)
    open_tasks = func.count(TaskRow.id)
    some = select(UserRow.id).outerjoin(TaskRow, (TaskRow.owner == UserRow.id) & (TaskRow.state == "open"))
    some = some.where(UserRow.is_active).group_by(UserRow.id).order_by(open_tasks, UserRow.id).limit(1)
    # In this order: those who run the product have other things to do.
    found = (session.scalar(some.where(UserRow.role == role.value)) for role in (Role.DISPATCHER, Role.OPS))
    return next((owner for owner in found if owner is not None), None)


def can_dispatch(work: Work, user_id: str) -> bool:
    """Tell whether a user exists, is not locked out and dispatches."""
    user = work.session.get(UserRow, user_id)
    return user is not None and user.is_active and user.role in (Role.DISPATCHER, Role.OPS)


def pass_on_tasks(work: Work, user_id: str) -> None:
    """Give the open tasks of somebody who is locked out to others, each as if it were opened now."""
    theirs = select(TaskRow).where(TaskRow.owner == user_id, TaskRow.state == "open").order_by(TaskRow.id)
    for row in work.session.scalars(theirs.with_for_update()).all():
        row.owner = choose_owner(work, work.session.get_one(TerritoryRow, row.territory_id))
        work.session.flush()
        record(work, "task.changed", "task", row.id, fields=["owner"], owner=row.owner)
