"""The geodesic power law: the distance against geopy, the law against hand arithmetic."""

import itertools
import math

import numpy as np
import pytest
from geopy.distance import geodesic

from fieldops.domain.problem import Place, TravelSource
from fieldops.errors import InvalidInput
from fieldops.travel import geodesic as geodesic_module
from fieldops.travel.geodesic import GeodesicTravel, geodesic_m
from fieldops.travel.provider import there_and_back

DEFAULT = GeodesicTravel(coefficient_s=180.0, exponent=0.72, detour=1.4)


def at(latitude: float, longitude: float) -> Place:
    """A place named after its coordinates."""
    return Place(id=f"{latitude},{longitude}", latitude=latitude, longitude=longitude)


def scattered(rng: np.random.Generator, meters: float) -> list[Place]:
    """Forty places: twenty anywhere on the globe but the caps, and for each one about `meters` away."""
    places = []
    for _ in range(20):
        start = at(math.degrees(math.asin(rng.uniform(-0.99, 0.99))), rng.uniform(-180, 180))
        end = geodesic(meters=meters).destination((start.latitude, start.longitude), rng.uniform(0, 360))
        places += [start, at(end.latitude, end.longitude)]
    return places


@pytest.mark.parametrize("meters", [1.0, 20.0, 500.0, 5e3, 5e4, 5e5, 5e6, 9.9e6])
def test_distances_agree_with_geopy(meters: float) -> None:
    """Our formula is an approximation written for speed; its promised error bound is 0.0002 %."""
    places = scattered(np.random.default_rng(int(meters)), meters)
    ours = geodesic_m(places)
    for start in range(0, len(places), 2):
        pair = places[start : start + 2]
        exact = geodesic(*((place.latitude, place.longitude) for place in pair)).meters
        assert ours[start, start + 1] == pytest.approx(exact, rel=2e-6)


def test_distances_stay_sane_on_the_other_side_of_the_globe() -> None:
    """Formulas for the ellipsoid tend to divide by 0 there; ours must stay within 0.3 %."""
    places = [at(0, 0), at(0, 180), at(0.3, 179.7), at(90, 0), at(-90, 0), at(-90, 77), at(45, 10), at(-45, -170)]
    ours = geodesic_m(places)
    for (i, start), (j, end) in itertools.combinations(enumerate(places), 2):
        exact = geodesic((start.latitude, start.longitude), (end.latitude, end.longitude)).meters
        assert ours[i, j] == pytest.approx(exact, rel=3e-3, abs=1e-6)


def test_the_date_line_is_no_wall() -> None:
    """Two neighbors in Fiji have longitudes 360 degrees apart."""
    meters = geodesic_m([at(0, 179.9995), at(0, -179.9995)])
    # 0.001 degree of the equator: 6,378,137 m x pi / 180,000 = 111.32 m.
    assert meters[0, 1] == pytest.approx(111.32, abs=0.01)


def test_rows_computed_in_pieces_make_the_same_matrix(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pieces keep memory flat for thousands of places; their seams must not show."""
    places = [at(39 + 0.01 * pos, -76 + 0.017 * pos) for pos in range(11)]
    whole = DEFAULT.matrix(places)
    # 25 cells at a time are 2 of 11 rows, so the last piece holds a single row.
    monkeypatch.setattr(geodesic_module, "CELLS_AT_A_TIME", 25)
    pieces = DEFAULT.matrix(places)
    assert np.array_equal(pieces.duration_s, whole.duration_s)
    assert np.array_equal(pieces.distance_m, whole.distance_m)


def test_the_power_law_by_hand() -> None:
    """The formula in the documentation is the one in the code."""
    # One minute of longitude on the equator: 6,378,137 m x pi / 10,800 = 1,855.325 m.
    answer = DEFAULT.matrix([at(0, 0), at(0, 1 / 60)])
    # 180 s x 1.855325 ** 0.72 = 180 x exp(0.72 x 0.618060) = 180 x 1.56044 = 280.9 s; 1.4 x 1,855.325 = 2,597.5 m
    assert answer.duration_s.tolist() == [[0, 281], [281, 0]]
    assert answer.distance_m.tolist() == [[0, 2597], [2597, 0]]
    assert answer.duration_s.dtype == answer.distance_m.dtype == np.int32
    assert answer.snap_m == (None, None)


def test_equal_coordinates_cost_nothing() -> None:
    """Two visits in one building are no trip, although they are two places."""
    answer = DEFAULT.matrix([at(39.1, -76.2), at(39.2, -76.2), at(39.1, -76.2)])
    assert answer.duration_s[0, 2] == answer.distance_m[2, 0] == 0
    assert answer.duration_s[0, 1] > 0


def test_a_longer_way_never_takes_less_time() -> None:
    """A law that falls anywhere would make detours pay."""
    places = [at(0, 0.001 * 1.5**pos) for pos in range(25)]
    durations = DEFAULT.matrix([at(0, 0), *places]).duration_s[0]
    assert (np.diff(durations) > 0).all()


def test_no_places_make_an_empty_matrix() -> None:
    """A problem may be empty; that is no reason to fail."""
    assert DEFAULT.matrix([]).duration_s.shape == (0, 0)


def test_the_defaults_of_a_problem_are_accepted() -> None:
    """The parameter ranges must never shut out what a problem file says when it says nothing."""
    source = TravelSource()
    assert GeodesicTravel(coefficient_s=source.coefficient_s, exponent=source.exponent, detour=source.detour) == DEFAULT


@pytest.mark.parametrize(("latitude", "longitude"), [(math.nan, 0), (0, math.inf), (90.001, 0), (0, -180.5)])
def test_wrong_coordinates_are_named(latitude: float, longitude: float) -> None:
    """NaN would turn into a huge negative duration on its way to an integer."""
    with pytest.raises(InvalidInput) as caught:
        DEFAULT.matrix([at(0, 0), at(latitude, longitude)])
    (fault,) = caught.value.faults
    assert fault.path in ("places[1].latitude", "places[1].longitude")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("coefficient_s", 0.0),
        ("coefficient_s", math.nan),
        ("exponent", -0.5),
        ("exponent", 3.0),
        ("detour", 0.0),
        ("detour", math.inf),
    ],
)
def test_parameters_that_make_no_travel_times_are_named(name: str, value: float) -> None:
    """They come from a problem file; a negative exponent would make the farthest place the quickest to reach."""
    parameters = {"coefficient_s": 180.0, "exponent": 0.72, "detour": 1.4, name: value}
    with pytest.raises(InvalidInput) as caught:
        GeodesicTravel(**parameters)
    assert [fault.path for fault in caught.value.faults] == [f"travel.{name}"]


def test_a_rectangle_is_a_part_of_the_matrix() -> None:
    """A new customer's travel must be what the plan will count with after the booking, to the second."""
    places = scattered(np.random.default_rng(1), 5_000.0)
    whole, table = DEFAULT.matrix(places), DEFAULT.between(places[:3], places[2:])
    assert np.array_equal(table.duration_s, whole.duration_s[:3, 2:])
    assert np.array_equal(table.distance_m, whole.distance_m[:3, 2:])
    assert table.duration_s.dtype == np.int32


@pytest.mark.parametrize("meters", [20.0, 5e3, 5e6])
def test_the_way_back_need_not_be_asked_for(meters: float) -> None:
    """A quote asks half as much, and must get the very same seconds: rounding may not tell the directions apart."""
    *places, place = scattered(np.random.default_rng(2), meters)

    there, back = there_and_back(DEFAULT, places, place)

    asked = DEFAULT.between([place], places)
    assert np.array_equal(there.duration_s, DEFAULT.between(places, [place]).duration_s)
    assert np.array_equal(back.duration_s, asked.duration_s)
    assert np.array_equal(back.distance_m, asked.distance_m)


def test_a_rectangle_of_nothing_has_its_shape() -> None:
    """A territory without technicians is asked about like any other."""
    assert DEFAULT.between([at(0, 0)], []).duration_s.shape == (1, 0)
    assert DEFAULT.between([], [at(0, 0)]).distance_m.shape == (0, 1)


def test_a_coordinate_that_is_none_is_named_with_its_side() -> None:
    """The typo is either in the new address or in one that was stored long ago."""
    with pytest.raises(InvalidInput, match=r"destinations\[1\]\.longitude: found nan"):
        DEFAULT.between([at(0, 0)], [at(1, 1), at(1, math.nan)])
