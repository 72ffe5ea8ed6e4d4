"""Hand-made instance files for the benchmark tests: our own numbers, small enough to check with a pencil."""

import json
from pathlib import Path
from typing import Any

#: Depot (0, 0) open 0 to 100; customers at (3, 4), (3, 5) and (-5, 0).
#: Tenths: 0-1 50, 0-2 58 (sqrt 34 = 5.83), 0-3 50, 1-2 10, 1-3 89 (sqrt 80 = 8.94), 2-3 94 (sqrt 89 = 9.43).
TINY_VRPTW = """\
tiny

VEHICLE
NUMBER     CAPACITY
  3         10

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      0          0          0          0        100          0
    1      3          4          4          0         50          2
    2      3          5          5         20         60          2
    3     -5          0          6          0         30          2
"""

#: A tenth of a degree along a meridian: 0.1 x pi / 180 x 6371 = 11.1195 km, x 1.3 / 35 x 3600 = 1486.8 s.
TENTH_DEGREE_S = 1_487


def write_vrptw(folder: Path, name: str = "R101", text: str = TINY_VRPTW) -> Path:
    """Write a VRPTW file, by default the tiny one."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.txt"
    path.write_text(text, encoding="utf-8")
    return path


def city_technician(**changes: Any) -> dict[str, Any]:
    """Build a technician at (48.0, 11.0), 08:00 to 17:00, lunch of 30 min started 11:30 to 13:00, skill a."""
    return {
        "id": "T0",
        "home": [48.0, 11.0],
        "shift": [28_800, 61_200],
        "skills": ["a"],
        "lunch": {"duration": 1_800, "earliest_start": 41_400, "latest_start": 46_800},
    } | changes


def city_visit(**changes: Any) -> dict[str, Any]:
    """Build a visit a tenth of a degree north of the technician, an hour long, startable 08:00 to 16:00, skill a."""
    return {
        "id": "V0",
        "location": [48.1, 11.0],
        "duration": 3_600,
        "window": [28_800, 57_600],
        "priority": 3,
        "skills": ["a"],
    } | changes


def write_city(
    folder: Path, technicians: list[dict[str, Any]], visits: list[dict[str, Any]], name: str = "city-2-s1"
) -> Path:
    """Write a city file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"name": name, "technicians": technicians, "visits": visits}), encoding="utf-8")
    return path
