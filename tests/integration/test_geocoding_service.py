"""geopy's Nominatim geocoder against a stand-in server on the loopback: what it finds, and every way to fail."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from fieldops.errors import GeocoderUnavailable, InvalidInput
from fieldops.store.database import Database
from fieldops.travel.geocoders import GeopyGeocoder
from fieldops.usecases.locate_address import locate_address
from worlds import STAFF, make_context

FOUND = [{"display_name": "1 Main Street, Springfield", "lat": "38.9001", "lon": "-77.0002"}]


@dataclass
class StandIn:
    """
    A Nominatim that says what it is told to.

    Attributes
    ----------
    asked
        Queries, with the User-Agent that came along.
    """

    status: int = 200
    body: str = json.dumps(FOUND)
    asked: list[tuple[str, str]] = field(default_factory=list)
    port: int = 0
    hangs_up: bool = False

    @property
    def options(self) -> dict[str, str | float]:
        """What geopy has to be told to come here."""
        return {"domain": f"127.0.0.1:{self.port}", "scheme": "http", "timeout": 2}


@contextmanager
def _serving(stand_in: StandIn) -> Iterator[None]:
    """Serve on a free port of the loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query)["q"][0]
            stand_in.asked.append((query, self.headers["User-Agent"]))
            if stand_in.hangs_up:
                self.close_connection = True
                return
            answer = stand_in.body.encode()
            self.send_response(stand_in.status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stand_in.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """Give a server that knows one address."""
    stand_in = StandIn()
    with _serving(stand_in):
        yield stand_in


def test_an_address_is_found_once_and_kept(database: Database, stand_in: StandIn) -> None:
    """The whole way: use case, cache, geopy, HTTP and back; the service learns who is asking, as it demands."""
    ctx = make_context(database, geocoder=GeopyGeocoder("Nominatim", stand_in.options))
    for spelling in ("1 Main St, Springfield", "1 main street springfield"):
        found = locate_address(ctx, STAFF, spelling)
        assert (found.address, found.latitude, found.longitude, found.geocoded_by) == (
            "1 Main Street, Springfield",
            38.9001,
            -77.0002,
            "nominatim",
        )

    [(query, user_agent)] = stand_in.asked
    assert query == "1 Main St, Springfield"
    assert user_agent.startswith("fieldops/")


def test_not_found_is_an_answer(stand_in: StandIn) -> None:
    """An address nobody knows is no failure of the service."""
    stand_in.body = "[]"

    assert GeopyGeocoder("nominatim", stand_in.options).locate("Nowhere 1") is None


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, "slow down"),
        (403, "not you"),
        (500, "oops"),
        (200, "<html>"),
        (200, '[{"display_name": "x"}]'),
        (200, '{"error": "x"}'),
        (200, "[7]"),
    ],
)
def test_a_service_that_does_not_answer_properly_is_unavailable(stand_in: StandIn, status: int, body: str) -> None:
    """Quota, refusal, failure or nonsense: the caller hears that the geocoder did not answer, and no secret of ours."""
    stand_in.status, stand_in.body = status, body
    with pytest.raises(GeocoderUnavailable, match="the geocoder nominatim did not answer") as refused:
        GeopyGeocoder("nominatim", stand_in.options).locate("1 Main St")

    assert str(stand_in.port) not in str(refused.value)


def test_a_service_that_hangs_up_or_is_not_there_is_unavailable(stand_in: StandIn) -> None:
    """Networks fail in more ways than servers."""
    stand_in.hangs_up = True
    with pytest.raises(GeocoderUnavailable):
        GeopyGeocoder("nominatim", stand_in.options).locate("1 Main St")
    nobody = StandIn(port=9)  # The discard port: nothing listens there.
    with pytest.raises(GeocoderUnavailable):
        GeopyGeocoder("nominatim", nobody.options).locate("1 Main St")


def test_a_geocoder_that_cannot_be_made_is_told_at_the_start() -> None:
    """A slip in the settings must not wait for the first customer to be found."""
    with pytest.raises(InvalidInput, match="geocoder: found 'nominatin', expected table, or one of geopy's"):
        GeopyGeocoder("nominatin")
    with pytest.raises(InvalidInput, match="geocoder_options: found 'apikey', expected only"):
        GeopyGeocoder("opencage", {"apikey": "secret"})
    with pytest.raises(InvalidInput, match=r"geocoder_options: found none, expected .*api_key"):
        GeopyGeocoder("opencage")
