"""A day that has got into trouble: Kim is served late at the first visit, Lee is free."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from fieldops.store.database import Database
from fieldops.store.day_plans import load_day, lock_plan
from fieldops.store.tables import EtaRow, ReplanRow, TechnicianStateRow, VisitProgressRow, VisitRow
from fieldops.usecases.context import Context
from fieldops.usecases.proposals import approve_replan
from fieldops.usecases.replan_views import ReplanView, read_replan
from fieldops.usecases.run_replan import run_replan
from fieldops.usecases.want_replan import start_wanted_replans, want_replan
from fieldops.usecases.work import Work, transact, view
from running_day import book, put_on_route
from worlds import (
    STAFF,
    TODAY,
    FakeClock,
    RecordingJobs,
    add_shift,
    add_site,
    add_technician,
    add_territory,
    add_visit,
    local,
    make_context,
)

#: Of the three visits: kilometers north of the depot, and the promised window.
VISITS = (("first", 1.0, "08:00", "10:00"), ("second", 2.0, "10:00", "12:00"), ("third", 3.0, "13:00", "15:00"))


@dataclass(frozen=True, slots=True)
class LateDay:
    """Ids of a day on which Kim has three visits, and Lee none."""

    ctx: Context
    clock: FakeClock
    territory: str
    kim: str
    lee: str
    kims: str
    lees: str
    first: str
    second: str
    third: str

    @property
    def jobs(self) -> list[str]:
        """Replans that were left in the queue."""
        jobs = self.ctx.jobs
        assert isinstance(jobs, RecordingJobs)
        return [left.argument for left in jobs.left if left.job == "replan"]

    def orders(self) -> dict[str, tuple[str, ...]]:
        """Who serves whom by the running plan."""
        with self.ctx.database.reading() as session:
            return dict(load_day(session, self.territory, TODAY).orders)

    def version(self) -> int:
        """The plan's version."""
        with self.ctx.database.reading() as session:
            return load_day(session, self.territory, TODAY).version

    def change(self, change: Callable[[Session], object]) -> None:
        """Change rows, as another process would."""
        with self.ctx.database.writing() as session:
            change(session)

    def wish(self, why: str = "Kim takes longer") -> None:
        """Wish for a replan."""
        transact(self.ctx, STAFF, _wish, self.territory, why)

    def start(self, after: timedelta = timedelta(seconds=2)) -> list[str]:
        """Let some time pass, and the sweep make replans of the wishes."""
        self.clock.advance(after)
        before = self.jobs
        start_wanted_replans(self.ctx)
        return self.jobs[len(before) :]

    def replan(self) -> ReplanView:
        """Wish for a replan and do it at once."""
        self.wish()
        [replan_id] = self.start()
        return self.run(replan_id)

    def run(self, replan_id: str) -> ReplanView:
        """Do a replan at once."""
        run_replan(self.ctx, replan_id)
        return self.look(replan_id)

    def approve(self, found: ReplanView, *visits: str) -> ReplanView:
        """Approve all of a proposal, or some visits."""
        return transact(self.ctx, STAFF, approve_replan, found.id, list(visits) or None)

    def take_longer(self, extension: timedelta) -> None:
        """Have Kim need so much more for the first visit, begun at 9:00."""
        with self.ctx.database.writing() as session:
            first = session.get_one(VisitRow, self.first)
            add_progress(session, first, self.kim, phase="in_progress", started=local("09:00"), extension=extension)

    def pin(self, visit_id: str, technician_id: str) -> None:
        """Pin a visit to somebody."""
        with self.ctx.database.writing() as session:
            session.get_one(VisitRow, visit_id).pin = {"technician_id": technician_id}

    def look(self, replan_id: str) -> ReplanView:
        """Look at a replan."""
        return view(self.ctx, STAFF, read_replan, replan_id)


def expected_second(day: LateDay, earliest: str, arrival: str, latest: str, finish: str, **more: Any) -> EtaRow:
    """Make what is expected of the second visit, local ``HH:MM``; by default computed at ten."""
    return EtaRow(
        visit_id=day.second,
        territory_id=day.territory,
        date=TODAY,
        shift_id=day.kims,
        technician_id=day.kim,
        plan_version=1,
        position=1,
        earliest_at=local(earliest),
        arrival_at=local(arrival),
        latest_at=local(latest),
        finish_at=local(finish),
        **{"computed_at": local("10:00"), **more},
    )


def _wish(work: Work, territory_id: str, why: str) -> None:
    lock_plan(work.session, territory_id, TODAY)
    want_replan(work, territory_id, TODAY, why)


def late_day(database: Database, **live: Any) -> LateDay:
    """
    Make a day at 10:00: Kim began the first visit at 9:00 and needs three hours more than the half planned.

    Kim is free at 12:30, so the second visit, promised from 10:00 to 12:00, would be late; the third, from 13:00, not.
    """
    clock = FakeClock(local("10:00"))
    ctx = make_context(database, clock=clock)
    policies = {"replan_for_s": 0.1, "freeze_minutes": 5, **live}
    with database.writing() as session:
        territory = add_territory(session, live_policies=policies)
        depot = add_site(session, kind="depot")
        kim, lee = (add_technician(session, territory, name=name) for name in ("Kim", "Lee"))
        kims, lees = (add_shift(session, person, base=depot) for person in (kim, lee))
        visits = []
        for name, km, start, end in VISITS:
            visit = add_visit(session, territory, site=add_site(session, km_north=km), name=name)
            book(session, visit, start, end)
            visits.append(visit)
        put_on_route(ctx, session, kims, visits)
        add_progress(
            session, visits[0], kim.id, phase="in_progress", started=local("09:00"), extension=timedelta(hours=3)
        )
        names = [territory.id, kim.id, lee.id, kims.id, lees.id, *(visit.id for visit in visits)]
    return LateDay(ctx, clock, *names)


#: More time is asked for so long after the beginning.
_LATER = timedelta(hours=1)


def add_progress(
    session: Session,
    visit: VisitRow,
    technician_id: str,
    *,
    phase: str,
    started: datetime | None = None,
    finished: datetime | None = None,
    extension: timedelta = timedelta(0),
    day: date = TODAY,
) -> None:
    """Say where a visit stands, as its events would have."""
    session.merge(
        VisitProgressRow(
            visit_id=visit.id,
            territory_id=visit.territory_id,
            date=day,
            technician_id=technician_id,
            phase=phase,
            travel_started_at=None,
            arrived_at=started,
            started_at=started,
            finished_at=finished,
            extension_s=extension // timedelta(seconds=1),
            extended_at=None if started is None or not extension else started + _LATER,
            planned_arrival_at=None,
            planned_start_at=None,
            planned_travel_s=None,
            planned_duration_s=None,
        )
    )


def set_out(session: Session, day: LateDay, technician_id: str, since: str) -> None:
    """Say that somebody is out."""
    row = TechnicianStateRow(technician_id=technician_id, date=TODAY, territory_id=day.territory)
    row.latitude = row.longitude = row.seen_at = None
    row.out_since, row.out_reason = local(since), "sick"
    session.add(row)


def overwrite(database: Database, replan_id: str, **changes: object) -> None:
    """Overwrite columns of a replan, as another process would."""
    with database.writing() as session:
        row = session.get_one(ReplanRow, replan_id)
        for name, value in changes.items():
            setattr(row, name, value)


def moves(found: ReplanView) -> Mapping[str, tuple[str | None, str | None]]:
    """Say of every visit that a proposal moves from whom to whom."""
    assert found.diff is not None
    return {move.visit_id: (move.from_technician_id, move.to_technician_id) for move in found.diff.moves}
