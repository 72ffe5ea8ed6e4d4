"""Real databases and a real server for the benchmarks of the service, all on the loopback, and a client for them."""

import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final

from service_data import CACHE, copy_rows
from sqlalchemy import text

from fieldops.bench.machine import machine_facts
from fieldops.settings import Settings
from fieldops.store.database import Database
from fieldops.usecases.actor import SYSTEM, Scope
from fieldops.usecases.api_keys import create_api_key
from fieldops.usecases.work import transact
from fieldops.wiring import make_context, migrate

TESTS: Final = Path(__file__).parents[1] / "tests"
DATABASES: Final = ("sqlite", "postgresql")
#: How long a server may take to listen and to end, seconds.
START_LIMIT_S: Final = 30
END_LIMIT_S: Final = 15
#: As a server has them out of the box: every commit is on disk before it is answered.
DURABLE: Final = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "128MB",
    "max_connections": "100",
    "autovacuum": "on",
    "deadlock_timeout": "1s",
}
#: Nobody is kept waiting by a limit that is there against loops.
NO_LIMITS: Final = {"FIELDOPS_RATE_LIMIT": "100000000/minute"}
#: Rights of the programs that ask.
SCOPES: Final = (Scope.BOOKINGS_READ, Scope.BOOKINGS_WRITE)
HTTP_CREATED: Final = 201


@contextmanager
def filled_database(kind: str, filled: Path) -> Iterator[str]:
    """Give the address of a durable database with the rows of a SQLite file; everything is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="service-run-", dir=CACHE))
    try:
        if kind == "sqlite":
            shutil.copyfile(filled, folder / "fieldops.db")
            yield f"sqlite:///{folder / 'fieldops.db'}"
            return
        sys.path.append(str(TESTS))
        from databases import started_postgres

        with started_postgres(in_memory=False, **DURABLE) as url:
            address = url.render_as_string(hide_password=False)
            source, target = Database(f"sqlite:///{filled}"), Database(address)
            try:
                migrate(target)
                copy_rows(source, target)
            finally:
                source.close()
                target.close()
            yield address
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_key(url: str, scopes: Sequence[Scope] = SCOPES) -> str:
    """Make an API key in a database."""
    ctx = make_context(Settings(_env_file=None, database_url=url))
    try:
        made = transact(ctx, SYSTEM, create_api_key, name="benchmark", scopes=list(scopes))
    finally:
        ctx.database.close()
    assert made.key is not None
    return made.key


@contextmanager
def serving(url: str, command: str = "api", **environ: str) -> Iterator[tuple[str, int]]:
    """
    Run one process of the service, ``fieldops serve``, ``api`` or ``worker``, and end it afterwards.

    Returns
    -------
    tuple[str, int]
        Where it listens; of a worker, nothing that means anything.
    """
    program = Path(sys.executable).with_name("fieldops")
    settings = {"FIELDOPS_DATABASE_URL": url, "FIELDOPS_LOG_FORMAT": "json", "PYTHONUNBUFFERED": "1"}
    # It also ends when this process is killed.
    leash = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
    log = Path(tempfile.mkstemp(prefix="service-log-", dir=CACHE)[1])
    with log.open("w") as errors:
        process = subprocess.Popen(
            [*leash, program, command, *([] if command == "worker" else ["--port", "0"])],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd=CACHE,
            env={**os.environ, **NO_LIMITS, **settings, **environ},
            start_new_session=True,
        )
    try:
        told = _first_line(process, log)
        address = re.search(r"http://([0-9.]+):(\d+)", told)
        yield (address[1], int(address[2])) if address else ("", 0)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=END_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.unlink(missing_ok=True)


def _first_line(process: subprocess.Popen[str], log: Path) -> str:
    """Wait until a process says that it is up."""
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], START_LIMIT_S)
    told = process.stdout.readline() if ready else ""
    if not told:
        raise RuntimeError(f"the service did not start:\n{log.read_text()[-2_000:]}")
    return told


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, how many bytes of it, and how long it took: from sending the first byte to reading the last."""

    status: int
    body: Any
    ms: float
    size: int


class Client:
    """One caller with one connection that stays open; not for several threads."""

    def __init__(self, address: tuple[str, int], key: str) -> None:
        self._connection = HTTPConnection(*address, timeout=60)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def post(self, path: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Answer:
        """Send a request and read the answer."""
        return self._send("POST", path, json.dumps(body).encode(), headers or {})

    def get(self, path: str) -> Answer:
        """Read something."""
        return self._send("GET", path, None, {})

    def delete(self, path: str) -> Answer:
        """Take something back."""
        return self._send("DELETE", path, None, {})

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        begin = time.perf_counter()
        self._connection.request(method, path, body, {**self._headers, **headers})
        response = self._connection.getresponse()
        content = response.read()
        took = time.perf_counter() - begin
        return Answer(response.status, json.loads(content) if content else None, 1_000 * took, len(content))


def footer(url: str, seed: int) -> str:
    """Say what was measured on: machine, versions, commit, database and how durable it was."""
    database = Database(url)
    try:
        with database.engine.connect() as connection:
            if database.is_sqlite:
                version = connection.execute(text("select sqlite_version()")).scalar_one()
                told = f"SQLite {version}, WAL, synchronous=FULL"
            else:
                version = connection.execute(text("show server_version")).scalar_one()
                told = f"PostgreSQL {version}, fsync and synchronous_commit on"
    finally:
        database.close()
    return "; ".join(f"{name}: {value}" for name, value in {**machine_facts(), "database": told, "seed": seed}.items())
