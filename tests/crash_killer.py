"""Kills processes of the service at random points, starts them again, and measures how soon work goes on."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import and_, or_, select, text

from crash_load import Log
from crash_processes import API, UP_WITHIN_S, Process, Service
from fieldops.store.database import Database
from fieldops.store.tables import MessageRow

#: How long the killer waits for the moment it wants, seconds; then any moment will do.
WAITS_S: Final = 30.0
#: Between two looks at the database, seconds.
LOOK_S: Final = 0.1
#: A request that makes or changes a booking takes about as long, seconds.
REQUEST_S: Final = 0.05
#: A transaction whose client is gone has ended by then, seconds.
COMMITTED_WITHIN_S: Final = 0.2
#: How long a process is left dead at most, seconds.
LONGEST_DOWN_S: Final = 1.0
#: Work that has not gone on by then is taken for hanging, seconds.
HANGS_AFTER_S: Final = 90.0


class Moment(StrEnum):
    """At which point a process is killed."""

    ANY = "any"
    #: The API has a request in hand that makes or changes a booking.
    BOOKING = "booking"
    #: A provider has taken a message; the worker does not know it yet.
    HANDING_OVER = "handing over"
    #: The worker has begun a plan.
    SOLVING = "solving"


@dataclass(slots=True, kw_only=True)
class Kill:
    """
    One kill, and what became of the work.

    Attributes
    ----------
    at
        Seconds of the monotonic clock.
    down_s
        How long the process was left dead, and how long it then took to come up.
    resumed_s
        API: until the first request begun since was answered. Worker: until the next message was delivered or job
        begun, by whatever worker. None = it has not.
    messages, job
        What the process had in hand: ids of messages, and of a plan job.
    messages_s, job_s
        Until the last of those messages, and that job, were taken up by somebody else.
    """

    number: int
    victim: str
    moment: Moment
    at: float
    down_s: float = 0.0
    up_s: float = 0.0
    resumed_s: float | None = None
    messages: tuple[str, ...] = ()
    messages_s: float | None = None
    job: str | None = None
    job_s: float | None = None


class Killer:
    """
    Kills one process after the other.

    Parameters
    ----------
    database
        That of the service.
    pause_s
        Least and longest time before each kill.
    """

    def __init__(
        self,
        service: Service,
        database: Database,
        log: Log,
        *,
        seed: int,
        pause_s: tuple[float, float],
    ) -> None:
        self.kills: list[Kill] = []
        self._service = service
        self._database = database
        self._log = log
        self._rng = random.Random(seed)
        self._pause_s = pause_s
        self._watchers: list[threading.Thread] = []
        self._restarts: list[threading.Thread] = []

    def kill_some(self, number: int) -> None:
        """Kill so many processes, drawn at random: the API in two of five cases, a worker in three."""
        for _ in range(number):
            if self._rng.random() < 0.4:
                self.kill_api(self._rng.choice((Moment.ANY, Moment.BOOKING)))
            else:
                self.kill_worker(
                    self._rng.choices((Moment.ANY, Moment.HANDING_OVER, Moment.SOLVING), weights=(6, 3, 2))[0]
                )
            self._restarts[-1].join()
            # Another kill before that would be counted twice.
            self._within(HANGS_AFTER_S, lambda: self.kills[-1].resumed_s is not None)

    def kill_api(self, moment: Moment) -> None:
        """After a pause kill the API at a moment; it is started again meanwhile."""
        time.sleep(self._rng.uniform(*self._pause_s))
        victim = self._alive(lambda process: process.name == API)
        if moment is Moment.BOOKING:
            self._log.booking.clear()
            moment = moment if self._log.booking.wait(WAITS_S) else Moment.ANY
            time.sleep(self._rng.uniform(0.0, REQUEST_S))
        victim.kill()
        self._follow_up(victim, moment)

    def kill_worker(self, moment: Moment) -> None:
        """After a pause kill a worker at a moment; it is started again meanwhile."""
        time.sleep(self._rng.uniform(*self._pause_s))
        victim: Process | None = None
        if moment is Moment.HANDING_OVER:
            victim = self._kill_while_handing_over()
        elif moment is Moment.SOLVING:
            victim = self._within(WAITS_S, self._solving)
            if victim is not None:
                victim.kill()
        if victim is None:
            victim, moment = self._alive(lambda process: process.name != API), Moment.ANY
            victim.kill()
        self._follow_up(victim, moment)

    def wait_until_work_goes_on(self) -> None:
        """Wait until it is known of every kill how soon work went on, or that it did not."""
        for thread in self._watchers:
            thread.join()

    def wait_until_all_are_up(self) -> None:
        """Wait until every process that was killed has come up again."""
        for thread in self._restarts:
            thread.join()

    def _follow_up(self, victim: Process, moment: Moment) -> None:
        """Write a kill down, have the process started again, and have somebody watch how work goes on."""
        kill = Kill(number=len(self.kills) + 1, victim=victim.name, moment=moment, at=time.monotonic())
        self.kills.append(kill)
        victim.bury()
        if victim.name != API:
            # What it had asked the database to commit is still being committed.
            time.sleep(COMMITTED_WITHIN_S)
            kill.messages = self._messages_of(victim.executor_id)
            kill.job = self._job_of(victim.executor_id)
        watched = (kill, victim.executor_id)
        self._watchers.append(threading.Thread(target=self._watch, args=watched, daemon=True))
        down_s = self._rng.uniform(0.0, LONGEST_DOWN_S)
        self._restarts.append(threading.Thread(target=self._restart, args=(kill, victim, down_s), daemon=True))
        self._watchers[-1].start()
        self._restarts[-1].start()

    def _restart(self, kill: Kill, victim: Process, down_s: float) -> None:
        """Start a process again after a while, as a supervisor does."""
        time.sleep(down_s)
        kill.down_s = time.monotonic() - kill.at
        try:
            victim.start()
        except AssertionError as error:
            self._log.faults.append(str(error))
        kill.up_s = time.monotonic() - kill.at - kill.down_s

    def _alive(self, is_meant: Callable[[Process], bool]) -> Process:
        """Draw one of the processes meant that is up, and wait for one if none is."""
        meant = [process for process in self._service.processes if is_meant(process)]
        self._rng.shuffle(meant)
        found = self._within(UP_WITHIN_S, lambda: next((process for process in meant if process.is_up), None))
        assert found is not None, f"none of {[process.name for process in meant]} is up"
        return found

    def _kill_while_handing_over(self) -> Process | None:
        """Kill the worker whose message is taken next, before it hears of that."""
        killed: list[Process] = []
        is_over = threading.Event()

        def ambush(message_id: str) -> None:
            with self._database.reading() as session:
                claimed_by = session.scalar(select(MessageRow.claimed_by).where(MessageRow.id == message_id))
            victim = self._service.process_of(claimed_by or "")
            if victim is not None:
                victim.kill()
                killed.append(victim)
            is_over.set()

        self._service.providers.lie_in_wait(ambush)
        is_over.wait(WAITS_S)
        self._service.providers.lie_in_wait(None)
        return killed[0] if killed else None

    def _solving(self) -> Process | None:
        """Find a worker that has a plan in hand."""
        owners = self._rows("select executor_id from {jobs} where status = 'PENDING'")
        return next((process for (owner,) in owners if (process := self._service.process_of(owner))), None)

    def _job_of(self, executor_id: str) -> str | None:
        """Find the plan job a worker had in hand."""
        query = "select workflow_uuid from {jobs} where status = 'PENDING' and executor_id = :owner"
        found = self._rows(query, owner=executor_id)
        return found[0][0] if found else None

    def _rows(self, query: str, **values: str) -> list[tuple[str, ...]]:
        """Ask the job engine's own table."""
        jobs = "workflow_status" if self._database.is_sqlite else "dbos.workflow_status"
        with self._database.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query.format(jobs=jobs)), values)]

    def _messages_of(self, executor_id: str) -> tuple[str, ...]:
        with self._database.reading() as session:
            of_worker = select(MessageRow.id).where(MessageRow.state == "sending", MessageRow.claimed_by == executor_id)
            return tuple(session.scalars(of_worker))

    def _watch(self, kill: Kill, executor_id: str) -> None:
        """Look until work goes on."""

        def is_seen() -> bool:
            since = time.monotonic() - kill.at
            if kill.messages and kill.messages_s is None and not self._wait_for_a_worker(kill.messages, executor_id):
                kill.messages_s = since
            if kill.job is not None and kill.job_s is None and self._is_taken_up(kill.job, executor_id):
                kill.job_s = since
            if kill.resumed_s is None:
                kill.resumed_s = self._resumed_s(kill)
            return not (
                kill.resumed_s is None
                or (kill.messages and kill.messages_s is None)
                or (kill.job is not None and kill.job_s is None)
            )

        self._within(HANGS_AFTER_S, is_seen)

    def _wait_for_a_worker(self, message_ids: tuple[str, ...], dead: str) -> bool:
        """Tell whether one of these messages is still in the hands of a dead worker, or in nobody's."""
        in_dead_hands = and_(MessageRow.state == "sending", MessageRow.claimed_by == dead)
        waiting = select(MessageRow.id).where(
            MessageRow.id.in_(message_ids), or_(MessageRow.state == "due", in_dead_hands)
        )
        with self._database.reading() as session:
            return session.scalars(waiting).first() is not None

    def _is_taken_up(self, job_id: str, dead: str) -> bool:
        """Tell whether somebody else has begun a job again, or it has ended: perhaps just before its worker did."""
        query = "select executor_id, status from {jobs} where workflow_uuid = :job"
        [(owner, status)] = self._rows(query, job=job_id)
        return status != "ENQUEUED" and (owner != dead or status != "PENDING")

    def _resumed_s(self, kill: Kill) -> float | None:
        """Tell after how many seconds the first piece of work was done since a kill, if one was."""
        if kill.victim == API:
            done = [ended for began, ended in list(self._log.answered) if began > kill.at]
            return min(done) - kill.at if done else None
        delivered = [receipt.at for receipt in list(self._service.providers.receipts) if receipt.at > kill.at]
        if delivered:
            return min(delivered) - kill.at
        return kill.job_s

    def _within(self, seconds: float, look: Callable[[], "Process | bool | None"]) -> "Process | None":
        """Look again and again until there is something to be seen."""
        give_up_at = time.monotonic() + seconds
        while time.monotonic() < give_up_at:
            found = look()
            if found:
                return found if isinstance(found, Process) else None
            time.sleep(LOOK_S)
        return None
