"""An ear for the benchmarks: reads a stream of the service as browsers do, and notes when it said what."""

import json
import threading
import time
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any, Final

#: States after which nothing more comes of a replan by itself. A proposal waits for a dispatcher.
ENDED: Final = frozenset({"applied", "proposed", "nothing_better", "rejected", "stale", "canceled", "failed"})


@dataclass(frozen=True, slots=True)
class Heard:
    """One event of a stream: when it was read (`time.perf_counter`), its kind, its data as text."""

    at: float
    kind: str
    text: str

    @property
    def data(self) -> dict[str, Any]:
        """What it says."""
        found: dict[str, Any] = json.loads(self.text)
        return found


@dataclass(slots=True)
class Ear:
    """Reads a stream on a thread of its own."""

    heard: list[Heard] = field(default_factory=list)
    is_up: threading.Event = field(default_factory=threading.Event)
    _said: threading.Condition = field(default_factory=threading.Condition)

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
                    with self._said:
                        self.heard.append(Heard(time.perf_counter(), kind, text.removeprefix("data: ")))
                        self._said.notify_all()
                    self.is_up.set()
        except OSError:
            return

    def wait_for(self, is_it: Callable[[Heard], bool], since: float, limit_s: float) -> Heard | None:
        """Wait for the first event after an instant that is the one; None when it does not come."""
        found: list[Heard] = []
        seen = bisect_left(self.heard, since, key=lambda heard: heard.at)

        def has_come() -> bool:
            nonlocal seen
            while not found and seen < len(self.heard):
                if is_it(self.heard[seen]):
                    found.append(self.heard[seen])
                seen += 1
            return bool(found)

        with self._said:
            self._said.wait_for(has_come, timeout=limit_s)
        return found[0] if found else None

    def wait_for_kind(self, kind: str, wanted: str, since: float, limit_s: float) -> Heard | None:
        """Wait for an event of a kind whose data contain a text."""
        return self.wait_for(lambda heard: heard.kind == kind and wanted in heard.text, since, limit_s)

    def wait_for_end(self, since: float, limit_s: float) -> Heard | None:
        """
        Wait until the first replan has ended that began after an instant.

        Returns
        -------
        Heard | None
            What said so: `data` has its ``state``. None when none began, or it did not end.
        """
        begun: set[str] = set()

        def has_ended(heard: Heard) -> bool:
            if heard.kind not in {"replan", "proposal"}:
                return False
            data = heard.data
            if data["state"] == "running":
                begun.add(data["replan_id"])
            # One that came too late is followed by another one: it is the plan that counts.
            return data["replan_id"] in begun and data["state"] in ENDED - {"stale"}

        return self.wait_for(has_ended, since, limit_s)

    def wait_until_quiet(self, quiet_s: float, limit_s: float) -> None:
        """
        Wait until no replan runs, and none has ended for some seconds.

        Raises
        ------
        RuntimeError
            When that takes too long.
        """
        give_up = time.perf_counter() + limit_s
        while True:
            running, last = set(), 0.0
            for heard in list(self.heard):
                if heard.kind in {"replan", "proposal"}:
                    data, last = heard.data, heard.at
                    (running.discard if data["state"] in ENDED else running.add)(data["replan_id"])
            now = time.perf_counter()
            if not running and now - last >= quiet_s:
                return
            if now > give_up:
                raise RuntimeError(f"replans go on and on: {sorted(running)}")
            time.sleep(0.1)
