"""
Kill the API and its workers with SIGKILL at random points while customers book, and account for everything afterwards.

Run from the repository: ``.venv/bin/python benchmarks/crashes.py [--kills 50] [--out FILE.csv]``, which also writes
FILE.md; ten minutes and more for each database. One ``fieldops api`` and two ``fieldops worker`` run on the loopback,
with a mail server, an SMS service and an endpoint for webhooks that take everything. Four callers take down work
orders, quote, hold, confirm, move and cancel; a fifth one has plans made and published. Every POST has an
Idempotency-Key and is sent again until it is answered. What has to be so afterwards is in tests/crash_checks.py, a
short form of this in tests/integration/test_kill_nine.py.
"""

import argparse
import csv
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from service_server import DATABASES, DURABLE, footer

from fieldops.store.database import Database
from fieldops.wiring import migrate

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from crash_killer import Kill, Moment
from crash_processes import API
from crash_run import Outcome, Size, crash_run
from databases import started_postgres

SIZE = Size(technicians=20, dates=10)
COUNTS = (
    "database",
    "kills",
    "of the API",
    "while booking",
    "of workers",
    "while handing over",
    "while solving",
    "bookings acknowledged",
    "moved",
    "canceled",
    "requests sent again",
    "answered a second time",
    "plans made",
    "messages delivered",
    "twice (documented)",
    "lost, double or unsound",
)
TIMES = ("database", "goes on after a kill", "times", "p50 s", "max s")
ROW = ("database", "seed", "kill", "victim", "moment", "at_s", "down_s", "up_s", "resumed_s", "messages", "messages_s")


@contextmanager
def empty_database(kind: str, folder: Path) -> Iterator[Database]:
    """Give a durable, migrated database without rows."""
    if kind == "sqlite":
        with migrated(f"sqlite:///{folder / 'fieldops.db'}") as database:
            yield database
        return
    with (
        started_postgres(in_memory=False, **DURABLE) as url,
        migrated(url.render_as_string(hide_password=False)) as database,
    ):
        yield database


@contextmanager
def migrated(url: str) -> Iterator[Database]:
    """Open a database with all tables."""
    database = Database(url)
    try:
        migrate(database)
        yield database
    finally:
        database.close()


def counts(kind: str, outcome: Outcome) -> tuple[object, ...]:
    """Put one run into a line of the first table."""
    victims = Counter(kill.victim == API for kill in outcome.kills)
    moments = Counter(kill.moment for kill in outcome.kills)
    told = [known.told for known in outcome.log.bookings.values()]
    return (
        kind,
        len(outcome.kills),
        victims[True],
        moments[Moment.BOOKING],
        victims[False],
        moments[Moment.HANDING_OVER],
        moments[Moment.SOLVING],
        len(told),
        sum(sum(answer.state == "confirmed" for answer in answers) - 1 for answers in told),
        sum(answers[-1].state == "canceled" for answers in told),
        outcome.log.counts["sent again"],
        outcome.log.counts["replayed"],
        len(outcome.log.plan_jobs),
        outcome.verdict.sent,
        outcome.verdict.twice,
        len(outcome.verdict.faults),
    )


def times(kind: str, kills: Sequence[Kill]) -> Iterator[tuple[object, ...]]:
    """Put what was waited for into lines of the second table."""
    measured = {
        "the API: a request is answered": [kill.resumed_s for kill in kills if kill.victim == API],
        "workers: a message is delivered or a plan begun": [kill.resumed_s for kill in kills if kill.victim != API],
        "the message in hand": [kill.messages_s for kill in kills if kill.messages],
        "the plan in hand": [kill.job_s for kill in kills if kill.job is not None],
    }
    for what, found in measured.items():
        known = [seconds for seconds in found if seconds is not None]
        if known:
            yield kind, what, len(found), f"{median(known):.1f}", f"{max(known):.1f}"


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Write a table."""
    head = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    body = [
        "| " + " | ".join(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row) + " |" for row in rows
    ]
    return [*head, *body, ""]


def csv_row(kind: str, seed: int, began: float, kill: Kill) -> tuple[Any, ...]:
    """Put one kill into a row of the file."""

    def shown(seconds: float | None) -> str:
        return "" if seconds is None else f"{seconds:.2f}"

    at = kill.at - began
    waited = (at, kill.down_s, kill.up_s, kill.resumed_s)
    hands = (len(kill.messages), shown(kill.messages_s), kill.job or "", shown(kill.job_s))
    return (kind, seed, kill.number, kill.victim, kill.moment.value, *map(shown, waited), *hands)


def main() -> int:
    """Run on each database, print the tables, and end with 1 when anything is not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50, help="on each database")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--database", choices=DATABASES, action="append", help="can be repeated; both without it")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    first: list[tuple[object, ...]] = []
    second: list[tuple[object, ...]] = []
    kills: list[tuple[Any, ...]] = []
    footers, faults = [], []
    for kind in options.database or DATABASES:
        with (
            tempfile.TemporaryDirectory(prefix="fieldops-crashes-") as name,
            empty_database(kind, Path(name)) as database,
        ):
            outcome = crash_run(database, Path(name), SIZE, seed=options.seed, kills=options.kills)
            footers.append(footer(database.url.render_as_string(hide_password=False), options.seed))
        first.append(counts(kind, outcome))
        second += times(kind, outcome.kills)
        kills += [csv_row(kind, options.seed, outcome.began, kill) for kill in outcome.kills]
        faults += [f"{kind}: {fault}" for fault in outcome.verdict.faults]
    lines = [
        "### Crashes: API and workers killed while customers book",
        "",
        *table(COUNTS, first),
        *table(TIMES, second),
    ]
    lines += [f"- {fault}" for fault in faults]
    lines += [f"{footers[0]}.", ""] if len(footers) == 1 else [*(f"{line}." for line in footers), ""]
    text = "\n".join(lines)
    print(text)
    if options.out:
        options.out.with_suffix(".md").write_text(text, encoding="utf-8")
        with options.out.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow((*ROW, "plan_job", "plan_job_s"))
            writer.writerows(kills)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
