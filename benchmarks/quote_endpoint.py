"""
Measure ``POST /v1/quotes``: a visit of a territory with 60 technicians, ten dates and 4,000 booked visits.

Run from the repository: ``.venv/bin/python benchmarks/quote_endpoint.py [--out FILE.csv]``, which also writes FILE.md.
The real server runs in a process of its own, one request follows the other, and the client counts. The first quote of
a process reads the plans of all dates; it is told apart from the others.
"""

import argparse
import csv
from pathlib import Path

import numpy as np
from service_data import LARGE, service_file, visits_waiting
from service_server import DATABASES, HTTP_CREATED, Answer, Client, filled_database, footer, make_key, serving

from fieldops.store.database import Database

GOAL_P95_MS = 60
WARM_UP = 20
COLUMNS = ("database", "quotes", "p50 ms", "p95 ms", "max ms", "first quote ms", "windows", "goal p95 ms")


def measure(kind: str, num_quotes: int, seed: int) -> tuple[list[Answer], str]:
    """Quote different visits one after the other; the first answer is the cold one."""
    filled = service_file(seed)
    database = Database(f"sqlite:///{filled}")
    visits = visits_waiting(database, LARGE.name)
    database.close()
    order = np.random.default_rng(seed).permutation(len(visits))[: num_quotes + WARM_UP + 1]
    with filled_database(kind, filled) as url:
        key = make_key(url)
        with serving(url) as address:
            client = Client(address, key)
            answers = [client.post("/v1/quotes", {"visit_id": visits[int(pos)]}) for pos in order]
            client.close()
        wrong = [answer for answer in answers if answer.status != HTTP_CREATED]
        if wrong:
            raise RuntimeError(f"{len(wrong)} quotes failed, the first with {wrong[0].status}: {wrong[0].body}")
        return answers, footer(url, seed)


def summary(kind: str, answers: list[Answer]) -> tuple[object, ...]:
    """Put the quotes on one database into a line of the table."""
    warm = answers[1 + WARM_UP :]
    took = np.array([answer.ms for answer in warm])
    kept = np.mean([len(answer.body["offers"]) for answer in warm])
    asked = np.mean([len(answer.body["offers"]) + len(answer.body["refused"]) for answer in warm])
    figures = (np.median(took), np.percentile(took, 95), took.max(), answers[0].ms)
    return (kind, len(warm), *(f"{value:.1f}" for value in figures), f"{kept:.0f} of {asked:.0f}", GOAL_P95_MS)


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quotes", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--database", choices=DATABASES, action="append")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    lines, rows, footers = [], [], []
    for kind in options.database or DATABASES:
        answers, told = measure(kind, options.quotes, options.seed)
        lines.append("| " + " | ".join(str(cell) for cell in summary(kind, answers)) + " |")
        rows += [
            (kind, number, f"{answer.ms:.3f}", len(answer.body["offers"])) for number, answer in enumerate(answers)
        ]
        footers.append(told)
    shape = f"{LARGE.technicians} technicians x {LARGE.dates} dates, {LARGE.booked:,} booked visits"
    head = [f"### Quote endpoint: {shape}, one request at a time", ""]
    head += ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    text = "\n".join([*head, *lines, "", *(f"{told}.\n" for told in footers)])
    print(text)
    if options.out:
        options.out.with_suffix(".md").write_text(text, encoding="utf-8")
        with options.out.open("w", encoding="utf-8", newline="") as stream:
            table = csv.writer(stream, lineterminator="\n")
            table.writerow(("database", "number", "ms", "offers"))
            table.writerows(rows)


if __name__ == "__main__":
    main()
