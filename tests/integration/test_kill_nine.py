"""Real processes, killed while customers book: a short form of benchmarks/crashes.py."""

from pathlib import Path

from crash_killer import Moment
from crash_run import Size, crash_run
from fieldops.store.database import Database


def test_nothing_is_lost_or_done_twice_when_processes_are_killed(jobs_database: Database, tmp_path: Path) -> None:
    """What a customer was told is so, is on a sound plan, and was written once, whatever is killed when."""
    size = Size(
        technicians=4,
        dates=4,
        callers=3,
        think_s=0.6,
        warm_up_s=1.0,
        leaves=0.0,
        plan_s=1,
        drains_s=60.0,
        pause_s=(0.0, 0.2),
    )
    # Both workers and the API within seconds, so that everything is down at once.
    moments = (Moment.SOLVING, Moment.HANDING_OVER, Moment.BOOKING)

    outcome = crash_run(jobs_database, tmp_path, size, seed=7, moments=moments)

    assert outcome.verdict.faults == ()
    assert len(outcome.kills) == 3
    # The plan and the message that their workers had in hand went on without them.
    assert {kill.job is not None for kill in outcome.kills} == {True, False}
    assert any(kill.messages for kill in outcome.kills)
    assert outcome.log.bookings
