"""Who is silent is taken for ended, once, by whoever notices; loops go on whatever happens in them."""

import threading
from collections.abc import Collection
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from fieldops.jobs.heartbeat import beat, reap, say_goodbye
from fieldops.jobs.sweeps import Sweep, Sweeper
from fieldops.store.database import Database
from fieldops.store.tables import ExecutorRow

PATIENCE_S = 20.0


class Left:
    """Jobs that were begun, by owner."""

    def __init__(self, *owners: str) -> None:
        self.left = set(owners)
        self.recovered: list[frozenset[str]] = []
        self.is_killed = False

    def owners(self) -> frozenset[str]:
        """Name those who have begun something."""
        return frozenset(self.left)

    def recover(self, executor_ids: Collection[str]) -> None:
        """Put their jobs back, unless this process is killed before."""
        if self.is_killed:
            raise KeyboardInterrupt
        self.recovered.append(frozenset(executor_ids))
        self.left -= set(executor_ids)


def states(database: Database, *executor_ids: str) -> list[str]:
    """Read how workers are."""
    with database.reading() as session:
        return [session.get_one(ExecutorRow, name).state for name in executor_ids]


def fall_silent(database: Database, executor_id: str, seconds: float) -> None:
    """Let time pass since a worker's last sign of life."""
    with database.writing() as session:
        session.get_one(ExecutorRow, executor_id).seen_at -= timedelta(seconds=seconds)


def test_only_who_is_silent_for_long_is_taken_for_ended(database: Database) -> None:
    """A busy machine misses a beat or two; its solve must not be begun a second time for that."""
    for name in ("alive", "slow", "ended"):
        beat(database, name)
    # Two beats missed; and four seconds left before it counts as ended, for a busy machine to get to the end of this.
    fall_silent(database, "slow", 4)
    fall_silent(database, "ended", 9)
    left = Left("alive", "slow", "ended")
    assert reap(database, left, "reaper") == {"ended"}
    assert states(database, "alive", "slow", "ended") == ["up", "up", "reaped"]
    assert left.left == {"alive", "slow"}
    assert reap(database, left, "reaper") == frozenset()


def test_who_said_goodbye_or_never_came_to_its_first_beat_is_not_waited_for(database: Database) -> None:
    """A deploy puts jobs back; the next worker should not wait for a silence that was announced."""
    beat(database, "stopped")
    say_goodbye(database, "stopped")
    left = Left("stopped", "never-heard-of")
    assert reap(database, left, "reaper") == {"stopped", "never-heard-of"}
    assert left.left == set()


def test_a_takeover_that_is_itself_killed_is_made_good_by_the_next_one(database: Database) -> None:
    """The worker that takes over may lose power, too: after it marked the other one, before it moved the jobs."""
    beat(database, "ended")
    fall_silent(database, "ended", 9)
    left = Left("ended")
    left.is_killed = True
    with pytest.raises(KeyboardInterrupt):
        reap(database, left, "reaper")
    assert states(database, "ended") == ["reaped"]
    left.is_killed = False
    assert reap(database, left, "reaper") == {"ended"}


def test_a_worker_that_wakes_up_is_up_again(database: Database) -> None:
    """A paused virtual machine goes on; it may take new jobs, and nobody takes those from it."""
    beat(database, "paused")
    fall_silent(database, "paused", 60)
    reap(database, Left("paused"), "reaper")
    beat(database, "paused")
    assert states(database, "paused") == ["up"]
    assert reap(database, Left("paused"), "reaper") == frozenset()


def test_a_worker_never_takes_itself_for_ended(database: Database) -> None:
    """A worker whose heartbeat waits for a lock still lives; taking its own solve back would have it solved twice."""
    for name in ("busy", "ended"):
        beat(database, name)
        fall_silent(database, name, 9)
    left = Left("busy", "ended")
    assert reap(database, left, "busy") == {"ended"}
    assert left.left == {"busy"}
    assert states(database, "busy", "ended") == ["up", "reaped"]


def test_a_loop_survives_a_database_that_does_not_answer_and_stops_when_told() -> None:
    """A hiccup of the database at night must not end the sending of messages until somebody restarts the worker."""
    runs = []
    thrice = threading.Event()

    def fail_once() -> None:
        runs.append(None)
        if len(runs) == 1:
            raise OperationalError("select 1", {}, Exception("the connection is lost"))
        if len(runs) == 3:
            thrice.set()

    sweeper = Sweeper([Sweep(name="test", every_s=0.01, run=fail_once)])
    sweeper.start()
    assert thrice.wait(PATIENCE_S)
    assert [thread.name for thread in threading.enumerate()].count("sweep-test") == 1
    sweeper.stop()
    assert "sweep-test" not in [thread.name for thread in threading.enumerate()]
