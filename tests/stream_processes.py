"""Streams of real processes: the API served by its own command, and server-sent events as a client reads them."""

import json
import os
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fieldops.store.database import Database
from live_service import FIELDOPS, LIMIT_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One server-sent event."""

    id: int | None
    event: str
    data: Any


def events_of(lines: Iterable[str]) -> Iterator[Heard]:
    """Read server-sent events from the lines of an answer; comments are heartbeats."""
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if name:
            fields[name] = value
        elif not line and "event" in fields:
            said = json.loads(fields["data"])
            yield Heard(id=int(fields["id"]) if "id" in fields else None, event=fields["event"], data=said)
            fields = {}


@contextmanager
def api_processes(database: Database, folder: Path, count: int) -> Iterator[list[tuple[str, subprocess.Popen[str]]]]:
    """Serve the API in processes of their own, on free ports; give their addresses."""
    environ = {name: value for name, value in os.environ.items() if not name.upper().startswith("FIELDOPS_")}
    url = database.url.render_as_string(hide_password=False)
    logs = [folder / f"api-{number}.log" for number in range(count)]
    with ExitStack() as stack:
        processes = []
        for log in logs:
            stderr = stack.enter_context(log.open("w"))
            command = [*FIELDOPS, "api", "--port", "0", "--database-url", url]
            process = subprocess.Popen(
                command, cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=stderr, text=True
            )
            stack.callback(process.wait, LIMIT_S)
            stack.callback(process.kill)
            processes.append(process)
        yield [(_address(process, log), process) for process, log in zip(processes, logs, strict=True)]


def _address(process: "subprocess.Popen[str]", log: Path) -> str:
    """Wait until a process says where it listens."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("fieldops is up: "), log.read_text()
    return line.removeprefix("fieldops is up: ").strip()
