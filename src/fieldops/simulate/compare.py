"""The same days with and without replans: one plan of the morning, and the same luck for both."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import event, select

from fieldops.domain.live_policies import LivePolicies
from fieldops.domain.policies import Policies
from fieldops.domain.problem import Place, Problem, TimeWindow
from fieldops.errors import WrongState
from fieldops.simulate.assumptions import Assumptions
from fieldops.simulate.day import Diary, run_day
from fieldops.simulate.figures import DayFigures, Morning, Product, figures_of
from fieldops.simulate.happenings import Happening, happenings_of
from fieldops.simulate.in_process import SWEEP, InProcess, JumpingClock, OwnQueue
from fieldops.simulate.luck import Luck
from fieldops.simulate.technician import Drive
from fieldops.simulate.world import World
from fieldops.store.day_plans import load_day
from fieldops.store.live_policies import live_policies_to_json
from fieldops.store.migrate import upgrade
from fieldops.store.tables import BookingRow, MessageRow, TerritoryRow, VisitRow, WorkOrderRow
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.context import Context
from fieldops.usecases.plan_day import plan_now
from fieldops.usecases.seed import seed_problem
from fieldops.usecases.work import Work, transact, view

#: A day begins so long before the first shift, and everybody is home so long after the last one.
_BEFORE: Final = timedelta(minutes=5)
_AFTER: Final = timedelta(hours=2)
#: The plan is made in the evening before.
_PLANNED_AT: Final = time(20)
#: Days with shifts: as many as customers are offered windows on.
_STAFFED_DAYS: Final = Policies().horizon_days
#: The people are the same on all days.
_PEOPLE: Final = Luck(0)

#: Opens the database of this URL.
Open = Callable[[str], Context]


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """A day that has been simulated."""

    seed: int
    replans: bool
    figures: DayFigures
    diary: Diary
    product: Product


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """
    A day with its plan, in a database of its own.

    Attributes
    ----------
    path
        Of the SQLite file; every simulated day begins with a copy of it.
    keys
        What the luck of a visit is named after, by visit id.
    """

    path: Path
    open_database: Open
    territory_id: str
    day: date
    problem: Problem
    keys: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What is the same for everybody who simulates a day: from when to when it goes, the truth, and what happens."""

    begin: datetime
    end: datetime
    world: World
    happenings: tuple[Happening, ...]


@contextmanager
def planned_day(
    problem: Problem, open_database: Open, *, plan_seconds: int, policies: LivePolicies | None = None
) -> Iterator[Planned]:
    """
    Load a problem, and plan its first date, in a folder that is gone afterwards.

    Parameters
    ----------
    policies
        Of the day itself; None = those of the product.

    Raises
    ------
    WrongState
        When there is no plan.
    """
    with TemporaryDirectory(prefix="fieldops-simulate-") as folder:
        path = Path(folder) / "morning.db"
        zone = ZoneInfo(problem.time_zone)
        evening = datetime.combine(problem.first_date - timedelta(days=1), _PLANNED_AT, zone).astimezone(UTC)
        with _opened(open_database, path, evening) as (ctx, _, _):
            upgrade(ctx.database)
            seeded = transact(
                ctx,
                SYSTEM,
                seed_problem,
                problem,
                territory_name=problem.name,
                first_date=problem.first_date,
                num_days=max(_STAFFED_DAYS, 7 * (problem.num_days // 5 + 1)),
            )
            transact(ctx, SYSTEM, _set_policies, seeded.territory_id, policies or LivePolicies())
            day = seeded.dates[0]
            job = plan_now(ctx, SYSTEM, seeded.territory_id, day, seconds=plan_seconds)
            if job.state != "published":
                raise WrongState(f"{day} was not planned: {job.note or job.state}")
            planned, keys = view(ctx, SYSTEM, _read_plan, seeded.territory_id, day)
        yield Planned(
            path=path,
            open_database=open_database,
            territory_id=seeded.territory_id,
            day=day,
            problem=planned,
            keys=keys,
        )


def simulate_day(
    planned: Planned,
    seed: int,
    *,
    replans: bool,
    assumed: Assumptions,
    speed: float | None = None,
    until: datetime | None = None,
    sweep_every: timedelta = SWEEP,
) -> Simulated:
    """
    Simulate a planned day.

    Parameters
    ----------
    replans
        Whether the plan changes on the day; everything else the product does it does in any case.
    speed
        How many times as fast as real days it goes at most; None = as fast as it can.
    until
        When it ends; None = when everybody is home.
    sweep_every
        How often the product looks after the day while nobody reports anything.
    """
    scene = scene_of(planned, seed, assumed, until)
    copy = planned.path.with_name(f"{seed}-{replans}.db")
    copy_database(planned.path, copy)
    with _opened(planned.open_database, copy, scene.begin) as (ctx, clock, queue):
        driver = InProcess(
            ctx=ctx,
            clock=clock,
            queue=queue,
            territory_id=planned.territory_id,
            day=planned.day,
            replans=replans,
            decides_after=assumed.decides_after,
            sweep_every=sweep_every,
            wait=(lambda _at: None) if speed is None else _pacer(scene.begin, speed),
        )
        morning = view(ctx, SYSTEM, read_morning, planned, scene.end)
        drive = drives_of(ctx, planned.problem)
        diary = run_day(driver, scene.world, drive, scene.happenings, scene.begin, scene.end)
        product = Product(
            expected=driver.expected,
            replans=driver.replans_done(),
            messages=view(ctx, SYSTEM, read_messages, scene.begin),
        )
    copy.unlink()
    return Simulated(
        seed=seed, replans=replans, figures=figures_of(morning, diary, product), diary=diary, product=product
    )


def scene_of(planned: Planned, seed: int, assumed: Assumptions, until: datetime | None = None) -> Scene:
    """Set the scene of a day; `until` is when it ends, None = when everybody is home."""
    shifts = [shift for technician in planned.problem.technicians for shift in technician.shifts]
    luck, zone = Luck(seed), ZoneInfo(planned.problem.time_zone)
    return Scene(
        begin=(min(shift.start for shift in shifts) - _BEFORE).astimezone(UTC),
        end=until or (max(shift.hard_end for shift in shifts) + _AFTER).astimezone(UTC),
        world=World(luck=luck, pace=_PEOPLE, assumptions=assumed, zone=zone),
        happenings=happenings_of(planned.problem, planned.day, luck, assumed, planned.keys),
    )


@contextmanager
def _opened(open_database: Open, path: Path, at: datetime) -> Iterator[tuple[Context, JumpingClock, OwnQueue]]:
    """Open a database on a clock and with a queue of our own; it is thrown away, so nothing waits for the disk."""
    clock, queue = JumpingClock(at), OwnQueue()
    ctx = replace(open_database(f"sqlite:///{path}"), clock=clock, jobs=queue)

    @event.listens_for(ctx.database.engine, "connect")
    def _hurry(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous = OFF")

    try:
        yield ctx, clock, queue
    finally:
        ctx.database.close()


def _pacer(begin: datetime, speed: float) -> Callable[[datetime], None]:
    """Make a day go at a speed from now on."""
    started = monotonic()

    def wait(at: datetime) -> None:
        sleep(max(0.0, started + (at - begin).total_seconds() / speed - monotonic()))

    return wait


def copy_database(source: Path, target: Path) -> None:
    """Copy a database."""
    old, new = sqlite3.connect(source), sqlite3.connect(target)
    try:
        old.backup(new)
    finally:
        old.close()
        new.close()


def drives_of(ctx: Context, problem: Problem) -> Drive:
    """Give the expected times of drives, each asked for once."""
    provider = (ctx.patient_travel or ctx.travel)(problem.travel)
    known: dict[tuple[float, float, float, float], timedelta] = {}

    def drive(here: Place, there: Place) -> timedelta:
        key = (here.latitude, here.longitude, there.latitude, there.longitude)
        if key not in known:
            known[key] = timedelta(seconds=int(provider.between([here], [there]).duration_s[0, 0]))
        return known[key]

    return drive


def _set_policies(work: Work, territory_id: str, policies: LivePolicies) -> None:
    """Decide the rules of live operations."""
    work.session.get_one(TerritoryRow, territory_id).live_policies = live_policies_to_json(policies)


def _read_plan(work: Work, territory_id: str, day: date) -> tuple[Problem, dict[str, str]]:
    """Read the day's people and planned visits, and the visits' names for luck."""
    problem = load_day(work.session, territory_id, day).problem
    keys = work.session.execute(
        select(VisitRow.id, WorkOrderRow.reference).join(WorkOrderRow, WorkOrderRow.id == VisitRow.work_order_id)
    )
    return problem, {visit_id: reference or visit_id for visit_id, reference in keys}


def read_morning(work: Work, planned: Planned, end: datetime) -> Morning:
    """Read what was promised for the time until a day ends, and when people are to be home."""
    bookings = [
        (visit_id, TimeWindow(start, last))
        for visit_id, start, last in work.session.execute(
            select(BookingRow.visit_id, BookingRow.window_start, BookingRow.window_end).where(
                BookingRow.territory_id == planned.territory_id,
                BookingRow.date == planned.day,
                BookingRow.state == "confirmed",
            )
        )
    ]
    return Morning(
        promised={visit_id: window for visit_id, window in bookings if window.latest <= end},
        bookings=len(bookings),
        shift_ends={
            technician.id: max(shift.end for shift in technician.shifts)
            for technician in planned.problem.technicians
            if technician.shifts
        },
    )


def read_messages(work: Work, since: datetime) -> frozenset[tuple[str, str]]:
    """Read what customers were sent; by two channels it is one message."""
    rows = work.session.execute(
        select(MessageRow.kind, MessageRow.subject_id, MessageRow.subject_version).where(
            MessageRow.customer_id.is_not(None), MessageRow.created_at >= since
        )
    )
    return frozenset((kind, f"{subject}:{version}") for kind, subject, version in rows)
