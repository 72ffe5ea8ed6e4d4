"""Dates to be planned, for tests of plan jobs: one territory, technicians at a depot, visits near it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from fieldops.domain.plan import Plan
from fieldops.solver.progress import Progress
from fieldops.store.database import Database
from fieldops.store.day_plans import load_day
from fieldops.store.tables import PlanJobRow, TerritoryRow, VisitRow
from fieldops.usecases import solve_progress
from fieldops.usecases.context import Context
from fieldops.usecases.plan_day import run_solve
from fieldops.usecases.plan_job_views import PlanJobView
from fieldops.usecases.plan_problem import plan_problem
from fieldops.usecases.request_solve import read_plan_job, request_solve
from fieldops.usecases.work import transact, view
from worlds import (
    STAFF,
    TOMORROW,
    add_shift,
    add_site,
    add_technician,
    add_territory,
    add_visit,
    book_visit,
    local,
)


@dataclass(frozen=True, slots=True)
class Names:
    """Ids of what a date is made of."""

    territory: str
    technicians: tuple[str, ...]
    shifts: tuple[str, ...]
    visits: tuple[str, ...]


def add_date(
    database: Database, *, technicians: int = 1, visits: int = 2, day: date = TOMORROW, **policies: object
) -> Names:
    """Add a territory with so many technicians who work on the date, and open visits one kilometer apart."""
    with database.writing() as session:
        territory = add_territory(session, policies=dict(policies))
        people = [add_technician(session, territory, name=f"Kim {number}") for number in range(technicians)]
        shifts = [add_shift(session, person, day=day) for person in people]
        asked = [
            add_visit(session, territory, site=add_site(session, km_north=1.0 + number)) for number in range(visits)
        ]
        return Names(
            territory.id,
            tuple(person.id for person in people),
            tuple(shift.id for shift in shifts),
            tuple(visit.id for visit in asked),
        )


def book(database: Database, visit_id: str, start: str, end: str, *, day: date = TOMORROW) -> str:
    """Promise a window, local ``HH:MM``, of a visit that has no place on the plan yet."""
    with database.writing() as session:
        return book_in(session, visit_id, start, end, day=day)


def book_in(session: Session, visit_id: str, start: str, end: str, *, day: date = TOMORROW) -> str:
    """Do the same in a transaction."""
    visit = session.get_one(VisitRow, visit_id)
    return book_visit(session, visit, local(start, day), local(end, day), date=day).id


def leave_solve(ctx: Context, names: Names, *, day: date = TOMORROW, publishes: bool = False) -> str:
    """Ask for a plan within a second."""
    return transact(ctx, STAFF, request_solve, names.territory, day, 1, publishes).id


def solved(ctx: Context, names: Names, *, day: date = TOMORROW, publishes: bool = False) -> PlanJobView:
    """Ask for a plan and do the job at once."""
    job_id = leave_solve(ctx, names, day=day, publishes=publishes)
    run_solve(ctx, job_id)
    return view(ctx, STAFF, read_plan_job, job_id)


def running_orders(database: Database, names: Names, *, day: date = TOMORROW) -> dict[str, tuple[str, ...]]:
    """Read who serves whom by the running plan."""
    with database.reading() as session:
        return dict(load_day(session, names.territory, day).orders)


def change_job(database: Database, job_id: str, **changes: object) -> None:
    """Overwrite columns of a job, as another process would."""
    with database.writing() as session:
        job = session.get_one(PlanJobRow, job_id)
        for name, value in changes.items():
            setattr(job, name, value)


def territories(session: Session) -> list[str]:
    """Name all territories."""
    return list(session.scalars(select(TerritoryRow.id)))


def search_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Search for a twentieth of a second where a job says a second or two; days this small need no more."""

    def plan_quickly(*args: Any, seconds: float, **kwargs: Any) -> Plan:
        return plan_problem(*args, seconds=0.05 if seconds < 60 else seconds, **kwargs)

    monkeypatch.setattr("fieldops.usecases.plan_day.plan_problem", plan_quickly)


def during_the_solve(monkeypatch: pytest.MonkeyPatch, once: Any) -> None:
    """Do something while the search runs, once, right after it has read its input."""
    real = solve_progress.Watch.on_progress
    done: list[bool] = []

    def on_progress(watch: solve_progress.Watch, progress: Progress) -> None:
        if not done:
            done.append(True)
            once()
        real(watch, progress)

    monkeypatch.setattr(solve_progress.Watch, "on_progress", on_progress)
