"""Our own solver in the benchmark: its plans have to pass both judges."""

import csv
import io
import json
from pathlib import Path

from rich.console import Console

from fieldops.bench import BenchOptions, run_bench

# Four customers on the axes at distances 10, 20, 30, 40; one route of three and one of one, by load.
VRPTW = """\
axes

VEHICLE
NUMBER     CAPACITY
  4         3

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      0          0          0          0        500          0
    1     10          0          1          0        400          5
    2      0         20          1          0        400          5
    3     20          0          1          0        400          5
    4     40          0          1          0        400          5
"""


def _rows(options: BenchOptions) -> list[dict[str, str]]:
    terminal = io.StringIO()
    exit_code = run_bench(options, Console(file=terminal))
    assert exit_code == 0, terminal.getvalue()
    with options.out.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def test_fieldops_solves_a_vrptw_file_to_its_optimum(tmp_path: Path) -> None:
    """Customers 1, 3 and 4 lie on one ray: out and back is 80, and 40 more for customer 2 on the other axis."""
    (tmp_path / "C101.txt").write_text(VRPTW, encoding="utf-8")
    options = BenchOptions(suite="solomon", instances=tmp_path, out=tmp_path / "rows.csv", seconds=0.2, seeds=2)

    assert [(row["cost"], row["unassigned"], row["feasible"]) for row in _rows(options)] == [("120", "0", "True")] * 2


def test_fieldops_serves_priority_before_it_saves_travel(tmp_path: Path) -> None:
    """
    Two visits start at 09:00 and only one can be served: priority 2, an hour away, beats priority 1 next door.

    Half a degree north is 5 x 1,486.8 s = 7,434 s each way.
    """
    technician = {
        "id": "T0",
        "home": [48.0, 11.0],
        "shift": [21_600, 61_200],
        "skills": [],
        "lunch": {"duration": 1_800, "earliest_start": 41_400, "latest_start": 46_800},
    }
    near, far = (
        {"id": f"V{i}", "location": [at, 11.0], "duration": 3_600, "window": [32_400] * 2, "priority": i, "skills": []}
        for i, at in ((1, 48.0), (2, 48.5))
    )
    day = {"name": "city-2-s1", "technicians": [technician], "visits": [near, far]}
    (tmp_path / "city-2-s1.json").write_text(json.dumps(day), encoding="utf-8")
    options = BenchOptions(suite="city", instances=tmp_path, out=tmp_path / "rows.csv", seconds=0.2)

    row = _rows(options)[0]

    assert (row["served_priority"], row["unassigned"], row["travel_s"]) == ("2", "1", str(2 * 7_434))
