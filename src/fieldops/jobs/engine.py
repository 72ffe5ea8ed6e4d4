"""
The job engine of one process: DBOS, hidden. Nothing outside `fieldops.jobs` knows its name.

DBOS decides which process runs a job, when, and that jobs of one partition do not overlap. What a job does, and what it
means to begin it again after a crash, is the business of the use case it calls.
"""

import os
import secrets
import socket
import threading
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Final

import structlog
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer
from sqlalchemy.exc import OperationalError

from fieldops.errors import DatabaseBusy
from fieldops.jobs.queue import APPLICATION, APPLICATION_VERSION
from fieldops.store.database import Database

#: How often a worker looks for jobs, seconds.
POLL_S: Final = 0.2
#: How often a process may begin one job before DBOS gives it up; use cases give up earlier, and say why.
MOST_RECOVERIES: Final = 100
#: Pauses between tries of a job that failed because the database did not answer, seconds.
PAUSES_S: Final = (1.0, 2.0, 4.0, 8.0, 16.0)
#: Connections for DBOS's own bookkeeping.
POOL_SIZE: Final = 5

log = structlog.get_logger(__name__)

#: What runs a job: gets its argument and a question to ask now and then; False = it was told to stop and has put
#: everything back for another process.
Handler = Callable[[str, Callable[[], bool]], bool]


class _HandedBack(BaseException):
    """
    The process ends and the job is to go on elsewhere.

    Not an `Exception`: DBOS records those as the outcome, and this is none. The job stays pending under the name of
    this process, which the others take for ended.
    """


class Engine:
    """
    The job engine; one per process.

    Parameters
    ----------
    handlers
        Job name, which is also the name of its queue, to what runs it.
    concurrency
        Jobs of one queue that this process runs at a time.

    Attributes
    ----------
    executor_id
        Name of this process among all workers; never used again.
    """

    def __init__(self, database: Database, handlers: Mapping[str, Handler], *, concurrency: int) -> None:
        self.executor_id = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._url = database.url.render_as_string(hide_password=False)
        self._handlers = handlers
        self._concurrency = concurrency
        self._stopping = threading.Event()
        self._running = 0
        self._idle = threading.Condition()

    def start(self) -> None:
        """Begin to take jobs."""
        config = DBOSConfig(
            name=APPLICATION,
            system_database_url=self._url,
            application_version=APPLICATION_VERSION,
            executor_id=self.executor_id,
            serializer=DBOSPortableJSONSerializer(),
            sys_db_pool_size=POOL_SIZE,
            run_migrations=False,
            log_level="ERROR",
            # Nothing is scheduled through DBOS (docs/decisions/0014).
            scheduler_polling_interval_sec=3_600.0,
        )
        DBOS(config=config)
        for name, handler in self._handlers.items():
            DBOS.workflow(name=name, max_recovery_attempts=MOST_RECOVERIES)(self._job(name, handler))
        DBOS.launch()
        for name in self._handlers:
            DBOS.register_queue(
                name,
                worker_concurrency=self._concurrency,
                partition_concurrency=1,
                polling_interval_sec=POLL_S,
                on_conflict="always_update",
            )

    def stop(self, *, within_s: float = 20.0) -> None:
        """Take no more jobs, ask the running ones to put their work back, wait for that, and end."""
        self._stopping.set()
        with self._idle:
            self._idle.wait_for(lambda: self._running == 0, timeout=within_s)
        DBOS.destroy(destroy_registry=True)

    def owners(self) -> frozenset[str]:
        """Name the processes that have begun jobs and not finished them."""
        pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        return frozenset(job.executor_id for job in pending if job.executor_id)

    def recover(self, executor_ids: Collection[str]) -> None:
        """
        Put the jobs of ended processes back into their queues.

        Notes
        -----
        Each job moves only while it still belongs to one of these processes, so it does no harm when several workers
        do this at once, or when it is cut short and repeated.
        """
        DBOS._recover_pending_workflows(sorted(executor_ids))

    def forget_finished(self, before: datetime, *, limit: int = 1_000) -> int:
        """Delete the engine's records of jobs that ended before an instant; return how many."""
        finished = DBOS.list_workflows(
            status=["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"],
            completed_before=before.isoformat(),
            limit=limit,
            load_input=False,
            load_output=False,
        )
        if finished:
            DBOS.delete_workflows([job.workflow_id for job in finished])
        return len(finished)

    def lost(self, job_ids: Collection[str]) -> frozenset[str]:
        """Pick those jobs of which the engine knows that nobody will ever run them."""
        if not job_ids:
            return frozenset()
        known = DBOS.list_workflows(workflow_ids=sorted(job_ids), load_input=False, load_output=False)
        alive = {job.workflow_id for job in known if job.status in {"PENDING", "ENQUEUED", "DELAYED"}}
        return frozenset(job_ids) - alive

    def _job(self, name: str, handler: Handler) -> Callable[[str], None]:
        """Make the function DBOS calls."""

        def run(argument: str) -> None:
            with self._idle:
                self._running += 1
            try:
                self._try(name, handler, argument)
            finally:
                with self._idle:
                    self._running -= 1
                    self._idle.notify_all()

        run.__qualname__ = run.__name__ = name
        return run

    def _try(self, name: str, handler: Handler, argument: str) -> None:
        """Run a job, again when the database does not answer for a while."""
        for pause in (*PAUSES_S, None):
            if self._stopping.is_set():
                raise _HandedBack
            try:
                if not handler(argument, self._stopping.is_set):
                    raise _HandedBack
            except (OperationalError, DatabaseBusy) as error:
                if pause is None:
                    raise
                log.warning("job.database_unavailable", job=name, argument=argument, error=str(error))
                self._stopping.wait(pause)
            else:
                return
