"""
Measure a day under way: how soon an event is seen on the board's stream, how soon a new plan is, and how many it bears.

Run from the repository: ``.venv/bin/python benchmarks/live_events.py [--out FILE.csv]``, which also writes FILE.md. A
territory of 60 technicians and 500 booked visits, whose local time is shortly before noon; everything until now has
gone as planned and is reported. API and worker are processes of their own, and a listener reads the stream as browsers
do. The territory publishes every plan without asking, unless it breaks a pin or leaves a visit out.

(a) a visit takes a minute longer: from sending the event until the stream has said what is expected of its technician
    now;
(b) a visit takes much longer, so that promises are in jeopardy: until the stream says that the plan has a new version.
    The replan of each event is waited for to its end before the next event is sent. Those that find nothing better, and
    events that bring no promise into jeopardy, are no part of the figures and are counted below them; a plan that takes
    half a minute or never comes counts as infinite;
(c) events of all technicians at a steady rate over several connections, 39 positions to one step of their days (a visit
    takes longer, is done, the next one is driven to, reached, begun), still a day of steps in some minutes: what is
    lost, and how far the stream is behind what was sent.
"""

import argparse
import csv
import shutil
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import service_data
from service_data import CACHE, Size
from service_server import DATABASES, Client, filled_database, footer, serving
from sqlalchemy import func, select
from stream_ear import Ear, Heard

from fieldops.domain.plan import Route
from fieldops.domain.territory import Territory
from fieldops.settings import Settings
from fieldops.store.database import Database
from fieldops.store.plan_routes import current_routes
from fieldops.store.tables import PlanRow, ProgressEventRow, VisitRow
from fieldops.units import Cents
from fieldops.usecases.actor import SYSTEM, Scope
from fieldops.usecases.api_keys import create_api_key
from fieldops.usecases.work import transact
from fieldops.wiring import make_context, migrate

SIZE: Final = Size(name="Live", technicians=60, dates=1, booked=500, waiting=400)
GOAL_ETA_MS, GOAL_PLAN_MS, GOAL_BEHIND_MS = 250, 4_000, 1_000
#: What the clock shows there when a run begins.
LOCAL_HOUR: Final = 11
BATCH: Final = 10
#: One report in so many has a step among its positions.
STEP_EVERY: Final = 4
#: Longest waits for what is expected, and for a new plan, seconds; what takes longer counts as infinite.
ETA_LIMIT_S, PLAN_LIMIT_S = 5, 30
#: No replan for so long, seconds, before the next event is sent: none that was wished for before is taken for its own.
QUIET_S: Final = 2
#: What follows one another in a technician's day.
STEPS: Final = ("extended", "done", "travel_started", "arrived", "started")
SCOPES: Final = (Scope.PLANS_READ, Scope.PLANS_WRITE, Scope.CUSTOMERS_READ)
COLUMNS: Final = ("database", "measured", "events", "p50 ms", "p95 ms", "max ms", "lost", "goal")


class _ShortVisits(service_data._Company):
    """Draws visits of a quarter of an hour to an hour, so that 500 fit into a day; publishes plans by itself."""

    def territory(self, size: Size) -> Territory:
        """Make the territory."""
        made = super().territory(size)
        return replace(made, live=replace(made.live, automatic_cost=Cents(10**9), automatic_customers=1_000))

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


def steps_of(route: Route) -> Iterator[tuple[str, str]]:
    """Give the steps of what is left of a technician's day, one after the other: kind and visit."""
    now = datetime.now(UTC)
    ahead = [stop.visit_id for stop in route.stops if stop.finish > now]
    # Whether the first one has begun the day says; a step that was reported before does no harm.
    for pos, visit_id in enumerate(ahead):
        for kind in STEPS[:2] if pos == 0 else (*STEPS[2:], *STEPS[:2]):
            yield kind, visit_id


def measure_etas(
    address: tuple[str, int], key: str, ear: Ear, day: Day, count: int, rng: np.random.Generator
) -> list[float]:
    """Time (a), milliseconds; infinite where nothing came."""
    served, took = being_served(day), list[float]()
    for _ in range(count):
        route, visit_id = served[int(rng.integers(len(served)))]
        client = Client(address, key)
        begin = time.perf_counter()
        report(client, [new_event("extended", datetime.now(UTC), visit_id=visit_id, minutes=1)])
        # In this order one transaction says both; others may say what is expected of this technician, too.
        taken = ear.wait_for_kind("progress", visit_id, begin, ETA_LIMIT_S)
        heard = None if taken is None else ear.wait_for_kind("eta", route.technician_id, taken.at, ETA_LIMIT_S)
        took.append(_ms_until(heard, begin))
        client.close()
    return took


def measure_plans(
    address: tuple[str, int], key: str, ear: Ear, day: Day, count: int, rng: np.random.Generator
) -> tuple[list[float], Counter[str]]:
    """Time (b), milliseconds, and count what became of the replans."""
    served, took, ends = being_served(day), list[float](), Counter[str]()
    for number in rng.permutation(len(served)).tolist():
        if len(took) == count:
            break
        ear.wait_until_quiet(QUIET_S, 2 * PLAN_LIMIT_S)
        # A connection that is idle for seconds is closed.
        client = Client(address, key)
        risky = _at_risk(client, day)
        begin = time.perf_counter()
        report(client, [new_event("extended", datetime.now(UTC), visit_id=served[number][1], minutes=120)])
        is_jeopardy = bool(_at_risk(client, day) - risky)
        client.close()
        if not is_jeopardy:
            ends["nothing in jeopardy"] += 1
            continue
        end = ear.wait_for_end(begin, PLAN_LIMIT_S)
        state = "late" if end is None else str(end.data["state"]).replace("_", " ")
        ends[state] += 1
        if state == "applied":
            heard = ear.wait_for_kind("plan", '"replan"', begin, PLAN_LIMIT_S)
            took.append(_ms_until(heard, begin))
        elif state not in {"nothing better", "proposed"}:
            took.append(float("inf"))
    return took, ends


def _at_risk(client: Client, day: Day) -> set[str]:
    """Name the visits whose promises are in jeopardy."""
    answer = client.get(f"/v1/territories/{day.territory_id}/live/{day.date}")
    return {eta["visit_id"] for eta in answer.body["etas"] if eta["is_at_risk"]}


def measure_load(
    address: tuple[str, int], key: str, ear: Ear, day: Day, *, rate: int, seconds: int, connections: int
) -> tuple[list[float], list[str], int]:
    """Do (c): give how far the stream is behind, milliseconds, the ids that were sent, and how many were steps."""
    routes = [route for route in day.routes.values() if route.stops]
    sent: list[tuple[float, list[tuple[str, str]], list[str]]] = []
    guard = threading.Lock()
    begin = time.perf_counter()

    def send(number: int) -> None:
        rng = np.random.default_rng(number)
        client = Client(address, key)
        # Each technician reports over one connection: what comes of one is not taken for what comes of another.
        own = routes[number::connections]
        ahead = {route.technician_id: steps_of(route) for route in own}
        pause = BATCH * connections / rate
        for turn in range(int(seconds / pause)):
            due = begin + turn * pause + number * pause / connections
            time.sleep(max(0.0, due - time.perf_counter()))
            batch = [position(own[int(rng.integers(len(own)))], rng) for _ in range(BATCH)]
            marks = [("technician", batch[-1]["technician_id"])]
            step = None
            if turn % STEP_EVERY == 0:
                step = next(ahead[own[turn // STEP_EVERY % len(own)].technician_id], None)
            if step is not None:
                kind, visit_id = step
                more = {"minutes": 1} if kind == "extended" else {}
                batch[0] = new_event(kind, datetime.now(UTC), visit_id=visit_id, **more)
                marks.append(("progress", visit_id))
            with guard:
                sent.append((time.perf_counter(), marks, [event["id"] for event in batch]))
            report(client, batch)
        client.close()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    marked = [(at, kind, name) for at, marks, _ in sent for kind, name in marks]
    behind = [_ms_until(ear.wait_for_kind(kind, name, at, ETA_LIMIT_S), at) for at, kind, name in marked]
    return behind, [event_id for *_, ids in sent for event_id in ids], len(marked) - len(sent)


def _ms_until(heard: Heard | None, since: float) -> float:
    """Say how long after an instant something was heard, milliseconds."""
    return float("inf") if heard is None else 1_000 * (heard.at - since)


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
            client, ear = Client(address, key), Ear()
            catch_up(client, day)
            client.close()
            path = f"/v1/streams/board?territory_id={day.territory_id}&date={day.date}"
            threading.Thread(target=ear.listen, args=(address, key, path), daemon=True).start()
            if not ear.is_up.wait(30):
                raise RuntimeError("the stream said nothing")
            etas = measure_etas(address, key, ear, day, options.events, rng)
            plans, ends = measure_plans(address, key, ear, day, options.plans, rng)
            behind, ids, steps = measure_load(
                address, key, ear, day_of(url), rate=options.rate, seconds=options.seconds, connections=4
            )
            lost = lost_of(url, ids)
        told = footer(url, options.seed)
    sustained = f"{options.rate} events/s for {options.seconds} s, {steps} of them steps"
    lines = [
        _line(kind, "event to ETAs on the stream", etas, len(etas), "", GOAL_ETA_MS),
        _line(kind, "event to published new plan", plans, len(plans), "", GOAL_PLAN_MS),
        _line(kind, f"{sustained}: stream behind", behind, len(ids), lost, GOAL_BEHIND_MS),
    ]
    counted = ", ".join(f"{count} {state}" for state, count in sorted(ends.items()))
    return lines, f"replans of the second line: {counted}; {told}"


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
