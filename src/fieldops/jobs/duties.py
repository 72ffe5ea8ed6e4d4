"""What the workers of fieldops do: the jobs they run, and what they look after every few seconds."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Final

import structlog

from fieldops.jobs.engine import Engine, Handler
from fieldops.jobs.sweeps import Sweep
from fieldops.messaging.kinds import Via
from fieldops.usecases.actor import SYSTEM
from fieldops.usecases.context import Context
from fieldops.usecases.expire_holds import expire_holds
from fieldops.usecases.forget_drafts import forget_drafts
from fieldops.usecases.forget_versions import forget_versions
from fieldops.usecases.learn_factors import learn_nightly
from fieldops.usecases.plan_nights import plan_nights
from fieldops.usecases.request_replan import REPLAN
from fieldops.usecases.request_solve import SOLVE
from fieldops.usecases.retention import forget_old, forget_streams
from fieldops.usecases.send_due import send_due
from fieldops.usecases.settle_plan_jobs import fail_lost_plan_jobs, unended_plan_jobs
from fieldops.usecases.settle_replans import fail_lost_replans, unended_replans
from fieldops.usecases.sweep_days import sweep_days
from fieldops.usecases.waitlist import sweep_waitlist
from fieldops.usecases.want_replan import start_wanted_replans
from fieldops.usecases.work import transact, view

#: Pauses, seconds. What is due is seen late by at most as much; holds that have expired count as such at once.
SEND_EVERY_S: Final = 2.0
EXPIRE_EVERY_S: Final = 10.0
WAITLIST_EVERY_S: Final = 30.0
NIGHTS_EVERY_S: Final = 30.0
SETTLE_EVERY_S: Final = 60.0
#: Somebody waits at a door for what this begins.
WANTED_EVERY_S: Final = 0.25
DAYS_EVERY_S: Final = 30.0
LEARN_EVERY_S: Final = 3_600.0
FORGET_EVERY_S: Final = 24 * 3_600.0
FORGET_STREAMS_EVERY_S: Final = 3_600.0
FORGET_DRAFTS_EVERY_S: Final = 3_600.0
#: Holds let go in one transaction.
HOLDS_AT_A_TIME: Final = 50

log = structlog.get_logger(__name__)


def handlers(ctx: Context) -> dict[str, Handler]:
    """Return what runs each kind of job."""

    def solve(plan_job_id: str, should_stop: Callable[[], bool]) -> bool:
        # The solver takes half a second to load, and most processes never plan.
        from fieldops.usecases.plan_day import Ended, run_solve

        ended = run_solve(ctx, plan_job_id, should_stop)
        log.info("plan_job.ended", plan_job_id=plan_job_id, ended=ended.value)
        return ended is Ended.DONE

    def replan(replan_id: str, should_stop: Callable[[], bool]) -> bool:
        from fieldops.usecases.plan_day import Ended
        from fieldops.usecases.run_replan import run_replan

        ended = run_replan(ctx, replan_id, should_stop)
        log.info("replan.ended", replan_id=replan_id, ended=ended.value)
        return ended is Ended.DONE

    return {SOLVE: solve, REPLAN: replan}


def duties(ctx: Context, engine: Engine) -> list[Sweep]:
    """Return what a worker looks after besides its jobs."""
    return [
        *(
            Sweep(
                name=f"send-{channel}",
                every_s=SEND_EVERY_S,
                run=partial(send_due, ctx, channel=channel.value, worker=engine.executor_id),
            )
            for channel in Via
        ),
        Sweep(name="expire-holds", every_s=EXPIRE_EVERY_S, run=lambda: _expire_holds(ctx)),
        Sweep(name="ask-waitlist", every_s=WAITLIST_EVERY_S, run=lambda: transact(ctx, SYSTEM, sweep_waitlist)),
        Sweep(name="days-under-way", every_s=DAYS_EVERY_S, run=lambda: sweep_days(ctx)),
        Sweep(name="plan-nights", every_s=NIGHTS_EVERY_S, run=lambda: plan_nights(ctx)),
        Sweep(name="learn-factors", every_s=LEARN_EVERY_S, run=lambda: learn_nightly(ctx)),
        Sweep(name="settle-plan-jobs", every_s=SETTLE_EVERY_S, run=lambda: _settle(ctx, engine)),
        Sweep(name="settle-replans", every_s=SETTLE_EVERY_S, run=lambda: _settle_replans(ctx, engine)),
        Sweep(name="begin-replans", every_s=WANTED_EVERY_S, run=lambda: start_wanted_replans(ctx)),
        Sweep(name="forget-streams", every_s=FORGET_STREAMS_EVERY_S, run=lambda: forget_streams(ctx)),
        Sweep(name="forget-drafts", every_s=FORGET_DRAFTS_EVERY_S, run=lambda: forget_drafts(ctx)),
        Sweep(name="forget-old", every_s=FORGET_EVERY_S, run=lambda: _forget(ctx, engine)),
    ]


def _expire_holds(ctx: Context) -> None:
    """Let go all holds whose time is over."""
    while transact(ctx, SYSTEM, expire_holds, HOLDS_AT_A_TIME) == HOLDS_AT_A_TIME:
        pass


def _settle(ctx: Context, engine: Engine) -> None:
    """End the plan jobs that the engine does not know, or has given up."""
    lost = engine.lost(view(ctx, SYSTEM, unended_plan_jobs))
    if lost:
        transact(ctx, SYSTEM, fail_lost_plan_jobs, lost)


def _settle_replans(ctx: Context, engine: Engine) -> None:
    """End the replans that the engine does not know, or has given up."""
    lost = engine.lost(view(ctx, SYSTEM, unended_replans))
    if lost:
        transact(ctx, SYSTEM, fail_lost_replans, lost)


def _forget(ctx: Context, engine: Engine) -> None:
    """Forget what is old, the engine's own records included."""
    forget_old(ctx)
    forget_versions(ctx)
    before = ctx.clock.now() - timedelta(days=ctx.settings.retention_days)
    while engine.forget_finished(before):
        pass
