"""Jobs start when the transaction that left them commits, once, one at a time in each partition."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from fieldops.jobs.engine import Engine, Handler
from fieldops.jobs.queue import DurableQueue
from fieldops.store.database import Database

#: How long a job may take to start or to end before a test gives up, seconds.
PATIENCE_S = 20.0


class Notes:
    """What handlers write down, in the order of events."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._changed = threading.Condition()

    def write(self, line: str) -> None:
        """Write a line."""
        with self._changed:
            self.lines.append(line)
            self._changed.notify_all()

    def wait_for(self, claim: Callable[[list[str]], bool]) -> None:
        """Wait until the lines are as claimed."""
        with self._changed:
            assert self._changed.wait_for(lambda: claim(self.lines), PATIENCE_S), self.lines


@contextmanager
def running(database: Database, handler: Handler, *, concurrency: int = 4) -> Iterator[Engine]:
    """Run an engine with one kind of job, named ``work``."""
    engine = Engine(database, {"work": handler}, concurrency=concurrency)
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()


def leave(database: Database, name: str, *, partition: str = "p", job_id: str | None = None) -> None:
    """Leave a job in a transaction of its own."""
    with database.writing() as session:
        DurableQueue().enqueue(session, "work", name, job_id=job_id or name, partition=partition)


def test_a_job_left_in_a_transaction_that_fails_never_runs(jobs_database: Database) -> None:
    """A solve must not start for a request that was answered with an error."""
    notes = Notes()

    def leave_and_fail() -> None:
        with jobs_database.writing() as session:
            DurableQueue().enqueue(session, "work", "never", job_id="never", partition="p")
            raise LookupError

    def write(argument: str, _should_stop: Callable[[], bool]) -> bool:
        notes.write(argument)
        return True

    with running(jobs_database, write):
        with pytest.raises(LookupError):
            leave_and_fail()
        # Same partition: had the first one been left, it would be begun before this one.
        leave(jobs_database, "later")
        notes.wait_for(lambda lines: "later" in lines)
    assert notes.lines == ["later"]


def test_a_job_left_twice_runs_once(jobs_database: Database) -> None:
    """A request that is repeated after a lost answer must not solve twice."""
    notes = Notes()

    def write(argument: str, _should_stop: Callable[[], bool]) -> bool:
        notes.write(argument)
        return True

    with running(jobs_database, write):
        leave(jobs_database, "twice")
        notes.wait_for(lambda lines: lines == ["twice"])
        leave(jobs_database, "twice")
        leave(jobs_database, "last")
        notes.wait_for(lambda lines: "last" in lines)
    assert notes.lines == ["twice", "last"]


def test_jobs_of_one_partition_never_overlap_and_those_of_others_do(jobs_database: Database) -> None:
    """Two solves of one territory would undo each other's work; another territory need not wait."""
    notes = Notes()
    met = threading.Barrier(2, timeout=PATIENCE_S)

    def write(argument: str, _should_stop: Callable[[], bool]) -> bool:
        notes.write(f"begin {argument}")
        if argument in {"a1", "b1"}:
            # Passed only while the other partition's job runs, too.
            met.wait()
        notes.write(f"end {argument}")
        return True

    for name in ("a1", "a2", "a3", "b1"):
        leave(jobs_database, name, partition=name[0])
    # The order within a partition is the order of leaving only where the clock tells it.
    with running(jobs_database, write):
        notes.wait_for(lambda lines: sum(line.startswith("end") for line in lines) == 4)
    of_a = [line for line in notes.lines if " a" in line]
    begun, ended = of_a[::2], of_a[1::2]
    assert [line.removeprefix("begin ") for line in begun] == [line.removeprefix("end ") for line in ended]


def test_a_job_in_hand_when_the_worker_stops_goes_on_in_another(jobs_database: Database) -> None:
    """A deploy must not lose the solve that happens to run."""
    notes = Notes()

    def until_told(argument: str, should_stop: Callable[[], bool]) -> bool:
        notes.write(f"first {argument}")
        deadline = time.monotonic() + PATIENCE_S
        while not should_stop() and time.monotonic() < deadline:
            time.sleep(0.01)
        return False

    def write(argument: str, _should_stop: Callable[[], bool]) -> bool:
        notes.write(f"second {argument}")
        return True

    with running(jobs_database, until_told) as first:
        leave(jobs_database, "long")
        notes.wait_for(lambda lines: lines == ["first long"])
    with running(jobs_database, write) as second:
        assert second.owners() == {first.executor_id}
        second.recover([first.executor_id])
        notes.wait_for(lambda lines: lines[1:] == ["second long"])


def test_a_job_that_fails_is_lost_and_the_next_one_runs(jobs_database: Database) -> None:
    """A broken promise of our own code must not stop a territory's jobs for ever."""
    notes = Notes()

    def fail_once(argument: str, _should_stop: Callable[[], bool]) -> bool:
        notes.write(argument)
        if argument == "bad":
            raise RuntimeError(argument)
        return True

    with running(jobs_database, fail_once) as engine:
        leave(jobs_database, "bad")
        notes.wait_for(lambda lines: lines == ["bad"])
        leave(jobs_database, "good")
        notes.wait_for(lambda lines: lines == ["bad", "good"])
        assert engine.lost(["bad", "unheard-of"]) == {"bad", "unheard-of"}
