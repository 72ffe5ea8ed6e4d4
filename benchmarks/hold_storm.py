"""
Fight for holds: 16 clients, 20,000 attempts, two dates of six technicians; then a referee looks at the database.

Run from the repository: ``.venv/bin/python benchmarks/hold_storm.py [--out FILE.csv]``, which also writes FILE.md.
Every client takes up offers of visits that all others fight for, too: most were made long ago, for places that are
gone. Of the holds that are made some are released, some confirmed (and canceled later on, so that places come back),
some moved, and the others expire after a minute. One process serves on SQLite, and two that share the database on
PostgreSQL; all clients are threads of another one. Every place that is gone is answered with a new quote.
"""

import argparse
import csv
import random
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import numpy as np
from service_data import HOT, service_file, visits_waiting
from service_referee import count_stops, referee
from service_server import DATABASES, HTTP_CREATED, Answer, Client, filled_database, footer, make_key, serving
from sqlalchemy import select

from fieldops.store.database import Database
from fieldops.store.tables import BookingRow, HoldRow

NUM_CLIENTS = 16
#: That serve; each has boards of its own.
PROCESSES = {"sqlite": 1, "postgresql": 2}
HTTP_OK, HTTP_CONFLICT = 200, 409
#: Of the holds made so many are given back at once, and so many confirmed.
RELEASED, CONFIRMED = 0.35, 0.15
#: Bookings that stay; the oldest ones beyond are canceled, which frees their places.
KEPT_BOOKINGS = 25
#: No storm goes on longer, seconds.
TIME_LIMIT_S = 1_200
COLUMNS = (
    "attempts",
    "held",
    "taken (409)",
    "other",
    "double bookings",
    "faults",
    "attempts/s",
    "p50 ms",
    "p95 ms",
)


@dataclass(slots=True)
class Storm:
    """
    What all clients share.

    Attributes
    ----------
    offers
        By visit, as of the beginning: any of them may be gone.
    statuses
        Of the attempts.
    held, booked, canceled
        Ids the server gave.
    strange
        Answers that nothing explains.
    """

    offers: dict[str, list[str]]
    attempts: int
    deadline: float
    numbers: Iterator[int] = field(default_factory=count)
    lock: threading.Lock = field(default_factory=threading.Lock)
    statuses: Counter[int] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)
    held: set[str] = field(default_factory=set)
    bookings: deque[str] = field(default_factory=deque)
    booked: set[str] = field(default_factory=set)
    canceled: set[str] = field(default_factory=set)
    strange: list[Answer] = field(default_factory=list)

    def attack(self, client: Client, rng: random.Random) -> None:
        """Take up offers until there were enough attempts."""
        visits = list(self.offers)
        while next(self.numbers) < self.attempts and time.monotonic() < self.deadline:
            answer = client.post("/v1/holds", {"offer_id": rng.choice(self.offers[rng.choice(visits)])})
            with self.lock:
                self.statuses[answer.status] += 1
                self.took.append(answer.ms)
                if answer.status not in {HTTP_CREATED, HTTP_CONFLICT}:
                    self.strange.append(answer)
                    continue
            if answer.status == HTTP_CREATED:
                self.held.add(answer.body["id"])
                self._decide(client, rng.random(), answer.body["id"])

    def _decide(self, client: Client, drawn: float, hold_id: str) -> None:
        """Release a hold, confirm it, or leave it to whoever comes next."""
        if drawn < RELEASED:
            # Somebody else may have confirmed, moved or released it meanwhile.
            self._expect(client.delete(f"/v1/holds/{hold_id}"), HTTP_OK, HTTP_CONFLICT)
        elif drawn < RELEASED + CONFIRMED:
            made = self._expect(client.post("/v1/bookings", {"hold_id": hold_id}), HTTP_CREATED, HTTP_CONFLICT)
            if made.status == HTTP_CREATED:
                with self.lock:
                    is_new = made.body["id"] not in self.booked
                    self.booked.add(made.body["id"])
                    if is_new:
                        self.bookings.append(made.body["id"])
                    oldest = self.bookings.popleft() if len(self.bookings) > KEPT_BOOKINGS else None
                if oldest is not None:
                    body = {"reason": "", "reopens": True}
                    if self._expect(client.post(f"/v1/bookings/{oldest}/cancel", body), HTTP_OK).status == HTTP_OK:
                        self.canceled.add(oldest)

    def _expect(self, answer: Answer, *statuses: int) -> Answer:
        if answer.status not in statuses:
            self.strange.append(answer)
        return answer


def storm(kind: str, attempts: int, seed: int) -> tuple[dict[str, object], Storm, str]:
    """Let the clients fight on one kind of database; return the line of the table, what happened, and where."""
    filled = service_file(seed)
    with filled_database(kind, filled) as url:
        database = Database(url)
        visits = visits_waiting(database, HOT.name)
        key = make_key(url)
        with ExitStack() as stack:
            addresses = [stack.enter_context(serving(url)) for _ in range(PROCESSES[kind])]
            asking = Client(addresses[0], key)
            offers = {}
            for visit_id in visits:
                made = asking.post("/v1/quotes", {"visit_id": visit_id}).body["offers"]
                if made:
                    offers[visit_id] = [offer["id"] for offer in made]
            asking.close()
            fight = Storm(offers=offers, attempts=attempts, deadline=time.monotonic() + TIME_LIMIT_S)
            clients = [Client(addresses[number % len(addresses)], key) for number in range(NUM_CLIENTS)]
            rngs = [random.Random(f"{seed} {number}") for number in range(NUM_CLIENTS)]
            begin = time.perf_counter()
            with ThreadPoolExecutor(NUM_CLIENTS) as threads:
                list(threads.map(fight.attack, clients, rngs))
            took_s = time.perf_counter() - begin
            for client in clients:
                client.close()
        faults = [*referee(url), *_told_faults(database, fight)]
        database.close()
        promised, stops = count_stops(url)
        for fault in faults[:10]:
            print(f"FAULT: {fault}")
        for answer in fight.strange[:10]:
            print(f"STRANGE: {answer.status} {answer.body}")
        doubled = sum("times" in fault or "current routes" in fault for fault in faults) + abs(promised - stops)
        ms = np.array(fight.took)
        line = {
            "attempts": len(ms),
            "held": fight.statuses[HTTP_CREATED],
            "taken (409)": fight.statuses[HTTP_CONFLICT],
            "other": len(fight.strange),
            "double bookings": doubled,
            "faults": len(faults),
            "attempts/s": f"{len(ms) / took_s:.0f}",
            "p50 ms": f"{np.median(ms):.0f}",
            "p95 ms": f"{np.percentile(ms, 95):.0f}",
        }
        return line, fight, footer(url, seed)


def _told_faults(database: Database, fight: Storm) -> list[str]:
    """Compare what clients were told with what is stored: nothing was said that is not so."""
    with database.reading() as session:
        holds = set(session.scalars(select(HoldRow.id)))
        bookings = {booking.id: booking for booking in session.scalars(select(BookingRow)) if booking.hold_id}
    faults = [f"hold {hold_id} was told and is not there" for hold_id in fight.held - holds]
    faults += [f"hold {hold_id} is there and was never told" for hold_id in holds - fight.held]
    faults += [f"booking {booking_id} was told and is not there" for booking_id in fight.booked - bookings.keys()]
    for booking_id in fight.booked & bookings.keys():
        expected = "canceled" if booking_id in fight.canceled else "confirmed"
        if bookings[booking_id].state != expected:
            faults.append(f"booking {booking_id} is {bookings[booking_id].state}, not {expected}")
    return faults


def main() -> None:
    """Fight on each database, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attempts", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--database", choices=DATABASES, action="append")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    lines, rows, footers = [], [], []
    for kind in options.database or DATABASES:
        line, fight, told = storm(kind, options.attempts, options.seed)
        lines.append(f"| {kind} | " + " | ".join(str(line[name]) for name in COLUMNS) + " |")
        rows.append((kind, *(line[name] for name in COLUMNS), len(fight.booked), len(fight.canceled)))
        footers.append(told)
    shape = f"{NUM_CLIENTS} clients, {HOT.technicians} technicians x {HOT.dates} dates, {HOT.waiting} visits"
    head = [f"### Fighting for holds: {shape}", "", "| database | " + " | ".join(COLUMNS) + " |"]
    head.append("|" + "---|" * (1 + len(COLUMNS)))
    text = "\n".join([*head, *lines, "", "Goal: no double booking.", "", *(f"{told}.\n" for told in footers)])
    print(text)
    if options.out:
        options.out.with_suffix(".md").write_text(text, encoding="utf-8")
        with options.out.open("w", encoding="utf-8", newline="") as stream:
            table = csv.writer(stream, lineterminator="\n")
            table.writerow(("database", *COLUMNS, "bookings", "canceled"))
            table.writerows(rows)


if __name__ == "__main__":
    main()
