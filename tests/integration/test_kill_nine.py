"""Real processes, killed while customers book: a short form of benchmarks/crashes.py."""

from pathlib import Path

from crash_killer import Moment
from crash_run import Size, crash_run
from fieldops.store.database import Database


def test_nothing_is_lost_or_done_twice_when_processes_are_killed(database: Database, tmp_path: Path) -> None:
    """What a customer was told is so, is on a sound plan, and was written once, whatever is killed when."""
    size = Size(technicians=4, dates=4, workers=1, callers=3, warm_up_s=1.0, leaves=0.0)

    outcome = crash_run(database, tmp_path, size, seed=7, moments=(Moment.HANDING_OVER, None, Moment.SOLVING, None))

    assert outcome.verdict.faults == ()
    assert [kill.moment for kill in outcome.kills] == [Moment.HANDING_OVER, Moment.ANY, Moment.SOLVING, Moment.ANY]
    # The worker was killed when the provider had taken a message: the one case in which something is sent twice.
    assert outcome.verdict.twice >= 1
    assert outcome.log.bookings
    assert outcome.log.plan_jobs
