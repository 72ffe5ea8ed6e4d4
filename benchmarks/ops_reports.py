"""
Measure what the operations page asks for, with a year of the sample city in the database.

Run from the repository: ``.venv/bin/python benchmarks/ops_reports.py [--out FILE.csv]``, which also writes FILE.md. The
real server runs in a process of its own, one request follows the other, and the client counts. The page asks for
everything but the longest span when it is opened; surveys it reads page after page until they are older than what it
shows, so the last page is asked for as well.
"""

import argparse
import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import numpy as np
from ops_data import year_file
from service_data import ZONE
from service_server import DATABASES, Answer, Client, filled_database, footer, make_key, serving

from fieldops.usecases.actor import Scope
from fieldops.usecases.report_operations import MOST_DAYS

GOAL_P95_MS: Final = 200
WARM_UP: Final = 3
#: What the page shows at first, and how many surveys it reads at a time (web/src/ops).
SHOWN_DAYS: Final = 28
PAGE: Final = 200
SCOPES: Final = (Scope.PLANS_READ, Scope.CUSTOMERS_READ)
HTTP_OK: Final = 200
COLUMNS: Final = ("database", "asked for", "times", "p50 ms", "p95 ms", "max ms", "KB", "goal p95 ms")

Measured = dict[str, list[Answer]]


def measure(kind: str, times: int, seed: int) -> tuple[Measured, str]:
    """Ask for everything in turns, so that nothing is measured at a better moment than the rest."""
    filled, territory_id = year_file(seed)
    with filled_database(kind, Path(filled)) as url:
        key = make_key(url, SCOPES)
        with serving(url) as address:
            client = Client(address, key)
            requests = _requests(client, territory_id)
            answers: Measured = {name: [] for name in requests}
            for _ in range(WARM_UP + times):
                for name, path in requests.items():
                    answers[name].append(client.get(path))
            client.close()
        wrong = [answer for found in answers.values() for answer in found if answer.status != HTTP_OK]
        if wrong:
            raise RuntimeError(f"{len(wrong)} requests failed, the first with {wrong[0].status}: {wrong[0].body}")
        return answers, footer(url, seed)


def _requests(client: Client, territory_id: str) -> dict[str, str]:
    """Name the requests of the page and say where they go."""
    today = datetime.now(UTC).astimezone(ZONE).date()

    def days(number: int) -> str:
        asked = {"territory_id": territory_id, "first_date": today - timedelta(days=number - 1), "last_date": today}
        return f"/v1/reports/operations?{urlencode(asked)}"

    first = urlencode({"territory_id": territory_id, "only_answered": True, "limit": PAGE})
    surveys = f"/v1/surveys?{first}"
    last = surveys
    while True:
        page = client.get(last).body
        if page["next"] is None or page["items"][-1]["asked_at"][:10] < str(today - timedelta(days=SHOWN_DAYS)):
            break
        last = f"{surveys}&{urlencode({'after': page['next']})}"
    return {
        "territories": "/v1/territories?limit=200",
        f"{SHOWN_DAYS} days": days(SHOWN_DAYS),
        f"{MOST_DAYS} days": days(MOST_DAYS),
        "surveys, first page": surveys,
        "surveys, last page": last,
        "queues": "/v1/reports/queues",
        "benchmarks": "/v1/reports/benchmarks",
    }


def summary(kind: str, answers: Measured) -> list[str]:
    """Put the answers of one database into lines of the table."""
    lines = []
    for name, found in answers.items():
        took = np.array([answer.ms for answer in found[WARM_UP:]])
        figures = (np.median(took), np.percentile(took, 95), took.max())
        cells = (kind, name, len(took), *(f"{value:.1f}" for value in figures), found[0].size // 1_000, GOAL_P95_MS)
        lines.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    return lines


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--database", choices=DATABASES, action="append")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    lines, rows, footers = [], [], []
    for kind in options.database or DATABASES:
        answers, told = measure(kind, options.times, options.seed)
        lines += summary(kind, answers)
        rows += [
            (kind, name, number, f"{answer.ms:.3f}")
            for name, found in answers.items()
            for number, answer in enumerate(found[WARM_UP:])
        ]
        footers.append(told)
    head = ["### Operations page: a year of the sample city, one request at a time", ""]
    head += ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    text = "\n".join([*head, *lines, "", *(f"{told}.\n" for told in footers)])
    print(text)
    if options.out:
        options.out.with_suffix(".md").write_text(text, encoding="utf-8")
        with options.out.open("w", encoding="utf-8", newline="") as stream:
            table = csv.writer(stream, lineterminator="\n")
            table.writerow(("database", "asked_for", "number", "ms"))
            table.writerows(rows)


if __name__ == "__main__":
    main()
