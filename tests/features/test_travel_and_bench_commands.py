"""``fieldops travel fit`` and ``fieldops bench``: that the options arrive where the work is done."""

import json
import math
from pathlib import Path

import pytest
from command_line import fault_lines, run, write_problem

from domain_builders import make_problem
from fieldops.domain.problem import Place
from fieldops.travel.geodesic import geodesic_m

PLACES = [Place(id=f"p{pos}", latitude=38.9, longitude=-77.0 + 0.01 * pos * pos) for pos in range(6)]

#: A VRPTW file of our own: a depot and two customers.
TINY = """\
tiny

VEHICLE
NUMBER     CAPACITY
  2         10

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      0          0          0          0        100          0
    1      3          4          4          0         50          2
    2      6          8          4          0         60          2
"""


def write_roads(folder: Path) -> tuple[Path, Path]:
    """Write places, and a matrix in which every trip takes 100 s times km ** 0.5 and twice the crow's way."""
    places = folder / "places.csv"
    lines = [f"{place.id},{place.latitude},{place.longitude}" for place in PLACES]
    places.write_text("\n".join(["id,lat,lon", *lines]) + "\n", encoding="utf-8")
    meters = geodesic_m(PLACES)
    roads = folder / "roads.csv"
    rows = [
        f"{a.id},{b.id},{round(100 * math.sqrt(meters[i, j] / 1_000))},{round(2 * meters[i, j])}"
        for i, a in enumerate(PLACES)
        for j, b in enumerate(PLACES)
        if i != j
    ]
    roads.write_text("\n".join(["from,to,duration_s,distance_m", *rows]) + "\n", encoding="utf-8")
    return places, roads


def test_a_fit_prints_what_to_paste_into_a_problem(tmp_path: Path) -> None:
    """The law behind the matrix is found again, and the line is JSON as a problem has it."""
    places, roads = write_roads(tmp_path)
    outcome = run("travel", "fit", places, "--matrix", roads)
    last = outcome.out.splitlines()[-1]

    assert outcome.exit_code == 0
    parameters = json.loads("{" + last + "}")["travel"]
    assert parameters["kind"] == "geodesic"
    assert parameters["coefficient_s"] == pytest.approx(100, rel=0.01)
    assert parameters["exponent"] == pytest.approx(0.5, abs=0.01)
    assert parameters["detour"] == 2.0
    assert "6 places, 30 trips" in outcome.out


def test_a_fit_reads_the_places_of_a_problem(tmp_path: Path) -> None:
    """Your own places, wherever they are written down; `--max-places` asks for fewer."""
    _, roads = write_roads(tmp_path)
    home = {"start_place_id": "p0", "end_place_id": "p0"}

    def change(document: dict[str, list[dict[str, object]]]) -> None:
        document["technicians"][0]["shifts"][0].update(home)  # type: ignore[index]
        document["visits"][0]["place_id"] = "p1"

    problem = write_problem(tmp_path, make_problem(places=(*make_problem().places, *PLACES)), change)
    document = json.loads(problem.read_text(encoding="utf-8"))
    document["places"] = [place for place in document["places"] if place["id"].startswith("p")]
    problem.write_text(json.dumps(document), encoding="utf-8")

    assert "6 places, 30 trips" in run("travel", "fit", problem, "--matrix", roads).out


@pytest.mark.parametrize("options", [(), ("--osrm", "http://127.0.0.1:5000", "--matrix", "roads.csv")])
def test_a_fit_needs_exactly_one_source(tmp_path: Path, options: tuple[str, ...]) -> None:
    """Neither is nothing to fit to; of both, one would be silently ignored."""
    places, _ = write_roads(tmp_path)
    outcome = run("travel", "fit", places, *options)

    assert outcome.exit_code == 2
    assert fault_lines(outcome) == ["--osrm, --matrix"]


def write_tiny(folder: Path) -> Path:
    """Write a folder with one benchmark instance."""
    suite = folder / "solomon"
    suite.mkdir()
    (suite / "R101.txt").write_text(TINY, encoding="utf-8")
    return folder


def test_a_benchmark_writes_rows_and_a_summary(tmp_path: Path) -> None:
    """One row per solve, the summary where it is asked for, exit code 0 as the referee accepts the plan."""
    rows, summary = tmp_path / "out" / "rows.csv", tmp_path / "notes" / "table.md"
    options = ("--seconds", 0.1, "--seeds", 2, "--only", "r1*", "--markdown", summary)
    outcome = run("bench", "--suite", "solomon", "--instances", write_tiny(tmp_path), "--out", rows, *options)

    assert outcome.exit_code == 0, outcome.out
    header, *lines = rows.read_text(encoding="utf-8").splitlines()
    assert header.startswith("suite,instance,solver,seed,budget_s,threads,")
    assert [line.split(",")[:6] for line in lines] == [
        ["solomon", "R101", "fieldops", "0", "0.1", "1"],
        ["solomon", "R101", "fieldops", "1", "0.1", "1"],
    ]
    assert summary.read_text(encoding="utf-8").startswith("### solomon: fieldops, 0.1 s")
    assert not rows.with_suffix(".md").exists()


def test_options_of_a_benchmark_are_judged_before_it_runs(tmp_path: Path) -> None:
    """A night of computing that ends in "no such folder" is a night wasted."""
    instances = write_tiny(tmp_path)
    taken = tmp_path / "solomon" / "R101.txt"
    below_file = run("bench", "--suite", "solomon", "--instances", instances, "--out", taken / "rows.csv")
    unknown = run("bench", "--suite", "chess", "--instances", instances, "--out", tmp_path / "rows.csv")

    assert (below_file.exit_code, fault_lines(below_file)) == (2, ["--out"])
    assert (unknown.exit_code, fault_lines(unknown)) == (2, ["--suite"])
    assert not (tmp_path / "rows.csv").exists()
