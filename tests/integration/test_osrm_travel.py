"""The OSRM adapter against a stand-in that answers, fails, stalls and talks nonsense."""

import json
import socket
from collections.abc import Iterator

import numpy as np
import pytest
from osrm_stand_in import Misbehavior, StandIn, numbered, osrm_stand_in

from fieldops.domain.problem import Place
from fieldops.errors import InvalidInput, TravelRefused, TravelUnavailable, UnreachablePlaces
from fieldops.travel.osrm import OsrmTravel


@pytest.fixture
def server() -> Iterator[StandIn]:
    """A running stand-in."""
    with osrm_stand_in() as stand_in:
        yield stand_in


class Pauses(list[float]):
    """Notes how long it was asked to sleep, and does not."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def test_durations_and_distances_arrive_directed(server: StandIn) -> None:
    """A one-way street makes there and back differ; a transposed table would send people the wrong way round."""
    answer = OsrmTravel(url=server.url).matrix(numbered(0, 1, 3))
    # Up: 60 s per number + 5 s; down: 60 s per number. 500 m per number both ways.
    assert answer.duration_s.tolist() == [[0, 65, 185], [60, 0, 125], [180, 120, 0]]
    assert answer.distance_m.tolist() == [[0, 500, 1500], [500, 0, 1000], [1500, 1000, 0]]
    assert answer.duration_s.dtype == np.int32


def test_blocks_fit_together_into_the_same_matrix(server: StandIn) -> None:
    """Servers limit the size of one table; a cell put into the wrong block would go unnoticed."""
    places = numbered(*range(7))
    whole = OsrmTravel(url=server.url).matrix(places)
    server.requests.clear()
    in_blocks = OsrmTravel(url=server.url, block_size=3).matrix(places)
    assert np.array_equal(in_blocks.duration_s, whole.duration_s)
    assert np.array_equal(in_blocks.distance_m, whole.distance_m)
    # 7 places in blocks of 3, 3 and 1: nine requests, none larger than 3 x 3.
    assert len(server.requests) == 9
    assert all(rows <= 3 and columns <= 3 for _, rows, columns in server.requests)


def test_the_profile_is_part_of_the_request(server: StandIn) -> None:
    """A gateway in front of several servers chooses by it."""
    OsrmTravel(url=f"{server.url}/", profile="cycling").matrix(numbered(0, 1))
    assert server.requests == [("cycling", 2, 2)]


def test_seconds_are_rounded_half_up(server: StandIn) -> None:
    """The solver counts whole seconds; cutting them off would make every plan a little too optimistic."""
    body = {"code": "Ok", "durations": [[0, 10.5], [9.4, 0]], "distances": [[0, 99.6], [100.2, 0]]}
    server.misbehaviors = [Misbehavior(body=json.dumps(body).encode())]
    answer = OsrmTravel(url=server.url).matrix(numbered(0, 1))
    assert answer.duration_s.tolist() == [[0, 11], [9, 0]]
    assert answer.distance_m.tolist() == [[0, 100], [100, 0]]
    assert answer.snap_m == (None, None)


def test_a_distance_below_zero_between_neighbors_is_measured_by_the_crow(server: StandIn) -> None:
    """Real servers answer -0.2 m for two doors of one house, and refusing the whole matrix for that helps nobody."""
    body = {"code": "Ok", "durations": [[0, 0], [9, 0]], "distances": [[0, -0.2], [88, 0]]}
    server.misbehaviors = [Misbehavior(body=json.dumps(body).encode())]
    answer = OsrmTravel(url=server.url).matrix(numbered(0, 1))
    # 0.001 degree of longitude at latitude 39: 111.32 m x cos 39 x 1.0013 (the flattening) = 86.6 m.
    assert answer.distance_m.tolist() == [[0, 87], [88, 0]]


def test_one_place_or_none_needs_no_server() -> None:
    """A server refuses a single coordinate, and a problem with one depot and nothing else is still a problem."""
    travel = OsrmTravel(url="http://127.0.0.1:9")
    assert travel.matrix(numbered(0)).duration_s.tolist() == [[0]]
    assert travel.matrix([]).duration_s.shape == (0, 0)


def test_snapping_distances_are_passed_on(server: StandIn) -> None:
    """They tell a wrong coordinate from a right one, also when the places span several blocks."""
    server.snap_m = {1: 12.6, 2: 119.0}
    answer = OsrmTravel(url=server.url, block_size=2).matrix(numbered(0, 1, 2))
    assert answer.snap_m == (0, 13, 119)


def test_a_place_far_from_every_road_is_an_error(server: StandIn) -> None:
    """A real server moves a place on another continent to the nearest road of its map, and says Ok."""
    server.snap_m = {2: 7_516_231.0}
    with pytest.raises(UnreachablePlaces, match=r"n2 .*7516\.2 km from any road") as caught:
        OsrmTravel(url=server.url).matrix(numbered(0, 1, 2))
    assert [fault.path for fault in caught.value.faults] == ["places[2]"]


def test_a_place_without_a_way_is_named_once(server: StandIn) -> None:
    """A null taken for 0 would make an island the favorite next stop; the place is what has to be corrected."""
    server.no_way_from = server.no_way_to = {3}
    with pytest.raises(UnreachablePlaces) as caught:
        OsrmTravel(url=server.url, block_size=2).matrix(numbered(0, 1, 2, 3, 4))
    (fault,) = caught.value.faults
    assert fault.path == "places[3]"
    assert "n3 (39.00000, 0.00300): no way to 4 and from 4 of the other 4 places" in fault.found


def test_single_pairs_without_a_way_are_named(server: StandIn) -> None:
    """When both places can be reached from elsewhere, the pair is what is wrong."""
    server.no_way = {(0, 2), (3, 1)}
    with pytest.raises(UnreachablePlaces) as caught:
        OsrmTravel(url=server.url).matrix(numbered(0, 1, 2, 3))
    assert [fault.found for fault in caught.value.faults] == ["no way from n0 to n2", "no way from n3 to n1"]


def test_the_road_missing_message_names_the_place(server: StandIn) -> None:
    """The server numbers the coordinates of its request; in a later block that is not the number of the place."""
    body = b'{"code": "NoSegment", "message": "Could not find a matching segment for coordinate 3"}'
    # The second of four requests asks from places 0 and 1 to places 2 and 3: its coordinate 3 is n3.
    fine = json.dumps({"code": "Ok", "durations": [[0, 1], [1, 0]], "distances": [[0, 1], [1, 0]]}).encode()
    server.misbehaviors = [Misbehavior(body=fine), Misbehavior(status=400, body=body)]
    with pytest.raises(UnreachablePlaces) as caught:
        OsrmTravel(url=server.url, block_size=2).matrix(numbered(0, 1, 2, 3))
    assert [(fault.path, fault.found) for fault in caught.value.faults] == [("places[3]", "n3")]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again_after_growing_pauses(server: StandIn, status: int) -> None:
    """One bad second of the server must not cost the whole plan."""
    server.misbehaviors = [Misbehavior(status=status)] * 3
    pauses = Pauses()
    answer = OsrmTravel(url=server.url, sleep=pauses).matrix(numbered(0, 1))
    assert answer.duration_s.tolist() == [[0, 65], [60, 0]]
    assert pauses == [0.5, 1.0, 2.0]


def test_the_pause_a_server_asks_for_is_kept_up_to_a_limit(server: StandIn) -> None:
    """Asking earlier gets one blocked; waiting an hour because a header says so is no plan either."""
    server.misbehaviors = [
        Misbehavior(status=429, headers={"Retry-After": "7"}),
        Misbehavior(status=429, headers={"Retry-After": "3600"}),
        Misbehavior(status=503, headers={"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}),
    ]
    pauses = Pauses()
    OsrmTravel(url=server.url, sleep=pauses, longest_pause_s=30).matrix(numbered(0, 1))
    assert pauses == [7.0, 30.0, 2.0]


def test_a_connection_that_breaks_off_is_tried_again(server: StandIn) -> None:
    """Servers close idle connections just when the next request is under way."""
    server.misbehaviors = [Misbehavior(breaks_off=True)]
    pauses = Pauses()
    answer = OsrmTravel(url=server.url, sleep=pauses).matrix(numbered(0, 1))
    assert answer.duration_s.tolist() == [[0, 65], [60, 0]]
    assert pauses == [0.5]


def test_a_server_that_stays_busy_is_unavailable(server: StandIn) -> None:
    """After all attempts the message says what was asked, how often, and what to do."""
    server.misbehaviors = [Misbehavior(status=503)] * 3
    with pytest.raises(TravelUnavailable) as caught:
        OsrmTravel(url=server.url, attempts=3, sleep=Pauses()).matrix(numbered(0, 1))
    assert f"{server.url} answered HTTP 503; asked 3 times" in str(caught.value)
    assert "set travel.kind to geodesic" in str(caught.value)
    assert caught.value.retryable


def test_a_server_that_does_not_answer_is_given_up(server: StandIn) -> None:
    """Without a read timeout a stalled server would hang the program for good."""
    server.misbehaviors = [Misbehavior(is_slow=True)] * 2
    travel = OsrmTravel(url=server.url, attempts=2, read_timeout_s=0.05, sleep=Pauses())
    with pytest.raises(TravelUnavailable, match=r"did not answer in time \(ReadTimeout\); asked 2 times"):
        travel.matrix(numbered(0, 1))


def test_a_server_that_is_away_is_reported_at_once() -> None:
    """The commonest mistake is a server that was not started: say so without waiting."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    pauses = Pauses()
    with pytest.raises(TravelUnavailable, match="cannot be reached") as caught:
        OsrmTravel(url=url, sleep=pauses).matrix(numbered(0, 1))
    assert url in str(caught.value)
    assert pauses == []


def test_a_password_in_the_address_is_not_shown() -> None:
    """Error messages end up in logs and tickets."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(TravelUnavailable) as caught:
        OsrmTravel(url=f"http://planner:secret@127.0.0.1:{port}").matrix(numbered(0, 1))
    assert "secret" not in f"{caught.value} {caught.value.details}"
    assert f"127.0.0.1:{port}" in str(caught.value)


def test_a_table_too_big_for_the_server_says_how_to_start_it(server: StandIn) -> None:
    """The option is hard to guess from the server's own words."""
    body = b'{"code": "TooBig", "message": "Too many table coordinates"}'
    server.misbehaviors = [Misbehavior(status=400, body=body)]
    with pytest.raises(TravelRefused, match=r"TooBig: Too many table coordinates\. .*--max-table-size 100") as caught:
        OsrmTravel(url=server.url).matrix(numbered(0, 1))
    assert not caught.value.retryable


@pytest.mark.parametrize(
    "body",
    [
        b"<html>Welcome</html>",
        b"",
        b"[1, 2]",
        b'{"durations": [[0, 1], [1, 0]]}',
        b'{"code": "Ok"}',
        b'{"code": "Ok", "durations": [[0, 1], [1, 0]]}',
        b'{"code": "Ok", "durations": [[0, 1]], "distances": [[0, 1], [1, 0]]}',
        b'{"code": "Ok", "durations": [[0, 1], [1]], "distances": [[0, 1], [1, 0]]}',
        b'{"code": "Ok", "durations": [[0, -1], [1, 0]], "distances": [[0, 1], [1, 0]]}',
        b'{"code": "Ok", "durations": [[0, 1], [1, 0]], "distances": [[0, 1e12], [1, 0]]}',
        b'{"code": "Ok", "durations": [[0, 1], [1, 0]], "distances": [[0, -1001], [1, 0]]}',
        b'{"code": "Ok", "durations": [[0, "far"], [1, 0]], "distances": [[0, 1], [1, 0]]}',
    ],
)
def test_nonsense_is_refused(server: StandIn, body: bytes) -> None:
    """Whatever answers on that port, its words become travel times only when they are some."""
    server.misbehaviors = [Misbehavior(body=body)]
    with pytest.raises(TravelRefused, match="gave no travel times"):
        OsrmTravel(url=server.url, sleep=Pauses()).matrix(numbered(0, 1))
    assert server.misbehaviors == []


@pytest.mark.parametrize("url", ["", "127.0.0.1:5000", "ftp://roads", "http://", "http://roads?key=1", "http://[::1"])
def test_an_address_must_be_a_web_address(url: str) -> None:
    """Found when the provider is made, not after the problem was read and the solver warmed up."""
    with pytest.raises(InvalidInput, match=r"travel\.url"):
        OsrmTravel(url=url)


def test_coordinates_are_checked_before_anything_is_sent(server: StandIn) -> None:
    """A latitude of 139 would come back as an error without the name of the place."""
    wrong = Place(id="typo", latitude=139.0, longitude=0.0)
    with pytest.raises(InvalidInput, match="typo"):
        OsrmTravel(url=server.url).matrix([*numbered(0), wrong])
    assert server.requests == []


def test_a_rectangle_asks_only_for_its_cells(server: StandIn) -> None:
    """One new customer against a hundred places must not cost a table of a hundred by a hundred."""
    answer = OsrmTravel(url=server.url, block_size=2).between(numbered(1), numbered(0, 2, 4))
    # Up: 60 s per number + 5 s; down: 60 s per number. 500 m per number both ways.
    assert answer.duration_s.tolist() == [[60, 65, 185]]
    assert answer.distance_m.tolist() == [[500, 500, 1500]]
    assert server.requests == [("driving", 1, 2), ("driving", 1, 1)]
    assert OsrmTravel(url=server.url).between(numbered(4), numbered(4)).duration_s.tolist() == [[0]]


def test_no_cells_need_no_server() -> None:
    """A territory without a plan has nothing to ask."""
    assert OsrmTravel(url="http://127.0.0.1:9").between(numbered(0), []).duration_s.shape == (1, 0)


def test_what_is_wrong_in_a_rectangle_is_named_with_its_side(server: StandIn) -> None:
    """Far from roads, without a way, unknown to the server: each time the address to correct."""
    travel = OsrmTravel(url=server.url, block_size=2)
    server.snap_m = {4: 9_000.0}
    with pytest.raises(UnreachablePlaces, match=r"destinations\[2\]: found n4 .*9\.0 km from any road"):
        travel.between(numbered(1), numbered(0, 2, 4))
    server.snap_m = {}
    server.no_way_to = {4}
    with pytest.raises(UnreachablePlaces, match=r"destinations\[2\]: found n4 .*no way from 2 of 2 origins"):
        travel.between(numbered(1, 3), numbered(0, 2, 4))
    body = b'{"code": "NoSegment", "message": "Could not find a matching segment for coordinate 1"}'
    # One origin: coordinate 1 is the first destination of the block.
    server.misbehaviors = [Misbehavior(status=400, body=body)]
    with pytest.raises(UnreachablePlaces, match=r"destinations\[0\]: found n0"):
        travel.between(numbered(1), numbered(0, 2, 4))


def test_neighbors_of_a_rectangle_are_measured_by_the_crow_below_zero(server: StandIn) -> None:
    """The same answer of real servers as in a whole matrix."""
    body = {"code": "Ok", "durations": [[3]], "distances": [[-0.2]]}
    server.misbehaviors = [Misbehavior(body=json.dumps(body).encode())]
    # 86.6 m, as above.
    assert OsrmTravel(url=server.url).between(numbered(0), numbered(1)).distance_m.tolist() == [[87]]
