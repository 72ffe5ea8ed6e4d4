"""
A stand-in for an OSRM server: a table service on 127.0.0.1 whose roads are a formula.

All places lie on one street with a number per 0.001 degree of longitude. From number i to number j it takes 60 s per
number, and 5 s more when driving up; the way is 500 m per number.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from fieldops.domain.problem import Place


def numbered(*numbers: int) -> list[Place]:
    """Places on the street, with the ids n0, n1, ..."""
    return [Place(id=f"n{number}", latitude=39.0, longitude=number / 1000) for number in numbers]


@dataclass
class Misbehavior:
    """What is answered instead of a table: a status and a body, nothing at all (broken off), or nothing yet (slow)."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    breaks_off: bool = False
    is_slow: bool = False


@dataclass
class StandIn:
    """What the server does, and what it was asked."""

    url: str = ""
    misbehaviors: list[Misbehavior] = field(default_factory=list)
    no_way_from: set[int] = field(default_factory=set)
    no_way_to: set[int] = field(default_factory=set)
    no_way: set[tuple[int, int]] = field(default_factory=set)
    snap_m: dict[int, float] = field(default_factory=dict)
    requests: list[tuple[str, int, int]] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def table(self, path: str) -> dict[str, object]:
        """Answer one request; remember its profile and its numbers of sources and destinations."""
        address = urlsplit(path)
        _, service, version, profile, points = unquote(address.path).split("/")
        assert (service, version) == ("table", "v1")
        query = parse_qs(address.query)
        assert query["annotations"] == ["duration,distance"]
        numbers = [round(float(point.split(",")[0]) * 1000) for point in points.split(";")]
        sources = [numbers[pos] for pos in self._positions(query, "sources", len(numbers))]
        destinations = [numbers[pos] for pos in self._positions(query, "destinations", len(numbers))]
        self.requests.append((profile, len(sources), len(destinations)))
        return {
            "code": "Ok",
            "durations": [[self._cell(i, j, 60 * abs(i - j) + 5 * (j > i)) for j in destinations] for i in sources],
            "distances": [[self._cell(i, j, 500 * abs(i - j)) for j in destinations] for i in sources],
            "sources": [{"distance": self.snap_m.get(i, 0.0)} for i in sources],
            "destinations": [{"distance": self.snap_m.get(j, 0.0)} for j in destinations],
        }

    def _positions(self, query: dict[str, list[str]], name: str, count: int) -> list[int]:
        """Positions of the coordinates asked for; all unless the query names some."""
        return [int(pos) for pos in query[name][0].split(";")] if name in query else list(range(count))

    def _cell(self, start: int, end: int, value: float) -> float | None:
        """The value, or null where there is no way."""
        is_cut = start in self.no_way_from or end in self.no_way_to or (start, end) in self.no_way
        return None if is_cut and start != end else value


@contextmanager
def osrm_stand_in() -> Iterator[StandIn]:
    """Run the server on a free port for the length of a with block."""
    stand_in = StandIn()

    class Handler(BaseHTTPRequestHandler):
        """Answers with a table unless a misbehavior is due."""

        protocol_version = "HTTP/1.1"
        # One packet per answer: headers sent ahead of the body cost 40 ms of delayed acknowledgment each time.
        wbufsize = -1

        def do_GET(self) -> None:
            """Answer, or misbehave."""
            misbehavior = stand_in.misbehaviors.pop(0) if stand_in.misbehaviors else None
            if misbehavior is None:
                self._send(200, json.dumps(stand_in.table(self.path)).encode(), {})
            elif misbehavior.breaks_off:
                self.close_connection = True
            elif misbehavior.is_slow:
                # Longer than any test's patience; ends at once when the test is over.
                stand_in.stopped.wait(30)
                self.close_connection = True
            else:
                self._send(misbehavior.status, misbehavior.body, misbehavior.headers)

        def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            """Write status, headers and body."""
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the test output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stand_in.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield stand_in
    finally:
        stand_in.stopped.set()
        server.shutdown()
        thread.join()
        server.server_close()
