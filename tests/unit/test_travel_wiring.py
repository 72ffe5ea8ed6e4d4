"""From what a problem says about travel to the provider that answers, and points read from a table."""

from pathlib import Path

import numpy as np
import pytest

from fieldops.domain.problem import Place, TravelSource
from fieldops.errors import InvalidInput
from fieldops.files.place_table import load_places
from fieldops.travel.geodesic import GeodesicTravel
from fieldops.travel.osrm import OsrmTravel
from fieldops.wiring import travel_provider

A, B = Place(id="a", latitude=39.0, longitude=-76.0), Place(id="b", latitude=39.1, longitude=-76.0)


def test_geodesic_parameters_reach_the_provider(tmp_path: Path) -> None:
    """What `travel fit` found and somebody wrote into the problem has to be used."""
    provider = travel_provider(TravelSource(coefficient_s=200.0, exponent=0.65, detour=1.3), base_dir=tmp_path)
    assert provider == GeodesicTravel(coefficient_s=200.0, exponent=0.65, detour=1.3)


def test_the_address_reaches_the_osrm_provider(tmp_path: Path) -> None:
    """Making the provider asks nobody anything yet."""
    provider = travel_provider(TravelSource(kind="osrm", url="http://127.0.0.1:5000"), base_dir=tmp_path)
    assert provider == OsrmTravel(url="http://127.0.0.1:5000")


def test_a_matrix_file_lies_beside_the_problem(tmp_path: Path) -> None:
    """The path in a problem file must not depend on where the program was started."""
    (tmp_path / "roads.csv").write_text("from,to,duration_s,distance_m\nb,a,61,700\na,b,60,800\n", encoding="utf-8")
    provider = travel_provider(TravelSource(kind="matrix", matrix_path="roads.csv"), base_dir=tmp_path)
    answer = provider.matrix((A, B))
    assert answer.duration_s.tolist() == [[0, 60], [61, 0]]
    assert answer.distance_m.tolist() == [[0, 800], [700, 0]]
    assert answer.duration_s.dtype == np.int32
    assert provider.between([B], [A]).duration_s.tolist() == [[61]]


@pytest.mark.parametrize(
    ("source", "path"),
    [
        (TravelSource(kind="osrm"), "travel.url"),
        (TravelSource(kind="osrm", url=""), "travel.url"),
        (TravelSource(kind="matrix"), "travel.matrix_path"),
        (TravelSource(kind="teleport"), "travel.kind"),
    ],
)
def test_what_a_kind_needs_must_be_there(source: TravelSource, path: str, tmp_path: Path) -> None:
    """No address is made up: a public server must never be asked because somebody forgot a line."""
    with pytest.raises(InvalidInput) as caught:
        travel_provider(source, base_dir=tmp_path)
    assert [fault.path for fault in caught.value.faults] == [path]


@pytest.mark.parametrize("header", ["id,latitude,longitude", "ID,lat,lon", "id,Lat,LNG"])
def test_points_are_read_under_the_usual_names(tmp_path: Path, header: str) -> None:
    """Every source of addresses has its own spelling of the same two columns."""
    path = tmp_path / "points.csv"
    path.write_text(f"{header}\nhq,39.5,-76.25\n,40,-77\n", encoding="utf-8")
    places = load_places(path)
    assert places[0] == Place(id="hq", latitude=39.5, longitude=-76.25)
    assert places[1] == Place(id="line 3", latitude=40.0, longitude=-77.0)


def test_every_faulty_point_is_named_with_line_and_column(tmp_path: Path) -> None:
    """A list of ten thousand addresses is not corrected one error message at a time."""
    path = tmp_path / "points.csv"
    path.write_text("lat,lon\n39,-76\n91,-76\n39,west\nnan,\n", encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        load_places(path)
    faults = [fault.path for fault in caught.value.faults]
    assert faults == ["points.csv:3:lat", "points.csv:4:lon", "points.csv:5:lat", "points.csv:5:lon"]


def test_a_table_without_coordinates_is_refused(tmp_path: Path) -> None:
    """The message shows the columns there are, so that the right one can be renamed."""
    path = tmp_path / "points.csv"
    path.write_text("x,y\n1,2\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"points\.csv:1: found 'x, y', expected columns named latitude or lat"):
        load_places(path)


def test_who_waits_for_an_answer_is_not_kept_waiting() -> None:
    """A plan is locked while somebody books; a server that is away must not stop all others for minutes."""
    source = TravelSource(kind="osrm", url="http://127.0.0.1:5000")

    quick = travel_provider(source, base_dir=Path(), is_patient=False)

    assert isinstance(quick, OsrmTravel)
    assert (quick.attempts, quick.connect_timeout_s, quick.read_timeout_s) == (1, 1.0, 3.0)
    assert travel_provider(source, base_dir=Path()) == OsrmTravel(url="http://127.0.0.1:5000")
