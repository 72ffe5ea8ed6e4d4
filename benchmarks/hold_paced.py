"""
Measure holds under a steady load: so many requests a second, whether or not the earlier ones have been answered.

Run from the repository: ``.venv/bin/python benchmarks/hold_paced.py [--out FILE.csv]``, which also writes FILE.md. Two
runs on each database, each on fresh data: holds alone, and holds with quotes and confirmations beside them. Customers
belong to four territories and ask for all dates; a fifth of them hold a window already and move to another one, which
changes two plans. Requests come at random (exponential) distances; the time of one counts from the instant it was due,
so that a server that falls behind cannot hide it. One process serves, the clients are threads of another one.
"""

import argparse
import csv
import queue
import random
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from service_data import LARGE, OTHERS, service_file, visits_waiting
from service_referee import referee
from service_server import DATABASES, HTTP_CREATED, Client, filled_database, footer, make_key, serving

from fieldops.store.database import Database

HTTP_CONFLICT = 409
NUM_CLIENTS = 32
GOAL_P95_MS = 150
#: Requests a second, by kind.
ALONE = {"hold": 100.0}
MIXED = {"quote": 20.0, "hold": 60.0, "confirm": 20.0}
#: Of the best windows offered customers take one of so many.
CHOICE = 10
#: Of those who ask for a window so many hold one already, and move to another.
MOVES = 0.2
#: Rest between warming up and measuring, seconds.
REST_S = 2.0
COLUMNS = (
    "database",
    "load",
    "asked",
    "answered",
    "taken (409)",
    "other",
    "per s",
    "p50 ms",
    "p95 ms",
    "max ms",
    "goal",
)


@dataclass(frozen=True, slots=True)
class Done:
    """One request: kind, status, milliseconds since it was due, and those since it was sent."""

    kind: str
    status: int
    ms: float
    served_ms: float


@dataclass(slots=True)
class Customers:
    """
    Everybody who asks, shared by the threads; a visit that is being asked for is nobody else's.

    Attributes
    ----------
    offers
        By visit; the answer that a window is taken brings new ones.
    free
        Visits that may be asked for, by the kind of request.
    holds
        By visit.
    """

    rng: random.Random
    offers: dict[str, list[str]]
    free: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    holds: dict[str, str] = field(default_factory=dict)
    done: list[Done] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def serve(self, client: Client, due: "queue.SimpleQueue[tuple[float, str] | None]") -> None:
        """Make requests as they fall due."""
        while (task := due.get()) is not None:
            when, kind = task
            with self.lock:
                visit_id = self._pick(kind)
            if visit_id is None:
                self.done.append(Done(kind, 0, 0.0, 0.0))
                continue
            answer = self._ask(client, kind, visit_id)
            self.done.append(Done(kind, answer[0], 1_000 * (time.perf_counter() - when), answer[1]))

    def _pick(self, kind: str) -> str | None:
        """Take a visit at random."""
        visits = self.free["held" if kind == "confirm" else "open"]
        if kind == "hold" and self.rng.random() < MOVES:
            visits = self.free["held"]
        if not visits:
            return None
        pos = self.rng.randrange(len(visits))
        visits[pos], visits[-1] = visits[-1], visits[pos]
        return visits.pop()

    def _ask(self, client: Client, kind: str, visit_id: str) -> tuple[int, float]:
        """Make one request about a visit, and give the visit back."""
        if kind == "quote":
            answer = client.post("/v1/quotes", {"visit_id": visit_id})
        elif kind == "hold":
            offer_id = self.rng.choice(self.offers[visit_id][:CHOICE])
            answer = client.post("/v1/holds", {"offer_id": offer_id})
        else:
            answer = client.post("/v1/bookings", {"hold_id": self.holds[visit_id]})
        with self.lock:
            if answer.status == HTTP_CREATED and kind == "hold":
                self.holds[visit_id] = answer.body["id"]
            fresh = answer.body.get("offers") or answer.body.get("details", {}).get("offers")
            if fresh:
                self.offers[visit_id] = [offer["id"] for offer in fresh]
            if kind != "confirm":
                self.free["held" if visit_id in self.holds else "open"].append(visit_id)
        return answer.status, answer.ms


def run(
    kind: str, load: dict[str, float], seconds: float, seed: int, processes: int
) -> tuple[list[Done], list[str], str]:
    """Measure one load on one kind of database; return the requests, the referee's faults, and where it was."""
    filled = service_file(seed)
    rng = random.Random(seed)
    with filled_database(kind, filled) as url:
        database = Database(url)
        visits = [visit_id for size in (LARGE, *OTHERS) for visit_id in visits_waiting(database, size.name)]
        database.close()
        key = make_key(url)
        with ExitStack() as stack:
            addresses = [stack.enter_context(serving(url)) for _ in range(processes)]
            clients = [Client(addresses[number % processes], key) for number in range(NUM_CLIENTS)]
            customers = Customers(rng=rng, offers=dict(_quoted(clients[0], visits)))
            customers.free["open"] = list(customers.offers)
            due: queue.SimpleQueue[tuple[float, str] | None] = queue.SimpleQueue()
            with ThreadPoolExecutor(NUM_CLIENTS) as threads:
                try:
                    for client in clients:
                        threads.submit(customers.serve, client, due)
                    _warm_up(customers, due)
                    time.sleep(REST_S)
                    begin = time.perf_counter()
                    for after, what in _schedule(load, seconds, rng):
                        with suppress(ValueError):
                            time.sleep(begin + after - time.perf_counter())
                        due.put((begin + after, what))
                finally:
                    for _ in clients:
                        due.put(None)
            for client in clients:
                client.close()
        return customers.done, referee(url), footer(url, seed)


def _quoted(client: Client, visits: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Quote all visits beforehand; those that nobody can serve stay out."""
    for visit_id in visits:
        offers = client.post("/v1/quotes", {"visit_id": visit_id}).body["offers"]
        if offers:
            yield visit_id, [offer["id"] for offer in offers]


def _warm_up(customers: Customers, due: "queue.SimpleQueue[tuple[float, str] | None]") -> None:
    """Have a tenth of the customers hold something, on all connections; and forget how long it took."""
    number = len(customers.offers) // 10
    for _ in range(number):
        due.put((time.perf_counter(), "hold"))
    while len(customers.done) < number:
        time.sleep(0.05)
    customers.done.clear()


def _schedule(load: dict[str, float], seconds: float, rng: random.Random) -> list[tuple[float, str]]:
    """Draw when requests fall due, seconds from the beginning."""
    tasks = []
    for kind, rate in load.items():
        after = rng.expovariate(rate)
        while after < seconds:
            tasks.append((after, kind))
            after += rng.expovariate(rate)
    return sorted(tasks)


def lines_of(database: str, load: dict[str, float], done: Sequence[Done], seconds: float) -> Iterator[str]:
    """Put a run into lines of the table, one per kind of request."""
    shown = "holds alone" if len(load) == 1 else "mixed"
    for kind, rate in load.items():
        of_kind = [request for request in done if request.kind == kind and request.status]
        ms = np.array([request.ms for request in of_kind])
        statuses = [request.status for request in of_kind]
        answered, taken = statuses.count(HTTP_CREATED), statuses.count(HTTP_CONFLICT)
        times = (np.median(ms), np.percentile(ms, 95), ms.max())
        goal = GOAL_P95_MS if kind == "hold" else ""
        cells = (database, shown, f"{rate:g} {kind}s/s", answered, taken, len(ms) - answered - taken)
        cells += (f"{len(ms) / seconds:.0f}", *(f"{value:.0f}" for value in times), goal)
        yield "| " + " | ".join(str(cell) for cell in cells) + " |"


def main() -> None:
    """Run all loads on all databases, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rate", type=float, default=ALONE["hold"], help="holds a second, alone")
    parser.add_argument("--processes", type=int, default=1, help="that serve")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--database", choices=DATABASES, action="append")
    parser.add_argument("--load", choices=("alone", "mixed"), action="append")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    loads = {"alone": {"hold": options.rate}, "mixed": MIXED}
    lines, rows, footers, faults = [], [], [], 0
    for database in options.database or DATABASES:
        for name in options.load or loads:
            done, found, told = run(database, loads[name], options.seconds, options.seed, options.processes)
            lines += lines_of(database, loads[name], done, options.seconds)
            rows += [(database, name, one.kind, one.status, f"{one.ms:.2f}", f"{one.served_ms:.2f}") for one in done]
            faults += len(found)
            for fault in found[:10]:
                print(f"FAULT: {fault}")
        footers.append(told)
    head = [f"### Holds under a steady load of {options.seconds:g} s: four territories, 240 technicians, ten dates", ""]
    head += ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    told_faults = f"The referee found {faults or 'no'} fault{'' if faults == 1 else 's'} afterwards."
    text = "\n".join([*head, *lines, "", told_faults, "", *(f"{told}.\n" for told in footers)])
    print(text)
    if options.out:
        options.out.with_suffix(".md").write_text(text, encoding="utf-8")
        with options.out.open("w", encoding="utf-8", newline="") as stream:
            table = csv.writer(stream, lineterminator="\n")
            table.writerow(("database", "load", "kind", "status", "ms", "served_ms"))
            table.writerows(rows)


if __name__ == "__main__":
    main()
