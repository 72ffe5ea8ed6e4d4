"""Customers who book while the service is killed: every request has a key, and is sent again until it is answered."""

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import httpx

from worlds import LATITUDE, LONGITUDE

#: How long one request is sent again and again before its sender gives up, seconds.
PATIENCE_S: Final = 60.0
#: Between two tries, seconds.
PAUSE_S: Final = 0.1
#: Of a single try, seconds.
TIMEOUT_S: Final = 15.0
#: Customers are within about seven kilometers, in degrees.
AROUND: Final = 0.06
#: Offers that are tried when others are faster.
MOST_OFFERS: Final = 4


class Refused(Exception):
    """The service said no: somebody else was faster."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(problem["code"])
        self.problem = problem


class GaveUp(Exception):
    """Nobody answered, for as long as patience lasts."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a customer was told about a booking."""

    version: int
    state: str
    window_start: str
    window_end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """
    A booking as its customer knows it.

    Attributes
    ----------
    told
        One answer for each change, the last one true.
    """

    booking_id: str
    visit_id: str
    hold_id: str
    told: list[Told] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Whom to book with: the address of the API, a key to it, a territory, and the dates on which people work."""

    url: str
    key: str
    territory_id: str
    days: tuple[date, ...]


class Log:
    """
    What all callers saw.

    Attributes
    ----------
    bookings
        By id.
    plan_jobs
        Ids of the plans that were asked for.
    answered
        When each successful request began and ended (seconds of the monotonic clock).
    counts
        ``requests``, ``sent again``, ``replayed`` (the answer was known already), ``refused``, ``holds left``.
    faults
        What must not happen: errors of the service, unexpected answers, patience that ran out.
    booking
        Set whenever a request is about to leave that makes or changes a booking.
    """

    def __init__(self) -> None:
        self.bookings: dict[str, Acknowledged] = {}
        self.plan_jobs: list[str] = []
        self.answered: list[tuple[float, float]] = []
        self.counts: Counter[str] = Counter()
        self.faults: list[str] = []
        self.guard = threading.Lock()
        self.booking = threading.Event()

    def count(self, what: str) -> None:
        """Count one more."""
        with self.guard:
            self.counts[what] += 1


class Caller:
    """Sends requests, each with a key of its own, until they are answered."""

    def __init__(self, name: str, target: Target, log: Log) -> None:
        self.name = name
        self.target = target
        self.log = log
        self._number = 0
        self._http = httpx.Client(
            base_url=f"{target.url}/v1", timeout=TIMEOUT_S, headers={"Authorization": f"Bearer {target.key}"}
        )

    def post(self, path: str, **body: Any) -> Any:
        """
        Do something, once, however often it has to be asked for.

        Raises
        ------
        Refused
            On a conflict.
        GaveUp
            When nobody answers.
        """
        self._number += 1
        return self._ask("POST", path, json=body, headers={"Idempotency-Key": f"{self.name}-{self._number}"})

    def get(self, path: str) -> Any:
        """Read something; raises like `post`."""
        return self._ask("GET", path)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _ask(self, method: str, path: str, **request: Any) -> Any:
        self.log.count("requests")
        give_up_at = time.monotonic() + PATIENCE_S
        while time.monotonic() < give_up_at:
            if path.startswith("/bookings"):
                self.log.booking.set()
            began = time.monotonic()
            try:
                answer = self._http.request(method, path, **request)
            except httpx.TransportError:
                self.log.count("sent again")
                time.sleep(PAUSE_S)
                continue
            if answer.is_success:
                self.log.answered.append((began, time.monotonic()))
                if answer.headers.get("Idempotent-Replayed") == "true":
                    self.log.count("replayed")
                return answer.json()
            if answer.status_code == 409:
                self.log.count("refused")
                raise Refused(answer.json())
            assert answer.status_code == 503, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
            self.log.count("sent again")
            time.sleep(PAUSE_S)
        raise GaveUp(f"{method} {path}: no answer within {PATIENCE_S:g} s")


class Load:
    """
    Callers on threads of their own: customers who book, change their minds and cancel, and a dispatcher who has plans
    made of the dates they book on.

    Parameters
    ----------
    think_s
        Longest pause between two customers of one caller, seconds.
    leaves
        Share of customers who hold a window and are not heard of again.
    plan_s
        How long each plan is searched, seconds.
    """

    def __init__(self, target: Target, *, seed: int, callers: int, think_s: float, leaves: float, plan_s: int) -> None:
        self.target = target
        self.log = Log()
        self._think_s = think_s
        self._leaves = leaves
        self._plan_s = plan_s
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._guarded, args=(self._book, f"caller-{number}", seed * 1_000 + number))
            for number in range(callers)
        ]
        self._threads.append(threading.Thread(target=self._guarded, args=(self._plan, "planner", seed)))

    def start(self) -> None:
        """Let them begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let everybody finish what they are at."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _guarded(self, run: Any, name: str, seed: int) -> None:
        """Run a caller to the end; nothing that goes wrong is lost with its thread."""
        caller = Caller(name, self.target, self.log)
        try:
            run(caller, random.Random(seed))
        except Exception as error:
            self.log.faults.append(f"{name}: {type(error).__name__}: {error}")
        finally:
            caller.close()

    def _book(self, caller: Caller, rng: random.Random) -> None:
        """Be one customer after the other."""
        number = int(caller.name.rpartition("-")[2]) * 2_000
        while not self._stop.wait(rng.uniform(0, self._think_s)):
            number += 1
            try:
                self._one_customer(caller, rng, number)
            except Refused:
                continue

    def _one_customer(self, caller: Caller, rng: random.Random, number: int) -> None:
        """Book an appointment, and perhaps move or cancel it."""
        visit_id = self._take_down(caller, rng, number)
        hold = self._hold(caller, rng, visit_id)
        if hold is None:
            return
        if rng.random() < self._leaves:
            self.log.count("holds left")
            return
        booking = caller.post("/bookings", hold_id=hold["id"])
        known = Acknowledged(booking_id=booking["id"], visit_id=visit_id, hold_id=hold["id"])
        with self.log.guard:
            if known.booking_id in self.log.bookings:
                self.log.faults.append(f"{known.booking_id} was made of two holds")
            self.log.bookings[known.booking_id] = known
        known.told.append(_told(booking))
        path = f"/bookings/{known.booking_id}"
        if rng.random() < 0.35:
            offers = caller.post("/quotes", visit_id=visit_id)["offers"]
            if offers:
                moved = caller.post(f"{path}/reschedule", offer_id=rng.choice(offers)["id"])
                if moved["version"] != known.told[-1].version:
                    known.told.append(_told(moved))
        if rng.random() < 0.25:
            reopens = rng.random() < 0.5
            known.told.append(_told(caller.post(f"{path}/cancel", reason="Not needed any more", reopens=reopens)))

    def _take_down(self, caller: Caller, rng: random.Random, number: int) -> str:
        """Make a work order of a new customer; every fourth one wants text messages."""
        kind, value = ("email", f"customer-{number}@example.com")
        if number % 4 == 0:
            kind, value = ("phone", f"+1202555{number:04}")
        order = caller.post(
            "/work-orders",
            territory_id=self.target.territory_id,
            summary=f"Boiler {number}",
            customer={"name": f"Customer {number}", "contacts": [{"kind": kind, "value": value, "has_consent": True}]},
            site={
                "address": f"{number} Main Street",
                "latitude": LATITUDE + rng.uniform(-AROUND, AROUND),
                "longitude": LONGITUDE + rng.uniform(-AROUND, AROUND),
            },
            visits=[{"duration_s": rng.choice((900, 1_800, 2_700))}],
        )
        visit_id: str = order["visits"][0]["id"]
        return visit_id

    def _hold(self, caller: Caller, rng: random.Random, visit_id: str) -> Any:
        """Hold a window; None when all that were tried are gone."""
        offers = caller.post("/quotes", visit_id=visit_id)["offers"]
        for _ in range(MOST_OFFERS):
            if not offers:
                return None
            try:
                return caller.post("/holds", offer_id=rng.choice(offers)["id"])
            except Refused as refused:
                offers = refused.problem["details"].get("offers", [])
        return None

    def _plan(self, caller: Caller, rng: random.Random) -> None:
        """Have plans made and published, one after the other."""
        is_over = False
        while not is_over:
            day = rng.choice(self.target.days)
            path = f"/plans/{self.target.territory_id}/{day}/solve"
            job = caller.post(path, seconds=self._plan_s, publishes=True)
            self.log.plan_jobs.append(job["id"])
            while job["state"] in {"queued", "running"} and not self._stop.wait(0.5):
                job = caller.get(f"/plan-jobs/{job['id']}")
            is_over = self._stop.wait(rng.uniform(0.5, 3.0))


def _told(booking: dict[str, Any]) -> Told:
    return Told(booking["version"], booking["state"], booking["window_start"], booking["window_end"])
