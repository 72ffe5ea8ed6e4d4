"""One run: a company is set up, customers book while processes are killed, and everything is judged afterwards."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import and_, func, or_, select

from crash_checks import Verdict, judge
from crash_killer import Kill, Killer, Moment
from crash_load import Load, Log, Target
from crash_processes import crash_service
from fieldops.jobs.queue import migrate_jobs
from fieldops.store.database import Database
from fieldops.store.tables import HoldRow, MessageRow, PlanJobRow
from fieldops.usecases.actor import Scope
from fieldops.usecases.api_keys import create_api_key
from fieldops.usecases.context import Context
from fieldops.usecases.webhooks import register_webhook
from fieldops.usecases.work import transact
from fieldops.wiring import SystemClock
from worlds import SYSTEM, ZONE, add_shift, add_site, add_technician, add_territory, make_context

#: Booking after the last process came up again, seconds.
COOL_DOWN_S: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """
    How much of everything.

    Attributes
    ----------
    warm_up_s
        Booking before the first kill, so that there is something to be lost.
    leaves
        Share of customers whose hold is left to expire.
    plan_s
        How long each plan is searched, seconds.
    pause_s
        Least and longest time before each kill.
    drains_s
        How long what is left over may take once nobody books any more.
    """

    technicians: int
    dates: int
    workers: int = 2
    callers: int = 4
    think_s: float = 0.3
    warm_up_s: float = 2.0
    leaves: float = 0.1
    plan_s: int = 2
    drains_s: float = 300.0
    pause_s: tuple[float, float] = (0.3, 3.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What happened, and what is to be thought of it."""

    log: Log
    kills: tuple[Kill, ...]
    verdict: Verdict
    began: float
    load_s: float


def crash_run(
    database: Database, folder: Path, size: Size, *, seed: int, kills: int = 0, moments: Sequence[Moment] = ()
) -> Outcome:
    """
    Run once on a migrated database without rows.

    Parameters
    ----------
    kills
        Drawn at random.
    moments
        Kills before those, without waiting for the process that was killed before.
    """
    ctx = replace(make_context(database, webhooks_allow_private=True), clock=SystemClock())
    company = _company(ctx, size)
    with crash_service(database, folder, workers=size.workers) as service:
        transact(ctx, SYSTEM, register_webhook, url=service.webhook_url)
        target = replace(company, url=service.url)
        load = Load(
            target,
            seed=seed,
            callers=size.callers,
            think_s=size.think_s,
            leaves=size.leaves,
            plan_s=size.plan_s,
        )
        killer = Killer(service, database, load.log, seed=seed, pause_s=size.pause_s)
        began = time.monotonic()
        load.start()
        try:
            time.sleep(size.warm_up_s)
            for moment in moments:
                (killer.kill_api if moment is Moment.BOOKING else killer.kill_worker)(moment)
            killer.kill_some(kills)
            killer.wait_until_all_are_up()
            time.sleep(COOL_DOWN_S)
        finally:
            load.stop()
        load_s = time.monotonic() - began
        killer.wait_until_work_goes_on()
        _drain(ctx, size.drains_s)
    verdict = judge(ctx, load.log, killer.kills, service.providers.by_message())
    return Outcome(
        log=load.log,
        kills=tuple(killer.kills),
        verdict=verdict,
        began=began,
        load_s=load_s,
    )


def _company(ctx: Context, size: Size) -> Target:
    """Set up people who work from tomorrow on, and a key for callers; the address is not known yet."""
    migrate_jobs(ctx.database)
    today = datetime.now(ZONE).date()
    days = tuple(today + timedelta(days=ahead + 1) for ahead in range(size.dates))
    # Nothing but what callers ask for: no quiet hours to wait for, and the night's plans are far away.
    night = datetime.now(ZONE) + timedelta(hours=12)
    policies = {
        "hold_minutes": 1,
        "quiet_from": "00:00",
        "quiet_until": "00:00",
        "plan_at": f"{night:%H:%M}",
        "contact": "Acme Service, +1 202 555 0100",
    }
    with ctx.database.writing() as session:
        territory = add_territory(session, policies=policies)
        depot = add_site(session, kind="depot")
        for number in range(size.technicians):
            technician = add_technician(session, territory, name=f"Kim {number}")
            for day in days:
                add_shift(session, technician, day=day, base=depot)
    scopes = [Scope.BOOKINGS_WRITE, Scope.BOOKINGS_READ, Scope.CUSTOMERS_WRITE, Scope.PLANS_READ, Scope.PLANS_WRITE]
    key = transact(ctx, SYSTEM, create_api_key, name="callers", scopes=scopes).key
    assert key is not None
    return Target(url="", key=key, territory_id=territory.id, days=days)


def _drain(ctx: Context, within_s: float) -> None:
    """Wait until nothing is left to be sent, made or let go; what stays is found by the judge."""
    give_up_at = time.monotonic() + within_s
    while time.monotonic() < give_up_at and _left_over(ctx):
        time.sleep(0.2)


def _left_over(ctx: Context) -> int:
    now = datetime.now(UTC)
    due = and_(MessageRow.state == "due", MessageRow.due_at <= now)
    counts = (
        select(func.count()).where(or_(MessageRow.state == "sending", due)),
        select(func.count()).where(PlanJobRow.state.in_(("queued", "running"))),
        select(func.count()).where(HoldRow.state == "active", HoldRow.expires_at <= now),
    )
    with ctx.database.reading() as session:
        return sum(session.scalar(count) or 0 for count in counts)
