"""A given matrix looked up by place id, and how places without a way are reported."""

import numpy as np
import pytest

from fieldops.domain.problem import Place
from fieldops.errors import InvalidInput, UnreachablePlaces
from fieldops.travel.matrix import MatrixTravel
from fieldops.travel.provider import MAX_NAMED, require_reachable, require_ways, there_and_back

DURATIONS = np.array([[0, 10, 20], [11, 0, 12], [21, 13, 0]], np.int32)


def named(*ids: str) -> list[Place]:
    """Places somewhere, with these ids."""
    return [Place(id=name, latitude=1.0, longitude=2.0) for name in ids]


def abc() -> MatrixTravel:
    """A directed matrix over the places a, b and c; distances are ten times the durations."""
    return MatrixTravel(place_ids=("a", "b", "c"), duration_s=DURATIONS, distance_m=DURATIONS * 10)


def test_rows_follow_the_order_asked_for() -> None:
    """A file lists its places in its own order; taking row 0 for place 0 would swap customers."""
    answer = abc().matrix(named("c", "a"))
    assert answer.duration_s.tolist() == [[0, 21], [20, 0]]
    assert answer.distance_m.tolist() == [[0, 210], [200, 0]]
    assert answer.duration_s.dtype == np.int32


def test_the_way_back_of_a_directed_matrix_is_its_own() -> None:
    """One-way streets: to take the way there for the way back would promise minutes nobody has."""
    there, back = there_and_back(abc(), named("a", "b"), named("c")[0])

    assert there.duration_s.tolist() == [[20], [12]]
    assert back.duration_s.tolist() == [[21, 13]]


def test_a_place_may_be_asked_for_twice() -> None:
    """Nothing forbids it, and between a place and itself the way is 0."""
    assert abc().matrix(named("a", "b", "a")).duration_s.tolist() == [[0, 10, 0], [11, 0, 11], [0, 10, 0]]


def test_every_place_the_matrix_lacks_is_named() -> None:
    """One at a time would mean one run of the program per missing place."""
    with pytest.raises(InvalidInput) as caught:
        abc().matrix(named("x", "a", "y"))
    assert [(fault.path, fault.found) for fault in caught.value.faults] == [
        ("places[0].id", "x"),
        ("places[2].id", "y"),
    ]


def test_a_matrix_of_another_size_is_refused() -> None:
    """Too few rows would only be noticed at the first visit beyond them."""
    with pytest.raises(InvalidInput, match=r"distance_m: found shape \(2, 3\), expected shape \(3, 3\)"):
        MatrixTravel(place_ids=("a", "b", "c"), duration_s=DURATIONS, distance_m=DURATIONS[:2])


def test_impossible_cells_are_named_by_their_places() -> None:
    """-1 is a common way to write "no way"; taken as a number it makes a trip that ends before it starts."""
    cells = DURATIONS.copy()
    cells[0, 1] = -1
    cells[2, 2] = 7
    with pytest.raises(InvalidInput) as caught:
        MatrixTravel(place_ids=("a", "b", "c"), duration_s=cells, distance_m=DURATIONS)
    paths = [fault.path for fault in caught.value.faults]
    assert paths == ["matrix.duration_s[a, b]", "matrix.duration_s[c, c]"]


def test_an_id_given_twice_is_refused() -> None:
    """Nobody could say which of the two rows is meant."""
    with pytest.raises(InvalidInput, match="'a' more than once"):
        MatrixTravel(place_ids=("a", "b", "a"), duration_s=DURATIONS, distance_m=DURATIONS)


def test_an_island_is_named_instead_of_all_its_pairs() -> None:
    """Three places of ten on an island make 42 pairs without a way, and three addresses to correct."""
    missing = np.zeros((10, 10), bool)
    missing[:3, 3:] = missing[3:, :3] = True
    with pytest.raises(UnreachablePlaces) as caught:
        require_reachable(named(*"abcdefghij"), missing)
    # Each of the three misses 7 + 7 of 2 x 9; each of the others only 3 + 3.
    assert [fault.path for fault in caught.value.faults] == ["places[0]", "places[1]", "places[2]"]


def test_a_long_list_of_pairs_is_cut_and_counted() -> None:
    """Thousands of lines hide the first one."""
    missing = np.zeros((60, 60), bool)
    missing[np.arange(30), np.arange(30, 60)] = True
    with pytest.raises(UnreachablePlaces) as caught:
        require_reachable(named(*(str(number) for number in range(60))), missing)
    assert len(caught.value.faults) == MAX_NAMED + 1
    assert caught.value.faults[-1].found == f"{30 - MAX_NAMED} more of these"


def test_a_missing_diagonal_means_nothing() -> None:
    """Some engines leave out the way from a place to itself."""
    require_reachable(named("a", "b"), np.eye(2, dtype=bool))


def test_a_rectangle_keeps_its_direction() -> None:
    """From the new customer and to the new customer are two questions."""
    answer = abc().between(named("a", "b"), named("c"))
    assert answer.duration_s.tolist() == [[20], [12]]
    assert answer.distance_m.tolist() == [[200], [120]]
    assert abc().between(named("c"), named("a", "b")).duration_s.tolist() == [[21, 13]]


def test_places_a_rectangle_lacks_are_named_with_their_side() -> None:
    """The matrix was made before the customer moved."""
    with pytest.raises(InvalidInput, match=r"destinations\[0\]\.id: found x"):
        abc().between(named("a"), named("x"))


def test_missing_ways_of_a_rectangle_name_the_place_or_the_pair() -> None:
    """One island among the destinations is one fault, not one per technician; a single closed road is a pair."""
    missing = np.array([[False, True, False], [False, True, True], [False, True, False]])
    with pytest.raises(UnreachablePlaces) as caught:
        require_ways(named("a", "b", "c"), named("x", "y", "z"), missing)
    # b reaches one of three; once it is named, the pair b to z is not told again.
    assert [fault.path for fault in caught.value.faults] == ["origins[1]", "destinations[1]"]

    with pytest.raises(UnreachablePlaces, match=r"origins\[0\] -> destinations\[1\]: found no way from a to z"):
        require_ways(named("a"), named("y", "z"), np.array([[False, True]]))
    require_ways(named("a"), named("y"), np.array([[False]]))
