"""Travel matrices in files."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fieldops.errors import InvalidInput
from fieldops.files.matrix import load_matrix

IDS = ["a", "b", "c"]
#: From row to column: a to b takes 10 s, b to a 20 s.
DURATIONS = np.array([[0, 10, 30], [20, 0, 40], [31, 41, 0]])
DISTANCES = DURATIONS * 10
PAIRS = [f"{IDS[i]},{IDS[j]},{DURATIONS[i, j]},{DISTANCES[i, j]}" for i in range(3) for j in range(3) if i != j]
NO_ARCHIVE = "matrix.npz: found a file that is no .npz archive of plain arrays, expected a .npz archive"
HEADER = "from,to,duration_s,distance_m"


def npz(folder: Path, **changes: Any) -> Path:
    """Write the arrays, changed; None leaves one out."""
    arrays = {"place_ids": np.array(IDS), "duration_s": DURATIONS, "distance_m": DISTANCES, **changes}
    path = folder / "matrix.npz"
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
    return path


def csv(folder: Path, *lines: str) -> Path:
    """Write a CSV file."""
    path = folder / "matrix.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def faults_of(path: Path, ids: list[str] | None = None) -> list[str]:
    """Load a matrix that must be refused, and return the faults without the folder."""
    with pytest.raises(InvalidInput) as caught:
        load_matrix(path, IDS if ids is None else ids)
    return [str(fault).removeprefix(f"{path.parent}/") for fault in caught.value.faults]


@pytest.mark.parametrize("kind", ["npz", "csv"])
def test_rows_and_columns_come_in_the_order_of_the_problem(tmp_path: Path, kind: str) -> None:
    """The file has its own order; taking row 0 for place 0 would swap customers. And there is not back."""
    path = npz(tmp_path) if kind == "npz" else csv(tmp_path, HEADER, *PAIRS)
    duration_s, distance_m = load_matrix(path, ["c", "a", "b"])
    assert duration_s.tolist() == [[0, 31, 41], [30, 0, 10], [40, 20, 0]]
    assert distance_m.tolist() == [[0, 310, 410], [300, 0, 100], [400, 200, 0]]
    assert duration_s.dtype == distance_m.dtype == np.int32


@pytest.mark.parametrize("kind", ["npz", "csv"])
def test_fractions_are_rounded(tmp_path: Path, kind: str) -> None:
    """Road engines answer in tenths of seconds; the solver counts whole ones."""
    if kind == "npz":
        path = npz(tmp_path, duration_s=DURATIONS + np.array([[0, 0.6, 0]] + [[0, 0, 0]] * 2))
    else:
        path = csv(tmp_path, HEADER, "a,b,10.6,100", *PAIRS[1:])
    assert load_matrix(path, IDS)[0][0, 1] == 11


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"duration_s": None}, ["matrix.npz:duration_s: found nothing, expected an array duration_s"]),
        (
            {"duration_s": DURATIONS[:2], "distance_m": DISTANCES[:2, :2]},
            [
                "matrix.npz:duration_s: found shape (2, 3) of int64, "
                "expected shape (3, 3), one row and column per place id",
                "matrix.npz:distance_m: found shape (2, 2) of int64, "
                "expected shape (3, 3), one row and column per place id",
            ],
        ),
        (
            {"place_ids": np.array(["a", "b", "x"])},
            [
                "matrix.npz:place_ids: found 'x', expected only places of the problem",
                "matrix.npz:place_ids: found nothing, expected the place 'c'",
            ],
        ),
        (
            {"place_ids": np.array(["a", "b", "a"])},
            [
                "matrix.npz:place_ids: found 'a' twice, expected every place once",
                "matrix.npz:place_ids: found nothing, expected the place 'c'",
            ],
        ),
        (
            {"place_ids": np.array([1, 2, 3])},
            ["matrix.npz:place_ids: found shape (3,) of int64, expected a list of texts"],
        ),
        (
            {"duration_s": np.where(DURATIONS == 10, -1, DURATIONS)},
            ["matrix.npz:duration_s[0, 1]: found -1, expected a number from 0 to 536870912"],
        ),
        (
            {"distance_m": np.where(DISTANCES == 100, np.nan, DISTANCES)},
            ["matrix.npz:distance_m[0, 1]: found nan, expected a number from 0 to 536870912"],
        ),
        (
            {"duration_s": np.full((3, 3), "x")},
            ["matrix.npz:duration_s: found shape (3, 3) of <U1, expected numbers"],
        ),
    ],
)
def test_faulty_arrays_are_told(tmp_path: Path, changes: dict[str, Any], faults: list[str]) -> None:
    """A matrix of the wrong size or with holes would send people to the wrong places."""
    assert faults_of(npz(tmp_path, **changes)) == faults


def test_a_matrix_full_of_the_same_fault_is_told_in_a_hundred_lines(tmp_path: Path) -> None:
    """A matrix has millions of cells; the rest is counted."""
    ids = [f"p{i}" for i in range(20)]
    path = npz(tmp_path, place_ids=np.array(ids), duration_s=np.full((20, 20), -5), distance_m=np.zeros((20, 20)))
    faults = faults_of(path, ids)
    assert len(faults) == 101
    # 20 x 20 = 400 cells: a hundred told, one more told with the 299 it stands for.
    assert "found -5, and 299 more like it" in faults[-1]


@pytest.mark.parametrize("content", [b"", b"junk", b"PK\x03\x04junk"])
def test_a_file_that_is_no_archive_is_one_fault(tmp_path: Path, content: bytes) -> None:
    """No traceback of a file library."""
    path = tmp_path / "matrix.npz"
    path.write_bytes(content)
    assert faults_of(path) == [
        "matrix.npz: found a file that is no .npz archive of plain arrays, expected a .npz archive"
    ]


def test_pickled_objects_are_never_loaded(tmp_path: Path) -> None:
    """Loading them would run code from the file."""
    path = npz(tmp_path, place_ids=np.array(IDS, dtype=object))
    assert faults_of(path) == [
        "matrix.npz: found a file that is no .npz archive of plain arrays, expected a .npz archive"
    ]


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    """Neither guessed nor ignored."""
    assert faults_of(tmp_path / "matrix.xlsx") == [
        "matrix.xlsx: found a file name ending in '.xlsx', expected a matrix file ending in .npz or .csv"
    ]
    assert faults_of(tmp_path / "matrix.npz")[0].endswith("expected a readable file")


def test_faulty_lines_of_a_table_are_told_with_line_and_column(tmp_path: Path) -> None:
    """Every line with a fault, each cell of it."""
    path = csv(tmp_path, HEADER, *PAIRS, "a,x,1,2", "a,b,soon,-3", "b,a,1,2", "1,2")
    assert faults_of(path) == [
        "matrix.csv:11: found 2 field(s), expected 4, as in the header",
        "matrix.csv:8:to: found 'x', expected a place of the problem",
        "matrix.csv:9:duration_s: found 'soon', expected a number from 0 to 536870912",
        "matrix.csv:9:distance_m: found '-3', expected a number from 0 to 536870912",
        # PAIRS begin on line 2 with a-b and a-c; b-a is on line 4.
        "matrix.csv:10: found a pair given before, expected every pair once; line 4 has it too",
    ]


def test_missing_pairs_of_a_table_are_told(tmp_path: Path) -> None:
    """A hole must not become a travel time of 0."""
    assert faults_of(csv(tmp_path, HEADER, *PAIRS[1:-1])) == [
        "matrix.csv: found nothing, expected a line from 'a' to 'b'",
        "matrix.csv: found nothing, expected a line from 'c' to 'b'",
    ]


def test_missing_columns_of_a_table_are_told(tmp_path: Path) -> None:
    """The most likely slip with a table made by hand."""
    assert faults_of(csv(tmp_path, "from,to,seconds,distance_m", *PAIRS)) == [
        "matrix.csv:1:duration_s: found nothing, expected a column duration_s"
    ]
