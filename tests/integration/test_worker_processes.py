"""Real processes of the service, killed and stopped in the middle of their work."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

from sqlalchemy import select

from fieldops.jobs.queue import DurableQueue, migrate_jobs
from fieldops.store.database import Database
from fieldops.store.migrate import upgrade
from fieldops.store.tables import ExecutorRow, PlanVersionRow
from fieldops.usecases.context import Context
from fieldops.usecases.plan_job_views import PlanJobView
from fieldops.usecases.request_solve import read_plan_job, request_solve
from fieldops.usecases.work import transact, view
from planned_dates import Names, add_date
from worlds import STAFF, ZONE, FakeClock, make_context

#: How long anything may take before a test gives up, seconds; only reached when something is broken.
PATIENCE_S = 40.0
FIELDOPS = (sys.executable, "-c", "from fieldops.cli import main; main()")


@contextmanager
def process(database: Database, command: str, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Run a command of the service, and make sure that it is gone afterwards."""
    url = database.url.render_as_string(hide_password=False)
    program = [*FIELDOPS, command, "--database-url", url, *options]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FIELDOPS_")}
    started = subprocess.Popen(program, stdout=subprocess.PIPE, text=True, cwd="/", env=environment)
    try:
        yield started
    finally:
        started.kill()
        started.wait()
        assert started.stdout is not None
        started.stdout.close()


def first_line(started: subprocess.Popen[str]) -> str:
    """Wait until a process says that it is up."""
    assert started.stdout is not None
    line = started.stdout.readline()
    assert line, "the process has ended"
    return line


def eventually(claim: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE_S
    while not claim():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def now_context(database: Database) -> Context:
    """Make a context whose jobs are really left, at the time that the processes have."""
    return replace(make_context(database, clock=FakeClock(datetime.now(UTC))), jobs=DurableQueue())


def add_territory(database: Database, day: date) -> Names:
    """Add a territory with a date to be planned, whose night is far away."""
    night = datetime.now(ZONE) + timedelta(hours=12)
    return add_date(database, day=day, plan_at=f"{night:%H:%M}")


def leave(ctx: Context, names: Names, day: date, seconds: int) -> str:
    """Leave a job that publishes itself."""
    return transact(ctx, STAFF, request_solve, names.territory, day, seconds, True).id


def look(ctx: Context, job_id: str) -> PlanJobView:
    """Look at a job."""
    return view(ctx, STAFF, read_plan_job, job_id)


def test_what_workers_had_begun_when_they_were_killed_or_stopped_is_not_lost(jobs_database: Database) -> None:
    """A machine loses power, another one is updated, in the middle of a night; in the morning every plan is there."""
    ctx = now_context(jobs_database)
    first_day = ctx.clock.now().date() + timedelta(days=2)
    names = add_territory(jobs_database, first_day)
    with process(jobs_database, "worker") as one, process(jobs_database, "worker") as two:
        workers = {first_line(worker).split()[1]: worker for worker in (one, two)}
        job_id = leave(ctx, names, first_day, 2)
        next_id = leave(ctx, names, first_day + timedelta(days=1), 1)
        eventually(lambda: look(ctx, job_id).progress is not None)
        with jobs_database.reading() as session:
            assert set(session.scalars(select(ExecutorRow.id).where(ExecutorRow.state == "up"))) == workers.keys()
        victim = owner_of(jobs_database, job_id)
        workers[victim].send_signal(signal.SIGKILL)
        workers[victim].wait()
        # Eight seconds of silence pass at once.
        with jobs_database.writing() as session:
            session.get_one(ExecutorRow, victim).seen_at -= timedelta(seconds=9)
        eventually(lambda: all(look(ctx, name).state == "published" for name in (job_id, next_id)))
        assert (look(ctx, job_id).attempts, look(ctx, next_id).attempts) == (2, 1)
        # Two workers, one territory: its jobs never overlap.
        earlier, later = sorted(span(look(ctx, name)) for name in (job_id, next_id))
        assert earlier[1] <= later[0]
        with jobs_database.reading() as session:
            assert session.get_one(ExecutorRow, victim).state == "reaped"
            # One version for each job, none of them twice.
            assert len(session.scalars(select(PlanVersionRow)).all()) == 2
        survivor = owner_of(jobs_database, job_id)
        assert survivor == next(name for name in workers if name != victim)

        # An orderly end puts a solve of ten minutes back, and is no failed attempt.
        long_id = leave(ctx, names, first_day, 600)
        eventually(lambda: look(ctx, long_id).progress is not None)
        workers[survivor].send_signal(signal.SIGTERM)
        assert workers[survivor].wait(PATIENCE_S) == 0
        put_back = look(ctx, long_id)
        assert (put_back.state, put_back.attempts) == ("queued", 0)
        with jobs_database.reading() as session:
            assert session.get_one(ExecutorRow, survivor).state == "stopped"


def span(job: PlanJobView) -> tuple[datetime, datetime]:
    """Return when a job was begun and when it ended."""
    assert job.started_at is not None
    assert job.finished_at is not None
    return job.started_at, job.finished_at


def owner_of(database: Database, job_id: str) -> str:
    """Ask the job engine's table which process has begun a job."""
    table = "workflow_status" if database.is_sqlite else "dbos.workflow_status"
    with database.engine.connect() as connection:
        query = f"select executor_id from {table} where workflow_uuid = '{job_id}'"
        owner: str = connection.exec_driver_sql(query).scalar_one()
        return owner


def test_one_process_serves_and_works_on_a_new_database(tmp_path: Path) -> None:
    """Somebody tries fieldops out: one command, nothing else."""
    database = Database(f"sqlite:///{tmp_path / 'new.db'}")
    with process(database, "serve", "--port", "0") as service:
        address = re.search(r"http://\S+", first_line(service))
        assert address is not None
        with urlopen(f"{address[0]}/healthz", timeout=PATIENCE_S) as answer:
            assert json.load(answer) == {"status": "alive"}
        eventually(lambda: has_worker(address[0]))
        service.send_signal(signal.SIGINT)
        assert service.wait(PATIENCE_S) == 0
    database.close()


def has_worker(address: str) -> bool:
    """Ask a service whether it is ready and has a worker."""
    try:
        with urlopen(f"{address}/readyz", timeout=PATIENCE_S) as answer:
            return bool(json.load(answer)["worker"])
    except OSError:
        return False


def test_a_service_whose_worker_cannot_start_ends_and_says_why(tmp_path: Path) -> None:
    """A service that books and never sends a message only looks as if it worked."""
    database = Database(f"sqlite:///{tmp_path / 'old.db'}")
    upgrade(database)
    migrate_jobs(database)
    with database.engine.connect() as connection:
        # Somebody has tidied up by hand.
        connection.exec_driver_sql("drop table queues")
        connection.commit()
    with process(database, "serve", "--port", "0") as service:
        assert service.wait(PATIENCE_S) not in {0, -signal.SIGTERM}
    database.close()


def test_a_database_without_tables_is_refused_with_what_to_do(tmp_path: Path) -> None:
    """With several processes it must be clear who migrates: a person, once."""
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    both = [
        subprocess.Popen(
            [*FIELDOPS, command, "--database-url", url],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
        )
        for command in ("api", "worker")
    ]
    for ended in both:
        _, said = ended.communicate(timeout=PATIENCE_S)
        assert ended.returncode == 1
        assert "run `fieldops db upgrade`" in said
        assert "Traceback" not in said
