"""
Measure how long ``fieldops serve`` takes to start with the sample city, seeded and planned, on SQLite.

Run from the repository: ``.venv/bin/python benchmarks/cold_start.py [--out FILE.csv]``, which also writes FILE.md.
Counted from the start of the process: until it says that it is up, until ``/readyz`` is content (the worker is up,
too), and until the first quote is answered, which reads the plans of all dates.
"""

import argparse
import csv
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from service_data import CACHE
from service_server import HTTP_CREATED, Client, footer, make_key, serving

from fieldops.store.database import Database
from fieldops.store.tables import VisitRow

GOAL_S = 3
COLUMNS = ("until", "starts", "median s", "max s", "goal s")
POLL_S = 0.01


def started(url: str, key: str, visit_id: str) -> tuple[float, float, float]:
    """Start the service once; return the seconds until it is up, ready, and has quoted."""
    began = time.monotonic()
    with serving(url, command="serve") as address:
        up = time.monotonic() - began
        client = Client(address, key)
        while client.get("/readyz").status != 200:
            time.sleep(POLL_S)
        ready = time.monotonic() - began
        answer = client.post("/v1/quotes", {"visit_id": visit_id})
        if answer.status != HTTP_CREATED:
            raise RuntimeError(f"the quote failed with {answer.status}: {answer.body}")
        quoted = time.monotonic() - began
        client.close()
    return up, ready, quoted


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=7)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    CACHE.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=CACHE) as folder:
        seeded = Path(folder) / "seeded.db"
        program = Path(sys.executable).with_name("fieldops")
        command = [program, "seed", "--database-url", f"sqlite:///{seeded}", "--plan-seconds", "2"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        url = f"sqlite:///{seeded}"
        key, visit_id = make_key(url), _open_visit(url)
        facts = footer(url, 0)
        times = []
        for number in range(options.starts):
            copy = Path(folder) / f"{number}.db"
            shutil.copyfile(seeded, copy)
            times.append(started(f"sqlite:///{copy}", key, visit_id))
    rows = [
        (name, len(times), f"{np.median(took):.2f}", f"{max(took):.2f}", goal)
        for name, took, goal in zip(
            ("up", "ready", "first quote"), zip(*times, strict=True), (GOAL_S, GOAL_S, ""), strict=True
        )
    ]
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    table = "\n".join(["### Cold start of `fieldops serve` with the sample city, SQLite", "", *lines, "", facts, ""])
    print(table)
    if options.out is not None:
        with options.out.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([COLUMNS, *rows])
        options.out.with_suffix(".md").write_text(table, encoding="utf-8")


def _open_visit(url: str) -> str:
    """Name a visit without a promise."""
    database = Database(url)
    try:
        with database.reading() as session:
            return str(session.query(VisitRow.id).where(VisitRow.state == "open").limit(1).scalar())
    finally:
        database.close()


if __name__ == "__main__":
    main()
