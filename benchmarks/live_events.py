"""
Measure a day under way: how soon an event is seen on the board's stream, how soon a new plan is, and how many it bears.

Run from the repository: ``.venv/bin/python benchmarks/live_events.py [--out FILE.csv]``, which also writes FILE.md. A
territory of 60 technicians and 500 booked visits, whose local time is shortly before noon; everything until now has
gone as planned and is reported. API and worker are processes of their own, and a listener reads the stream as browsers
do.

(a) a visit takes a minute longer: from sending the event until the new ETAs are read from the stream;
(b) a visit takes much longer, so that promises are in jeopardy: until the stream says that the plan has a new version;
(c) events of all technicians, most of them positions, at a steady rate over several connections: what is lost, and how
    far the stream is behind what was sent.
"""

import argparse
import csv
import shutil
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import service_data
from service_data import CACHE, Size
from service_server import DATABASES, Client, filled_database, footer, serving
from sqlalchemy import func, select

from fieldops.domain.plan import Route
from fieldops.settings import Settings
from fieldops.store.database import Database
from fieldops.store.plan_routes import current_routes
from fieldops.store.tables import PlanRow, ProgressEventRow, VisitRow
from fieldops.usecases.actor import SYSTEM, Scope
from fieldops.usecases.api_keys import create_api_key
from fieldops.usecases.work import transact
from fieldops.wiring import make_context, migrate

SIZE: Final = Size(name="Live", technicians=60, dates=1, booked=500, waiting=400)
GOAL_ETA_MS, GOAL_PLAN_MS, GOAL_BEHIND_MS = 250, 4_000, 1_000
#: What the clock shows there when a run begins.
LOCAL_HOUR: Final = 11
BATCH: Final = 10
SCOPES: Final = (Scope.PLANS_READ, Scope.PLANS_WRITE, Scope.CUSTOMERS_READ)
COLUMNS: Final = ("database", "measured", "events", "p50 ms", "p95 ms", "max ms", "lost", "goal")


class _ShortVisits(service_data._Company):
    """Draws visits of a quarter of an hour to an hour, so that 500 fit into a day."""

    def _visit(self, *args: Any) -> VisitRow:
        row = super()._visit(*args)
        row.duration_s = 300 * int(self.rng.integers(3, 13))
        return row


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The day that is under way: its running routes by shift, as planned."""

    territory_id: str
    date: str
    routes: Mapping[str, Route]


@dataclass(slots=True)
class Listener:
    """Reads a stream on a thread of its own, and notes when it said what."""

    heard: list[tuple[float, str, Any]] = field(default_factory=list)
    is_up: threading.Event = field(default_factory=threading.Event)
    said: threading.Condition = field(default_factory=threading.Condition)

    def listen(self, address: tuple[str, int], key: str, path: str) -> None:
        """Read until the connection is closed."""
        connection = HTTPConnection(*address, timeout=120)
        connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
        kind = ""
        try:
            for line in connection.getresponse():
                text = line.decode().rstrip("\r\n")
                if text.startswith("event: "):
                    kind = text.removeprefix("event: ")
                elif text.startswith("data: "):
                    with self.said:
                        self.heard.append((time.perf_counter(), kind, text.removeprefix("data: ")))
                        self.said.notify_all()
                    self.is_up.set()
        except OSError:
            return

    def wait_for(self, kind: str, wanted: str, since: float, limit_s: float) -> float | None:
        """Wait until something of a kind was said that contains a text; give when."""

        def found() -> float | None:
            hits = (at for at, heard, data in self.heard if at >= since and heard == kind and wanted in data)
            return next(hits, None)

        with self.said:
            self.said.wait_for(lambda: found() is not None, timeout=limit_s)
            return found()


def live_file(seed: int) -> Path:
    """Fill a SQLite file with a day that is under way now: its zone is chosen so that it is shortly before noon."""
    now = datetime.now(UTC).replace(microsecond=0)
    offset = (LOCAL_HOUR - now.hour + 12) % 24 - 12
    service_data.ZONE = ZoneInfo(f"Etc/GMT{-offset:+d}" if offset else "Etc/GMT")
    CACHE.mkdir(parents=True, exist_ok=True)
    path = Path(tempfile.mkdtemp(prefix="live-", dir=CACHE)) / "filled.db"
    ctx = make_context(Settings(_env_file=None, database_url=f"sqlite:///{path}"))
    try:
        migrate(ctx.database)
        # Shifts are drawn for the day after: this one.
        service_data._fill(ctx, _ShortVisits(seed, now - timedelta(days=1)), SIZE)
    finally:
        ctx.database.close()
    return path


def make_live_key(url: str) -> str:
    """Make an API key that may report and watch."""
    ctx = make_context(Settings(_env_file=None, database_url=url))
    try:
        made = transact(ctx, SYSTEM, create_api_key, name="benchmark", scopes=list(SCOPES))
    finally:
        ctx.database.close()
    assert made.key is not None
    return made.key


def day_of(url: str) -> Day:
    """Read the day."""
    database = Database(url)
    try:
        with database.reading() as session:
            plan = session.scalars(select(PlanRow)).one()
            routes = current_routes(session, plan.id)
            return Day(territory_id=plan.territory_id, date=plan.date.isoformat(), routes=routes)
    finally:
        database.close()


def new_event(kind: str, at: datetime, **about: Any) -> dict[str, Any]:
    """Make an event."""
    return {"id": uuid.uuid4().hex, "kind": kind, "occurred_at": at.isoformat(), **about}


def position(route: Route, rng: np.random.Generator) -> dict[str, Any]:
    """Make the position of the technician of a route: somewhere in the city."""
    latitude, longitude = 38.9 + rng.normal(0, 0.03), -77.03 + rng.normal(0, 0.03)
    now = datetime.now(UTC)
    return new_event("position", now, technician_id=route.technician_id, latitude=latitude, longitude=longitude)


def report(client: Client, events: Sequence[Mapping[str, Any]]) -> None:
    """Report events; they must be taken."""
    answer = client.post("/v1/progress", {"events": list(events)})
    if answer.status != 200:
        raise RuntimeError(f"events were refused with {answer.status}: {answer.body}")


def catch_up(client: Client, day: Day) -> None:
    """Report everything until now as it was planned."""
    now, events = datetime.now(UTC), []
    for route in day.routes.values():
        for stop in route.stops:
            if stop.start <= now:
                events.append(new_event("started", stop.start, visit_id=stop.visit_id))
            if stop.finish <= now:
                events.append(new_event("done", stop.finish, visit_id=stop.visit_id))
    for first in range(0, len(events), 100):
        report(client, events[first : first + 100])


def being_served(day: Day) -> list[tuple[Route, str]]:
    """List the visits that are being served by the plan, with more visits behind them."""
    now = datetime.now(UTC)
    return [
        (route, stop.visit_id)
        for route in day.routes.values()
        for stop in route.stops[:-1]
        if stop.start <= now < stop.finish
    ]


def measure_etas(
    address: tuple[str, int], key: str, listener: Listener, day: Day, count: int, rng: np.random.Generator
) -> list[float]:
    """Time (a), milliseconds; infinite where nothing came."""
    served, took = being_served(day), []
    for _ in range(count):
        route, visit_id = served[int(rng.integers(len(served)))]
        client = Client(address, key)
        begin = time.perf_counter()
        report(client, [new_event("extended", datetime.now(UTC), visit_id=visit_id, minutes=1)])
        heard = listener.wait_for("eta", route.technician_id, begin, 5)
        took.append(float("inf") if heard is None else 1_000 * (heard - begin))
        client.close()
    return took


def measure_plans(
    address: tuple[str, int], key: str, listener: Listener, day: Day, count: int, rng: np.random.Generator
) -> list[float]:
    """Time (b), milliseconds; disruptions after which no better plan was found do not count."""
    served, took = being_served(day), []
    for number in rng.permutation(len(served)).tolist()[: 2 * count]:
        if len(took) == count:
            break
        client = Client(address, key)
        begin = time.perf_counter()
        report(client, [new_event("extended", datetime.now(UTC), visit_id=served[number][1], minutes=120)])
        heard = listener.wait_for("plan", "", begin, 8)
        if heard is not None:
            took.append(1_000 * (heard - begin))
        client.close()
    return took


def measure_load(
    address: tuple[str, int], key: str, listener: Listener, day: Day, *, rate: int, seconds: int, connections: int
) -> tuple[list[float], list[str]]:
    """Do (c): give how far the stream is behind, milliseconds, and the ids that were sent."""
    routes = [route for route in day.routes.values() if route.stops]
    sent: list[tuple[float, str, list[str]]] = []
    guard = threading.Lock()
    begin = time.perf_counter()

    def send(number: int) -> None:
        rng = np.random.default_rng(number)
        client = Client(address, key)
        pause = BATCH * connections / rate
        for turn in range(int(seconds / pause)):
            due = begin + turn * pause + number * pause / connections
            time.sleep(max(0.0, due - time.perf_counter()))
            batch = [position(routes[int(rng.integers(len(routes)))], rng) for _ in range(BATCH)]
            marked = batch[-1]
            with guard:
                sent.append((time.perf_counter(), marked["technician_id"], [event["id"] for event in batch]))
            report(client, batch)
        client.close()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    behind = []
    for at, technician_id, _ in sent:
        heard = listener.wait_for("technician", technician_id, at, 5)
        behind.append(float("inf") if heard is None else 1_000 * (heard - at))
    return behind, [event_id for _, _, ids in sent for event_id in ids]


def lost_of(url: str, ids: Sequence[str]) -> int:
    """Count the events that were answered and are not in the database."""
    database = Database(url)
    try:
        with database.reading() as session:
            found = 0
            for first in range(0, len(ids), 500):
                some = list(ids[first : first + 500])
                query = select(func.count()).select_from(ProgressEventRow).where(ProgressEventRow.id.in_(some))
                found += session.scalar(query) or 0
            return len(ids) - found
    finally:
        database.close()


@contextmanager
def company(kind: str, seed: int) -> Iterator[tuple[str, str]]:
    """Give a filled database and a key to it."""
    filled = live_file(seed)
    try:
        with filled_database(kind, filled) as url:
            yield url, make_live_key(url)
    finally:
        shutil.rmtree(filled.parent, ignore_errors=True)


def measure(kind: str, options: argparse.Namespace) -> tuple[list[tuple[object, ...]], str]:
    """Measure all three on one database."""
    rng = np.random.default_rng(options.seed)
    with company(kind, options.seed) as (url, key):
        day = day_of(url)
        with serving(url) as address, serving(url, "worker"):
            client, listener = Client(address, key), Listener()
            catch_up(client, day)
            client.close()
            path = f"/v1/streams/board?territory_id={day.territory_id}&date={day.date}"
            threading.Thread(target=listener.listen, args=(address, key, path), daemon=True).start()
            if not listener.is_up.wait(30):
                raise RuntimeError("the stream said nothing")
            etas = measure_etas(address, key, listener, day, options.events, rng)
            behind, ids = measure_load(
                address, key, listener, day, rate=options.rate, seconds=options.seconds, connections=4
            )
            lost = lost_of(url, ids)
            plans = measure_plans(address, key, listener, day, options.plans, rng)
        told = footer(url, options.seed)
    sustained = f"{options.rate} events/s for {options.seconds} s"
    return [
        _line(kind, "event to ETAs on the stream", etas, len(etas), "", GOAL_ETA_MS),
        _line(kind, "event to published new plan", plans, len(plans), "", GOAL_PLAN_MS),
        _line(kind, f"{sustained}: stream behind", behind, len(ids), lost, GOAL_BEHIND_MS),
    ], told


def _line(kind: str, what: str, took: list[float], count: int, lost: object, goal: int) -> tuple[object, ...]:
    """Put a measurement into a line of the table."""
    if not took:
        return (kind, what, 0, "", "", "", lost, goal)
    figures = (np.median(took), np.percentile(took, 95), max(took))
    return (kind, what, count, *(f"{value:.0f}" for value in figures), lost, goal)


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200)
    parser.add_argument("--plans", type=int, default=20)
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--database", choices=DATABASES, action="append")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    rows, footers = [], []
    for kind in options.database or DATABASES:
        of_kind, told = measure(kind, options)
        rows += of_kind
        footers.append(told)
    head = [f"### Live events: {SIZE.technicians} technicians x {SIZE.booked} visits", ""]
    head += ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    lines = ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    text = "\n".join([*head, *lines, "", *(f"{told}.\n" for told in footers)])
    print(text)
    if options.out:
        options.out.with_suffix(".md").write_text(text, encoding="utf-8")
        with options.out.open("w", encoding="utf-8", newline="") as stream:
            table = csv.writer(stream, lineterminator="\n")
            table.writerow(COLUMNS)
            table.writerows(rows)


if __name__ == "__main__":
    main()
