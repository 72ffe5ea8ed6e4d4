"""The service in processes of its own, to be killed; and the servers it hands messages to."""

import os
import re
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Final

from databases import free_port
from fieldops.store.database import Database
from local_servers import Reply, Request, http_server, mail_server

API: Final = "api"
#: How long a process may take to come up, seconds.
UP_WITHIN_S: Final = 60.0
#: Of the SMS service that is none.
ACCOUNT: Final = "AC1"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A message that was taken, by the name it was given here, and when (seconds of the monotonic clock)."""

    message_id: str
    channel: str
    at: float


class Providers:
    """
    A mail server, an SMS service and an endpoint of webhooks that take everything and remember it.

    Attributes
    ----------
    receipts
        In the order in which they came.
    """

    def __init__(self) -> None:
        self.receipts: list[Receipt] = []
        self._ambush: Callable[[str], object] | None = None
        self._guard = threading.Lock()

    def lie_in_wait(self, ambush: Callable[[str], object] | None) -> None:
        """Call something with the next message that is taken, before its sender hears of it; None = no longer."""
        with self._guard:
            self._ambush = ambush

    def take_mail(self, mail: EmailMessage) -> None:
        """Take an e-mail."""
        self._take(str(mail["Message-ID"]).strip("<>").partition("@")[0], "email")

    def take_request(self, request: Request) -> Reply:
        """Take a text message, or an event."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        if "fieldops-id" in headers:
            self._take(headers["fieldops-id"], "webhook")
            return Reply()
        message_id = headers["idempotency-key"]
        self._take(message_id, "sms")
        return Reply(status=201, body=b'{"sid": "%s", "status": "queued"}' % message_id.encode())

    def by_message(self) -> Mapping[str, list[Receipt]]:
        """Return the receipts of every message."""
        found = defaultdict(list)
        for receipt in list(self.receipts):
            found[receipt.message_id].append(receipt)
        return found

    def _take(self, message_id: str, channel: str) -> None:
        with self._guard:
            self.receipts.append(Receipt(message_id, channel, time.monotonic()))
            ambush, self._ambush = self._ambush, None
        if ambush is not None:
            ambush(message_id)


@dataclass(slots=True)
class Process:
    """
    A process that is started again and again.

    Attributes
    ----------
    executor_id
        Of a worker that runs: its name among all workers.
    is_up
        Whether it has said so, and was not killed since.
    """

    name: str
    command: tuple[str, ...]
    environ: Mapping[str, str]
    log: Path
    executor_id: str = ""
    is_up: bool = False
    popen: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it, and wait until it says that it is up."""
        with self.log.open("a") as log:
            self.popen = subprocess.Popen(
                [sys.executable, "-c", "from fieldops.cli import main; main()", *self.command],
                cwd=self.log.parent,
                env=dict(self.environ),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        # A process that hangs is ended, which closes the pipe.
        too_late = threading.Timer(UP_WITHIN_S, self.popen.kill)
        too_late.start()
        assert self.popen.stdout is not None
        line = self.popen.stdout.readline()
        too_late.cancel()
        assert "is up" in line, f"{self.name} did not start:\n{self.log.read_text()}"
        found = re.search(r"worker (\S+) is up", line)
        self.executor_id = found[1] if found else ""
        self.is_up = True

    def kill(self) -> None:
        """Kill it, as the kernel does when memory runs out: it learns nothing of it."""
        assert self.popen is not None
        assert self.popen.poll() is None, f"{self.name} has ended by itself:\n{self.log.read_text()[-2_000:]}"
        self.popen.kill()
        self.is_up = False

    def bury(self) -> None:
        """Wait until it is gone, and close its pipe."""
        if self.popen is not None:
            self.popen.wait()
            assert self.popen.stdout is not None
            self.popen.stdout.close()

    def end(self) -> None:
        """Make an end of it, if it has ever been started."""
        if self.popen is not None:
            self.popen.kill()
            self.bury()


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """An API and workers on one database, and what they talk to."""

    url: str
    webhook_url: str
    processes: tuple[Process, ...]
    providers: Providers = field(default_factory=Providers)

    def process_of(self, executor_id: str) -> Process | None:
        """Find the worker of a name, if it is up."""
        return next((one for one in self.processes if one.is_up and one.executor_id == executor_id), None)


@contextmanager
def crash_service(database: Database, folder: Path, *, workers: int = 2) -> Iterator[Service]:
    """Run an API and workers on a migrated database; what they write to their logs is kept in the folder."""
    providers = Providers()
    with ExitStack() as stack:
        mailbox = stack.enter_context(mail_server(on_mail=providers.take_mail))
        http = stack.enter_context(http_server(providers.take_request))
        port = free_port()
        environ = {name: value for name, value in os.environ.items() if not name.upper().startswith("FIELDOPS_")}
        environ |= {
            "FIELDOPS_DATABASE_URL": database.url.render_as_string(hide_password=False),
            "FIELDOPS_PORT": str(port),
            "FIELDOPS_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "FIELDOPS_RATE_LIMIT": "1000000/minute",
            "FIELDOPS_SMTP_URL": f"smtp://127.0.0.1:{mailbox.port}",
            "FIELDOPS_SMS_URL": http.url,
            "FIELDOPS_SMS_ACCOUNT": ACCOUNT,
            "FIELDOPS_SMS_TOKEN": "token",
            "FIELDOPS_SMS_FROM": "+12025550100",
            "FIELDOPS_WEBHOOKS_ALLOW_PRIVATE": "true",
        }
        names = [API, *(f"worker-{number + 1}" for number in range(workers))]
        processes = tuple(
            Process(name=name, command=(name.partition("-")[0],), environ=environ, log=folder / f"{name}.log")
            for name in names
        )
        for process in processes:
            stack.callback(process.end)
        with ThreadPoolExecutor(len(processes)) as threads:
            list(threads.map(Process.start, processes))
        yield Service(
            url=f"http://127.0.0.1:{port}", webhook_url=f"{http.url}/events", processes=processes, providers=providers
        )
