"""
Travel times over real roads, from the table service of an OSRM server.

The address is always given: no public server is ever asked unless somebody wrote it down.
"""

import ipaddress
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import httpx
import numpy as np

from fieldops.domain.problem import Place
from fieldops.errors import Fault, InvalidInput, TravelRefused, TravelUnavailable, UnreachablePlaces
from fieldops.travel.geodesic import geodesic_m
from fieldops.travel.osrm_answer import Table, read_table
from fieldops.travel.provider import (
    FloatArray,
    IntArray,
    TravelMatrix,
    TravelTable,
    limited,
    require_coordinates,
    require_reachable,
    require_ways,
)

#: The server may do better a moment later: too many requests, and its own or its gateway's failures.
RETRIED_STATUS: Final = frozenset({429, 500, 502, 503, 504})

_ADVICE: Final = "Start it, correct travel.url, or set travel.kind to geodesic, which needs no server."


@dataclass(frozen=True, slots=True, kw_only=True)
class OsrmTravel:
    """
    An OSRM server's table service (free-flow durations of its own profile).

    Attributes
    ----------
    url
        Base address, such as ``http://127.0.0.1:5000``.
    profile
        Profile segment of the request; a server serves one profile and ignores it, a gateway may not.
    block_size
        Most sources and most destinations of one request. 100 is what a server accepts unless it was started with
        another ``--max-table-size``.
    connect_timeout_s, read_timeout_s
        Seconds until a connection attempt or an answer is given up.
    attempts
        How often a request is sent before the server counts as away, >= 1.
    first_pause_s, longest_pause_s
        Seconds between the first two attempts, doubled each time; the most that is waited, whatever the server asks.
    max_snap_m
        A place further than this from every road, in meters, is an error: the server would move it there silently.
    sleep
        Waits for some seconds.

    Raises
    ------
    InvalidInput
        When the address is no web address, or `block_size` or `attempts` is below 1.
    """

    url: str
    profile: str = "driving"
    block_size: int = 100
    connect_timeout_s: float = 5.0
    read_timeout_s: float = 60.0
    attempts: int = 4
    first_pause_s: float = 0.5
    longest_pause_s: float = 30.0
    max_snap_m: int = 5_000
    sleep: Callable[[float], None] = time.sleep

    def __post_init__(self) -> None:
        faults = []
        if not _is_web_address(self.url):
            expected = "the address of an OSRM server, such as http://127.0.0.1:5000"
            faults.append(Fault(path="travel.url", found=repr(self.url), expected=expected))
        for name, value in (("block_size", self.block_size), ("attempts", self.attempts)):
            if value < 1:
                faults.append(Fault(path=f"travel.{name}", found=str(value), expected="at least 1"))
        if faults:
            raise InvalidInput(faults)

    @property
    def shown_url(self) -> str:
        """The address without a user name or password, for messages."""
        return str(httpx.URL(self.url).copy_with(username="", password=""))

    def matrix(self, places: Sequence[Place]) -> TravelMatrix:
        """
        Ask for all pairs, block by block.

        Raises
        ------
        InvalidInput
            When coordinates are no coordinates.
        UnreachablePlaces
            When there is no way between some places, or a place is far from every road.
        TravelUnavailable
            When the server is away, or keeps failing after all attempts.
        TravelRefused
            When it answers with an error of its own, or with something that is no travel table.
        """
        require_coordinates(places)
        n = len(places)
        seconds, meters = np.zeros((n, n)), np.zeros((n, n))
        snaps: list[float | None] = [None] * n
        # A server refuses a single coordinate, and there is nothing to ask.
        if n > 1:
            for rows, columns, table in self._tables(_Question(places, places, "places", "places")):
                seconds[rows, columns], meters[rows, columns] = table.seconds, table.meters
                snaps[rows] = table.snaps
        self._require_near_roads(places, snaps, "places")
        require_reachable(places, np.isnan(seconds) | np.isnan(meters))
        not_measured = meters < 0
        if not_measured.any():
            meters[not_measured] = geodesic_m(places)[not_measured]
        # The way from a place to itself is 0 whatever was said.
        for cells in (seconds, meters):
            np.fill_diagonal(cells, 0)
        return TravelMatrix(
            duration_s=_whole(seconds),
            distance_m=_whole(meters),
            snap_m=tuple(None if snap is None else round(snap) for snap in snaps),
        )

    def between(self, origins: Sequence[Place], destinations: Sequence[Place]) -> TravelTable:
        """Ask for a rectangle of pairs, block by block; raises as `matrix` does."""
        require_coordinates(origins, path="origins")
        require_coordinates(destinations, path="destinations")
        shape = len(origins), len(destinations)
        seconds, meters = np.zeros(shape), np.zeros(shape)
        origin_snaps: list[float | None] = [None] * shape[0]
        destination_snaps: list[float | None] = [None] * shape[1]
        if origins and destinations:
            question = _Question(origins, destinations, "origins", "destinations")
            for rows, columns, table in self._tables(question):
                seconds[rows, columns], meters[rows, columns] = table.seconds, table.meters
                origin_snaps[rows], destination_snaps[columns] = table.snaps, table.destination_snaps
        self._require_near_roads(origins, origin_snaps, "origins")
        self._require_near_roads(destinations, destination_snaps, "destinations")
        require_ways(origins, destinations, np.isnan(seconds) | np.isnan(meters))
        not_measured = meters < 0
        if not_measured.any():
            meters[not_measured] = geodesic_m(origins, destinations)[not_measured]
        return TravelTable(duration_s=_whole(seconds), distance_m=_whole(meters))

    def _tables(self, question: "_Question") -> Iterator[tuple[slice, slice, Table]]:
        """Ask for one block after the other; yield its rows, its columns and its cells."""
        timeout = httpx.Timeout(self.read_timeout_s, connect=self.connect_timeout_s)
        # A proxy set for the outside world cannot know a server on this machine.
        use_proxy = not _is_this_machine(httpx.URL(self.url).host)
        with httpx.Client(timeout=timeout, follow_redirects=True, trust_env=use_proxy) as client:
            for rows in self._blocks(question.origins):
                for columns in self._blocks(question.destinations):
                    yield rows, columns, self._table(client, question, rows, columns)

    def _blocks(self, places: Sequence[Place]) -> list[slice]:
        """Cut places into pieces a server takes in one request."""
        return [slice(first, first + self.block_size) for first in range(0, len(places), self.block_size)]

    def _table(self, client: httpx.Client, question: "_Question", rows: slice, columns: slice) -> Table:
        """Ask for the cells from the places of some rows to those of some columns."""
        sources, destinations = list(question.origins[rows]), list(question.destinations[columns])
        asked, query = sources, "annotations=duration,distance&generate_hints=false"
        if question.origins is not question.destinations or rows != columns:
            asked = sources + destinations
            first = ";".join(str(pos) for pos in range(len(sources)))
            last = ";".join(str(pos) for pos in range(len(sources), len(asked)))
            query += f"&sources={first}&destinations={last}"
        points = ";".join(f"{place.longitude:.6f},{place.latitude:.6f}" for place in asked)
        response = self._get(client, f"{self.url.rstrip('/')}/table/v1/{self.profile}/{points}?{query}")
        table = read_table(response, shape=(len(sources), len(destinations)))
        if isinstance(table, Table):
            return table
        numbered = re.search(r"coordinate (\d+)", table.message)
        if table.code == "NoSegment" and numbered and int(numbered[1]) < len(asked):
            number = int(numbered[1])
            path = question.path_of(number, rows, columns)
            fault = Fault(path=path, found=asked[number].id, expected="a place near a road")
            raise UnreachablePlaces([fault])
        advice = f" Start the server with --max-table-size {self.block_size}." if table.code == "TooBig" else ""
        raise TravelRefused(
            f"The OSRM server at {self.shown_url} gave no travel times: {table.code}: {table.message}.{advice}",
            details={"url": self.shown_url, "status": response.status_code, "code": table.code},
        )

    def _get(self, client: httpx.Client, address: str) -> httpx.Response:
        """Send a request until it is answered; raise `TravelUnavailable` when it is not."""
        pause = self.first_pause_s
        cause: httpx.TransportError | None
        for attempt in range(1, self.attempts + 1):
            asked_pause, cause = 0.0, None
            try:
                response = client.get(address)
            except httpx.ConnectError as exc:
                # Nobody listens: another attempt in a second would only delay the message.
                raise self._unavailable(f"cannot be reached ({exc})", attempt) from exc
            except httpx.TimeoutException as exc:
                problem, cause = f"did not answer in time ({type(exc).__name__})", exc
            except httpx.TransportError as exc:
                problem, cause = f"broke off ({exc})", exc
            else:
                if response.status_code not in RETRIED_STATUS:
                    return response
                problem = f"answered HTTP {response.status_code}"
                asked_pause = _retry_after_s(response)
            if attempt < self.attempts:
                self.sleep(min(max(pause, asked_pause), self.longest_pause_s))
                pause *= 2
        raise self._unavailable(problem, self.attempts) from cause

    def _unavailable(self, problem: str, attempts: int) -> TravelUnavailable:
        """Make the error for a server that cannot be asked."""
        times = "once" if attempts == 1 else f"{attempts} times"
        return TravelUnavailable(
            f"The OSRM server at {self.shown_url} {problem}; asked {times}. {_ADVICE}",
            details={"url": self.shown_url, "attempts": attempts},
        )

    def _require_near_roads(self, places: Sequence[Place], snaps: Sequence[float | None], path: str) -> None:
        """Raise `UnreachablePlaces` with every place the server moved too far."""
        faults = [
            Fault(
                path=f"{path}[{pos}]",
                found=f"{place.id} ({place.latitude:.5f}, {place.longitude:.5f}), {snap / 1_000:.1f} km from any road",
                expected=f"a place at most {self.max_snap_m / 1_000:g} km from a road of the server's map",
            )
            for pos, (place, snap) in enumerate(zip(places, snaps, strict=True))
            if snap is not None and snap > self.max_snap_m
        ]
        if faults:
            raise UnreachablePlaces(limited(faults))


@dataclass(frozen=True, slots=True)
class _Question:
    """Places asked about, and what faults call them."""

    origins: Sequence[Place]
    destinations: Sequence[Place]
    origins_path: str
    destinations_path: str

    def path_of(self, number: int, rows: slice, columns: slice) -> str:
        """Name the place that is coordinate `number` of the request for a block: its rows first, then its columns."""
        num_rows = len(self.origins[rows])
        if number < num_rows:
            return f"{self.origins_path}[{rows.start + number}]"
        return f"{self.destinations_path}[{columns.start + number - num_rows}]"


def _whole(values: FloatArray) -> IntArray:
    """Round half up."""
    return np.floor(values + 0.5).astype(np.int32)


def _retry_after_s(response: httpx.Response) -> float:
    """Seconds the server asks to wait; 0 when it does not say, or names a date."""
    said = response.headers.get("Retry-After", "")
    return float(said) if said.isdecimal() else 0.0


def _is_web_address(url: str) -> bool:
    """Whether a service name can be appended to this and be asked for."""
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL:
        return False
    return address.scheme in ("http", "https") and bool(address.host) and not address.query


def _is_this_machine(host: str) -> bool:
    """Whether a host name means the machine we run on."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
