"""The service as people run it: seeded and served by its own commands, in processes of its own, on a free port."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from domain_builders import make_problem
from fieldops.files.problem_json import dump_problem

#: How long the service may take to come up, and to end, seconds.
LIMIT_S: Final = 60
FIELDOPS: Final = (sys.executable, "-c", "from fieldops.cli import main; main()")


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveService:
    """
    A service that answers.

    Attributes
    ----------
    password
        Of ``dispatcher@example.com``.
    """

    url: str
    password: str


@contextmanager
def live_service(folder: Path) -> Iterator[LiveService]:
    """Seed a small territory (Kim, who works on weekdays) into a SQLite file of the folder, serve it, end it."""
    dump_problem(make_problem(), folder / "problem.json")
    url = f"sqlite:///{folder / 'fieldops.db'}"
    environ = {name: value for name, value in os.environ.items() if not name.upper().startswith("FIELDOPS_")}
    seeded = subprocess.run(
        [*FIELDOPS, "seed", str(folder / "problem.json"), "--plan-seconds", "0", "--database-url", url],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=True,
    )
    found = re.search(r"dispatcher@example\.com\s+password (\S+)", seeded.stdout)
    assert found, seeded.stdout
    with (folder / "serve.log").open("w") as log:
        process = subprocess.Popen(
            [*FIELDOPS, "serve", "--port", "0", "--database-url", url],
            cwd=folder,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        assert process.stdout is not None
        # Printed once it listens; an end without it closes the pipe.
        line = process.stdout.readline()
        assert line.startswith("fieldops is up: "), (folder / "serve.log").read_text()
        yield LiveService(url=line.removeprefix("fieldops is up: ").strip(), password=found[1])
    finally:
        process.terminate()
        process.wait(LIMIT_S)
