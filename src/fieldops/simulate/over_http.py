"""The product over its public API, on a clock that goes fast: what a demonstration drives."""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

import httpx

from fieldops.domain.problem import Place
from fieldops.domain.progress import ProgressEvent
from fieldops.errors import WrongState
from fieldops.simulate.driver import BreakAhead, DayAhead, Expectation, StopAhead
from fieldops.simulate.fast_clock import FastClock

#: How long one answer may take, seconds; streams say something every few seconds.
_PATIENCE_S: Final = 60.0
_PAGE: Final = 200

#: Hears what the board's stream says: the kind, and the data.
Listener = Callable[[str, dict[str, Any]], None]


@dataclass(slots=True, kw_only=True)
class OverHttp:
    """
    A driver of the API.

    Attributes
    ----------
    decides_after
        When a dispatcher approves what is left to people.
    url, token
        Of the service, and what opens it.
    listener
        Called for everything that the stream of the board says.
    on_report
        Called with every event that was reported.
    expected
        By visit id, what was expected of it and since when, in order.
    """

    url: str
    token: str
    clock: FastClock
    territory_id: str
    day: date
    decides_after: timedelta
    listener: Listener
    on_report: Callable[[ProgressEvent], None]
    expected: dict[str, list[Expectation]] = field(default_factory=dict)
    _http: httpx.Client = field(init=False)
    _proposals: deque[tuple[datetime, str]] = field(default_factory=deque)
    _moved: threading.Event = field(default_factory=threading.Event)
    _phones: tuple[DayAhead, ...] = ()
    _ends: dict[str, tuple[Place, Place | None]] = field(default_factory=dict)
    _orders: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin to listen."""
        headers = {"Authorization": f"Bearer {self.token}"}
        self._http = httpx.Client(base_url=self.url, headers=headers, timeout=_PATIENCE_S)
        self._moved.set()
        threading.Thread(target=self._listen, name="board", daemon=True).start()

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def advance(self, until: datetime) -> None:
        """Let time pass, and approve what is proposed meanwhile."""
        while self._proposals and self._proposals[0][0] <= until:
            at, replan_id = self._proposals.popleft()
            self.clock.wait_until(at)
            answer = self._http.post(f"/v1/replans/{replan_id}/approve", json={})
            if answer.is_server_error:
                raise WrongState(f"a proposal was answered with {answer.status_code}: {answer.text}")
        self.clock.wait_until(until)

    def days(self) -> Sequence[DayAhead]:
        """Show what is on the phones; asked for again when the stream has said that the plan has moved."""
        if self._moved.is_set():
            self._moved.clear()
            self._phones = tuple(self._read_phones())
        return self._phones

    def report(self, events: Sequence[ProgressEvent]) -> None:
        """Report events."""
        body = [
            {
                "id": event.id,
                "kind": event.kind.value,
                "occurred_at": event.occurred_at.isoformat(),
                **({} if event.technician_id is None else {"technician_id": event.technician_id}),
                **({} if event.visit_id is None else {"visit_id": event.visit_id}),
                **({"minutes": event.minutes} if event.minutes else {}),
                **({"reason": event.reason} if event.reason else {}),
                **({} if event.latitude is None else {"latitude": event.latitude, "longitude": event.longitude}),
            }
            for event in events
        ]
        self._ask("POST", "/v1/progress", json={"events": body})
        for event in events:
            self.on_report(event)

    def call_in(self, like_visit_id: str, number: int) -> str:
        """Take down urgent work like that of a visit."""
        like = self._ask("GET", f"/v1/visits/{like_visit_id}")
        order = self._ask("GET", f"/v1/work-orders/{like['work_order_id']}")
        made = self._ask(
            "POST",
            "/v1/work-orders",
            json={
                "territory_id": like["territory_id"],
                "summary": f"urgent: {like['name']}",
                "reference": f"urgent-{number}-{order['reference']}",
                "customer_id": order["customer_id"],
                "site_id": like["site_id"],
                "visits": [
                    {
                        "name": f"emergency {like['name']}",
                        "duration_s": like["duration_s"],
                        "required_skills": like["required_skills"],
                        "priority": 5,
                    }
                ],
            },
        )
        visit_id: str = made["visits"][0]["id"]
        return visit_id

    def name_of(self, visit_id: str) -> str:
        """Name a visit as its work order does."""
        order = self._orders.get(visit_id)
        return visit_id if order is None else f"{order['reference']} {order['name']}"

    def _read_phones(self) -> Iterator[DayAhead]:
        """Read the running plan."""
        plan = self._ask("GET", f"/v1/plans/{self.territory_id}/{self.day}")
        if any(stop["visit_id"] not in self._orders for route in plan["routes"] for stop in route["stops"]):
            self._read_orders()
        for route in plan["routes"]:
            start, end = self._places_of(route["technician_id"])
            yield DayAhead(
                technician_id=route["technician_id"],
                key=route["technician_name"],
                start_place=start,
                end_place=end,
                leaves_at=_instant(route["departure_at"] or route["starts_at"]),
                ends_at=_instant(route["ends_at"]),
                stops=tuple(self._stop(stop) for stop in route["stops"]),
                breaks=tuple(
                    BreakAhead(
                        not_before=_instant(taken["start"]),
                        duration=_instant(taken["end"]) - _instant(taken["start"]),
                        after_visits=taken["after_visits"],
                    )
                    for taken in route["breaks"]
                    if taken.get("on_the_clock", True)
                ),
            )

    def _stop(self, stop: dict[str, Any]) -> StopAhead:
        """Show a stop as a phone does."""
        begins = stop["window_start"] or (stop["start_at"] if stop["wait_s"] else None)
        order = self._orders.get(stop["visit_id"])
        return StopAhead(
            visit_id=stop["visit_id"],
            key=stop["visit_id"] if order is None else order["reference"],
            name=stop["name"],
            place=Place(id=stop["visit_id"], latitude=stop["latitude"], longitude=stop["longitude"]),
            not_before=None if begins is None else _instant(begins),
            planned=_instant(stop["finish_at"]) - _instant(stop["start_at"]),
        )

    def _places_of(self, technician_id: str) -> tuple[Place, Place | None]:
        """Say where a technician's day begins and ends; asked for once."""
        if technician_id not in self._ends:
            day = self._ask("GET", f"/v1/technicians/{technician_id}/day", params={"date": str(self.day)})
            first, last = day["shifts"][0], day["shifts"][-1]
            end = last["end_place"]
            self._ends[technician_id] = (_place(first["start_place"]), None if end is None else _place(end))
        return self._ends[technician_id]

    def _read_orders(self) -> None:
        """Read what the visits' work orders are called."""
        after: str | None = None
        while True:
            params = {"territory_id": self.territory_id, "limit": _PAGE, **({} if after is None else {"after": after})}
            page = self._ask("GET", "/v1/work-orders", params=params)
            for order in page["items"]:
                for visit in order["visits"]:
                    self._orders[visit["id"]] = {"reference": order["reference"] or visit["id"], "name": visit["name"]}
            after = page["next"]
            if after is None:
                return

    def _ask(self, method: str, path: str, **options: Any) -> Any:
        """Ask, and give the answer; what is refused ends the demonstration."""
        answer = self._http.request(method, path, **options)
        if answer.is_error:
            raise WrongState(f"{method} {path} was answered with {answer.status_code}: {answer.text}")
        return answer.json()

    def _listen(self) -> None:
        """Hear what the board says, until nobody answers any more."""
        query = {"territory_id": self.territory_id, "date": str(self.day)}
        kind = ""
        try:
            with self._http.stream("GET", "/v1/streams/board", params=query) as stream:
                for line in stream.iter_lines():
                    if line.startswith("event:"):
                        kind = line.removeprefix("event:").strip()
                    elif line.startswith("data:"):
                        self._heard(kind, json.loads(line.removeprefix("data:")))
        except (httpx.HTTPError, httpx.StreamError, OSError, RuntimeError):
            # The service has ended, or we have hung up.
            return

    def _heard(self, kind: str, data: dict[str, Any]) -> None:
        """Note what is expected and that the plan has moved, and pass everything on."""
        if kind in {"eta", "snapshot"}:
            now = self.clock.now()
            for eta in data.get("etas", ()):
                expectation = Expectation(
                    since=now,
                    arrival=_instant(eta["arrival_at"]),
                    earliest=_instant(eta["earliest_at"]),
                    latest=_instant(eta["latest_at"]),
                )
                self.expected.setdefault(eta["visit_id"], []).append(expectation)
        elif kind == "plan":
            self._moved.set()
        elif kind == "proposal" and data["state"] == "proposed":
            self._proposals.append((self.clock.now() + self.decides_after, data["replan_id"]))
        self.listener(kind, data)


def _instant(text: str) -> datetime:
    """Read an instant."""
    return datetime.fromisoformat(text)


def _place(told: dict[str, Any]) -> Place:
    """Read a place."""
    return Place(id=told["address"], latitude=told["latitude"], longitude=told["longitude"])
