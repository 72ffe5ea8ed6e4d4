"""What a person has to do about a customer after something went wrong: who, and until when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from sqlalchemy import and_, or_, select

from fieldops.domain.value_faults import wrong
from fieldops.errors import InvalidInput, NotFound
from fieldops.store.day_plans import lock_plan
from fieldops.store.ids import new_id
from fieldops.store.live_policies import live_policies_of
from fieldops.store.tables import BookingRow, TaskRow, TerritoryRow, UserRow, VisitRow, WorkOrderRow
from fieldops.usecases.audit import record
from fieldops.usecases.changes import UNCHANGED, Unchanged, changed
from fieldops.usecases.paging import Page, page_of, read_time_cursor, time_key
from fieldops.usecases.staffing import today_in
from fieldops.usecases.stream import announce, topic_of_board
from fieldops.usecases.task_codes import Facts, TaskCode, sentence_of
from fieldops.usecases.task_owner import can_dispatch, choose_owner
from fieldops.usecases.work import Work


class TaskKind(StrEnum):
    """Why somebody has to do something."""

    LOW_SCORE = "low_score"
    BROKEN_PROMISE = "broken_promise"
    NO_PLACE = "no_place"
    NO_TIME = "no_time"
    COULD_NOT_COMPLETE = "could_not_complete"
    NOT_REPORTED = "not_reported"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    """A task; one made before there were codes has none. Fields as in `fieldops.store.tables.TaskRow`."""

    id: str
    territory_id: str
    kind: TaskKind
    code: TaskCode | None
    facts: Mapping[str, str]
    visit_id: str
    customer_id: str
    summary: str
    credit_cents: int
    state: str
    owner: str | None
    due_at: datetime
    created_at: datetime
    done_at: datetime | None
    done_by: str | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskChanges:
    """What is to be different; see `fieldops.store.tables.TaskRow`."""

    owner: str | Unchanged | None = UNCHANGED
    due_at: datetime | Unchanged = UNCHANGED
    note: str | Unchanged = UNCHANGED


def open_task(
    work: Work,
    kind: TaskKind | str,
    visit: VisitRow,
    code: TaskCode,
    facts: Facts = MappingProxyType({}),
    *,
    due_at: datetime | None = None,
    credit_cents: int = 0,
) -> TaskView:
    """
    Leave a task to somebody who dispatches (`choose_owner`); one of a kind about a visit.

    Parameters
    ----------
    facts
        What `sentence_of` needs to say it.
    due_at
        None = as long from now as the territory's policies give; for ``no_place`` before the promised window begins.
    credit_cents
        What the customer was told to get.

    Returns
    -------
    TaskView
        The one that is open already, as it is; one that was done is opened again.

    Notes
    -----
    Told on the board of today, whose plan is locked for it.
    """
    kind = TaskKind(kind)
    session = work.session
    lock_plan(session, visit.territory_id, _today(work, visit.territory_id))
    row = session.scalar(select(TaskRow).where(TaskRow.kind == kind.value, TaskRow.visit_id == visit.id))
    if row is not None and row.state == "open":
        return _view(row)
    due_at = due_at or _usually_due(work, kind, visit)
    if row is None:
        row = TaskRow(
            id=new_id("ta"),
            territory_id=visit.territory_id,
            kind=kind.value,
            visit_id=visit.id,
            customer_id=session.get_one(WorkOrderRow, visit.work_order_id).customer_id,
            created_at=work.now,
        )
        session.add(row)
    row.code, row.facts, row.summary = code.value, {**facts}, sentence_of(code, facts)
    row.credit_cents, row.state, row.due_at = credit_cents, "open", due_at
    row.done_at = row.done_by = None
    if row.owner is None or not can_dispatch(work, row.owner):
        row.owner = choose_owner(work, session.get_one(TerritoryRow, visit.territory_id))
    session.flush()
    record(work, "task.opened", "task", row.id, kind=kind.value, visit_id=visit.id)
    _tell_board(work, row)
    return _view(row)


def list_tasks(
    work: Work,
    *,
    territory_id: str | None = None,
    state: str | None = "open",
    owner: str | None = None,
    customer_id: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> Page[TaskView]:
    """
    List tasks, the one due first first.

    Parameters
    ----------
    state
        ``open`` or ``done``; None = both.
    owner
        User id.

    Raises
    ------
    InvalidInput
        When `after` is no cursor.
    """
    query = select(TaskRow).order_by(TaskRow.due_at, TaskRow.id).limit(limit + 1)
    filters = (
        (TaskRow.territory_id, territory_id),
        (TaskRow.state, state),
        (TaskRow.owner, owner),
        (TaskRow.customer_id, customer_id),
    )
    for column, value in filters:
        if value is not None:
            query = query.where(column == value)
    if after is not None:
        at, name = read_time_cursor(after)
        query = query.where(or_(TaskRow.due_at > at, and_(TaskRow.due_at == at, TaskRow.id > name)))
    rows = work.session.scalars(query).all()
    return page_of(rows, limit, _view, lambda row: time_key(row.due_at, row.id))


def finish_task(work: Work, task_id: str, note: str | None = None) -> TaskView:
    """
    Say that a task is done; one that is done already stays as it is.

    Parameters
    ----------
    note
        What came of it; None = what was noted before stays.

    Raises
    ------
    NotFound
        When there is no such task.
    """
    row = _locked(work, task_id)
    if row.state == "done":
        return _view(row)
    row.state, row.done_at, row.done_by = "done", work.now, work.actor.id
    row.note = row.note if note is None else note.strip()
    record(work, "task.done", "task", row.id, visit_id=row.visit_id)
    _tell_board(work, row)
    return _view(row)


def change_task(work: Work, task_id: str, changes: TaskChanges) -> TaskView:
    """
    Give a task to somebody, at another time, or note something.

    Raises
    ------
    NotFound
        When there is no such task.
    InvalidInput
        When the owner is nobody who could log in.
    """
    row = _locked(work, task_id)
    wanted = changed(changes)
    owner = wanted.get("owner")
    if owner is not None and not _can_own(work, owner):
        raise InvalidInput([wrong("owner", owner, "the id of a user who can log in")])
    different = {name: value for name, value in wanted.items() if value != getattr(row, name)}
    for name, value in different.items():
        setattr(row, name, value)
    if different:
        record(work, "task.changed", "task", row.id, fields=sorted(different), owner=row.owner)
        _tell_board(work, row)
    return _view(row)


def _locked(work: Work, task_id: str) -> TaskRow:
    """
    Return a task nobody else changes, with the plan whose board tells of it locked first.

    Raises
    ------
    NotFound
        When there is none.
    """
    row = work.session.get(TaskRow, task_id)
    if row is None:
        raise NotFound("task", task_id)
    lock_plan(work.session, row.territory_id, _today(work, row.territory_id))
    return work.session.get_one(TaskRow, task_id, with_for_update=True, populate_existing=True)


def _today(work: Work, territory_id: str) -> date:
    """Return the local date of now."""
    return today_in(work, work.session.get_one(TerritoryRow, territory_id))


def _can_own(work: Work, user_id: str) -> bool:
    """Tell whether a user exists and is not locked out."""
    user = work.session.get(UserRow, user_id)
    return user is not None and user.is_active


def _usually_due(work: Work, kind: TaskKind, visit: VisitRow) -> datetime:
    """Return by when a task should be done."""
    policies = live_policies_of(work.session.get_one(TerritoryRow, visit.territory_id))
    due_at = work.now + policies.follow_up_within
    if kind is not TaskKind.NO_PLACE:
        return due_at
    promised = work.session.scalar(
        select(BookingRow.window_start).where(BookingRow.visit_id == visit.id, BookingRow.state == "confirmed")
    )
    return due_at if promised is None else max(work.now, min(due_at, promised))


def _tell_board(work: Work, row: TaskRow) -> None:
    """Say on today's board what has become of a task."""
    data = {
        "id": row.id,
        "kind": row.kind,
        "code": row.code,
        "facts": row.facts,
        "visit_id": row.visit_id,
        "customer_id": row.customer_id,
        "summary": row.summary,
        "state": row.state,
        "owner": row.owner,
        "due_at": row.due_at.isoformat(),
    }
    announce(work, topic_of_board(row.territory_id, _today(work, row.territory_id)), "task", data)


def _view(row: TaskRow) -> TaskView:
    """Show a task."""
    return TaskView(
        id=row.id,
        territory_id=row.territory_id,
        kind=TaskKind(row.kind),
        code=None if row.code is None else TaskCode(row.code),
        facts=row.facts,
        visit_id=row.visit_id,
        customer_id=row.customer_id,
        summary=row.summary,
        credit_cents=row.credit_cents,
        state=row.state,
        owner=row.owner,
        due_at=row.due_at,
        created_at=row.created_at,
        done_at=row.done_at,
        done_by=row.done_by,
        note=row.note,
    )
