"""Leaving jobs behind in the transaction of what they are about."""

import threading
from typing import TYPE_CHECKING, Final

from sqlalchemy import Engine, inspect
from sqlalchemy.orm import Session

from fieldops.store.database import Database

if TYPE_CHECKING:
    from dbos import DBOSClient

#: Owner of the jobs in DBOS's tables.
APPLICATION: Final = "fieldops"
#: Jobs queued by one release are run by the next: the version never follows the code. Jobs carry ids only, and what
#: runs them reads everything else from our own tables, so their meaning is as stable as those are.
APPLICATION_VERSION: Final = "1"


class DurableQueue:
    """
    The queue of background jobs, kept by DBOS in the same database as everything else.

    Notes
    -----
    Inside a write transaction only the caller's own connection is used: on SQLite any other one would wait for the
    lock that this transaction holds. DBOS is imported with the first job, so that a process that only serves requests
    starts without it.
    """

    def __init__(self) -> None:
        self._clients: dict[Engine, DBOSClient] = {}
        self._guard = threading.Lock()

    def enqueue(self, session: Session, job: str, argument: str, *, job_id: str, partition: str | None = None) -> None:
        """
        Leave a job behind; it starts when the transaction commits, and never when it does not.

        Parameters
        ----------
        job
            Name of the job and of its queue.
        argument
            An id.
        job_id
            A job with an id that is known already is not left twice.
        partition
            Jobs of one partition run one after the other.
        """
        from dbos import EnqueueOptions, WorkflowSerializationFormat

        options = EnqueueOptions(
            workflow_name=job,
            queue_name=job,
            workflow_id=job_id,
            app_version=APPLICATION_VERSION,
            serialization_type=WorkflowSerializationFormat.PORTABLE,
        )
        if partition is not None:
            options["queue_partition_key"] = partition
        self._client(session).enqueue_in_transaction(session, options, argument)

    def has_tables(self, database: Database) -> bool:
        """Whether DBOS's tables are there; whether they are new enough, it judges itself when a worker starts."""
        schema = None if database.is_sqlite else "dbos"
        return inspect(database.engine).has_table("workflow_status", schema=schema)

    def _client(self, session: Session) -> "DBOSClient":
        """Return the client of a session's database; it never opens a connection of its own."""
        from dbos import DBOSClient

        engine = session.connection().engine
        with self._guard:
            if engine not in self._clients:
                self._clients[engine] = DBOSClient(
                    system_database_engine=engine, application_name=APPLICATION, lazy=True
                )
            return self._clients[engine]


def migrate_jobs(database: Database) -> None:
    """Bring DBOS's own tables up to date; harmless when they are, or when another process does it at the same time."""
    from dbos import DBOS

    DBOS.migrate(database.url.render_as_string(hide_password=False))
