"""The OSRM adapter and the fit against a real osrm-routed on real streets of Baltimore."""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from osrm_engine import osrm_programs, osrm_server, prepare_roads, shared_file

from fieldops.domain.problem import Place
from fieldops.errors import TravelRefused, UnreachablePlaces
from fieldops.travel.geodesic import geodesic_m
from fieldops.travel.osrm import OsrmTravel
from fieldops.travel.provider import TravelMatrix
from fieldops.usecases.fit_travel import fit_travel

# One worker, or each would prepare roads and start a server of its own.
pytestmark = [pytest.mark.road, pytest.mark.xdist_group("road")]

NUM_PLACES = 150


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server with the roads of Baltimore."""
    extract = shared_file("osm/baltimore.osm.pbf")
    programs = osrm_programs()
    folder: Path = tmp_path_factory.mktemp("roads")
    with osrm_server(programs, prepare_roads(programs, extract, folder)) as url:
        yield url


@pytest.fixture(scope="module")
def addresses() -> list[Place]:
    """Real addresses, spread over the whole list."""
    with shared_file("osm/baltimore.addresses.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    chosen = np.linspace(0, len(rows) - 1, NUM_PLACES).round().astype(int).tolist()
    return [
        Place(id=row["osm_id"], latitude=float(row["lat"]), longitude=float(row["lon"]))
        for row in (rows[pos] for pos in chosen)
    ]


@pytest.fixture(scope="module")
def answer(server: str, addresses: list[Place]) -> TravelMatrix:
    """What the adapter makes of the server's answers, in blocks of 100."""
    return OsrmTravel(url=server).matrix(addresses)


def test_real_roads_make_a_sane_matrix(answer: TravelMatrix, addresses: list[Place]) -> None:
    """Swapped coordinates, a transposed table or seconds taken for meters would all show here."""
    crow_m = geodesic_m(addresses)
    assert answer.duration_s.shape == answer.distance_m.shape == (NUM_PLACES, NUM_PLACES)
    assert not answer.duration_s.diagonal().any()
    assert not answer.distance_m.diagonal().any()
    # Neighbors may be moved to the same point of the road; beyond that every trip takes time.
    assert answer.duration_s[crow_m > 300].min() > 0
    # One-way streets: there and back differ.
    assert (answer.duration_s != answer.duration_s.T).mean() > 0.5
    # No road is shorter than the crow's way between the points the places were moved to.
    snap_m = np.array(answer.snap_m, np.float64)
    assert (answer.distance_m + snap_m[:, None] + snap_m + 2 >= 0.999 * crow_m).all()
    assert snap_m.max() < 200
    different = ~np.eye(NUM_PLACES, dtype=bool)
    assert np.corrcoef(crow_m[different], answer.duration_s[different])[0, 1] > 0.6


def test_blocks_of_another_size_give_the_same_matrix(server: str, addresses: list[Place], answer: TravelMatrix) -> None:
    """The server picks its search by the shape of the table; our seams must not add to that."""
    whole = OsrmTravel(url=server, block_size=NUM_PLACES).matrix(addresses)
    assert np.abs(whole.duration_s - answer.duration_s).max() <= 1
    assert whole.snap_m == answer.snap_m


def test_the_fit_beats_the_defaults(server: str, addresses: list[Place]) -> None:
    """A fit that is not closer to the roads than the built-in parameters would not be worth a command."""
    fit = fit_travel(addresses, OsrmTravel(url=server))
    assert fit.pairs > 20_000
    assert fit.duration_after.typical_factor < fit.duration_before.typical_factor
    assert fit.duration_after.mape < fit.duration_before.mape
    assert abs(fit.duration_after.total_ratio - 1) < 0.05
    assert abs(fit.distance_after.total_ratio - 1) < abs(fit.distance_before.total_ratio - 1)
    assert 100 < fit.after.coefficient_s < 300
    assert 0.5 < fit.after.exponent < 1.0


def test_a_place_on_another_continent_is_an_error(server: str, addresses: list[Place]) -> None:
    """The real server answers Ok, with the travel from the edge of its map."""
    abroad = Place(id="abroad", latitude=39.3, longitude=16.6)
    with pytest.raises(UnreachablePlaces, match="abroad"):
        OsrmTravel(url=server).matrix([*addresses[:3], abroad])


def test_a_real_refusal_is_told_in_the_server_s_words(server: str, addresses: list[Place]) -> None:
    """The stand-in's error answers are our idea of the real ones; this is a real one."""
    with pytest.raises(TravelRefused, match="InvalidUrl: URL string malformed"):
        OsrmTravel(url=f"{server}/elsewhere").matrix(addresses[:2])
